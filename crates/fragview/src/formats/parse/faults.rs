//! Faults that are passed over, or not: an error in a strict reading, a note in a lenient one.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::cell::RefCell;

use super::input::Input;
use crate::error::Error;
use crate::formats::{Container, Fault, FormatError, FormatErrorKind, Options};

/// Faults that are kept; a file of garbage may have one every few bytes.
const MOST: usize = 256;

/// The faults of a file that is being read. It is shared by all that read, so it has interior mutability.
#[derive(Debug)]
pub(in crate::formats) struct Faults {
    strict: bool,
    list: RefCell<Vec<Fault>>,
}

impl Faults {
    /// No faults yet.
    pub(in crate::formats) const fn new(options: Options) -> Self {
        Self {
            strict: options.strict,
            list: RefCell::new(Vec::new()),
        }
    }

    /// True if faults are passed over.
    pub(in crate::formats) const fn lenient(&self) -> bool {
        !self.strict
    }

    /// Passes over a fault: notes it in a lenient reading, and is the error in a strict one.
    pub(in crate::formats) fn pass(&self, error: FormatError) -> Result<(), FormatError> {
        self.pass_in(error, None)
    }

    /// As [`pass`](Self::pass), of a fault by which `stream` misses something.
    pub(in crate::formats) fn pass_in(
        &self,
        error: FormatError,
        stream: Option<String>,
    ) -> Result<(), FormatError> {
        let mut fault = noted(self.strict, error)?;
        fault.streams.extend(stream);
        keep(&mut self.list.borrow_mut(), fault)
    }

    /// As [`pass_in`](Self::pass_in), of the container's last stream.
    pub(in crate::formats) fn pass_last(
        &self,
        error: FormatError,
        container: &Container,
    ) -> Result<(), FormatError> {
        if self.strict {
            return Err(error);
        }
        self.pass_in(error, last_name(container))
    }

    /// The result, or `None` if its fault is passed over.
    pub(in crate::formats) fn ok<T>(&self, result: Result<T, FormatError>) -> Result<Option<T>, FormatError> {
        match result {
            Ok(value) => Ok(Some(value)),
            Err(error) => self.pass(error).map(|()| None),
        }
    }

    /// Notes a fault that a strict reading ignores too.
    pub(in crate::formats) fn note(
        &self,
        offset: usize,
        what: impl Into<Cow<'static, str>>,
    ) -> Result<(), FormatError> {
        self.note_in(offset, what, None)
    }

    /// As [`note`](Self::note), of a fault by which `stream` misses something.
    pub(in crate::formats) fn note_in(
        &self,
        offset: usize,
        what: impl Into<Cow<'static, str>>,
        stream: Option<String>,
    ) -> Result<(), FormatError> {
        let mut fault = Fault::new(offset, what);
        fault.streams.extend(stream);
        keep(&mut self.list.borrow_mut(), fault)
    }

    /// Notes the error of a part that can be left out, in a strict reading too; other errors stay errors.
    pub(in crate::formats) fn leave_out(&self, error: FormatError) -> Result<(), FormatError> {
        if error.kind != FormatErrorKind::Malformed {
            return Err(error);
        }
        self.note(error.offset, error.what)
    }

    /// Where `length` bytes that begin at `offset` end. If that lies past `limit` or past the file's end,
    /// that is a fault, and the end is there. An `offset` past it is an error in any reading.
    pub(in crate::formats) fn end(
        &self,
        input: &Input,
        offset: usize,
        length: impl Into<u64>,
        limit: usize,
    ) -> Result<usize, FormatError> {
        match input.end(offset, length, limit) {
            Ok(end) => Ok(end),
            Err(error) if offset > limit.min(input.len()) => Err(error),
            Err(error) => self.pass(error).map(|()| limit.min(input.len())),
        }
    }

    /// Gives the container the faults so far.
    pub(in crate::formats) fn give(&self, container: &mut Container) {
        container.faults.append(&mut self.list.borrow_mut());
    }
}

/// Notes a fault of the container's last stream and goes on, if the reading is lenient; else the fault is the
/// error. Memory that is short always is one. For formats whose container is there while they read.
pub(in crate::formats) fn tolerate(
    container: &mut Container,
    options: Options,
    error: FormatError,
) -> Result<(), FormatError> {
    let mut fault = noted(options.strict, error)?;
    fault.streams.extend(last_name(container));
    keep(&mut container.faults, fault)
}

/// As [`tolerate`], of a fault that touches no stream that is there.
pub(in crate::formats) fn tolerate_apart(
    container: &mut Container,
    options: Options,
    error: FormatError,
) -> Result<(), FormatError> {
    let fault = noted(options.strict, error)?;
    keep(&mut container.faults, fault)
}

/// The error as a fault, if it is passed over; else the error.
fn noted(strict: bool, error: FormatError) -> Result<Fault, FormatError> {
    if strict || error.kind != FormatErrorKind::Malformed {
        return Err(error);
    }
    Ok(Fault::new(error.offset, error.what))
}

/// Adds a fault to a list, unless there are [`MOST`]: the first that is left out says so.
fn keep(list: &mut Vec<Fault>, fault: Fault) -> Result<(), FormatError> {
    if list.len() > MOST {
        return Ok(());
    }
    list.try_reserve(1).map_err(|_| Error::OutOfMemory)?;
    list.push(if list.len() < MOST {
        fault
    } else {
        Fault::new(fault.offset, "more faults follow, which are not listed")
    });
    Ok(())
}

/// The name of the container's last stream.
pub(in crate::formats) fn last_name(container: &Container) -> Option<String> {
    container.name(container.len().checked_sub(1)?)
}
