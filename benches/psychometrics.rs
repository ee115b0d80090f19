//! A million people by thirty items: coefficients, distances and patterns of answers, each beside a
//! yardstick of the same run. One thread throughout.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, clippy::pedantic)]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use straingauge::num::{Deletion, ItemSums, ItemTable};
use straingauge::quality::{AnswerPattern, Mahalanobis};
use straingauge::reliability::ScaleReliability;

const ROWS: usize = 1_000_000;
const ITEMS: usize = 30;

fn is_reversed(item: usize) -> bool {
    item.is_multiple_of(6)
}

/// Reads memory as fast as one thread can.
fn read_once(columns: &[Vec<u8>]) -> u64 {
    let word = |bytes: &[u8]| u64::from_le_bytes(bytes.try_into().unwrap());
    columns.iter().flat_map(|column| column.chunks_exact(8).map(word)).fold(0, u64::wrapping_add)
}

/// Codes 1 to 5 around a trait of each person, one answer in fifty skipped.
fn answers() -> Vec<Vec<u8>> {
    let mut state = 42_u64;
    let mut next = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as u32
    };
    let people: Vec<u32> = (0..ROWS).map(|_| next() % 3).collect();
    (0..ITEMS)
        .map(|item| {
            let code = |own: &u32, draw: u32| match (draw % 50, 1 + (own + draw / 50 % 3) as u8) {
                (0, _) => 254,
                (_, code) if is_reversed(item) => 6 - code,
                (_, code) => code,
            };
            people.iter().map(|own| code(own, next())).collect()
        })
        .collect()
}

fn keyed(columns: &[Vec<u8>]) -> ItemTable {
    let mut table = ItemTable::new();
    for (item, column) in columns.iter().enumerate() {
        let value = |byte: i16| if is_reversed(item) { 6 - byte } else { byte };
        let key = std::array::from_fn(|byte| (1..=5).contains(&byte).then(|| value(byte as i16)));
        table.push_keyed(item.to_string(), column, &key).unwrap();
    }
    table
}

/// What a careful person writes: means, then products of deviations, pair by pair.
fn plain_covariance(columns: &[Vec<f64>]) -> Vec<f64> {
    let n = columns[0].len() as f64;
    let centred: Vec<Vec<f64>> = columns
        .iter()
        .map(|column| {
            let mean = column.iter().sum::<f64>() / n;
            column.iter().map(|x| x - mean).collect()
        })
        .collect();
    let mut cells = Vec::new();
    for (i, x) in centred.iter().enumerate() {
        for y in &centred[..=i] {
            cells.push(x.iter().zip(y).map(|(x, y)| x * y).sum::<f64>() / (n - 1.0));
        }
    }
    cells
}

fn million(c: &mut Criterion) {
    let columns = answers();
    let bytes: Vec<&[u8]> = columns.iter().map(Vec::as_slice).collect();
    let table = keyed(&columns);
    let complete: Vec<usize> = (0..ROWS).filter(|row| table.is_complete(*row)).collect();
    let floats: Vec<Vec<f64>> = (0..ITEMS)
        .map(|item| {
            complete.iter().map(|row| f64::from(table.value(*row, item).unwrap())).collect()
        })
        .collect();
    let mut people = Vec::new();

    let mut group = c.benchmark_group("a million people by thirty items");
    group.sample_size(10).throughput(Throughput::Elements(ROWS as u64));
    group.bench_function("yardstick: read the bytes once", |b| {
        b.iter(|| read_once(black_box(&columns)));
    });
    group.bench_function("longstring, average longstring and IRV", |b| {
        b.iter(|| AnswerPattern::of_columns(black_box(&bytes), &[], &mut people));
    });
    let (mut longest, mut irvs) = (Vec::new(), Vec::new());
    group.bench_function("longstring alone", |b| {
        b.iter(|| AnswerPattern::longstrings(black_box(&bytes), &[], &mut longest));
    });
    group.bench_function("IRV alone", |b| {
        b.iter(|| AnswerPattern::irvs(black_box(&bytes), &mut irvs));
    });
    group.bench_function("keyed matrix from bytes", |b| b.iter(|| keyed(black_box(&columns))));
    group.bench_function("yardstick: plain covariance of the complete", |b| {
        b.iter(|| plain_covariance(black_box(&floats)));
    });
    group.bench_function("alpha and alpha if dropped", |b| {
        b.iter(|| {
            let sums = ItemSums::listwise(black_box(&table));
            (sums.alpha(), sums.alpha_if_dropped())
        });
    });
    group.bench_function("all coefficients but omega, listwise", |b| {
        b.iter(|| ScaleReliability::of(black_box(&table), Deletion::Listwise).unwrap());
    });
    group.bench_function("all coefficients but omega, pairwise", |b| {
        b.iter(|| ScaleReliability::of(black_box(&table), Deletion::Pairwise).unwrap());
    });
    group.bench_function("Mahalanobis distances, covariance included", |b| {
        b.iter(|| Mahalanobis::of(black_box(&table), Deletion::Listwise).unwrap());
    });
    group.finish();

    let scale = ScaleReliability::of(&table, Deletion::Listwise).unwrap();
    c.bench_function("omega of thirty items from their covariances", |b| {
        b.iter(|| black_box(&scale).omega().unwrap());
    });
}

criterion_group!(benches, million);
criterion_main!(benches);
