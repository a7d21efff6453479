//! Items, as HEIF has them: ISO/IEC 14496-12, 8.11.3 `iloc` and 8.11.6 `iinf`.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;

use super::boxes::{Box, Fields, for_each_box};
use crate::formats::parse::faults::Faults;
use crate::formats::parse::input::Input;
use crate::formats::{Container, FormatError};
use crate::geometry::Extent;

/// The most items that a file may have: each takes memory for its name.
const MOST: u32 = 1 << 16;

/// Adds the items of a `meta` box.
pub(super) fn read(
    input: &Input,
    faults: &Faults,
    meta: Box,
    container: &mut Container,
) -> Result<(), FormatError> {
    // QuickTime's has no version and flags.
    let skip = match input.array::<8>(meta.start) {
        Ok([_, _, _, _, b'h', b'd', b'l', b'r']) => 0_u64,
        _ => 4,
    };
    let start = input.end(meta.start, skip, meta.end)?;
    let (mut places, mut data) = (None, None);
    let mut kinds = BTreeMap::new();
    for_each_box(input, faults, start, meta.end, |part| {
        match &part.kind {
            b"iloc" => places = Some(part),
            b"idat" => data = Some(part),
            b"iinf" => kinds_of(input, faults, part, &mut kinds)?,
            _ => {}
        }
        Ok(())
    })?;
    match places {
        Some(places) => items(input, faults, places, data, &kinds, container),
        None => Ok(()),
    }
}

/// The types of the items, by their numbers.
fn kinds_of(
    input: &Input,
    faults: &Faults,
    part: Box,
    kinds: &mut BTreeMap<u32, [u8; 4]>,
) -> Result<(), FormatError> {
    let (version, mut fields) = part.full(input)?;
    fields.number(input, if version == 0 { 2 } else { 4 })?;
    for_each_box(input, faults, fields.at, part.end, |part| {
        let (version, mut fields) = part.full(input)?;
        // Before version 2 items have no type.
        if &part.kind != b"infe" || version < 2 {
            return Ok(());
        }
        let number = if version == 2 {
            fields.u16(input)?.into()
        } else {
            fields.u32(input)?
        };
        fields.take(input, 2)?;
        let kind = fields.take(input, 4)?;
        if kinds.len() < MOST as usize {
            kinds.insert(number, input.array(kind)?);
        }
        Ok(())
    })
}

/// Adds the items whose places an `iloc` box says.
fn items(
    input: &Input,
    faults: &Faults,
    part: Box,
    data: Option<Box>,
    kinds: &BTreeMap<u32, [u8; 4]>,
    container: &mut Container,
) -> Result<(), FormatError> {
    let (version, mut fields) = part.full(input)?;
    if version > 2 {
        return input.fault(part.start, "a version of iloc that is not known");
    }
    let [high, low] = fields.u16(input)?.to_be_bytes();
    let sizes = [
        high >> 4,
        high & 15,
        low >> 4,
        if version == 0 { 0 } else { low & 15 },
    ];
    if sizes.iter().any(|size| !matches!(size, 0 | 4 | 8)) {
        return input.fault(part.start + 4, "a field's size is not 0, 4 or 8");
    }
    let [offset_size, length_size, base_size, index_size] = sizes;
    let count = if version == 2 {
        fields.u32(input)?
    } else {
        fields.u16(input)?.into()
    };
    if count > MOST {
        return input.fault(part.start, format!("more than {MOST} items"));
    }
    for _ in 0..count {
        let told = fields.at;
        let number = if version == 2 {
            fields.u32(input)?
        } else {
            fields.u16(input)?.into()
        };
        let method = if version == 0 { 0 } else { fields.u16(input)? & 15 };
        let elsewhere = fields.u16(input)? != 0;
        let base = fields.number(input, base_size)?;
        let extents = fields.u16(input)?;
        if extents > 1 && offset_size == 0 && length_size == 0 {
            return input.fault(told, "several extents of the whole file");
        }
        let source = match (method, data) {
            _ if elsewhere => Err("an item is in another file"),
            (0, _) => Ok((0, input.len())),
            (1, Some(data)) => Ok((data.start, data.end)),
            (1, None) => Err("an item's data box is missing"),
            _ => Err("an item is built from others"),
        };
        let name = match kinds.get(&number) {
            Some(kind) => format!("item{number}_{}", text(*kind)),
            None => format!("item{number}"),
        };
        let source = match source {
            Ok(source) => {
                container.push(&name, [] as [Extent; 0])?;
                Some(source)
            }
            Err(what) => {
                faults.pass(FormatError::new(super::name::NAME, told, what))?;
                None
            }
        };
        for _ in 0..extents {
            let told = fields.at;
            let (offset, length) = extent(input, &mut fields, [index_size, offset_size, length_size])?;
            let Some((start, limit)) = source else { continue };
            let wrong = |error: FormatError| FormatError {
                offset: told,
                ..error
            };
            let skip = base.saturating_add(offset);
            let at = input.end(start, skip, limit).map_err(wrong)?;
            // No length: all of it.
            let end = if length == 0 {
                limit
            } else {
                match input.end(at, length, limit) {
                    Ok(end) => end,
                    Err(error) => faults.pass_last(wrong(error), container).map(|()| limit)?,
                }
            };
            container.extend([(at, end - at)])?;
        }
    }
    Ok(())
}

/// The next extent of an item: its offset and its length.
fn extent(input: &Input, fields: &mut Fields, sizes: [u8; 3]) -> Result<(u64, u64), FormatError> {
    fields.number(input, sizes[0])?;
    Ok((fields.number(input, sizes[1])?, fields.number(input, sizes[2])?))
}

/// A type as part of a name.
fn text(kind: [u8; 4]) -> String {
    let plain = |&byte: &u8| {
        if byte.is_ascii_alphanumeric() {
            char::from(byte)
        } else {
            '_'
        }
    };
    String::from(
        kind.map(|byte| plain(&byte))
            .iter()
            .collect::<String>()
            .trim_end_matches('_'),
    )
}
