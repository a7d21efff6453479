//! Extents of a source as a view of their own.

use fragview::format::Format;
use fragview::geometry::{Extents, Window};
use fragview::memory::Builder;
use fragview::{Error, Interrupt, View};
use pyo3::prelude::*;

use crate::buffers::memory::{PyMemory, SharedMemory};
use crate::error::exception::OrRaise;
use crate::runtime::interruptible::with_interrupt;
use crate::view::handle::FragView;
use crate::view::state::{Shape, State};

/// More extents than this let other Python threads run meanwhile.
const MANY: usize = 1 << 12;

/// The bytes of `source`, a view of bytes without gaps, that `extents` name.
pub(crate) fn view_of_extents(py: Python<'_>, source: &State, extents: &Extents) -> PyResult<FragView> {
    let memory = if extents.len() > MANY {
        with_interrupt(py, |interrupt| pick(source, extents, interrupt))?
    } else {
        pick(source, extents, &mut Interrupt::never())
    }
    .or_raise()?;
    let window = Window::whole(memory.len());
    Ok(FragView::new(State {
        memory: SharedMemory::hold(py, memory)?,
        window,
        format: Format::BYTE,
        shape: Shape::Line,
        readonly: source.readonly,
        no_suboffsets: source.no_suboffsets,
    }))
}

fn pick(source: &State, extents: &Extents, interrupt: &mut Interrupt<'_>) -> Result<PyMemory, Error> {
    let mut builder = Builder::new();
    builder.merge_touching(true);
    builder.set_readonly(source.readonly);
    let mut turns = Ok(());
    let heeded = extents.iter().map_while(|extent| {
        turns = interrupt.turns(1);
        turns.is_ok().then_some(extent)
    });
    builder.push_extents(&View::into_cast::<u8>(source.view())?, heeded)?;
    turns?;
    Ok(builder.finish())
}
