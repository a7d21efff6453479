//! PES packets in a transport stream: ISO/IEC 13818-1, 2.4.3.6 and 2.4.3.7.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::vec::Vec;

use super::packet::{NAME, Pid};
use super::psi::{Elementary, Tables};
use crate::formats::parse::faults::Faults;
use crate::formats::parse::input::Input;
use crate::formats::{Container, FormatError};
use crate::geometry::Extent;
use crate::{Bytes, Within};

impl Pid {
    /// Whether the first unit of its payload begins with a PES packet's start code.
    pub(super) fn has_pes(&self, file: &dyn Bytes) -> bool {
        let bytes = Within::new(file, &self.payload);
        let first = self.starts.first();
        first.is_some_and(|&start| {
            let code = Input::big(&bytes, NAME).array::<3>(start);
            code.is_ok_and(|code| code == [0, 0, 1])
        })
    }
}

/// Adds the PES payload of each elementary stream.
pub(super) fn elementary(
    file: &dyn Bytes,
    pids: &BTreeMap<u16, Pid>,
    tables: &Tables,
    container: &mut Container,
    faults: &Faults,
) -> Result<(), FormatError> {
    let guessed: Vec<Elementary>;
    let mut streams = &tables.elementary;
    if streams.is_empty() {
        guessed = guess(file, pids);
        streams = &guessed;
    }
    for (index, stream) in streams.iter().enumerate() {
        if let Some(pid) = pids.get(&stream.pid)
            && !pid.scrambled
            && !tables.has_sections(stream.pid)
            && pid.has_pes(file)
        {
            container.push(&format!("stream{index}_{}", stream.kind), [] as [Extent; 0])?;
            payload(file, pid, container, faults)?;
        }
    }
    Ok(())
}

/// The PIDs that carry PES packets, in the order of their first packets; their contents by their stream ids.
fn guess(file: &dyn Bytes, pids: &BTreeMap<u16, Pid>) -> Vec<Elementary> {
    let mut found: Vec<(usize, Elementary)> = pids
        .iter()
        .filter(|(_, pid)| !pid.scrambled && pid.has_pes(file))
        .map(|(&number, pid)| {
            let start = pid.starts.first().copied().unwrap_or(0);
            let bytes = Within::new(file, &pid.payload);
            let kind = match Input::big(&bytes, NAME).u8(start + 3) {
                Ok(0xe0..=0xef) => "video",
                Ok(0xc0..=0xdf) => "audio",
                _ => "data",
            };
            (pid.offset(start), Elementary { pid: number, kind })
        })
        .collect();
    found.sort_by_key(|&(offset, _)| offset);
    found.into_iter().map(|(_, stream)| stream).collect()
}

/// Adds the payload of a PID's PES packets to the last stream. O(PES packets · log packets).
fn payload(
    file: &dyn Bytes,
    pid: &Pid,
    container: &mut Container,
    faults: &Faults,
) -> Result<(), FormatError> {
    let bytes = Within::new(file, &pid.payload);
    let bytes = Input::big(&bytes, NAME);
    for (index, &start) in pid.starts.iter().enumerate() {
        let next = pid.starts.get(index + 1).copied();
        let limit = next.unwrap_or(pid.payload.byte_len());
        // Where packets are missing, or the file ends, a header may be cut off.
        let cut = next.is_none() || pid.breaks.binary_search(&limit).is_ok();
        let fault = |what| FormatError::new(NAME, pid.offset(start), what);
        let Some(header) = header(bytes, start, limit) else {
            if cut {
                continue;
            }
            faults.pass_last(fault("a PES packet's header is cut off"), container)?;
            continue;
        };
        if header.code != [0, 0, 1] {
            let error = fault("no start code where a PES packet must begin");
            faults.pass_last(error, container)?;
            continue;
        }
        // A length of 0 leaves open where the packet ends: with the next one.
        let end = match header.length {
            0 => limit,
            length => limit.min(start + 6 + length),
        };
        match header.content {
            Content::Padding => {}
            Content::At(content) if content <= end => container.extend(pid.payload.runs(content..end))?,
            Content::At(_) if cut => {}
            Content::At(_) => {
                let error = fault("a PES packet's header goes past its packet");
                faults.pass_last(error, container)?;
            }
            Content::Unknown => {
                faults.pass_last(fault("a PES packet without its marker bits"), container)?;
            }
        }
    }
    Ok(())
}

/// A PES packet's header.
struct Header {
    code: [u8; 3],
    /// Bytes after the length itself; 0 if it says nothing.
    length: usize,
    content: Content,
}

/// The start of a PES packet's content.
enum Content {
    At(usize),
    /// The packet has no content.
    Padding,
    /// The marker bits are not those of MPEG-2.
    Unknown,
}

/// The header of the PES packet at `start`, if all of it that has a meaning here is before `limit`.
fn header(bytes: Input, start: usize, limit: usize) -> Option<Header> {
    let left = limit.checked_sub(start)?;
    let [one, two, three, id, high, low] = bytes.array(start).ok().filter(|_| left >= 6)?;
    let content = match id {
        0xbe => Content::Padding,
        // Program stream map and directory, private_stream_2, ECM, EMM, DSM-CC, H.222.1 type E: no further
        // header.
        0xbc | 0xbf | 0xf0 | 0xf1 | 0xf2 | 0xf8 | 0xff => Content::At(start + 6),
        _ => {
            let [marks, _, length] = bytes.array(start + 6).ok().filter(|_| left >= 9)?;
            if marks & 0xc0 == 0x80 {
                Content::At(start + 9 + usize::from(length))
            } else {
                Content::Unknown
            }
        }
    };
    Some(Header {
        code: [one, two, three],
        length: u16::from_be_bytes([high, low]).into(),
        content,
    })
}
