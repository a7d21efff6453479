//! Buffers of streams: against a plain vector that is appended to and drained.

mod support;

use std::io::{BufRead, Read};
use std::sync::atomic::{AtomicU8, Ordering};

use fragview::geometry::Slice;
use fragview::memory::{Builder, Frozen, Owner, Shared};
use fragview::{Bytes, Error, FragBuffer, FrozenView, View};
use proptest::collection::vec;
use proptest::prelude::*;
use support::{Page, atomics, splits};
use zerocopy::byteorder::big_endian::U32;

type Pages = FragBuffer<Shared<'static>, Page>;
type Slices<'a> = FragBuffer<Frozen<'a>>;

const fn short(needed: usize, available: usize) -> Error {
    Error::NotEnoughData { needed, available }
}

fn all<K: fragview::memory::Kind, O>(buffer: &FragBuffer<K, O>) -> Vec<u8> {
    let mut bytes = vec![0; buffer.len()];
    buffer.copy_to_slice(0, &mut bytes).unwrap();
    bytes
}

#[test]
fn every_split_consumed_in_every_way() {
    let bytes: Vec<u8> = (1..=8).collect();
    for lengths in splits(8) {
        let mut pieces = Vec::new();
        let mut rest = &bytes[..];
        for &length in &lengths {
            let (piece, tail) = rest.split_at(length);
            pieces.push(piece);
            rest = tail;
        }
        for step in 1..=9 {
            let (mut back, mut front) = (Slices::new(), Slices::new());
            for (piece, other) in pieces.iter().zip(pieces.iter().rev()) {
                back.append_slice(piece).unwrap();
                front.prepend_slice(other).unwrap();
            }
            for buffer in [&mut back, &mut front] {
                assert_eq!(all(buffer), bytes);
                assert_eq!(
                    buffer.fragment_count(),
                    lengths.iter().filter(|&&n| n > 0).count()
                );
                let view = buffer.view().unwrap();
                let mut left = &bytes[..];
                while !left.is_empty() {
                    let (head, tail) = left.split_at(step.min(left.len()));
                    assert_eq!(buffer.peek(head.len()).unwrap(), *head);
                    for start in 0..=left.len() {
                        for end in start..=left.len() {
                            let mut part = vec![0; end - start];
                            buffer.copy_to_slice(start, &mut part).unwrap();
                            assert_eq!(part, left[start..end]);
                            let part = buffer.part_with(start..end, |&()| ()).unwrap();
                            assert_eq!(part.into_view().unwrap(), left[start..end]);
                        }
                    }
                    assert_eq!(buffer.consume(head.len()).unwrap(), *head);
                    left = tail;
                    assert_eq!(all(buffer), left);
                }
                assert!(buffer.is_empty() && buffer.fragment_count() == 0);
                assert_eq!(view, *bytes, "a view outlives what the buffer does");
            }
        }
    }
}

#[test]
fn what_is_not_there_changes_nothing() {
    let mut buffer = Slices::new();
    assert_eq!(buffer.consume(1).unwrap_err(), short(1, 0));
    assert!(buffer.consume(0).unwrap().is_empty());
    buffer.append_slice(b"ab").unwrap();
    buffer.append_slice(b"").unwrap();
    buffer.append_slice(b"c").unwrap();
    for needed in [4, 5, usize::MAX] {
        assert_eq!(buffer.consume(needed).unwrap_err(), short(needed, 3));
        assert_eq!(buffer.peek(needed).unwrap_err(), short(needed, 3));
        assert_eq!(buffer.discard(needed).unwrap_err(), short(needed, 3));
        assert_eq!(buffer.split_to(needed).unwrap_err(), short(needed, 3));
        assert_eq!(buffer.check(needed).unwrap_err(), short(needed, 3));
        assert_eq!(
            buffer.part_with(2..needed, |&()| ()).unwrap_err(),
            short(needed, 3)
        );
    }
    #[expect(clippy::reversed_empty_ranges, reason = "it is what is refused")]
    let reversed = buffer.part_with(2..1, |&()| ());
    assert!(matches!(reversed, Err(Error::RangeOutOfRange { .. })));
    assert_eq!(buffer.read_value::<U32>().unwrap_err(), short(4, 3));
    assert_eq!(buffer.read_at::<u8>(3).unwrap_err(), short(4, 3));
    assert_eq!(
        buffer.read_at::<u8>(usize::MAX).unwrap_err(),
        short(usize::MAX, 3)
    );
    assert_eq!(buffer.copy_to_slice(2, &mut [0; 2]).unwrap_err(), short(4, 3));
    assert_eq!(
        buffer.copy_to_slice(usize::MAX, &mut []).unwrap_err(),
        short(usize::MAX, 3)
    );
    assert_eq!(all(&buffer), b"abc");
    assert_eq!(buffer.read_at::<[u8; 2]>(1).unwrap(), *b"bc");
    assert_eq!(buffer.read_value::<[u8; 3]>().unwrap(), *b"abc");
    buffer.append_slice(b"d").unwrap();
    buffer.clear();
    assert!(buffer.is_empty());
    assert_eq!(short(4, 3).to_string(), "4 bytes are needed, the buffer has 3");
}

#[test]
fn more_than_a_line_holds() {
    let mut builder = Builder::<Frozen<'_>>::new();
    builder.push_hole(isize::MAX.cast_unsigned() - 1).unwrap();
    let hole = FrozenView::from(builder.finish());
    let mut buffer = Slices::new();
    buffer.append_slice(b"a").unwrap();
    buffer.append_view(&hole).unwrap();
    assert_eq!(buffer.append_slice(b"b"), Err(Error::TooLong));
    assert_eq!(buffer.prepend_slice(b"b"), Err(Error::TooLong));
    assert_eq!(buffer.append_view(&hole), Err(Error::TooLong));
    assert_eq!(
        (buffer.len(), buffer.fragment_count()),
        (isize::MAX.cast_unsigned(), 2)
    );
    assert_eq!(buffer.read_at::<[u8; 3]>(0).unwrap(), *b"a\0\0");
    buffer.discard(isize::MAX.cast_unsigned() - 2).unwrap();
    assert_eq!(all(&buffer), [0, 0]);
    assert_eq!(buffer.first_chunk(), [0, 0]);
}

/// A line of offsets that begins below zero, and one that has gone round.
#[test]
fn prepended_for_ever() {
    let mut buffer = Slices::new();
    let data: Vec<u8> = (0..=255).collect();
    for round in 0..1000 {
        let at = round % 250;
        buffer.prepend_slice(&data[at..at + 3]).unwrap();
        let piece = [data[at], data[at + 1], data[at + 2]];
        assert_eq!(buffer.read_at::<[u8; 3]>(0).unwrap(), piece);
        assert_eq!(buffer.read_at::<u8>(buffer.len() - 1).unwrap(), 2);
    }
    assert_eq!((buffer.len(), buffer.fragment_count()), (3000, 1000));
    assert_eq!(buffer.consume(2997).unwrap().len(), 2997);
    assert_eq!(all(&buffer), [0, 1, 2]);
}

#[test]
fn memory_is_held_until_nobody_needs_it() {
    let pages: Vec<Page> = (0..4).map(|byte| Page::new(&[byte; 4], byte != 1)).collect();
    let mut buffer = Pages::new();
    for page in &pages {
        buffer.append_owner(page.clone()).unwrap();
    }
    let clones = || pages.iter().map(Page::clones).collect::<Vec<_>>();
    assert_eq!(clones(), [2, 2, 2, 2]);
    buffer.discard(3).unwrap();
    assert_eq!(
        clones(),
        [2, 2, 2, 2],
        "one byte of the first page is still there"
    );
    let taken = buffer.consume(7).unwrap();
    assert_eq!(
        clones(),
        [2, 2, 3, 2],
        "taken: what was whole has moved, what was cut is shared"
    );
    assert!(taken.slice(..1).unwrap().is_writable() && !taken.slice(..2).unwrap().is_writable());
    taken.set(5, 99).unwrap();
    assert_eq!(pages[2].bytes(), [99, 2, 2, 2]);
    buffer.discard(2).unwrap();
    assert_eq!(clones(), [2, 2, 2, 2]);
    drop(taken);
    assert_eq!(clones(), [1, 1, 1, 2]);
    buffer.clear();
    assert_eq!(clones(), [1, 1, 1, 1]);
}

#[test]
fn extents_and_permissions_of_owners() {
    let page = Page::new(b"0123456789", true);
    let mut buffer = Pages::new();
    buffer.append_extent(page.clone(), 2, 3).unwrap();
    buffer.set_readonly(true);
    buffer.append_extent(page.clone(), 0, 2).unwrap();
    buffer.set_readonly(false);
    buffer.append_extent(page.clone(), 10, 0).unwrap();
    for (offset, length) in [(8, 3), (11, 0), (usize::MAX, 2)] {
        let refused = Error::ExtentOutOfRange {
            index: 0,
            offset,
            length,
            size: 10,
        };
        assert_eq!(buffer.append_extent(page.clone(), offset, length), Err(refused));
    }
    assert_eq!(page.clones(), 3);
    let (owner, writable) = buffer.last_owner().unwrap();
    assert_eq!((owner.identity(), writable), (page.identity(), false));
    buffer.prepend_owner(page.clone()).unwrap();
    let view = buffer.view().unwrap();
    assert_eq!(view, *b"012345678923401");
    assert_eq!(view.memory().owners().len(), 1);
    assert!(view.slice(..13).unwrap().is_writable() && !view.slice(12..).unwrap().is_writable());
    // A view's permissions come along, and its holes.
    let mut builder = Builder::<Shared<'_>, Page>::new();
    builder.push_view(&view.slice(12..14).unwrap()).unwrap();
    builder.push_hole(2).unwrap();
    let mut other = Pages::new();
    other.append_view(&View::from(builder.finish())).unwrap();
    other
        .prepend_view(&view.slice_with_step(Slice {
            start: Some(8),
            stop: None,
            step: -4,
        }))
        .unwrap();
    let whole = other.consume(7).unwrap();
    assert_eq!(whole, [b'8', b'4', b'0', b'4', b'0', 0, 0]);
    let writable: Vec<bool> = (0..7)
        .map(|i| whole.slice(i..=i).unwrap().is_writable())
        .collect();
    assert_eq!(writable, [true, true, true, true, false, false, false]);
}

#[test]
fn buffers_of_atomics() {
    let base = atomics(&[1, 2, 3, 4]);
    let mut buffer = FragBuffer::<Shared<'_>>::new();
    buffer.append_slice(&base[2..]).unwrap();
    buffer.prepend_slice(&base[..1]).unwrap();
    let view = buffer.consume(2).unwrap();
    view.set(1, 9).unwrap();
    assert_eq!(base[2].load(Ordering::Relaxed), 9);
    base[3].store(7, Ordering::Relaxed);
    assert_eq!(buffer.read_value::<u8>(), Ok(7));
    let empty: [AtomicU8; 0] = [];
    buffer.append_slice(&empty).unwrap();
    assert_eq!(buffer.fragment_count(), 0);
}

#[test]
fn a_stream_as_the_standard_library_reads_it() {
    let mut buffer = Slices::new();
    for piece in [&b"one\ntw"[..], b"", b"o", b"\n", b"three"] {
        buffer.append_slice(piece).unwrap();
    }
    let mut line = String::new();
    assert_eq!(buffer.read_line(&mut line).unwrap(), 4);
    assert_eq!(BufRead::read_line(&mut buffer, &mut line).unwrap(), 4);
    assert_eq!(line, "one\ntwo\n");
    let mut two = [0; 2];
    buffer.read_exact(&mut two).unwrap();
    assert_eq!(&two, b"th");
    let mut rest = Vec::new();
    assert_eq!(buffer.read_to_end(&mut rest).unwrap(), 3);
    assert_eq!((&rest[..], buffer.len()), (&b"ree"[..], 0));
    assert_eq!(Read::read(&mut buffer, &mut two).unwrap(), 0);
    assert!(buffer.fill_buf().unwrap().is_empty());
}

#[cfg(feature = "bytes")]
#[test]
fn a_stream_as_the_crate_bytes_reads_it() {
    use std::io::IoSlice;

    use bytes::Buf;

    let mut buffer = FragBuffer::<Frozen<'static>, bytes::Bytes>::new();
    for piece in ["ab", "", "c", "defg"] {
        buffer.append_owner(bytes::Bytes::from(piece)).unwrap();
    }
    buffer.advance(1);
    assert_eq!((buffer.remaining(), buffer.chunk()), (6, &b"b"[..]));
    let mut slices = [IoSlice::new(b""); 2];
    assert_eq!(buffer.chunks_vectored(&mut slices), 2);
    assert_eq!((&*slices[0], &*slices[1]), (&b"b"[..], &b"c"[..]));
    let mut slices = [IoSlice::new(b""); 9];
    assert_eq!(buffer.chunks_vectored(&mut slices), 3);
    let joined: Vec<u8> = slices.iter().flat_map(|slice| slice.to_vec()).collect();
    assert_eq!(joined, b"bcdefg");
    assert_eq!(buffer.get_u16(), u16::from_be_bytes(*b"bc"));
    assert!(buffer.try_get_u64().is_err());
    assert_eq!(buffer.copy_to_bytes(4), "defg");
    assert_eq!(
        (buffer.chunk(), buffer.chunks_vectored(&mut [IoSlice::new(b"")])),
        (&b""[..], 0)
    );
    let past = std::panic::catch_unwind(move || buffer.advance(1));
    assert!(past.is_err(), "the trait demands a panic");
}

#[test]
fn records_are_scanned_in_a_buffer() {
    let mut buffer = Slices::new();
    for piece in [&b"\0"[..], b"\x03ab", b"c\0\x01d\0\x05no"] {
        buffer.append_slice(piece).unwrap();
    }
    let layout = fragview::records::RecordLayout::new(">H", &["length"]).unwrap();
    let (table, fault) = layout.scan_some(&buffer, 0..buffer.len());
    assert_eq!((table.len(), fault.map(|fault| fault.offset)), (2, Some(8)));
    assert_eq!(fragview::array(&buffer, 1), Some([3, b'a']));
    assert_eq!(Bytes::len(&buffer), 12);
}

/// What is taken from a buffer costs what is taken, whatever is left, and what is left keeps little room.
#[test]
fn a_million_packets() {
    let packet = [7; 3];
    let mut buffer = Slices::new();
    for _ in 0..1_000_000 {
        buffer.append_slice(&packet).unwrap();
    }
    for _ in 0..999_990 {
        assert_eq!(buffer.peek(4).unwrap().len(), 4);
        buffer.discard(3).unwrap();
    }
    assert_eq!((buffer.len(), buffer.fragment_count()), (30, 10));
    assert_eq!(buffer.view().unwrap(), [7; 30]);
}

#[derive(Clone, Debug)]
enum Step {
    Append(usize, usize, usize),
    Prepend(usize, usize, usize),
    AppendView(usize, usize),
    PrependTaken,
    Consume(usize),
    Discard(usize),
    Split(usize),
    Swap,
    Read(usize),
    Find(usize, usize),
}

fn step() -> impl Strategy<Value = Step> {
    let any = 0_usize..100;
    prop_oneof![
        3 => (0_usize..3, 0_usize..16, 0_usize..9).prop_map(|(page, at, n)| Step::Append(page, at, n)),
        2 => (0_usize..3, 0_usize..16, 0_usize..9).prop_map(|(page, at, n)| Step::Prepend(page, at, n)),
        1 => (any.clone(), any.clone()).prop_map(|(at, n)| Step::AppendView(at, n)),
        1 => Just(Step::PrependTaken),
        3 => any.clone().prop_map(Step::Consume),
        1 => any.clone().prop_map(Step::Discard),
        1 => any.clone().prop_map(Step::Split),
        1 => Just(Step::Swap),
        1 => any.clone().prop_map(Step::Read),
        1 => (any.clone(), any).prop_map(|(at, start)| Step::Find(at, start)),
    ]
}

proptest! {
    #[test]
    fn random_steps(steps in vec(step(), 1..60)) {
        let pages: Vec<Page> = (0_u8..3)
            .map(|page| Page::new(&(0..24).map(|byte| page * 32 + byte % 5).collect::<Vec<_>>(), page != 1))
            .collect();
        let part = |page: usize, at: usize, n: usize| pages[page].bytes()[at..at + n].to_vec();
        let (mut buffer, mut bytes) = (Pages::new(), Vec::new());
        let (mut spare, mut spare_bytes) = (Pages::new(), Vec::new());
        let mut taken: Vec<(_, Vec<u8>)> = Vec::new();
        for step in steps {
            match step {
                Step::Append(page, at, n) => {
                    buffer.append_extent(pages[page].clone(), at, n.min(8)).unwrap();
                    bytes.extend(part(page, at, n.min(8)));
                }
                Step::Prepend(page, at, n) => {
                    let view = View::from_extents(pages[page].clone(), [(at, n.min(8))]).unwrap();
                    buffer.prepend_view(&view).unwrap();
                    bytes.splice(..0, part(page, at, n.min(8)));
                }
                Step::AppendView(at, n) => {
                    let view = buffer.view().unwrap();
                    let start = at.min(view.len());
                    let end = (start + n % 10).min(view.len());
                    buffer.append_view(&view.slice(start..end).unwrap()).unwrap();
                    bytes.extend_from_within(start..end);
                }
                Step::PrependTaken => if let Some((view, content)) = taken.pop() {
                    buffer.prepend_view(&view).unwrap();
                    bytes.splice(..0, content);
                },
                Step::Consume(n) => {
                    let result = buffer.consume(n);
                    if n <= bytes.len() {
                        taken.push((result.unwrap(), bytes.drain(..n).collect()));
                    } else {
                        prop_assert_eq!(result.unwrap_err(), short(n, bytes.len()));
                    }
                }
                Step::Discard(n) => {
                    let n = n.min(bytes.len());
                    buffer.discard(n).unwrap();
                    bytes.drain(..n);
                }
                Step::Split(n) => {
                    let n = n.min(bytes.len());
                    let mut split = buffer.split_to(n).unwrap();
                    spare.append(&mut split).unwrap();
                    prop_assert!(split.is_empty());
                    spare_bytes.extend(bytes.drain(..n));
                }
                Step::Swap => {
                    std::mem::swap(&mut buffer, &mut spare);
                    std::mem::swap(&mut bytes, &mut spare_bytes);
                    buffer.prepend(&mut spare).unwrap();
                    bytes.splice(..0, spare_bytes.drain(..));
                }
                Step::Read(at) => {
                    let expected = bytes.get(at..at + 3).map(|b| [b[0], b[1], b[2]]);
                    prop_assert_eq!(buffer.read_at::<[u8; 3]>(at).ok(), expected);
                }
                Step::Find(at, start) => {
                    let needle = bytes.get(at..at + 2).unwrap_or(b"zz").to_vec();
                    let expected = (start..=bytes.len()).find(|&at| bytes[at..].starts_with(&needle));
                    prop_assert_eq!(buffer.find(&needle, start).unwrap(), expected);
                }
            }
            prop_assert_eq!(&all(&buffer), &bytes);
            prop_assert_eq!(buffer.len(), bytes.len());
            if bytes.len() > 300 {
                buffer.clear();
                bytes.clear();
            }
        }
        for (view, content) in &taken {
            prop_assert_eq!(view, &content[..]);
        }
        drop((buffer, spare, taken));
        prop_assert!(pages.iter().all(|page| page.clones() == 1));
    }
}

#[test]
fn one_fragment_is_taken_as_a_memory_and_no_more() {
    for lengths in [[3, 4], [1, 1], [5, 2]] {
        for count in 0..=8 {
            let bytes: Vec<u8> = (1..=8).collect();
            let (first, second) = (lengths[0], lengths[0] + lengths[1]);
            let pages = [
                Page::new(&bytes[..first], true),
                Page::new(&bytes[first..second], true),
            ];
            let mut buffer = Pages::new();
            for page in &pages {
                buffer.append_owner(page.clone()).unwrap();
            }
            let taken = buffer.take_one_with(count, Page::clone);
            if count > second {
                assert_eq!(taken.err(), Some(short(count, second)));
                assert_eq!(all(&buffer), bytes[..second]);
                continue;
            }
            let Some(memory) = taken.unwrap() else {
                assert!(count == 0 || count > first);
                assert_eq!(all(&buffer), bytes[..second]);
                continue;
            };
            assert!((1..=first).contains(&count));
            assert_eq!(memory.fragment_count(), 1);
            assert_eq!(View::from(memory).to_vec().unwrap(), bytes[..count]);
            assert_eq!(all(&buffer), bytes[count..second]);
            // The memory is gone; the buffer holds no more clones than it has fragments.
            let held = usize::from(count < first);
            assert_eq!([pages[0].clones(), pages[1].clones()], [1 + held, 2]);
            // What is left can still be taken and put back.
            let mut rest = buffer.split_to(second - count).unwrap();
            buffer.prepend(&mut rest).unwrap();
            assert_eq!(
                buffer.consume(second - count).unwrap().to_vec().unwrap(),
                bytes[count..second]
            );
        }
    }
}
