//! Windows against lists of the offsets of their items.
#![allow(
    clippy::items_after_statements,
    reason = "files of the tests' own, of known sizes"
)]

use fragview::geometry::Window;

/// Where each item begins.
fn offsets(window: &Window) -> Vec<usize> {
    (0..window.len()).map(|item| window.offset(item)).collect()
}

/// Windows of a line of `length` bytes, reached by two picks and a regrouping.
fn windows(length: usize) -> Vec<Window> {
    let whole = Window::whole(length);
    let mut windows = vec![whole];
    windows.extend((1..=4).filter_map(|width| whole.regroup(width)));
    for window in windows.clone() {
        for first in 0..window.len() {
            for count in 0..=window.len() {
                windows.extend(
                    (-3..=3)
                        .filter(|&step| step != 0)
                        .filter_map(|step| window.slice_with_step(first, count, step)),
                );
            }
        }
    }
    windows
}

#[test]
fn picking_picks_of_the_list_of_offsets() {
    for window in windows(7) {
        let list = offsets(&window);
        for first in 0..=list.len() + 1 {
            for count in 0..=list.len() + 1 {
                for step in (-4_isize..=4).filter(|&step| step != 0) {
                    let expected: Option<Vec<usize>> = (0..isize::try_from(count).unwrap())
                        .map(|item| list.get(first.checked_add_signed(item * step)?).copied())
                        .collect();
                    let picked = window.slice_with_step(first, count, step);
                    if count == 0 {
                        assert!(picked.is_some_and(|picked| picked.is_empty()));
                    } else {
                        assert_eq!(picked.as_ref().map(offsets), expected, "{window:?}");
                    }
                }
            }
        }
    }
}

#[test]
fn the_span_is_from_the_lowest_byte_to_the_highest() {
    for window in windows(9) {
        let list = offsets(&window);
        let span = window.span();
        match (list.iter().min(), list.iter().max()) {
            (Some(&low), Some(&high)) => assert_eq!(span, low..high + window.width()),
            _ => assert!(span.is_empty()),
        }
        assert_eq!(window.byte_count(), list.len() * window.width());
        let contiguous = list.windows(2).all(|pair| pair[0] + window.width() == pair[1]);
        assert_eq!(window.is_contiguous(), contiguous, "{window:?}");
    }
}

#[test]
fn regrouping_keeps_the_bytes() {
    for window in windows(8) {
        for width in 0..=9 {
            let regrouped = window.regroup(width);
            let fits = width > 0 && window.is_contiguous() && window.byte_count() % width == 0;
            assert_eq!(regrouped.is_some(), fits, "{window:?} by {width}");
            if let Some(regrouped) = regrouped {
                assert_eq!(regrouped.width(), width);
                assert!(regrouped.is_contiguous());
                assert_eq!(regrouped.byte_count(), window.byte_count());
                assert_eq!(regrouped.start(), window.start());
                let expected: Vec<usize> = (0..regrouped.len())
                    .map(|item| window.start() + item * width)
                    .collect();
                assert_eq!(offsets(&regrouped), expected);
            }
        }
    }
}

#[test]
fn no_item_is_shown_twice() {
    let window = Window::whole(5);
    assert_eq!(window.slice_with_step(2, 2, 0), None);
    assert_eq!(window.slice_with_step(2, isize::MAX.cast_unsigned() + 1, 0), None);
    assert_eq!(window.slice_with_step(2, 1, 0).map(|one| one.span()), Some(2..3));
}

#[test]
fn picks_past_every_number_are_refused() {
    const MOST: usize = isize::MAX.cast_unsigned();
    let window = Window::whole(MOST);
    for (first, count, step) in [
        (0, MOST, isize::MAX),
        (0, 2, isize::MIN),
        (MOST - 1, 2, isize::MIN),
        (MOST - 1, 3, isize::MAX),
        (0, usize::MAX, 1),
        (0, usize::MAX, -1),
        (usize::MAX, 1, 1),
        (0, MOST + 1, 1),
        (1, MOST, 1),
    ] {
        assert_eq!(
            window.slice_with_step(first, count, step),
            None,
            "{first} {count} {step}"
        );
    }
    let ends = window.slice_with_step(0, 2, isize::MAX - 1).unwrap();
    assert_eq!(offsets(&ends), [0, MOST - 1]);
    assert_eq!(ends.span(), 0..MOST);
    let back = ends.slice_with_step(1, 2, -1).unwrap();
    assert_eq!(offsets(&back), [MOST - 1, 0]);
    assert_eq!(back.span(), 0..MOST);
    // One item is not left by any step, so a step too large to tell does no harm.
    let one = ends
        .slice_with_step(1, 1, isize::MIN)
        .unwrap()
        .slice_with_step(0, 1, isize::MAX)
        .unwrap();
    assert_eq!((offsets(&one), one.span()), (vec![MOST - 1], MOST - 1..MOST));
    assert!(one.is_contiguous());
    let reversed = window.slice_with_step(MOST - 1, MOST, -1).unwrap();
    assert_eq!((reversed.span(), reversed.offset(MOST - 1)), (0..MOST, 0));
    let words = window.regroup(7).unwrap();
    assert_eq!((words.len(), words.span()), (MOST / 7, 0..MOST));
    assert_eq!(window.regroup(usize::MAX), None);
    let none = window.slice_with_step(MOST - 1, 0, isize::MAX).unwrap();
    assert_eq!(
        none.regroup(8)
            .map(|window| (window.len(), window.span().is_empty())),
        Some((0, true))
    );
}

#[test]
fn strided_windows_lie_on_their_line() {
    for length in 0..=7 {
        for start in 0..=8 {
            for count in 0..=5 {
                for step in -4..=4_isize {
                    for width in 0..=3 {
                        let made = Window::strided(length, start, count, step, width);
                        let items: Option<Vec<usize>> = (0..count.cast_signed())
                            .map(|item| start.checked_add_signed(item * step))
                            .collect();
                        let fits = width > 0
                            && start <= length
                            && items
                                .as_ref()
                                .is_some_and(|items| items.iter().all(|item| item + width <= length));
                        assert_eq!(made.is_some(), fits, "{length} {start} {count} {step} {width}");
                        if let Some(window) = made {
                            assert_eq!(Some(offsets(&window)), items);
                            assert!(window.span().end <= length);
                            assert_eq!(window.byte_count(), count * width);
                        }
                    }
                }
            }
        }
    }
    const MOST: usize = isize::MAX.cast_unsigned();
    let byte = Window::strided(1, 0, MOST, 0, 1).unwrap();
    assert_eq!((byte.span(), byte.offset(MOST - 1)), (0..1, 0));
    assert_eq!(Window::strided(2, 0, MOST, 0, 2), None);
    assert_eq!(Window::strided(1, 0, MOST + 1, 0, 1), None);
    assert_eq!(Window::strided(MOST, 0, 3, isize::MAX, 1), None);
    assert_eq!(Window::strided(MOST, MOST - 1, 2, isize::MIN, 1), None);
}
