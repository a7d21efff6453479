//! From buffers to sources: which export keeps a buffer's memory valid, and where its items lie.

use std::collections::BTreeMap;

use fragview::memory::{Builder, Shared, SourceIndex};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyMemoryView;

use crate::errors::OrRaise;
use crate::export::{Layout, Lender, is_buffer};
use crate::view::FragView;

/// Lays buffers end to end; buffers of one exporter share one export.
pub(crate) struct Assembly {
    pub(crate) builder: Builder<Shared<'static>, Lender>,
    /// Sources by the exporter's address and whether they are writable.
    known: BTreeMap<(usize, bool), SourceIndex>,
    last: Option<(SourceIndex, bool)>,
}

impl Assembly {
    pub(crate) const fn new() -> Self {
        Self {
            builder: Builder::new(),
            known: BTreeMap::new(),
            last: None,
        }
    }

    /// Appends a buffer's items in their logical order: one fragment, or one a contiguous run.
    ///
    /// The layout was given by `object`, which still exports it.
    #[inline]
    pub(crate) fn push(&mut self, object: &Bound<'_, PyAny>, layout: &Layout<'_>) -> PyResult<()> {
        if layout.is_contiguous() {
            // Memory within an export that is held already is valid as long as that one, whoever shows it.
            if let Some((source, writable)) = self.last
                && writable != layout.readonly
                && let Some(offset) = self.builder.offset_in(source, layout.address, layout.length)
            {
                return self.builder.push(source, offset, layout.length).or_raise();
            }
            return self.push_contiguous(object, layout);
        }
        let source = self.add(object, &exporter(object)?, layout)?;
        // Items of a table of pointers often touch; those of strides never do, or they would be one run.
        self.builder.merge_touching(layout.suboffsets.is_some());
        let pushed = for_each_run(layout, |address, length| {
            // SAFETY: the export just added keeps the items valid; `add` looked at the same object.
            unsafe { self.builder.push_address(source, address, length) }.or_raise()
        });
        self.builder.merge_touching(false);
        pushed
    }

    fn push_contiguous(&mut self, object: &Bound<'_, PyAny>, layout: &Layout<'_>) -> PyResult<()> {
        let exporter = exporter(object)?;
        let key = (exporter.as_ptr().addr(), !layout.readonly);
        let mut found = self.known.get(&key).copied();
        if found.is_none()
            && !exporter.is(object)
            && is_buffer(&exporter)
            && exporter.cast::<FragView>().is_err()
        {
            // The object under a memoryview: its export serves all slices of it. (A FragView's would be a table.)
            let lender = Lender::borrow(&exporter, &exporter, !layout.readonly)?;
            found = Some(self.remember(lender, key)?);
        }
        let known = found.and_then(|source| {
            Some((
                source,
                self.builder.offset_in(source, layout.address, layout.length)?,
            ))
        });
        if let Some((source, offset)) = known {
            self.last = Some((source, !layout.readonly));
            return self.builder.push(source, offset, layout.length).or_raise();
        }
        let source = self.add(object, &exporter, layout)?;
        let offset = self.builder.offset_in(source, layout.address, layout.length);
        match offset {
            Some(offset) => self.builder.push(source, offset, layout.length).or_raise(),
            // The object exported another memory the second time; then that is the one to show.
            None => self.builder.push(source, 0, layout.length).or_raise(),
        }
    }

    /// Adds an export of `object` itself as a source.
    fn add(
        &mut self,
        object: &Bound<'_, PyAny>,
        exporter: &Bound<'_, PyAny>,
        layout: &Layout<'_>,
    ) -> PyResult<SourceIndex> {
        let lender = Lender::borrow(object, exporter, !layout.readonly)?;
        self.remember(lender, (exporter.as_ptr().addr(), !layout.readonly))
    }

    fn remember(&mut self, lender: Lender, key: (usize, bool)) -> PyResult<SourceIndex> {
        let source = self.builder.add_source(lender).or_raise()?;
        self.known.insert(key, source);
        self.last = Some((source, key.1));
        Ok(source)
    }
}

/// The object that a user calls the exporter: the one under a memoryview, else the object itself.
fn exporter<'py>(object: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    if object.cast::<PyMemoryView>().is_ok() {
        let under = object.getattr(intern!(object.py(), "obj"))?;
        if !under.is_none() {
            return Ok(under);
        }
    }
    Ok(object.clone())
}

/// Calls `visit` with each contiguous run of the items in C order.
fn for_each_run(
    layout: &Layout<'_>,
    mut visit: impl FnMut(*const u8, usize) -> PyResult<()>,
) -> PyResult<()> {
    let strides = layout.strides.unwrap_or(&[]);
    if layout.length == 0 || strides.len() != layout.shape.len() {
        return Ok(());
    }
    // With pointers in between, an item is as much as is known to be in one piece.
    let inner = if layout.suboffsets.is_some() {
        0
    } else {
        layout.contiguous_dimensions()
    };
    let outer = layout.shape.len() - inner;
    let run = layout.shape[outer..]
        .iter()
        .fold(layout.item_size, |size, &count| size * count.unsigned_abs());
    let mut index = vec![0_isize; outer];
    loop {
        visit(address_of(layout, strides, &index), run)?;
        // The next index in C order: the last dimension turns fastest.
        let Some(dimension) = (0..outer)
            .rev()
            .find(|&dimension| index[dimension] + 1 < layout.shape[dimension])
        else {
            return Ok(());
        };
        index[dimension] += 1;
        index[dimension + 1..].fill(0);
    }
}

/// Where the item at `index` lies; PEP 3118's `get_item_pointer`.
fn address_of(layout: &Layout<'_>, strides: &[isize], index: &[isize]) -> *const u8 {
    let mut address = layout.address;
    for (dimension, (&index, &stride)) in index.iter().zip(strides).enumerate() {
        address = address.wrapping_offset(index.wrapping_mul(stride));
        if let Some(&suboffset) = layout.suboffsets.and_then(|suboffsets| suboffsets.get(dimension))
            && suboffset >= 0
        {
            // SAFETY: a suboffset of 0 or more says that a valid pointer lies here (PEP 3118).
            address = unsafe { address.cast::<*const u8>().read_unaligned() }.wrapping_offset(suboffset);
        }
    }
    address
}

/// The lowest address of an item: where offsets in a buffer with gaps count from.
pub(crate) fn lowest(layout: &Layout<'_>) -> *const u8 {
    let mut lowest = layout.address;
    let mut first = true;
    // No error can come out of a visit that raises none.
    let _ = for_each_run(layout, |address, _| {
        if first || address < lowest {
            (lowest, first) = (address, false);
        }
        Ok(())
    });
    lowest
}
