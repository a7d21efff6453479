//! From buffers to sources: which export keeps a buffer's memory valid, and where its items lie.

use std::collections::BTreeMap;

use fragview::geometry::Window;
use fragview::memory::{Builder, Contiguous, Owner, Shared, SourceIndex};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::PyMemoryView;

use crate::buffers::export::BufferOwner;
use crate::buffers::layout::{Layout, for_each_run, is_buffer};
use crate::error::exception::OrRaise;
use crate::runtime::steps::Pacer;
use crate::view::handle::FragView;
use crate::view::state::{bytes_at, view_of};

/// Lays buffers end to end; buffers of one source share one export.
pub(crate) struct Assembly {
    pub(crate) builder: Builder<Shared<'static>, BufferOwner>,
    /// Sources by their address.
    known: BTreeMap<usize, SourceIndex>,
    last: Option<SourceIndex>,
}

impl Assembly {
    pub(crate) const fn new() -> Self {
        Self {
            builder: Builder::new(),
            known: BTreeMap::new(),
            last: None,
        }
    }

    /// Appends a buffer's items in their logical order: one fragment, or one for each contiguous range.
    ///
    /// The layout was given by `object`, which still exports it.
    #[inline]
    pub(crate) fn push(&mut self, object: &Bound<'_, PyAny>, layout: &Layout<'_>) -> PyResult<()> {
        // A read-only memoryview of a writable source stays read-only.
        self.builder.set_readonly(layout.readonly);
        let pushed = self.push_items(object, layout);
        self.builder.set_readonly(false);
        pushed
    }

    #[inline]
    fn push_items(&mut self, object: &Bound<'_, PyAny>, layout: &Layout<'_>) -> PyResult<()> {
        // Memory within an export that is held already stays valid with it, whichever object shows the
        // memory.
        if let Some(source) = self.last
            && layout.is_contiguous()
            && let Some(offset) = self.builder.offset_in(source, layout.address, layout.length)
        {
            return self.builder.push(source, offset, layout.length).or_raise();
        }
        let exporter = exporter(object)?;
        if let Ok(view) = exporter.cast::<FragView>()
            && !exporter.is(object)
        {
            return self.push_shown(object.py(), view.get(), layout);
        }
        if layout.length == 0 && !exporter.is(object) {
            return Ok(());
        }
        let candidates = self.candidates(object, &exporter)?;
        if self.push_within(&candidates, layout)? {
            return Ok(());
        }
        let source = self.remember(BufferOwner::borrow(object, &exporter)?, &exporter)?;
        // The export that is held, perhaps an earlier one, tells where the items are: an object may show
        // another memory each time.
        let Some(owner) = self.builder.owner(source).cloned() else {
            return Ok(());
        };
        let Some(held) = owner.layout() else {
            return self.push_whole(source, &owner);
        };
        if held.is_contiguous() {
            return self.push_whole(source, &owner);
        }
        BufferOwner::push_runs(&mut self.builder, source)
    }

    /// Appends the memory of a buffer whose items lie one step apart, as one fragment with the gaps, and
    /// gives the window that shows the items alone. `None`, and nothing is appended, if the items do not
    /// lie so. Pre: nothing is here yet.
    ///
    /// Nothing but that window reaches the fragment's bytes, so those between the items are neither read nor
    /// written.
    pub(crate) fn push_strided(
        &mut self,
        object: &Bound<'_, PyAny>,
        layout: &Layout<'_>,
    ) -> PyResult<Option<Window>> {
        let Some(items) = layout.one_step() else {
            return Ok(None);
        };
        self.builder.set_readonly(layout.readonly);
        let pushed = self.push_gappy(object, layout, items);
        self.builder.set_readonly(false);
        pushed
    }

    fn push_gappy(
        &mut self,
        object: &Bound<'_, PyAny>,
        layout: &Layout<'_>,
        (count, step): (usize, isize),
    ) -> PyResult<Option<Window>> {
        let width = layout.item_size;
        let window = |length, first| Window::strided(length, first, count, step, width);
        if count == 0 {
            self.push_items(object, layout)?;
            return Ok(window(self.builder.len(), 0));
        }
        let Some((lowest, length, first)) = layout.span((count, step)) else {
            return Ok(None);
        };
        let exporter = exporter(object)?;
        if let Ok(view) = exporter.cast::<FragView>()
            && !exporter.is(object)
        {
            let shown = self.push_shown_span(object.py(), view.get(), lowest.addr(), length)?;
            return Ok(window(length, first).filter(|_| shown));
        }
        for source in self.candidates(object, &exporter)? {
            if let Some(offset) = self.builder.offset_in(source, lowest, length) {
                self.builder.push(source, offset, length).or_raise()?;
                return Ok(window(length, first));
            }
        }
        let source = self.remember(BufferOwner::borrow(object, &exporter)?, &exporter)?;
        // As in `push_items`: the export that is held tells where the items are.
        let lender = self.builder.owner(source).cloned();
        match lender {
            Some(lender) => lender.push_strided(&mut self.builder, source, width),
            None => Ok(None),
        }
    }

    /// Appends `length` bytes from `lowest` on, if they lie in one fragment of the view; says whether they
    /// do. O(fragments).
    fn push_shown_span(
        &mut self,
        py: Python<'_>,
        view: &FragView,
        lowest: usize,
        length: usize,
    ) -> PyResult<bool> {
        let state = view.enter()?;
        let memory = state.memory();
        let mut pacer = Pacer::QUICK;
        for index in memory.fragments_in(state.window.span()) {
            pacer.turn(py)?;
            let range = memory.fragment_range(index).unwrap_or(0..0);
            let bytes = bytes_at(memory, range.start, range.len())?;
            let Some(Contiguous::Memory(first)) = memory.contiguous(&bytes) else {
                continue;
            };
            let Some(offset) = lowest.checked_sub(first.addr()) else {
                continue;
            };
            if offset.checked_add(length).is_some_and(|end| end <= range.len()) {
                let part = bytes_at(memory, range.start + offset, length)?;
                self.builder.push_view(&view_of(memory, part)).or_raise()?;
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn push_whole(&mut self, source: SourceIndex, owner: &BufferOwner) -> PyResult<()> {
        self.builder.push(source, 0, owner.memory().1).or_raise()
    }

    /// Sources that may hold the memory that `object` shows: the one under it, if that is another object or
    /// was met before.
    fn candidates(
        &mut self,
        object: &Bound<'_, PyAny>,
        exporter: &Bound<'_, PyAny>,
    ) -> PyResult<Vec<SourceIndex>> {
        if let Some(&source) = self.known.get(&exporter.as_ptr().addr()) {
            self.last = Some(source);
            return Ok(vec![source]);
        }
        if exporter.is(object) {
            return Ok(Vec::new());
        }
        if !is_buffer(exporter) {
            return Ok(Vec::new());
        }
        // The object under a memoryview: its export serves all slices of it.
        let owner = BufferOwner::borrow(exporter, exporter)?;
        Ok(vec![self.remember(owner, exporter)?])
    }

    /// Appends the items that a memoryview of a FragView shows: the fragments they lie in, so that no chain
    /// of views of views grows. An item outside of them lies in a hole.
    fn push_shown(&mut self, py: Python<'_>, view: &FragView, layout: &Layout<'_>) -> PyResult<()> {
        let state = view.enter()?;
        let memory = state.memory();
        // Fragments by address; of those that begin at or before one, the one that reaches farthest.
        let mut fragments = Vec::new();
        let mut pacer = Pacer::QUICK;
        for index in memory.fragments_in(state.window.span()) {
            pacer.turn(py)?;
            let range = memory.fragment_range(index).unwrap_or(0..0);
            let bytes = bytes_at(memory, range.start, range.len())?;
            if let Some(Contiguous::Memory(first)) = memory.contiguous(&bytes) {
                fragments.push((first.addr(), range));
            }
        }
        fragments.sort_unstable_by_key(|&(first, _)| first);
        let mut farthest = 0;
        let reach: Vec<usize> = (0..fragments.len())
            .map(|index| {
                let end = |index: usize| fragments[index].0 + fragments[index].1.len();
                farthest = if end(index) > end(farthest) {
                    index
                } else {
                    farthest
                };
                farthest
            })
            .collect();
        self.for_each_merged_run(layout, |builder, address, mut length| {
            let mut address = address.addr();
            while length > 0 {
                let before = fragments.partition_point(|&(first, _)| first <= address);
                let place = before.checked_sub(1).map(|before| &fragments[reach[before]]);
                let Some((first, range)) = place.filter(|(first, range)| address - first < range.len())
                else {
                    return builder.push_hole(length).or_raise();
                };
                let part = length.min(range.len() - (address - first));
                let bytes = bytes_at(memory, range.start + (address - first), part)?;
                builder.push_view(&view_of(memory, bytes)).or_raise()?;
                (address, length) = (address + part, length - part);
            }
            Ok(())
        })
    }

    /// Appends the items if they all lie in these sources; says whether they do.
    fn push_within(&mut self, candidates: &[SourceIndex], layout: &Layout<'_>) -> PyResult<bool> {
        let mut ranges: Vec<_> = candidates
            .iter()
            .filter_map(|&source| Some((self.builder.source_range(source)?, source)))
            .filter(|(range, _)| !range.is_empty())
            .collect();
        ranges.sort_unstable_by_key(|(range, _)| range.start);
        let find = |address: *const u8, length: usize| {
            let after = ranges.partition_point(|(range, _)| range.start <= address.addr());
            let (range, source) = ranges.get(after.checked_sub(1)?)?;
            let offset = address.addr() - range.start;
            (offset.checked_add(length)? <= range.len()).then_some((*source, offset))
        };
        if layout.length == 0 {
            return Ok(!candidates.is_empty());
        }
        let mut within = true;
        for_each_run(layout, |address, length| {
            within &= find(address, length).is_some();
            Ok(())
        })?;
        if !within {
            return Ok(false);
        }
        self.for_each_merged_run(layout, |builder, address, length| match find(address, length) {
            Some((source, offset)) => builder.push(source, offset, length).or_raise(),
            None => Ok(()),
        })?;
        Ok(true)
    }

    /// As [`for_each_run`]; runs that touch become one fragment if the layout does not know which of them
    /// do.
    fn for_each_merged_run(
        &mut self,
        layout: &Layout<'_>,
        mut push: impl FnMut(&mut Builder<Shared<'static>, BufferOwner>, *const u8, usize) -> PyResult<()>,
    ) -> PyResult<()> {
        self.builder.merge_touching(layout.suboffsets.is_some());
        let pushed = for_each_run(layout, |address, length| push(&mut self.builder, address, length));
        self.builder.merge_touching(false);
        pushed
    }

    fn remember(&mut self, owner: BufferOwner, exporter: &Bound<'_, PyAny>) -> PyResult<SourceIndex> {
        let source = self.builder.add_source(owner).or_raise()?;
        self.known.insert(exporter.as_ptr().addr(), source);
        self.last = Some(source);
        Ok(source)
    }
}

/// The object that users call the source: the one under a memoryview, else the object itself.
fn exporter<'py>(object: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    if object.cast::<PyMemoryView>().is_ok() {
        let under = object.getattr(intern!(object.py(), "obj"))?;
        if !under.is_none() {
            return Ok(under);
        }
    }
    Ok(object.clone())
}
