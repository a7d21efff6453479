//! WebSocket: RFC 6455 (5 "Data Framing"), in a buffer of one direction's frames, behind its handshake or
//! without one, or in the TCP streams of a capture.
//!
//! | stream | |
//! | --- | --- |
//! | `message[0]`… | the payload of each message, its frames joined |
//! | `header[0]`… | the headers of its frames: flags and opcode, length, masking key |
//! | `control[0]`, `control_header[0]`… | the same of ping, pong and close |
//! | `message[0].masked`, `control[0].masked`… | instead, if frames are masked, as a client's are |
//! | `stream0/client/message[0].masked`, `stream0/server/message[0]`… | of a capture: the same, by connection |
//!
//! What is masked stays so: byte `i` of a frame is its exclusive or with byte `i % 4` of the key, the last 4
//! bytes of the frame's header. The first byte of a header tells the opcode (text is 1, binary 2) in its low
//! bits, and with 0x40 that the message is compressed by an extension (RFC 7692). A buffer without a
//! handshake is not found by its magic: name it.
//!
//! Refused: opcodes and flags that are not known, lengths in more bytes than they need, control frames in
//! parts or over 125 bytes, parts of no message, messages within others, masked frames among others, frames
//! cut off or behind a close, a message that does not end. A lenient reading ends there, and takes what is
//! there of a frame that is cut off.

mod capture;
mod frames;
mod handshake;
mod name;
mod open;

pub(crate) use name::NAME;
pub(crate) use open::detect;
pub use open::open;
