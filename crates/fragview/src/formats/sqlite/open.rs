//! The tables of a database.

use alloc::collections::BTreeSet;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::name::NAME;
use super::pages::Pages;
use super::record::Record;
use super::schema::{self, Table};
use super::table::{Row, walk};
use crate::bytes::{Bytes, Within, array};
use crate::error::Error;
use crate::formats::parse::faults::{tolerate, tolerate_apart};
use crate::formats::parse::input::Input;
use crate::formats::{Container, Family, FormatError, Options};

/// Shorter values are not worth a stream of their own.
const LEAST_VALUE: usize = 32;

/// Whether the file begins as a database does.
pub(crate) fn detect(bytes: &dyn Bytes) -> bool {
    array(bytes, 0) == Some(*b"SQLite format 3\0")
}

/// The rows of a database. O(rows + pages of overflow); reads the pages' headers, cells and chains.
///
/// # Errors
/// [`FormatError`] if the database is malformed or cut off.
///
/// ```
/// use fragview::formats::{Options, sqlite};
/// // A database of one page, whose schema has no rows.
/// let mut file = vec![0; 512];
/// file[..16].copy_from_slice(b"SQLite format 3\0");
/// file[16] = 2; // pages of 512 bytes
/// file[100] = 13; // a leaf of a table
/// file[105] = 2; // its cells begin at 512
/// assert!(sqlite::open(&file, Options::default())?.is_empty());
/// # Ok::<(), fragview::formats::FormatError>(())
/// ```
pub fn open(bytes: &dyn Bytes, options: Options) -> Result<Container, FormatError> {
    let input = Input::big(bytes, NAME);
    if !detect(bytes) {
        return input.fault(0, "not an SQLite database");
    }
    let mut container = Container::new(NAME);
    let mut pages = Pages::read(bytes, options)?;
    if let Some(error) = pages.short.take() {
        tolerate_apart(&mut container, options, error)?;
    }
    let mut tables = Vec::new();
    let mut names = BTreeSet::new();
    let root = Table {
        name: String::from("sqlite_schema"),
        root: 1,
        columns: ["type", "name", "tbl_name", "rootpage", "sql"]
            .map(String::from)
            .into(),
        offset: 0,
    };
    let encoding = input.u32(56)?;
    rows(
        &mut container,
        options,
        &mut pages,
        &root,
        &mut names,
        &mut |row| {
            if let Some(table) = schema::table(bytes, input, encoding, row)? {
                tables.try_reserve(1).map_err(|_| Error::OutOfMemory)?;
                tables.push(table);
            }
            Ok(())
        },
    )?;
    for table in &tables {
        rows(
            &mut container,
            options,
            &mut pages,
            table,
            &mut names,
            &mut |_| Ok(()),
        )?;
    }
    Ok(container)
}

/// The streams of a table.
fn rows(
    container: &mut Container,
    options: Options,
    pages: &mut Pages<'_>,
    table: &Table,
    names: &mut BTreeSet<String>,
    each: &mut dyn FnMut(&Row) -> Result<(), FormatError>,
) -> Result<(), FormatError> {
    // A slash would make a path of it, and `{}` is where a family has its number.
    let mut name = table.name.replace('/', "_").replace("{}", "__");
    while !names.insert(name.clone()) {
        name.push('_');
    }
    let payloads = container.family(&format!("{name}/{{}}"))?;
    let mut families: Vec<Option<Family>> = Vec::new();
    families
        .try_reserve(table.columns.len())
        .map_err(|_| Error::OutOfMemory)?;
    families.resize(table.columns.len(), None);
    let mut next = 0;
    let bytes = pages.bytes;
    let mut faults = Vec::new();
    walk(
        pages,
        table.root,
        table.offset,
        options,
        &mut faults,
        &mut |row| {
            let number = row.rowid.map_or(Some(next), |rowid| u32::try_from(rowid).ok());
            next += 1;
            if let Some(number) = number.filter(|&number| number < u32::MAX) {
                container.push_numbered(payloads, number as usize, row.payload.iter())?;
            } else {
                let rowid = row.rowid.unwrap_or_default();
                container.push(&format!("{name}/{rowid}"), row.payload.iter())?;
            }
            if let Some(error) = row.fault.clone() {
                tolerate(container, options, error)?;
            }
            each(row)?;
            // The records of a table without rowids have their columns in another order than the schema.
            let (Some(rowid), true) = (row.rowid, row.payload.byte_len() >= LEAST_VALUE) else {
                return Ok(());
            };
            let within = Within::new(bytes, &row.payload);
            let Some(mut record) = Record::read(&within) else {
                return Ok(());
            };
            let mut column = 0;
            while let Some(value) = record.next() {
                if let (true, Some(title)) = (
                    value.is_bytes && value.length >= LEAST_VALUE,
                    table.columns.get(column),
                ) {
                    let end = value
                        .start
                        .saturating_add(value.length)
                        .min(row.payload.byte_len());
                    let extents = row.payload.try_slice(value.start.min(end)..end)?;
                    let title = title.replace('/', "_").replace("{}", "__");
                    match number.filter(|&number| number < u32::MAX) {
                        Some(number) => {
                            let family = match families[column] {
                                Some(family) => family,
                                None => container.family(&format!("{name}/{{}}/{title}"))?,
                            };
                            families[column] = Some(family);
                            container.push_numbered(family, number as usize, extents.iter())?;
                        }
                        None => container.push(&format!("{name}/{rowid}/{title}"), extents.iter())?,
                    }
                }
                column += 1;
            }
            Ok(())
        },
    )?;
    for error in faults {
        tolerate_apart(container, options, error)?;
    }
    Ok(())
}
