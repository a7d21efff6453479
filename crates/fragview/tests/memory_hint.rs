//! Hints: they make reads quicker, and never decide what is read.

use fragview::memory::Hint;
use fragview::{Bytes, FrozenView};

fn fragments(byte: u8) -> Vec<Vec<u8>> {
    (1..40).map(|length| vec![byte; length % 7 + 1]).collect()
}

fn view(fragments: &[Vec<u8>]) -> FrozenView<'_> {
    FrozenView::from_slices(fragments.iter().map(Vec::as_slice)).unwrap()
}

#[test]
fn a_hint_that_served_other_bytes_does_no_harm() {
    let mut hint = Hint::default();
    {
        let old = fragments(1);
        let mut target = [0; 2];
        view(&old).read_near(&mut hint, 3, &mut target).unwrap();
        assert_eq!(target, [1; 2]);
    }
    // The bytes that the hint served are gone.
    let new = fragments(2);
    let new = view(&new);
    for offset in 0..new.len() {
        let mut copy = hint;
        let mut target = [0; 1];
        new.read_near(&mut copy, offset, &mut target).unwrap();
        assert_eq!(target, [2]);
    }
    // Nor does one that is past all fragments.
    let mut target = [0; 1];
    new.read_near(&mut hint, new.len() - 1, &mut target).unwrap();
    let few = FrozenView::from_slices([&[3][..], &[4]]).unwrap();
    few.read_near(&mut hint, 1, &mut target).unwrap();
    assert_eq!(target, [4]);
    assert_eq!(
        FrozenView::from_slices([])
            .unwrap()
            .read_near(&mut hint, 0, &mut target),
        None
    );
}

#[test]
fn hinted_reads_read_what_others_do() {
    let mut bytes: Vec<Vec<u8>> = fragments(0);
    for (value, byte) in (0..=u8::MAX).cycle().zip(bytes.iter_mut().flatten()) {
        *byte = value;
    }
    let (view, joined) = (view(&bytes), bytes.concat());
    let offsets = || (0..joined.len() + 3).chain([usize::MAX, 70, 2, 71, 3]);
    for view in [view.clone(), view.slice(5..).unwrap(), view.reversed()] {
        let mut hint = Hint::default();
        for offset in offsets().chain(offsets().rev()) {
            for length in [0, 1, 3, 11] {
                let (mut near, mut far) = (vec![0; length], vec![0; length]);
                let read = view.read_near(&mut hint, offset, &mut near);
                assert_eq!(read, view.read(offset, &mut far), "{length} at {offset}");
                assert_eq!(near, far);
            }
        }
    }
}
