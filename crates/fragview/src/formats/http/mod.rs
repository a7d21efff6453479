//! HTTP/1.0 and HTTP/1.1: RFC 9112 (2 messages, 6 message body, 7 transfer codings), in a buffer that holds
//! one message after the other, as a connection carries them, or in the TCP streams of a capture.
//!
//! | stream | |
//! | --- | --- |
//! | `request0/head`, `response0/head`… | the start line and the fields of each message, with the empty line |
//! | `request0/body`, `response0/body`… | its body: a chunked one without the chunks' sizes. Codings of the content, as gzip, stay |
//! | `stream0/response0/body`… | of a capture: the same, by the number of the connection as in `pcap` |
//!
//! A response to `HEAD` has no body, which only a capture or the requests in the buffer tell. A body without
//! a length ends with the buffer. A capture is found as `pcap` or `tls`, and read as HTTP by name. A
//! direction of it that does not begin with a message has no streams. The streams of one end with its last
//! whole message, or with a body that is cut off.
//!
//! Refused, in a buffer: an invalid start line or field, lengths that differ, chunks without their line
//! ends, a message that is cut off, more than 64 KiB of head; in a capture what `pcap` refuses. A lenient
//! reading takes the body that is cut off as far as it goes.

mod capture;
mod head;
mod message;
mod name;
mod open;

pub(in crate::formats) use head::{decimal, line};
pub(in crate::formats) use message::first;
pub(crate) use name::NAME;
pub(crate) use open::detect;
pub use open::open;
