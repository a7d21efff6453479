//! The write-ahead log: section 4 of the file format.

use hashbrown::HashMap;

use super::name::NAME;
use crate::bytes::{Bytes, array};
use crate::error::Error;
use crate::formats::FormatError;
use crate::formats::parse::input::Input;

/// Bytes of the log's header, and of a frame's.
const HEADER: usize = 32;
const FRAME: usize = 24;

/// The contents of the committed frames.
pub(super) struct Log {
    /// The number of the database's pages.
    pub(super) count: u32,
    /// Where each page is of which there is a frame: the last one counts.
    pub(super) pages: HashMap<u32, usize>,
}

/// The log that begins at `start`, if there is one with a transaction in it. O(its bytes): that a frame
/// counts is told by checksums over all before it (4.2).
pub(super) fn read(bytes: &dyn Bytes, start: usize, size: usize) -> Result<Option<Log>, FormatError> {
    let input = Input::big(bytes, NAME);
    let Some([0x37, 0x7f, 0x06, 0x82 | 0x83]) = array(bytes, start) else {
        return Ok(None);
    };
    let header: [u8; HEADER] = input.array(start)?;
    let mut sum = Sum {
        state: [0; 2],
        big_endian: header[3] == 0x83,
    };
    sum.add(&header[..24]);
    if input.u32(start + 8)? as usize != size || sum.state != sum_at(&input, start + 24)? {
        return Ok(None);
    }
    let mut log = Log {
        count: 0,
        pages: HashMap::default(),
    };
    // Pages of a transaction that is not committed yet begin at this frame.
    let mut pending = start + HEADER;
    let mut at = pending;
    let mut piece = [0; 512];
    while let Some(end) = at.checked_add(FRAME + size).filter(|&end| end <= bytes.len()) {
        let frame: [u8; FRAME] = input.array(at)?;
        sum.add(&frame[..8]);
        for part in (at + FRAME..end).step_by(512) {
            input.read(part, &mut piece)?;
            sum.add(&piece);
        }
        if frame[8..16] != header[16..24] || sum.state != sum_at(&input, at + 16)? {
            break;
        }
        let count = input.u32(at + 4)?;
        at = end;
        if count == 0 {
            continue;
        }
        log.count = count;
        while pending < at {
            log.pages.try_reserve(1).map_err(|_| Error::OutOfMemory)?;
            log.pages.insert(input.u32(pending)?, pending + FRAME);
            pending += FRAME + size;
        }
    }
    Ok((log.count != 0).then_some(log))
}

fn sum_at(input: &Input<'_>, at: usize) -> Result<[u32; 2], FormatError> {
    Ok([input.u32(at)?, input.u32(at + 4)?])
}

/// The log's checksum (4.2).
struct Sum {
    state: [u32; 2],
    big_endian: bool,
}

impl Sum {
    /// Takes bytes, a multiple of 8.
    fn add(&mut self, bytes: &[u8]) {
        let word = |bytes: &[u8; 4]| {
            if self.big_endian {
                u32::from_be_bytes(*bytes)
            } else {
                u32::from_le_bytes(*bytes)
            }
        };
        let [mut first, mut second] = self.state;
        let (words, _) = bytes.as_chunks::<4>();
        for pair in words.chunks_exact(2) {
            first = first.wrapping_add(word(&pair[0])).wrapping_add(second);
            second = second.wrapping_add(word(&pair[1])).wrapping_add(first);
        }
        self.state = [first, second];
    }
}
