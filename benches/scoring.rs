//! One sheet, all definitions, a million sheets: each beside a yardstick of the same run.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, clippy::pedantic)]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use straingauge::answers::{Columns, Frame};
use straingauge::score::ScaleBuffers;
use straingauge::{Instrument, catalog};

const PROQOL: [u8; 30] =
    [3, 2, 4, 5, 1, 2, 3, 4, 5, 1, 2, 3, 4, 5, 1, 2, 3, 4, 5, 1, 2, 3, 4, 5, 1, 2, 3, 4, 5, 1];

fn one_sheet(c: &mut Criterion) {
    let scorer = catalog::get("proqol-5").unwrap().scorer();
    let mut group = c.benchmark_group("one ProQOL 5 sheet");
    group.bench_function("yardstick: sum 30 bytes", |b| {
        b.iter(|| black_box(&PROQOL).iter().map(|byte| u32::from(*byte)).sum::<u32>());
    });
    group.bench_function("to scores with bands", |b| {
        b.iter(|| {
            let scores = scorer.score_row(black_box(&PROQOL)).unwrap();
            scores.iter().map(|view| view.band().unwrap().position()).sum::<usize>()
        });
    });
    let mut scores = scorer.no_scores();
    group.bench_function("into scores that are there", |b| {
        b.iter(|| {
            scorer.score_row_into(black_box(&PROQOL), &mut scores).unwrap();
            scores.iter().map(|view| view.band().unwrap().position()).sum::<usize>()
        });
    });
    group.finish();
}

fn loading(c: &mut Criterion) {
    let mut group = c.benchmark_group("all built-in definitions");
    let bytes: usize = catalog::VERSIONS.iter().map(|file| file.text().len()).sum();
    group.throughput(Throughput::Bytes(bytes as u64));
    group.bench_function("yardstick: toml to a table", |b| {
        b.iter(|| {
            for file in &catalog::VERSIONS {
                black_box(toml::from_str::<toml::Table>(file.text()).unwrap());
            }
        });
    });
    group.bench_function("read and checked", |b| {
        b.iter(|| {
            for file in &catalog::VERSIONS {
                black_box(Instrument::parse(file.text()).unwrap());
            }
        });
    });
    group.finish();
}

fn million(c: &mut Criterion) {
    const ROWS: usize = 1_000_000;
    let instrument = catalog::get("proqol-5").unwrap();
    let scorer = instrument.scorer();
    // A small generator of plausible answers: codes 1 to 5, one in fifty skipped.
    let mut state = 42_u64;
    let mut next = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as u32
    };
    let columns: Vec<Vec<u8>> = (0..30)
        .map(|_| {
            (0..ROWS).map(|_| if next() % 50 == 0 { 254 } else { 1 + (next() % 5) as u8 }).collect()
        })
        .collect();
    let mut table = Columns::new(&instrument, ROWS);
    for (item, column) in instrument.items().iter().zip(&columns) {
        table = table.column(item.id(), column).unwrap();
    }
    let mut group = c.benchmark_group("a million ProQOL 5 sheets");
    group.sample_size(10).throughput(Throughput::Elements(ROWS as u64));
    group.bench_function("yardstick: read the bytes once", |b| {
        b.iter(|| columns.iter().flatten().map(|byte| u64::from(*byte)).sum::<u64>());
    });
    group.bench_function("in columns", |b| b.iter(|| scorer.score_columns(&table).unwrap()));
    // Into memory that is used again; `benches/yardsticks.rs` has the ratios.
    let frame = Frame::from(&table);
    let by_row: Vec<u8> =
        (0..ROWS).flat_map(|row| columns.iter().map(move |column| column[row])).collect();
    let rowwise = Frame::from_rows(&instrument, &by_row).unwrap();
    let integers: Vec<Vec<i32>> =
        columns.iter().map(|column| column.iter().map(|b| i32::from(*b)).collect()).collect();
    let mut wide = Frame::new(&instrument, ROWS);
    for (item, column) in instrument.items().iter().zip(&integers) {
        wide = wide.column(item.id(), column).unwrap();
    }
    let mut sums = vec![vec![0_u8; ROWS]; 3];
    let mut answered = vec![vec![0_u8; ROWS]; 3];
    let mut bands = vec![vec![0_u8; ROWS]; 3];
    let mut floats = vec![vec![0.0_f32; ROWS]; 3];
    let each = sums.iter_mut().zip(&mut answered).zip(&mut bands);
    let mut triple: Vec<_> = each
        .map(|((sums, answered), bands)| {
            ScaleBuffers::new().sums(&mut sums[..]).answered(&mut answered[..]).bands(bands)
        })
        .collect();
    for (name, frame) in [("bytes", &frame), ("row-major bytes", &rowwise), ("i32", &wide)] {
        group.bench_function(format!("{name} to sum, answered, band"), |b| {
            b.iter(|| scorer.score_frame_into(frame, 0..ROWS, &mut triple).unwrap());
        });
    }
    let mut values: Vec<_> =
        floats.iter_mut().map(|floats| ScaleBuffers::new().values_f32(floats)).collect();
    group.bench_function("bytes to f32", |b| {
        b.iter(|| scorer.score_frame_into(&frame, 0..ROWS, &mut values).unwrap());
    });
    group.finish();
}

criterion_group!(benches, one_sheet, loading, million);
criterion_main!(benches);
