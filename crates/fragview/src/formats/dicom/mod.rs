//! DICOM files: PS3.10, section 7.1 (preamble and file meta information), PS3.5, sections 7 "The Data Set"
//! and A.4 "Transfer syntaxes for encapsulation of encoded pixel data", PS3.3, section C.7.6.3.1.8 (extended
//! offset table).
//!
//! | stream | |
//! | --- | --- |
//! | `pixel_data` | native pixel data, or all fragments of encapsulated pixel data, joined |
//! | `frame0`, `frame1`… | of encapsulated pixel data: the fragments of each frame, joined |
//! | `fragment0`, `fragment1`… | each fragment, if the file does not say which frame it belongs to |
//!
//! The frames are those of the basic offset table or the extended one (which cuts a frame to the length that
//! it gives); without either all fragments are the only frame, or there is one for each frame. Pixel data
//! within sequences (icons) are not streams. Explicit and implicit value representations, both byte orders.
//!
//! Refused: files without preamble or transfer syntax, deflated data sets, elements past the end, delimiters
//! and items out of place, sequences and pixel data without their end, native pixel data in a JPEG or RLE
//! syntax, and offset tables that do not ascend from 0 or do not name fragments. What follows the pixel data
//! is not read.
//!
//! A lenient reading takes a file without preamble, as explicit or implicit little-endian by what its first
//! element looks like, and a data set that is implicit against its transfer syntax; pixel data and fragments
//! that are cut off as far as they go; and all fragments in order if the offset tables are wrong.

mod element;
mod open;
mod pixels;

pub use open::open;
pub(crate) use open::{NAME, detect, resembles};
