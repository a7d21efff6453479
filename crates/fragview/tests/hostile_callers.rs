//! Callers that lie, panic, come back in, and answer differently each time. None of them needs `unsafe`, so
//! none of them may break memory: `make asan-rust` runs this file under `AddressSanitizer`.
//!
//! One test for each public safe function, or family of them, that takes a closure, an iterator or a trait
//! object. Each looks afterwards that what it was done to is whole: it holds the bytes that a `Vec` would.
#![forbid(unsafe_code)]

mod hostile;

use std::cell::Cell;
use std::hash::{Hash, Hasher};
use std::io::{self, ErrorKind, Write};
use std::ops::{Bound, RangeBounds};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use bytes::buf::UninitSlice;
use bytes::{Buf, BufMut, Bytes};
use fragview::geometry::{Extent, Extents, MapBuilder};
use fragview::io::Cursor;
use fragview::memory::{Builder, Fragment, Frozen};
use fragview::records::RecordLayout;
use fragview::{Error, ExclusiveView, FrozenView, View, Within, formats};
use hostile::{PANIC, PARTS, WHOLE, owned, panics, panics_in};

/// Bytes that say one thing and do another.
struct Liar {
    calls: Cell<usize>,
    bytes: &'static [u8],
    longest: usize,
}

impl Liar {
    fn call(&self) -> usize {
        self.calls.set(self.calls.get() + 1);
        self.calls.get()
    }
}

impl fragview::Bytes for Liar {
    fn len(&self) -> usize {
        match self.call() % 4 {
            0 => 0,
            1 => self.bytes.len(),
            2 => self.longest,
            _ => self.longest / 2,
        }
    }

    fn read(&self, offset: usize, target: &mut [u8]) -> Option<()> {
        // Half of what it was asked for, some of it from elsewhere; and nothing any more in the end.
        let call = self.call();
        if call > 100_000 {
            return None;
        }
        let from = self.bytes.get((offset + call) % self.bytes.len()..)?;
        let count = from.len().min(target.len()) / 2;
        target[..count].copy_from_slice(&from[..count]);
        (!call.is_multiple_of(7)).then_some(())
    }

    fn fragment_at(&self, _offset: usize) -> Option<Fragment<'_>> {
        // The fragment of another offset, and of another length than it says.
        Some(Fragment::of_slice(&self.bytes[self.call() % self.bytes.len()..]))
    }
}

#[test]
fn bytes_that_lie() {
    let bytes: &[u8] = b"\x02abPNG\r\n\x1a\n\0\0\0\x01IHDR\x03cdeRIFF\x04fghi\x01j\0\0\0\0";
    let liar = Liar {
        calls: Cell::new(0),
        bytes,
        longest: usize::MAX,
    };
    let layout = RecordLayout::new(">B", &["length"]).unwrap();
    for start in 0..20 {
        let (table, _) = layout.scan_some(&liar, start..bytes.len());
        assert!(table.len() <= bytes.len());
        let extents: Extents = [(start, 40), (0, usize::MAX)].into_iter().collect();
        let within = Within::new(&liar, &extents);
        let _ = fragview::array::<8>(&within, start);
    }
    for name in formats::names() {
        for first in 0..20 {
            let liar = Liar {
                calls: Cell::new(first),
                bytes,
                longest: 100,
            };
            // Arithmetic that does not expect a length to change may panic; no more than that.
            let verify = formats::Options {
                verify: true,
                ..formats::Options::default()
            };
            let open = || formats::open(&liar, Some(name), verify).is_ok();
            let _ = catch_unwind(AssertUnwindSafe(open));
        }
    }
    // A fragment answers for its own bytes, whatever the offsets it was asked for.
    let fragment = Fragment::of_slice(b"abc");
    for offset in [0, 1, 2, 3, 4, usize::MAX] {
        for length in 0..5 {
            let mut target = vec![b'-'; length];
            let fits = offset <= 3 && length <= 3 - offset;
            assert_eq!(fragment.read(offset, &mut target).is_some(), fits);
        }
    }
}

/// An iterator whose size is a lie, and which panics after so many items.
struct Stream<I> {
    items: I,
    hint: (usize, Option<usize>),
    left: usize,
}

impl<I: Iterator> Iterator for Stream<I> {
    type Item = I::Item;

    fn next(&mut self) -> Option<I::Item> {
        assert!(self.left > 0, "{}", PANIC);
        self.left -= 1;
        self.items.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.hint
    }
}

fn lying<I: IntoIterator>(items: I, hint: usize) -> Stream<I::IntoIter> {
    Stream {
        items: items.into_iter(),
        hint: (hint, Some(hint / 2)),
        left: usize::MAX,
    }
}

fn panicking<I: IntoIterator>(items: I, left: usize) -> Stream<I::IntoIter> {
    Stream {
        items: items.into_iter(),
        hint: (0, None),
        left,
    }
}

#[test]
fn iterators_of_slices_and_owners() {
    for hint in [0, 1, 1000] {
        assert_eq!(FrozenView::from_slices(lying(PARTS, hint)).unwrap(), WHOLE);
        let view = View::from_owners(lying(PARTS.map(owned), hint)).unwrap();
        assert_eq!(view, WHOLE);
    }
    // A size that no memory has room for is told, not believed.
    assert_eq!(
        FrozenView::from_slices(lying(PARTS, usize::MAX)).unwrap_err(),
        Error::OutOfMemory
    );
    for left in 0..4 {
        panics_in(|| FrozenView::from_slices(panicking(PARTS, left)));
        panics_in(|| View::from_owners(panicking(PARTS.map(owned), left)));
        let mut parts = PARTS.map(<[u8]>::to_vec);
        let slices = parts.iter_mut().map(Vec::as_mut_slice);
        panics_in(|| ExclusiveView::from_slices_mut(panicking(slices, left)));
    }
}

/// An extent that turns into another one each time it is asked.
struct Turning(Rc<Cell<usize>>);

impl From<Turning> for Extent {
    fn from(turning: Turning) -> Self {
        let call = turning.0.get();
        turning.0.set(call + 5);
        Self {
            offset: Some(call),
            length: call,
        }
    }
}

#[test]
fn iterators_of_extents() {
    let file = WHOLE.to_vec();
    let extents = [(0, 3), (3, 2), (9, 4), (1, 1)];
    let expected = b"abcdejklmb";
    assert_eq!(View::from_extents(&file, lying(extents, 1000)).unwrap(), expected);
    for left in 0..4 {
        // What a builder has got before the panic is whole.
        let mut builder = Builder::<Frozen<'_>>::new();
        builder.merge_touching(true);
        panics_in(|| builder.push_extents(&file, panicking(extents, left)));
        let view = View::from(builder.finish());
        assert!(expected.starts_with(&view.to_vec().unwrap()));
        let mut builder = Builder::<Frozen<'_>, Bytes>::new();
        let source = builder.add_source(owned(WHOLE)).unwrap();
        panics_in(|| builder.push_extents_of(source, 0..13, panicking(extents, left)));
        builder.push(source, 0, 13).unwrap();
        let view = View::from(builder.finish());
        let bytes = view.to_vec().unwrap();
        assert!(bytes.ends_with(WHOLE) && expected.starts_with(&bytes[..bytes.len() - 13]));
    }
    // Each extent is another one when it is asked.
    let calls = Rc::new(Cell::new(0));
    let turning = (0..4).map(|_| Turning(Rc::clone(&calls)));
    assert!(matches!(
        View::from_extents(&file, turning),
        Err(Error::ExtentOutOfRange { index: 2, .. })
    ));
    // Exclusive memory is seen once, whatever comes when.
    let mut file = WHOLE.to_vec();
    let turn = Cell::new(0);
    let overlapping = std::iter::from_fn(|| {
        turn.set(turn.get() + 1);
        (turn.get() < 5).then(|| (turn.get() % 2, 2))
    });
    let view = View::from_extents(&mut file, overlapping);
    assert!(matches!(view, Err(Error::ExtentsOverlap { .. })));
}

#[test]
fn iterators_of_views() {
    let view = FrozenView::from_slices(PARTS).unwrap();
    let views = [view.slice(..3).unwrap(), view.slice(7..).unwrap()];
    let joined = FrozenView::concat(lying(&views, usize::MAX)).unwrap();
    assert_eq!(joined, b"abchijklm");
    assert_eq!(view.splice(1..12, lying(&views, 77)).unwrap(), b"aabchijklmm");
    for left in 0..2 {
        panics_in(|| FrozenView::concat(panicking(&views, left)));
        panics_in(|| view.splice(1..12, panicking(&views, left)));
        let mut builder = Builder::new();
        panics_in(|| builder.reserve_views(panicking(&views, left)));
        builder.push_view(&view).unwrap();
        assert_eq!(View::from(builder.finish()), WHOLE);
    }
}

/// A range that answers differently each time.
struct Turncoat(Cell<usize>);

impl RangeBounds<usize> for Turncoat {
    fn start_bound(&self) -> Bound<&usize> {
        self.0.set(self.0.get() + 1);
        if self.0.get().is_multiple_of(2) {
            Bound::Included(&usize::MAX)
        } else {
            Bound::Included(&2)
        }
    }

    fn end_bound(&self) -> Bound<&usize> {
        self.0.set(self.0.get() + 1);
        if self.0.get().is_multiple_of(2) {
            Bound::Excluded(&9)
        } else {
            Bound::Included(&usize::MAX)
        }
    }
}

#[test]
fn ranges_that_turn() {
    let view = FrozenView::from_slices(PARTS).unwrap();
    for first in 0..3 {
        for part in [
            view.slice(Turncoat(Cell::new(first))),
            view.clone().into_slice(Turncoat(Cell::new(first))),
            view.splice(Turncoat(Cell::new(first)), []),
        ] {
            // Either it is refused, or it is a part of the view.
            let Ok(part) = part else { continue };
            assert!(part.len() <= view.len());
            assert_eq!(part.to_vec().unwrap().len(), part.len());
        }
        let mut parts = PARTS.map(<[u8]>::to_vec);
        let slices = parts.iter_mut().map(Vec::as_mut_slice);
        let mut view = ExclusiveView::from_slices_mut(slices).unwrap();
        if let Ok(mut part) = view.slice_mut(Turncoat(Cell::new(first))) {
            part.fill(b'#');
        }
        assert_eq!(view.len(), WHOLE.len());
    }
}

/// A hasher that panics after so many writes.
struct Grumpy(usize);

impl Hasher for Grumpy {
    fn finish(&self) -> u64 {
        0
    }

    fn write(&mut self, _bytes: &[u8]) {
        assert!(self.0 > 0, "{}", PANIC);
        self.0 -= 1;
    }
}

#[test]
fn hashers_that_panic() {
    let view = FrozenView::from_slices(PARTS).unwrap();
    for patience in 0..2 {
        panics_in(|| view.hash(&mut Grumpy(patience)));
    }
    assert_eq!(view, WHOLE);
}

/// Takes more than it was given, or fails, or panics.
struct Glutton(fn(usize) -> io::Result<usize>);

impl Write for Glutton {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        (self.0)(bytes.len())
    }

    fn write_vectored(&mut self, slices: &[io::IoSlice<'_>]) -> io::Result<usize> {
        (self.0)(slices.iter().map(|slice| slice.len()).sum())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn writers_that_lie() {
    let view = FrozenView::from_slices(PARTS).unwrap();
    for take in [|length| Ok(length + 1), |_| Ok(usize::MAX)] {
        // As with `Write::write_all`: a promise of the writer's that is broken.
        panics_in(|| view.write_all_to(&mut Glutton(take)));
        panics_in(|| io::copy(&mut Cursor::new(view.clone()), &mut Glutton(take)));
    }
    panics_in(|| view.write_all_to(&mut Glutton(|_| std::panic::panic_any(PANIC))));
    let error = view.write_all_to(&mut Glutton(|_| Ok(0))).unwrap_err();
    assert_eq!((error.moved, error.error.kind()), (0, ErrorKind::WriteZero));
    assert_eq!(view, WHOLE);
}

/// A `Buf` whose chunk is another one each time.
struct Shifty(Cell<usize>);

impl Buf for Shifty {
    fn remaining(&self) -> usize {
        self.0.set(self.0.get() + 1);
        // An end to it: a `Buf` that has bytes for ever and shows none is an endless loop of its own.
        if self.0.get() > 100 { 0 } else { self.0.get() % 40 }
    }

    fn chunk(&self) -> &[u8] {
        self.0.set(self.0.get() + 3);
        &[7; 40][self.0.get() % 41..]
    }

    fn advance(&mut self, _count: usize) {
        self.0.set(self.0.get() + 1);
    }
}

#[test]
fn bufs_that_shift() {
    for first in 0..50 {
        let mut parts = PARTS.map(<[u8]>::to_vec);
        let slices = parts.iter_mut().map(Vec::as_mut_slice);
        let mut cursor = Cursor::new(ExclusiveView::from_slices_mut(slices).unwrap());
        // It fits, or panics as `BufMut` says.
        let _ = catch_unwind(AssertUnwindSafe(|| cursor.put(Shifty(Cell::new(first)))));
        assert!(usize::try_from(cursor.position()).unwrap() <= WHOLE.len());
        let chunk: &mut UninitSlice = cursor.chunk_mut();
        let room = chunk.len();
        assert!(room <= WHOLE.len());
        drop(cursor);
        assert_eq!(parts.concat().len(), WHOLE.len());
    }
}

#[test]
fn closures_over_records() {
    let file: &[u8] = b"\x01a\x02bc\x03def";
    let layout = RecordLayout::new("B", &["length"]).unwrap();
    let table = layout.scan(file, ..).unwrap();
    panics(|| table.filter(|_| std::panic::panic_any(PANIC)));
    panics(|| table.messages(|_| std::panic::panic_any(PANIC)));
    panics(|| table.trim(|_| std::panic::panic_any(PANIC), |_| 0));
    let turn = Cell::new(true);
    let kept = table.filter(|_| turn.replace(!turn.get())).unwrap();
    assert_eq!(kept.len(), 2);
    // Cut more than there is, or so much that the sum overflows.
    assert!(table.trim(|_| usize::MAX, |_| usize::MAX).is_err());
    let joined = table.join().unwrap();
    assert_eq!(View::from_extents(file, &joined).unwrap(), b"abcdef");
    let starts = table.messages(|_| turn.replace(!turn.get())).unwrap();
    assert!(starts.len() <= table.len());
}

#[test]
fn closures_over_maps() {
    let mut builder = MapBuilder::new();
    for length in [3, 1, 4] {
        builder.push(length, length).unwrap();
    }
    let map = builder.finish();
    let mut other = MapBuilder::new();
    other.push(2, 0).unwrap();
    panics(|| other.extend(&map, 1..8, |_, _| std::panic::panic_any(PANIC)));
    other.extend(&map, 1..8, |_, _| usize::MAX).unwrap();
    let other = other.finish();
    assert_eq!((other.len(), other.fragment_count()), (9, 4));
    for offset in 0..9 {
        let place = other.find(offset).unwrap();
        assert!(place.start <= offset && offset < place.end);
    }
}

#[test]
fn asynchronous_reads() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let mut cursor = Cursor::new(FrozenView::from_slices(PARTS).unwrap());
        let mut bytes = Vec::with_capacity(1);
        AsyncReadExt::read_to_end(&mut cursor, &mut bytes).await.unwrap();
        assert_eq!(bytes, WHOLE);
        assert_eq!(
            cursor.read_u64().await.unwrap_err().kind(),
            ErrorKind::UnexpectedEof
        );
        let mut parts = PARTS.map(<[u8]>::to_vec);
        let slices = parts.iter_mut().map(Vec::as_mut_slice);
        let mut cursor = Cursor::new(ExclusiveView::from_slices_mut(slices).unwrap());
        let error = AsyncWriteExt::write_all(&mut cursor, &[b'y'; 14])
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::WriteZero);
        drop(cursor);
        assert_eq!(parts.concat(), [b'y'; 13]);
    });
}
