//! All rows, A B A B: a line of JSON each. Arguments: `--full`, and names of groups to measure only those.

use fragview_benches::layout::Layout;
use fragview_benches::row::Row;
use fragview_benches::timer::{FULL, QUICK};
use fragview_benches::{access, build, bulk, find, iterate, layout, records, shared};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let effort = if arguments.iter().any(|argument| argument == "--full") {
        FULL
    } else {
        QUICK
    };
    let groups: Vec<&String> = arguments
        .iter()
        .filter(|argument| !argument.starts_with("--"))
        .collect();
    let wanted = |group: &str| groups.is_empty() || groups.iter().any(|wanted| *wanted == group);
    let run = |rows: Vec<Row>| {
        for row in rows {
            if wanted(row.group) {
                row.measure(effort);
            }
        }
    };
    let kinds: [fn(&Layout, &mut Vec<Row>); 6] = [
        access::rows,
        bulk::rows,
        iterate::rows,
        build::rows,
        shared::rows,
        find::rows,
    ];
    for layout in layout::all() {
        for kind in kinds {
            let mut rows = Vec::new();
            kind(&layout, &mut rows);
            run(rows);
        }
    }
    if wanted("get") {
        let mut rows = Vec::new();
        access::skewed(&layout::skewed_millions(), &mut rows);
        run(rows);
    }
    if wanted("scan") {
        let mut rows = Vec::new();
        records::rows(&mut rows);
        run(rows);
        records::memory();
    }
}
