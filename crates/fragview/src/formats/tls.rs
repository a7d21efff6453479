//! TLS in the TCP streams of a packet capture: the record layer of RFC 8446 (5) and RFC 5246 (6).
//!
//! For each direction of each TCP connection (see [`pcap`]) that begins with TLS records there are up to two
//! streams, named by the direction's name and:
//! - ` plaintext handshake messages joined`: the contents of the handshake records, up to where encryption
//!   begins: the first `ChangeCipherSpec` or application data record. A message may spread over many records,
//!   and a record over many segments; the stream is flattened to what lies in the file. It ends with the last
//!   whole message. After a `HelloRetryRequest` (RFC 8446 4.1.4) a `ChangeCipherSpec` means nothing, and the
//!   second hellos count too;
//! - ` application_data record bodies joined (ciphertext)`.
//!
//! A hello in the format of SSL 2 (RFC 5246 E.2) before the records is skipped. A direction ends with its
//! last whole record; bytes that are not a record, such as the zeros of a hole, end it too.
//! TLS that begins within a connection, after `STARTTLS`, is not looked for.
//!
//! Refused: all that [`pcap`] refuses, and a capture without TLS.

use super::parse::faults::Faults;
use super::{Container, FormatError, Options, pcap};
use crate::bytes::{Bytes, Within, array};
use crate::error::Error;
use crate::geometry::{Chunked, Extents};

/// The format's name.
pub(crate) const NAME: &str = "tls";

const HANDSHAKE: &str = " plaintext handshake messages joined";
const APPLICATION_DATA: &str = " application_data record bodies joined (ciphertext)";

/// Bytes of a record's header, and of a handshake message's.
const RECORD_HEADER: usize = 5;
const MESSAGE_HEADER: usize = 4;
/// Plaintext has at most 2^14 bytes, and encryption adds at most 2048 (RFC 5246 6.2.3).
const MAX_RECORD: usize = (1 << 14) + 2048;

/// The random number that makes a `ServerHello` a `HelloRetryRequest` (RFC 8446 4.1.3).
const RETRY: [u8; 32] = [
    0xCF, 0x21, 0xAD, 0x74, 0xE5, 0x9A, 0x61, 0x11, 0xBE, 0x1D, 0x8C, 0x02, 0x1E, 0x65, 0xB8, 0x91, 0xC2,
    0xA2, 0x11, 0x16, 0x7A, 0xBB, 0x8C, 0x5E, 0x07, 0x9E, 0x09, 0xE2, 0xC8, 0xA8, 0x33, 0x9C,
];

/// A stream of TLS, which comes behind those of TCP.
struct Found {
    /// The place of the direction's stream.
    position: u32,
    is_handshake: bool,
    extents: Extents,
}

/// The contents of a direction, as extents of its TCP stream.
#[derive(Default)]
struct Content {
    handshake: Extents,
    application_data: Extents,
}

/// Whether the file is a capture, which [`open_found`] looks into.
pub(crate) fn detect(bytes: &dyn Bytes) -> bool {
    pcap::detect(bytes)
}

/// The TCP streams of a capture, as [`pcap`] gives them, and the TLS streams in them, if there are any.
pub(crate) fn open_found(bytes: &dyn Bytes, options: Options) -> Result<Container, FormatError> {
    streams(bytes, options).map(|(container, _)| container)
}

/// The TCP streams of a capture, as [`pcap`] gives them, and then the TLS streams in them. Only headers are
/// read.
///
/// ```
/// use fragview::formats::{Options, tls};
///
/// // A capture of raw IP packets: a handshake message over two records and two segments.
/// let mut file = b"\xA1\xB2\xC3\xD4\0\x02\0\x04\0\0\0\0\0\0\0\0\0\0\xFF\xFF\0\0\0\x65".to_vec();
/// for (sequence, data) in [(0, b"\x16\x03\x01\0\x06\x01\0\0\x04ab\x16\x03".as_slice()), (13, b"\x01\0\x02cd")] {
///     let length = 40 + data.len() as u8;
///     file.extend([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, length, 0, 0, 0, length]);
///     file.extend([0x45, 0, 0, length, 0, 0, 0, 0, 64, 6, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2]); // IPv4
///     file.extend([0, 99, 1, 187, 0, 0, 0, sequence, 0, 0, 0, 0, 0x50, 0x10, 0, 0, 0, 0, 0, 0]); // TCP
///     file.extend(data);
/// }
/// let container = tls::open(&file, Options::default())?;
/// let stream = container.at(1).unwrap();
/// assert_eq!(stream.name, "stream0:10.0.0.1:99->10.0.0.2:443 plaintext handshake messages joined");
/// assert_eq!(stream.extents, [(85, 6), (file.len() - 2, 2)].into_iter().collect());
/// # Ok::<(), fragview::formats::FormatError>(())
/// ```
///
/// # Errors
/// [`FormatError`] if the file is not a capture, is cut off, or has no TLS.
pub fn open(bytes: &dyn Bytes, options: Options) -> Result<Container, FormatError> {
    let opened = streams(bytes, options).map_err(|error| FormatError {
        format: NAME,
        ..error
    })?;
    match opened {
        (container, true) => Ok(container),
        _ => Err(FormatError::new(NAME, 0, "no TLS in the capture")),
    }
}

/// The streams of a capture, and whether there is TLS among them.
fn streams(bytes: &dyn Bytes, options: Options) -> Result<(Container, bool), FormatError> {
    let faults = Faults::new(options);
    let connections = pcap::connections(bytes, &faults)?;
    let mut container = Container::new(pcap::NAME);
    let mut all: Chunked<Found> = Chunked::new();
    for (number, directions) in connections.finish().enumerate() {
        let directions = directions?;
        let mut positions = [0; 2];
        for ((source, target, extents), position) in directions.iter().zip(&mut positions) {
            if !extents.is_empty() {
                *position = container.len();
                container.push(&pcap::stream_name(number, *source, *target), extents)?;
            }
        }
        let [one, other] = directions
            .each_ref()
            .map(|(_, _, stream)| Within::new(bytes, stream));
        let retried = [&one, &other].into_iter().any(|stream| {
            let content = Content::read(stream, false);
            content.is_ok_and(|content| is_retry(&Within::new(stream, &content.handshake)))
        });
        for (((_, _, extents), stream), position) in directions.iter().zip([&one, &other]).zip(positions) {
            let content = Content::read(stream, retried)?;
            for (is_handshake, part) in [(true, content.handshake), (false, content.application_data)] {
                if !part.is_empty() {
                    all.push(Found {
                        position: u32::try_from(position).map_err(|_| Error::OutOfMemory)?,
                        is_handshake,
                        extents: part.try_within(extents)?,
                    })?;
                }
            }
        }
    }
    let plain = container.len();
    for found in all.into_items() {
        let mut name = container.name(found.position as usize).unwrap_or_default();
        name.push_str(if found.is_handshake {
            HANDSHAKE
        } else {
            APPLICATION_DATA
        });
        container.push(&name, &found.extents)?;
    }
    faults.give(&mut container);
    let has_tls = container.len() > plain;
    if has_tls {
        container.format = NAME;
    }
    Ok((container, has_tls))
}

impl Content {
    /// The records from the stream's start on. `retried`: a `ChangeCipherSpec` does not begin the encryption.
    fn read(stream: &dyn Bytes, retried: bool) -> Result<Self, Error> {
        let mut this = Self::default();
        let mut encrypted = false;
        let mut at = old_hello(stream);
        // Each turn advances by at least a header.
        while let Some([kind @ 20..=24, 3, 0..=4, high, low]) = array(stream, at) {
            let (start, length) = (at + RECORD_HEADER, usize::from(u16::from_be_bytes([high, low])));
            if length > MAX_RECORD || length > stream.len() - start {
                break;
            }
            match kind {
                20 => encrypted |= !retried,
                22 if !encrypted => this.handshake.try_push(Some(start), length)?,
                23 => {
                    encrypted = true;
                    this.application_data.try_push(Some(start), length)?;
                }
                _ => {}
            }
            at = start + length;
        }
        let whole = messages_end(&Within::new(stream, &this.handshake));
        this.handshake = this.handshake.try_slice(0..whole)?;
        Ok(this)
    }
}

/// The start of the records: after a hello in the format of SSL 2, if there is one.
fn old_hello(stream: &dyn Bytes) -> usize {
    match array(stream, 0) {
        Some([high @ 0x80..=0xFF, low, 1, 3, 0..=4]) => {
            usize::from(u16::from_be_bytes([high & 0x7F, low])) + 2
        }
        _ => 0,
    }
}

/// The end of the last whole handshake message.
fn messages_end(handshake: &dyn Bytes) -> usize {
    let mut at = 0;
    while let Some([_, high, middle, low]) = array(handshake, at) {
        let length = usize::from(high) << 16 | usize::from(middle) << 8 | usize::from(low);
        if length > handshake.len() - at - MESSAGE_HEADER {
            break;
        }
        at += MESSAGE_HEADER + length;
    }
    at
}

/// Whether the first handshake message is a `HelloRetryRequest`.
fn is_retry(handshake: &dyn Bytes) -> bool {
    // The random number comes after the message's header and the version.
    array(handshake, 0) == Some([2]) && array(handshake, MESSAGE_HEADER + 2) == Some(RETRY)
}
