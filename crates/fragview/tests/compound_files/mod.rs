//! Makes compound files, right ones and wrong ones.

#![allow(dead_code, reason = "each test file uses a part")]
#![allow(clippy::cast_possible_truncation, reason = "the files are small")]

pub(crate) const END: u32 = 0xFFFF_FFFE;
pub(crate) const FREE: u32 = 0xFFFF_FFFF;

/// An entry of the directory.
#[derive(Clone, Default)]
pub(crate) struct Item {
    pub(crate) name: String,
    pub(crate) name_length: Option<u16>,
    pub(crate) kind: u8,
    pub(crate) left: u32,
    pub(crate) right: u32,
    pub(crate) child: u32,
    pub(crate) content: Vec<u8>,
    /// What the entry says, where it lies.
    pub(crate) size: Option<u32>,
    pub(crate) high_size: u32,
}

/// A compound file to be: FATs, directory, mini FAT and mini stream first, then the streams.
pub(crate) struct Builder {
    version: u16,
    items: Vec<Item>,
    /// Sectors of a stream lie in the file from last to first.
    pub(crate) reverse: bool,
}

impl Builder {
    pub(crate) fn new(version: u16) -> Self {
        let mut this = Self {
            version,
            items: Vec::new(),
            reverse: false,
        };
        this.push("Root Entry", 5, Vec::new());
        this
    }

    fn push(&mut self, name: &str, kind: u8, content: Vec<u8>) -> usize {
        self.items.push(Item {
            name: name.into(),
            kind,
            left: FREE,
            right: FREE,
            child: FREE,
            content,
            ..Item::default()
        });
        self.items.len() - 1
    }

    pub(crate) fn storage(&mut self, name: &str) -> usize {
        self.push(name, 1, Vec::new())
    }

    pub(crate) fn stream(&mut self, name: &str, content: Vec<u8>) -> usize {
        self.push(name, 2, content)
    }

    pub(crate) fn item(&mut self, index: usize) -> &mut Item {
        &mut self.items[index]
    }

    pub(crate) fn child(&mut self, parent: usize, item: usize) {
        self.items[parent].child = item as u32;
    }

    pub(crate) fn left(&mut self, of: usize, item: usize) {
        self.items[of].left = item as u32;
    }

    pub(crate) fn right(&mut self, of: usize, item: usize) {
        self.items[of].right = item as u32;
    }

    #[allow(clippy::too_many_lines, reason = "one layout, from top to bottom")]
    pub(crate) fn build(&self) -> Vec<u8> {
        let size = if self.version == 3 { 512 } else { 4096 };
        // The mini stream and its table.
        let (mut mini, mut mini_fat) = (Vec::new(), Vec::new());
        let mut starts = vec![END; self.items.len()];
        for (item, start) in self.items.iter().zip(&mut starts) {
            if item.content.is_empty() || item.content.len() >= 4096 {
                continue;
            }
            *start = mini_fat.len() as u32;
            mini.extend_from_slice(&item.content);
            mini.resize(mini.len().next_multiple_of(64), 0);
            while mini_fat.len() < mini.len() / 64 {
                mini_fat.push(mini_fat.len() as u32 + 1);
            }
            *mini_fat.last_mut().unwrap() = END;
        }
        let mini_table: Vec<u8> = mini_fat.iter().flat_map(|next| next.to_le_bytes()).collect();
        let of_size = |length: usize| length.div_ceil(size);
        let mut chains = vec![
            of_size(self.items.len() * 128),
            of_size(mini_table.len()),
            of_size(mini.len()),
        ];
        let big: Vec<usize> = (0..self.items.len())
            .filter(|&i| self.items[i].content.len() >= 4096)
            .collect();
        chains.extend(big.iter().map(|&i| of_size(self.items[i].content.len())));
        // The FAT must hold its own sectors and the DIFAT's too.
        let data: usize = chains.iter().sum();
        let (mut fats, mut difats) = (1, 0);
        while fats * (size / 4) < data + fats + difats {
            fats += 1;
            difats = (fats.max(109) - 109_usize).div_ceil(size / 4 - 1);
        }
        let mut fat = vec![0xFFFF_FFFD; fats];
        fat.extend(vec![0xFFFF_FFFC; difats]);
        let mut firsts = Vec::new();
        let mut sectors = Vec::new();
        for (index, &count) in chains.iter().enumerate() {
            let start = fat.len() as u32;
            let mut order: Vec<u32> = (start..start + count as u32).collect();
            if self.reverse && index >= 3 {
                order.reverse();
            }
            firsts.push(order.first().copied().unwrap_or(END));
            fat.resize(fat.len() + count, END);
            for pair in order.windows(2) {
                fat[pair[0] as usize] = pair[1];
            }
            sectors.push(order);
        }
        fat.resize(fats * (size / 4), FREE);
        for (&item, &first) in big.iter().zip(&firsts[3..]) {
            starts[item] = first;
        }
        starts[0] = firsts[2];
        let total = 1 + fats + difats + data;
        let mut file = vec![0; total * size];
        let put32 =
            |file: &mut [u8], at: usize, value: u32| file[at..at + 4].copy_from_slice(&value.to_le_bytes());
        file[..8].copy_from_slice(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1");
        file[24] = 0x3E;
        file[26] = self.version as u8;
        file[28..30].copy_from_slice(&[0xFE, 0xFF]);
        file[30] = if self.version == 3 { 9 } else { 12 };
        file[32] = 6;
        put32(&mut file, 44, fats as u32);
        put32(&mut file, 48, firsts[0]);
        put32(&mut file, 56, 4096);
        put32(&mut file, 60, firsts[1]);
        put32(&mut file, 64, chains[1] as u32);
        put32(&mut file, 68, if difats > 0 { fats as u32 } else { END });
        put32(&mut file, 72, difats as u32);
        file[76..512].fill(0xFF);
        for index in 0..fats {
            let at = if index < 109 {
                76 + index * 4
            } else {
                let (sector, entry) = ((index - 109) / (size / 4 - 1), (index - 109) % (size / 4 - 1));
                (1 + fats + sector) * size + entry * 4
            };
            put32(&mut file, at, index as u32);
        }
        for index in 0..difats {
            let next = if index + 1 < difats {
                (fats + index + 1) as u32
            } else {
                END
            };
            put32(&mut file, (2 + fats + index) * size - 4, next);
            for entry in fats.saturating_sub(109 + index * (size / 4 - 1))..size / 4 - 1 {
                put32(&mut file, (1 + fats + index) * size + entry * 4, FREE);
            }
        }
        for (index, next) in fat.iter().enumerate() {
            put32(&mut file, size + index * 4, *next);
        }
        let mut lay = |chain: usize, content: &[u8]| {
            for (part, &sector) in content.chunks(size).zip(&sectors[chain]) {
                file[(sector as usize + 1) * size..][..part.len()].copy_from_slice(part);
            }
        };
        lay(0, &self.directory(&starts, mini.len()));
        lay(1, &{
            let mut table = mini_table.clone();
            table.resize(chains[1] * size, 0xFF);
            table
        });
        lay(2, &mini);
        for (chain, &item) in big.iter().enumerate() {
            lay(chain + 3, &self.items[item].content);
        }
        file
    }

    fn directory(&self, starts: &[u32], mini: usize) -> Vec<u8> {
        let mut directory = Vec::new();
        for (index, item) in self.items.iter().enumerate() {
            let mut entry = [0; 128];
            let units: Vec<u8> = item.name.encode_utf16().flat_map(u16::to_le_bytes).collect();
            entry[..units.len()].copy_from_slice(&units);
            let name_length = item.name_length.unwrap_or(units.len() as u16 + 2);
            entry[64..66].copy_from_slice(&name_length.to_le_bytes());
            entry[66] = item.kind;
            let length = if index == 0 { mini } else { item.content.len() };
            let size = item.size.unwrap_or(length as u32);
            for (at, value) in [
                (68, item.left),
                (72, item.right),
                (76, item.child),
                (116, starts[index]),
                (120, size),
                (124, item.high_size),
            ] {
                entry[at..at + 4].copy_from_slice(&value.to_le_bytes());
            }
            directory.extend_from_slice(&entry);
        }
        directory
    }
}
