//! The streams of an ASF file.

use super::header::{self, DATA, HEADER};
use super::name::NAME;
use super::packet::Payloads;
use crate::formats::parse::faults::Faults;
use crate::formats::parse::input::Input;
use crate::formats::tracks::Tracks;
use crate::formats::{Container, FormatError, Options};
use crate::{Bytes, array};

/// Bytes before the packets of the data object.
const DATA_HEADER: usize = 50;

/// True if the file begins with a header object.
pub(crate) fn detect(bytes: &dyn Bytes) -> bool {
    array(bytes, 0) == Some(HEADER)
}

/// The streams of an ASF file. O(payloads); reads their headers.
///
/// # Errors
///
/// The file breaks a rule of the format's structure.
///
/// ```
/// use fragview::formats::{Options, asf};
/// assert!(asf::open(b"0&\xb2u\x8ef\xcf\x11\xa6\xd9\0\xaa\0b\xcel", Options::default()).is_err());
/// ```
pub fn open(bytes: &dyn Bytes, options: Options) -> Result<Container, FormatError> {
    let input = Input::little(bytes, NAME);
    let faults = Faults::new(options);
    if !detect(bytes) {
        return input.fault(0, "no ASF header");
    }
    let mut tracks = Tracks::new(input);
    let header = header::read(&input, &faults, &mut tracks)?;
    let mut at = header.end;
    let packets = loop {
        if at >= input.len() {
            return input.fault(at, "no data object");
        }
        let length = input.u64(at + 16)?;
        if length < 24 && !(length == 0 && input.array(at)? == DATA) {
            return input.fault(at + 16, "an object shorter than its header");
        }
        if input.array(at)? == DATA {
            let start = input.end(at, DATA_HEADER as u64, input.len())?;
            // A file that is being written does not say how much there is.
            let end = match length {
                0 => input.len(),
                _ => faults.end(
                    &input,
                    start,
                    length.saturating_sub(DATA_HEADER as u64),
                    input.len(),
                )?,
            };
            break (start, end);
        }
        at = input.end(at, length, input.len())?;
    };
    let (mut at, end) = packets;
    let told = input.u64(at - 10)?;
    let mut payloads = Payloads::new(input, &faults, tracks);
    let mut count = 0_u64;
    // What is not said is as many as there are.
    while at < end && (count < told || told == 0) {
        let limit = match input.end(at, header.packet, end) {
            Ok(limit) => limit,
            Err(error) => {
                faults.pass(error)?;
                end
            }
        };
        let result = payloads.packet(at, limit);
        faults.ok(result)?;
        at = limit;
        count += 1;
    }
    if count < told {
        faults.ok(input.fault::<()>(at, "fewer packets than the header says"))?;
    }
    let tracks = payloads.finish()?;
    let mut container = Container::new(NAME);
    tracks.finish(&mut container, true)?;
    faults.give(&mut container);
    Ok(container)
}
