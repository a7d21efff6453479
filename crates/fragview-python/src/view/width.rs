//! Numbers of 1, 2, 4 or 8 bytes, moved as a machine word.

use fragview::Error;
use fragview::format::{Scalar, ScalarValue};

use crate::buffers::memory::PyMemory;

/// Does `$work` with `$Bits` as the unsigned integer of `$size` bytes: 1, 2, 4, else 8.
macro_rules! dispatch_width {
    ($size:expr, $Bits:ident => $work:expr) => {
        match $size {
            1 => {
                type $Bits = u8;
                $work
            }
            2 => {
                type $Bits = u16;
                $work
            }
            4 => {
                type $Bits = u32;
                $work
            }
            _ => {
                type $Bits = u64;
                $work
            }
        }
    };
}
pub(crate) use dispatch_width;

/// The bits of the scalar at `offset`, as this machine loads them; `None` if it is not in the memory.
#[inline]
pub(crate) fn read(memory: &PyMemory, scalar: Scalar, offset: usize) -> Option<u64> {
    dispatch_width!(scalar.size(), Bits => memory.read::<Bits>(offset).map(widen))
}

/// Writes the first `size` of these bytes at `offset`, seams or not.
#[inline]
pub(crate) fn write(memory: &PyMemory, offset: usize, bytes: [u8; 8], size: usize) -> Result<(), Error> {
    dispatch_width!(size, Bits => {
        let word = bytes.first_chunk().copied().map_or(0, Bits::from_ne_bytes);
        memory.write_at(offset, &word)
    })
}

/// A word of any width as the widest.
#[inline]
pub(crate) fn widen(bits: impl Into<u64>) -> u64 {
    bits.into()
}

/// The value of a scalar, from its bits as this machine loaded them.
#[inline]
pub(crate) fn value(scalar: Scalar, bits: u64) -> ScalarValue {
    let size = scalar.size();
    let bytes = bits.to_ne_bytes();
    scalar.unpack(if cfg!(target_endian = "little") {
        &bytes[..size]
    } else {
        &bytes[8 - size..]
    })
}
