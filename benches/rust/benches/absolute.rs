//! Criterion's figures for this crate's side of each ratio.

use std::time::Duration;

use criterion::{BenchmarkId, Criterion};
use fragview_benches::layout::Layout;
use fragview_benches::row::Row;
use fragview_benches::{access, build, bulk, find, iterate, layout, shared};

fn main() {
    let mut criterion = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(800))
        .without_plots()
        .configure_from_args();
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
            for row in rows {
                let mut group = criterion.benchmark_group(format!("{}, {}", row.what, row.layout));
                let mut side = row.into_ours();
                group.bench_function(BenchmarkId::from_parameter(side.name.clone()), |bencher| {
                    bencher.iter_custom(|count| side.turn(usize::try_from(count).expect("a count")));
                });
                group.finish();
            }
        }
    }
    criterion.final_summary();
}
