//! Faults that were found in the wild, each in a file of its own: what catches it, and in which words.
//!
//! `tests/data/faults/<fault>.toml` is a file with the fault, `<fault>.vectors.toml` beside it holds right worked examples.
//! A wrong first edge and a band that nobody can reach break the file's own arithmetic: the lint alone sees them. A wrong key,
//! a borrowed cut-off or a misprinted entry of a table is a valid file of another instrument: only a worked example tells.
//! And some faults no file can tell of itself; the last test says which.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::pedantic,
    missing_docs
)]

use std::{fs, path::PathBuf};

use straingauge::{Instrument, catalog, instrument, score::Vectors};

#[path = "../examples/lint_instruments.rs"]
#[allow(dead_code)]
mod lint_instruments;

struct Fault {
    file: &'static str,
    /// The shipped instrument that the file gets wrong.
    of: &'static str,
    /// The lint of the file alone sees it.
    by_lint: bool,
    /// What is said.
    says: &'static [&'static str],
    /// Edits that undo the fault.
    cure: &'static [(&'static str, &'static str)],
}

const FAULTS: &[Fault] = &[
    Fault {
        file: "bat-12-borrowed-cut-offs",
        of: "bat-12",
        by_lint: false,
        says: &[
            "vector 4 (3 3 3 3 3 3 3 2 2 2 2 2): `total.band` is green, the vector expects orange",
            "vector 6 (3 3 3 3 3 3 3 3 3 3 3 3): `total.band` is orange, the vector expects red",
        ],
        cure: &[(r#"[2.59, "orange"], [3.02, "red"]"#, r#"[2.54, "orange"], [2.96, "red"]"#)],
    },
    Fault {
        file: "cbi-upside-down",
        of: "cbi",
        by_lint: false,
        says: &[
            "`work` is 85.71428571428571, the vector expects 14.2857",
            "`work` is 100, the vector expects 0",
        ],
        cure: &[(
            r#"reverse   = ["work-1", "work-2", "work-3", "work-4", "work-5", "work-6"]"#,
            r#"reverse   = ["work-7"]"#,
        )],
    },
    Fault {
        file: "dass-21-half-score-bands",
        of: "dass-21",
        by_lint: false,
        says: &["`anxiety.band` is mild, the vector expects moderate"],
        cure: &[(r#"[12, "moderate"], [16, "severe"]"#, r#"[10, "moderate"], [15, "severe"]"#)],
    },
    Fault {
        file: "k10-no-lowest-band",
        of: "k10",
        by_lint: true,
        says: &["the first edge is 16, but the scale begins at 10"],
        cure: &[(r#"[[16, "moderate"]"#, r#"[[10, "low"], [16, "moderate"]"#)],
    },
    Fault {
        file: "pss-10-never-reversed",
        of: "pss-10",
        by_lint: false,
        says: &[
            "vector 1 (0 0 0 0 0 0 0 0 0 0): `total` is 0, the vector expects 16",
            "vector 1 (0 0 0 0 0 0 0 0 0 0): `lack-of-self-efficacy` is 0, the vector expects 16",
        ],
        cure: &[
            ("range     = [0, 40]", "reverse = [\"4\", \"5\", \"7\", \"8\"]\nrange     = [0, 40]"),
            ("range     = [0, 16]", "reverse = [\"4\", \"5\", \"7\", \"8\"]\nrange     = [0, 16]"),
        ],
    },
    Fault {
        file: "swemwbs-25-99",
        of: "swemwbs",
        by_lint: false,
        says: &["vector 3 (4 4 4 4 4 4 5): `metric` is 25.99, the vector expects 26.02"],
        cure: &[("25.99", "26.02")],
    },
    Fault {
        file: "who-5-unreachable-band",
        of: "who-5",
        by_lint: true,
        says: &["no sheet reaches band `borderline` (from 49 up)"],
        cure: &[(r#"[49, "borderline"], [51, "good"]"#, r#"[49, "good"]"#)],
    },
];

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/data/faults")
}

/// Everything that lint and vectors say of a definition.
fn findings(text: &str, vectors: &Vectors) -> Vec<String> {
    match Instrument::parse(text) {
        Ok(instrument) => vectors.check(&instrument).iter().map(ToString::to_string).collect(),
        Err(error) => error.findings().iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn each_fault_is_caught_and_nothing_else_is_wrong_with_the_file() {
    for fault in FAULTS {
        let read =
            |end: &str| fs::read_to_string(folder().join(format!("{}{end}", fault.file))).unwrap();
        let (text, vectors) = (read(".toml"), Vectors::parse(&read(".vectors.toml")).unwrap());

        assert_eq!(!instrument::lint(&text).is_empty(), fault.by_lint, "{}", fault.file);
        let said = findings(&text, &vectors);
        for says in fault.says {
            assert!(said.iter().any(|line| line.contains(says)), "{}: {said:#?}", fault.file);
        }

        let mut cured = text.clone();
        for (wrong, right) in fault.cure {
            assert_eq!(cured.matches(wrong).count(), 1, "{}: {wrong}", fault.file);
            cured = cured.replace(wrong, right);
        }
        assert_eq!(findings(&cured, &vectors), Vec::<String>::new(), "{}", fault.file);

        // The examples beside the fault are right: the shipped file meets them.
        let shipped = catalog::get(fault.of).unwrap();
        assert!(vectors.check(&shipped).is_empty(), "{}", fault.file);
    }
}

#[test]
fn the_example_lists_all_of_them_and_exits_with_one() {
    let mut out = Vec::new();
    let code = lint_instruments::run(&[folder()], &mut out).unwrap();
    let out = String::from_utf8(out).unwrap();
    assert_eq!(code, 1);
    for fault in FAULTS {
        for says in fault.says {
            let told = out.lines().any(|line| line.contains(fault.file) && line.contains(says));
            assert!(told, "{}: {says}\n{out}", fault.file);
        }
    }
    let in_folder = fs::read_dir(folder()).unwrap().count() / 2;
    assert_eq!(in_folder, FAULTS.len());
    assert!(out.contains(&format!("\n{} definitions, ", FAULTS.len())), "{out}");

    let clean = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("instruments");
    let mut out = Vec::new();
    assert_eq!(lint_instruments::run(&[clean], &mut out).unwrap(), 0);
    assert!(String::from_utf8(out).unwrap().ends_with(" definitions, 0 findings\n"));
    let nowhere = lint_instruments::run(&[folder().join("nowhere")], &mut Vec::new()).unwrap();
    assert_eq!(nowhere, 2);
}

/// What no linter can tell from the file and its vectors, shown by doing it. Only the printed form, a stored total or the
/// answers of many people can: compare a file with the form before it ships, and run the key check on data.
#[test]
fn what_a_file_cannot_tell_of_itself() {
    let shipped = |id: &str| {
        let file = catalog::VERSIONS.iter().find(|file| file.id() == id).unwrap();
        let path = format!("{}/instruments/{id}/1.0.0.vectors.toml", env!("CARGO_MANIFEST_DIR"));
        (file.text().to_owned(), Vectors::parse(&fs::read_to_string(path).unwrap()).unwrap())
    };
    let unnoticed = |text: &str, vectors: &Vectors| {
        assert_eq!(findings(text, vectors), Vec::<String>::new());
    };

    // 1. Labels upside down: "always" for 0. Vectors are codes, and a code does not know its words.
    let (cbi, vectors) = shipped("cbi");
    let labels = [("always", "seldom"), ("often", "never or almost never")];
    let upside_down = labels.iter().fold(cbi.clone(), |text, (one, other)| {
        let (one, other) = (format!("\"{one}\""), format!("\"{other}\""));
        text.replace(&one, "\"\u{1}\"").replace(&other, &one).replace("\"\u{1}\"", &other)
    });
    assert_ne!(upside_down, cbi);
    unnoticed(&upside_down, &vectors);

    // 2. Two topics of one key in each other's place: the order of the printed form is nowhere else.
    let swapped = cbi
        .replace("\"morning exhaustion\"", "\"\u{1}\"")
        .replace("\"fatigue hour by hour\"", "\"morning exhaustion\"")
        .replace("\"\u{1}\"", "\"fatigue hour by hour\"");
    assert_ne!(swapped, cbi);
    unnoticed(&swapped, &vectors);

    // 3. A cut-off between two vectors: 2.55 for 2.54 asks of every complete sheet the same.
    let (bat, vectors) = shipped("bat-12");
    let moved = bat.replace("[2.54, \"orange\"]", "[2.55, \"orange\"]");
    assert_ne!(moved, bat);
    unnoticed(&moved, &vectors);

    // 4. A source that does not say what it is cited for.
    let (text, who) = shipped("who-5");
    let text = text.replace("origin = \"owner\"", "origin = \"author\"");
    unnoticed(&text, &who);
}
