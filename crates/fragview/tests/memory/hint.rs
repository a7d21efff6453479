//! Hints and pieces: they make reads quicker, and never decide what is read.

use fragview::memory::Hint;
use fragview::{Bytes, FrozenView};

fn fragments(byte: u8) -> Vec<Vec<u8>> {
    (1..40).map(|length| vec![byte; length % 7 + 1]).collect()
}

fn view(fragments: &[Vec<u8>]) -> FrozenView<'_> {
    FrozenView::from_slices(fragments.iter().map(Vec::as_slice)).unwrap()
}

fn numbered() -> Vec<Vec<u8>> {
    let mut bytes = fragments(0);
    for (value, byte) in (0..=u8::MAX).cycle().zip(bytes.iter_mut().flatten()) {
        *byte = value;
    }
    bytes
}

#[test]
fn a_hint_that_served_other_bytes_does_no_harm() {
    let mut hint = Hint::default();
    {
        let old = fragments(1);
        assert_eq!(view(&old).memory().read_near_hint(&mut hint, 3), Some([1_u8; 2]));
    }
    // The bytes that the hint served are gone.
    let new = fragments(2);
    let new = view(&new);
    for offset in 0..new.len() {
        let mut copy = hint;
        assert_eq!(new.memory().read_near_hint(&mut copy, offset), Some(2_u8));
        assert!(matches!(
            new.memory().read_at_hint(hint, offset),
            None | Some(2_u8)
        ));
        let mut again = hint;
        assert_eq!(new.memory().read_with_hint(&mut again, offset), Some(2_u8));
        assert_eq!(again.fragment(), copy.fragment());
    }
    // Nor does one that is past all fragments.
    assert!(
        new.memory()
            .read_near_hint::<u8>(&mut hint, new.len() - 1)
            .is_some()
    );
    let few = FrozenView::from_slices([&[3][..], &[4]]).unwrap();
    assert_eq!(few.memory().read_at_hint::<u8>(hint, 1), None);
    assert_eq!(few.memory().read_with_hint(&mut { hint }, 1), Some(4_u8));
    assert_eq!(few.memory().read_near_hint(&mut hint, 1), Some(4_u8));
    let none = FrozenView::from_slices([]).unwrap();
    assert_eq!(none.memory().read_near_hint::<u8>(&mut hint, 0), None);
    assert_eq!(none.memory().read_with_hint::<u8>(&mut hint, 0), None);
    assert_eq!(none.memory().read_at_hint::<u8>(hint, 0), None);
}

#[test]
fn hinted_reads_read_what_others_do() {
    let bytes = numbered();
    let (view, joined) = (view(&bytes), bytes.concat());
    let offsets = || (0..joined.len() + 3).chain([usize::MAX, 70, 2, 71, 3]);
    let (mut hint, mut again) = (Hint::default(), Hint::default());
    let mut there = 0;
    for offset in offsets().chain(offsets().rev()) {
        let want = offset.checked_add(3).and_then(|end| joined.get(offset..end));
        let got: Option<[u8; 3]> = view.memory().read_near_hint(&mut hint, offset);
        assert_eq!(got.as_ref().map(<[u8; 3]>::as_slice), want, "at {offset}");
        let got: Option<[u8; 3]> = view.memory().read_with_hint(&mut again, offset);
        assert_eq!(got.as_ref().map(<[u8; 3]>::as_slice), want, "at {offset}");
        if let Some(found) = view.memory().read_at_hint::<[u8; 3]>(hint, offset) {
            assert_eq!(Some(&found[..]), want, "at {offset}");
            there += 1;
        }
    }
    assert!(there > 50, "most lie in one fragment");
    assert_eq!(Hint::at(7).fragment(), 7);
}

/// Every piece of every slice: it holds the offset, reads what is there, and nothing beyond its range.
#[test]
fn pieces_read_what_others_do() {
    let bytes = numbered();
    let whole = view(&bytes);
    let joined = bytes.concat();
    for (start, end) in [(0, joined.len()), (5, joined.len() - 1), (9, 9), (30, 31)] {
        let view = whole.slice(start..end).unwrap();
        let want = &joined[start..end];
        for offset in 0..view.len() + 2 {
            let Some(piece) = view.fragment_at(offset) else {
                assert!(offset >= view.len());
                continue;
            };
            let range = piece.range().clone();
            assert!(range.contains(&offset) && range.end <= view.len());
            for at in range.start.saturating_sub(1)..range.end + 2 {
                for length in [0, 1, 2, 5, 9] {
                    let mut target = vec![0xEE; length];
                    let inside = at >= range.start && at + length <= range.end;
                    assert_eq!(piece.read(at, &mut target).is_some(), inside, "{length} at {at}");
                    let want = if inside {
                        &want[at..at + length]
                    } else {
                        &[0xEE; 9][..length]
                    };
                    assert_eq!(target, want);
                }
            }
            assert_eq!(piece.read(usize::MAX, &mut [0]), None);
        }
        assert!(view.fragment_at(usize::MAX).is_none());
    }
    assert!(
        whole.reversed().fragment_at(0).is_none(),
        "a view with gaps has no pieces"
    );
    let slice = &joined[..];
    assert_eq!(slice.fragment_at(3).unwrap().range(), &(0..joined.len()));
    assert!(slice.fragment_at(joined.len()).is_none());
}

#[test]
fn bytes_near_a_hint_are_those_of_the_line() {
    let parts = numbered();
    let line = parts.concat();
    let view = view(&parts);
    for first in 0..=line.len() {
        for count in 0..12 {
            for hint in [0, 3, parts.len() - 1, usize::MAX] {
                let (mut hint, mut bytes) = (Hint::at(hint), vec![0xEE; count]);
                let found = view.memory().read_bytes_near(&mut hint, first, &mut bytes);
                if first < line.len() && first + count <= line.len() {
                    assert!(found.is_some());
                    assert_eq!(bytes, line[first..first + count]);
                } else {
                    assert!(found.is_none());
                }
            }
        }
    }
}
