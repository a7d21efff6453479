//! ASF, WMV and WMA: Advanced Systems Format Specification 01.20.05 (Microsoft, 2010), sections 2 to 5:
//! objects, the header object (3), the data object and its packets (5).
//!
//! | stream | |
//! | --- | --- |
//! | `stream0_video`, `stream1_audio`… | the media objects of a stream, joined; each lies in payloads of several packets |
//! | `stream0_video.packet[0]`… | each media object |
//!
//! A stream is `video`, `audio`, `command` or `other`, as its properties say, in the order of their headers.
//! Encrypted payloads stay as they are; so does audio that is interleaved for error correction.
//!
//! Refused: objects that do not fit in what they lie in, packets of several sizes, payloads that do not fit
//! their packet, of a stream without header, or out of order, media objects that are not whole. A lenient
//! reading passes over faulty packets and payloads, and keeps incomplete media objects.

mod header;
mod name;
mod open;
mod packet;

pub(crate) use name::NAME;
pub(crate) use open::detect;
pub use open::open;
