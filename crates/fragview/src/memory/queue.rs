//! Chunks of memory in a row that grows and shrinks at both ends.

use alloc::collections::VecDeque;
use core::marker::PhantomData;
use core::mem::{self, MaybeUninit};
use core::ops::Range;
use core::slice;
use core::sync::atomic::AtomicU8;

use zerocopy::FromBytes;

use super::access::fetch;
use super::owners::source::Source;
use super::{Address, Builder, Frozen, Kind, Memory, Owner, Shared};
use crate::error::Error;

/// Where so many chunks have room, and few are left of them, room is given back.
const ROOMY: usize = 64;

/// One run of memory, and who keeps it valid.
#[derive(Debug)]
struct Chunk<O> {
    /// Where it begins on a line that wraps round; never empty.
    start: usize,
    length: usize,
    address: Address,
    owner: Option<O>,
    writable: bool,
}

/// Chunks laid end to end on a line of offsets; an offset is found by a binary search.
///
/// Invariant: a chunk's bytes are valid as long as its owner, or as long as the kind says where it has none. The chunks
/// follow each other on the line from `head` on, and have `length` bytes together, which is at most `isize::MAX`.
#[derive(Debug)]
pub(crate) struct Queue<K, O> {
    chunks: VecDeque<Chunk<O>>,
    head: usize,
    length: usize,
    kind: PhantomData<K>,
}

// SAFETY: as for `Memory`: addresses used as the kind allows, and owners that alone decide.
unsafe impl<K: Kind, O: Send + Sync> Send for Queue<K, O> {}
// SAFETY: as above.
unsafe impl<K: Kind, O: Send + Sync> Sync for Queue<K, O> {}

impl<K, O> Queue<K, O> {
    pub(crate) const fn new() -> Self {
        Self {
            chunks: VecDeque::new(),
            head: 0,
            length: 0,
            kind: PhantomData,
        }
    }

    pub(crate) const fn len(&self) -> usize {
        self.length
    }

    pub(crate) fn fragment_count(&self) -> usize {
        self.chunks.len()
    }

    /// The owners of the chunks, one for each that has one.
    pub(crate) fn owners(&self) -> impl Iterator<Item = &O> {
        self.chunks.iter().filter_map(|chunk| chunk.owner.as_ref())
    }

    /// The owner of the last chunk, and whether that may be written.
    pub(crate) fn last(&self) -> Option<(&O, bool)> {
        let chunk = self.chunks.back()?;
        Some((chunk.owner.as_ref()?, chunk.writable))
    }

    /// Appends a run; none at all drops out. Amortised O(1).
    ///
    /// The caller sees to it that the address is valid as long as the owner, or as long as the kind says.
    fn push(
        &mut self,
        address: Address,
        length: usize,
        owner: Option<O>,
        writable: bool,
    ) -> Result<(), Error> {
        if length == 0 {
            return Ok(());
        }
        let total = self.length_with(length)?;
        self.chunks.try_reserve(1).map_err(|_| Error::OutOfMemory)?;
        self.chunks.push_back(Chunk {
            start: self.head.wrapping_add(self.length),
            length,
            address,
            owner,
            writable,
        });
        self.length = total;
        Ok(())
    }

    fn length_with(&self, length: usize) -> Result<usize, Error> {
        self.length
            .checked_add(length)
            .filter(|&total| isize::try_from(total).is_ok())
            .ok_or(Error::TooLong)
    }

    /// Moves all chunks of `other` behind these. O(chunks of `other`).
    pub(crate) fn append(&mut self, other: &mut Self) -> Result<(), Error> {
        let total = self.length_with(other.length)?;
        if self.chunks.is_empty() {
            mem::swap(self, other);
            return Ok(());
        }
        self.chunks
            .try_reserve(other.chunks.len())
            .map_err(|_| Error::OutOfMemory)?;
        let shift = self.head.wrapping_add(self.length).wrapping_sub(other.head);
        self.chunks.extend(other.chunks.drain(..).map(|chunk| Chunk {
            start: chunk.start.wrapping_add(shift),
            ..chunk
        }));
        (self.length, other.length) = (total, 0);
        Ok(())
    }

    /// Moves all chunks of `other` before these. O(chunks of `other`).
    pub(crate) fn prepend(&mut self, other: &mut Self) -> Result<(), Error> {
        let total = self.length_with(other.length)?;
        if self.chunks.is_empty() {
            mem::swap(self, other);
            return Ok(());
        }
        self.chunks
            .try_reserve(other.chunks.len())
            .map_err(|_| Error::OutOfMemory)?;
        let head = self.head.wrapping_sub(other.length);
        let shift = head.wrapping_sub(other.head);
        for chunk in other.chunks.drain(..).rev() {
            self.chunks.push_front(Chunk {
                start: chunk.start.wrapping_add(shift),
                ..chunk
            });
        }
        self.head = head;
        (self.length, other.length) = (total, 0);
        Ok(())
    }

    /// The index of the chunk that holds the byte at `offset`, and where in it. O(1) in the first chunk, else O(log chunks).
    ///
    /// Pre: `offset < self.length()`.
    fn locate(&self, offset: usize) -> (usize, usize) {
        let begins = |chunk: &Chunk<O>| chunk.start.wrapping_sub(self.head);
        let index = match self.chunks.front() {
            Some(first) if offset < first.length => 0,
            _ => self
                .chunks
                .partition_point(|chunk| begins(chunk) <= offset)
                .saturating_sub(1),
        };
        let within = self.chunks.get(index).map_or(0, |chunk| offset - begins(chunk));
        (index, within)
    }

    /// How many zeros of a hole lie from `offset` on; 0 where it is in none. As `locate`.
    pub(crate) fn zeros(&self, offset: usize) -> usize {
        let run = self.runs(offset..self.length.max(offset)).next();
        let chunk = |index| self.chunks.get(index).filter(|chunk| chunk.address.is_hole());
        run.map_or(0, |(index, _, length)| chunk(index).map_or(0, |_| length))
    }

    /// Takes the first `count` bytes out; `clone` is called for the owner of a chunk that is cut in two. O(log chunks +
    /// chunks taken).
    ///
    /// Pre: `count <= self.length()`. On an error nothing is taken.
    pub(crate) fn split_to(&mut self, count: usize, clone: impl FnOnce(&O) -> O) -> Result<Self, Error> {
        if count == self.length {
            return Ok(mem::replace(self, Self::new()));
        }
        let mut taken = Self::new();
        taken.head = self.head;
        let (whole, within) = self.locate(count);
        taken
            .chunks
            .try_reserve_exact(whole + 1)
            .map_err(|_| Error::OutOfMemory)?;
        taken.chunks.extend(self.chunks.drain(..whole));
        if within > 0
            && let Some(first) = self.chunks.front_mut()
        {
            taken.chunks.push_back(Chunk {
                length: within,
                owner: first.owner.as_ref().map(clone),
                ..*first
            });
            first.start = first.start.wrapping_add(within);
            first.address = first.address.plus(within);
            first.length -= within;
        }
        taken.length = count;
        self.head = self.head.wrapping_add(count);
        self.length -= count;
        if self.chunks.capacity() > ROOMY && self.chunks.len() < self.chunks.capacity() / 8 {
            self.chunks.shrink_to(self.chunks.len() * 2);
        }
        Ok(taken)
    }

    /// The chunks of the bytes `range`, with clones of their owners. O(log chunks + chunks of the range).
    ///
    /// Pre: the range lies in the queue.
    pub(crate) fn part(&self, range: Range<usize>, mut clone: impl FnMut(&O) -> O) -> Result<Self, Error> {
        let mut part = Self::new();
        for (index, within, length) in self.runs(range) {
            if let Some(chunk) = self.chunks.get(index) {
                let owner = chunk.owner.as_ref().map(&mut clone);
                part.push(chunk.address.plus(within), length, owner, chunk.writable)?;
            }
        }
        Ok(part)
    }

    /// The runs of the bytes `range`: the chunk's index, where the run begins in it, its length.
    fn runs(&self, range: Range<usize>) -> impl Iterator<Item = (usize, usize, usize)> {
        let mut left = range.len();
        let (index, mut within) = if left > 0 {
            self.locate(range.start)
        } else {
            (0, 0)
        };
        self.chunks
            .range(index..)
            .zip(index..)
            .map_while(move |(chunk, index)| {
                let run = (index, within, left.min(chunk.length - within));
                (left, within) = (left - run.2, 0);
                (run.2 > 0).then_some(run)
            })
    }
}

impl<K: Kind, O> Queue<K, O> {
    /// Copies the bytes from `offset` on into `target`, all of which is written. O(log chunks + bytes + chunks).
    ///
    /// # Errors
    /// [`Error::NotEnoughData`]; nothing is written then.
    pub(crate) fn copy_out(&self, offset: usize, target: &mut [MaybeUninit<u8>]) -> Result<(), Error> {
        let needed = offset.saturating_add(target.len());
        if needed > self.length {
            return Err(Error::NotEnoughData {
                needed,
                available: self.length,
            });
        }
        let mut at = 0;
        for (index, within, length) in self.runs(offset..needed) {
            // The slice checks that no run is written past the target.
            let to = &mut target[at..at + length];
            match self.chunks.get(index) {
                Some(chunk) if !chunk.address.is_hole() => {
                    let from = chunk.address.plus(within).as_ptr();
                    // SAFETY: the run lies in its chunk, which is valid; `to` is as long and private.
                    unsafe { fetch::<K>(from, to.as_mut_ptr().cast(), length) };
                }
                _ => to.fill(MaybeUninit::new(0)),
            }
            at += length;
        }
        Ok(())
    }

    /// As [`copy_out`](Self::copy_out), into memory that is initialised.
    pub(crate) fn copy_to_slice(&self, offset: usize, target: &mut [u8]) -> Result<(), Error> {
        // SAFETY: `copy_out` writes initialised bytes only.
        let target = unsafe { slice::from_raw_parts_mut(target.as_mut_ptr().cast(), target.len()) };
        self.copy_out(offset, target)
    }

    /// The value whose bytes begin at `offset`. As [`copy_out`](Self::copy_out).
    pub(crate) fn read<T: FromBytes>(&self, offset: usize) -> Result<T, Error> {
        let mut value = MaybeUninit::<T>::uninit();
        // SAFETY: the bytes of a `MaybeUninit` may be uninitialised, and there are `size_of::<T>()` of them.
        let bytes = unsafe { slice::from_raw_parts_mut(value.as_mut_ptr().cast(), size_of::<T>()) };
        self.copy_out(offset, bytes)?;
        // SAFETY: `copy_out` has written every byte, and any bytes make a `FromBytes` type.
        Ok(unsafe { value.assume_init() })
    }
}

impl<K, O: Owner> Queue<K, O> {
    /// Appends `length` bytes of an owner's memory from `offset` on.
    pub(crate) fn push_extent(
        &mut self,
        owner: O,
        offset: usize,
        length: usize,
        readonly: bool,
    ) -> Result<(), Error> {
        let ((address, size), writable) = (owner.memory(), owner.is_writable() && !readonly);
        if offset.checked_add(length).is_none_or(|end| end > size) {
            let index = 0;
            return Err(Error::ExtentOutOfRange {
                index,
                offset,
                length,
                size,
            });
        }
        let first = Address::new(address.wrapping_add(offset).cast_mut());
        self.push(first, length, Some(owner), writable)
    }

    /// Appends the bytes `range` of a memory. O(fragments of the range · log).
    pub(crate) fn push_span(
        &mut self,
        memory: &Memory<K, O>,
        range: Range<usize>,
        readonly: bool,
    ) -> Result<(), Error> {
        for (run, place) in memory.map.runs(range) {
            let source = memory
                .sources
                .index_of(place.index)
                .and_then(|index| memory.sources.get(index));
            let owner = source.map(|source| source.owner.clone());
            let fragment = place.index..place.index + 1;
            let writable = !readonly && memory.readonly.within(&fragment).next().is_none();
            self.push(
                place.payload.plus(run.start - place.start),
                run.len(),
                owner,
                writable,
            )?;
        }
        Ok(())
    }

    /// The chunks as a memory, which gets their owners. O(chunks · log owners). Where there is no room for it, the chunks come
    /// back.
    pub(crate) fn into_memory(mut self) -> Result<Memory<K, O>, (Error, Self)> {
        let mut builder = Builder::new();
        if let Err(error) = builder.reserve_chunks(self.chunks.len()) {
            return Err((error, self));
        }
        while let Some(chunk) = self.chunks.pop_front() {
            if let Err(error) = chunk.push_to(&mut builder) {
                return Err((error, self));
            }
        }
        Ok(builder.finish())
    }
}

impl<O: Owner> Chunk<O> {
    /// Appends the run to a memory. It fails only where the memory has no room reserved.
    fn push_to<K>(self, builder: &mut Builder<K, O>) -> Result<(), Error> {
        let source = match self.owner {
            Some(owner) => {
                let ((address, length), writable) = (owner.memory(), owner.is_writable());
                Some(builder.adopt(Source {
                    owner,
                    address,
                    length,
                    writable,
                })?)
            }
            None => None,
        };
        builder.push_run(self.length, self.address, source, self.writable)
    }
}

impl<'a, O> Queue<Frozen<'a>, O> {
    pub(crate) fn push_slice(&mut self, slice: &'a [u8]) -> Result<(), Error> {
        self.push(Address::new(slice.as_ptr().cast_mut()), slice.len(), None, false)
    }

    /// The bytes from `offset` on as far as they are in one piece; none at the end. O(log chunks).
    pub(crate) fn slice_from(&self, offset: usize) -> &[u8] {
        let Some((index, within, length)) = self.runs(offset..self.length.max(offset)).next() else {
            return &[];
        };
        match self.chunks.get(index) {
            // SAFETY: the run lies in its chunk, which is valid while the queue is borrowed, and nobody writes it.
            Some(chunk) => unsafe { super::lend::slice_or_zeros(chunk.address.plus(within), length) },
            None => &[],
        }
    }
}

impl<'a, O> Queue<Shared<'a>, O> {
    pub(crate) fn push_slice(&mut self, slice: &'a [AtomicU8], readonly: bool) -> Result<(), Error> {
        let first = Address::new(slice.as_ptr().cast_mut().cast());
        self.push(first, slice.len(), None, !readonly)
    }
}
