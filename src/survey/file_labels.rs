//! A file's own value labels held against what the item offers.

use super::cell::{CellReader, Reading, USER_MISSING};
use super::fold::fold;
use super::header::HeaderColumn;
use super::note::{FileLabel, FileNote};
use super::{Sentinels, SurveyError};

/// Refuses a column whose declarations contradict the item. Returns the labels that nothing is known
/// about.
///
/// # Errors
/// An answer that the file declares missing; codes that are not the item's; a code with the label of
/// another one.
pub(super) fn compare(
    reader: &CellReader,
    column: &HeaderColumn,
    item: &str,
    sentinels: &Sentinels,
) -> Result<Vec<FileLabel>, SurveyError> {
    let read = |code: u8| reader.read(code.to_string().as_bytes());
    let is_answer = |code: u8| matches!(read(code), Reading::Code(..));
    let is_asked_for = |code: u8| sentinels.of_text(&format!("{USER_MISSING}{code}")).is_some();
    let hidden = column.declared_missing.iter().copied();
    if let Some(code) = hidden.clone().find(|code| is_answer(*code) && !is_asked_for(*code)) {
        return Err(SurveyError::AnswerDeclaredMissing {
            column: column.name.clone(),
            item: item.to_owned(),
            code,
            allowed: reader.allowed().to_owned(),
        });
    }
    if reader.has_own_codes() {
        return Ok(Vec::new());
    }
    let labels = || column.value_labels.iter();
    let is_other = |label: &&FileLabel| matches!(read(label.code), Reading::Unreadable { .. });
    if let Some(other) = labels().filter(is_other).find(|other| {
        // A code far from the scale, both of whose ends have labels, is a sign for missing answers.
        let Some((low, high)) = reader.ends() else { return false };
        let has = |code| labels().any(|label| label.code == code);
        let near = low.saturating_sub(1)..=high.saturating_add(1);
        near.contains(&other.code) || !has(low) || !has(high)
    }) {
        let listed: Vec<String> = labels().map(ToString::to_string).collect();
        return Err(SurveyError::CodesDisagree {
            column: column.name.clone(),
            item: item.to_owned(),
            other: other.code,
            labels: listed.join(", "),
            allowed: reader.allowed().to_owned(),
        });
    }
    let mut unknown = Vec::new();
    for label in labels().filter(|label| is_answer(label.code)) {
        let codes = reader.codes_called(&fold(&label.label));
        match codes.first() {
            None => unknown.push(label.clone()),
            Some(_) if codes.contains(&label.code) => {}
            Some(expected) => {
                return Err(SurveyError::LabelsDisagree {
                    column: column.name.clone(),
                    item: item.to_owned(),
                    code: label.code,
                    label: label.label.clone(),
                    expected: *expected,
                });
            }
        }
    }
    Ok(unknown)
}

/// Adds the labels of a column to those of the columns that have the same ones.
pub(super) fn note(notes: &mut Vec<FileNote>, column: &str, unknown: Vec<FileLabel>) {
    if unknown.is_empty() {
        return;
    }
    let same = notes.iter_mut().find_map(|note| match note {
        FileNote::LabelsNotCompared { columns, labels } if *labels == unknown => Some(columns),
        _ => None,
    });
    match same {
        Some(columns) => columns.push(column.to_owned()),
        None => notes.push(FileNote::LabelsNotCompared {
            columns: vec![column.to_owned()],
            labels: unknown,
        }),
    }
}
