//! `FragBuffer.find`: a short search is a step; a long one lets other threads run.

use fragview::search::{Finder, Step};
use pyo3::prelude::*;

use crate::args::integer;
use crate::error::exception::OrRaise;
use crate::runtime::steps::{LONG, in_steps};
use crate::search::bytes::Needle;
use crate::stream::frag_buffer::{FragBuffer, Queue, step};

/// The offset of the first occurrence of a needle at or after `start`.
pub(super) fn find(
    buffer: &Bound<'_, FragBuffer>,
    needle: &Bound<'_, PyAny>,
    start: Option<&Bound<'_, PyAny>>,
) -> PyResult<Option<usize>> {
    let py = buffer.py();
    let needle = Needle::fetch(needle)?;
    let start = match start {
        Some(start) => integer::bounds(start, py.None().bind(py))?.0,
        None => 0,
    };
    // The length first: a needle that is longer than all there is need not be copied.
    let length = step(buffer, |all| all.len());
    let start = if start < 0 {
        length.saturating_add_signed(start)
    } else {
        start.cast_unsigned()
    };
    if start > length || needle.len() > length - start {
        return Ok(None);
    }
    needle.with(|needle| {
        let found = step(buffer, |all| {
            let length = all.len();
            if start < length && length - start > LONG {
                let rest = all.part_with(start..length, |owner| owner.clone_ref(py))?;
                return Ok(Found::Later(rest, start));
            }
            all.find(needle, start).map(Found::Now)
        });
        match found.or_raise()? {
            Found::Now(found) => Ok(found),
            // The bytes as they are now, whatever other threads append and consume meanwhile.
            Found::Later(rest, start) => {
                let (finder, mut at) = (Finder::new(needle), 0);
                in_steps(py, LONG, |bytes| {
                    match rest.find_within(&finder, &mut at, bytes) {
                        Ok(Step::Found(at)) => Some(Ok(Some(start + at))),
                        Ok(Step::End) => Some(Ok(None)),
                        Ok(Step::Paused) => None,
                        Err(error) => Some(Err(error)),
                    }
                })?
                .or_raise()
            }
        }
    })
}

/// The result of a search, or the bytes that are still to search while other threads run.
enum Found {
    Now(Option<usize>),
    Later(Queue, usize),
}
