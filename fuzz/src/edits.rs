//! Long chains of edits: what each view shows, what it costs, and who is let go.

use bytes::Bytes;
use fragview::{Error, View};

use crate::input::Input;
use crate::material::{Material, Of, Page, Write};
use crate::model::{Model, Pages, check, whole};

/// A random map, and edits of it and of what came of them.
pub fn edits(data: &[u8]) {
    let mut input = Input::new(data);
    if input.yes() {
        run::<Page>(&mut input);
    } else {
        run::<Bytes>(&mut input);
    }
}

fn run<O: Material>(input: &mut Input<'_>)
where
    Of<O>: Clone,
{
    let mut pages = Pages::<O>::new(input);
    let mut views = vec![whole(&pages, input)];
    let width = input.one(&[1, 1, 1, 2, 3]);
    if let (Ok(view), Ok(model)) = (views[0].0.untyped(width), views[0].1.regroup(width)) {
        views[0] = (view, model);
    }
    for _ in 0..400 {
        if input.is_empty() {
            break;
        }
        let (view, model) = &views[input.up_to(views.len() - 1)];
        let range = input.valid_range(model.len());
        let (put, its) = match input.up_to(4) {
            // Of a page that nobody has seen yet, whole or turned.
            0 | 1 => fresh(&mut pages, model.width, input),
            // A part of a view: of itself too.
            2 | 3 => {
                let (other, its) = &views[input.up_to(views.len() - 1)];
                let slice = input.slice(its.len());
                (other.slice_with_step(slice), its.pick(slice))
            }
            _ => (view.slice(..0).unwrap(), model.with_items(0..0)),
        };
        if model.byte_len() + its.byte_len() > pages.longest || its.width != model.width {
            continue;
        }
        let before = view.memory().fragment_count();
        let new = view.splice(range.clone(), [&put]).unwrap();
        let mut cells = model.with_items(0..range.start).cells();
        cells.extend(its.cells());
        cells.extend(model.with_items(range.end..model.len()).cells());
        let model = model.of_cells(cells);
        check(&pages, &new, &model);
        if view.is_contiguous() {
            let most = before + 2 + put.extents().count();
            assert!(
                new.memory().fragment_count() <= most,
                "an edit adds what it puts in, and cuts twice"
            );
        }
        // Owners of nothing are let go in time.
        let owners = new.memory().owners().count();
        assert!(
            owners <= 4 * new.memory().fragment_count() + 130,
            "{owners} owners"
        );
        probe(&new, &model, &mut pages, input);
        match (views.len(), input.byte()) {
            (3.., _) | (_, 0..200) => {
                let last = views.len() - 1;
                views[last] = (new, model);
            }
            _ => views.push((new, model)),
        }
    }
    for (view, model) in &views {
        check(&pages, view, model);
    }
    pages.check();
    drop(views);
    assert!(
        pages.owners.iter().all(Material::is_alone),
        "a view that is gone owns a page"
    );
}

fn fresh<O: Material>(pages: &mut Pages<O>, width: usize, input: &mut Input<'_>) -> (Of<O>, Model)
where
    Of<O>: Clone,
{
    let items = input.one(&[1, 0, 3, 20]);
    let writable = input.byte() < 240;
    let page = pages.add(items * width, writable);
    let view = View::from_owners([pages.owners[page].clone()]).unwrap();
    let model = Model::new((0..items * width).map(|offset| Some((page, offset))).collect());
    let (view, model) = (view.into_untyped(width).unwrap(), model.regroup(width).unwrap());
    if input.yes() {
        return (view.reversed(), model.with_items((0..items).rev()));
    }
    (view, model)
}

/// A lookup and a write somewhere, which tell whether the edit left the right tables behind.
fn probe<O: Material>(view: &Of<O>, model: &Model, pages: &mut Pages<O>, input: &mut Input<'_>)
where
    Of<O>: Clone,
{
    let item = input.up_to(model.len());
    if item == model.len() {
        return;
    }
    let part = view.slice(item..=item).unwrap();
    let cells = model.item(item);
    assert_eq!(
        part.to_vec().unwrap(),
        cells.iter().map(|&cell| pages.at(cell)).collect::<Vec<_>>()
    );
    let mut at = 0;
    for extent in part.extents() {
        let cell = cells[at];
        assert_eq!(extent.place.is_some(), cell.is_some());
        if let (Some((source, offset)), Some((page, place))) = (extent.place, cell) {
            let owner = view.memory().owners().nth(source).unwrap();
            assert_eq!((owner.identity(), offset), (pages.owners[page].identity(), place));
        }
        at += extent.length;
    }
    if O::SHARED {
        let writable = cells.iter().all(|&cell| pages.is_writable(cell));
        let byte = input.byte();
        let expected = if writable { Ok(()) } else { Err(Error::ReadOnly) };
        assert_eq!(O::write(part, &Write::Fill(byte)), expected);
        if writable {
            for &(page, offset) in cells.iter().flatten() {
                pages.bytes[page][offset] = byte;
            }
        }
    }
}
