//! What a program has instead: a prefix sum by hand, and the crates that come near.

use std::io::Read;

use buf_list::{BufList, Cursor};
use vm_memory::{
    GuestAddress, GuestMemoryRegion, GuestMemoryRegionBytes, GuestRegionCollection, GuestUsize,
    MemoryRegionAddress, VolatileMemory, VolatileSlice,
};

use crate::layout::Layout;

/// Pieces with a prefix sum, searched by bisection.
pub struct Prefix<P> {
    starts: Vec<usize>,
    pub pieces: Vec<P>,
}

impl<P: AsRef<[u8]>> Prefix<P> {
    pub fn new(pieces: Vec<P>) -> Self {
        let mut at = 0;
        let start = |piece: &P| {
            at += piece.as_ref().len();
            at - piece.as_ref().len()
        };
        let starts = pieces.iter().map(start).collect();
        Self { starts, pieces }
    }

    /// The piece that holds `offset`, and the offset in it.
    #[inline]
    pub fn find(&self, offset: usize) -> (usize, usize) {
        let index = self.starts.partition_point(|&start| start <= offset) - 1;
        (index, offset - self.starts[index])
    }

    #[inline]
    pub fn get(&self, offset: usize) -> u8 {
        let (index, inner) = self.find(offset);
        self.pieces[index].as_ref()[inner]
    }

    #[inline]
    pub fn read(&self, offset: usize) -> u32 {
        let (mut index, mut inner) = self.find(offset);
        if let Some(bytes) = self.pieces[index].as_ref().get(inner..inner + 4) {
            return u32::from_le_bytes(bytes.try_into().expect("four bytes"));
        }
        u32::from_le_bytes(std::array::from_fn(|_| {
            while inner == self.pieces[index].as_ref().len() {
                (index, inner) = (index + 1, 0);
            }
            inner += 1;
            self.pieces[index].as_ref()[inner - 1]
        }))
    }

    /// The pieces of a range.
    pub fn slice(&self, start: usize, end: usize) -> Vec<&[u8]> {
        let ((first, inner), (last, outer)) = (self.find(start), self.find(end));
        (first..=last)
            .map(|index| {
                let piece = self.pieces[index].as_ref();
                let from = if index == first { inner } else { 0 };
                let to = if index == last { outer } else { piece.len() };
                &piece[from..to]
            })
            .collect()
    }
}

impl Prefix<&'static mut [u8]> {
    #[inline]
    pub fn set(&mut self, offset: usize, byte: u8) {
        let (index, inner) = self.find(offset);
        self.pieces[index][inner] = byte;
    }
}

/// `N` bytes at `offset` by a cursor of buf-list.
#[inline]
pub fn seek<const N: usize>(cursor: &mut Cursor<&'static BufList>, offset: usize) -> [u8; N] {
    let mut bytes = [0; N];
    cursor.set_position(offset as u64);
    cursor.read_exact(&mut bytes).expect("within");
    bytes
}

/// A region of vm-memory's on memory that is there already; its own are mappings of whole pages.
pub struct Region {
    start: GuestAddress,
    slice: VolatileSlice<'static>,
}

impl GuestMemoryRegion for Region {
    type B = ();

    fn len(&self) -> GuestUsize {
        self.slice.len() as u64
    }

    fn start_addr(&self) -> GuestAddress {
        self.start
    }

    fn bitmap(&self) {}

    fn get_slice(
        &self,
        offset: MemoryRegionAddress,
        count: usize,
    ) -> vm_memory::guest_memory::Result<VolatileSlice<'_>> {
        let offset = usize::try_from(offset.0).expect("within");
        Ok(VolatileMemory::get_slice(&self.slice, offset, count)?)
    }
}

impl GuestMemoryRegionBytes for Region {}

/// The fragments as regions of vm-memory.
pub fn regions(slices: &[VolatileSlice<'static>]) -> GuestRegionCollection<Region> {
    let mut start = 0;
    let region = |slice: &VolatileSlice<'static>| {
        start += slice.len() as u64;
        Region {
            start: GuestAddress(start - slice.len() as u64),
            slice: *slice,
        }
    };
    GuestRegionCollection::from_regions(slices.iter().map(region).collect()).expect("regions in order")
}

/// The fragments of a layout as vm-memory wants them.
pub fn volatile(layout: &Layout) -> Vec<VolatileSlice<'static>> {
    layout.pieces_mut().into_iter().map(VolatileSlice::from).collect()
}
