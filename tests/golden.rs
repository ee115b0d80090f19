//! What was stored yesterday still reads, and means the same.
//!
//! A file under `tests/golden/` is never edited: a new form gets a new folder beside it.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::pedantic
)]

use std::{fs, path::PathBuf};

use straingauge::{
    Sheet,
    answers::SheetRecord,
    catalog,
    score::{ScoreOptions, ScoreRecord},
};

fn golden(name: &str, today: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden/0.1").join(name);
    if std::env::var_os("WRITE_GOLDEN").is_some() && !path.exists() {
        fs::write(&path, today).unwrap();
    }
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn pretty(value: &impl serde::Serialize) -> String {
    format!("{}\n", serde_json::to_string_pretty(value).unwrap())
}

#[test]
fn sheets_and_scores_of_0_1_read_and_verify() {
    let cases = [
        ("phq-9", "1 2 d . 3 0 1 2 1 2", ScoreOptions::new().min_answered(7)),
        (
            "proqol-5",
            "3 2 4 5 1 2 3 4 5 1 2 3 4 5 1 2 3 4 5 1 2 3 4 5 1 2 3 4 5 1",
            ScoreOptions::new(),
        ),
        ("cbi", "75 50 d 100 25 . 0 25 50 75 100 . na 25 na na na na na", ScoreOptions::new()),
        ("stss", "1 2 3 4 5 1 2 3 4 5 1 2 3 4 5 1 2", ScoreOptions::new().variant("four-cluster")),
        ("wsas", "na 1 2 3 4", ScoreOptions::new()),
        ("swemwbs", "4 4 4 4 4 4 5", ScoreOptions::new()),
    ];
    for (id, answers, options) in cases {
        let instrument = catalog::get(&format!("{id}@1.0.0")).unwrap();
        let sheet = Sheet::from_text(&instrument, answers).unwrap();
        let scorer = instrument.scorer_with(&options).unwrap();
        let scores = scorer.score(&sheet).unwrap().to_record();

        let stored = golden(&format!("{id}.sheet.json"), &pretty(&sheet.to_record()));
        let record: SheetRecord = serde_json::from_str(&stored).unwrap();
        assert_eq!(pretty(&record), stored, "{id}: the stored sheet is written back as it was");
        assert_eq!(Sheet::from_record(&instrument, &record).unwrap(), sheet, "{id}");

        let stored = golden(&format!("{id}.scores.json"), &pretty(&scores));
        let record: ScoreRecord = serde_json::from_str(&stored).unwrap();
        assert_eq!(
            pretty(&record),
            stored,
            "{id}: the stored scores are written back as they were"
        );
        record.verify(&instrument, &sheet).unwrap();
        let mut today = scores.clone();
        today.receipt.crate_version = record.receipt.crate_version.clone();
        // A citation or a class of terms may change before the first release; a rule may not.
        today.receipt.file_hash = record.receipt.file_hash.clone();
        assert_eq!(
            pretty(&today),
            stored,
            "{id}: today's form differs; keep reading the old one and add a new golden folder"
        );
    }
}

#[test]
fn a_receipt_notices_another_answer_and_another_rule() {
    let phq9 = catalog::get("phq-9").unwrap();
    let sheet = Sheet::from_text(&phq9, "1 2 1 1 3 0 1 2 1").unwrap();
    let other = Sheet::from_text(&phq9, "1 2 1 1 3 0 1 2 2").unwrap();
    let mut record = phq9.score(&sheet).unwrap().to_record();
    assert_eq!(
        record.verify(&phq9, &other).unwrap_err().to_string(),
        "scale `total` is stored as 12/1, these answers give 13/1"
    );
    record.receipt.min_answered = Some(8);
    let error = record.verify(&phq9, &sheet).unwrap_err().to_string();
    assert!(error.starts_with("scale `total` was scored by rule "), "{error}");
}
