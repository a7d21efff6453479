//! Views that may be many, frozen and shared: slices of slices, casts, reads and writes of every sort.

use bytes::Bytes;
use fragview::geometry::Extent;
use fragview::memory::Owner;
use fragview::{Error, FrozenView, View};

use crate::input::Input;
use crate::material::{Material, Of, Page, Write, hash_of};
use crate::model::{Model, Pages, check, whole};
use crate::numbers::numbers;
use crate::places::{addresses, places};

/// The most views at a time.
const VIEWS: usize = 6;

/// A random map, and what is done to views of it, frozen or shared.
pub fn view(data: &[u8]) {
    let mut input = Input::new(data);
    if input.yes() {
        run::<Page>(&mut input);
    } else {
        run::<Bytes>(&mut input);
    }
}

struct Session<O: Owner> {
    pages: Pages<O>,
    views: Vec<(Of<O>, Model)>,
}

fn run<O: Material>(input: &mut Input<'_>)
where
    Of<O>: Clone,
{
    let pages = Pages::<O>::new(input);
    let first = whole(&pages, input);
    let mut session = Session {
        pages,
        views: vec![first],
    };
    places(&session.pages, &session.views[0]);
    for _ in 0..40 {
        if input.is_empty() {
            break;
        }
        session.step(input);
    }
    session.pages.check();
    for (view, model) in &session.views {
        check(&session.pages, view, model);
    }
    session.views.clear();
    assert!(
        session.pages.owners.iter().all(Material::is_alone),
        "a view that is gone owns a page"
    );
}

impl<O: Material> Session<O>
where
    Of<O>: Clone,
{
    fn keep(&mut self, view: Of<O>, model: Model) {
        check(&self.pages, &view, &model);
        if self.views.len() == VIEWS {
            self.views.remove(1);
        }
        self.views.push((view, model));
    }

    fn step(&mut self, input: &mut Input<'_>) {
        let which = input.up_to(self.views.len() - 1);
        let (view, model) = self.views[which].clone();
        match input.up_to(15) {
            0 => self.slice(&view, &model, input),
            1 => {
                let slice = input.slice(model.len());
                self.keep(view.slice_with_step(slice), model.pick(slice));
            }
            2 => {
                let items: Vec<usize> = (0..model.len()).rev().collect();
                self.keep(view.reversed(), model.with_items(items));
            }
            3 => {
                let width = input.one(&[1, 2, 3, 4, 7, 8, 16, 40, 1000, 0, 1 << 40]);
                match (view.untyped(width), model.regroup(width)) {
                    (Ok(view), Ok(model)) => self.keep(view, model),
                    (view, model) => assert_eq!(view.err(), model.err()),
                }
            }
            4 => self.join(&view, &model, input),
            5 => self.splice(&view, &model, input),
            6 => self.extents(view, &model, input),
            7 => numbers(&view, &model, &self.pages, input),
            8 => self.compare(&view, &model, input),
            9 => self.read(&view, &model, input),
            10 => self.lent(&view, &model),
            11 => places(&self.pages, &self.views[which]),
            12..=14 if O::SHARED => self.write(view, &model, input),
            _ => {
                let at = input.up_to(model.len() + 1);
                match view.split_at(at) {
                    Ok((head, tail)) => {
                        self.keep(head, model.with_items(0..at));
                        self.keep(tail, model.with_items(at..model.len()));
                    }
                    Err(_) => assert!(at > model.len()),
                }
            }
        }
    }

    fn slice(&mut self, view: &Of<O>, model: &Model, input: &mut Input<'_>) {
        let range = input.range(model.len());
        match view.slice(range.clone()) {
            Ok(part) => self.keep(part, model.with_items(range)),
            Err(error) => {
                let length = model.len();
                assert!(range.start > range.end || range.end > length);
                let (start, end) = (range.start, range.end);
                assert_eq!(error, Error::RangeOutOfRange { start, end, length });
            }
        }
    }

    fn join(&mut self, view: &Of<O>, model: &Model, input: &mut Input<'_>) {
        let mut views = vec![view.clone()];
        let mut cells = model.cells();
        let mut fits = true;
        for _ in 0..input.up_to(3) {
            let (other, its) = &self.views[input.up_to(self.views.len() - 1)];
            fits &= its.width == model.width;
            views.push(other.clone());
            cells.extend(its.cells());
        }
        if cells.len() > self.pages.longest {
            return;
        }
        match View::concat(&views) {
            Ok(joined) => {
                assert!(fits);
                self.keep(joined, model.of_cells(cells));
            }
            Err(error) => assert!(!fits && matches!(error, Error::ItemSizeMismatch { .. })),
        }
    }

    fn splice(&mut self, view: &Of<O>, model: &Model, input: &mut Input<'_>) {
        let range = input.range(model.len());
        let (put, its) = self.views[input.up_to(self.views.len() - 1)].clone();
        let times = input.up_to(2);
        if model.byte_len() + times * its.byte_len() > self.pages.longest {
            return;
        }
        match view.splice(range.clone(), std::iter::repeat_n(&put, times)) {
            Ok(new) => {
                assert!(its.width == model.width || times == 0);
                let mut cells = model.with_items(0..range.start).cells();
                (0..times).for_each(|_| cells.extend(its.cells()));
                cells.extend(model.with_items(range.end..model.len()).cells());
                self.keep(new, model.of_cells(cells));
            }
            Err(Error::ItemSizeMismatch { .. }) => assert!(its.width != model.width),
            Err(_) => assert!(range.start > range.end || range.end > model.len()),
        }
    }

    fn extents(&mut self, view: Of<O>, model: &Model, input: &mut Input<'_>) {
        let Ok(bytes) = view.into_bytes() else {
            return assert!(model.width != 1);
        };
        let (mut extents, mut cells, mut fault) = (Vec::new(), Vec::new(), None);
        let all = model.cells();
        for index in 0..input.up_to(6) {
            let range = input.range(all.len());
            let length = range.end.wrapping_sub(range.start).min(usize::MAX / 4);
            let hole = input.byte() < 40;
            if hole {
                let length = length % 100;
                extents.push(Extent { offset: None, length });
                cells.resize(cells.len() + length, None);
            } else {
                extents.push(Extent::from((range.start, length)));
                match all.get(range.start..range.start.saturating_add(length)) {
                    Some(part) => cells.extend_from_slice(part),
                    None => fault = fault.or(Some(index)),
                }
            }
        }
        if cells.len() > self.pages.longest {
            return;
        }
        match View::from_extents(&bytes, extents) {
            Ok(part) => {
                assert_eq!(fault, None);
                self.keep(part.into_untyped(1).unwrap(), Model::new(cells));
            }
            Err(Error::ExtentOutOfRange { index, size, .. }) => {
                assert_eq!((Some(index), size), (fault, all.len()));
            }
            Err(error) => panic!("{error}"),
        }
    }

    fn compare(&self, view: &Of<O>, model: &Model, input: &mut Input<'_>) {
        let (other, its) = &self.views[input.up_to(self.views.len() - 1)];
        let (left, right) = (model.bytes(&self.pages), its.bytes(&self.pages));
        assert_eq!(view.compare(other), left.cmp(&right));
        assert_eq!(view.same_bytes(other), left == right);
        // The same bytes elsewhere, and with one of them changed.
        let mut same = left.clone();
        let cut = input.up_to(same.len());
        for change in [false, true] {
            if change {
                let at = input.up_to(same.len());
                match same.get_mut(at) {
                    Some(byte) => *byte = byte.wrapping_add(input.byte()),
                    None => same.push(0),
                }
            }
            let (head, tail) = same.split_at(cut.min(same.len()));
            let copy = FrozenView::from_slices([head, tail]).unwrap();
            assert_eq!(view.compare(&copy), left.cmp(&same));
            assert_eq!(copy.compare(view), same.cmp(&left));
            assert_eq!(view.same_bytes(&copy), left == same);
            if let Ok(bytes) = view.clone().into_bytes() {
                assert_eq!((bytes == same, copy == bytes), (left == same, left == same));
                assert_eq!(bytes.partial_cmp(&copy), Some(left.cmp(&same)));
                let begins = bytes.starts_with(head);
                assert_eq!(begins, left.starts_with(head));
                assert_eq!(bytes.ends_with(tail), left.ends_with(tail));
            }
        }
    }

    fn read(&self, view: &Of<O>, model: &Model, input: &mut Input<'_>) {
        let expected = model.bytes(&self.pages);
        let length = input.up_to(expected.len() + 1);
        let mut target = vec![0xAA; length];
        match view.copy_to_slice(&mut target) {
            Ok(()) => assert_eq!(target, expected),
            Err(error) => {
                let expected = expected.len();
                assert_eq!(
                    error,
                    Error::LengthMismatch {
                        expected,
                        actual: length
                    }
                );
                assert!(length != expected && target.iter().all(|&byte| byte == 0xAA));
            }
        }
        let digit = |nibble: u8| char::from(b"0123456789abcdef"[usize::from(nibble)]);
        let hex = expected
            .iter()
            .flat_map(|&byte| [digit(byte >> 4), digit(byte & 15)]);
        assert!(view.to_hex().unwrap().chars().eq(hex));
    }

    fn lent(&self, view: &Of<O>, model: &Model) {
        let expected = model.bytes(&self.pages);
        if let Some(chunks) = O::lent(view) {
            assert!(chunks.iter().all(|chunk| !chunk.is_empty()));
            assert_eq!(chunks.concat(), expected);
        }
        // However the bytes lie, their hash is that of a view of one piece.
        if let Some(hash) = O::hash(view) {
            assert_eq!(hash, hash_of(&FrozenView::from_slices([&expected[..]]).unwrap()));
        }
        addresses(&self.pages, view, model);
    }

    fn write(&mut self, view: Of<O>, model: &Model, input: &mut Input<'_>) {
        let mut cells = model.cells();
        let which = input.up_to(4);
        let bytes;
        let from;
        let write = match which {
            0 => Write::Fill(input.byte()),
            1 => {
                bytes = input.bytes(cells.len());
                Write::Bytes(&bytes)
            }
            2 => {
                let count = input.one(&[0, 1, 2, 100]);
                bytes = input.bytes(count);
                Write::Bytes(&bytes)
            }
            3 => {
                from = self.views[input.up_to(self.views.len() - 1)].clone();
                Write::View(&from.0)
            }
            _ => {
                let width = input.one(&[1, 2, 3, 4, 40]);
                let index = input.up_to(cells.len() / width);
                bytes = input.bytes(width);
                match model.regroup(width) {
                    Ok(model) if index < model.len() => cells = model.item(index).to_vec(),
                    Ok(_) => cells = vec![],
                    // Refused, for the view has no such items.
                    Err(error) => {
                        assert_eq!(O::write(view, &Write::Item(index, &bytes)), Err(error));
                        return;
                    }
                }
                if cells.is_empty() {
                    let length = model.byte_len() / width;
                    let error = Err(Error::IndexOutOfRange { index, length });
                    assert_eq!(O::write(view, &Write::Item(index, &bytes)), error);
                    return;
                }
                Write::Item(index, &bytes)
            }
        };
        let writable = cells.iter().all(|&cell| self.pages.is_writable(cell));
        if !matches!(write, Write::Item(..)) {
            assert_eq!(O::accepts(&view), writable);
            assert_eq!(view.memory().is_writable(view.window()), writable);
        }
        let content = match write {
            Write::Fill(byte) => vec![byte; cells.len()],
            Write::Bytes(bytes) | Write::Item(_, bytes) => bytes.to_vec(),
            Write::View(from) => from.to_vec().unwrap(),
        };
        let expected = if !writable {
            Err(Error::ReadOnly)
        } else if content.len() != cells.len() {
            let (expected, actual) = (cells.len(), content.len());
            Err(Error::LengthMismatch { expected, actual })
        } else {
            Ok(())
        };
        assert_eq!(O::write(view, &write), expected);
        if expected.is_ok() {
            for (cell, byte) in cells.into_iter().zip(content) {
                let (page, offset) = cell.unwrap();
                self.pages.bytes[page][offset] = byte;
            }
        }
        self.pages.check();
    }
}
