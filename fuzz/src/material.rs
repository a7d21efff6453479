//! Owned memory of either kind, so that a target is written once.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};

use bytes::Bytes;
use fragview::memory::{Builder, Frozen, Memory, Owner, Shared};
use fragview::{Error, Untyped, View};

/// A view of owned memory.
pub(crate) type Of<O, T = Untyped> = View<<O as Owner>::Kind, T, Arc<Memory<<O as Owner>::Kind, O>>>;

/// A write to a view of shared memory.
pub(crate) enum Write<'w, O: Owner> {
    Bytes(&'w [u8]),
    View(&'w Of<O>),
    Fill(u8),
    /// Into an item: its bytes.
    Item(usize, &'w [u8]),
}

/// An owner whose memory a target makes, looks at, and writes where it is shared.
pub(crate) trait Material: Owner + 'static {
    /// True where it can be written at all.
    const SHARED: bool;

    fn new(bytes: &[u8], writable: bool) -> Self;

    /// Its bytes as they are now.
    fn bytes(&self) -> Vec<u8>;

    /// True where nobody else has a clone.
    fn is_alone(&self) -> bool;

    fn push_hole(builder: &mut Builder<Self::Kind, Self>, length: usize) -> Result<(), Error>;

    /// True where all of the view may be written.
    fn accepts(view: &Of<Self>) -> bool;

    fn write(view: Of<Self>, write: &Write<'_, Self>) -> Result<(), Error>;

    /// The view's bytes as the slices that it lends, where it lends any.
    fn lent(view: &Of<Self>) -> Option<Vec<Vec<u8>>>;

    /// The hash of a view of bytes, where it has one.
    fn hash(view: &Of<Self>) -> Option<u64>;

    /// Where shared memory tells others that the items lie, an address each; none where one lies across a
    /// seam.
    fn addresses(view: &Of<Self>) -> Option<Result<Vec<usize>, Error>>;

    /// The address of the first item of all, where they are one piece of memory.
    fn run(view: &Of<Self>) -> Option<fragview::memory::Contiguous>;
}

/// A page of memory that its clones share and anybody may write.
#[derive(Clone)]
pub(crate) struct Page {
    bytes: Arc<[AtomicU8]>,
    writable: bool,
}

// SAFETY: an `Arc`'s bytes stay in place while a clone of it lives, and atomics may be read and written by
// anybody.
unsafe impl Owner for Page {
    type Kind = Shared<'static>;

    fn memory(&self) -> (*const u8, usize) {
        (self.bytes.as_ptr().cast(), self.bytes.len())
    }

    fn is_writable(&self) -> bool {
        self.writable
    }

    fn identity(&self) -> usize {
        self.bytes.as_ptr().addr()
    }
}

impl Material for Page {
    const SHARED: bool = true;

    fn new(bytes: &[u8], writable: bool) -> Self {
        let bytes = bytes.iter().copied().map(AtomicU8::new).collect();
        Self { bytes, writable }
    }

    fn bytes(&self) -> Vec<u8> {
        self.bytes.iter().map(|byte| byte.load(Relaxed)).collect()
    }

    fn is_alone(&self) -> bool {
        Arc::strong_count(&self.bytes) == 1
    }

    fn push_hole(builder: &mut Builder<Shared<'static>, Self>, length: usize) -> Result<(), Error> {
        builder.push_hole(length)
    }

    fn accepts(view: &Of<Self>) -> bool {
        view.is_writable()
    }

    fn write(view: Of<Self>, write: &Write<'_, Self>) -> Result<(), Error> {
        match *write {
            Write::Bytes(bytes) => view.copy_from_slice(bytes),
            Write::View(from) => view.copy_from_view(from),
            Write::Fill(byte) => view.fill(byte),
            Write::Item(index, item) => match *item {
                [a] => view.into_cast::<u8>()?.set(index, a),
                [a, b] => view.into_cast::<u16>()?.set(index, u16::from_ne_bytes([a, b])),
                [a, b, c] => view.into_cast::<[u8; 3]>()?.set(index, [a, b, c]),
                [a, b, c, d] => view
                    .into_cast::<u32>()?
                    .set(index, u32::from_ne_bytes([a, b, c, d])),
                _ => match <[u8; 40]>::try_from(item) {
                    Ok(item) => view.into_cast::<[u8; 40]>()?.set(index, item),
                    Err(_) => unreachable!("no target writes items of {} bytes", item.len()),
                },
            },
        }
    }

    fn lent(_: &Of<Self>) -> Option<Vec<Vec<u8>>> {
        None
    }

    fn hash(_: &Of<Self>) -> Option<u64> {
        None
    }

    fn addresses(view: &Of<Self>) -> Option<Result<Vec<usize>, Error>> {
        let table = view.memory().item_table(view.window(), view.item_size());
        Some(table.map(|table| table.pointers().iter().map(|pointer| pointer.addr()).collect()))
    }

    fn run(view: &Of<Self>) -> Option<fragview::memory::Contiguous> {
        view.memory().contiguous(view.window())
    }
}

impl Material for Bytes {
    const SHARED: bool = false;

    fn new(bytes: &[u8], _: bool) -> Self {
        Self::copy_from_slice(bytes)
    }

    fn bytes(&self) -> Vec<u8> {
        self.to_vec()
    }

    fn is_alone(&self) -> bool {
        // No bytes are nobody's.
        self.is_empty() || self.is_unique()
    }

    fn push_hole(builder: &mut Builder<Frozen<'static>, Self>, length: usize) -> Result<(), Error> {
        builder.push_hole(length)
    }

    fn accepts(_: &Of<Self>) -> bool {
        false
    }

    fn write(_: Of<Self>, _: &Write<'_, Self>) -> Result<(), Error> {
        Err(Error::ReadOnly)
    }

    fn lent(view: &Of<Self>) -> Option<Vec<Vec<u8>>> {
        let vectored: Vec<u8> = view.io_slices().flat_map(|slice| slice.to_vec()).collect();
        let chunks: Vec<Vec<u8>> = view.chunks().map(<[u8]>::to_vec).collect();
        assert_eq!(chunks.concat(), vectored);
        Some(chunks)
    }

    fn hash(view: &Of<Self>) -> Option<u64> {
        view.clone().into_bytes().ok().map(|bytes| hash_of(&bytes))
    }

    fn addresses(_: &Of<Self>) -> Option<Result<Vec<usize>, Error>> {
        None
    }

    fn run(_: &Of<Self>) -> Option<fragview::memory::Contiguous> {
        None
    }
}

/// What a hasher makes of it.
pub(crate) fn hash_of(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}
