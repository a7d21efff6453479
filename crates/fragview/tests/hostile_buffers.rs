//! A buffer whose owners lie, panic, or come back in when they are cloned and dropped. None of them needs
//! `unsafe`, so none of them may break memory: `make asan-rust` runs this file under `AddressSanitizer`.
//!
//! Each test looks afterwards that the buffer is whole: it holds the bytes that a `Vec` would.
#![forbid(unsafe_code)]

mod hostile;

use std::cell::{Cell, RefCell};
use std::io::{BufRead, Read};

use bytes::{Buf, Bytes};
use fragview::io::Cursor;
use fragview::memory::Frozen;
use fragview::{Error, FragBuffer, FrozenView};
use hostile::{PANIC, PARTS, WHOLE, owned, panics, panics_in};

type Buffer = FragBuffer<Frozen<'static>, Bytes>;

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
