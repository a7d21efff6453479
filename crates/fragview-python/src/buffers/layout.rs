//! The layout of a buffer's memory (PEP 3118): where its items lie, by shape, strides and suboffsets.

#![allow(unsafe_code)]

use std::ffi::CStr;
use std::mem::MaybeUninit;

use fragview::Error;
use pyo3::ffi;
use pyo3::prelude::*;

use crate::error::exception::exception;
use crate::runtime::attach::attach;

/// A buffer of an object, released when it is dropped.
///
/// It is boxed and stays where it is, because exporters may point into it.
pub(crate) struct RawBuffer(Box<ffi::Py_buffer>);

// SAFETY: a `Py_buffer` is plain data that says where memory is; it is filled and released with the
// interpreter.
unsafe impl Send for RawBuffer {}
// SAFETY: as above; nothing changes it between.
unsafe impl Sync for RawBuffer {}

impl RawBuffer {
    /// Asks `object` for its buffer, whatever its layout.
    pub(crate) fn get(object: &Bound<'_, PyAny>) -> PyResult<Self> {
        // SAFETY: all-zero is a valid `Py_buffer`: one that is not filled yet.
        let mut buffer = Box::new(unsafe { MaybeUninit::<ffi::Py_buffer>::zeroed().assume_init() });
        // SAFETY: the object is valid and the buffer writable; it stays in its box from here on.
        if unsafe { ffi::PyObject_GetBuffer(object.as_ptr(), &raw mut *buffer, ffi::PyBUF_FULL_RO) } != 0 {
            return Err(PyErr::fetch(object.py()));
        }
        Ok(Self(buffer))
    }

    /// The object that the buffer holds a reference to, if any.
    pub(crate) fn object<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyAny>> {
        // SAFETY: a filled buffer holds a reference to its object, or null.
        unsafe { Bound::from_borrowed_ptr_or_opt(py, self.0.obj) }
    }

    pub(crate) fn layout(&self) -> Layout<'_> {
        // SAFETY: the buffer was filled for `PyBUF_FULL_RO` and is released when this is dropped.
        unsafe { layout(&self.0) }
    }
}

impl Drop for RawBuffer {
    fn drop(&mut self) {
        attach(|_| {
            // SAFETY: it was filled by `PyObject_GetBuffer` and is released once.
            unsafe { ffi::PyBuffer_Release(&raw mut *self.0) };
        });
    }
}

/// True if the object has the buffer protocol. O(1).
#[inline]
pub(crate) fn is_buffer(object: &Bound<'_, PyAny>) -> bool {
    // SAFETY: the object is valid.
    unsafe { ffi::PyObject_CheckBuffer(object.as_ptr()) != 0 }
}

/// A buffer's description of its memory, which owns nothing.
#[derive(Clone, Copy)]
pub(crate) struct Layout<'b> {
    pub(crate) address: *const u8,
    pub(crate) length: usize,
    pub(crate) item_size: usize,
    pub(crate) readonly: bool,
    pub(crate) format: &'b CStr,
    pub(crate) shape: &'b [isize],
    pub(crate) strides: Option<&'b [isize]>,
    pub(crate) suboffsets: Option<&'b [isize]>,
}

/// Asks `object` for its buffer, whatever its layout, hands the layout to `see`, and releases it again.
///
/// For short looks: the buffer stays on the stack.
#[inline]
pub(crate) fn with_layout<R>(
    object: &Bound<'_, PyAny>,
    see: impl FnOnce(&Layout<'_>) -> PyResult<R>,
) -> PyResult<R> {
    struct Release<'b>(&'b mut ffi::Py_buffer);
    impl Drop for Release<'_> {
        fn drop(&mut self) {
            // SAFETY: it was filled by `PyObject_GetBuffer`, is released once, and the interpreter is
            // attached.
            unsafe { ffi::PyBuffer_Release(self.0) };
        }
    }
    let mut buffer = MaybeUninit::zeroed();
    // SAFETY: the object is valid and the buffer is writable; on success it is filled.
    let status = unsafe { ffi::PyObject_GetBuffer(object.as_ptr(), buffer.as_mut_ptr(), ffi::PyBUF_FULL_RO) };
    if status != 0 {
        return Err(PyErr::fetch(object.py()));
    }
    // SAFETY: filled; all-zero was valid before, too.
    let buffer = Release(unsafe { buffer.assume_init_mut() });
    // SAFETY: the buffer is filled and not released before `see` is done.
    see(&unsafe { layout(buffer.0) })
}

/// # Safety
/// The buffer was filled for `PyBUF_FULL_RO` and is not released during `'b`.
unsafe fn layout(buffer: &ffi::Py_buffer) -> Layout<'_> {
    let dimensions = usize::try_from(buffer.ndim).unwrap_or(0);
    let numbers = |first: *mut isize| {
        // SAFETY: if they are given, there is one number a dimension.
        (!first.is_null() && dimensions > 0).then(|| unsafe { std::slice::from_raw_parts(first, dimensions) })
    };
    let format = if buffer.format.is_null() {
        c"B"
    } else {
        // SAFETY: if it is given, it is a C string that lives as long as the export.
        unsafe { CStr::from_ptr(buffer.format) }
    };
    Layout {
        address: buffer.buf.cast_const().cast(),
        length: usize::try_from(buffer.len).unwrap_or(0),
        item_size: usize::try_from(buffer.itemsize).unwrap_or(0),
        // A write of an object's address must count its references, which is not done here.
        readonly: buffer.readonly != 0 || holds_objects(format.to_bytes()),
        format,
        shape: numbers(buffer.shape).unwrap_or(&[]),
        strides: numbers(buffer.strides),
        suboffsets: numbers(buffer.suboffsets),
    }
}

/// True if items of this format have addresses of Python objects in them (`O`). Names of fields stand
/// between colons.
pub(crate) fn holds_objects(format: &[u8]) -> bool {
    let mut in_name = false;
    format.iter().any(|&letter| {
        in_name ^= letter == b':';
        letter == b'O' && !in_name
    })
}

impl Layout<'_> {
    /// True if the items follow each other in memory in their logical order.
    #[inline]
    pub(crate) fn is_contiguous(&self) -> bool {
        if self
            .suboffsets
            .is_some_and(|suboffsets| suboffsets.iter().any(|&suboffset| suboffset >= 0))
        {
            return false;
        }
        self.length == 0 || self.contiguous_dimensions() == self.shape.len()
    }

    /// The items in C order as one dimension, if one step leads from each to the next: how many there are,
    /// and the step in bytes. `None` if the steps differ, and if the items follow each other without
    /// gaps. O(dimensions).
    pub(crate) fn one_step(&self) -> Option<(usize, isize)> {
        let strides = self.strides.filter(|strides| strides.len() == self.shape.len())?;
        if self.suboffsets.is_some() || self.item_size == 0 {
            return None;
        }
        let (count, step) = if let (&[count], &[step]) = (self.shape, strides) {
            (count.unsigned_abs(), step)
        } else {
            let (mut total, mut step) = (1_usize, self.item_size.cast_signed());
            for (&count, &stride) in self.shape.iter().zip(strides).rev() {
                match count {
                    1 => {}
                    _ if total == 1 => (total, step) = (count.unsigned_abs(), stride),
                    _ if step.checked_mul(total.cast_signed()) == Some(stride) => {
                        total = total.checked_mul(count.unsigned_abs())?;
                    }
                    _ => return None,
                }
            }
            (total, step)
        };
        (step != self.item_size.cast_signed() && count.checked_mul(self.item_size) == Some(self.length))
            .then_some((count, step))
    }

    /// Where the bytes of `count` items lie that are `step` bytes apart, gaps included: the lowest address,
    /// the bytes from it on, and the place of the first item in them. `None` if there are none, or more
    /// than memory has.
    pub(crate) fn span(&self, (count, step): (usize, isize)) -> Option<(*const u8, usize, usize)> {
        let reach = isize::try_from(count.checked_sub(1)?).ok()?.checked_mul(step)?;
        let length = reach.unsigned_abs().checked_add(self.item_size)?;
        isize::try_from(length).ok()?;
        let first = reach.min(0).unsigned_abs();
        Some((self.address.wrapping_sub(first), length, first))
    }

    /// How many of the last dimensions together are one contiguous block.
    pub(crate) fn contiguous_dimensions(&self) -> usize {
        let Some(strides) = self.strides else {
            return self.shape.len();
        };
        let mut block = self.item_size.cast_signed();
        let dimensions = self.shape.iter().zip(strides).rev();
        dimensions
            .take_while(|&(&count, &stride)| {
                let joins = count <= 1 || stride == block;
                block = block.wrapping_mul(count);
                joins
            })
            .count()
    }
}

/// Calls `visit` with each contiguous range of the items in C order.
pub(crate) fn for_each_run(
    layout: &Layout<'_>,
    mut visit: impl FnMut(*const u8, usize) -> PyResult<()>,
) -> PyResult<()> {
    if layout.length == 0 {
        return Ok(());
    }
    let Some(strides) = layout
        .strides
        .filter(|strides| strides.len() == layout.shape.len())
    else {
        // Without strides a buffer is contiguous.
        return visit(layout.address, layout.length);
    };
    // With suboffsets, each item is a contiguous range of its own.
    let inner = if layout.suboffsets.is_some() {
        0
    } else {
        layout.contiguous_dimensions()
    };
    let outer = layout.shape.len() - inner;
    let run = layout.shape[outer..]
        .iter()
        .fold(layout.item_size, |size, &count| size * count.unsigned_abs());
    // Before the first of them is looked at: more than a view can have would take forever to count.
    let runs = layout.shape[..outer]
        .iter()
        .try_fold(1_u32, |runs, &count| runs.checked_mul(count.try_into().ok()?));
    if runs.is_none() {
        return Err(exception(Error::TooManyFragments));
    }
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

/// The place of the item at `index`; PEP 3118's `get_item_pointer`.
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

/// The lowest address of an item: where offsets in a buffer with gaps count from. With pointers in between,
/// O(items).
pub(crate) fn lowest(layout: &Layout<'_>) -> *const u8 {
    if let (None, Some(strides)) = (layout.suboffsets, layout.strides) {
        let down = |(&count, &stride): (&isize, &isize)| stride.min(0).wrapping_mul(count - 1);
        return layout
            .address
            .wrapping_offset(layout.shape.iter().zip(strides).map(down).sum());
    }
    let mut lowest: Option<*const u8> = None;
    // No error can come out of a visit that raises none; more runs than a view can have are refused
    // elsewhere.
    let _ = for_each_run(layout, |address, _| {
        lowest = Some(lowest.map_or(address, |lowest| lowest.min(address)));
        Ok(())
    });
    lowest.unwrap_or(layout.address)
}
