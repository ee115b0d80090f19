//! The names in a table of scores: what R, Python, SPSS and Stata take as they are, and a codebook that
//! is that of the table.
#![allow(clippy::pedantic, clippy::duplicate_mod)]
#![cfg(feature = "csv")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeSet;
use std::{env, fs, process};

use straingauge::catalog;
use straingauge::exchange::{Codebook, TableCodebook};
use straingauge::score::{ScoreOptions, Scorer};

#[path = "../examples/score_survey.rs"]
mod score_survey;

/// Words that a program keeps to itself: SPSS, Stata, Python and R.
const KEPT: [&str; 40] = [
    "all", "and", "by", "eq", "ge", "gt", "le", "lt", "ne", "not", "or", "to", "with", "byte",
    "double", "float", "if", "in", "int", "long", "using", "strl", "class", "def", "for", "from",
    "global", "import", "is", "lambda", "pass", "return", "while", "else", "function", "next",
    "repeat", "true", "false", "null",
];

fn is_identifier(name: &str) -> bool {
    let letters = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    letters && name.as_bytes()[0].is_ascii_alphabetic() && !KEPT.contains(&&*name.to_lowercase())
}

fn scorers() -> Vec<Scorer> {
    let mut all = Vec::new();
    for instrument in catalog::all() {
        all.push(instrument.scorer());
        let variants = instrument.variants().iter().map(|v| ScoreOptions::new().variant(v.id()));
        all.extend(variants.map(|options| instrument.scorer_with(&options).unwrap()));
    }
    all
}

fn check(book: &TableCodebook) -> usize {
    let (mut seen, mut long) = (BTreeSet::new(), 0);
    for column in book.columns() {
        let name = &column.name;
        assert!(is_identifier(name), "{name}");
        assert!(seen.insert(name.to_lowercase()), "{name} comes twice");
        match &column.short_name {
            Some(short) => {
                long += 1;
                assert!(name.len() > 32 && short.len() <= 32 && is_identifier(short), "{short}");
                assert!(seen.insert(short.to_lowercase()), "{short} comes twice");
            }
            None => assert!(name.len() <= 32, "{name}"),
        }
    }
    long
}

#[test]
fn every_name_of_every_instrument_is_an_identifier() {
    for scorer in scorers() {
        check(&TableCodebook::of(["row"], &[scorer]));
    }
    // All at once, as a table that nobody would ask for: the longest names there can be.
    let all: Vec<Scorer> = catalog::all().map(|instrument| instrument.scorer()).collect();
    assert!(check(&TableCodebook::of(["row"], &all)) > 50);
    let alone = all.iter().map(Codebook::of);
    let long = alone.flat_map(|book| book.columns).filter(|column| column.short_name.is_some());
    assert!(long.count() > 0);
}

#[test]
fn the_codebook_is_that_of_the_table() {
    let folder = env::temp_dir();
    let file = |name: &str| {
        let path = folder.join(format!("straingauge-names-{}-{name}", process::id()));
        path.to_str().unwrap().to_owned()
    };
    let (input, table, csv, page) = (file("in.csv"), file("out.csv"), file("b.csv"), file("b.md"));
    let names = |prefix: &str, many: usize| {
        let of = |wave: usize| (1..=many).map(move |item| format!("{prefix}{item}_T{wave}"));
        (1..=2).flat_map(of).collect::<Vec<_>>().join(",")
    };
    let header = format!("who,What is your team?,{},{}", names("p", 9), names("g", 7));
    let cells = |many: usize| vec!["1"; many].join(",");
    fs::write(&input, format!("{header}\nA,ward,{}\n", cells(32))).unwrap();
    let asked = [
        "--input",
        &input,
        "--instrument",
        "phq-9",
        "--prefix",
        "p",
        "--instrument",
        "gad-7",
        "--prefix",
        "g",
        "--min-answered",
        "6",
        "--id",
        "who",
        "--keep",
        "What is your team?",
        "--wave-columns",
        "{item}_T{wave}",
        "--output",
        &table,
    ];
    for codebook in [&csv, &page] {
        let arguments = [&asked[..], &["--codebook", codebook]].concat();
        let arguments: Vec<String> = arguments.iter().map(|&a| a.to_owned()).collect();
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let code = score_survey::run(&arguments, &mut out, &mut err);
        assert_eq!(code, 0, "{}", String::from_utf8_lossy(&err));
    }
    let mut written = csv::Reader::from_path(&table).unwrap();
    let header: Vec<String> = written.headers().unwrap().iter().map(str::to_owned).collect();
    let mut book = csv::Reader::from_path(&csv).unwrap();
    let at = |name: &str, book: &csv::StringRecord| book.iter().position(|c| c == name).unwrap();
    let columns = book.headers().unwrap().clone();
    let (name, short, meaning) =
        (at("name", &columns), at("short_name", &columns), at("meaning", &columns));
    let rows: Vec<csv::StringRecord> = book.records().map(Result::unwrap).collect();
    let listed: Vec<&str> = rows.iter().map(|row| &row[name]).collect();
    assert_eq!(listed, header);
    let row = |wanted: &str| rows.iter().find(|row| &row[name] == wanted).unwrap();
    // What is handed through keeps its name, and has one that programs take.
    assert_eq!(&row("What is your team?")[short], "What_is_your_team");
    assert!(row("wave")[meaning].contains("wave"));
    // The options that were given are in it.
    assert!(row("gad_7_total")[meaning].contains("From 6 of 7 answers up"));
    assert!(row("phq_9_total")[meaning].contains("every item is answered"));
    let page_text = fs::read_to_string(&page).unwrap();
    assert!(header.iter().all(|name| page_text.contains(&format!("| `{name}` |"))), "{page_text}");
    for file in [input, table, csv, page] {
        fs::remove_file(file).unwrap();
    }
}
