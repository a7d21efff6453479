//! Where a view's bytes lie: what it says of fragments, extents and addresses.

use fragview::Error;
use fragview::memory::Contiguous;

use crate::material::{Material, Of};
use crate::model::{Model, Pages};

/// What shared memory tells others of where its items lie.
pub(crate) fn addresses<O: Material>(pages: &Pages<O>, view: &Of<O>, model: &Model) {
    let address = |page: usize, offset| pages.owners[page].memory().0.addr() + offset;
    let Some(table) = O::addresses(view) else { return };
    let offset = |item| view.window().offset(item);
    let across = |item| {
        let (_, fragment) = view.memory().locate(offset(item)).unwrap();
        fragment.end < offset(item) + model.width
    };
    match table {
        Ok(table) => {
            assert_eq!(table.len(), model.len());
            for (item, &at) in table.iter().enumerate() {
                assert!(!across(item));
                match model.item(item)[0] {
                    Some((page, offset)) => assert_eq!(at, address(page, offset)),
                    None => assert!((0..pages.owners.len()).all(|page| {
                        let start = address(page, 0);
                        !(start..start + pages.bytes[page].len()).contains(&at)
                    })),
                }
            }
        }
        Err(error) => {
            let item = (0..model.len()).position(across);
            assert_eq!(Some(error), item.map(|item| Error::AcrossSeam { item }));
        }
    }
    let span = model.span();
    let one = span.windows(2).all(|pair| match (pair[0], pair[1]) {
        (None, None) => true,
        (Some((page, offset)), next) => next == Some((page, offset + 1)),
        _ => false,
    });
    match O::run(view) {
        Some(Contiguous::Hole) => assert!(one && span[0].is_none()),
        Some(Contiguous::Memory(at)) => {
            let (page, offset) = model.item(0)[0].unwrap();
            assert!(one);
            assert_eq!(at.addr(), address(page, offset));
        }
        None => assert!(!one || span.is_empty()),
    }
}

/// Where the bytes lie: fragments, and extents of owners.
pub(crate) fn places<O: Material>(pages: &Pages<O>, (view, model): &(Of<O>, Model)) {
    let memory = view.memory();
    let owners: Vec<&O> = memory.owners().collect();
    let mut at = 0;
    for index in 0..memory.fragment_count() {
        let range = memory.fragment_range(index).unwrap();
        assert!(range.start == at && range.end > at);
        assert_eq!(memory.locate(at), Some((index, range.clone())));
        assert_eq!(memory.locate(range.end - 1), Some((index, range.clone())));
        at = range.end;
    }
    assert_eq!((at, memory.locate(at)), (memory.len(), None));
    assert_eq!(memory.fragment_range(memory.fragment_count()), None);
    let cells: Vec<_> = view
        .extents()
        .flat_map(|extent| {
            assert!(extent.length > 0);
            (0..extent.length).map(move |index| extent.place.map(|(source, offset)| (source, offset + index)))
        })
        .map(|place| {
            place.map(|(source, offset)| {
                let identity = owners[source].identity();
                let same =
                    |owner: &O| owner.identity() == identity && owner.memory() == owners[source].memory();
                (pages.owners.iter().position(same).unwrap(), offset)
            })
        })
        .collect();
    // Pages of no bytes may have one address; no byte lies in them.
    assert_eq!(cells, model.cells());
}
