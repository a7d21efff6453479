//! Extended headers: records `<length> <keyword>=<value>\n`.

use alloc::string::{String, ToString};

/// The fields of the next member that extended headers set.
#[derive(Clone, Default)]
pub(super) struct Extended {
    pub(super) path: Option<String>,
    pub(super) size: Option<usize>,
    /// The path of a sparse file, whose own is a stand-in.
    pub(super) sparse_name: Option<String>,
    /// A sparse file's size.
    pub(super) sparse_size: Option<usize>,
    /// Its map: offsets and lengths with commas between them.
    pub(super) sparse_map: Option<String>,
    /// Its map stands before its bytes: version 1.0.
    pub(super) sparse_first: bool,
}

impl Extended {
    /// Takes the records of a header; `None` if they are invalid.
    pub(super) fn take(&mut self, mut records: &[u8]) -> Option<()> {
        while let [_, ..] = records {
            // The padding of the last block.
            if records.iter().all(|&byte| byte == 0) {
                break;
            }
            let space = records.iter().take(20).position(|&byte| byte == b' ')?;
            let length: usize = core::str::from_utf8(records.get(..space)?).ok()?.parse().ok()?;
            let record = records.get(space + 1..length)?.strip_suffix(b"\n")?;
            records = records.get(length..)?;
            let equals = record.iter().position(|&byte| byte == b'=')?;
            self.set(&record[..equals], &String::from_utf8_lossy(&record[equals + 1..]))?;
        }
        Some(())
    }

    fn set(&mut self, keyword: &[u8], value: &str) -> Option<()> {
        let number = || {
            let number = value.parse::<usize>().ok()?;
            isize::try_from(number).is_ok().then_some(number)
        };
        match keyword {
            // An empty value takes back what a global header says.
            b"path" => self.path = (!value.is_empty()).then(|| String::from(value)),
            b"size" => self.size = if value.is_empty() { None } else { Some(number()?) },
            b"GNU.sparse.name" => self.sparse_name = Some(String::from(value)),
            b"GNU.sparse.size" | b"GNU.sparse.realsize" => self.sparse_size = Some(number()?),
            b"GNU.sparse.map" => self.sparse_map = Some(String::from(value)),
            b"GNU.sparse.numblocks" => {
                self.sparse_map.get_or_insert_default();
            }
            // Version 0.0 has a record a number.
            b"GNU.sparse.offset" | b"GNU.sparse.numbytes" => {
                let map = self.sparse_map.get_or_insert_default();
                if !map.is_empty() {
                    map.push(',');
                }
                map.push_str(&number()?.to_string());
            }
            b"GNU.sparse.major" => self.sparse_first = value == "1",
            _ => {}
        }
        Some(())
    }
}
