//! Matroska and `WebM`: RFC 9559 (5.1 elements, 10 block structure and lacing, 5.1.4.1.31 content encodings)
//! on EBML: RFC 8794.
//!
//! | stream | |
//! | --- | --- |
//! | `stream0_video`, `stream1_audio`… | the frames of a track, joined: laced blocks are taken apart, and what header stripping took away is put back, as extents of the track's header |
//! | `stream0_video.packet[0]`… | each frame |
//! | `stream0_video.config` | a track's `CodecPrivate` |
//! | `attachment/<path>` | an attached file |
//!
//! A track is `video`, `audio`, `complex`, `logo`, `subtitle`, `buttons`, `control`, `metadata` or `other`,
//! as its type says. Frames that are compressed otherwise, or encrypted, stay as they are.
//!
//! Refused: elements that do not fit in what they lie in, a file without segment or tracks, a block of a
//! track that has no header, lacing that does not fit its block, empty frames in lacing of one size. Bytes
//! after the segment are ignored. A lenient reading takes the frames up to the end of a file
//! that is cut off, passes over a faulty block, and goes on at the next cluster.

mod block;
mod elements;
mod name;
mod open;
mod tracks;

pub(crate) use name::NAME;
pub(crate) use open::detect;
pub use open::open;
