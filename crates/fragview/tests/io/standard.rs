//! Cursors against `std::io::Cursor` of the same bytes.

use std::io::{self, BufRead, Cursor as Plain, ErrorKind, IoSliceMut, Read, Seek, SeekFrom, Write};

use crate::support::{Layout, atomics, loaded, splits};
use fragview::geometry::Slice;
use fragview::io::Cursor;
use fragview::memory::{Builder, Kind, Shared};
use fragview::{FrozenView, MemoryRef, SharedView, View};
use proptest::collection::vec;
use proptest::prelude::*;

/// All ways to read from each position, compared with the standard cursor.
fn compare_reads<K: Kind, R: MemoryRef>(view: View<K, u8, R>, bytes: &[u8]) {
    let (mut ours, mut theirs) = (Cursor::new(view), Plain::new(bytes.to_vec()));
    for position in 0..=bytes.len() as u64 + 2 {
        for size in 0..=bytes.len() + 2 {
            let (mut got, mut expected) = (vec![0xAA; size], vec![0xAA; size]);
            ours.set_position(position);
            theirs.set_position(position);
            assert_eq!(ours.read(&mut got).unwrap(), theirs.read(&mut expected).unwrap());
            assert_eq!(got, expected);
            assert_eq!(ours.position(), theirs.position());
        }
        ours.set_position(position);
        theirs.set_position(position);
        let (mut got, mut expected) = (vec![9], vec![9]);
        assert_eq!(
            ours.read_to_end(&mut got).unwrap(),
            theirs.read_to_end(&mut expected).unwrap()
        );
        assert_eq!(got, expected);
        assert_eq!(ours.read(&mut [0; 3]).unwrap(), 0);
        for delimiter in 0..=bytes.len() {
            let delimiter = u8::try_from(delimiter).unwrap();
            ours.set_position(position);
            theirs.set_position(position);
            let (mut got, mut expected) = (Vec::new(), Vec::new());
            ours.read_until(delimiter, &mut got).unwrap();
            theirs.read_until(delimiter, &mut expected).unwrap();
            assert_eq!((got, ours.position()), (expected, theirs.position()));
        }
    }
}

#[test]
fn every_kind_reads_as_a_plain_cursor() {
    for split in splits(7) {
        let layout = Layout::new(&split);
        let (mut base, bytes) = (layout.base(), layout.bytes());
        compare_reads(layout.frozen(&base), &bytes);
        compare_reads(layout.shared(&atomics(&base)), &bytes);
        compare_reads(layout.exclusive(&mut base), &bytes);
    }
}

#[test]
fn views_with_gaps_and_in_reverse() {
    let layout = Layout::new(&[3, 1, 4, 2]);
    let (base, bytes) = (layout.base(), layout.bytes());
    for step in [-3, -1, 2, 5] {
        let slice = Slice {
            start: None,
            stop: None,
            step,
        };
        let picked: Vec<u8> = crate::support::picked(slice, bytes.len())
            .iter()
            .map(|&index| bytes[index])
            .collect();
        compare_reads(layout.frozen(&base).slice_with_step(slice), &picked);
        compare_reads(layout.shared(&atomics(&base)).slice_with_step(slice), &picked);
    }
}

#[test]
fn holes_read_as_zeros() {
    let mut builder = Builder::<Shared<'_>>::new();
    let head = atomics(b"ab\n");
    builder.push_slice(&head).unwrap();
    builder.push_hole(10_000).unwrap();
    builder.push_slice(&head).unwrap();
    let view = SharedView::from(builder.finish());
    let mut lines = Cursor::new(view).split(b'\n');
    assert_eq!(lines.next().unwrap().unwrap(), b"ab");
    let second = lines.next().unwrap().unwrap();
    assert_eq!((second.len(), &second[9_999..]), (10_002, &b"\0ab"[..]));
    assert!(lines.next().is_none());
}

#[test]
fn seeks_as_a_plain_cursor() {
    let view = FrozenView::from_slices([&b"abc"[..], b"de"]).unwrap();
    let targets = [0, 1, 3, 5, 9, u64::MAX].map(SeekFrom::Start).into_iter().chain(
        [i64::MIN, -6, -5, -1, 0, 2, i64::MAX]
            .into_iter()
            .flat_map(|offset| [SeekFrom::Current(offset), SeekFrom::End(offset)]),
    );
    for first in [0, 2, 5, 8, u64::MAX] {
        for target in targets.clone() {
            let (mut ours, mut theirs) = (Cursor::new(view.clone()), Plain::new(b"abcde"));
            ours.set_position(first);
            theirs.set_position(first);
            let (got, expected) = (ours.seek(target), theirs.seek(target));
            assert_eq!(
                got.as_ref().map_err(io::Error::kind),
                expected.as_ref().map_err(io::Error::kind)
            );
            assert_eq!(ours.position(), theirs.position(), "{first} {target:?}");
            assert_eq!(ours.stream_position().unwrap(), ours.position());
        }
    }
}

/// A buffered reader that seeks from the end of its buffer, and not from where its reader is, goes wrong
/// here.
#[test]
fn a_relative_seek_counts_from_what_was_consumed() {
    let bytes: Vec<u8> = (0..=255).cycle().take(50_000).collect();
    let shared = atomics(&bytes);
    let mut cursor = Cursor::new(SharedView::from_atomics(shared.chunks(777)).unwrap());
    for (consumed, offset) in [(3, 10), (500, -100), (0, 2000), (600, 0), (1, -3)] {
        let at = usize::try_from(cursor.position()).unwrap();
        assert!(!cursor.fill_buf().unwrap().is_empty());
        cursor.consume(consumed);
        cursor.seek(SeekFrom::Current(offset)).unwrap();
        let expected = (at + consumed).wrapping_add_signed(isize::try_from(offset).unwrap());
        assert_eq!(cursor.position(), expected as u64);
        assert_eq!(cursor.fill_buf().unwrap()[0], bytes[expected]);
        let mut next = [0; 700];
        cursor.read_exact(&mut next).unwrap();
        assert_eq!(next, bytes[expected..expected + 700]);
    }
}

#[test]
fn shared_chunks_are_fresh_after_writes_and_seeks() {
    let base = atomics(b"abcdef");
    let mut cursor = Cursor::new(SharedView::from_atomics([&base[..2], &base[2..]]).unwrap());
    assert_eq!(cursor.fill_buf().unwrap(), b"abcdef");
    cursor.write_all(b"XY").unwrap();
    assert_eq!(cursor.fill_buf().unwrap(), b"cdef");
    cursor.set_position(0);
    assert_eq!(cursor.fill_buf().unwrap(), b"XYcdef");
    // A copy is made once; a read into a buffer sees the memory as it is.
    base[2].store(b'Z', std::sync::atomic::Ordering::Relaxed);
    cursor.consume(2);
    let mut byte = [0];
    cursor.read_exact(&mut byte).unwrap();
    assert_eq!(&byte, b"Z");
    // More than there is to consume is all there is.
    cursor.consume(usize::MAX);
    assert_eq!((cursor.position(), cursor.fill_buf().unwrap().len()), (6, 0));
}

#[test]
fn frozen_chunks_are_the_memory() {
    let (one, two) = (*b"abc", *b"de");
    let mut cursor = Cursor::new(FrozenView::from_slices([&one[..], &two]).unwrap());
    cursor.consume(1);
    assert!(std::ptr::eq(cursor.chunk(), &raw const one[1..]));
    cursor.consume(2);
    assert!(std::ptr::eq(cursor.chunk(), &raw const two[..]));
    assert_eq!(cursor.into_inner(), b"abcde");
}

#[test]
fn vectored_reads_fill_all_targets() {
    let view = FrozenView::from_slices([&b"abc"[..], b"defg"]).unwrap();
    let (mut one, mut two, mut three) = ([0; 2], [0; 4], [0; 9]);
    let mut cursor = Cursor::new(view);
    let mut targets = [&mut one[..], &mut two, &mut three].map(IoSliceMut::new);
    assert_eq!(cursor.read_vectored(&mut targets).unwrap(), 7);
    assert_eq!((&one, &two, &three[..2]), (b"ab", b"cdef", &b"g\0"[..]));
}

#[test]
fn writes_stop_at_the_end() {
    for split in splits(6) {
        let layout = Layout::new(&split);
        for position in 0..8 {
            for count in 0..9 {
                let mut plain = layout.bytes();
                let source = &b"XYZUVWRST"[..count];
                let mut theirs = Plain::new(&mut plain[..]);
                theirs.set_position(position);
                let expected = theirs.write(source).unwrap();
                // Shared memory.
                let base = layout.atomics();
                let mut ours = Cursor::new(layout.shared(&base));
                ours.set_position(position);
                assert_eq!(ours.write(source).unwrap(), expected);
                assert_eq!(ours.position(), position + expected as u64);
                let positions = layout.positions();
                let now = loaded(&base);
                assert_eq!(positions.iter().map(|&at| now[at]).collect::<Vec<_>>(), plain);
                // Exclusive memory; what is around stays.
                let mut base = layout.base();
                let mut ours = Cursor::new(layout.exclusive(&mut base));
                ours.set_position(position);
                assert_eq!(ours.write(source).unwrap(), expected);
                ours.flush().unwrap();
                assert_eq!(ours.into_inner(), plain[..]);
                assert_eq!(base, now);
            }
        }
    }
}

#[test]
fn writes_to_read_only_memory_are_refused_whole() {
    let pages = [
        crate::support::Page::new(b"ab", true),
        crate::support::Page::new(b"cd", false),
    ];
    let view = View::from_owners(pages.clone()).unwrap();
    let mut cursor = Cursor::new(view);
    let error = cursor.write(b"XYZ").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PermissionDenied);
    assert_eq!((cursor.position(), pages[0].bytes()), (0, b"ab".to_vec()));
    assert_eq!(cursor.write(b"XY").unwrap(), 2);
    assert_eq!(cursor.write(b"").unwrap(), 0);
    assert_eq!(
        cursor.write(b"Z").unwrap_err().kind(),
        ErrorKind::PermissionDenied
    );
    assert_eq!(pages[0].bytes(), b"XY");
}

#[test]
fn whole_files_by_copy() {
    let bytes: Vec<u8> = (0..=250).cycle().take(100_000).collect();
    let mut target = vec![0; bytes.len()];
    let mut source = Cursor::new(FrozenView::from_slices(bytes.chunks(999)).unwrap());
    let mut sink = Cursor::new(fragview::ExclusiveView::from_slices_mut(target.chunks_mut(1001)).unwrap());
    assert_eq!(io::copy(&mut source, &mut sink).unwrap(), 100_000);
    assert_eq!(target, bytes);
}

#[derive(Clone, Debug)]
enum Step {
    Read(usize),
    Line(u8),
    Consume(usize),
    Seek(i64),
    Write(Vec<u8>),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    vec(
        prop_oneof![
            (0..3000_usize).prop_map(Step::Read),
            any::<u8>().prop_map(Step::Line),
            (0..3000_usize).prop_map(Step::Consume),
            (-4000..4000_i64).prop_map(Step::Seek),
            vec(any::<u8>(), 0..50).prop_map(Step::Write),
        ],
        0..40,
    )
}

proptest! {
    #[test]
    fn any_steps(lengths in vec(0..900_usize, 0..12), steps in steps()) {
        let total = lengths.iter().sum();
        let mut plain: Vec<u8> = (0..=255).cycle().take(total).collect();
        let base = atomics(&plain);
        let mut rest = &base[..];
        let slices: Vec<_> = lengths.iter().map(|&length| {
            let (head, tail) = rest.split_at(length);
            rest = tail;
            head
        }).collect();
        let mut ours = Cursor::new(SharedView::from_atomics(slices).unwrap());
        let mut theirs = Plain::new(&mut plain[..]);
        for step in steps {
            match step {
                Step::Read(count) => {
                    let (mut got, mut expected) = (vec![0; count], vec![0; count]);
                    prop_assert_eq!(ours.read(&mut got).unwrap(), theirs.read(&mut expected).unwrap());
                    prop_assert_eq!(got, expected);
                }
                Step::Line(end) => {
                    let (mut got, mut expected) = (Vec::new(), Vec::new());
                    ours.read_until(end, &mut got).unwrap();
                    theirs.read_until(end, &mut expected).unwrap();
                    prop_assert_eq!(got, expected);
                }
                Step::Consume(count) => {
                    let expected = theirs.fill_buf().unwrap();
                    let got = ours.fill_buf().unwrap();
                    prop_assert!(expected.starts_with(got));
                    prop_assert_eq!(got.is_empty(), expected.is_empty());
                    let count = count.min(got.len());
                    ours.consume(count);
                    theirs.consume(count);
                }
                Step::Seek(offset) => {
                    let (got, expected) = (ours.seek(SeekFrom::Current(offset)), theirs.seek(SeekFrom::Current(offset)));
                    prop_assert_eq!(got.ok(), expected.ok());
                }
                Step::Write(source) => {
                    prop_assert_eq!(ours.write(&source).unwrap(), theirs.write(&source).unwrap());
                }
            }
            prop_assert_eq!(ours.position(), theirs.position());
        }
    }
}
