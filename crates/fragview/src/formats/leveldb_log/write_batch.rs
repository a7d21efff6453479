//! Batches of writes: what a logical record of a `LevelDB` or `RocksDB` log holds (`db/write_batch.cc` in
//! both).
//!
//! A sequence number (8 bytes), a count (4), and that number of writes. Each is a tag, a column family's
//! number for some tags, and strings of bytes: the key, the value. Numbers and lengths are varints.

use crate::error::Error;
use crate::geometry::Extents;
use crate::{Bytes, array};

/// Where the values that the batch puts lie in it, or `None` if it is not a batch, or has writes that are not
/// known.
///
/// # Errors
/// Memory is short.
pub(super) fn values(batch: &dyn Bytes) -> Result<Option<Extents>, Error> {
    let mut values = Extents::new();
    Ok(
        match for_each_value(batch, &mut |start, length| values.try_push(Some(start), length)) {
            Some(Ok(())) => Some(values),
            Some(Err(error)) => return Err(error),
            None => None,
        },
    )
}

/// Gives where each value lies.
fn for_each_value(
    batch: &dyn Bytes,
    each: &mut dyn FnMut(usize, usize) -> Result<(), Error>,
) -> Option<Result<(), Error>> {
    let count = u32::from_le_bytes(array(batch, 8)?);
    let mut at = 12;
    let mut seen = 0_u32;
    while at < batch.len() {
        let [tag] = array(batch, at)?;
        at += 1;
        let write = Write::of(tag)?;
        if write.family {
            varint(batch, &mut at)?;
        }
        for index in 0..write.strings {
            let length = varint(batch, &mut at)?;
            let end = usize::try_from(length)
                .ok()
                .and_then(|length| at.checked_add(length));
            let end = end.filter(|&end| end <= batch.len())?;
            if write.puts
                && index + 1 == write.strings
                && let Err(error) = each(at, end - at)
            {
                return Some(Err(error));
            }
            at = end;
        }
        seen = seen.checked_add(write.counts.into())?;
    }
    (seen == count).then_some(Ok(()))
}

/// How a write looks.
struct Write {
    /// Whether a column family's number comes first.
    family: bool,
    /// How many strings follow.
    strings: u8,
    /// Whether the last string is a value.
    puts: bool,
    /// Whether the batch's count counts it.
    counts: bool,
}

impl Write {
    const fn of(tag: u8) -> Option<Self> {
        let (family, strings, puts, counts) = match tag {
            // A deletion, and a single one; of a column family.
            0x0 | 0x7 => (false, 1, false, true),
            0x4 | 0x8 => (true, 1, false, true),
            // A put and a merge; of a column family.
            0x1 | 0x2 => (false, 2, true, true),
            0x5 | 0x6 => (true, 2, true, true),
            // The deletion of a range; of a column family.
            0xf => (false, 2, false, true),
            0xe => (true, 2, false, true),
            // A note to the log; the marks of transactions, some with a name.
            0x3 | 0xa | 0xb | 0xc => (false, 1, false, false),
            0x9 | 0xd | 0x12 | 0x13 => (false, 0, false, false),
            _ => return None,
        };
        Some(Self {
            family,
            strings,
            puts,
            counts,
        })
    }
}

/// The varint of up to 32 bits at `at`, which moves past it.
fn varint(batch: &dyn Bytes, at: &mut usize) -> Option<u32> {
    let mut value = 0_u64;
    for shift in [0, 7, 14, 21, 28] {
        let [byte] = array(batch, *at)?;
        *at += 1;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return u32::try_from(value).ok();
        }
    }
    None
}
