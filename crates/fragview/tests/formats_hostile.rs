//! Malformed files take no memory out of proportion and no steps without end: the fuzzer's seeds, broken
//! further, with 64 MiB of memory; and with a hole of 2^60 bytes behind them.

mod counting;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use counting::{MIB, limited, peak};
use fragview::formats::{self, Options};
use fragview::geometry::Slice;
use fragview::memory::{Fragment, Frozen};
use fragview::{Bytes, FragBuffer, View};

/// More would end the process, or be an error.
const MEMORY: usize = 64 * MIB;

/// The most reads of a file with a hole: those of the hole, and of the bytes before it.
const READS: usize = 1 << 19;

/// Walks to the end of what the hole's guard allows that are done for each format: they take a while.
const WALKS: usize = 1;

/// What the fuzzer found worth keeping.
fn seeds() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/formats");
    let mut files: Vec<_> = fs::read_dir(folder)
        .expect("the corpus is there")
        .map(|entry| fs::read(entry.unwrap().path()).unwrap())
        .collect();
    files.sort();
    files
}

fn all_options() -> [Options; 4] {
    [(true, false), (false, false), (true, true), (false, true)]
        .map(|(strict, verify)| Options { strict, verify })
}

/// A seed, and the same broken in some ways: cut off, and with large numbers where small ones may stand.
fn broken(seed: &[u8]) -> Vec<Vec<u8>> {
    let mut files = vec![seed.to_vec(), seed[..seed.len() / 2].to_vec()];
    for part in 1..4 {
        let mut file = seed.to_vec();
        let at = seed.len() * part / 4;
        for byte in file.iter_mut().skip(at).take(4) {
            *byte = 0xff;
        }
        files.push(file);
    }
    files
}

/// Of each format there is a file that opens.
#[test]
fn seeds_of_each_format() {
    let seeds = seeds();
    let opens = |name, seed: &Vec<u8>| {
        formats::open(seed, Some(name), Options::STRICT).is_ok_and(|container| !container.is_empty())
    };
    let without: Vec<_> = formats::names()
        .filter(|name| !seeds.iter().any(|seed| opens(name, seed)))
        .collect();
    assert!(without.is_empty(), "{without:?}");
}

#[test]
fn broken_seeds() {
    for (number, seed) in seeds().iter().enumerate() {
        for (way, file) in broken(seed).iter().enumerate() {
            for name in formats::names() {
                for options in all_options().into_iter().take(if way == 0 { 4 } else { 2 }) {
                    let open = || formats::open(file, Some(name), options);
                    let (_, peak) = peak(|| limited(MEMORY, open));
                    let bar = 4 * file.len() + 16 * MIB;
                    assert!(peak <= bar, "{name}: {peak} bytes for seed {number}, {way}");
                }
            }
        }
    }
}

/// Bytes that count how often they are read.
struct Counted<B> {
    bytes: B,
    reads: Cell<usize>,
}

impl<B: Bytes> Bytes for Counted<B> {
    fn len(&self) -> usize {
        self.bytes.len()
    }

    fn read(&self, offset: usize, target: &mut [u8]) -> Option<()> {
        self.reads.set(self.reads.get() + 1);
        assert!(self.reads.get() <= READS, "a walk without an end");
        self.bytes.read(offset, target)
    }

    fn fragment_at(&self, offset: usize) -> Option<Fragment<'_>> {
        self.bytes.fragment_at(offset)
    }

    fn hole_end(&self, offset: usize) -> Option<usize> {
        self.bytes.hole_end(offset)
    }
}

#[test]
fn a_hole_behind_the_seeds() {
    let seeds = seeds();
    let mut walks: BTreeMap<(&str, bool), usize> = BTreeMap::new();
    for seed in &seeds {
        let extents = [(Some(0), seed.len()), (None, 1 << 60)];
        let file = Counted {
            bytes: View::from_extents(seed, extents).unwrap(),
            reads: Cell::new(0),
        };
        for name in formats::names() {
            for options in [Options::STRICT, Options::LENIENT] {
                let walks = walks.entry((name, options.strict)).or_default();
                if *walks == WALKS {
                    continue;
                }
                file.reads.set(0);
                let open = || formats::open(&file, Some(name), options);
                let (result, peak) = peak(|| limited(MEMORY, open));
                assert!(peak <= 16 * MIB, "{name}: {peak} bytes");
                if result
                    .as_ref()
                    .is_err_and(|error| error.to_string().contains("in a hole"))
                {
                    *walks += 1;
                }
            }
        }
    }
    // Zeros are records of these.
    for name in ["fortran", "leveldb_log"] {
        assert_eq!(walks[&(name, false)], WALKS, "{name}");
    }
}

/// The guard knows the holes of views with a step, forward and backward, and of buffers.
#[test]
fn holes_of_other_bytes() {
    let hole = [(None, 1 << 60)];
    let step = |step| Slice {
        start: None,
        stop: None,
        step,
    };
    let zeros = View::from_extents(b"", hole).unwrap();
    let mut buffer = FragBuffer::<Frozen<'_>>::new();
    buffer.append_slice(&[0; 70]).unwrap();
    buffer.append_view(&zeros).unwrap();
    // Records of Fortran without content, and then a hole.
    let extents = [(Some(0), 70), (None, 1 << 60)];
    let back = View::from_extents(&[0; 70], [(None, 1 << 60), (Some(0), 70)]).unwrap();
    let files: [(&str, Box<dyn Bytes + '_>); 4] = [
        (
            "step",
            Box::new(
                View::from_extents(&[0; 70], extents)
                    .unwrap()
                    .slice_with_step(step(2)),
            ),
        ),
        ("backward", Box::new(back.slice_with_step(step(-1)))),
        ("buffer", Box::new(buffer)),
        ("a hole alone", Box::new(zeros.slice_with_step(step(3)))),
    ];
    for (what, file) in files {
        let len = file.len();
        assert_eq!(file.hole_end(len - 1), Some(len), "{what}");
        let file = Counted {
            bytes: &*file,
            reads: Cell::new(0),
        };
        for name in ["fortran", "leveldb_log"] {
            file.reads.set(0);
            let error = formats::open(&file, Some(name), Options::LENIENT).unwrap_err();
            assert!(error.to_string().contains("in a hole"), "{what}, {name}: {error}");
        }
    }
}
