//! The line of each finding, by walking the parsed document a second time.

use toml::de::{DeTable, DeValue};

use super::finding::{Finding, Step};

/// Fills in the lines of findings that have a place in the text.
pub(super) fn lines(text: &str, findings: &mut [Finding]) {
    let Ok(document) = DeTable::parse(text) else { return };
    let ends: Vec<usize> = text.match_indices('\n').map(|(at, _)| at).collect();
    for finding in findings {
        let mut table = Some(document.get_ref());
        let mut array = None;
        let mut offset = None;
        for step in finding.place.steps() {
            let found = match (step, table, array) {
                (Step::Key(key), Some(table), _) => {
                    let pair = table.iter().find(|(known, _)| known.get_ref().as_ref() == key);
                    pair.map(|(key, value)| (key.span().start, value))
                }
                (Step::Entry(index, _), _, Some(array)) => {
                    let array: &toml::de::DeArray<'_> = array;
                    array.get(*index).map(|value| (value.span().start, value))
                }
                _ => None,
            };
            // A place that is not written (a key left out) has the line of what holds it.
            let Some((start, value)) = found else { break };
            offset = Some(start);
            (table, array) = match value.get_ref() {
                DeValue::Table(inner) => (Some(inner), None),
                DeValue::Array(inner) => (None, Some(inner)),
                _ => (None, None),
            };
        }
        finding.line = offset.map(|at| 1 + ends.partition_point(|end| *end < at));
    }
}
