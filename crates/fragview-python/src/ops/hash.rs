//! `hash(v)`: the same as `hash(v.tobytes())`, without joining the bytes.
//!
//! CPython hashes bytes by SipHash, with a key that each process draws. No documented call feeds it in parts
//! or gives the key. So the key is read where the interpreter exports it, and tried out against `hash()` of
//! some bytes. Where that fails (another algorithm, another Python), the bytes are joined.

use std::hash::Hasher;

use fragview::View;
use fragview::format::Format;
use fragview::memory::Shared;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyBytes;
use siphasher::sip::{SipHasher13, SipHasher24};

use crate::buffers::memory::PyMemory;
use crate::error::exception::OrRaise;
use crate::ops::fragments::to_bytes;
use crate::runtime::steps::detach_for;
use crate::runtime::turns::Turns;
use crate::view::handle::FragView;
use crate::view::state::State;

/// Bytes that are joined to be hashed, and bytes hashed at a time of more.
const BLOCK: usize = 1 << 16;

/// Bytes hashed between two looks at signals.
const STEP: usize = 1 << 24;

/// CPython's algorithms that can be fed in parts.
#[derive(Clone)]
enum Algorithm {
    Sip13(SipHasher13),
    Sip24(SipHasher24),
}

impl Algorithm {
    /// The interpreter's, with its key; `None` if it is not known.
    fn of(py: Python<'_>) -> Option<&'static Self> {
        static ALGORITHM: PyOnceLock<Option<Algorithm>> = PyOnceLock::new();
        ALGORITHM
            .get_or_init(py, || Self::find(py).ok().flatten())
            .as_ref()
    }

    fn find(py: Python<'_>) -> PyResult<Option<Self>> {
        let information = py.import("sys")?.getattr("hash_info")?;
        let name = information.getattr("algorithm")?.extract::<String>()?;
        let (first, second) = key(py)?;
        let algorithm = match name.as_str() {
            "siphash13" => Self::Sip13(SipHasher13::new_with_keys(first, second)),
            "siphash24" => Self::Sip24(SipHasher24::new_with_keys(first, second)),
            _ => return Ok(None),
        };
        let sample: Vec<u8> = (0..=u8::MAX).cycle().take(1021).collect();
        for length in [64, 255, 1021] {
            let mut tried = algorithm.clone();
            tried.feed(&sample[..length]);
            if tried.result() != PyBytes::new(py, &sample[..length]).hash()? {
                return Ok(None);
            }
        }
        Ok(Some(algorithm))
    }

    fn feed(&mut self, bytes: &[u8]) {
        match self {
            Self::Sip13(hasher) => hasher.write(bytes),
            Self::Sip24(hasher) => hasher.write(bytes),
        }
    }

    /// The hash; -1 is no hash of Python, and -2 stands for it.
    fn result(&self) -> isize {
        let hash = match self {
            Self::Sip13(hasher) => hasher.finish(),
            Self::Sip24(hasher) => hasher.finish(),
        };
        #[expect(
            clippy::cast_possible_truncation,
            reason = "as CPython does, where a hash has 32 bits"
        )]
        let hash = hash.cast_signed() as isize;
        match hash {
            -1 => -2,
            hash => hash,
        }
    }
}

/// The key: the first two numbers of `_Py_HashSecret`.
fn key(py: Python<'_>) -> PyResult<(u64, u64)> {
    let ctypes = py.import("ctypes")?;
    let pair = ctypes.getattr("c_uint64")?.mul(2)?;
    let pair = pair.call_method1("in_dll", (ctypes.getattr("pythonapi")?, "_Py_HashSecret"))?;
    let number = |index: usize| pair.get_item(index)?.extract::<u64>().map(u64::to_le);
    Ok((number(0)?, number(1)?))
}

pub(crate) fn hash(view: &Bound<'_, FragView>) -> PyResult<isize> {
    let py = view.py();
    // Entered to the end: an exporter's own hash must not release the view.
    let state = view.get().enter()?;
    if !state.is_readonly() {
        return Err(PyValueError::new_err("cannot hash writable memoryview object"));
    }
    if !Format::is_byte(&state.format) {
        return Err(PyValueError::new_err(
            "memoryview: hashing is restricted to formats 'B', 'b' or 'c'",
        ));
    }
    // An exporter that cannot be hashed may change, and keeps its own words.
    for exporter in crate::ops::extents::exporters(py, &state) {
        exporter.hash()?;
    }
    if state.byte_count() > BLOCK
        && let Some(algorithm) = Algorithm::of(py)
    {
        return in_blocks(py, &state, algorithm.clone());
    }
    to_bytes(py, view.get(), "C")?.hash()
}

/// The hash of the bytes, a block at a time. Over 1 MiB other Python threads run meanwhile.
fn in_blocks(py: Python<'_>, state: &State, mut algorithm: Algorithm) -> PyResult<isize> {
    let mut block = vec![0; BLOCK];
    let mut turns = Turns::default();
    let items = state.view();
    if items.item_size() == 1 {
        feed(py, &items.into_bytes().or_raise()?, &mut algorithm, &mut block)?;
    } else if items.is_contiguous() {
        feed(py, &items.into_cast().or_raise()?, &mut algorithm, &mut block)?;
    } else {
        // Rows with gaps between them.
        for row in 0..items.len() {
            turns.take(py)?;
            let row = items.slice(row..=row).or_raise()?.into_cast().or_raise()?;
            feed(py, &row, &mut algorithm, &mut block)?;
        }
    }
    Ok(algorithm.result())
}

fn feed(
    py: Python<'_>,
    bytes: &View<Shared<'static>, u8, &PyMemory>,
    algorithm: &mut Algorithm,
    block: &mut [u8],
) -> PyResult<()> {
    for first in (0..bytes.len()).step_by(STEP) {
        let end = bytes.len().min(first + STEP);
        if first > 0 {
            py.check_signals()?;
        }
        let work = || {
            for at in (first..end).step_by(block.len()) {
                let part = bytes.slice(at..end.min(at + block.len()))?;
                let block = &mut block[..part.len()];
                part.copy_to_slice(block)?;
                algorithm.feed(block);
            }
            Ok(())
        };
        detach_for(py, end - first, work).or_raise()?;
    }
    Ok(())
}
