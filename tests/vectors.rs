//! Every worked example of every built-in instrument, and what a catalogue promises.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::pedantic
)]

use std::{collections::BTreeSet, fs, path::PathBuf};

use straingauge::{
    answers::Sheet,
    catalog,
    instrument::{self, Instrument},
    score::{ScoreOptions, Vectors},
};

fn instruments() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("instruments")
}

fn vectors_of(instrument: &Instrument) -> Vectors {
    let file = format!("{}/{}.vectors.toml", instrument.id(), instrument.version());
    let text = fs::read_to_string(instruments().join(&file)).unwrap_or_else(|_| panic!("{file}"));
    Vectors::parse(&text).unwrap_or_else(|error| panic!("{file}: {error}"))
}

#[test]
fn the_list_of_files_is_the_folder() {
    let mut found = BTreeSet::new();
    for folder in fs::read_dir(instruments()).unwrap().map(Result::unwrap) {
        if !folder.path().is_dir() {
            continue;
        }
        for file in fs::read_dir(folder.path()).unwrap().map(Result::unwrap) {
            let name = file.file_name().into_string().unwrap();
            if let Some(version) = name.strip_suffix(".toml").filter(|v| !v.ends_with(".vectors")) {
                found.insert((folder.file_name().into_string().unwrap(), version.to_owned()));
            }
        }
    }
    let listed: Vec<(String, String)> =
        catalog::VERSIONS.iter().map(|f| (f.id().to_owned(), f.version().to_owned())).collect();
    assert_eq!(found.into_iter().collect::<Vec<_>>(), listed);
}

#[test]
fn the_linter_finds_nothing_and_names_agree() {
    for file in &catalog::VERSIONS {
        let findings = instrument::lint(file.text());
        assert!(findings.is_empty(), "{}: {}", file.id(), findings[0]);
        let instrument = file.instrument().unwrap();
        assert_eq!(instrument.id(), file.id());
        assert_eq!(instrument.version().to_string(), file.version());
    }
}

#[test]
fn every_vector_comes_out() {
    let mut checked = 0;
    let mut failures = Vec::new();
    for file in &catalog::VERSIONS {
        let instrument = file.instrument().unwrap();
        let vectors = vectors_of(instrument);
        assert!(vectors.iter().len() >= 3, "{} has too few vectors", file.id());
        checked += vectors.iter().len();
        failures.extend(
            vectors
                .check(instrument)
                .into_iter()
                .map(|failure| format!("{}: {failure}", file.id())),
        );
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    println!("{checked} vectors");
}

/// A released definition never changes: HASHES lists id, version, length and SHA-256 of each.
#[test]
fn released_files_are_the_bytes_that_were_released() {
    let hashes = fs::read_to_string(instruments().join("HASHES")).unwrap_or_default();
    let current: String = catalog::VERSIONS
        .iter()
        .map(|file| {
            let hash = file.instrument().unwrap().file_hash();
            format!("{} {} {} {hash}\n", file.id(), file.version(), file.text().len())
        })
        .collect();
    if std::env::var_os("UPDATE_HASHES").is_some() {
        fs::write(instruments().join("HASHES"), &current).unwrap();
        return;
    }
    assert_eq!(
        hashes, current,
        "a definition differs from instruments/HASHES. A released file never changes: add a new \
         version. For a new file run UPDATE_HASHES=1 cargo test --test vectors and review the diff."
    );
}

/// Both ends of every scale are reached by a vector, and every band of a default set.
#[test]
fn vectors_reach_the_ends_and_every_band() {
    for file in &catalog::VERSIONS {
        let instrument = file.instrument().unwrap();
        let vectors = vectors_of(instrument);
        let scorer = instrument.scorer();
        let mut values: Vec<(String, f64)> = Vec::new();
        let mut bands: BTreeSet<(String, String)> = BTreeSet::new();
        for vector in &vectors {
            let sheet = Sheet::from_text(instrument, vector.answers()).unwrap();
            for view in scorer.score(&sheet).unwrap().iter() {
                if let Ok(score) = view.value() {
                    values.push((view.scale().id().to_owned(), score.to_f64()));
                }
                if let Some(band) = view.band() {
                    bands.insert((view.scale().id().to_owned(), band.label().to_owned()));
                }
            }
        }
        for scale in scorer.scales() {
            let (low, high) = scale.range();
            for end in [low, high] {
                let reached = values.iter().any(|(id, v)| id == scale.id() && *v == end.to_f64());
                assert!(reached, "{} `{}` has no vector at {end}", file.id(), scale.id());
            }
            for band in scorer.band_set(scale.id()).map(|set| set.bands()).unwrap_or_default() {
                let key = (scale.id().to_owned(), band.label().to_owned());
                assert!(bands.contains(&key), "{}: no vector in {key:?}", file.id());
            }
        }
    }
}

#[test]
fn variants_and_named_sets_score() {
    let stss = catalog::get("stss").unwrap();
    let scorer = stss.scorer_with(&ScoreOptions::new().variant("four-cluster")).unwrap();
    let sheet = Sheet::from_text(&stss, &["3"; 17].join(" ")).unwrap();
    let scores = scorer.score(&sheet).unwrap();
    let values: Vec<(&str, f64)> =
        scores.iter().map(|view| (view.scale().id(), view.value().unwrap().to_f64())).collect();
    let expected = [
        ("intrusion", 15.0),
        ("active-avoidance", 12.0),
        ("negative-cognition-mood", 12.0),
        ("arousal-four", 12.0),
        ("total", 51.0),
    ];
    assert_eq!(values, expected);
}
