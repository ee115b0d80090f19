//! Names that a target allows, each used once.

#[cfg(any(feature = "redcap", feature = "limesurvey"))]
use std::collections::BTreeSet;

/// Gives every id a name of its own.
#[cfg(any(feature = "redcap", feature = "limesurvey"))]
#[derive(Debug, Default)]
pub(crate) struct Names {
    taken: BTreeSet<String>,
}

#[cfg(any(feature = "redcap", feature = "limesurvey"))]
impl Names {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// `wanted`, or `wanted` with the first number that makes it new.
    pub(crate) fn give(&mut self, wanted: &str) -> String {
        let mut name = wanted.to_owned();
        let mut number = 2_usize;
        while !self.taken.insert(name.clone()) {
            name = format!("{wanted}{number}");
            number += 1;
        }
        name
    }
}

/// Text on one line: tabs, line breaks and whatever else is told become a space.
#[cfg(any(feature = "redcap", feature = "limesurvey"))]
pub(crate) fn on_one_line(text: &str, forbidden: &[char]) -> String {
    let plain = |c: char| c.is_control() || forbidden.contains(&c);
    text.chars().map(|c| if plain(c) { ' ' } else { c }).collect()
}

/// One line of a table, quoted where needed (RFC 4180).
pub(crate) fn line(cells: &[String], separator: char) -> String {
    let quoted = |cell: &String| {
        let special = |c: char| c == separator || c == '"' || c == '\n' || c == '\r';
        if cell.contains(special) {
            format!("\"{}\"", cell.replace('"', "\"\""))
        } else {
            cell.clone()
        }
    };
    cells.iter().map(quoted).collect::<Vec<_>>().join(&separator.to_string())
}
