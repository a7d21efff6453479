//! The streams of a Matroska file.

use alloc::vec::Vec;

use super::elements::Element;
use super::name::NAME;
use super::tracks::Stripped;
use super::{block, tracks as headers};
use crate::formats::parse::faults::Faults;
use crate::formats::parse::input::Input;
use crate::formats::tracks::Tracks;
use crate::formats::{Container, FormatError, Options};
use crate::{Bytes, array};

const HEADER: u32 = 0x1a45_dfa3;
const SEGMENT: u32 = 0x1853_8067;
const TRACKS: u32 = 0x1654_ae6b;
const CLUSTER: u32 = 0x1f43_b675;
const ATTACHMENTS: u32 = 0x1941_a469;
const BLOCK_GROUP: u32 = 0xa0;
const BLOCK: u32 = 0xa1;
const SIMPLE_BLOCK: u32 = 0xa3;

/// True if the file begins with an EBML header.
pub(crate) fn detect(bytes: &dyn Bytes) -> bool {
    array(bytes, 0) == Some(HEADER.to_be_bytes())
}

/// The streams of a Matroska or `WebM` file. O(elements + frames); reads elements' headers, and lacing.
///
/// # Errors
///
/// The file breaks a rule of the format's structure.
///
/// ```
/// use fragview::formats::{Options, matroska};
/// let track = b"\xae\x86\xd7\x81\x01\x83\x81\x02"; // number 1, audio
/// let block = b"\xa3\x8b\x81\0\0\x82\x01\x02onetw"; // two frames, and the first one's size is 2
/// let mut file = b"\x1a\x45\xdf\xa3\x80\x18\x53\x80\x67\xff".to_vec();
/// file.extend([b"\x16\x54\xae\x6b\x88", &track[..], b"\x1f\x43\xb6\x75\x8d"].concat());
/// file.extend(block);
/// let container = matroska::open(&file, Options::default())?;
/// assert_eq!(container.name(0), Some("stream0_audio".into()));
/// let packet = container.stream("stream0_audio.packet[0]").unwrap();
/// assert_eq!(packet.extents, [(file.len() - 5, 2)].into_iter().collect());
/// # Ok::<(), fragview::formats::FormatError>(())
/// ```
pub fn open(bytes: &dyn Bytes, options: Options) -> Result<Container, FormatError> {
    let input = Input::big(bytes, NAME);
    let faults = Faults::new(options);
    if !detect(bytes) {
        return input.fault(0, "no EBML header");
    }
    let header = Element::read(&input, &faults, 0, input.len())?;
    let mut at = header.end;
    let segment = loop {
        if at >= input.len() {
            return input.fault(at, "no segment");
        }
        let element = Element::read(&input, &faults, at, input.len())?;
        if element.id == SEGMENT {
            break element;
        }
        at = element.end;
    };
    let mut reading = Reading {
        input,
        faults: &faults,
        tracks: Tracks::new(input),
        stripped: Stripped::new(),
        others: Container::new(NAME),
        has_tracks: false,
    };
    let result = reading.segment(segment, false);
    faults.ok(result)?;
    if !reading.has_tracks {
        faults.ok(input.fault::<()>(segment.start, "no tracks"))?;
    }
    let result = reading.segment(segment, true);
    faults.ok(result)?;
    let Reading { tracks, others, .. } = reading;
    tracks.into_container(&others, &faults)
}

struct Reading<'a> {
    input: Input<'a>,
    faults: &'a Faults,
    tracks: Tracks<'a>,
    stripped: Stripped,
    /// Configurations and attached files.
    others: Container,
    has_tracks: bool,
}

impl Reading<'_> {
    /// Takes a segment's elements: its blocks, or what tells about them, which may come behind them.
    fn segment(&mut self, segment: Element, blocks: bool) -> Result<(), FormatError> {
        let input = self.input;
        // The clusters and groups that the next element may lie in, which are at most two.
        let mut inside: Vec<Element> = Vec::new();
        let mut at = segment.start;
        loop {
            while inside.last().is_some_and(|outer| at >= outer.end) {
                inside.pop();
            }
            if at >= segment.end {
                return Ok(());
            }
            let limit = inside.last().map_or(segment.end, |outer| outer.end);
            let element = match Element::read(&input, self.faults, at, limit) {
                Ok(element) => element,
                Err(error) => {
                    self.faults.pass(error)?;
                    inside.clear();
                    match input.find(&CLUSTER.to_be_bytes(), at + 1..segment.end)? {
                        Some(next) => at = next,
                        None => return Ok(()),
                    }
                    continue;
                }
            };
            // All elements of a segment have ids of four bytes, and none in a cluster has.
            if element.id >= 0x1000_0000 && inside.last().is_some_and(|outer| outer.is_open) {
                inside.clear();
                continue;
            }
            if element.id == SEGMENT || element.id == HEADER {
                // Another file begins, behind a segment whose size is not told.
                return Ok(());
            }
            at = element.end;
            let result = match element.id {
                CLUSTER if inside.is_empty() && (blocks || element.is_open) => {
                    inside.push(element);
                    at = element.start;
                    Ok(())
                }
                BLOCK_GROUP if inside.len() == 1 && blocks && !element.is_open => {
                    inside.push(element);
                    at = element.start;
                    Ok(())
                }
                SIMPLE_BLOCK | BLOCK if blocks && !inside.is_empty() => {
                    block::read(&input, self.faults, element, &mut self.tracks, &self.stripped)
                }
                TRACKS if !blocks && !self.has_tracks => {
                    self.has_tracks = true;
                    headers::read(
                        &input,
                        self.faults,
                        element,
                        &mut self.tracks,
                        &mut self.stripped,
                        &mut self.others,
                    )
                }
                ATTACHMENTS if !blocks => {
                    headers::attachments(&input, self.faults, element, &mut self.others)
                }
                _ if element.is_open && element.id != CLUSTER => {
                    input.fault(element.offset, "an element must have a size here")
                }
                _ => Ok(()),
            };
            self.faults.ok(result)?;
        }
    }
}
