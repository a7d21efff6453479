//! Buffers of streams: against a plain vector of where each byte lies.

use std::io::{BufRead, Read};
use std::ops::Range;

use bytes::{Buf, Bytes};
use fragview::geometry::Extent;
use fragview::memory::{Frozen, Owner};
use fragview::{Error, FragBuffer, View};
use zerocopy::byteorder::big_endian::U32;

use crate::input::Input;
use crate::material::{Material, Of, Page, Write};
use crate::model::{Cell, Model, Pages, check, picked, whole};

/// What comes in at either end of a buffer, and goes out at the front.
pub fn buffer(data: &[u8]) {
    let mut input = Input::new(data);
    if input.yes() {
        let (session, _) = run::<Page>(&mut input);
        session.finish();
    } else {
        let (session, expected) = run::<Bytes>(&mut input);
        stream(session, &expected, &mut input);
    }
}

/// A byte's place, and whether it may be written.
type Byte = (Cell, bool);

struct Session<O: Owner> {
    pages: Pages<O>,
    buffer: FragBuffer<O::Kind, O>,
    cells: Vec<Byte>,
    readonly: bool,
    taken: Vec<(Of<O>, Vec<Byte>)>,
}

fn run<O: Material<Kind: fragview::memory::Many>>(input: &mut Input<'_>) -> (Session<O>, Vec<u8>)
where
    Of<O>: Clone,
    Of<O, u8>: Clone,
{
    let pages = Pages::<O>::new(input);
    let mut session = Session {
        pages,
        buffer: FragBuffer::new(),
        cells: Vec::new(),
        readonly: false,
        taken: Vec::new(),
    };
    for _ in 0..100 {
        if input.is_empty() {
            break;
        }
        session.step(input);
        session.check();
    }
    let expected = session.bytes();
    (session, expected)
}

/// The refusal of more bytes than there are.
const fn short(needed: usize, available: usize) -> Error {
    Error::NotEnoughData { needed, available }
}

impl<O: Material<Kind: fragview::memory::Many>> Session<O>
where
    Of<O>: Clone,
    Of<O, u8>: Clone,
{
    fn bytes(&self) -> Vec<u8> {
        self.cells.iter().map(|&(cell, _)| self.pages.at(cell)).collect()
    }

    fn check(&self) {
        let bytes = self.bytes();
        assert_eq!(
            (self.buffer.len(), self.buffer.is_empty()),
            (bytes.len(), bytes.is_empty())
        );
        let mut copy = vec![0; bytes.len()];
        self.buffer.copy_to_slice(0, &mut copy).unwrap();
        assert_eq!(copy, bytes);
        assert!(self.buffer.fragment_count() <= bytes.len());
        assert!(self.buffer.owners().count() <= self.buffer.fragment_count());
    }

    fn finish(self) {
        for (view, bytes) in &self.taken {
            check(&self.pages, view, &model(bytes));
        }
        self.pages.check();
        drop((self.taken, self.buffer));
        assert!(
            self.pages.owners.iter().all(Material::is_alone),
            "a buffer that is gone owns a page"
        );
    }

    /// Remembers what was taken or shown.
    fn keep(&mut self, view: Of<O, u8>, cells: &[Byte]) {
        let view = view.into_untyped(1).unwrap();
        check(&self.pages, &view, &model(cells));
        if O::SHARED {
            let writable = cells.iter().all(|&(_, writable)| writable);
            assert_eq!(O::accepts(&view), writable);
            let expected = if writable { Ok(()) } else { Err(Error::ReadOnly) };
            assert_eq!(O::write(view.clone(), &Write::Fill(7)), expected);
            if writable {
                cells
                    .iter()
                    .filter_map(|&(cell, _)| cell)
                    .for_each(|(page, at)| self.pages.bytes[page][at] = 7);
            }
        }
        if self.taken.len() == 8 {
            self.taken.remove(0);
        }
        self.taken.push((view, cells.to_vec()));
    }

    /// Notes what came in: a read-only buffer lets nothing of it be written.
    fn put(&mut self, front: bool, bytes: impl IntoIterator<Item = Byte>) {
        let readonly = self.readonly;
        let at = if front { 0 } else { self.cells.len() };
        self.cells.splice(
            at..at,
            bytes
                .into_iter()
                .map(|(cell, writable)| (cell, writable && !readonly)),
        );
    }

    /// A part of a page.
    fn page(&self, page: usize, range: Range<usize>) -> Vec<Byte> {
        let cells = range.map(|offset| Some((page, offset)));
        cells.map(|cell| (cell, self.pages.is_writable(cell))).collect()
    }

    fn step(&mut self, input: &mut Input<'_>) {
        let front = input.byte() < 50;
        let length = self.cells.len();
        match input.up_to(15) {
            0 | 1 => {
                let page = input.up_to(self.pages.owners.len() - 1);
                let size = self.pages.bytes[page].len();
                if length + size > self.pages.longest {
                    return;
                }
                let owner = self.pages.owners[page].clone();
                if front {
                    self.buffer.prepend_owner(owner).unwrap();
                } else {
                    self.buffer.append_owner(owner).unwrap();
                }
                self.put(front, self.page(page, 0..size));
            }
            2..=4 => {
                let page = input.up_to(self.pages.owners.len() - 1);
                let size = self.pages.bytes[page].len();
                let range = input.range(size);
                let count = range.end.wrapping_sub(range.start);
                if count <= size && length + count > self.pages.longest {
                    return;
                }
                let owner = self.pages.owners[page].clone();
                match self.buffer.append_extent(owner, range.start, count) {
                    Ok(()) => self.put(false, self.page(page, range)),
                    Err(error) => {
                        assert!(matches!(error, Error::ExtentOutOfRange { .. }));
                        assert!(range.start.checked_add(count).is_none_or(|end| end > size));
                    }
                }
            }
            5 => {
                let (view, bytes) = match self.taken.get(input.up_to(self.taken.len())) {
                    Some(taken) => taken.clone(),
                    None => {
                        let (view, model) = whole(&self.pages, input);
                        let byte = |cell| (cell, self.pages.is_writable(cell));
                        (view, model.cells().into_iter().map(byte).collect())
                    }
                };
                let slice = input.slice(bytes.len());
                let (view, bytes) = (
                    view.slice_with_step(slice),
                    picked(slice, bytes.len()).into_iter().map(|at| bytes[at]),
                );
                if length + view.len() > self.pages.longest {
                    return;
                }
                if front {
                    self.buffer.prepend_view(&view).unwrap();
                } else {
                    self.buffer.append_view(&view).unwrap();
                }
                self.put(front, bytes);
            }
            6 | 7 => {
                let count = input.up_to(length + 2);
                match self.buffer.consume(count) {
                    Ok(view) => {
                        let cells: Vec<Byte> = self.cells.drain(..count).collect();
                        self.keep(view, &cells);
                    }
                    Err(error) => assert_eq!(error, short(count, length)),
                }
            }
            8 => {
                let count = input.up_to(length + 1);
                let result = self.buffer.discard(count);
                assert_eq!(result.is_ok(), count <= length);
                if result.is_ok() {
                    self.cells.drain(..count);
                }
            }
            9 => {
                let count = input.up_to(length + 1);
                match self.buffer.peek(count) {
                    Ok(view) => {
                        let cells = self.cells[..count].to_vec();
                        self.keep(view, &cells);
                    }
                    Err(error) => assert_eq!(error, short(count, length)),
                }
            }
            10 => {
                let range = input.range(length);
                match self.buffer.part_with(range.clone(), O::clone) {
                    Ok(part) => {
                        let cells = self.cells[range].to_vec();
                        self.keep(part.into_view().unwrap(), &cells);
                    }
                    Err(Error::NotEnoughData { .. }) => assert!(range.end > length),
                    Err(_) => assert!(range.start > range.end),
                }
            }
            11 => {
                let count = input.up_to(length);
                let mut head = self.buffer.split_to(count).unwrap();
                assert_eq!((head.len(), self.buffer.len()), (count, length - count));
                // Back to where it was, or to the other end.
                if front {
                    self.buffer.prepend(&mut head).unwrap();
                } else {
                    self.buffer.append(&mut head).unwrap();
                    self.cells.rotate_left(count);
                }
                assert!(head.is_empty());
            }
            12 => {
                let bytes = self.bytes();
                let at = input.up_to(length);
                let count = input.up_to(6).min(length - at);
                let mut needle = bytes[at..at + count].to_vec();
                if input.byte() < 60 {
                    needle.push(input.byte());
                }
                let from = input.up_to(length + 1);
                let found = bytes
                    .get(from..)
                    .and_then(|rest| memchr::memmem::find(rest, &needle));
                assert_eq!(
                    self.buffer.find(&needle, from).unwrap(),
                    found.map(|found| found + from)
                );
            }
            13 => {
                let bytes = self.bytes();
                let at = input.up_to(length + 1);
                let four = bytes
                    .get(at..at + 4)
                    .map(|four| u32::from_be_bytes(four.try_into().unwrap()));
                assert_eq!(self.buffer.read_at::<U32>(at).ok().map(U32::get), four);
                let first = bytes.first_chunk::<3>();
                assert_eq!(self.buffer.read_value::<[u8; 3]>().ok().as_ref(), first);
                if first.is_some() {
                    self.cells.drain(..3);
                }
            }
            14 => {
                let mut target = vec![0; input.up_to(300)];
                let count = self.buffer.read(&mut target).unwrap();
                assert_eq!(count, target.len().min(length));
                let bytes = self.bytes();
                assert_eq!(target[..count], bytes[..count]);
                self.cells.drain(..count);
            }
            _ => match input.byte() {
                0..20 => {
                    self.buffer.clear();
                    self.cells.clear();
                }
                byte => {
                    self.readonly = byte < 90;
                    self.buffer.set_readonly(self.readonly);
                }
            },
        }
    }
}

fn model(bytes: &[Byte]) -> Model {
    Model::new(bytes.iter().map(|&(cell, _)| cell).collect())
}

/// What frozen memory has besides: the traits that lend.
fn stream(mut session: Session<Bytes>, expected: &[u8], input: &mut Input<'_>) {
    let buffer: &mut FragBuffer<Frozen<'static>, Bytes> = &mut session.buffer;
    let mut rest = expected;
    let mut slices = [std::io::IoSlice::new(&[]); 5];
    let count = buffer.chunks_vectored(&mut slices);
    let lent: Vec<u8> = slices[..count].iter().flat_map(|slice| slice.to_vec()).collect();
    assert!(expected.starts_with(&lent) && (count == 5 || lent.len() == expected.len()));
    while !rest.is_empty() {
        let chunk = buffer.fill_buf().unwrap().to_vec();
        assert!(!chunk.is_empty() && rest.starts_with(&chunk));
        assert_eq!(chunk, Buf::chunk(buffer));
        let step = if input.is_empty() {
            chunk.len()
        } else {
            1 + input.up_to(chunk.len() - 1)
        };
        if input.yes() {
            BufRead::consume(buffer, step);
        } else {
            buffer.advance(step);
        }
        rest = &rest[step..];
        assert_eq!(buffer.remaining(), rest.len());
    }
    assert!(buffer.fill_buf().unwrap().is_empty());
    session.cells.clear();
    session.finish();
    // Holes come in by views alone.
    let hole = View::from_extents(
        Bytes::from_static(b"ab"),
        [Extent {
            offset: None,
            length: 3,
        }],
    )
    .unwrap();
    let mut buffer = FragBuffer::<Frozen<'static>, Bytes>::new();
    buffer.append_view(&hole).unwrap();
    assert_eq!(buffer.consume(2).unwrap(), [0, 0]);
}
