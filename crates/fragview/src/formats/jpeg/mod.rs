//! JPEG: ITU-T T.81 (ISO/IEC 10918-1), annex B "Compressed data formats"; JPEG-LS: ITU-T T.87, annex C.
//!
//! | stream | |
//! | --- | --- |
//! | `scan0`, `scan1`… | the entropy-coded data of each scan, with the restart markers and stuffed bytes in it |
//! | `icc_profile` | the ICC profile, from its `APP2` segments in the order of their numbers (ICC.1, annex B.4) |
//! | `exif` | the TIFF structure in all `APP1` segments `Exif`, joined (Exif 3.0, section 4.7.2) |
//! | `xmp`, `xmp@1`… | the packet in an `APP1` segment of XMP (XMP specification, part 3, 1.1.3) |
//! | `xmp_extended`, `xmp_extended@1`… | the rest of an XMP packet, from its segments in the order of their offsets |
//! | `photoshop` | the image resources in all `APP13` segments `Photoshop 3.0`, joined |
//! | `app0`, `com`, `dqt`, `dqt@1`… | the content of each other segment that has any, by its marker |
//!
//! The name of a segment's content (`Exif`, and so on) is not in the stream. Where a scan ends can only be
//! seen in its data, so these are read, 4 KiB at a time.
//!
//! Refused: bytes between segments that are not fill bytes, reserved markers, segments past the end, a
//! restart marker outside a scan, a second start, a file without its end marker, a scan without a frame. What
//! follows the end marker is no part of the file. Refused, too: an ICC profile with a segment missing,
//! repeated, numbered 0 or over their count, or with counts that differ. Extended XMP with gaps or overlaps
//! is left out, and is a fault.
//!
//! A lenient reading leaves a broken ICC profile out. It goes on with the next marker after bytes that are
//! none, takes segments and scans that are cut off as far as they go, and needs no end marker.

mod open;
mod parts;

pub use open::open;
pub(crate) use open::{NAME, detect};
