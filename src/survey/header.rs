//! The columns of a file: what they are called, in every way that the header says.

use super::fold::{fold, is_invisible};
use super::tool::{HeaderRow, Layout};
use super::{FileLabel, SurveyError, Tool};

/// One column.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct HeaderColumn {
    /// The name that it is known by.
    pub(super) name: String,
    /// Other names: the row of a question, an `ImportId`, a variable label.
    pub(super) aliases: Vec<String>,
    /// Codes with the labels that the file itself gives them.
    pub(super) value_labels: Vec<FileLabel>,
    /// Codes that the file itself declares missing.
    pub(super) declared_missing: Vec<u8>,
}

/// The columns of a file.
#[derive(Debug)]
pub(super) struct Header {
    pub(super) columns: Vec<HeaderColumn>,
    pub(super) delimiter: char,
}

impl Header {
    /// Reads the header rows of a layout, one list of cells a row.
    pub(super) fn of(
        layout: &Layout,
        rows: &[Vec<String>],
        tool: Tool,
    ) -> Result<Vec<HeaderColumn>, SurveyError> {
        let width = rows.first().map_or(0, Vec::len);
        if let Some(short) = rows.iter().find(|row| row.len() != width) {
            return Err(SurveyError::NotLikeTool {
                tool,
                found: format!("header rows of {width} and {} cells", short.len()),
                expected: "header rows of one length".to_owned(),
            });
        }
        let mut stem = String::new();
        (0..width)
            .map(|at| {
                let cell = |wanted| {
                    let mut rows = layout.header.iter().zip(rows);
                    let row = rows.find(|(kind, _)| **kind == wanted)?.1;
                    row.get(at).map(|cell| cell.trim())
                };
                let mut column = HeaderColumn::default();
                match (cell(HeaderRow::Names), cell(HeaderRow::Texts), cell(HeaderRow::Parts)) {
                    (None, Some(text), Some(part)) => {
                        if layout.metadata.contains(&text) && !part.is_empty() {
                            return Err(SurveyError::NotLikeTool {
                                tool,
                                found: format!(
                                    "{:?} under {text} in the second row",
                                    super::error::shorten(part, 60)
                                ),
                                expected: "nothing there, as the second header row names rows and options of questions".to_owned(),
                            });
                        }
                        if !text.is_empty() {
                            text.clone_into(&mut stem);
                        }
                        question_and_part(&mut column, &stem, part);
                    }
                    (None, Some(text), None) => {
                        text.clone_into(&mut column.name);
                        column.aliases.extend(bracketed(text).map(str::to_owned));
                    }
                    (name, text, _) => {
                        name.unwrap_or_default().clone_into(&mut column.name);
                        column.aliases.extend(subquestion(&column.name));
                        if let Some(text) = text.filter(|text| !text.is_empty()) {
                            column.aliases.push(text.to_owned());
                            // "stem - row", split at the first dash between spaces.
                            column.aliases.extend(text.split_once(" - ").map(|(_, row)| row.to_owned()));
                        }
                    }
                }
                if let Some(text) = cell(HeaderRow::ImportIds) {
                    let id = import_id(text).ok_or_else(|| SurveyError::NotLikeTool {
                        tool,
                        found: format!("{:?} in the third row, column {}", super::error::shorten(text, 60), at + 1),
                        expected: "an ImportId in every cell of it (an export of two header rows is `qualtrics-legacy`)".to_owned(),
                    })?;
                    column.aliases.push(id.to_owned());
                }
                column.aliases.retain(|alias| !alias.is_empty() && *alias != column.name);
                Ok(column)
            })
            .collect()
    }

    pub(super) fn names(&self) -> Vec<String> {
        self.columns.iter().map(|column| column.name.clone()).collect()
    }

    /// The column of this name, else of this alias, if there is one.
    pub(super) fn find(&self, name: &str) -> Result<Option<usize>, SurveyError> {
        let name = &plain(name);
        let named = self.all(|column| plain(&column.name) == *name);
        let found = if named.is_empty() {
            self.all(|column| column.aliases.iter().any(|alias| plain(alias) == *name))
        } else {
            named
        };
        unique(name, &found)
    }

    /// The column with this text in its header, compared as labels are.
    pub(super) fn find_text(&self, text: &str) -> Result<Option<usize>, SurveyError> {
        let folded = fold(text);
        let same = |other: &String| fold(other) == folded;
        let found = self.all(|column| same(&column.name) || column.aliases.iter().any(same));
        unique(text, &found)
    }

    fn all(&self, fits: impl Fn(&HeaderColumn) -> bool) -> Vec<usize> {
        let columns = self.columns.iter().enumerate();
        columns.filter(|(_, column)| fits(column)).map(|(at, _)| at).collect()
    }

    /// The column of this name, which must be there.
    pub(super) fn get(&self, name: &str) -> Result<usize, SurveyError> {
        self.find(name)?.ok_or_else(|| SurveyError::NoSuchColumn {
            wanted: name.trim().to_owned(),
            found: self.names(),
            delimiter_hint: self.delimiter_hint(),
            title: self.title().map(str::to_owned),
        })
    }

    /// The columns of an entry of a list: a name, a position such as `#7`, or `first..last`.
    pub(super) fn listed(&self, entry: &str) -> Result<Vec<usize>, SurveyError> {
        let one = |name: &str| -> Result<Option<usize>, SurveyError> {
            match self.find(name)? {
                Some(at) => Ok(Some(at)),
                None => {
                    let at = name.trim().strip_prefix('#').and_then(|at| at.parse::<usize>().ok());
                    Ok(at.and_then(|at| at.checked_sub(1)).filter(|at| *at < self.columns.len()))
                }
            }
        };
        if let Some(at) = one(entry)? {
            return Ok(vec![at]);
        }
        if let Some((first, last)) = entry.split_once("..")
            && let (Some(first), Some(last)) = (one(first)?, one(last)?)
            && first <= last
        {
            return Ok((first..=last).collect());
        }
        self.get(entry).map(|at| vec![at])
    }

    /// The only text of a first row that is perhaps a title and no header.
    pub(super) fn title(&self) -> Option<&str> {
        let mut texts = self.columns.iter().map(|c| c.name.trim()).filter(|name| !name.is_empty());
        match (texts.next(), texts.next()) {
            (Some(only), None) if self.delimiter_hint().is_none() => Some(only),
            _ => None,
        }
    }

    /// A delimiter other than the one in use that the only column contains.
    pub(super) fn delimiter_hint(&self) -> Option<char> {
        let [only] = self.columns.as_slice() else { return None };
        let other = |c: &char| *c != self.delimiter && only.name.contains(*c);
        [';', '\t', ',', '|'].into_iter().find(other)
    }
}

fn unique(name: &str, found: &[usize]) -> Result<Option<usize>, SurveyError> {
    match found {
        [] => Ok(None),
        [only] => Ok(Some(*only)),
        several => Err(SurveyError::DuplicateColumn {
            name: name.to_owned(),
            at: several.iter().map(|at| at + 1).collect(),
        }),
    }
}

/// A question that has rows is known as `question [row]` and by its row; another by its own text.
fn question_and_part(column: &mut HeaderColumn, stem: &str, part: &str) {
    let alone = part.is_empty() || matches!(part, "Response" | "Open-Ended Response");
    if alone {
        stem.clone_into(&mut column.name);
    } else {
        column.name = format!("{stem} [{part}]");
        column.aliases.push(part.to_owned());
    }
}

/// A name as a reader sees it: every kind of space a plain one, nothing invisible.
fn plain(name: &str) -> String {
    let shown = name.chars().filter(|c| !is_invisible(*c));
    let shown: String = shown.map(|c| if c.is_whitespace() { ' ' } else { c }).collect();
    shown.trim().to_owned()
}

/// The row in `stem [row]`.
fn bracketed(text: &str) -> Option<&str> {
    let (_, row) = text.strip_suffix(']')?.rsplit_once('[')?;
    Some(row.trim())
}

/// `code[sub]` is also known as `codesub` and `code_sub`.
fn subquestion(name: &str) -> Vec<String> {
    match name.strip_suffix(']').and_then(|rest| rest.split_once('[')) {
        Some((code, sub)) if !sub.contains(['[', ']']) => {
            vec![format!("{code}{sub}"), format!("{code}_{sub}")]
        }
        _ => Vec::new(),
    }
}

/// The value of `ImportId` in a cell of Qualtrics' third row.
pub(super) fn import_id(cell: &str) -> Option<&str> {
    let rest = cell.strip_prefix('{')?.trim_start().strip_prefix("\"ImportId\"")?;
    let rest = rest.trim_start().strip_prefix(':')?.trim_start().strip_prefix('"')?;
    rest.split_once('"').map(|(id, _)| id)
}
