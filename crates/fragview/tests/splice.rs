//! Edits that move no byte: against a plain vector of where each byte lies.

mod support;

use fragview::geometry::Slice;
use fragview::memory::{Builder, Frozen, Owner, Shared};
use fragview::{Error, FrozenView, SharedView, View};
use proptest::collection::vec;
use proptest::prelude::*;
use support::{Layout, Numbers, Page, atomics, loaded, splits};

type PageView = View<Shared<'static>, u8, std::sync::Arc<fragview::memory::Memory<Shared<'static>, Page>>>;

fn spliced(bytes: &[u8], start: usize, end: usize, put: &[u8]) -> Vec<u8> {
    [&bytes[..start], put, &bytes[end..]].concat()
}

#[test]
fn every_range_of_every_split() {
    let other = FrozenView::from_slices([&b"xy"[..], b"z"]).unwrap();
    for lengths in splits(7) {
        let layout = Layout::new(&lengths);
        let (base, bytes) = (layout.base(), layout.bytes());
        let view = layout.frozen(&base);
        for start in 0..=7 {
            for end in start..=7 {
                let part = view.slice(start..end).unwrap();
                let turned = view.reversed();
                let puts: [(&[&FrozenView<'_>], Vec<u8>); 6] = [
                    (&[], vec![]),
                    (&[&other], b"xyz".to_vec()),
                    (&[&view], bytes.clone()),
                    (&[&part, &part], [&bytes[start..end], &bytes[start..end]].concat()),
                    (&[&turned], bytes.iter().rev().copied().collect()),
                    (&[&other, &view, &other], [b"xyz", &bytes[..], b"xyz"].concat()),
                ];
                for (put, content) in puts {
                    let new = view.splice(start..end, put.iter().copied()).unwrap();
                    let expected = spliced(&bytes, start, end, &content);
                    assert_eq!(new, *expected, "{lengths:?} {start}..{end}");
                    for (index, &byte) in expected.iter().enumerate() {
                        assert_eq!(new.get(index), Some(byte));
                    }
                    assert_eq!(new.chunks().collect::<Vec<_>>().concat(), expected);
                    assert!(new.chunks().all(|chunk| !chunk.is_empty()));
                    // A cut adds at most one fragment at each of its ends.
                    let most: usize = put.iter().map(|view| view.extents().count()).sum();
                    assert!(new.memory().fragment_count() <= lengths.len() + 1 + most);
                }
                assert_eq!(view, *bytes);
            }
        }
    }
}

#[test]
fn writes_go_to_the_memory_that_is_shown() {
    let base = atomics(&[1, 2, 3, 4, 5, 6, 7, 8]);
    let view = SharedView::from_atomics([&base[..3], &base[5..]]).unwrap();
    let new = view
        .splice(1..4, [&view.slice(4..).unwrap(), &view.slice(..1).unwrap()])
        .unwrap();
    assert_eq!(new, [1, 7, 8, 1, 7, 8]);
    new.set(3, 50).unwrap();
    new.slice(4..).unwrap().copy_from_slice(&[70, 80]).unwrap();
    assert_eq!(loaded(&base), [50, 2, 3, 4, 5, 6, 70, 80]);
    assert_eq!(new, [50, 70, 80, 50, 70, 80]);
    assert_eq!(view, [50, 2, 3, 6, 70, 80]);
}

#[test]
fn items_of_more_than_a_byte() {
    let view = FrozenView::from_slices([&[1, 0, 2][..], &[0, 3, 0, 4], &[0]]).unwrap();
    let numbers = view.cast::<u16>().unwrap();
    let new = numbers
        .splice(1..3, [&numbers.slice(3..).unwrap(), &numbers])
        .unwrap();
    let got: Vec<u16> = new.iter().map(u16::from_le).collect();
    assert_eq!(got, [1, 4, 1, 2, 3, 4, 4]);
    let every_other = numbers.slice_with_step(Slice {
        start: None,
        stop: None,
        step: -2,
    });
    let new = every_other.splice(1..1, [&numbers]).unwrap();
    let got: Vec<u16> = new.iter().map(u16::from_le).collect();
    assert_eq!(got, [4, 1, 2, 3, 4, 2]);
    assert!(new.is_contiguous());
    let (two, four) = (view.untyped(2).unwrap(), view.untyped(4).unwrap());
    assert_eq!(
        two.splice(0..1, [&two, &four]).unwrap_err(),
        Error::ItemSizeMismatch {
            expected: 2,
            actual: 4
        }
    );
    assert_eq!(four.splice(0..2, []).unwrap().item_size(), 4);
}

#[test]
fn ranges_that_are_not_there() {
    let view = FrozenView::from_slices([&b"ab"[..], b"c"]).unwrap();
    for (start, end) in [(0, 4), (4, 4), (2, 1), (usize::MAX, usize::MAX)] {
        assert_eq!(
            view.splice(start..end, []).unwrap_err(),
            Error::RangeOutOfRange {
                start,
                end,
                length: 3
            }
        );
    }
    assert_eq!(view.splice(..=1, []).unwrap(), b"c");
    assert_eq!(view.splice(.., []).unwrap(), b"");
    let nothing = FrozenView::from_slices([]).unwrap();
    assert_eq!(nothing.splice(.., [&view]).unwrap(), b"abc");
    assert_eq!(nothing.splice(0..0, []).unwrap().memory().fragment_count(), 0);
}

#[test]
fn more_than_a_line_holds() {
    let most = isize::MAX.cast_unsigned();
    let mut builder = Builder::<Frozen<'_>>::new();
    builder.push_hole(most - 1).unwrap();
    let hole = FrozenView::from(builder.finish());
    assert_eq!(hole.splice(0..0, [&hole]).unwrap_err(), Error::TooLong);
    assert_eq!(hole.splice(0..most - 2, [&hole]).unwrap().len(), most);
    assert_eq!(FrozenView::concat([&hole, &hole]).unwrap_err(), Error::TooLong);
    assert_eq!(hole.splice(1..most - 1, []).unwrap(), [0]);
}

/// Some pages, writable or not, and what is known of the bytes of a view: page and offset, or a hole.
#[derive(Clone)]
struct Model {
    view: PageView,
    places: Vec<Option<(usize, usize)>>,
}

impl Model {
    fn page(pages: &[Page], page: usize, offset: usize, length: usize) -> Self {
        let view = View::from_extents(pages[page].clone(), [(offset, length)]).unwrap();
        Self {
            view,
            places: (offset..offset + length).map(|at| Some((page, at))).collect(),
        }
    }

    fn hole(length: usize) -> Self {
        let mut builder = Builder::<Shared<'_>, Page>::new();
        builder.push_hole(length).unwrap();
        Self {
            view: View::from(builder.finish()),
            places: vec![None; length],
        }
    }

    fn check(&self, pages: &[Page]) {
        let bytes: Vec<u8> = self
            .places
            .iter()
            .map(|place| place.map_or(0, |(page, at)| pages[page].bytes()[at]))
            .collect();
        assert_eq!(self.view, *bytes);
        // Who owns each byte, and where it lies there.
        let owners: Vec<&Page> = self.view.memory().owners().collect();
        let mut at = 0;
        for extent in self.view.extents() {
            for offset in 0..extent.length {
                let expected = self.places[at].map(|(page, at)| (pages[page].identity(), at));
                let got = extent
                    .place
                    .map(|(owner, first)| (owners[owner].identity(), first + offset));
                assert_eq!(got, expected);
                at += 1;
            }
        }
        assert_eq!(at, self.view.len());
        let writable =
            |place: &Option<(usize, usize)>| place.is_some_and(|(page, _)| pages[page].is_writable());
        for start in 0..self.places.len() {
            for end in [start + 1, start + 2, self.places.len()] {
                let Some(places) = self.places.get(start..end) else {
                    continue;
                };
                let part = self.view.slice(start..end).unwrap();
                assert_eq!(part.is_writable(), places.iter().all(writable), "{start}..{end}");
            }
        }
    }
}

#[derive(Clone, Debug)]
enum Edit {
    Insert(usize, usize, usize),
    Replace(Slice, usize, Slice),
    Delete(usize, usize),
    Pick(Slice),
    Hole(usize, usize),
    Write(usize, u8),
    Join(usize, usize),
}

fn slice() -> impl Strategy<Value = Slice> {
    let bound = || prop::option::of(-40_isize..40);
    (
        bound(),
        bound(),
        prop::sample::select(vec![1_isize, 1, 1, -1, 2, -3]),
    )
        .prop_map(|(start, stop, step)| Slice { start, stop, step })
}

fn edit() -> impl Strategy<Value = Edit> {
    let any = 0_usize..1000;
    prop_oneof![
        4 => (any.clone(), 0_usize..6, any.clone()).prop_map(|(at, page, from)| Edit::Insert(at, page, from)),
        4 => (slice(), any.clone(), slice()).prop_map(|(to, from, part)| Edit::Replace(to, from, part)),
        2 => (any.clone(), 0_usize..9).prop_map(|(at, length)| Edit::Delete(at, length)),
        1 => slice().prop_map(Edit::Pick),
        1 => (any.clone(), 0_usize..4).prop_map(|(at, length)| Edit::Hole(at, length)),
        2 => (any.clone(), prop::num::u8::ANY).prop_map(|(at, byte)| Edit::Write(at, byte)),
        1 => (any.clone(), any).prop_map(|(a, b)| Edit::Join(a, b)),
    ]
}

fn picked(places: &[Option<(usize, usize)>], slice: Slice) -> Vec<Option<(usize, usize)>> {
    support::picked(slice, places.len())
        .into_iter()
        .map(|index| places[index])
        .collect()
}

/// All versions are kept, checked at the end, and edited further in any order.
fn run(edits: Vec<Edit>) {
    let page = |number: u8| {
        Page::new(
            &(0..8).map(|byte| 16 * number + byte).collect::<Vec<_>>(),
            number.is_multiple_of(2),
        )
    };
    let pages: Vec<Page> = (0..6).map(page).collect();
    let mut versions = vec![Model::page(&pages, 0, 1, 6)];
    for edit in edits {
        let Model { view, places } = versions.last().unwrap();
        let at = |index: usize| index % (places.len() + 1);
        let put = |start: usize, end: usize, put: &[&Model]| {
            let content: Vec<_> = put.iter().flat_map(|model| model.places.clone()).collect();
            Model {
                view: view
                    .splice(start..end, put.iter().map(|model| &model.view))
                    .unwrap(),
                places: [&places[..start], &content, &places[end..]].concat(),
            }
        };
        let new = match edit {
            Edit::Insert(index, page, from) => {
                let from = from % 8;
                let length = (index % 4).min(8 - from);
                put(at(index), at(index), &[&Model::page(&pages, page, from, length)])
            }
            Edit::Replace(to, from, part) => {
                let old = &versions[from % versions.len()];
                let content = Model {
                    view: old.view.slice_with_step(part),
                    places: picked(&old.places, part),
                };
                let (start, count) = Slice { step: 1, ..to }.resolve(places.len());
                let mut new = put(start, start + count, &[&content]);
                if new.places.len() > 200 {
                    new = put(0, places.len(), &[&content, &content]);
                }
                new
            }
            Edit::Delete(index, length) => put(at(index), (at(index) + length).min(places.len()), &[]),
            Edit::Pick(slice) => Model {
                view: view.slice_with_step(slice),
                places: picked(places, slice),
            },
            Edit::Hole(index, length) => put(at(index), at(index), &[&Model::hole(length)]),
            Edit::Write(index, byte) => {
                let index = at(index);
                let writable = places
                    .get(index)
                    .is_some_and(|place| place.is_some_and(|(page, _)| pages[page].is_writable()));
                assert_eq!(view.set(index, byte).is_ok(), writable);
                continue;
            }
            Edit::Join(a, b) => {
                let (a, b) = (&versions[a % versions.len()], &versions[b % versions.len()]);
                if a.places.len() + b.places.len() > 200 {
                    continue;
                }
                Model {
                    view: View::concat([&a.view, &b.view]).unwrap(),
                    places: [&a.places[..], &b.places].concat(),
                }
            }
        };
        versions.push(new);
    }
    for version in &versions {
        version.check(&pages);
    }
    drop(versions);
    for page in pages {
        assert_eq!(page.clones(), 1, "no owner is held for nothing");
    }
}

proptest! {
    #[test]
    fn random_edits(edits in vec(edit(), 1..40)) {
        run(edits);
    }
}

/// A hundred owners and more are shared by the list; the same edits, with all that goes on there.
#[test]
fn many_owners_in_many_edits() {
    let mut random = Numbers::new(7);
    let pages: Vec<Page> = (0..=255)
        .map(|byte| Page::new(&[byte, byte], byte % 3 == 0))
        .collect();
    let all = View::from_owners(pages.iter().cloned()).unwrap();
    let mut model = Model {
        view: all.clone(),
        places: (0..256)
            .flat_map(|page| [Some((page, 0)), Some((page, 1))])
            .collect(),
    };
    let first = model.clone();
    let mut old = Vec::new();
    for round in 0..600 {
        let start = random.below(model.places.len() + 1);
        let end = (start + random.below(6)).min(model.places.len());
        let content = match round % 4 {
            0 => Model::page(&pages, random.below(256), 0, 2),
            1 => {
                let from = random.below(400);
                Model {
                    view: all.slice(from..from + 100).unwrap(),
                    places: first.places[from..from + 100].to_vec(),
                }
            }
            2 if model.places.len() < 1000 => model.clone(),
            _ => Model::hole(random.below(2)),
        };
        let mut view = model.view.splice(start..end, [&content.view]).unwrap();
        let mut places = [&model.places[..start], &content.places, &model.places[end..]].concat();
        if places.len() > 2000 {
            let from = random.below(1500);
            view = view.slice(from..from + 200).unwrap().splice(0..1, []).unwrap();
            places = places[from + 1..from + 200].to_vec();
        }
        model = Model { view, places };
        if round % 37 == 0 {
            model.check(&pages);
            old.push(model.clone());
        }
    }
    model.check(&pages);
    for version in &old {
        version.check(&pages);
    }
    first.check(&pages);
    drop((model, old, all, first));
    assert!(pages.iter().all(|page| page.clones() == 1));
}

#[test]
fn ten_thousand_edits_do_not_pile_up() {
    let pages: Vec<Page> = (0..200).map(|byte| Page::new(&[byte; 3], true)).collect();
    let mut view = View::from_owners(pages.iter().cloned()).unwrap();
    let mut random = Numbers::new(3);
    for _ in 0..10_000 {
        let at = random.below(view.len());
        let end = (at + 4).min(view.len());
        let new = Page::new(&[7; 4], true);
        view = view
            .splice(at..end, [&View::from_owners([new]).unwrap()])
            .unwrap();
    }
    let (fragments, owners) = (view.memory().fragment_count(), view.memory().owners().len());
    assert!(
        owners <= 4 * fragments + 64 + 1,
        "{owners} owners of {fragments} fragments"
    );
    assert!(view.memory().owner_lists().len() <= 64);
    assert!(
        view.memory().heap_size() < 1 << 20,
        "{}",
        view.memory().heap_size()
    );
    drop(view);
    assert!(pages.iter().all(|page| page.clones() == 1));
}

/// An edit of the same owners over and over: each is held, and once.
#[test]
fn one_owner_stays_one() {
    let page = Page::new(b"0123456789", true);
    let mut view = View::from_owners([page.clone()]).unwrap();
    for at in 0..1000 {
        let part = view.slice(at % 7..at % 7 + 3).unwrap();
        view = view.splice(at % 5..at % 5 + 3, [&part]).unwrap();
    }
    assert_eq!((view.len(), view.memory().owners().len()), (10, 1));
    assert_eq!(page.clones(), 2);
}

/// What a small rest of a big view does not need is let go.
#[test]
fn owners_of_nothing_are_let_go() {
    let pages: Vec<Page> = (0..10_000).map(|_| Page::new(&[1], true)).collect();
    let view = View::from_owners(pages.iter().cloned()).unwrap();
    let held = |pages: &[Page]| pages.iter().filter(|page| page.clones() > 1).count();
    let part = view.slice(..1000).unwrap().splice(0..0, []).unwrap();
    let small = view
        .slice(..10)
        .unwrap()
        .splice(3..3, [&part.slice(..2).unwrap()])
        .unwrap();
    let most = view.slice(..9000).unwrap().splice(5..6, []).unwrap();
    drop(view);
    assert_eq!(
        held(&pages),
        10_000,
        "a list is held whole while most of it is used"
    );
    drop(most);
    assert_eq!(held(&pages), 1000);
    drop(part);
    assert_eq!(held(&pages), 10);
    assert_eq!(small.len(), 12);
}

#[test]
fn prepending_over_and_over() {
    let pages: Vec<Page> = (0..300).map(|_| Page::new(&[1], true)).collect();
    let mut view = View::from_owners(pages.iter().cloned()).unwrap();
    for byte in 0..2000_u32 {
        let new = View::from_owners([Page::new(&byte.to_le_bytes(), false)]).unwrap();
        view = View::concat([&new, &view]).unwrap();
    }
    assert_eq!(view.len(), 300 + 4 * 2000);
    assert_eq!(view.read_at::<[u8; 4]>(0), Some(1999_u32.to_le_bytes()));
    assert_eq!(view.memory().owners().len(), 2300);
    assert!(view.memory().owner_lists().len() <= 64);
}

#[test]
fn views_with_shared_owners_leave_their_thread() {
    let view = View::from_owners((0..100).map(|byte| Page::new(&[byte], true))).unwrap();
    let edited = view.splice(50..51, []).unwrap();
    let other = std::thread::spawn(move || (edited.len(), drop(edited)))
        .join()
        .unwrap();
    assert_eq!((other.0, view.len()), (99, 100));
    assert_eq!(view.get(50), Some(50));
}
