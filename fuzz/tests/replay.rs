//! What the fuzzer has found so far, without the fuzzer.

use std::path::Path;

#[test]
fn the_corpus_still_passes() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    for (name, run) in fragview_fuzz::TARGETS {
        let mut count = 0;
        if let Ok(folder) = std::fs::read_dir(corpus.join(name)) {
            for entry in folder {
                run(&std::fs::read(entry.unwrap().path()).unwrap());
                count += 1;
            }
        }
        println!("{name}: {count} inputs");
    }
}
