//! Splices, one after the other, against a vector; views from before an edit stay as they were.

use arbitrary::{Arbitrary, Unstructured};
use fragview::SharedView;

use crate::pieces::{self, Piece};

#[derive(Arbitrary, Debug)]
struct Input {
    pieces: Vec<Piece>,
    others: Vec<Piece>,
    edits: Vec<Edit>,
}

#[derive(Arbitrary, Debug)]
struct Edit {
    start: u16,
    length: u8,
    put: Vec<Put>,
    write: Option<(u16, u8)>,
}

#[derive(Arbitrary, Clone, Copy, Debug)]
enum Put {
    Other { start: u8, length: u8 },
    Own { start: u16, length: u8 },
    Reversed { length: u8 },
}

/// One input.
pub fn run(data: &[u8]) {
    let Ok(input) = Input::arbitrary_take_rest(Unstructured::new(data)) else {
        return;
    };
    let arena = pieces::arena();
    let mut model = pieces::content(&arena);
    let (mut view, mut places) = pieces::cut(&arena, &input.pieces);
    let (other, others) = pieces::cut(&arena, &input.others);
    let mut olds: Vec<(SharedView<'_>, Vec<Option<usize>>)> = Vec::new();
    for edit in &input.edits {
        let start = usize::from(edit.start).min(places.len());
        let end = (start + usize::from(edit.length)).min(places.len());
        let (mut put, mut content) = (Vec::new(), Vec::new());
        for &part in &edit.put {
            let (from, source, start, length, turned) = match part {
                Put::Other { start, length } => (&other, &others, start.into(), length, false),
                Put::Own { start, length } => (&view, &places, start.into(), length, false),
                Put::Reversed { length } => (&view, &places, 0, length, true),
            };
            let start: usize = usize::min(start, source.len());
            let end = (start + usize::from(length)).min(source.len());
            let part = from.slice(start..end).expect("within");
            if turned {
                put.push(part.reversed());
                content.extend(source[start..end].iter().rev());
            } else {
                put.push(part);
                content.extend(&source[start..end]);
            }
        }
        let new = view.splice(start..end, &put).expect("short");
        let expected = [&places[..start], &content, &places[end..]].concat();
        assert_eq!(new.to_vec().expect("short"), pieces::bytes(&model, &expected));
        olds.push((
            std::mem::replace(&mut view, new),
            std::mem::replace(&mut places, expected),
        ));
        if let Some((at, byte)) = edit.write
            && let Some(place) = places.get(usize::from(at)).copied().flatten()
        {
            view.set(at.into(), byte).expect("writable");
            model[place] = byte;
        }
        if places.len() > 1 << 14 {
            break;
        }
    }
    assert_eq!(pieces::content(&arena), model);
    for (old, places) in olds {
        let bytes = pieces::bytes(&model, &places);
        assert_eq!(old.to_vec().expect("short"), bytes);
        assert!((0..bytes.len()).all(|at| old.get(at) == Some(bytes[at])));
    }
}
