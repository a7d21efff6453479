//! Lenient reading: faults are noted, and the reading continues.

use alloc::vec::Vec;

use crate::error::Error;
use crate::formats::{Container, Fault, FormatError, FormatErrorKind, Options};

/// Faults that are kept: a broken file may have one in each few bytes.
const MOST: usize = 4096;

/// Notes a fault of the container's last stream and goes on, where the reading is lenient; else the fault is
/// the error. Memory that is short always is one.
pub(in crate::formats) fn tolerate(
    container: &mut Container,
    options: Options,
    error: FormatError,
) -> Result<(), FormatError> {
    let mut fault = noted(options, error)?;
    if let Some(name) = container
        .len()
        .checked_sub(1)
        .and_then(|last| container.name(last))
    {
        fault.streams = Vec::from([name]);
    }
    keep(container, fault)
}

/// As [`tolerate`], of a fault that touches no stream that is there.
pub(in crate::formats) fn tolerate_apart(
    container: &mut Container,
    options: Options,
    error: FormatError,
) -> Result<(), FormatError> {
    let fault = noted(options, error)?;
    keep(container, fault)
}

fn noted(options: Options, error: FormatError) -> Result<Fault, FormatError> {
    if options.strict || error.kind != FormatErrorKind::Malformed {
        return Err(error);
    }
    Ok(Fault::new(error.offset, error.what))
}

fn keep(container: &mut Container, fault: Fault) -> Result<(), FormatError> {
    if container.faults.len() < MOST {
        container.faults.try_reserve(1).map_err(|_| Error::OutOfMemory)?;
        container.faults.push(fault);
    }
    Ok(())
}
