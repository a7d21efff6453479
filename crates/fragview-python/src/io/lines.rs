//! Lines of a file: one, or all that are left.

use std::io::BufRead;
use std::sync::atomic::Ordering;

use fragview::search::{Finder, Step};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList};

use crate::buffers::bytes::bytes_from;
use crate::error::exception::{OrRaise, no_memory};
use crate::io::file::{FragFile, SHORT, bytes_at, bytes_of};
use crate::runtime::steps::{LONG, in_steps};
use crate::runtime::turns::pause;

/// Bytes that are cut into lines at a time. Between two such blocks the handlers of signals run, and other
/// threads.
const BLOCK: usize = 1 << 16;

/// The length of the line at the front of `bytes`, with its end; that of all bytes if the line does not end.
fn front_line(mut bytes: &[u8]) -> usize {
    let length = bytes.len();
    // To read a slice does not fail.
    bytes.skip_until(b'\n').unwrap_or(length)
}

impl FragFile {
    /// The bytes up to a line's end, or the end of the file.
    pub(crate) fn line<'py>(&self, py: Python<'py>, limit: Option<usize>) -> PyResult<Bound<'py, PyBytes>> {
        let state = self.enter()?;
        let mut at = self.position.load(Ordering::Relaxed);
        loop {
            let left = state.byte_count().saturating_sub(at);
            let most = limit.map_or(left, |limit| limit.min(left));
            // Most lines are short, and need no memory but their own.
            let mut short = [0; SHORT];
            let short = &mut short[..most.min(SHORT)];
            if !short.is_empty() {
                self.read_short(&state, at, short)?;
            }
            let found = front_line(short);
            let line = if found == most || short[..found].ends_with(b"\n") {
                bytes_from(py, &short[..found])?
            } else {
                // Its length is found out first: it may be longer than there is memory.
                let rest = bytes_of(&state)?.into_slice(at + SHORT..at + most).or_raise()?;
                let newline = Finder::new(b"\n");
                let mut ends = newline.find_iter(&rest).or_raise()?;
                let length = in_steps(py, LONG, |bytes| match ends.next_within(bytes) {
                    Step::Found(end) => Some(SHORT + end + 1),
                    Step::End => Some(most),
                    Step::Paused => None,
                })?;
                bytes_at(py, &state, at, length)?
            };
            match self.move_on(at, line.as_bytes().len()) {
                Ok(()) => return Ok(line),
                Err(moved) => at = moved,
            }
        }
    }

    /// All lines that are left.
    pub(crate) fn all_lines<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let (lines, mut block) = (PyList::empty(py), Vec::new());
        loop {
            if !self.append_lines(py, &lines, &mut block)? {
                // The end, or a line that is longer than a block.
                let line = self.line(py, None)?;
                if line.as_bytes().is_empty() {
                    return Ok(lines);
                }
                lines.append(line)?;
            }
            pause(py)?;
        }
    }

    /// Appends the lines that end in the next block of bytes; false if none does.
    fn append_lines(&self, py: Python<'_>, lines: &Bound<'_, PyList>, block: &mut Vec<u8>) -> PyResult<bool> {
        let state = self.enter()?;
        let mut at = self.position.load(Ordering::Relaxed);
        loop {
            let left = state.byte_count().saturating_sub(at);
            let count = left.min(BLOCK);
            if count == 0 {
                return Ok(false);
            }
            block.clear();
            block.try_reserve_exact(count).map_err(|_| no_memory(count))?;
            block.resize(count, 0);
            let part = bytes_of(&state)?.into_slice(at..at + count).or_raise()?;
            part.copy_to_slice(block).or_raise()?;
            let end = if count == left {
                count
            } else {
                block
                    .iter()
                    .rposition(|&byte| byte == b'\n')
                    .map_or(0, |last| last + 1)
            };
            if end == 0 {
                return Ok(false);
            }
            match self.move_on(at, end) {
                Ok(()) => {
                    let cut = cut_lines(py, &block[..end], lines);
                    return self.or_put_back(at, end, cut).map(|()| true);
                }
                Err(moved) => at = moved,
            }
        }
    }
}

/// Appends each line of `bytes`.
fn cut_lines(py: Python<'_>, mut bytes: &[u8], lines: &Bound<'_, PyList>) -> PyResult<()> {
    while !bytes.is_empty() {
        let (line, rest) = bytes.split_at(front_line(bytes));
        lines.append(bytes_from(py, line)?)?;
        bytes = rest;
    }
    Ok(())
}
