//! Which sources and rows a pickle of a view has: a fragment as a buffer of its own, as a copy, or as a range
//! of a mapped file; a hole as a hole.

use hashbrown::HashMap;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyType;

use crate::buffers::export::BufferOwner;
use crate::interop::pickle::sources::{Plan, copied};
use crate::interop::pickle::stretch::{Place, Stretch};
use crate::ops::fragments::FragmentList;
use crate::runtime::turns::Turns;
use crate::view::construct;
use crate::view::handle::FragView;
use crate::view::state::{PyView, State, bytes_at, flat, view_of};

/// How the bytes of fragments travel.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Means {
    /// A `PickleBuffer` a fragment; nothing is copied here but long rows of small fragments ([`Stretch`]).
    Buffers,
    /// Copies, one for each sequence of fragments.
    Copies,
    /// As copies, mapped files too.
    DeepCopies,
}

/// The plan of a view with gaps, and the step that makes the view of what the plan gives, if that is not
/// the items alone: mapped files and holes travel as they are, gaps included, because they cost nothing.
pub(super) fn gapped_plan<'py>(
    py: Python<'py>,
    state: &State,
    means: Means,
) -> PyResult<(Plan<'py>, Option<isize>)> {
    let (memory, span) = (state.memory(), state.window.span());
    let owners: Vec<&BufferOwner> = memory.owners().collect();
    let mut mapped = HashMap::new();
    let (mut all_free, mut any_free, mut turns) = (true, false, Turns::default());
    for extent in memory.extents(span.clone()) {
        turns.take(py)?;
        let is_free = match extent.place {
            None => true,
            Some(_) if means == Means::DeepCopies => false,
            Some((owner, _)) => {
                if let Some(&known) = mapped.get(&owner) {
                    known
                } else {
                    let known = owners[owner].exporter(py).is_instance(mapped_file(py)?)?;
                    mapped.insert(owner, known);
                    known
                }
            }
        };
        all_free &= is_free;
        any_free |= is_free;
    }
    if all_free {
        let bytes = State::bytes(
            state.memory.clone_ref(py),
            bytes_at(memory, span.start, span.len())?,
            state.readonly,
        );
        return Ok((plan(py, &bytes, means)?, Some(state.window.step())));
    }
    let readonly = state.is_wholly_readonly();
    // Bytes that lie in the gaps are the business of no reader of the pickle, so that they are not copied.
    if !any_free && (readonly || !state.is_readonly()) {
        let mut plan = Plan::new();
        copy_items(py, &state.view(), readonly, &mut plan)?;
        return Ok((plan, None));
    }
    Ok((plan(py, &flat(py, state)?, means)?, None))
}

/// Fragments that are copied as one.
struct FragmentRun {
    start: usize,
    end: usize,
    readonly: bool,
}

/// The plan of a view without gaps. Pre: the items are bytes.
pub(super) fn plan<'py>(py: Python<'py>, state: &State, means: Means) -> PyResult<Plan<'py>> {
    let memory = state.memory();
    let owners: Vec<&BufferOwner> = memory.owners().collect();
    let fragments = FragmentList::of(py, state)?;
    let mut plan = Plan::new();
    // Mapped files by their owner's index, and buffers by what they show.
    let mut files: HashMap<usize, Option<usize>> = HashMap::new();
    let mut stretch = Stretch::default();
    let mut run: Option<FragmentRun> = None;
    let mut at = state.window.span().start;
    let mut turns = Turns::default();
    for (index, extent) in state.view().extents().enumerate() {
        turns.take(py)?;
        let (start, length) = (at, extent.length);
        at += length;
        let window = bytes_at(memory, start, length)?;
        let readonly = state.readonly || !memory.is_writable(&window);
        let Some((owner, offset)) = extent.place else {
            copy(py, state, &mut plan, run.take())?;
            stretch.end(py, state, &fragments, &mut plan)?;
            plan.push([-1, 0, length.cast_signed() as i64, 1]);
            continue;
        };
        if means != Means::DeepCopies
            && let BufferOwner::Native(native) = owners[owner]
            && let Some(original) = native.get().original()
        {
            copy(py, state, &mut plan, run.take())?;
            stretch.end(py, state, &fragments, &mut plan)?;
            plan.push_source(
                view_of_original(original.bind(py), offset, length)?,
                length,
                readonly,
            );
            continue;
        }
        let file = match files.get(&owner) {
            Some(&file) => file,
            None if means == Means::DeepCopies => None,
            None => {
                let exporter = owners[owner].exporter(py);
                let file = exporter.is_instance(mapped_file(py)?)?.then(|| {
                    plan.sources.push(exporter);
                    plan.sources.len() - 1
                });
                files.insert(owner, file);
                file
            }
        };
        if let Some(file) = file {
            copy(py, state, &mut plan, run.take())?;
            stretch.end(py, state, &fragments, &mut plan)?;
            plan.push_range(file, offset, length, readonly);
        } else if means == Means::Buffers {
            let place = Place {
                owner,
                offset,
                length,
                readonly,
            };
            stretch.push(py, state, &fragments, &mut plan, index, start, place)?;
        } else {
            match &mut run {
                Some(run) if run.readonly == readonly => run.end = at,
                _ => {
                    let (end, next) = (at, run.take());
                    copy(py, state, &mut plan, next)?;
                    run = Some(FragmentRun { start, end, readonly });
                }
            }
        }
    }
    copy(py, state, &mut plan, run)?;
    stretch.end(py, state, &fragments, &mut plan)?;
    Ok(plan)
}

/// Bytes of the view that pages were mapped from, as a view of them, which travels as any view does.
fn view_of_original<'py>(
    original: &Bound<'py, PyAny>,
    offset: usize,
    length: usize,
) -> PyResult<Bound<'py, PyAny>> {
    let py = original.py();
    let state = flat(py, &construct::from_source(original)?)?;
    let window = state.window.slice_with_step(offset, length, 1);
    let state = state.with_window(py, window.unwrap_or(state.window));
    Ok(Bound::new(py, FragView::new(state))?.into_any())
}

/// Copies a sequence of fragments: to `bytes` if it is read-only, else to a `bytearray`.
fn copy<'py>(py: Python<'py>, state: &State, plan: &mut Plan<'py>, run: Option<FragmentRun>) -> PyResult<()> {
    let Some(FragmentRun { start, end, readonly }) = run else {
        return Ok(());
    };
    let items = view_of(state.memory(), bytes_at(state.memory(), start, end - start)?);
    copy_items(py, &items, readonly, plan)
}

/// Copies items as a source of their own.
fn copy_items<'py>(
    py: Python<'py>,
    items: &PyView<'_>,
    readonly: bool,
    plan: &mut Plan<'py>,
) -> PyResult<()> {
    plan.push_source(copied(py, items, readonly)?, items.byte_len(), readonly);
    Ok(())
}

fn mapped_file(py: Python<'_>) -> PyResult<&Bound<'_, PyType>> {
    static CLASS: PyOnceLock<Py<PyType>> = PyOnceLock::new();
    CLASS.import(py, "fragview.files", "MappedFile")
}
