//! Cursors as `bytes::Buf` and `bytes::BufMut`, against plain slices.
#![cfg(feature = "bytes")]

use std::io::IoSlice;

use crate::support::{Layout, atomics, splits};
use bytes::{Buf, BufMut};
use fragview::io::Cursor;
use fragview::memory::Kind;
use fragview::{FrozenView, MemoryRef, SharedView, View};

fn joined(slices: &[IoSlice<'_>]) -> Vec<u8> {
    slices.iter().flat_map(|slice| slice.iter().copied()).collect()
}

fn compare<K: Kind, R: MemoryRef>(make: impl Fn() -> View<K, u8, R>, bytes: &[u8]) {
    for position in 0..=bytes.len() {
        let mut ours = Cursor::new(make());
        ours.advance(position);
        let mut theirs = &bytes[position..];
        assert_eq!(ours.remaining(), theirs.remaining());
        assert_eq!(ours.has_remaining(), theirs.has_remaining());
        assert!(theirs.starts_with(Buf::chunk(&ours)));
        assert_eq!(Buf::chunk(&ours).is_empty(), theirs.is_empty());
        // Chunk by chunk it is all there is.
        let mut all = Vec::new();
        let mut walker = Cursor::new(make());
        walker.advance(position);
        while walker.has_remaining() {
            let chunk = Buf::chunk(&walker).to_vec();
            walker.advance(chunk.len());
            all.extend(chunk);
        }
        assert_eq!(all, theirs);
        // As many slices as find room, never more bytes than there are.
        for room in 0..5 {
            let mut slices = [IoSlice::new(b"rest"); 5];
            let count = ours.chunks_vectored(&mut slices[..room]);
            let got = joined(&slices[..count]);
            assert!(theirs.starts_with(&got));
            assert_eq!(count == 0, room == 0 || theirs.is_empty());
            assert!(slices[..count].iter().all(|slice| !slice.is_empty()));
            assert_eq!(joined(&slices[count..]), b"rest".repeat(5 - count));
        }
        if theirs.len() >= 4 {
            assert_eq!(ours.get_u32(), theirs.get_u32());
        }
        if theirs.len() >= 3 {
            assert_eq!(ours.get_uint_le(3), theirs.get_uint_le(3));
        }
        assert_eq!(ours.try_get_u64().ok(), theirs.try_get_u64().ok());
        assert_eq!(ours.remaining(), theirs.remaining());
        let half = theirs.len() / 2;
        assert_eq!(ours.copy_to_bytes(half), theirs.copy_to_bytes(half));
        assert_eq!(
            Buf::take(&mut ours, 2).copy_to_bytes(half.min(2)),
            theirs[..half.min(2)]
        );
    }
}

#[test]
fn every_kind_reads_as_a_slice() {
    for split in splits(9) {
        let layout = Layout::new(&split);
        let (base, bytes) = (layout.base(), layout.bytes());
        let shared = atomics(&base);
        compare(|| layout.frozen(&base), &bytes);
        compare(|| layout.shared(&shared), &bytes);
    }
}

#[test]
fn exclusive_memory_lends_as_frozen_does() {
    let (mut one, mut two) = (*b"abc", *b"defg");
    let view = fragview::ExclusiveView::from_slices_mut([&mut one[..], &mut two]).unwrap();
    let mut cursor = Cursor::new(view);
    cursor.advance(1);
    let mut slices = [IoSlice::new(b""); 4];
    assert_eq!(cursor.chunks_vectored(&mut slices), 2);
    assert_eq!(joined(&slices), b"bcdefg");
}

/// Slices of a part of a fragment at either end, and no byte of the fragment beyond.
#[test]
fn no_byte_past_a_slice_leaks_into_vectors() {
    let file = b"one fragment, secret|another fragment, secret|third";
    let view = FrozenView::from_slices([&file[..20], &file[21..45], &file[46..]]).unwrap();
    let part = view.slice(4..24).unwrap();
    let mut cursor = Cursor::new(part);
    for left in (0..=20).rev() {
        let mut slices = [IoSlice::new(b""); 4];
        let count = cursor.chunks_vectored(&mut slices);
        assert_eq!(count, usize::from(left > 0) + usize::from(left > 4));
        assert_eq!(joined(&slices).len(), left);
        assert_eq!(joined(&slices), b"fragment, secretanot"[20 - left..]);
        // A limit cuts the last slice.
        let limited = Buf::take(&mut cursor, 3);
        let mut slices = [IoSlice::new(b""); 4];
        let count = limited.chunks_vectored(&mut slices);
        assert_eq!(joined(&slices[..count]).len(), left.min(3));
        if left > 0 {
            cursor.advance(1);
        }
    }
}

#[test]
fn more_slices_than_there_is_room_for() {
    let bytes = vec![7; 5000];
    let cursor = Cursor::new(FrozenView::from_slices(bytes.chunks(2)).unwrap());
    let mut slices = vec![IoSlice::new(b""); 1500];
    assert_eq!(cursor.chunks_vectored(&mut slices), 1500);
    assert_eq!(joined(&slices).len(), 3000);
}

#[test]
#[should_panic(expected = "cannot advance by 3 bytes: 2 remain")]
fn advancing_past_the_end_panics() {
    Cursor::new(FrozenView::from_slices([&b"a"[..], b"b"]).unwrap()).advance(3);
}

#[test]
fn puts_go_to_the_fragments() {
    for split in splits(9) {
        let layout = Layout::new(&split);
        let mut base = layout.base();
        let mut cursor = Cursor::new(layout.exclusive(&mut base));
        cursor.put_u8(1);
        cursor.put_u32(0x0203_0405);
        cursor.put_slice(&[6, 7]);
        assert_eq!((cursor.remaining_mut(), cursor.position()), (2, 7));
        cursor.put(&[8_u8, 9][..]);
        assert!(!cursor.has_remaining_mut());
        assert!(cursor.chunk_mut().len() == 0);
        // Byte `i` of the view is `i + 1`, and what is around has not changed.
        assert_eq!(cursor.into_inner(), [1, 2, 3, 4, 5, 6, 7, 8, 9][..]);
        assert_eq!(base, layout.base());
    }
}

#[test]
fn holes_in_chunks() {
    let mut builder = fragview::memory::Builder::<fragview::memory::Frozen<'_>>::new();
    builder.push_slice(b"ab").unwrap();
    builder.push_hole(9000).unwrap();
    builder.push_slice(b"cd").unwrap();
    let mut cursor = Cursor::new(FrozenView::from(builder.finish()));
    cursor.advance(1);
    let mut slices = [IoSlice::new(b""); 8];
    let count = cursor.chunks_vectored(&mut slices);
    let all = joined(&slices[..count]);
    assert_eq!((all.len(), all[0], &all[9001..]), (9003, b'b', &b"cd"[..]));
    assert_eq!(cursor.copy_to_bytes(9003), all);
}

/// A cursor may be handed to another thread, and looked at by two.
#[test]
fn cursors_are_send_and_sync() {
    fn assert<T: Send + Sync>(_: &T) {}
    let base = atomics(b"ab");
    assert(&Cursor::new(SharedView::from_atomics([&base[..]]).unwrap()));
    assert(&Cursor::new(FrozenView::from_slices([&b"ab"[..]]).unwrap()));
}

#[test]
fn bytes_are_shared_where_one_owner_has_them() {
    use bytes::Bytes;
    use fragview::FragBuffer;
    use fragview::memory::Frozen;
    let (head, tail) = (Bytes::from(b"head".to_vec()), Bytes::from(b"tail".to_vec()));
    let whole = b"headtail";
    for start in 0..=whole.len() {
        for count in 0..=whole.len() - start {
            let mut cursor = Cursor::new(View::from_owners([head.clone(), tail.clone()]).unwrap());
            cursor.set_position(start as u64);
            let mut buffer = FragBuffer::<Frozen<'_>, Bytes>::new();
            buffer.append_owner(head.clone()).unwrap();
            buffer.append_owner(tail.clone()).unwrap();
            buffer.discard(start).unwrap();
            let taken = [cursor.copy_to_bytes(count), buffer.copy_to_bytes(count)];
            assert_eq!(
                (cursor.remaining(), buffer.remaining()),
                (8 - start - count, 8 - start - count)
            );
            let (owner, at) = if start < 4 {
                (&head, start)
            } else {
                (&tail, start - 4)
            };
            for bytes in taken {
                assert_eq!(bytes, whole[start..start + count]);
                if count > 0 {
                    let shares = bytes.as_ptr() == owner.as_ptr().wrapping_add(at);
                    assert_eq!(shares, at + count <= 4, "{start} {count}");
                }
            }
        }
    }
    // In reverse, and borrowed, there is nothing to share: copied.
    let mut reversed = Cursor::new(View::from_owners([head.clone()]).unwrap().reversed());
    assert_eq!(reversed.copy_to_bytes(3), b"dae"[..]);
}
