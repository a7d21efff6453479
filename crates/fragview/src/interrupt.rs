//! `Interrupt`: long work asks its caller now and then whether to go on.

use core::fmt;
use core::ops::Range;

use crate::error::Error;

/// A question that long work asks its caller now and then: whether to go on.
///
/// Work that goes through many records, items or fragments has a form that takes one, as
/// [`RecordTable::where_with`](crate::records::RecordTable::where_with) does. The answer may come from a flag
/// that a signal handler or another thread sets, from a clock, or from an interpreter.
///
/// ```
/// use fragview::records::RecordLayout;
/// use fragview::{Error, Interrupt};
///
/// let table = RecordLayout::new("B", &["a"])?.constant_length(0).scan(&vec![0; 1 << 20], ..)?;
/// let mut asked = 0;
/// let mut ask = || { asked += 1; asked < 3 };
/// let indices: Vec<usize> = (0..table.len()).collect();
/// let selected = table.select_with(&indices, &mut Interrupt::new(&mut ask));
/// assert_eq!(selected.unwrap_err(), Error::Interrupted);
/// assert_eq!(asked, 3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Interrupt<'a> {
    /// `None` if the work is never to stop.
    ask: Option<&'a mut dyn FnMut() -> bool>,
    left: usize,
}

impl<'a> Interrupt<'a> {
    /// Turns of a loop between two questions. A turn takes from one nanosecond to some hundreds.
    pub const EVERY: usize = 1 << 16;

    /// Asks `ask` after each [`EVERY`](Self::EVERY) turns; the work ends when it returns false. O(1).
    pub fn new(ask: &'a mut dyn FnMut() -> bool) -> Self {
        Self {
            ask: Some(ask),
            left: Self::EVERY,
        }
    }

    /// Never asks. O(1).
    #[must_use]
    pub const fn never() -> Self {
        Self { ask: None, left: 0 }
    }

    /// Counts `count` turns, and asks if it is time to.
    ///
    /// # Errors
    /// [`Error::Interrupted`] if the answer is no.
    #[inline]
    pub fn turns(&mut self, count: usize) -> Result<(), Error> {
        if self.ask.is_none() {
            return Ok(());
        }
        if count < self.left {
            self.left -= count;
            return Ok(());
        }
        self.asked()
    }

    #[cold]
    fn asked(&mut self) -> Result<(), Error> {
        self.left = Self::EVERY;
        let goes_on = self.ask.as_mut().is_none_or(|ask| ask());
        if goes_on { Ok(()) } else { Err(Error::Interrupted) }
    }

    /// The range `0..count` in parts, between which a loop counts its turns.
    pub(crate) fn parts(count: usize) -> impl Iterator<Item = Range<usize>> {
        (0..count)
            .step_by(Self::EVERY)
            .map(move |start| start..count.min(start.saturating_add(Self::EVERY)))
    }
}

impl fmt::Debug for Interrupt<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Interrupt")
            .field("asks", &self.ask.is_some())
            .field("left", &self.left)
            .finish()
    }
}
