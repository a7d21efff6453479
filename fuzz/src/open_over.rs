//! Every format on a file in fragments: what it finds is what it finds in the file as a whole.

use fragview::geometry::Extents;
use fragview::{FrozenView, View, formats as known};

/// The bytes of the input that are not the file: sizes of fragments, and a hole.
const HEAD: usize = 8;

/// Each format on the bytes of a file that lies in fragments, in reverse order of memory; then with a hole.
pub fn open_over(data: &[u8]) {
    let Some((head, file)) = data.split_first_chunk::<HEAD>() else {
        return;
    };
    let mut sizes = head[..4].iter().map(|&size| usize::from(size) + 1).cycle();
    let mut pieces = Vec::new();
    let mut rest = file;
    while let Some(size) = sizes.next().filter(|_| !rest.is_empty()) {
        let (piece, more) = rest.split_at(size.min(rest.len()));
        pieces.push(piece);
        rest = more;
    }
    // The last piece first, with a byte between two.
    let mut memory = Vec::new();
    let mut extents = Vec::new();
    for piece in pieces.iter().rev() {
        extents.push((memory.len(), piece.len()));
        memory.extend_from_slice(piece);
        memory.push(0xaa);
    }
    extents.reverse();
    let view: FrozenView<'_> = View::from_extents(&memory[..], extents).expect("extents of the memory");
    let [.., low, high, length, more] = *head;
    let start = usize::from(u16::from_le_bytes([low, high])).min(file.len());
    let length = (usize::from(length) << (more % 8)).min(file.len() - start);
    let hole: Extents = [
        (Some(0), start),
        (None, length),
        (Some(start + length), file.len() - start - length),
    ]
    .into_iter()
    .collect();
    let with_hole: FrozenView<'_> = View::from_extents(file, &hole).expect("extents of the file");

    for name in known::names().map(Some).chain([None]) {
        for options in [known::Options::STRICT, known::Options::LENIENT] {
            let whole = known::open(file, name, options);
            let cut = known::open(&view, name, options);
            assert_eq!(whole, cut, "{name:?}");
            // A hole may end the reading, which zeros would not.
            if let Ok(container) = known::open(&with_hole, name, options) {
                for stream in container.streams() {
                    let view = View::from_extents(&with_hole, &stream.extents);
                    assert!(view.is_ok(), "{name:?}: {}", stream.name);
                }
            }
        }
    }
}
