//! MP4, MOV and HEIF: ISO/IEC 14496-12 "ISO base media file format" (4.2 boxes, 8.7 sample tables, 8.8 movie
//! fragments, 8.11 items); `QuickTime` File Format Specification (Apple); ISO/IEC 23008-12 for HEIF.
//!
//! | stream | |
//! | --- | --- |
//! | `stream0_video`, `stream1_audio`… | the samples of a track, joined, in the order of its sample tables and then of its fragments |
//! | `stream0_video.packet[0]`… | each sample; of sound whose samples have one size, as PCM, each chunk |
//! | `item1_hvc1`… | of HEIF: an item by its number and its type |
//! | `mdat` | only in a lenient reading |
//!
//! A track is `video`, `audio`, `subtitle`, `text`, `hint`, `metadata`, `timecode` or `other`, as its handler
//! says. Samples of an encrypted track are the ciphertext.
//!
//! Refused: boxes that do not fit in what they lie in, a sample past the end, samples without a chunk, data
//! in another file, compressed movie boxes, fragments of a track that has no header, items built from other
//! items, more samples than bytes, media data that no box tells about. A lenient reading takes all samples
//! that are there, and passes over a faulty box; `mdat` is the media data if no box tells what
//! they are, as of a recording that was cut off before its movie box.

mod boxes;
mod fragments;
mod items;
mod movie;
mod name;
mod open;
mod samples;

pub(crate) use name::NAME;
pub(crate) use open::detect;
pub use open::open;
