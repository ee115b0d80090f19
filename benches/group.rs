//! A report on a million people in five thousand units, beside the least that anybody could do:
//! adding the same scores up by unit.
#![allow(
    clippy::pedantic,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use straingauge::group::{Measures, Plan, ScaleMeasure, ScaleValue, Tallies, UnitId};

const PEOPLE: usize = 1_000_000;
const SCALES: usize = 3;

struct Data {
    /// Path of every leaf: four levels below the whole, 5 x 10 x 10 x 10.
    leaves: Vec<[String; 4]>,
    leaf: Vec<u32>,
    scores: Vec<[f64; SCALES]>,
}

fn data() -> Data {
    let mut leaves = Vec::new();
    for a in 0..5 {
        for b in 0..10 {
            for c in 0..10 {
                for d in 0..10 {
                    leaves.push([
                        format!("A{a}"),
                        format!("B{b}"),
                        format!("C{c}"),
                        format!("D{d}"),
                    ]);
                }
            }
        }
    }
    let mut seed = 1_u64;
    let mut draw = move |below: u64| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        (seed >> 11) % below
    };
    // Skewed sizes: the product of two even draws.
    let people = (0..PEOPLE).map(|_| {
        let leaf = draw(5_000) * (1 + draw(5_000)) / 5_000;
        let leaf = u32::try_from(leaf.min(4_999)).unwrap_or(0);
        let scores = [0; SCALES].map(|_: u8| 10.0 + (draw(14) + draw(14) + draw(15)) as f64);
        (leaf, scores)
    });
    let (leaf, scores) = people.unzip();
    Data { leaves, leaf, scores }
}

fn measures() -> Measures {
    ["a", "b", "c"].iter().fold(Measures::new("demo"), |measures, id| {
        let bands = [(10.0, "low"), (23.0, "middle"), (42.0, "high")];
        let items = (0..10).map(|item| format!("{id}{item}"));
        measures.with_scale(ScaleMeasure::new(*id, 10.0, 50.0).with_bands(bands).with_items(items))
    })
}

fn count(data: &Data) -> Tallies {
    let mut tallies = Tallies::new(measures(), ["unit"]).expect("one cut");
    let units: Vec<UnitId> =
        data.leaves.iter().map(|path| tallies.unit("unit", path).expect("a name")).collect();
    let mut person = tallies.measures().person();
    for (leaf, scores) in data.leaf.iter().zip(&data.scores) {
        for (at, value) in scores.iter().enumerate() {
            let band = usize::from(*value >= 23.0) + usize::from(*value >= 42.0);
            person.scale(at, ScaleValue { value: *value, band: Some(band), prorated: false });
        }
        tallies.add(&[units[*leaf as usize]], &person).expect("a known unit");
    }
    tallies
}

/// n, sum and sum of squares by unit, with no protection at all.
fn sums(data: &Data) -> Vec<[f64; 2 * SCALES + 1]> {
    let mut sums = vec![[0.0; 2 * SCALES + 1]; data.leaves.len()];
    for (leaf, scores) in data.leaf.iter().zip(&data.scores) {
        let sums = &mut sums[*leaf as usize];
        sums[0] += 1.0;
        for (at, value) in scores.iter().enumerate() {
            sums[1 + 2 * at] += value;
            sums[2 + 2 * at] += value * value;
        }
    }
    sums
}

fn group(c: &mut Criterion) {
    let data = data();
    let mut group = c.benchmark_group("a million people, 5,000 units, four levels, 3 scales");
    group.sample_size(10);
    group.bench_function("yardstick: sums by unit", |b| b.iter(|| black_box(sums(&data))));
    group.bench_function("count", |b| b.iter(|| black_box(count(&data))));
    let tallies = count(&data);
    group.bench_function("publish", |b| {
        b.iter(|| black_box(tallies.publish(&Plan::default()).expect("a report")));
    });
    group.bench_function("count and publish", |b| {
        b.iter(|| black_box(count(&data).publish(&Plan::default()).expect("a report")));
    });
    let report = tallies.publish(&Plan::default()).expect("a report");
    let units = report.breakdowns()[0].units();
    let shown = units.iter().filter(|unit| unit.scale("a").is_some()).count();
    println!("{shown} of {} units shown on the first scale", units.len());
    group.bench_function("CSV", |b| b.iter(|| black_box(report.to_csv())));
    group.finish();
}

criterion_group!(benches, group);
criterion_main!(benches);
