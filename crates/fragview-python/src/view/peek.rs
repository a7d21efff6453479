//! Short borrows of a view: `v[i]`, `v[i] = x`, `len(v)` and an iterator's step in the common case.
//!
//! No Python code runs during a look, so the view is borrowed once and not counted. A case that is not
//! common, an error included, is `None`, and is left to the long way.

#![allow(unsafe_code)]

use fragview::format::{Scalar, ScalarValue};
use fragview::geometry::Window;
use fragview::memory::Hint;
use pyo3::prelude::*;

use crate::args::index;
use crate::view::handle::FragView;
use crate::view::state::{Shape, State};
use crate::view::width::{self, dispatch_width, widen};

/// A number that was read.
pub(crate) enum Loaded {
    /// An unsigned byte.
    Byte(u8),
    /// Any other number, by its bits as this machine loads them.
    Number(Scalar, u64),
}

impl FragView {
    /// The number of items, or of rows.
    #[inline]
    pub(crate) fn peek_len(&self) -> Option<usize> {
        // SAFETY: looking runs no Python code.
        let state = unsafe { self.guard().short_borrow() }?;
        (!matches!(state.shape, Shape::Point)).then(|| state.window.len())
    }

    /// The view once more, which holds the memory by itself.
    #[inline(always)]
    #[expect(
        clippy::inline_always,
        reason = "the heart of `v[a:b]`: a call would copy the state once more; measured"
    )]
    pub(crate) fn peek_duplicate(&self, py: Python<'_>) -> Option<State> {
        // SAFETY: to duplicate runs no Python code: it takes a reference, and copies a format.
        let state = unsafe { self.guard().short_borrow() }?;
        Some(state.duplicate(py))
    }

    /// The number at `index`, which counts from the back if it is negative.
    #[inline]
    pub(crate) fn peek_item(&self, index: isize) -> Option<Loaded> {
        // SAFETY: reading runs no Python code.
        let state = unsafe { self.guard().short_borrow() }?;
        if !matches!(state.shape, Shape::Line) {
            return None;
        }
        let offset = offset(&state.window, index)?;
        let memory = state.memory();
        if state.format.is_unsigned_byte() {
            let byte = self.with_hint(|hint| memory.read_with_hint(hint, offset))?;
            return Some(Loaded::Byte(byte));
        }
        let scalar = state.format.scalar()?;
        let bits = dispatch_width!(scalar.size(), Bits => {
            self.with_hint(|hint| memory.read_with_hint::<Bits>(hint, offset)).map(widen)
        });
        Some(Loaded::Number(scalar, bits?))
    }

    /// The number at `index` for an iterator, with a hint of its own; quick near the item before.
    #[inline]
    pub(crate) fn peek_near(&self, index: usize, hint: &mut Hint) -> Option<(Scalar, u64)> {
        // SAFETY: reading runs no Python code.
        let state = unsafe { self.guard().short_borrow() }?;
        let scalar = state.format.scalar()?;
        let (memory, offset) = (state.memory(), state.window.offset(index));
        let bits = dispatch_width!(scalar.size(), Bits => {
            memory.read_near_hint::<Bits>(hint, offset).map(widen)
        });
        Some((scalar, bits?))
    }

    /// The byte at `index` of a view of bytes, if it lies in the fragment of the hint.
    #[inline]
    pub(crate) fn peek_byte(&self, index: usize, hint: Hint) -> Option<u8> {
        // SAFETY: reading runs no Python code.
        let state = unsafe { self.guard().short_borrow() }?;
        state.memory().read_at_hint(hint, state.window.offset(index))
    }

    /// Writes an integer at `index`, if it fits.
    #[inline]
    pub(crate) fn poke_item(&self, index: isize, number: isize) -> Option<()> {
        // SAFETY: writing runs no Python code.
        let state = unsafe { self.guard().short_borrow() }?;
        if state.readonly || !matches!(state.shape, Shape::Line) {
            return None;
        }
        let offset = offset(&state.window, index)?;
        let memory = state.memory();
        if state.format.is_unsigned_byte() {
            return memory.write_at(offset, &u8::try_from(number).ok()?).ok();
        }
        let scalar = state.format.scalar()?;
        if !scalar.is_integer() || scalar.code() == b'P' {
            return None;
        }
        let mut bytes = [0; 8];
        let size = scalar.size();
        let value = ScalarValue::Signed(i64::try_from(number).ok()?);
        scalar.pack(value, &mut bytes[..size]).ok()?;
        width::write(memory, offset, bytes, size).ok()
    }
}

/// Where item `index` begins, counted from the back if it is negative.
#[inline]
fn offset(window: &Window, index: isize) -> Option<usize> {
    index::resolve(index, window.len()).map(|index| window.offset(index))
}
