//! Checksums of ranges of a file, read block by block in constant memory.

use crc::{Algorithm, CRC_32_ISCSI, CRC_32_ISO_HDLC, CRC_32_MPEG_2, Crc, Table};

use super::input::Input;
use crate::formats::FormatError;

/// A CRC of 32 bits that takes sixteen bytes a step.
pub(in crate::formats) type Checksum = Crc<u32, Table<16>>;

/// CRC-32C (Castagnoli): `LevelDB` logs, `TFRecord`.
pub(in crate::formats) static CRC32C: Checksum = Checksum::new(&CRC_32_ISCSI);

/// The CRC of gzip (RFC 1952, 8), of PNG's chunks (annex D) and of Parquet's pages.
pub(in crate::formats) static GZIP: Checksum = Checksum::new(&CRC_32_ISO_HDLC);

/// The CRC of MPEG-2's sections: ISO/IEC 13818-1, annex A.
pub(in crate::formats) static MPEG2: Checksum = Checksum::new(&CRC_32_MPEG_2);

/// The CRC of Ogg's pages: RFC 3533, section 6. As MPEG-2's, but it begins with 0.
pub(in crate::formats) static OGG: Checksum = Checksum::new(&Algorithm {
    init: 0,
    check: 0x89a1_897f,
    residue: 0,
    ..CRC_32_MPEG_2
});

/// A checksum over the parts of a file that are given to it.
pub(in crate::formats) struct Sum<'a> {
    input: Input<'a>,
    digest: crc::Digest<'static, u32, Table<16>>,
}

impl<'a> Sum<'a> {
    /// A checksum over nothing yet.
    pub(in crate::formats) fn new(input: Input<'a>, checksum: &'static Checksum) -> Self {
        Self {
            input,
            digest: checksum.digest(),
        }
    }

    /// Takes bytes that are at hand.
    pub(in crate::formats) fn bytes(mut self, bytes: &[u8]) -> Self {
        self.digest.update(bytes);
        self
    }

    /// Takes `length` bytes of the file from `offset` on.
    pub(in crate::formats) fn range(mut self, mut offset: usize, length: usize) -> Result<Self, FormatError> {
        let mut piece = [0; 4096];
        let mut left = length;
        while left > 0 {
            let part = &mut piece[..left.min(4096)];
            self.input.read(offset, part)?;
            self.digest.update(part);
            offset += part.len();
            left -= part.len();
        }
        Ok(self)
    }

    /// The checksum of all that it took.
    pub(in crate::formats) fn value(self) -> u32 {
        self.digest.finalize()
    }

    /// The checksum, masked: a CRC over bytes that hold their own CRC is weak, so that `LevelDB` and
    /// `TFRecord` store it rotated by 15 bits, plus a constant.
    pub(in crate::formats) fn masked(self) -> u32 {
        self.value().rotate_right(15).wrapping_add(0xa282_ead8)
    }
}
