//! The cells of a table's b-tree: 1.6 and 1.7 of the file format.

use alloc::vec::Vec;

use super::pages::Pages;
use super::record::varint;
use crate::error::Error;
use crate::formats::{FormatError, FormatErrorKind, Options};
use crate::geometry::Extents;

const INDEX_INTERIOR: u8 = 2;
const TABLE_INTERIOR: u8 = 5;
const INDEX_LEAF: u8 = 10;
const TABLE_LEAF: u8 = 13;

/// A row of a table.
pub(super) struct Row {
    /// None in a table without rowids.
    pub(super) rowid: Option<i64>,
    pub(super) payload: Extents,
    /// Why its payload ends early.
    pub(super) fault: Option<FormatError>,
}

/// A step that the walk of a tree has yet to make.
enum Step {
    /// The page of this number, which the bytes at `at` name.
    Page { number: u32, at: usize },
    /// The cell of an interior page of an index, which comes between two subtrees.
    Cell { page: usize, cell: usize },
}

/// Gives each row of the table at `root`, in order. Leniently `faults` takes what was passed over.
pub(super) fn walk(
    pages: &mut Pages<'_>,
    root: u32,
    named_at: usize,
    options: Options,
    faults: &mut Vec<FormatError>,
    each: &mut dyn FnMut(&Row) -> Result<(), FormatError>,
) -> Result<(), FormatError> {
    let mut steps = Vec::from([Step::Page {
        number: root,
        at: named_at,
    }]);
    let mut last = None;
    let mut kind = None;
    while let Some(step) = steps.pop() {
        let result = match step {
            Step::Page { number, at } => {
                page(pages, number, at, options, &mut kind, &mut steps, &mut last, each)
            }
            Step::Cell { page, cell } => {
                index_cell(pages, page, cell, 4, options).and_then(|(row, _)| each(&row))
            }
        };
        match result {
            Ok(()) => {}
            Err(error) if options.strict || error.kind != FormatErrorKind::Malformed => return Err(error),
            Err(error) => {
                faults.try_reserve(1).map_err(|_| Error::OutOfMemory)?;
                faults.push(error);
            }
        }
    }
    Ok(())
}

#[allow(clippy::too_many_arguments, reason = "the state of one walk")]
fn page(
    pages: &mut Pages<'_>,
    number: u32,
    at: usize,
    options: Options,
    tree: &mut Option<bool>,
    steps: &mut Vec<Step>,
    last: &mut Option<i64>,
    each: &mut dyn FnMut(&Row) -> Result<(), FormatError>,
) -> Result<(), FormatError> {
    let input = pages.input;
    let page = pages.take(number, at)?;
    // The first page begins with the file's header.
    let header = if number == 1 { page + 100 } else { page };
    let kind = input.u8(header)?;
    let (is_table, is_leaf) = match kind {
        TABLE_LEAF => (true, true),
        TABLE_INTERIOR => (true, false),
        INDEX_LEAF => (false, true),
        INDEX_INTERIOR => (false, false),
        _ => return input.fault(header, "a page of an unknown type"),
    };
    if *tree.get_or_insert(is_table) != is_table {
        return input.fault(header, "a page of another kind of tree");
    }
    let cells = usize::from(input.u16(header + 3)?);
    let pointers = header + if is_leaf { 8 } else { 12 };
    if pointers - page + cells * 2 > pages.usable {
        return input.fault(header + 3, "a page has more cells than it can hold");
    }
    let pointer = |index: usize| -> Result<usize, FormatError> {
        let at = pointers + index * 2;
        let cell = usize::from(input.u16(at)?);
        if cell < pointers - page + cells * 2 || cell >= pages.usable {
            return input.fault(at, "a cell lies outside its page");
        }
        Ok(page + cell)
    };
    if !is_leaf {
        // The last is done first: the stack gives them in order.
        steps.try_reserve(cells * 2 + 1).map_err(|_| Error::OutOfMemory)?;
        steps.push(Step::Page {
            number: input.u32(header + 8)?,
            at: header + 8,
        });
        for index in (0..cells).rev() {
            let cell = pointer(index)?;
            if !is_table {
                steps.push(Step::Cell { page, cell });
            }
            steps.push(Step::Page {
                number: input.u32(cell)?,
                at: cell,
            });
        }
        return Ok(());
    }
    let mut starts = Vec::new();
    starts.try_reserve_exact(cells).map_err(|_| Error::OutOfMemory)?;
    for index in 0..cells {
        starts.push(pointer(index)?);
    }
    let mut sum = 0;
    for cell in starts {
        let (row, length) = if is_table {
            table_cell(pages, page, cell, options)?
        } else {
            index_cell(pages, page, cell, 0, options)?
        };
        // Cells that lie on each other would make more rows than there is room for.
        sum += length;
        if sum > pages.usable {
            return input.fault(cell, "cells overlap");
        }
        if row.rowid.is_some() {
            if *last >= row.rowid {
                return input.fault(cell, "rowids are out of order");
            }
            *last = row.rowid;
        }
        each(&row)?;
    }
    Ok(())
}

/// The row at `cell` of a table's leaf, and the cell's length.
fn table_cell(
    pages: &mut Pages<'_>,
    page: usize,
    cell: usize,
    options: Options,
) -> Result<(Row, usize), FormatError> {
    let cut = |(): ()| FormatError::new(super::name::NAME, cell, "a cell is cut off");
    let (length, first) = varint(pages.bytes, cell).ok_or(()).map_err(cut)?;
    let (rowid, second) = varint(pages.bytes, cell + first).ok_or(()).map_err(cut)?;
    let most = pages.usable - 35;
    let (mut row, end) = payload(pages, page, cell + first + second, length, most, options)?;
    row.rowid = Some(rowid.cast_signed());
    Ok((row, end - cell))
}

/// The row at `cell` of an index, behind `skip` bytes, and the cell's length.
fn index_cell(
    pages: &mut Pages<'_>,
    page: usize,
    cell: usize,
    skip: usize,
    options: Options,
) -> Result<(Row, usize), FormatError> {
    let Some((length, first)) = varint(pages.bytes, cell + skip) else {
        return pages.input.fault(cell, "a cell is cut off");
    };
    let most = (pages.usable - 12) * 64 / 255 - 23;
    let (row, end) = payload(pages, page, cell + skip + first, length, most, options)?;
    Ok((row, end - cell))
}

/// A payload of `length` bytes, of which at most `most` stand in the page, and where it ends in the page.
fn payload(
    pages: &mut Pages<'_>,
    page: usize,
    start: usize,
    length: u64,
    most: usize,
    options: Options,
) -> Result<(Row, usize), FormatError> {
    let input = pages.input;
    let Some(length) = usize::try_from(length)
        .ok()
        .filter(|&length| length <= input.len())
    else {
        return input.fault(start, "a payload is longer than the file");
    };
    let (usable, size) = (pages.usable, pages.usable - 4);
    let least = (usable - 12) * 32 / 255 - 23;
    let local = if length <= most {
        length
    } else {
        let local = least + (length - least) % size;
        if local <= most { local } else { least }
    };
    let end = start + local + if local < length { 4 } else { 0 };
    if end > page + usable {
        return input.fault(start, "a cell goes past its page");
    }
    let mut row = Row {
        rowid: None,
        payload: Extents::new(),
        fault: None,
    };
    let result = input.end(start, local as u64, usize::MAX).and_then(|_| {
        row.payload.try_push(Some(start), local)?;
        let (mut left, mut at) = (length - local, start + local);
        while left > 0 {
            let part = left.min(size);
            let next = pages.take(input.u32(at)?, at)?;
            input.end(next + 4, part as u64, usize::MAX)?;
            row.payload.try_push(Some(next + 4), part)?;
            (left, at) = (left - part, next);
        }
        Ok(())
    });
    match result {
        Err(error) if options.strict || error.kind != FormatErrorKind::Malformed => Err(error),
        result => {
            row.fault = result.err();
            Ok((row, end))
        }
    }
}
