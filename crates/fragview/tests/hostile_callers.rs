//! Callers that lie, panic, come back in, and answer differently each time. None of them needs `unsafe`, so
//! none of them may break memory: `make asan-rust` runs this file under `AddressSanitizer`.
//!
//! One test for each public safe function, or family of them, that takes a closure, an iterator or a trait
//! object. Each looks afterwards that what it was done to is whole: it holds the bytes that a `Vec` would.
#![forbid(unsafe_code)]

use std::cell::{Cell, RefCell};
use std::hash::{Hash, Hasher};
use std::io::{self, BufRead, ErrorKind, Read, Write};
use std::ops::{Bound, RangeBounds};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use bytes::buf::UninitSlice;
use bytes::{Buf, BufMut, Bytes};
use fragview::geometry::{Extent, Extents, MapBuilder};
use fragview::io::Cursor;
use fragview::memory::{Builder, Fragment, Frozen};
use fragview::records::RecordLayout;
use fragview::{Error, ExclusiveView, FragBuffer, FrozenView, View, Within, formats};

type Buffer = FragBuffer<Frozen<'static>, Bytes>;

/// What a closure that panics says.
const PANIC: &str = "a hostile panic";

/// Runs what is to panic, without a trace on the terminal.
fn panics<R>(work: impl FnOnce() -> R) {
    let outcome = catch_unwind(AssertUnwindSafe(work));
    let text = outcome
        .err()
        .and_then(|panic| panic.downcast_ref::<&str>().copied());
    assert_eq!(text, Some(PANIC));
}

/// Memory of its own, as long as it lives: what is freed is seen by `AddressSanitizer`.
fn owned(bytes: &[u8]) -> Bytes {
    Bytes::from_owner(bytes.to_vec())
}

fn buffer(fragments: &[&[u8]]) -> Buffer {
    let mut buffer = Buffer::new();
    for fragment in fragments {
        buffer.append_owner(owned(fragment)).unwrap();
    }
    buffer
}

fn all(buffer: &Buffer) -> Vec<u8> {
    let mut bytes = vec![0; buffer.len()];
    buffer.copy_to_slice(0, &mut bytes).unwrap();
    assert_eq!(buffer.view().unwrap(), bytes);
    bytes
}

/// Takes the buffer to pieces by every way out: a length or an address that is wrong shows.
fn is_whole(mut buffer: Buffer, expected: &[u8]) {
    assert_eq!((buffer.len(), all(&buffer)), (expected.len(), expected.to_vec()));
    let third = expected.len() / 3;
    assert_eq!(buffer.consume(third).unwrap(), expected[..third]);
    buffer.discard(third).unwrap();
    assert_eq!(buffer.copy_to_bytes(third), expected[2 * third..3 * third]);
    let mut rest = Vec::new();
    buffer.read_to_end(&mut rest).unwrap();
    assert_eq!(rest, expected[3 * third..]);
    assert!(buffer.is_empty());
}

const PARTS: [&[u8]; 4] = [b"abcd", b"e", b"fghij", b"klm"];
const WHOLE: &[u8] = b"abcdefghijklm";

#[test]
fn split_to_with_and_an_owner_of_other_memory() {
    for count in 0..=WHOLE.len() {
        let mut buffer = buffer(&PARTS);
        let cut = ![0, 4, 5, 10, 13].contains(&count);
        let other = owned(&[b'x'; 64]);
        let taken = buffer.split_to_with(count, |_| other.slice(1..6));
        if cut {
            assert_eq!(taken.unwrap_err(), Error::ForeignOwner);
            is_whole(buffer, WHOLE);
        } else {
            is_whole(taken.unwrap(), &WHOLE[..count]);
            is_whole(buffer, &WHOLE[count..]);
        }
    }
}

#[test]
fn split_to_with_and_owners_of_a_part() {
    // A shorter owner that has the bytes all the same is one: its own contract says that it keeps them valid.
    let mut fitting = buffer(&[b"abcdef"]);
    let head = fitting.split_to_with(2, |owner| owner.slice(0..2)).unwrap();
    is_whole(head, b"ab");
    is_whole(fitting, b"cdef");
    for range in [0..1, 1..6, 3..3, 6..6] {
        let mut short = buffer(&[b"abcdef"]);
        let head = short.split_to_with(2, |owner| owner.slice(range));
        assert_eq!(head.unwrap_err(), Error::ForeignOwner);
        is_whole(short, b"abcdef");
    }
}

#[test]
fn split_to_with_and_a_clone_that_panics() {
    for count in [1, 2, 3, 6, 7, 8, 9, 11, 12] {
        let mut buffer = buffer(&PARTS);
        panics(|| buffer.split_to_with(count, |_| std::panic::panic_any(PANIC)));
        is_whole(buffer, WHOLE);
    }
}

#[test]
fn part_with_and_owners_of_other_memory() {
    let buffer = buffer(&PARTS);
    for start in 0..WHOLE.len() {
        for end in start + 1..=WHOLE.len() {
            assert_eq!(
                buffer.part_with(start..end, |_| owned(b"another")).unwrap_err(),
                Error::ForeignOwner
            );
            // Honest at first, and then not.
            let calls = Cell::new(0);
            let part = buffer.part_with(start..end, |owner| {
                calls.set(calls.get() + 1);
                if calls.get() == 1 {
                    owner.clone()
                } else {
                    Bytes::new()
                }
            });
            match calls.get() {
                1 => is_whole(part.unwrap(), &WHOLE[start..end]),
                _ => assert_eq!(part.unwrap_err(), Error::ForeignOwner),
            }
            panics(|| buffer.part_with(start..end, |_| std::panic::panic_any(PANIC)));
            // It comes back in.
            let part = buffer.part_with(start..end, |owner| {
                assert_eq!(buffer.peek(end).unwrap(), WHOLE[..end]);
                owner.clone()
            });
            is_whole(part.unwrap(), &WHOLE[start..end]);
        }
    }
    is_whole(buffer, WHOLE);
}

#[test]
fn what_a_part_holds_outlives_the_buffer() {
    let mut buffer = buffer(&PARTS);
    let part = buffer.part_with(2..8, Bytes::clone).unwrap();
    let head = buffer.split_to_with(7, Bytes::clone).unwrap();
    let view = head.peek(7).unwrap();
    drop((buffer, head));
    assert_eq!(view, WHOLE[..7]);
    is_whole(part, &WHOLE[2..8]);
}

thread_local! {
    /// A buffer that an owner's `drop` looks at and changes.
    static SEEN: RefCell<Buffer> = const { RefCell::new(Buffer::new()) };
    static DROPS: Cell<usize> = const { Cell::new(0) };
}

/// Memory whose `drop` panics, at the times it was told.
struct Bomb {
    bytes: Vec<u8>,
    explodes: bool,
}

impl AsRef<[u8]> for Bomb {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Bomb {
    fn drop(&mut self) {
        DROPS.set(DROPS.get() + 1);
        self.bytes.fill(b'!');
        if self.explodes && !std::thread::panicking() {
            std::panic::panic_any(PANIC);
        }
    }
}

/// A buffer of which one owner, `bomb`, panics when it is dropped.
fn armed(bomb: usize) -> Buffer {
    let mut buffer = Buffer::new();
    for (index, part) in PARTS.into_iter().enumerate() {
        let (bytes, explodes) = (part.to_vec(), index == bomb);
        buffer
            .append_owner(Bytes::from_owner(Bomb { bytes, explodes }))
            .unwrap();
    }
    buffer
}

#[test]
fn owners_whose_drop_panics() {
    // Bomb 2 has bytes 5 to 10, so each of these drops it.
    for count in 10..=13 {
        let ways: [fn(&mut Buffer, usize); 6] = [
            |buffer, count| buffer.discard(count).unwrap(),
            |buffer, count| drop(buffer.split_to(count).unwrap()),
            |buffer, count| drop(buffer.consume(count).unwrap()),
            |buffer, count| buffer.advance(count),
            |buffer, count| BufRead::consume(buffer, count),
            |buffer, count| {
                let _ = buffer.read(&mut vec![0; count]);
            },
        ];
        for way in ways {
            let mut buffer = armed(2);
            DROPS.set(0);
            panics(|| way(&mut buffer, count));
            assert_eq!(
                all(&buffer),
                WHOLE[count..],
                "what was asked for is gone, and no more"
            );
            drop(buffer);
            assert_eq!(DROPS.get(), PARTS.len(), "no owner leaks, none goes twice");
        }
    }
    let mut cleared = armed(1);
    panics(|| cleared.clear());
    assert!(cleared.is_empty());
    cleared.append_owner(owned(b"again")).unwrap();
    is_whole(cleared, b"again");
}

/// Memory whose `drop` uses the thread's buffer.
struct Visitor(Vec<u8>);

impl AsRef<[u8]> for Visitor {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Visitor {
    fn drop(&mut self) {
        DROPS.set(DROPS.get() + 1);
        SEEN.with(|seen| {
            // Where the buffer is being changed, Rust's own rules keep it from here.
            if let Ok(mut seen) = seen.try_borrow_mut() {
                seen.append_owner(owned(b"+")).unwrap();
                seen.discard(1).unwrap();
                let bytes = all(&seen);
                assert_eq!(bytes.len(), seen.len());
            }
        });
    }
}

#[test]
fn owners_whose_drop_comes_back_in() {
    SEEN.with_borrow_mut(|seen| {
        for part in PARTS {
            seen.append_owner(Bytes::from_owner(Visitor(part.to_vec())))
                .unwrap();
        }
    });
    DROPS.set(0);
    // Dropped while the buffer is borrowed.
    SEEN.with_borrow_mut(|seen| seen.discard(6)).unwrap();
    assert_eq!(DROPS.get(), 2);
    // Dropped outside of it: the third owner's `drop` takes one byte of the fourth, and adds one.
    let taken = SEEN.with_borrow_mut(|seen| seen.split_to(4)).unwrap();
    drop(taken);
    assert_eq!(SEEN.with_borrow(all), b"lm+");
    let buffer = SEEN.with(RefCell::take);
    is_whole(buffer, b"lm+");
}

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

/// As [`panics`], whatever the message.
fn panics_in<R>(work: impl FnOnce() -> R) {
    assert!(catch_unwind(AssertUnwindSafe(work)).is_err());
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
fn takers_of_too_much() {
    let make = || Cursor::new(FrozenView::from_slices(PARTS).unwrap());
    for count in [14, usize::MAX] {
        panics_in(|| make().advance(count));
        panics_in(|| make().copy_to_bytes(count));
        panics_in(|| buffer(&PARTS).advance(count));
        panics_in(|| buffer(&PARTS).copy_to_bytes(count));
        let mut cursor = make();
        BufRead::consume(&mut cursor, count);
        assert_eq!(cursor.remaining_len(), 0);
        let mut buffer = buffer(&PARTS);
        BufRead::consume(&mut buffer, count);
        is_whole(buffer, b"");
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
