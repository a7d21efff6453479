//! A buffer of a stream against a queue of bytes; what was taken out stays as it was.

use arbitrary::{Arbitrary, Unstructured};
use fragview::memory::Frozen;
use fragview::{Error, FragBuffer};

#[derive(Arbitrary, Debug)]
struct Input<'a> {
    steps: Vec<Step>,
    bytes: &'a [u8],
}

#[derive(Arbitrary, Debug)]
enum Step {
    Append(u8, u8),
    Prepend(u8, u8),
    Consume(u16),
    Discard(u16),
    Peek(u16),
    SplitTo(u16),
    AppendAll(u8),
    Read(u16),
    Value,
    Find(u8, u8, u16),
    Part(u16, u16),
    View,
    Clear,
}

/// One input.
pub fn run(data: &[u8]) {
    let Ok(input) = Input::arbitrary_take_rest(Unstructured::new(data)) else {
        return;
    };
    let part = |start: u8, length: u8| {
        let start = usize::from(start).min(input.bytes.len());
        &input.bytes[start..(start + usize::from(length)).min(input.bytes.len())]
    };
    let mut buffer = FragBuffer::<Frozen<'_>>::new();
    let mut model: Vec<u8> = Vec::new();
    let mut taken = Vec::new();
    for step in &input.steps {
        let short = |needed: u16| -> Result<(), Error> {
            let (needed, available) = (usize::from(needed), model.len());
            if needed > available {
                Err(Error::NotEnoughData { needed, available })
            } else {
                Ok(())
            }
        };
        match *step {
            Step::Append(start, length) => {
                buffer.append_slice(part(start, length)).expect("short");
                model.extend(part(start, length));
            }
            Step::Prepend(start, length) => {
                buffer.prepend_slice(part(start, length)).expect("short");
                model.splice(..0, part(start, length).iter().copied());
            }
            Step::Consume(count) => match (buffer.consume(count.into()), short(count)) {
                (Ok(view), Ok(())) => {
                    taken.push((view, model.drain(..usize::from(count)).collect::<Vec<_>>()))
                }
                (view, expected) => assert_eq!(view.err(), expected.err()),
            },
            Step::Discard(count) => {
                let expected = short(count);
                assert_eq!(buffer.discard(count.into()), expected);
                if expected.is_ok() {
                    model.drain(..usize::from(count));
                }
            }
            Step::Peek(count) => match (buffer.peek(count.into()), short(count)) {
                (Ok(view), Ok(())) => assert!(view == model[..usize::from(count)]),
                (view, expected) => assert_eq!(view.err(), expected.err()),
            },
            Step::SplitTo(count) => match (buffer.split_to(count.into()), short(count)) {
                (Ok(mut front), Ok(())) => {
                    let head: Vec<u8> = model.drain(..usize::from(count)).collect();
                    assert!(front.view().expect("short") == head[..]);
                    // Behind the rest, and both together again.
                    buffer.append(&mut front).expect("short");
                    assert!(front.is_empty());
                    model.extend(head);
                }
                (front, expected) => assert_eq!(front.err(), expected.err()),
            },
            Step::AppendAll(count) => {
                let mut other = FragBuffer::<Frozen<'_>>::new();
                for start in 0..count % 8 {
                    other.append_slice(part(start, count)).expect("short");
                    model.extend(part(start, count));
                }
                buffer.append(&mut other).expect("short");
            }
            Step::Read(at) => {
                let expected = model.get(usize::from(at)..usize::from(at) + 4);
                let found = buffer.read_at::<[u8; 4]>(at.into());
                assert_eq!(found.as_ref().ok().map(|item| &item[..]), expected);
            }
            Step::Value => {
                let expected = model.get(..2).map(<[u8]>::to_vec);
                let found = buffer.read_value::<[u8; 2]>();
                assert_eq!(found.ok().map(|item| item.to_vec()), expected);
                if expected.is_some() {
                    model.drain(..2);
                }
            }
            Step::Find(start, length, from) => {
                let needle = part(start, length);
                let from = usize::from(from);
                let expected = model
                    .get(from..)
                    .and_then(|rest| Some(from + memchr::memmem::find(rest, needle)?));
                assert_eq!(buffer.find(needle, from).expect("short"), expected);
            }
            Step::Part(start, end) => {
                let range = usize::from(start)..usize::from(end);
                match (buffer.part_with(range.clone(), |&()| ()), model.get(range)) {
                    (Ok(part), Some(expected)) => assert!(part.into_view().expect("short") == *expected),
                    (part, expected) => assert!(part.is_err() && expected.is_none()),
                }
            }
            Step::View => taken.push((buffer.view().expect("short"), model.clone())),
            Step::Clear => {
                buffer.clear();
                model.clear();
            }
        }
        assert_eq!(buffer.len(), model.len());
        if model.len() > 1 << 14 {
            break;
        }
    }
    assert!(buffer.view().expect("short") == model[..]);
    for (view, bytes) in taken {
        assert!(view == bytes[..]);
    }
}
