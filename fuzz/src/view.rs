//! Random fragments, holes, repeated and overlapping ones among them, and random operations on slices of slices, against a
//! list of where each byte lies.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};

use arbitrary::{Arbitrary, Unstructured};
use fragview::geometry::Slice;
use fragview::{FrozenView, SharedView, View};

use crate::pieces::{self, Piece};

#[derive(Arbitrary, Debug)]
struct Input {
    pieces: Vec<Piece>,
    steps: Vec<Step>,
}

#[derive(Arbitrary, Clone, Copy, Debug)]
struct Pick {
    start: Option<i16>,
    stop: Option<i16>,
    step: i8,
}

#[derive(Arbitrary, Debug)]
enum Step {
    /// Goes on with a slice of the view.
    Narrow(Pick),
    /// Goes on with the whole view.
    Widen,
    /// Goes on with the view's fragments in a view of their own: extents of it.
    Extents(Vec<(Option<u8>, u8)>),
    /// Goes on with a part, the view, and another part.
    Concat(u8),
    Get(u16),
    Set(u16, u8),
    Read(u16),
    Write(Pick, u8),
    Fill(Pick, u8),
    /// Within the same memory, so that both may overlap.
    Move(Pick, Pick),
    Compare(Pick, Pick),
    Iterate(Vec<u8>),
    Cast(u8),
}

impl Pick {
    fn slice(self) -> Slice {
        let bound = |bound: Option<i16>| bound.map(isize::from);
        Slice {
            start: bound(self.start),
            stop: bound(self.stop),
            step: match self.step {
                0 => 1,
                step => step.into(),
            },
        }
    }

    fn of<T: Copy>(self, items: &[T]) -> Vec<T> {
        let slice = self.slice();
        let (first, count) = slice.resolve(items.len());
        (0..count)
            .map(|index| items[first.wrapping_add_signed(slice.step.wrapping_mul(index.cast_signed()))])
            .collect()
    }
}

/// One input.
pub fn run(data: &[u8]) {
    let Ok(input) = Input::arbitrary_take_rest(Unstructured::new(data)) else {
        return;
    };
    let arena = pieces::arena();
    let mut model = pieces::content(&arena);
    let (whole, all) = pieces::cut(&arena, &input.pieces);
    let (mut view, mut places) = (whole.clone(), all.clone());
    check(&view, &model, &places);
    for step in &input.steps {
        match *step {
            Step::Narrow(pick) => {
                view = view.pick(pick.slice());
                places = pick.of(&places);
            }
            Step::Widen => (view, places) = (whole.clone(), all.clone()),
            Step::Extents(ref extents) => {
                let mut taken = Vec::new();
                let extents: Vec<_> = extents
                    .iter()
                    .map(|&(offset, length)| (offset.map(usize::from), usize::from(length)))
                    .collect();
                let mut fits = true;
                for &(offset, length) in &extents {
                    match offset {
                        Some(offset) if offset + length <= places.len() => {
                            taken.extend(&places[offset..offset + length]);
                        }
                        Some(_) => fits = false,
                        None => taken.extend(std::iter::repeat_n(None, length)),
                    }
                }
                let made = View::from_extents(&view, extents);
                assert_eq!(made.is_ok(), fits);
                if let Ok(made) = made {
                    check(&made, &model, &taken);
                    if taken.len() < 4096 {
                        (view, places) = (made, taken);
                    }
                }
            }
            Step::Concat(at) => {
                let at = usize::from(at).min(places.len());
                let (head, tail) = view.split_at(at).expect("within");
                view = SharedView::concat([&tail, &view, &head]).expect("short");
                places = [&places[at..], &places, &places[..at]].concat();
                if places.len() > 4096 {
                    (view, places) = (whole.clone(), all.clone());
                }
            }
            Step::Get(at) => {
                let place = places.get(usize::from(at));
                assert_eq!(
                    view.get(at.into()),
                    place.map(|place| place.map_or(0, |place| model[place]))
                );
            }
            Step::Set(at, byte) => {
                let place = places.get(usize::from(at)).copied().flatten();
                assert_eq!(view.set(at.into(), byte).is_ok(), place.is_some());
                if let Some(place) = place {
                    model[place] = byte;
                }
            }
            Step::Read(at) => {
                let bytes = pieces::bytes(&model, &places);
                let rest = bytes.get(usize::from(at)..).unwrap_or(&[]);
                let [two, four, eight, odd] =
                    [2, 4, 8, 7].map(|width| rest.get(..width).filter(|_| view.is_contiguous()));
                let at = at.into();
                assert_eq!(view.read_at::<[u8; 2]>(at).as_ref().map(|item| &item[..]), two);
                assert_eq!(
                    view.read_at::<u32>(at)
                        .map(u32::to_ne_bytes)
                        .as_ref()
                        .map(|item| &item[..]),
                    four
                );
                assert_eq!(
                    view.read_at::<u64>(at)
                        .map(u64::to_ne_bytes)
                        .as_ref()
                        .map(|item| &item[..]),
                    eight
                );
                assert_eq!(view.read_at::<[u8; 7]>(at).as_ref().map(|item| &item[..]), odd);
            }
            Step::Write(pick, seed) => {
                let to = pick.of(&places);
                let bytes: Vec<u8> = (0..to.len()).map(|at| seed.wrapping_add(at as u8)).collect();
                let written = view.pick(pick.slice()).copy_from_slice(&bytes);
                assert_eq!(written.is_ok(), to.iter().all(Option::is_some));
                if written.is_ok() {
                    to.iter()
                        .flatten()
                        .zip(bytes)
                        .for_each(|(&place, byte)| model[place] = byte);
                }
            }
            Step::Fill(pick, byte) => {
                let to = pick.of(&places);
                let filled = view.pick(pick.slice()).fill(byte);
                assert_eq!(filled.is_ok(), to.iter().all(Option::is_some));
                if filled.is_ok() {
                    to.iter().flatten().for_each(|&place| model[place] = byte);
                }
            }
            Step::Move(to, from) => {
                let (targets, sources) = (to.of(&places), from.of(&places));
                let moved = view.pick(to.slice()).copy_from_view(&view.pick(from.slice()));
                let fits = targets.len() == sources.len();
                assert_eq!(moved.is_ok(), fits && targets.iter().all(Option::is_some));
                if moved.is_ok() {
                    let bytes = pieces::bytes(&model, &sources);
                    targets
                        .iter()
                        .flatten()
                        .zip(bytes)
                        .for_each(|(&place, byte)| model[place] = byte);
                }
            }
            Step::Compare(left, right) => {
                let of = |pick: Pick| pieces::bytes(&model, &pick.of(&places));
                let (one, other) = (view.pick(left.slice()), view.pick(right.slice()));
                assert_eq!(one.cmp(&other), of(left).cmp(&of(right)));
                assert_eq!(one == other, of(left) == of(right));
                assert_eq!(one == of(right)[..], of(left) == of(right));
            }
            Step::Iterate(ref turns) => {
                let bytes = pieces::bytes(&model, &places);
                let (mut ours, mut theirs) = (view.iter(), bytes.iter().copied());
                for turn in turns {
                    assert_eq!(ours.len(), theirs.len());
                    match turn % 4 {
                        0 => assert_eq!(ours.next(), theirs.next()),
                        1 => assert_eq!(ours.next_back(), theirs.next_back()),
                        2 => assert_eq!(ours.nth((turn / 4).into()), theirs.nth((turn / 4).into())),
                        _ => assert_eq!(ours.next(), theirs.next()),
                    }
                }
                assert!(ours.eq(theirs));
            }
            Step::Cast(at) => {
                let bytes = pieces::bytes(&model, &places);
                match view.cast::<u32>() {
                    Ok(words) => {
                        assert!(view.is_contiguous() && bytes.len() % 4 == 0);
                        let expected: Vec<u32> = bytes
                            .as_chunks()
                            .0
                            .iter()
                            .map(|word| u32::from_ne_bytes(*word))
                            .collect();
                        assert!(words.iter().eq(expected.iter().copied()));
                        assert!(words.reversed().iter().eq(expected.iter().rev().copied()));
                        assert_eq!(words.get(at.into()), expected.get(usize::from(at)).copied());
                    }
                    Err(_) => assert!(!view.is_contiguous() || bytes.len() % 4 != 0),
                }
            }
        }
        assert_eq!(pieces::content(&arena), model);
    }
    check(&view, &model, &places);
}

/// The view has these bytes, in whatever way they are asked for.
fn check(view: &SharedView<'_>, model: &[u8], places: &[Option<usize>]) {
    let bytes = pieces::bytes(model, places);
    assert_eq!(view.len(), bytes.len());
    assert_eq!(view.to_vec().expect("short"), bytes);
    assert_eq!(
        view.reversed().to_vec().expect("short"),
        bytes.iter().rev().copied().collect::<Vec<_>>()
    );
    assert!(view.iter().eq(bytes.iter().copied()));
    let extents: usize = view.extents().map(|extent| extent.length).sum();
    assert_eq!(extents, bytes.len());
    let hash = |view: &FrozenView<'_>| {
        let mut hasher = DefaultHasher::new();
        view.hash(&mut hasher);
        hasher.finish()
    };
    let frozen = FrozenView::from_slices(bytes.chunks(5)).expect("a view");
    let whole = FrozenView::from_slices([&bytes[..]]).expect("a view");
    assert_eq!(hash(&frozen), hash(&whole));
    assert!(
        frozen == bytes[..]
            && frozen.chunks().flatten().eq(&bytes)
            && frozen.iter().eq(bytes.iter().copied())
    );
    assert!(*view == frozen);
}
