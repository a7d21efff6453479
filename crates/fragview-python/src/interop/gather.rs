//! `gather()`: contiguous memory for a `with` block, written back at its end.

use std::sync::Mutex;

use fragview::memory::Contiguous;
use pyo3::exceptions::{PyBufferError, PyRuntimeError, PyValueError};
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyTuple};

use crate::buffers::bytes::told;
use crate::buffers::export::memoryview;
use crate::error::exception::{OrRaise, read_only};
use crate::runtime::attach::attach;
use crate::runtime::steps::detach_for;
use crate::view::construct;
use crate::view::copy_out::copy_over;
use crate::view::handle::FragView;
use crate::view::state::State;

/// The context manager that `FragView.gather()` returns.
///
/// >>> with FragView([b'one str', b'ing']).gather(writeback=False) as whole:
/// ...     whole.c_contiguous, bytes(whole[4:])
/// (True, b'string')
#[pyclass(frozen, module = "fragview")]
pub(crate) struct Gather {
    view: Py<FragView>,
    writeback: bool,
    entered: Mutex<Option<Entered>>,
}

/// A view that can't be released, because its memory must be there for the writing back.
struct Hold(Py<FragView>);

impl Drop for Hold {
    fn drop(&mut self) {
        attach(|_| self.0.get().guard().unpin());
    }
}

struct Entered {
    /// The memory that the block works on.
    lent: Py<PyAny>,
    /// The copy to write back, if there is one.
    scratch: Option<Py<PyByteArray>>,
    hold: Hold,
}

impl Gather {
    pub(crate) const fn new(view: Py<FragView>, writeback: bool) -> Self {
        Self {
            view,
            writeback,
            entered: Mutex::new(None),
        }
    }

    fn gather(&self, py: Python<'_>) -> PyResult<Entered> {
        self.view.get().enter()?.pin();
        let hold = Hold(self.view.clone_ref(py));
        let state = self.view.get().enter()?;
        let one_piece = state.byte_count() == 0
            || state.is_contiguous()
                && matches!(
                    state.memory().contiguous(&state.window),
                    Some(Contiguous::Memory(_))
                );
        if one_piece {
            let mut lent = state.duplicate(py);
            lent.readonly |= !self.writeback;
            if let Some(window) = state.window.regroup(state.window.width()) {
                // Up to one item is contiguous; with a step, memoryview would say that it is not.
                lent.window = window;
            }
            let itself = Bound::new(py, FragView::new(lent))?;
            return Ok(Entered {
                lent: memoryview(itself.as_any())?.unbind(),
                scratch: None,
                hold,
            });
        }
        if state.holds_objects() {
            return Err(PyBufferError::new_err(format!(
                "items of format '{}' are addresses of Python objects, which a copy would not keep alive: `fragments` lends the \
                 memory itself",
                state.format.text()
            )));
        }
        let items = state.view();
        let mut copied = Ok(());
        let scratch = PyByteArray::new_with(py, items.byte_len(), |target| {
            copied = copy_over(py, &items, target);
            Ok(())
        })
        .map_err(|error| told(py, error, items.byte_len()))?;
        copied?;
        // A view of the scratch has the format and the shape that a memoryview of the view would have.
        let bytes = construct::from_source(scratch.as_any())?;
        let window = bytes.window.regroup(state.window.width());
        let window =
            window.ok_or_else(|| PyValueError::new_err("the scratch is not a whole number of items"))?;
        let (format, shape) = (state.format.clone(), state.shape.clone());
        // Without writing back the scratch is read-only: writes to it would be lost silently.
        let writes_land = self.writeback && !state.is_readonly();
        let lent = Bound::new(
            py,
            FragView::new(State {
                window,
                format,
                shape,
                readonly: !writes_land,
                ..bytes
            }),
        )?;
        let lent = memoryview(lent.as_any())?.unbind();
        Ok(Entered {
            lent,
            scratch: writes_land.then(|| scratch.unbind()),
            hold,
        })
    }
}

#[pymethods]
impl Gather {
    /// The contiguous memoryview. Until the block ends, release() of the view is a BufferError.
    fn __enter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let taken = || PyRuntimeError::new_err("gather() was entered already; call it once for each block");
        if self.entered.lock().map_err(|_| taken())?.is_some() {
            return Err(taken());
        }
        let entered = self.gather(py)?;
        let lent = entered.lent.bind(py).clone();
        // If two threads entered at once, the replaced value is dropped after the lock: that may run Python
        // code.
        let replaced = self.entered.lock().map_err(|_| taken())?.replace(entered);
        match replaced {
            Some(_) => Err(taken()),
            None => Ok(lent),
        }
    }

    /// Writes the copy back, if there is one, unless an exception ends the block; releases the memoryview.
    #[pyo3(signature = (*exception))]
    fn __exit__(&self, py: Python<'_>, exception: &Bound<'_, PyTuple>) -> PyResult<()> {
        let missing = || PyRuntimeError::new_err("gather() was not entered");
        let Entered { lent, scratch, hold } = self
            .entered
            .lock()
            .map_err(|_| missing())?
            .take()
            .ok_or_else(missing)?;
        let failed = exception.iter().next().is_some_and(|class| !class.is_none());
        let written = scratch.is_some();
        if let Some(scratch) = scratch.filter(|_| !failed) {
            let source = construct::from_source(scratch.bind(py).as_any())?;
            let state = self.view.get().enter()?;
            if state.readonly {
                return Err(read_only());
            }
            let (target, source) = (state.view(), source.view());
            detach_for(py, source.byte_len(), || target.copy_from_view(&source)).or_raise()?;
        }
        drop(hold);
        match lent.bind(py).call_method0(intern!(py, "release")) {
            // The memory itself stays valid after the block, and so does a copy that is not written back. An
            // exception of the block is not hidden.
            Err(error) if error.is_instance_of::<PyBufferError>(py) && (!written || failed) => Ok(()),
            Err(error) if error.is_instance_of::<PyBufferError>(py) => Err(PyBufferError::new_err(
                "the copy was written back, but something still shows it, and what is written there from now on is lost: \
                 release it before the block ends, or gather(writeback=False) to read only",
            )),
            outcome => outcome.map(drop),
        }
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        visit.call(&self.view)?;
        // The lock is held for short moments only; if it is held now, the object is in use and not garbage.
        if let Ok(entered) = self.entered.try_lock()
            && let Some(Entered { lent, scratch, hold }) = entered.as_ref()
        {
            visit.call(lent)?;
            visit.call(scratch)?;
            visit.call(&hold.0)?;
        }
        Ok(())
    }

    fn __clear__(&self) {
        let entered = self.entered.try_lock().map(|mut entered| entered.take());
        drop(entered);
    }
}
