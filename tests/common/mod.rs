//! What several test programs share.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, missing_docs, unreachable_pub)]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use straingauge::Instrument;
use straingauge::answers::Columns;

pub fn oracle(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle").join(name)
}

pub fn json(name: &str) -> serde_json::Value {
    serde_json::from_str(&std::fs::read_to_string(oracle(name)).unwrap()).unwrap()
}

/// Answers of real people stay outside the repository; tests that read them say when they cannot.
pub fn fixtures(name: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("STRAINGAUGE_FIXTURES").map(PathBuf::from);
    let path = folder.map(|folder| folder.join(name)).filter(|path| path.exists());
    if path.is_none() {
        eprintln!("SKIPPED: set STRAINGAUGE_FIXTURES to a folder with {name}");
    }
    path
}

/// A CSV file as header and rows of text.
pub fn csv(path: &Path) -> (Vec<String>, Vec<Vec<String>>) {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let header = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let rows = reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect());
    (header, rows.collect())
}

/// A scale to make an instrument of: id, items, and which of them are reverse-keyed.
pub struct Scale<'a> {
    pub id: &'a str,
    pub items: Vec<String>,
    pub reverse: Vec<String>,
}

/// An instrument of sum scales whose items all offer the codes `low..=high`.
pub fn instrument(scales: &[Scale<'_>], (low, high): (u8, u8)) -> Instrument {
    let mut text = String::from(
        "format = 1\nid = \"invented\"\nversion = \"1.0.0\"\ntitle = \"Invented\"\nedition = \"first\"\n\
         authors = [\"Nobody\"]\nmeasures = [\"stress\"]\n\
         [licence]\nclass = \"public-domain\"\nholder = \"nobody\"\nterms = \"none\"\nchecked = \"2026-11-25\"\nask-first-for = []\n\
         [sources]\nnone = { title = \"invented\" }\n[responses]\ncodes = { range = [",
    );
    write!(text, "{low}, {high}] }}\n[form]\nresponses = \"codes\"\nitems = [\n").unwrap();
    for item in scales.iter().flat_map(|scale| &scale.items) {
        writeln!(text, "  {{ id = \"{item}\", topic = \"invented item\" }},").unwrap();
    }
    text.push_str("]\n");
    let list =
        |ids: &[String]| ids.iter().map(|id| format!("\"{id}\"")).collect::<Vec<_>>().join(", ");
    for scale in scales {
        let k = scale.items.len();
        writeln!(
            text,
            "[[scales]]\nid = \"{}\"\nsum = [{}]\nreverse = [{}]\nrange = [{}, {}]\ndirection = \"higher-is-worse\"\n\
             basis = {{ source = \"none\", origin = \"convention\", grade = \"A\" }}",
            scale.id,
            list(&scale.items),
            list(&scale.reverse),
            k * usize::from(low),
            k * usize::from(high),
        )
        .unwrap();
    }
    Instrument::parse(&text).unwrap()
}

/// Bytes of the named columns of a CSV file, blanks as skipped.
pub fn bytes(header: &[String], rows: &[Vec<String>], names: &[String]) -> Vec<Vec<u8>> {
    names
        .iter()
        .map(|name| {
            let at = header.iter().position(|known| known == name).unwrap();
            rows.iter().map(|row| row.get(at).unwrap().parse().unwrap_or(254)).collect()
        })
        .collect()
}

/// A table of columns for the items of these names.
pub fn table<'a>(instrument: &Instrument, names: &[String], bytes: &'a [Vec<u8>]) -> Columns<'a> {
    let mut table = Columns::new(instrument, bytes.first().map_or(0, Vec::len));
    for (name, column) in names.iter().zip(bytes) {
        table = table.column(name, column).unwrap();
    }
    table
}

pub fn numbered(prefix: &str, numbers: std::ops::RangeInclusive<usize>) -> Vec<String> {
    numbers.map(|n| format!("{prefix}{n}")).collect()
}
