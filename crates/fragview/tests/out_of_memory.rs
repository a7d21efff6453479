//! Memory runs out at every allocation of every operation in turn: an error, and everything as it was.
//!
//! Blocks of a fixed size are not refused, because Rust's `Arc` and `Box` end the process then, as they do in
//! every program: what grows with the input is larger. Nor is a block that is made smaller where it is.

mod failing;
mod support;

use failing::{each_failure, refused, spared};
use fragview::geometry::{Extents, Slice};
use fragview::memory::{Builder, Shared};
use fragview::records::{RecordFault, RecordLayout};
use fragview::{Error, ExclusiveView, FragBuffer, FrozenView, SharedView, View};
use support::{Numbers, Page, atomics, loaded};

const MANY: usize = 3000;

/// Many slices of unequal sizes.
fn slices(base: &[u8]) -> Vec<&[u8]> {
    let mut numbers = Numbers::new(7);
    (0..MANY)
        .map(|_| {
            let (start, length) = (numbers.below(base.len() - 9), 1 + numbers.below(8));
            &base[start..start + length]
        })
        .collect()
}

/// Many pages of a few bytes, every third one read-only.
fn pages() -> Vec<Page> {
    (0..MANY)
        .map(|index| Page::new(&index.to_le_bytes()[..=index % 5], index % 3 != 0))
        .collect()
}

fn base() -> Vec<u8> {
    (0..=u8::MAX).cycle().take(4096).collect()
}

#[test]
fn building() {
    let base = base();
    let slices = slices(&base);
    let bytes = slices.concat();
    let failures = each_failure(|| {
        let view = FrozenView::from_slices(slices.iter().copied())?;
        assert!(!refused() || view.len() == bytes.len());
        Ok::<_, Error>(view)
    });
    assert!(failures.refused >= 1);
    // One after the other, without a hint of how many there will be.
    each_failure(|| FrozenView::from_slices(slices.iter().copied().filter(|slice| !slice.is_empty())));
    each_failure(|| {
        let mut builder = Builder::<Shared<'_>>::new();
        for index in 0..MANY {
            builder.push_hole(1 + index % 7)?;
        }
        Ok::<_, Error>(SharedView::from(builder.finish()))
    });
}

#[test]
fn a_push_that_fails_leaves_the_builder_as_it_was() {
    let pages = pages();
    // The same with memory enough.
    let whole = {
        let mut builder = Builder::new();
        for page in &pages {
            let source = builder.add_source(page.clone()).unwrap();
            builder.push(source, 0, 1).unwrap();
            builder.push_hole(1).unwrap();
        }
        View::from(builder.finish()).to_vec().unwrap()
    };
    each_failure(|| {
        let mut failed = None;
        let mut builder = Builder::new();
        for page in &pages {
            // A step that failed is taken again, which must do.
            let source = builder.add_source(page.clone()).or_else(|error| {
                failed = Some(error);
                builder.add_source(page.clone())
            })?;
            let length = builder.len();
            builder.push(source, 0, 1).or_else(|error| {
                failed = Some(error);
                assert_eq!(builder.len(), length);
                builder.push(source, 0, 1)
            })?;
            let length = builder.len();
            builder.push_hole(1).or_else(|error| {
                failed = Some(error);
                assert_eq!(builder.len(), length);
                builder.push_hole(1)
            })?;
        }
        let view = View::from(builder.finish());
        assert_eq!(view, whole);
        failed.map_or(Ok(()), Err)
    });
}

#[test]
fn owners() {
    let pages = pages();
    let failures = each_failure(|| View::from_owners(pages.iter().cloned()));
    assert!(failures.refused >= 3);
    assert!(pages.iter().all(|page| page.clones() == 1));
    let one = View::from_owners(pages[..MANY / 2].iter().cloned()).unwrap();
    let other = View::from_owners(pages[MANY / 2..].iter().cloned()).unwrap();
    let bytes = [one.to_vec().unwrap(), other.to_vec().unwrap()];
    each_failure(|| View::concat([&one, &other, &one]));
    each_failure(|| one.splice(100..1000, [&other]));
    each_failure(|| one.splice(100..1000, [&other, &other.slice(7..50)?, &one]));
    // Most owners own nothing then, and the rest is copied.
    each_failure(|| one.splice(100..one.len() - 1, []));
    let gappy = one.slice_with_step(Slice {
        start: None,
        stop: None,
        step: -3,
    });
    each_failure(|| View::concat([&gappy, &other]));
    let edited = one.splice(5..900, [&other]).unwrap();
    each_failure(|| {
        let twice = edited.splice(..0, [&edited, &one])?;
        twice.splice(3..twice.len() - 3, [&one])
    });
    assert_eq!(one, bytes[0]);
    assert_eq!(other, bytes[1]);
    drop((one, other, gappy, edited));
    assert!(pages.iter().all(|page| page.clones() == 1));
}

#[test]
fn extents() {
    let mut base = base();
    let mut numbers = Numbers::new(3);
    let extents: Vec<(usize, usize)> = (0..MANY)
        .map(|_| (numbers.below(4000), 1 + numbers.below(90)))
        .collect();
    let view = View::from_extents(&base, extents.iter().copied()).unwrap();
    let expected = view.to_vec().unwrap();
    each_failure(|| View::from_extents(&base, extents.iter().copied()));
    each_failure(|| View::from_extents(&view, extents.iter().copied()));
    let gappy = view.slice_with_step(Slice {
        start: None,
        stop: None,
        step: 2,
    });
    each_failure(|| View::from_extents(&gappy, extents.iter().copied()));
    let page = Page::new(&base, true);
    each_failure(|| View::from_extents(page.clone(), extents.iter().copied()));
    assert_eq!(page.clones(), 1);
    assert_eq!(view, expected);
    // Each second byte, to write.
    let apart = || (0..MANY / 2).map(|index| (2 * index, 1));
    each_failure(|| View::from_extents(&mut base, apart()).map(drop));
}

#[test]
fn lookups_do_without_a_directory() {
    let base = base();
    let slices = slices(&base);
    let bytes = slices.concat();
    each_failure(|| {
        let view = FrozenView::from_slices(slices.iter().copied())?;
        for index in (0..bytes.len()).step_by(97) {
            assert_eq!(view.get(index), Some(bytes[index]));
        }
        Ok::<_, Error>(())
    });
}

#[test]
fn copies() {
    let base = base();
    let slices = slices(&base);
    let bytes = slices.concat();
    let view = FrozenView::from_slices(slices.iter().copied()).unwrap();
    assert!(each_failure(|| view.to_vec()).refused >= 1);
    assert!(each_failure(|| view.to_hex()).refused >= 1);
    assert_eq!(view, bytes);
    // A memmove of overlapping fragments goes through a scratch.
    let shared = atomics(&bytes);
    let parts = SharedView::from_atomics(shared.chunks(5)).unwrap();
    assert!(each_failure(|| parts.memory().item_table(parts.window(), 1)).refused >= 1);
    let (target, source) = (parts.slice(..bytes.len() - 1).unwrap(), parts.slice(1..).unwrap());
    let (target_gappy, source_gappy) = (
        target.slice_with_step(step(2)),
        source
            .slice_with_step(step(-2))
            .slice(..target.slice_with_step(step(2)).len())
            .unwrap(),
    );
    for (target, source) in [(target, source), (target_gappy, source_gappy)] {
        each_failure(|| {
            let before = spared(|| loaded(&shared));
            let outcome = target.copy_from_view(&source);
            if outcome.is_err() {
                assert_eq!(spared(|| loaded(&shared)), before, "written in part");
            }
            outcome
        });
    }
}

const fn step(step: isize) -> Slice {
    Slice {
        start: None,
        stop: None,
        step,
    }
}

#[test]
fn comparisons_need_no_memory() {
    let (base, other) = (base(), base());
    let one = FrozenView::from_slices(slices(&base)).unwrap();
    let shared = atomics(&one.to_vec().unwrap());
    let same = SharedView::from_atomics(shared.chunks(7)).unwrap();
    each_failure(|| {
        assert_eq!(one, same);
        assert_eq!(one, FrozenView::from_slices(spared(|| slices(&other)))?);
        let (left, right) = (one.slice_with_step(step(-1)), same.slice_with_step(step(-1)));
        assert_eq!(left, right);
        assert_ne!(left, same);
        Ok::<_, Error>(())
    });
}

#[test]
fn searches() {
    let base: Vec<u8> = (0..9000_u32).flat_map(u32::to_be_bytes).collect();
    let needle = &base[20_000..30_000];
    let shared = atomics(&base);
    let frozen = FrozenView::from_slices(base.chunks(11)).unwrap();
    let parts = SharedView::from_atomics(shared.chunks(11)).unwrap();
    let found = |what: Result<Option<usize>, Error>| {
        assert!(matches!(what, Ok(Some(20_000)) | Err(Error::OutOfMemory)));
        what
    };
    assert!(each_failure(|| found(frozen.find(needle))).errors >= 1);
    each_failure(|| found(frozen.rfind(needle)));
    each_failure(|| found(parts.find(needle)));
    each_failure(|| found(parts.rfind(needle)));
    each_failure(|| frozen.count(needle));
    each_failure(|| parts.contains(&needle[..3]));
}

#[test]
fn streams() {
    let pages = pages();
    let bytes: Vec<u8> = pages.iter().flat_map(Page::bytes).collect();
    each_failure(|| {
        let mut failed = None;
        let mut buffer = FragBuffer::new();
        for page in &pages {
            let length = buffer.len();
            buffer.append_owner(page.clone()).or_else(|error| {
                failed = Some(error);
                assert_eq!(buffer.len(), length);
                buffer.append_owner(page.clone())
            })?;
        }
        let looked = buffer.peek(bytes.len() / 2).or_else(|error| {
            failed = Some(error);
            buffer.peek(bytes.len() / 2)
        })?;
        assert_eq!(looked, bytes[..bytes.len() / 2]);
        let found = buffer.find(&bytes[3000..5500], 1).or_else(|error| {
            failed = Some(error);
            buffer.find(&bytes[3000..5500], 1)
        })?;
        assert_eq!(
            found,
            bytes[1..]
                .windows(2500)
                .position(|window| window == &bytes[3000..5500])
                .map(|at| at + 1)
        );
        let length = bytes.len() / 3;
        let taken = buffer.consume(length).or_else(|error| {
            failed = Some(error);
            assert_eq!(buffer.len(), bytes.len());
            buffer.consume(length)
        })?;
        assert_eq!(taken, bytes[..length]);
        buffer.prepend_view(&taken).or_else(|error| {
            failed = Some(error);
            assert_eq!(buffer.len(), bytes.len() - length);
            buffer.prepend_view(&taken)
        })?;
        assert_eq!(buffer.into_view()?, bytes);
        failed.map_or(Ok(()), Err)
    });
    assert!(pages.iter().all(|page| page.clones() == 1));
}

/// A file of many records: a length, a channel, and content.
fn records() -> Vec<u8> {
    (0..MANY)
        .flat_map(|index| {
            let length = u8::try_from(index % 4).unwrap();
            let channel = u16::try_from(index % 700).unwrap().to_le_bytes();
            [&[length][..], &channel, &b"abcd"[..usize::from(length)]].concat()
        })
        .collect()
}

#[test]
fn scans() {
    let file = records();
    let layout = RecordLayout::new("<BH", &["length", "channel"]).unwrap();
    let whole = layout.scan(&file, ..).unwrap();
    let failures = each_failure(|| match layout.scan_some(&file, ..) {
        (table, Some(error)) => {
            assert_eq!(error.fault, RecordFault::OutOfMemory);
            assert_eq!(table.offsets(), &whole.offsets()[..table.len()]);
            Err(error)
        }
        (table, None) => {
            assert_eq!(table.offsets(), whole.offsets());
            Ok(())
        }
    });
    assert!(failures.refused >= 3);
}

#[test]
fn extents_grow_or_say_so() {
    let mut numbers = Numbers::new(5);
    let parts: Vec<(usize, usize)> = (0..MANY)
        .map(|_| (numbers.below(40_000), 1 + numbers.below(90)))
        .collect();
    let whole: Extents = parts.iter().copied().collect();
    each_failure(|| {
        let mut failed = None;
        let mut extents = Extents::new();
        for &(offset, length) in &parts {
            let before = extents.byte_len();
            extents.try_push(Some(offset), length).or_else(|error| {
                failed = Some(error);
                assert_eq!(extents.byte_len(), before);
                extents.try_push(Some(offset), length)
            })?;
        }
        assert_eq!(extents, whole);
        failed.map_or(Ok(()), Err)
    });
}

#[test]
fn writes_of_exclusive_memory() {
    let mut memory = base();
    let bytes = memory.clone();
    each_failure(|| {
        let mut view = ExclusiveView::from_slices_mut(memory.chunks_mut(2))?;
        view.copy_from_slice(&bytes)?;
        view.slice_mut(3..9)?.fill(3);
        Ok::<_, Error>(())
    });
}
