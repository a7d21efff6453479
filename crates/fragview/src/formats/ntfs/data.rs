//! A file's attributes, which may be in several records.

use alloc::rc::Rc;
use alloc::string::String;
use alloc::vec::Vec;

use super::attribute::{ATTRIBUTE_LIST, Attribute, DATA, FILE_NAME, attributes, utf16};
use super::name::NAME;
use super::record::Record;
use super::volume::Volume;
use crate::bytes::{Bytes, Within};
use crate::error::Error;
use crate::formats::FormatError;
use crate::geometry::Extents;

/// The most bytes of a list of attributes.
const LONGEST_LIST: usize = 1 << 18;

/// An attribute of a file, or a part of one.
pub(super) struct Part {
    pub(super) kind: u32,
    pub(super) name: String,
    pub(super) record: Rc<Record>,
    pub(super) attribute: Attribute,
}

/// The names and data of the file whose first record is `number`, in the order of the attribute list.
pub(super) fn parts(
    volume: &mut Volume<'_>,
    number: usize,
    record: &Rc<Record>,
) -> Result<Vec<Part>, FormatError> {
    let mut parts = Vec::new();
    let mut list = None;
    attributes(record, &mut |attribute| {
        let kind = attribute.kind(record);
        if kind == ATTRIBUTE_LIST {
            list = Some(attribute);
        } else if matches!(kind, FILE_NAME | DATA) {
            parts.try_reserve(1).map_err(|_| Error::OutOfMemory)?;
            parts.push(Part {
                kind,
                name: attribute.name(record),
                record: Rc::clone(record),
                attribute,
            });
        }
        Ok(())
    })?;
    let Some(list) = list else {
        return Ok(parts);
    };
    parts.clear();
    let list = content(volume, record, list)?;
    let (mut at, mut last): (usize, Option<(u64, Rc<Record>)>) = (0, None);
    while let Some(entry) = list.get(at..).filter(|entry| entry.len() >= 26) {
        let kind = u32::from_le_bytes([entry[0], entry[1], entry[2], entry[3]]);
        let length = usize::from(u16::from_le_bytes([entry[4], entry[5]]));
        let id = u16::from_le_bytes([entry[24], entry[25]]);
        let mut reference = [0; 8];
        reference[..6].copy_from_slice(&entry[16..22]);
        let reference = u64::from_le_bytes(reference);
        if length < 26 {
            return volume
                .input
                .fault(record.offset(), "an entry of an attribute list has no length");
        }
        let (name, skip) = (usize::from(entry[6]) * 2, usize::from(entry[7]));
        let name = utf16(entry.get(skip..skip + name).unwrap_or(&[]));
        at += length;
        if !matches!(kind, FILE_NAME | DATA) {
            continue;
        }
        let holder = match &last {
            Some((number, holder)) if *number == reference => Rc::clone(holder),
            _ if reference == number as u64 => Rc::clone(record),
            _ => {
                let holder = volume.record(usize::try_from(reference).unwrap_or(usize::MAX))?;
                match holder {
                    Some(holder) if holder.base() == number as u64 => Rc::new(holder),
                    _ => {
                        let what = "an attribute list names a record of another file";
                        return volume.input.fault(record.offset(), what);
                    }
                }
            }
        };
        last = Some((reference, Rc::clone(&holder)));
        let mut found = None;
        attributes(&holder, &mut |attribute| {
            if attribute.kind(&holder) == kind && attribute.id(&holder) == id {
                found = found.or(Some(attribute));
            }
            Ok(())
        })?;
        let Some(attribute) = found else {
            return volume.input.fault(
                record.offset(),
                "an attribute list names a record that is missing",
            );
        };
        if !volume.seen.insert(holder.place(attribute.at))? {
            return volume.input.fault(record.offset(), "an attribute has two uses");
        }
        parts.try_reserve(1).map_err(|_| Error::OutOfMemory)?;
        parts.push(Part {
            kind,
            name,
            record: holder,
            attribute,
        });
    }
    Ok(parts)
}

/// The bytes of an attribute list.
fn content(volume: &Volume<'_>, record: &Record, list: Attribute) -> Result<Vec<u8>, FormatError> {
    let mut content = Vec::new();
    if list.is_resident(record) {
        let (start, end) = list.value(record)?;
        content
            .try_reserve_exact(end - start)
            .map_err(|_| Error::OutOfMemory)?;
        content.extend_from_slice(&record.raw[start..end]);
        return Ok(content);
    }
    let size = usize::try_from(record.u64(list.at + 48)).unwrap_or(usize::MAX);
    if size > LONGEST_LIST {
        return Err(FormatError::new(
            NAME,
            record.offset(),
            "an attribute list is too long",
        ));
    }
    let mut extents = Extents::new();
    list.runs(record, &mut |start, count| {
        let extent = volume.extent(start, count, record.offset())?;
        Ok(extents.try_push(extent.offset, extent.length)?)
    })?;
    content.try_reserve_exact(size).map_err(|_| Error::OutOfMemory)?;
    content.resize(size, 0);
    if Within::new(volume.bytes, &extents)
        .read(0, &mut content)
        .is_none()
    {
        return volume
            .input
            .fault(record.offset(), "an attribute list is cut off");
    }
    Ok(content)
}
