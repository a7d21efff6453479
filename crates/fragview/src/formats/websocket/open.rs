//! The messages of a buffer, or of a capture.

use super::capture;
use super::frames::Frames;
use super::handshake::handshake;
use super::name::NAME;
use crate::Bytes;
use crate::formats::parse::faults::Faults;
use crate::formats::parse::input::Input;
use crate::formats::{Container, FormatError, Options, pcap};

/// True where the file begins with the handshake.
pub(crate) fn detect(bytes: &dyn Bytes) -> bool {
    handshake(&Input::big(bytes, NAME)).is_some()
}

/// The messages of one direction, or of a capture. O(frames).
///
/// # Errors
///
/// The frames break a rule of the format.
///
/// ```
/// use fragview::formats::{Options, websocket};
/// let file = b"\x01\x03abc\x89\x00\x80\x02de"; // a text in two frames, and a ping between them
/// let container = websocket::open(file, Options::default())?;
/// let message = container.stream("message[0]").unwrap();
/// assert_eq!(message.extents, [(2, 3), (9, 2)].into_iter().collect());
/// # Ok::<(), fragview::formats::FormatError>(())
/// ```
pub fn open(bytes: &dyn Bytes, options: Options) -> Result<Container, FormatError> {
    if pcap::detect(bytes) {
        return capture::open(bytes, options);
    }
    let input = Input::big(bytes, NAME);
    let faults = Faults::new(options);
    let start = handshake(&input).map_or(0, |(start, _)| start);
    if start == input.len() {
        return input.fault(start, "no frame");
    }
    let mut frames = Frames::default();
    faults.ok(frames.read(&input, start))?;
    let mut container = Container::new(NAME);
    frames.push(&mut container, "", None)?;
    faults.give(&mut container);
    Ok(container)
}
