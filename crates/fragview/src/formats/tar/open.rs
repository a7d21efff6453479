//! The members of an archive.

use alloc::string::String;
use alloc::vec::Vec;

use super::header::{BLOCK, Header, text};
use super::name::NAME;
use super::pax::Extended;
use super::sparse::Sparse;
use crate::bytes::{Bytes, array};
use crate::error::Error;
use crate::formats::parse::faults::{tolerate, tolerate_apart};
use crate::formats::parse::input::Input;
use crate::formats::{Container, FormatError, Options};
use crate::geometry::{Extent, Extents};

/// Whether the file begins with a header of POSIX or GNU.
pub(crate) fn detect(bytes: &dyn Bytes) -> bool {
    array(bytes, 257) == Some(*b"ustar") && array(bytes, 0).and_then(Header::new).is_some()
}

/// The files of an archive. O(members + runs of sparse files); reads their headers.
///
/// # Errors
/// [`FormatError`] if a header is broken, or the archive is cut off.
///
/// ```
/// use fragview::formats::{Options, tar};
/// let mut file = vec![0; 512 * 4];
/// file[..5].copy_from_slice(b"a.txt");
/// file[124..136].copy_from_slice(b"00000000005 ");
/// file[156] = b'0';
/// file[257..263].copy_from_slice(b"ustar\0");
/// let sum: u32 = file[..512].iter().map(|&byte| u32::from(byte)).sum::<u32>() + 8 * 32;
/// file[148..155].copy_from_slice(format!("{sum:06o}\0").as_bytes());
/// let container = tar::open(&file, Options::default())?;
/// assert_eq!(container.stream("a.txt").unwrap().extents, [(512, 5)].into_iter().collect());
/// # Ok::<(), fragview::formats::FormatError>(())
/// ```
pub fn open(bytes: &dyn Bytes, options: Options) -> Result<Container, FormatError> {
    let mut archive = Archive {
        input: Input::little(bytes, NAME),
        bytes,
        options,
        container: Container::new(NAME),
        global: Extended::default(),
    };
    let result = archive.members();
    if let Err(error) = result {
        if archive.container.is_empty() && error.offset < BLOCK {
            return Err(error);
        }
        tolerate_apart(&mut archive.container, options, error)?;
    }
    Ok(archive.container)
}

struct Archive<'a> {
    input: Input<'a>,
    bytes: &'a dyn Bytes,
    options: Options,
    container: Container,
    global: Extended,
}

/// The last member whose bytes may go on in another volume.
struct Member {
    /// Where its header is, and where its bytes begin.
    offset: usize,
    start: usize,
    stored: usize,
    header: Header,
    extended: Extended,
    long_name: Option<String>,
}

impl Archive<'_> {
    #[allow(clippy::too_many_lines, reason = "a walk with the state of one member")]
    fn members(&mut self) -> Result<(), FormatError> {
        let mut at = 0;
        let mut extended: Option<Extended> = None;
        let mut long_name: Option<String> = None;
        // A member is a stream once what follows it says where it ends: it may go on in the next volume.
        let mut last: Option<Member> = None;
        loop {
            let raw = array::<BLOCK>(self.bytes, at);
            let header = raw.and_then(Header::new);
            let is_end = match raw {
                Some(raw) => raw == [0; BLOCK],
                None => at < self.input.len() && !self.more_after(at)?,
            };
            let goes_past = at > self.input.len();
            let goes_on = header.as_ref().is_none_or(|header| header.kind() == b'M');
            if goes_on && let Some(member) = last.take() {
                // A zero block after a file that is whole is the end, but for a file of zeros in volumes.
                let next = if is_end && !self.more_after(at)? {
                    None
                } else {
                    self.volumes(&member)?
                };
                if let Some((extents, end)) = next {
                    self.push(&member, &extents)?;
                    at = end;
                    continue;
                }
                // A content that ends early is cut to the bytes that are there.
                let available = self.input.len().saturating_sub(member.start).min(member.stored);
                let extents: Extents = [(member.start, available)].into_iter().collect();
                self.push(&member, &extents)?;
            }
            let Some(header) = header else {
                if is_end || (raw.is_none() && at == self.input.len()) {
                    return Ok(());
                }
                return match raw {
                    Some(_) => self.input.fault(at, "a header with a wrong checksum"),
                    None if goes_past => self.input.fault(self.input.len(), "the archive is cut off"),
                    None => self.input.fault(at, "the archive is cut off"),
                };
            };
            if let Some(member) = last.take() {
                let extents: Extents = [(member.start, member.stored)].into_iter().collect();
                self.push(&member, &extents)?;
            }
            let Some(mut stored) = header.stored() else {
                return self.input.fault(at + 124, "a member's size is not a number");
            };
            let mut start = at + BLOCK;
            match header.kind() {
                b'x' | b'g' => {
                    let records = self.read(start, stored)?;
                    let target = if header.kind() == b'g' {
                        &mut self.global
                    } else {
                        extended.get_or_insert_with(|| self.global.clone())
                    };
                    if target.take(&records).is_none() {
                        return self.input.fault(start, "an extended header is broken");
                    }
                }
                b'L' => long_name = Some(text(&self.read(start, stored)?)),
                b'0' | 0 | b'7' | b'S' | b'M' | b'1' => {
                    let extended = extended.take().unwrap_or_else(|| self.global.clone());
                    stored = extended.size.unwrap_or(stored);
                    // A hard link mostly has no bytes of its own.
                    if header.kind() == b'1' {
                        stored = 0;
                    }
                    if header.kind() == b'S' {
                        let mut more = header.raw[482];
                        while more != 0 {
                            let block: [u8; BLOCK] = self.input.array(start)?;
                            more = block[504];
                            start += BLOCK;
                        }
                    }
                    let is_folder = header.path().ends_with('/') && header.kind() != b'S';
                    if header.kind() != b'1' && !is_folder {
                        last = Some(Member {
                            offset: at,
                            start,
                            stored,
                            header,
                            extended,
                            long_name: long_name.take(),
                        });
                    }
                    long_name = None;
                }
                // Folders, links, devices, volumes' names, links' long names. Folders of GNU's incremental
                // archives have bytes.
                kind => {
                    if kind != b'K' {
                        extended = None;
                        long_name = None;
                    }
                    if matches!(kind, b'2'..=b'6' | b'V') && !(kind == b'5' && stored > 0) {
                        stored = 0;
                    }
                }
            }
            at = match start
                .checked_add(stored)
                .and_then(|end| end.checked_next_multiple_of(BLOCK))
            {
                Some(end) if end <= self.input.len() => end,
                // The last block may be cut if it is padding.
                Some(_) if start + stored <= self.input.len() => self.input.len(),
                Some(end) => end,
                None => return self.input.fault(at + 124, "a member is longer than memory"),
            };
        }
    }

    /// Bytes that are read whole: a name, or an extended header.
    fn read(&self, start: usize, length: usize) -> Result<Vec<u8>, FormatError> {
        self.input.end(start, length as u64, usize::MAX)?;
        let mut content = Vec::new();
        content
            .try_reserve_exact(length)
            .map_err(|_| Error::OutOfMemory)?;
        content.resize(length, 0);
        self.input.read(start, &mut content)?;
        Ok(content)
    }

    /// Whether what follows an end of the archive is more than padding: the next volume.
    fn more_after(&self, at: usize) -> Result<bool, FormatError> {
        let end = self.input.len().min(at.saturating_add(20 * BLOCK));
        let mut block = [0; BLOCK];
        for start in (at..end).step_by(BLOCK) {
            let block = &mut block[..BLOCK.min(end - start)];
            self.input.read(start, block)?;
            if block.iter().any(|&byte| byte != 0) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// A member that goes on in the next volumes: its bytes, and where they end. A volume ends at any block;
    /// the next one's header says how far the file was then.
    fn volumes(&self, member: &Member) -> Result<Option<(Extents, usize)>, FormatError> {
        let mut extents = Extents::new();
        let mut run = member.start;
        let mut done = 0;
        let mut at = member.start;
        while member.stored - done > at - run {
            let Some(raw) = array::<BLOCK>(self.bytes, at) else {
                return Ok(None);
            };
            let far = done + (at - run);
            let next = (raw[156] == b'M')
                .then(|| Header::new(raw))
                .flatten()
                .filter(|next| next.size(369, 12) == Some(far) && next.stored() == Some(member.stored - far));
            if next.is_some() {
                extents.try_push(Some(run), at - run)?;
                (done, run) = (far, at + BLOCK);
            }
            at += BLOCK;
        }
        if done == 0 {
            return Ok(None);
        }
        extents.try_push(Some(run), member.stored - done)?;
        let end = run.saturating_add(member.stored - done).next_multiple_of(BLOCK);
        Ok((end <= self.input.len()).then_some((extents, end)))
    }

    /// The stream of a member whose bytes in the archive are `stored`.
    fn push(&mut self, member: &Member, stored: &Extents) -> Result<(), FormatError> {
        let (header, extended) = (&member.header, &member.extended);
        let own = || member.long_name.clone().unwrap_or_else(|| header.path());
        let path = extended
            .sparse_name
            .clone()
            .or_else(|| extended.path.clone())
            .unwrap_or_else(own);
        let mut path = path.trim_start_matches('/');
        while let Some(rest) = path.strip_prefix("./") {
            path = rest.trim_start_matches('/');
        }
        self.container.push(path, [] as [Extent; 0])?;
        let before = (header.kind() == b'M').then(|| header.size(369, 12)).flatten();
        if let Some(before) = before {
            let what = "a file begins in a volume that is not there";
            self.container.extend([(None, before)])?;
            self.tolerate(FormatError::new(NAME, member.offset, what))?;
        }
        let sparse_size = if header.kind() == b'S' {
            header.size(483, 12)
        } else {
            extended.sparse_size
        };
        let is_sparse = header.kind() == b'S' || extended.sparse_first || extended.sparse_map.is_some();
        match (is_sparse, sparse_size) {
            (false, _) => self.container.extend(stored.iter())?,
            (true, None) => {
                return self.input.fault(member.offset, "a sparse file has no size");
            }
            (true, Some(size)) => {
                let mut sparse = Sparse {
                    container: &mut self.container,
                    stored,
                    size,
                    offset: member.offset,
                    at: 0,
                    taken: 0,
                };
                let result = if header.kind() == b'S' {
                    sparse.old(self.bytes, header, member.offset + BLOCK)
                } else if extended.sparse_first {
                    sparse.first(self.bytes)
                } else {
                    sparse.listed(extended.sparse_map.as_deref().unwrap_or(""))
                };
                if let Err(error) = result {
                    self.tolerate(error)?;
                }
            }
        }
        if stored.byte_len() < member.stored {
            let error = FormatError::new(NAME, self.input.len(), "a file goes past the archive's end");
            self.tolerate(error)?;
        }
        Ok(())
    }

    fn tolerate(&mut self, error: FormatError) -> Result<(), FormatError> {
        tolerate(&mut self.container, self.options, error)
    }
}
