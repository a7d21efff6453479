//! The columns of a Parquet file.

use alloc::format;
use alloc::vec::Vec;

use super::footer::{end_of, for_each_chunk};
use super::name::NAME;
use super::pages::for_each_page;
use crate::error::Error;
use crate::formats::parse::checksum::{GZIP, Sum};
use crate::formats::parse::faults::Faults;
use crate::formats::parse::input::Input;
use crate::formats::{Container, FormatError, Options};
use crate::{Bytes, array};

/// True if the file begins with the magic.
pub(crate) fn detect(bytes: &dyn Bytes) -> bool {
    array(bytes, 0) == Some(*b"PAR1")
}

/// The columns of a Parquet file. O(metadata + pages); reads the metadata and the pages' headers.
///
/// # Errors
///
/// The file breaks a rule of the format's structure.
///
/// ```
/// use fragview::formats::{Options, parquet};
/// let mut file = b"PAR1\x15\0\x15\x08\x15\x08\0body".to_vec(); // a data page of 4 bytes
/// let groups = b"\x49\x1c\x19\x1c"; // row groups, a list of one; its columns, a list of one
/// let column = b"\x3c\x39\x18\x01a\x46\x16\x26\x08\0\0"; // its path, its 11 bytes, where they begin
/// file.extend([&groups[..], column, b"\0\0\x11\0\0\0PAR1"].concat());
/// let container = parquet::open(&file, Options::default())?;
/// let names: Vec<_> = container.names().collect();
/// assert_eq!(names, ["a", "a.page[0]"]);
/// assert_eq!(container.extents(1), Some([(11, 4)].into_iter().collect()));
/// # Ok::<(), fragview::formats::FormatError>(())
/// ```
pub fn open(bytes: &dyn Bytes, options: Options) -> Result<Container, FormatError> {
    let input = Input::little(bytes, NAME);
    let faults = Faults::new(options);
    if !detect(bytes) {
        return input.fault(0, "no Parquet signature");
    }
    let mut container = Container::new(NAME);
    // For each column the families of its data and of its dictionary pages.
    let mut columns = Vec::new();
    let mut end = input.len();
    if faults.lenient()
        && let Some(found) = end_of(input)
        && found < end
    {
        faults.note(found, "bytes behind the magic at the end")?;
        end = found;
    }
    let result = for_each_chunk(input, end, |chunk| {
        if columns.len() == chunk.column {
            let name = chunk.name()?;
            let pages = container.family(&format!("{name}.page[{{}}]"))?;
            let dictionaries = container.family(&format!("{name}.dictionary[{{}}]"))?;
            container.push_joined(&name, pages)?;
            container.codec_last(chunk.codec)?;
            columns.try_reserve(1).map_err(|_| Error::OutOfMemory)?;
            columns.push([pages, dictionaries]);
        }
        let Some(&[pages, dictionaries]) = columns.get(chunk.column) else {
            return input.fault(
                chunk.start,
                "a row group whose columns differ from the first one's",
            );
        };
        let result = for_each_page(input, chunk.start, chunk.end, |page| {
            let family = if page.is_dictionary { dictionaries } else { pages };
            container.push_in(family, [(page.start, page.end - page.start)])?;
            container.codec_last(chunk.codec)
        });
        faults.ok(result)?;
        Ok(())
    });
    match result {
        // Nothing tells their columns, nor the end of the last one.
        Err(error) if columns.is_empty() => {
            faults.pass(error)?;
            let pages = container.family("page[{}]")?;
            let dictionaries = container.family("dictionary[{}]")?;
            let result = for_each_page(input, 4, end, |page| {
                let family = if page.is_dictionary { dictionaries } else { pages };
                container.push_in(family, [(page.start, page.end - page.start)])
            });
            faults.ok(result)?;
            faults.give(&mut container);
            return Ok(container);
        }
        result => faults.ok(result)?,
    };
    if columns.is_empty() {
        return input.fault(input.len() - 8, "no columns");
    }
    faults.give(&mut container);
    Ok(container)
}

/// Checks the CRC of each page that has one. O(bytes).
///
/// # Errors
///
/// The first CRC that is wrong.
pub fn verify(bytes: &dyn Bytes, _container: &Container) -> Result<(), FormatError> {
    let input = Input::little(bytes, NAME);
    for_each_chunk(input, input.len(), |chunk| {
        for_each_page(input, chunk.start, chunk.end, |page| {
            if let Some(checksum) = page.checksum {
                let sum = Sum::new(input, &GZIP).range(page.start, page.end - page.start)?;
                if sum.value() != checksum {
                    return input.fault(page.start, "the CRC of a page is wrong");
                }
            }
            Ok(())
        })
    })
}
