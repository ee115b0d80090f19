//! The committed sample is what its generator writes.
#![allow(clippy::pedantic)]
#![allow(clippy::unwrap_used)]

use std::{fs, path::Path};

#[path = "../examples/make_sample.rs"]
mod make_sample;

fn committed(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data").join(name))
        .unwrap()
}

#[test]
fn the_committed_sample_equals_the_generators_output() {
    // `assert!`, because printing two files of 600 lines helps nobody.
    let why = "run `cargo run --example make_sample` and commit the result";
    assert!(committed("staff_survey.csv") == make_sample::staff_survey(), "{why}");
    assert!(committed("invited.csv") == make_sample::invited(), "{why}");
}

#[test]
fn the_sample_has_two_waves_and_every_kind_of_trouble() {
    let text = make_sample::staff_survey();
    let rows = text.lines().count() - 1;
    assert!((550..=700).contains(&rows), "{rows} rows");
    for wanted in ["\"4,5\"", ",often!,", ",-99,", ",88,", ",,", ",see comment,", ",4 - Often,"] {
        assert!(text.contains(wanted), "{wanted}");
    }
    for wave in ["1,2025-03-", "2,2025-09-"] {
        assert!(text.lines().filter(|line| line.starts_with(wave)).count() > 200, "{wave}");
    }
}
