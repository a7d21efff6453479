//! TIFF: revision 6.0 (Adobe, 1992), sections 2 "TIFF Structure", 3 "Bilevel Images" (strips) and 15 "Tiled
//! Images"; `BigTIFF` (64-bit offsets); child images as in TIFF technical note 1.
//!
//! | stream | |
//! | --- | --- |
//! | `page0`, `page1`… | all strips or tiles of a page, in order, joined |
//! | `page0.strip0`… or `page0.tile0`… | each of them, if a page has more than one |
//! | `page0.jpeg` | what `JPEGInterchangeFormat` names (section 22, and thumbnails) |
//! | `page0.jpeg_tables`, `page0.xmp`, `page0.photoshop`, `page0.icc_profile` | the values of these tags |
//! | `page0.sub0`, `page0.sub0.tile0`… | the same of a page's child images |
//!
//! Both byte orders are read. A strip of no bytes (in a sparse file) is an empty stream. A page without
//! strips or tiles has no stream `page0`; the later pages keep their numbers.
//!
//! Refused: a directory that comes twice, so also a chain that loops, directories and tables that would be
//! more than the file together, directories without entries or past the end, strips or tiles with another
//! number of offsets than of lengths or with only one of both, or with an offset and no bytes, strips and
//! tiles in one page, child images of more than 8 levels, and strips and tiles past the end. Values past the
//! end (an ICC profile, say) are left out, and are faults.
//!
//! A lenient reading ends with the last directory that can be read, passes over entries of unknown types,
//! and takes strips and tiles that are cut off as far as they go. Lengths that are missing or 0 are computed,
//! as libtiff does: from the image's size if nothing is compressed, else up to the next strip's offset or
//! the file's end.

mod entry;
mod open;
mod reading;
mod segments;

pub use open::open;
pub(crate) use open::{NAME, detect};
