//! What a view is, told by plain vectors: for each byte of the line, where it lies; for each item, where it
//! begins.

use std::rc::Rc;

use fragview::geometry::Slice;
use fragview::memory::Builder;
use fragview::{Error, Untyped, View};

use crate::input::Input;
use crate::material::{Material, Of};

/// Where a byte lies: a page and an offset in it, or in a hole.
pub(crate) type Cell = Option<(usize, usize)>;

/// The most bytes of a line, few of which are long: so that an input takes no longer than some milliseconds.
pub(crate) const LONGEST: [usize; 8] = [300, 40, 100, 200, 500, 100, 1000, 9000];

/// Pages of memory, and what their bytes must be.
pub(crate) struct Pages<O> {
    pub(crate) owners: Vec<O>,
    pub(crate) bytes: Vec<Vec<u8>>,
    /// The most bytes of a view.
    pub(crate) longest: usize,
}

impl<O: Material> Pages<O> {
    /// Some pages, one of which may be read-only.
    pub(crate) fn new(input: &mut Input<'_>) -> Self {
        let mut pages = Self {
            owners: Vec::new(),
            bytes: Vec::new(),
            longest: input.one(&LONGEST),
        };
        for _ in 0..=input.up_to(3) {
            let length = input.one(&[16, 1, 40, 16, 100, 40, 0, 3000]);
            let writable = input.byte() < 200;
            pages.add(length, writable);
        }
        pages
    }

    /// One more page.
    pub(crate) fn add(&mut self, length: usize, writable: bool) -> usize {
        let index = self.owners.len();
        let bytes: Vec<u8> = (0..length)
            .map(|offset| ((offset * 13 + offset / 97 + index * 50) as u8) | 1)
            .collect();
        self.owners.push(O::new(&bytes, writable));
        self.bytes.push(bytes);
        index
    }

    /// The byte of a cell.
    pub(crate) fn at(&self, cell: Cell) -> u8 {
        cell.map_or(0, |(page, offset)| self.bytes[page][offset])
    }

    /// True where a write to the cell is allowed.
    pub(crate) fn is_writable(&self, cell: Cell) -> bool {
        cell.is_some_and(|(page, _)| O::SHARED && self.owners[page].is_writable())
    }

    /// Fails where memory is not what it must be: a write went astray.
    pub(crate) fn check(&self) {
        for (owner, bytes) in self.owners.iter().zip(&self.bytes) {
            assert_eq!(owner.bytes(), *bytes, "the pages");
        }
    }

    /// A map of extents and holes of any length, some of them many times, and the same as a list of cells.
    pub(crate) fn lay(&self, input: &mut Input<'_>) -> (Of<O, u8>, Vec<Cell>) {
        let mut builder = Builder::<O::Kind, O>::new();
        let merging = input.byte() < 64;
        builder.merge_touching(merging);
        let mut cells: Vec<Cell> = Vec::new();
        let mut fragments = 0;
        let sources: Vec<_> = self
            .owners
            .iter()
            .map(|owner| builder.add_source(owner.clone()).unwrap())
            .collect();
        for _ in 0..input.up_to(12) {
            let page = input.up_to(sources.len());
            let times = input.one(&[1, 1, 1, 1, 2, 3, 20, 200]);
            let size = self.bytes.get(page).map_or(600, Vec::len);
            let start = input.up_to(size);
            let longest = input.one(&[8, 1, 2, 64, 5000]);
            let length = input.up_to(longest).min(size - start);
            for _ in 0..times {
                if cells.len() + length > self.longest {
                    break;
                }
                fragments += usize::from(length > 0);
                if let Some(&source) = sources.get(page) {
                    builder.push(source, start, length).unwrap();
                    cells.extend((start..start + length).map(|offset| Some((page, offset))));
                } else {
                    O::push_hole(&mut builder, length).unwrap();
                    cells.resize(cells.len() + length, None);
                }
            }
            if let Some(&source) = sources.get(page) {
                let error = builder.push(source, start, size - start + 1).unwrap_err();
                assert!(matches!(error, Error::ExtentOutOfRange { .. }), "{error}");
            }
        }
        assert_eq!(builder.len(), cells.len());
        let memory = builder.finish();
        assert_eq!(memory.len(), cells.len());
        if merging {
            assert!(memory.fragment_count() <= fragments);
        } else {
            assert_eq!(memory.fragment_count(), fragments);
        }
        (View::from(memory), cells)
    }
}

/// What a view of items must be.
#[derive(Clone)]
pub(crate) struct Model {
    line: Rc<[Cell]>,
    starts: Vec<usize>,
    pub(crate) width: usize,
}

impl Model {
    pub(crate) fn new(line: Vec<Cell>) -> Self {
        Self {
            starts: (0..line.len()).collect(),
            line: line.into(),
            width: 1,
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.starts.len()
    }

    pub(crate) fn byte_len(&self) -> usize {
        self.starts.len() * self.width
    }

    pub(crate) fn cells(&self) -> Vec<Cell> {
        let item = |&start: &usize| self.line[start..start + self.width].iter().copied();
        self.starts.iter().flat_map(item).collect()
    }

    pub(crate) fn item(&self, index: usize) -> &[Cell] {
        &self.line[self.starts[index]..self.starts[index] + self.width]
    }

    pub(crate) fn bytes<O: Material>(&self, pages: &Pages<O>) -> Vec<u8> {
        self.cells().into_iter().map(|cell| pages.at(cell)).collect()
    }

    pub(crate) fn is_contiguous(&self) -> bool {
        self.starts
            .windows(2)
            .all(|pair| pair[0].checked_add(self.width) == Some(pair[1]))
    }

    pub(crate) fn with_items(&self, items: impl IntoIterator<Item = usize>) -> Self {
        Self {
            line: self.line.clone(),
            starts: items.into_iter().map(|item| self.starts[item]).collect(),
            width: self.width,
        }
    }

    pub(crate) fn pick(&self, slice: Slice) -> Self {
        self.with_items(picked(slice, self.len()))
    }

    /// The same bytes as items of `width` bytes.
    pub(crate) fn regroup(&self, width: usize) -> Result<Self, Error> {
        if !self.is_contiguous() {
            return Err(Error::NotContiguous);
        }
        let bytes = self.byte_len();
        if width == 0 || !bytes.is_multiple_of(width) {
            return Err(Error::NotDivisible {
                bytes,
                item_size: width,
            });
        }
        let start = self.starts.first().copied().unwrap_or(0);
        Ok(Self {
            line: self.line.clone(),
            starts: (0..bytes / width).map(|item| start + item * width).collect(),
            width,
        })
    }

    /// Other cells as items of the same width.
    pub(crate) fn of_cells(&self, cells: Vec<Cell>) -> Self {
        Self {
            starts: (0..cells.len() / self.width)
                .map(|item| item * self.width)
                .collect(),
            line: cells.into(),
            width: self.width,
        }
    }
}

/// The indices that a slice picks, as Python's reference tells it, one by one.
pub(crate) fn picked(slice: Slice, length: usize) -> Vec<usize> {
    let (length, step) = (length as i128, slice.step as i128);
    let (low, high) = if step < 0 { (-1, length - 1) } else { (0, length) };
    let bound = |index: Option<isize>, absent: i128| {
        let Some(index) = index else { return absent };
        let index = index as i128;
        (if index < 0 { index + length } else { index }).clamp(low, high)
    };
    let (first, last) = if step < 0 { (high, low) } else { (low, high) };
    let (mut at, stop) = (bound(slice.start, first), bound(slice.stop, last));
    let mut indices = Vec::new();
    while (step > 0 && at < stop) || (step < 0 && at > stop) {
        indices.push(at as usize);
        at += step;
    }
    indices
}

/// A view of bytes, and its model.
pub(crate) fn whole<O: Material>(pages: &Pages<O>, input: &mut Input<'_>) -> (Of<O>, Model) {
    let (view, cells) = pages.lay(input);
    (view.into_untyped(1).unwrap(), Model::new(cells))
}

/// Fails where the view has not the model's shape and bytes.
pub(crate) fn check<O: Material>(pages: &Pages<O>, view: &Of<O, Untyped>, model: &Model) {
    assert_eq!((view.len(), view.item_size()), (model.len(), model.width));
    assert_eq!(
        (view.byte_len(), view.is_empty()),
        (model.byte_len(), model.len() == 0)
    );
    assert_eq!(view.is_contiguous(), model.is_contiguous());
    assert_eq!(view.to_vec().unwrap(), model.bytes(pages));
}

impl Model {
    /// The cells from the lowest item to the highest one, those between included.
    pub(crate) fn span(&self) -> Vec<Cell> {
        match (self.starts.iter().min(), self.starts.iter().max()) {
            (Some(&first), Some(&last)) => self.line[first..last + self.width].to_vec(),
            _ => Vec::new(),
        }
    }
}
