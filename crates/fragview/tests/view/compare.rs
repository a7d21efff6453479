//! Equality, order and hash: of the bytes, whatever the fragments and the kind of memory.

use std::cmp::Ordering;
use std::collections::HashSet;
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use crate::support::{Layout, Numbers, splits};
use fragview::format::Format;
use fragview::{FrozenView, SharedView, equal_items};

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

#[test]
fn fragments_and_kinds_do_not_count() {
    let splits = splits(8);
    let one = Layout::new(&[8]);
    let (whole, bytes) = (one.base(), one.bytes());
    let whole = one.frozen(&whole);
    for split in &splits {
        let layout = Layout::new(split);
        let (base, atomics, mut private) = (layout.base(), layout.atomics(), layout.base());
        let (frozen, shared) = (layout.frozen(&base), layout.shared(&atomics));
        let exclusive = layout.exclusive(&mut private);
        assert!(whole == frozen && frozen == shared && shared == exclusive && exclusive == whole);
        assert!(frozen == bytes[..] && shared == bytes[..] && exclusive == bytes[..]);
        assert_eq!(hash(&frozen), hash(&whole));
        assert_eq!(hash(&exclusive), hash(&whole));
        assert_eq!(hash(&frozen.reversed()), hash(&whole.reversed()));
        assert_eq!(frozen.compare(&shared.cast::<u32>().unwrap()), Ordering::Equal);
        assert!(frozen.same_bytes(&shared.cast::<u16>().unwrap()));
        assert!(frozen != shared.reversed() && frozen != shared.slice(1..).unwrap());
    }
}

#[test]
fn order_is_that_of_slices() {
    let mut numbers = Numbers::new(9);
    let mut random = |most: usize| -> Vec<u8> {
        let count = numbers.below(most);
        (0..count).map(|_| [0, 1, 255][numbers.below(3)]).collect()
    };
    for _ in 0..3000 {
        let (left, right) = (random(5), random(5));
        let (cut, other) = (left.len() / 2, right.len() / 3);
        let view = FrozenView::from_slices([&left[..cut], &left[cut..]]).unwrap();
        let second = FrozenView::from_slices([&right[..other], &right[other..]]).unwrap();
        assert_eq!(view.cmp(&second), left.cmp(&right));
        assert_eq!(view.partial_cmp(&second), Some(left.cmp(&right)));
        assert_eq!(view == second, left == right);
        assert_eq!(view == right[..], left == right);
        assert_eq!(view.same_bytes(&second), left == right);
    }
}

/// Bytes are gathered in blocks: what differs in the last byte of a block, or in the first of the next, is
/// found.
#[test]
fn differences_around_the_borders_of_blocks() {
    for length in [4095, 4096, 4097, 8192, 12_289] {
        let bytes: Vec<u8> = (0..=u8::MAX).cycle().take(length).collect();
        let view = FrozenView::from_slices(bytes.chunks(1000)).unwrap();
        let same = FrozenView::from_slices(bytes.chunks(77)).unwrap();
        assert_eq!((view.cmp(&same), hash(&view)), (Ordering::Equal, hash(&same)));
        for at in [0, 4094, 4095, 4096, 4097, length - 1] {
            if at >= length {
                continue;
            }
            let mut changed = bytes.clone();
            changed[at] ^= 0xFF;
            let order = bytes.cmp(&changed);
            let other = FrozenView::from_slices(changed.chunks(311)).unwrap();
            assert_eq!((view.cmp(&other), other.cmp(&view)), (order, order.reverse()));
            assert!(view != changed[..] && view != other);
            assert_ne!(hash(&view), hash(&other));
            let shorter = view.slice(..at).unwrap();
            assert_eq!(
                (shorter.cmp(&view), view.cmp(&shorter)),
                (Ordering::Less, Ordering::Greater)
            );
        }
        // Items wider than a block, in reverse.
        let items = view.slice(..length / 2 * 2).unwrap().untyped(length / 2).unwrap();
        let reversed = items.reversed();
        let expected = [&bytes[length / 2..length / 2 * 2], &bytes[..length / 2]].concat();
        let expected = FrozenView::from_slices([&expected[..]]).unwrap();
        assert_eq!(reversed.compare(&expected), Ordering::Equal);
        assert_eq!(expected.compare(&reversed), Ordering::Equal);
    }
}

#[test]
#[expect(
    clippy::mutable_key_type,
    reason = "what may change in a view is no part of its bytes"
)]
fn views_are_keys() {
    let words = [&b"one"[..], b"two", b"one", b"t", b"wo"];
    let view = |slices: &[&'static [u8]]| FrozenView::from_slices(slices.iter().copied()).unwrap();
    let keys: HashSet<_> = [
        view(&words[..1]),
        view(&words[1..2]),
        view(&words[2..3]),
        view(&words[3..]),
    ]
    .into();
    assert_eq!(keys.len(), 2);
}

#[test]
fn nothing_equals_nothing() {
    let none = FrozenView::from_slices([]).unwrap();
    let empty = SharedView::from_atomics([&[][..]]).unwrap();
    assert_eq!(none.compare(&empty), Ordering::Equal);
    assert!(none == empty && none == b"");
    assert_eq!(hash(&none), hash(&none.reversed()));
}

#[test]
fn a_view_tells_what_it_is() {
    let view = FrozenView::from_slices([&[1, 2][..], &[3, 4]]).unwrap();
    let debug = format!("{:?}", view.cast::<u16>().unwrap());
    assert_eq!(debug, "View { len: 2, item_size: 2, fragments: 2, .. }");
    assert_eq!(
        format!("{:?}", view.memory()),
        "Memory { length: 4, fragments: 2, .. }"
    );
}

/// Any byte but 0 is a truth, in one format and between two.
#[test]
fn truths_are_equal_whatever_their_bytes() {
    let view = |bytes: &'static [u8]| FrozenView::from_slices([&bytes[..1], &bytes[1..]]).unwrap();
    let (truth, little) = (Format::parse("?").unwrap(), Format::parse("<?").unwrap());
    let (one, other) = (view(&[0, 1, 2, 3]), view(&[0, 1, 1, 1]));
    for right in [&truth, &little] {
        assert!(equal_items(&one, &truth, &other, right).unwrap());
        assert!(!equal_items(&one, &truth, &view(&[1, 1, 1, 1]), right).unwrap());
    }
    assert!(!equal_items(&one, &Format::BYTE, &other, &Format::BYTE).unwrap());
}
