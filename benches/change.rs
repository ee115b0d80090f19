//! Change and trend over many people, beside a yardstick of the same data in the same run.
//!
//! `cargo bench --bench change`. The yardstick `sum` only adds up the scores: what reading the
//! table costs. For the robust trend, `benches/peers/trend.py` times scipy and pymannkendall on
//! series of the same shape.
#![allow(
    clippy::pedantic,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]
#![allow(missing_docs)]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use straingauge::change::{
    Between, ChangeColumns, ChangeOptions, ChangeTest, Reference, robust_trend,
};
use straingauge::instrument::Direction;

const PEOPLE: usize = 100_000;
const CHECK_INS: usize = 24;

/// Scores 0 to 27 on irregular days, the same in every run.
fn table() -> (Vec<usize>, Vec<i32>, Vec<f64>) {
    let mut state = 20_240_229_u64;
    let mut next = move || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state >> 33
    };
    let mut starts = vec![0];
    let (mut days, mut values) = (Vec::new(), Vec::new());
    for _ in 0..PEOPLE {
        let mut day = 19_700;
        for _ in 0..CHECK_INS {
            day += 25 + i32::try_from(next() % 11).unwrap();
            days.push(day);
            let points: u64 = (0..9).map(|_| next() % 4).sum();
            values.push(f64::from(u32::try_from(points).unwrap()));
        }
        starts.push(days.len());
    }
    (starts, days, values)
}

fn change(c: &mut Criterion) {
    let (starts, days, values) = table();
    let norm = Reference::new("clinic").with_sd(4.2).with_reliability(0.81).into();
    let test = ChangeTest::new(&norm, Direction::HigherIsWorse, &ChangeOptions::new()).unwrap();
    let columns = ChangeColumns::new(&starts, &days, &values).unwrap();

    let mut group = c.benchmark_group("100000 people x 24 check-ins");
    group.throughput(Throughput::Elements((PEOPLE * CHECK_INS) as u64)).sample_size(20);
    group.bench_function("sum (yardstick)", |b| {
        b.iter(|| {
            black_box(&values).iter().sum::<f64>()
                + days.iter().map(|day| f64::from(*day)).sum::<f64>()
        });
    });
    let mut changes = Vec::new();
    group.bench_function("reliable change alone", |b| {
        b.iter(|| columns.changes(black_box(&test), Between::FirstAndLast, &mut changes).unwrap());
    });
    let mut trends = Vec::new();
    group.bench_function("Theil-Sen and Mann-Kendall, whole scores on any days", |b| {
        b.iter(|| black_box(&columns).robust_trends(&mut trends).unwrap());
    });
    let numbered: Vec<i32> = (0..CHECK_INS as i32).cycle().take(days.len()).collect();
    let regular = ChangeColumns::new(&starts, &numbered, &values).unwrap();
    group.bench_function("Theil-Sen and Mann-Kendall, whole scores on regular days", |b| {
        b.iter(|| black_box(&regular).robust_trends(&mut trends).unwrap());
    });
    let parts: Vec<f64> =
        values.iter().zip(&days).map(|(v, d)| v / 9.0 + f64::from(*d).sin()).collect();
    let general = ChangeColumns::new(&starts, &days, &parts).unwrap();
    group.bench_function("Theil-Sen and Mann-Kendall, any scores on any days", |b| {
        b.iter(|| black_box(&general).robust_trends(&mut trends).unwrap());
    });
    group.bench_function("reliable change and trend", |b| {
        b.iter(|| columns.judge(black_box(&test), Between::FirstAndLast).unwrap());
    });
    group.finish();

    let times: Vec<f64> = days.iter().map(|day| f64::from(*day)).collect();
    let mut group = c.benchmark_group("1000 series of 24");
    group.throughput(Throughput::Elements(1000)).sample_size(20);
    group.bench_function("Theil-Sen and Mann-Kendall", |b| {
        b.iter(|| {
            let series = times.chunks(CHECK_INS).zip(values.chunks(CHECK_INS)).take(1000);
            series.filter_map(|(t, y)| robust_trend(t, y, 0.95)).map(|r| r.p).sum::<f64>()
        });
    });
    group.finish();
}

criterion_group!(benches, change);
criterion_main!(benches);
