//! Opening a volume: the boot sector, and the master file table.

use alloc::rc::Rc;

use super::attribute::{DATA, attributes};
use super::data::{Part, parts};
use super::name::NAME;
use super::volume::Volume;
use crate::bytes::Bytes;
use crate::formats::FormatError;
use crate::formats::parse::input::Input;
use crate::formats::parse::sparse::SparseSet;
use crate::geometry::Extents;

impl<'a> Volume<'a> {
    pub(super) fn read(bytes: &'a dyn Bytes) -> Result<Self, FormatError> {
        let input = Input::little(bytes, NAME);
        if input.array(3)? != *b"NTFS    " {
            return input.fault(3, "no boot sector of NTFS");
        }
        let sector = usize::from(input.u16(11)?);
        if !sector.is_power_of_two() || !(256..=4096).contains(&sector) {
            return input.fault(11, "a sector's size is out of range");
        }
        // A number above 128 is an exponent, negated.
        let size = |at: usize, unit: usize| -> Result<usize, FormatError> {
            match input.u8(at)? {
                count @ 1..=128 => Ok(usize::from(count) * unit),
                power @ 225..=255 => Ok(1 << (256 - u32::from(power))),
                _ => input.fault(at, "a size is out of range"),
            }
        };
        let cluster = match input.u8(13)? {
            count @ 1..=128 => usize::from(count) * sector,
            power @ 244..=255 => sector << (256 - u32::from(power)),
            _ => return input.fault(13, "a cluster's size is out of range"),
        };
        let record = size(64, cluster)?;
        if !record.is_power_of_two() || !(512..=65536).contains(&record) || !cluster.is_power_of_two() {
            return input.fault(64, "a record's size is out of range");
        }
        let first = usize::try_from(input.u64(48)?)
            .unwrap_or(usize::MAX)
            .saturating_mul(cluster);
        input.end(first, record as u64, usize::MAX)?;
        let mut this = Self {
            bytes,
            input,
            cluster,
            record,
            table: Extents::from_iter([(first, record)]),
            seen: SparseSet::default(),
        };
        let Some(own) = this.record(0)? else {
            return input.fault(first, "no record of the master file table");
        };
        let own = Rc::new(own);
        // The table's own first runs lead to the records that have the others.
        let mut table = Extents::new();
        attributes(&own, &mut |attribute| {
            if attribute.kind(&own) == DATA && !attribute.is_resident(&own) && table.is_empty() {
                attribute.runs(&own, &mut |start, count| {
                    this.clusters(start, count, first, &mut table)
                })?;
            }
            Ok(())
        })?;
        this.table = table;
        let mut table = Extents::new();
        let mut size = 0;
        for Part {
            kind,
            name,
            record,
            attribute,
            ..
        } in parts(&mut this, 0, &own)?
        {
            if kind != DATA || !name.is_empty() {
                continue;
            }
            if table.is_empty() {
                size = usize::try_from(record.u64(attribute.at + 48)).unwrap_or(usize::MAX);
            }
            attribute.runs(&record, &mut |start, count| {
                this.clusters(start, count, first, &mut table)
            })?;
        }
        if table.is_empty() || table.byte_len() < size {
            return input.fault(first, "the master file table is cut off");
        }
        this.table = table.try_slice(0..size)?;
        this.seen = SparseSet::default();
        Ok(this)
    }

    /// Appends clusters to extents, which must be in the file.
    fn clusters(
        &self,
        start: Option<u64>,
        count: u64,
        at: usize,
        extents: &mut Extents,
    ) -> Result<(), FormatError> {
        let extent = self.extent(start, count, at)?;
        let Some(offset) = extent.offset else {
            return self.input.fault(at, "the master file table is sparse");
        };
        // Runs that lie on each other would make more records than the file can have.
        let is_there = self.input.end(offset, extent.length as u64, usize::MAX).is_ok();
        if !is_there || extents.byte_len().saturating_add(extent.length) > self.input.len() {
            return self
                .input
                .fault(at, "the master file table is longer than the file");
        }
        Ok(extents.try_push(extent.offset, extent.length)?)
    }
}
