//! What libFuzzer found worth keeping, run once more: without libFuzzer, and as fast as any test.

use std::fs;
use std::panic::catch_unwind;
use std::path::Path;

/// The target of formats looks at the memory that opening takes.
#[global_allocator]
static ALLOCATOR: fragview_fuzz::Counting = fragview_fuzz::Counting;

#[test]
fn memory_is_counted() {
    let (block, peak) = fragview_fuzz::peak(|| vec![1_u8; 5000]);
    assert!((5000..6000).contains(&peak), "{peak}");
    drop(block);
}

#[test]
fn corpus() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    for (name, target) in fragview_fuzz::TARGETS {
        let folder = folder.join(name);
        let mut files: Vec<_> = fs::read_dir(&folder)
            .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
            .map(|entry| entry.unwrap().path())
            .collect();
        files.sort();
        assert!(!files.is_empty(), "{name}: no corpus");
        for file in files {
            let data = fs::read(&file).unwrap();
            assert!(
                catch_unwind(|| target(&data)).is_ok(),
                "{name} fails on {}",
                file.display()
            );
        }
    }
}

/// Inputs that are not in the corpus: short ones, and some that look random.
#[test]
fn any_bytes() {
    for (_, target) in fragview_fuzz::TARGETS {
        let mut state = 1_u64;
        for length in 0..300 {
            let data: Vec<u8> = std::iter::repeat_with(|| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                (state >> 56) as u8
            })
            .take(length)
            .collect();
            target(&data);
        }
    }
}
