//! The buffer of a stream: bytes come in at its end and go out at its front.

use alloc::sync::Arc;
use core::fmt;
use core::mem::MaybeUninit;
use core::ops::Range;

use zerocopy::FromBytes;

use crate::bytes::Bytes;
use crate::error::Error;
use crate::memory::{Kind, Memory, Owner, Queue};
use crate::view::View;

/// A queue of bytes that lie in fragments: fragments are appended as they arrive, and complete messages are
/// taken from the front as a [`View`]; no byte moves. If a parser asks for more bytes than there are, it gets
/// [`Error::NotEnoughData`] and the buffer is unchanged.
///
/// `K` and `O` are as for [`Memory`]: the kind of memory and its owners. Views taken from the buffer, or
/// peeked at, stay valid while the buffer changes. The memory of an owner is held until its bytes are
/// consumed and no view shows them.
///
/// ```
/// use fragview::{Error, FragBuffer, memory::Frozen};
///
/// let mut buffer = FragBuffer::<Frozen<'_>>::new();
/// let mut message = |packet| {
///     buffer.append_slice(packet)?;
///     let length = u16::from_be_bytes(buffer.read_at(0)?); // looked at, not taken: the rest may not be there
///     buffer.check(2 + usize::from(length))?;
///     buffer.discard(2)?;
///     buffer.consume(usize::from(length))
/// };
/// assert_eq!(message(b"\0"), Err(Error::NotEnoughData { needed: 2, available: 1 }));
/// assert_eq!(message(b"\x05hel"), Err(Error::NotEnoughData { needed: 7, available: 5 }));
/// assert_eq!(message(b"lo\0\x02")?, b"hello"); // in two fragments
/// # Ok::<(), Error>(())
/// ```
pub struct FragBuffer<K, O = ()> {
    pub(super) queue: Queue<K, O>,
    pub(super) readonly: bool,
}

/// A view taken from a buffer, with a memory of its own.
type Taken<K, O> = View<K, u8, Arc<Memory<K, O>>>;

impl<K, O> FragBuffer<K, O> {
    /// A buffer without bytes.
    #[must_use]
    pub const fn new() -> Self {
        Self::of(Queue::new())
    }

    pub(super) const fn of(queue: Queue<K, O>) -> Self {
        Self {
            queue,
            readonly: false,
        }
    }

    /// The number of bytes. O(1).
    #[must_use]
    pub const fn len(&self) -> usize {
        self.queue.len()
    }

    /// True if there is no byte. O(1).
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.queue.len() == 0
    }

    /// The number of fragments. O(1).
    #[must_use]
    pub fn fragment_count(&self) -> usize {
        self.queue.fragment_count()
    }

    /// The owners of the fragments, one for each that has one. O(1) a fragment.
    pub fn owners(&self) -> impl Iterator<Item = &O> {
        self.queue.owners()
    }

    /// The owner of the last fragment, if there is one, and whether that fragment may be written. O(1).
    #[must_use]
    pub fn last_owner(&self) -> Option<(&O, bool)> {
        self.queue.last()
    }

    /// Sets whether bytes appended or prepended from now on are read-only even if their owner's memory is
    /// writable. The default is false.
    pub const fn set_readonly(&mut self, readonly: bool) {
        self.readonly = readonly;
    }

    /// An error if there are fewer than `needed` bytes: before several steps that are to be taken all or
    /// none. O(1).
    ///
    /// # Errors
    /// [`Error::NotEnoughData`].
    pub const fn check(&self, needed: usize) -> Result<(), Error> {
        let available = self.len();
        if needed > available {
            return Err(Error::NotEnoughData { needed, available });
        }
        Ok(())
    }

    /// Moves all fragments of `other` behind these; `other` is empty then. O(fragments of `other`).
    ///
    /// # Errors
    /// [`Error::TooLong`], [`Error::OutOfMemory`]; both buffers stay as they were then.
    pub fn append(&mut self, other: &mut Self) -> Result<(), Error> {
        self.queue.append(&mut other.queue)
    }

    /// Moves all fragments of `other` before these; `other` is empty then. O(fragments of `other`).
    ///
    /// # Errors
    /// As [`append`](Self::append).
    pub fn prepend(&mut self, other: &mut Self) -> Result<(), Error> {
        self.queue.prepend(&mut other.queue)
    }

    /// Drops all bytes. O(fragments).
    pub fn clear(&mut self) {
        self.queue.clear();
    }

    /// Drops the first `count` bytes. O(log fragments + fragments dropped); it allocates nothing and clones
    /// no owner.
    ///
    /// # Errors
    /// [`Error::NotEnoughData`]; the buffer stays as it was then.
    pub fn discard(&mut self, count: usize) -> Result<(), Error> {
        self.check(count)?;
        self.queue.drop_front(count);
        Ok(())
    }
}

impl<K: Kind, O> FragBuffer<K, O> {
    /// Copies the bytes from `offset` on into `target`. O(log fragments + bytes + fragments).
    ///
    /// # Errors
    /// [`Error::NotEnoughData`]; nothing is written then.
    pub fn copy_to_slice(&self, offset: usize, target: &mut [u8]) -> Result<(), Error> {
        self.queue.copy_to_slice(offset, target)
    }

    /// As [`copy_to_slice`](Self::copy_to_slice), into memory that need not be initialised; all of it is,
    /// afterwards.
    ///
    /// # Errors
    /// [`Error::NotEnoughData`]; nothing is written then.
    pub fn copy_to_uninit(&self, offset: usize, target: &mut [MaybeUninit<u8>]) -> Result<(), Error> {
        self.queue.copy_out(offset, target)
    }

    /// The value whose bytes begin at `offset`, seams or not; the bytes stay here. O(log fragments +
    /// fragments of the value).
    ///
    /// # Errors
    /// [`Error::NotEnoughData`].
    pub fn read_at<T: FromBytes>(&self, offset: usize) -> Result<T, Error> {
        self.queue.read(offset)
    }
}

impl<K: Kind, O: Owner> FragBuffer<K, O> {
    /// Takes the first `count` bytes out, as a buffer of their own. If a fragment is cut in two, `clone`
    /// makes the owner's second clone: for owners that are cloned in a way of their own. O(log fragments +
    /// fragments taken).
    ///
    /// # Errors
    /// [`Error::NotEnoughData`], [`Error::OutOfMemory`]; [`Error::ForeignOwner`] if the owner that `clone`
    /// gives keeps other memory valid. The buffer stays as it was then, and if `clone` panics.
    pub fn split_to_with(&mut self, count: usize, clone: impl FnOnce(&O) -> O) -> Result<Self, Error> {
        self.check(count)?;
        self.queue.split_to(count, clone).map(Self::of)
    }

    /// Returns the bytes `range`, which stay here, as a buffer of their own; `clone` makes clones of their
    /// owners. O(log fragments + fragments of the range).
    ///
    /// # Errors
    /// [`Error::RangeOutOfRange`], [`Error::NotEnoughData`], [`Error::OutOfMemory`]; [`Error::ForeignOwner`]
    /// if an owner that `clone` gives keeps other memory valid.
    pub fn part_with(&self, range: Range<usize>, clone: impl FnMut(&O) -> O) -> Result<Self, Error> {
        self.check(range.end)?;
        if range.start > range.end {
            return Err(Error::RangeOutOfRange {
                start: range.start,
                end: range.end,
                length: self.len(),
            });
        }
        self.queue.part(range, clone).map(Self::of)
    }

    /// Takes the first `count` bytes out. O(log fragments + fragments taken).
    ///
    /// # Errors
    /// [`Error::NotEnoughData`], [`Error::OutOfMemory`]; the buffer stays as it was then.
    pub fn split_to(&mut self, count: usize) -> Result<Self, Error> {
        self.split_to_with(count, O::clone)
    }

    /// Takes the first `count` bytes out and gives a view of them. O(log fragments + fragments taken · log
    /// owners).
    ///
    /// # Errors
    /// As [`split_to`](Self::split_to), and [`Error::TooManyFragments`]; the buffer stays as it was then.
    pub fn consume(&mut self, count: usize) -> Result<Taken<K, O>, Error> {
        if let Some(memory) = self.take_one_with(count, O::clone)? {
            return Ok(View::from(memory));
        }
        let taken = self.split_to(count)?.into_memory();
        taken.map(View::from).map_err(|(error, mut part)| {
            // Where they were just taken from, there is room for them.
            let _ = self.prepend(&mut part);
            error
        })
    }

    /// Takes the first `count` bytes out as a memory if they lie in the first fragment; else `None`, and they
    /// stay here. `clone` as of [`split_to_with`](Self::split_to_with). O(1).
    ///
    /// # Errors
    /// As [`split_to_with`](Self::split_to_with).
    ///
    /// ```
    /// # use fragview::{FragBuffer, memory::Frozen};
    /// let mut buffer = FragBuffer::<Frozen<'_>>::new();
    /// buffer.append_slice(b"one")?;
    /// buffer.append_slice(b"two")?;
    /// let first = buffer.take_one_with(2, |()| ())?;
    /// assert_eq!(first.map(|memory| memory.len()), Some(2));
    /// assert!(buffer.take_one_with(2, |()| ())?.is_none() && buffer.len() == 4); // across a seam
    /// # Ok::<(), fragview::Error>(())
    /// ```
    pub fn take_one_with(
        &mut self,
        count: usize,
        clone: impl FnOnce(&O) -> O,
    ) -> Result<Option<Memory<K, O>>, Error> {
        self.check(count)?;
        self.queue.take_one(count, clone)
    }

    /// A view of the first `count` bytes, which stay here. O(fragments · log owners).
    ///
    /// # Errors
    /// [`Error::NotEnoughData`], [`Error::OutOfMemory`], [`Error::TooManyFragments`].
    pub fn peek(&self, count: usize) -> Result<Taken<K, O>, Error> {
        self.part_with(0..count, O::clone)?.into_view()
    }

    /// A view of all bytes, which stay here. O(fragments · log owners).
    ///
    /// # Errors
    /// [`Error::OutOfMemory`], [`Error::TooManyFragments`].
    pub fn view(&self) -> Result<Taken<K, O>, Error> {
        self.peek(self.len())
    }

    /// The bytes as a view. O(fragments · log owners).
    ///
    /// # Errors
    /// [`Error::OutOfMemory`], [`Error::TooManyFragments`].
    pub fn into_view(self) -> Result<Taken<K, O>, Error> {
        let memory = self.queue.into_memory();
        memory.map(View::from).map_err(|(error, _)| error)
    }

    /// The bytes as a memory. O(fragments · log owners).
    ///
    /// # Errors
    /// [`Error::OutOfMemory`], [`Error::TooManyFragments`], and the buffer as it was.
    pub fn into_memory(self) -> Result<Memory<K, O>, (Error, Self)> {
        let readonly = self.readonly;
        self.queue
            .into_memory()
            .map_err(|(error, queue)| (error, Self { queue, readonly }))
    }

    /// Takes a value's bytes from the front, seams or not. O(fragments of the value).
    ///
    /// # Errors
    /// [`Error::NotEnoughData`]; the buffer stays as it was then.
    ///
    /// ```
    /// # use fragview::{FragBuffer, memory::Frozen};
    /// use zerocopy::byteorder::big_endian::U32;
    /// let mut buffer = FragBuffer::<Frozen<'_>>::new();
    /// buffer.append_slice(b"\0\x01")?;
    /// assert!(buffer.read_value::<U32>().is_err());
    /// buffer.append_slice(b"\x02\x03rest")?;
    /// assert_eq!(buffer.read_value::<U32>()?.get(), 0x0001_0203);
    /// assert_eq!(buffer.len(), 4);
    /// # Ok::<(), fragview::Error>(())
    /// ```
    pub fn read_value<T: FromBytes>(&mut self) -> Result<T, Error> {
        let value = self.read_at(0)?;
        self.discard(size_of::<T>())?;
        Ok(value)
    }
}

impl<K: Kind, O> Bytes for FragBuffer<K, O> {
    fn len(&self) -> usize {
        self.len()
    }

    fn read(&self, offset: usize, target: &mut [u8]) -> Option<()> {
        self.copy_to_slice(offset, target).ok()
    }

    fn hole_end(&self, offset: usize) -> Option<usize> {
        let zeros = self.queue.zeros(offset);
        (zeros > 0).then(|| offset + zeros)
    }
}

impl<K, O> Default for FragBuffer<K, O> {
    fn default() -> Self {
        Self::new()
    }
}

impl<K, O> fmt::Debug for FragBuffer<K, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FragBuffer")
            .field("length", &self.len())
            .field("fragments", &self.fragment_count())
            .finish_non_exhaustive()
    }
}
