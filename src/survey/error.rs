//! What can be wrong with a survey export, or with what was said about it.

use std::fmt::Write as _;

use super::cell::USER_MISSING;
use super::{CodingFinding, EncodingReading, Tool, UnreadText};
use crate::answers::{AnswerError, MissingKind};
use crate::form::WordingError;
use crate::words::Words;

/// An export that cannot be read as asked. Nothing is guessed and nothing is skipped over instead.
///
/// Rows are data rows from 1; a line is that of the file, on which the row begins.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SurveyError {
    /// The input could not be read.
    #[error("the input could not be read: {message}")]
    Io {
        /// Kind of the failure.
        kind: std::io::ErrorKind,
        /// The system's words.
        message: String,
    },
    /// The output could not be written.
    #[error("the output could not be written: {message}")]
    Output {
        /// Kind of the failure.
        kind: std::io::ErrorKind,
        /// The system's words.
        message: String,
    },
    /// Not a text file.
    #[error("the input is {found}, not delimited text; {advice}")]
    NotText {
        /// What it looks like.
        found: &'static str,
        /// What to do.
        advice: &'static str,
    },
    /// Nothing there.
    #[error("the input is empty; its first line must name the columns")]
    Empty,
    /// Bytes that are not UTF-8.
    #[error(
        "{}, column `{column}`: byte {byte:#04x} is not UTF-8{}; name the encoding in which the file was saved, or save it as UTF-8",
        place(*row, *line), readings(plausible)
    )]
    NotUtf8 {
        /// Data row; 0 in the header.
        row: u64,
        /// Line of the file.
        line: u64,
        /// Name of the column.
        column: String,
        /// The first byte that does not fit.
        byte: u8,
        /// What the cell would say in the usual encodings that have characters for it.
        plausible: Vec<EncodingReading>,
    },
    /// Bytes that are not of the encoding that was named.
    #[error(
        "{}, column `{column}`: {text:?} has bytes that are not {encoding}; name the encoding in which the file was saved, or save it as UTF-8",
        place(*row, *line)
    )]
    NotInEncoding {
        /// Data row; 0 in the header.
        row: u64,
        /// Line of the file.
        line: u64,
        /// Name of the column.
        column: String,
        /// The cell, with a sign in place of such bytes.
        text: String,
        /// The encoding.
        encoding: &'static str,
    },
    /// A delimiter that can be a part of a character.
    #[error(
        "{delimiter:?} cannot separate cells in {encoding}, where it can be a part of a character; save the file as UTF-8"
    )]
    DelimiterInEncoding {
        /// The delimiter.
        delimiter: char,
        /// The encoding.
        encoding: &'static str,
    },
    /// The file's mark and the profile disagree.
    #[error(
        "the input begins with the mark of UTF-8 and was to be read as {asked}; read it as UTF-8"
    )]
    MarkedUtf8 {
        /// The encoding that was asked for.
        asked: &'static str,
    },
    /// A delimiter that cannot separate cells.
    #[error(
        "{found:?} cannot separate cells; use a comma, a semicolon, a tab or another punctuation mark of ASCII"
    )]
    Delimiter {
        /// What was given.
        found: String,
    },
    /// Excel's note of the separator in place of a header.
    #[error("line 1 is Excel's note of the separator ({found:?}), not a header; delete that line")]
    SeparatorNote {
        /// The line.
        found: String,
    },
    /// A cell that opens with a quotation mark and does not end.
    #[error("{} has a quotation mark that is never closed; everything after it would be one cell. Write a quotation mark inside a cell twice",
        place(*row, *line)
    )]
    UnclosedQuote {
        /// Data row; 0 in the header.
        row: u64,
        /// Line of the file.
        line: u64,
    },
    /// A row too long to be one.
    #[error(
        "{} is longer than {limit} bytes; probably a quotation mark is never closed",
        place(*row, *line)
    )]
    RowTooLong {
        /// Data row; 0 in the header.
        row: u64,
        /// Line of the file.
        line: u64,
        /// Longest row that is read.
        limit: usize,
    },
    /// A row with more or fewer cells than the header.
    #[error("row {row} (line {line}) has {found} cells, the header {expected}; {}", ragged(*found, *expected))]
    Ragged {
        /// Data row.
        row: u64,
        /// Line of the file.
        line: u64,
        /// Cells of the row.
        found: usize,
        /// Cells of the header.
        expected: usize,
    },
    /// Codes that count from another base than the instrument's, with strong evidence.
    #[error("{}", finding.in_words(&Words::english()))]
    OtherBase {
        /// What was found.
        finding: Box<CodingFinding>,
    },
    /// A text in many cells that nobody explained: a label, not a slip.
    #[error("{}", finding.in_words(&Words::english()))]
    UnknownLabel {
        /// What was found.
        finding: Box<UnreadText>,
    },
    /// A column that was asked for by name and is not there.
    #[error("there is no column `{wanted}`; the file has {}{}", listed(found), hint(delimiter_hint.as_ref(), title.as_deref()))]
    NoSuchColumn {
        /// The name.
        wanted: String,
        /// The columns that there are.
        found: Vec<String>,
        /// Another delimiter that the header contains.
        delimiter_hint: Option<char>,
        /// The only text of row 1, which is perhaps a title.
        title: Option<String>,
    },
    /// Not one scored item has a column.
    #[error(
        "no column holds an item of {instrument}: expected {}; the file has {}{}. Name the item columns, or the prefix that they share",
        listed(expected), listed(found), hint(delimiter_hint.as_ref(), title.as_deref())
    )]
    NoItemColumns {
        /// Id of the instrument.
        instrument: String,
        /// Names that were looked for.
        expected: Vec<String>,
        /// The columns that there are.
        found: Vec<String>,
        /// Another delimiter that the header contains.
        delimiter_hint: Option<char>,
        /// The only text of row 1, which is perhaps a title.
        title: Option<String>,
    },
    /// A name that several columns have.
    #[error("{} columns are named `{name}` (columns {}); rename all but one", at.len(), numbers(at))]
    DuplicateColumn {
        /// The name.
        name: String,
        /// Positions, from 1.
        at: Vec<usize>,
    },
    /// A list of item columns of the wrong length.
    #[error(
        "{found} columns are listed for {instrument}; list all {items} items in printed order{}",
        if scored == items { String::new() } else { format!(", or the {scored} scored ones") }
    )]
    ItemCount {
        /// Id of the instrument.
        instrument: String,
        /// Columns listed.
        found: usize,
        /// Items of the instrument.
        items: usize,
        /// Items that a scale uses.
        scored: usize,
    },
    /// One column for two items.
    #[error(
        "column `{column}` is to be item `{first}` and item `{second}` of {instrument}; one column holds one item"
    )]
    ColumnTwice {
        /// Id of the instrument.
        instrument: String,
        /// Name of the column.
        column: String,
        /// First item.
        first: String,
        /// Second item.
        second: String,
    },
    /// A declaration of missing answers with an empty entry.
    #[error(
        "`{list}` has an empty entry; write TEXT=KIND or TEXT between the commas, `=KIND` for the blank cell"
    )]
    EmptySentinel {
        /// The declaration.
        list: String,
    },
    /// A missing kind that does not exist.
    #[error(
        "`{entry}` names no kind of missing answer; the kinds are not-asked, skipped, declined, not-applicable"
    )]
    UnknownKind {
        /// The entry.
        entry: String,
    },
    /// A text that is declared twice as missing.
    #[error("{first:?} and {second:?} are the same cell, declared twice as missing; keep one")]
    SentinelTwice {
        /// First declaration.
        first: String,
        /// Second declaration.
        second: String,
    },
    /// A sentinel that would hide an answer.
    #[error(
        "{text:?} cannot mean {kind}: it is an answer to item `{item}`, which offers {allowed}"
    )]
    SentinelIsAnswer {
        /// The sentinel.
        text: String,
        /// What it was to mean.
        kind: MissingKind,
        /// Id of the item.
        item: String,
        /// What the item offers.
        allowed: String,
    },
    /// One label for two codes.
    #[error(
        "the responses `{responses}` cannot be read by label: {label:?} is {first} and {second}; read codes instead"
    )]
    AmbiguousLabel {
        /// Name of the response set.
        responses: String,
        /// The label, folded.
        label: String,
        /// One of the codes.
        first: u8,
        /// The other.
        second: u8,
    },
    /// One label for a code and for "not applicable" or "do not know".
    #[error(
        "the responses `{responses}` cannot be read by label: {label:?} is {code} and an answer without a code; read codes instead"
    )]
    LabelNotApplicable {
        /// Name of the response set.
        responses: String,
        /// The label, folded.
        label: String,
        /// The code.
        code: u8,
    },
    /// A cell that was not understood, where the profile is strict.
    #[error(
        "row {row}, column `{column}`: {text:?} is no answer to item `{item}`, which allows {allowed}; correct the cell, or declare the text as missing"
    )]
    NotUnderstood {
        /// Data row.
        row: u64,
        /// Name of the column.
        column: String,
        /// Id of the item.
        item: String,
        /// The cell, shortened.
        text: String,
        /// What is allowed.
        allowed: String,
    },
    /// A pattern of waves that does not say where the item and the wave stand.
    #[error(
        "`{found}` does not say how the columns of a wave are named; write {{item}} and {{wave}} once each, such as {{item}}_T{{wave}}"
    )]
    WavePattern {
        /// The pattern.
        found: String,
    },
    /// No column fits the pattern with a number for the wave.
    #[error(
        "no column is named as `{pattern}` says, with a number for the wave, such as `{example}`{}; the file has {}",
        other_waves(texts),
        listed(found)
    )]
    NoWaves {
        /// The pattern.
        pattern: String,
        /// A name that would fit.
        example: String,
        /// What stands in place of the wave in columns that fit otherwise.
        texts: Vec<String>,
        /// The columns that there are.
        found: Vec<String>,
    },
    /// A wave without a column for any item.
    #[error("no column holds an item in wave `{wave}`; the file has {}", listed(found))]
    NoSuchWave {
        /// The wave.
        wave: String,
        /// The columns that there are.
        found: Vec<String>,
    },
    /// A column that fits two waves.
    #[error(
        "column `{column}` is of wave `{first}` by one item's name and of wave `{second}` by another's; say which waves there are, or rename the columns so that a mark stands between item and wave"
    )]
    WaveColumnTwice {
        /// Name of the column.
        column: String,
        /// One of the waves.
        first: String,
        /// The other.
        second: String,
    },
    /// Item columns that are not named, while waves are found by name.
    #[error(
        "{found} finds no columns of waves, which are found by name; list the items' names without the wave, or give a prefix"
    )]
    WavesNeedNames {
        /// What was given.
        found: String,
    },
    /// An output column that would have the name of another.
    #[error(
        "two columns of the output would be named `{name}`; hand through another column, or score each instrument once"
    )]
    OutputColumnTwice {
        /// The name.
        name: String,
    },
    /// A file that is not what the tool of the profile writes.
    #[error("this is no {tool} export: found {found}, expected {expected}")]
    NotLikeTool {
        /// The tool of the profile.
        tool: Tool,
        /// What stands there.
        found: String,
        /// What the tool writes.
        expected: String,
    },
    /// A wording pack that does not fit the instrument.
    #[error(transparent)]
    Wording(#[from] WordingError),
    /// An answer code of the file that stands for no code of the instrument, or is declared twice.
    #[error("answer code `{text}` = {code} of {instrument}: {problem}")]
    OwnCode {
        /// Id of the instrument.
        instrument: String,
        /// The file's code.
        text: String,
        /// The instrument's code.
        code: u8,
        /// What is wrong.
        problem: &'static str,
    },
    /// The file labels a code as the instrument labels another one.
    #[error(
        "column `{column}` labels {code} as {label:?}, which is code {expected} of item `{item}`; the file codes its answers another way: recode it, or declare its codes"
    )]
    LabelsDisagree {
        /// Name of the column.
        column: String,
        /// Id of the item.
        item: String,
        /// The file's code.
        code: u8,
        /// The file's label.
        label: String,
        /// The instrument's code of that label.
        expected: u8,
    },
    /// The file declares an answer missing.
    #[error(
        "column `{column}` declares {code} missing, which is an answer to item `{item}`, offering {allowed}; every such answer would be lost. Correct the declaration in the file, or declare `{USER_MISSING}{code}` as a missing answer yourself"
    )]
    AnswerDeclaredMissing {
        /// Name of the column.
        column: String,
        /// Id of the item.
        item: String,
        /// The code.
        code: u8,
        /// What the item offers.
        allowed: String,
    },
    /// The file has labels for codes that are not the item's.
    #[error(
        "column `{column}` labels {labels}, but item `{item}` offers {allowed}: {other} is none of them, so the file counts its answers another way. Recode the file's codes, or declare {other} as missing if that is what it means"
    )]
    CodesDisagree {
        /// Name of the column.
        column: String,
        /// Id of the item.
        item: String,
        /// A code that the item does not offer.
        other: u8,
        /// The file's codes and labels.
        labels: String,
        /// What the item offers.
        allowed: String,
    },
    /// An SPSS file that cannot be read.
    #[error("the SPSS file cannot be read at byte {at}: {problem}")]
    Sav {
        /// Where.
        at: u64,
        /// What is wrong.
        problem: String,
    },
    /// A workbook that cannot be read.
    #[error("the workbook cannot be read: {problem}")]
    Workbook {
        /// What is wrong.
        problem: String,
    },
    /// Answers that do not fit the scorer at hand.
    #[error(transparent)]
    Answers(#[from] AnswerError),
}

impl SurveyError {
    /// Whether what was said about the file is wrong, rather than the file.
    pub const fn is_usage(&self) -> bool {
        matches!(
            self,
            Self::Delimiter { .. }
                | Self::ItemCount { .. }
                | Self::EmptySentinel { .. }
                | Self::UnknownKind { .. }
                | Self::SentinelTwice { .. }
                | Self::SentinelIsAnswer { .. }
                | Self::OutputColumnTwice { .. }
                | Self::OwnCode { .. }
                | Self::DelimiterInEncoding { .. }
                | Self::WavePattern { .. }
                | Self::WavesNeedNames { .. }
        )
    }

    pub(super) fn input(error: &std::io::Error) -> Self {
        // A reader of another kind of file says what is wrong with it in its own words.
        if let Some(own) = error.get_ref().and_then(|own| own.downcast_ref::<Self>()) {
            return own.clone();
        }
        Self::Io { kind: error.kind(), message: error.to_string() }
    }

    pub(super) fn output(error: &std::io::Error) -> Self {
        Self::Output { kind: error.kind(), message: error.to_string() }
    }
}

fn other_waves(texts: &[String]) -> String {
    if texts.is_empty() {
        return String::new();
    }
    format!(" (in place of the wave stand {}: name those in their order)", listed(texts))
}

fn ragged(found: usize, expected: usize) -> &'static str {
    if found < expected {
        "the row is shorter. Some programs leave out empty cells at the end of a row: fill the last columns in the program that wrote the file, or delete a last column that is empty. A missing delimiter shifts the cells after it"
    } else {
        "the row goes beyond the header. A note beside the table belongs in a column with a name, or is to be deleted; a delimiter inside a cell needs quotation marks around the cell, or its cells have shifted"
    }
}

fn place(row: u64, line: u64) -> String {
    match row {
        0 => format!("the header (line {line})"),
        row => format!("row {row} (line {line})"),
    }
}

/// What bytes would say, for a message.
pub(super) fn readings(plausible: &[EncodingReading]) -> String {
    let one = |read: &EncodingReading| format!("{:?} as {}", read.text, read.encoding.as_str());
    let all: Vec<String> = plausible.iter().map(one).collect();
    if all.is_empty() { String::new() } else { format!(" and would read {}", all.join(", ")) }
}

/// Names for a message: a wide export has hundreds.
fn listed(names: &[String]) -> String {
    const SHOWN: usize = 40;
    if names.is_empty() {
        return "none".to_owned();
    }
    let mut text = String::new();
    for (at, name) in names.iter().take(SHOWN).enumerate() {
        let comma = if at == 0 { "" } else { ", " };
        // Writing to a string does not fail.
        let _ = write!(text, "{comma}`{}`", shorten(name, 60));
    }
    if names.len() > SHOWN {
        let _ = write!(text, " and {} more", names.len() - SHOWN);
    }
    text
}

fn numbers(at: &[usize]) -> String {
    at.iter().map(usize::to_string).collect::<Vec<_>>().join(", ")
}

fn hint(delimiter: Option<&char>, title: Option<&str>) -> String {
    match (delimiter, title) {
        (Some(found), _) => {
            format!(" (one column that contains {found:?}: is that the delimiter?)")
        }
        (None, Some(title)) => format!(
            " (row 1 was taken for the header and holds nothing but {title:?}: if that is a title, skip it with --skip 1)"
        ),
        (None, None) => String::new(),
    }
}

/// At most so many characters, and a sign that there were more.
pub(super) fn shorten(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
    }
}
