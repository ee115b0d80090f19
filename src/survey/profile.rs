//! How a file is to be read. Whatever is not said here is not guessed.

use super::{Encoding, Sentinels, SurveyError, Tool};

/// How a file is to be read: delimiter, decimal mark, encoding, whether labels are answers, which
/// texts stand for a missing answer.
///
/// ```
/// use straingauge::survey::{Profile, Sentinels};
/// let profile = Profile::plain()
///     .with_delimiter(';')?                       // and so the decimal comma
///     .with_sentinels(Sentinels::parse("-99=declined")?)
///     .reading_labels();
/// assert!(profile.has_decimal_comma());
/// # Ok::<(), straingauge::survey::SurveyError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    tool: Tool,
    delimiter: u8,
    decimal_comma: Option<bool>,
    encoding: Option<Encoding>,
    sheet: Option<String>,
    skipped: usize,
    labels: bool,
    strict: bool,
    sentinels: Sentinels,
    gate: Passes,
}

/// What the gate at the end of a file is to let pass, and what it is to keep out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Passes {
    as_coded: bool,
    unread: bool,
    finished_only: bool,
}

impl Profile {
    /// One header row, comma-separated UTF-8, codes only, blank cells skipped.
    pub const fn plain() -> Self {
        Self {
            tool: Tool::Plain,
            delimiter: b',',
            decimal_comma: None,
            encoding: None,
            sheet: None,
            skipped: 0,
            labels: false,
            strict: false,
            sentinels: Sentinels::new(),
            gate: Passes { as_coded: false, unread: false, finished_only: false },
        }
    }

    /// A file as this tool writes it: its header rows, its columns beside the questions, its rows
    /// that are no answers. Where a tool knows labels only, labels are read.
    pub fn of(tool: Tool) -> Self {
        Self { tool, labels: tool.layout().labels_only, ..Self::plain() }
    }

    /// Another delimiter. A semicolon brings the decimal comma with it.
    ///
    /// # Errors
    /// A character that cannot separate cells.
    pub fn with_delimiter(mut self, delimiter: char) -> Result<Self, SurveyError> {
        let fits = delimiter == '\t'
            || (delimiter.is_ascii_punctuation() && !matches!(delimiter, '"' | '\'' | '-' | '.'));
        self.delimiter = u8::try_from(delimiter)
            .ok()
            .filter(|_| fits)
            .ok_or_else(|| SurveyError::Delimiter { found: delimiter.to_string() })?;
        Ok(self)
    }

    /// Whether `4,0` is a number, whatever the delimiter.
    #[must_use]
    pub const fn with_decimal_comma(mut self, comma: bool) -> Self {
        self.decimal_comma = Some(comma);
        self
    }

    /// The encoding. Of an SPSS file, in place of the one that it names itself.
    #[must_use]
    pub const fn with_encoding(mut self, encoding: Encoding) -> Self {
        self.encoding = Some(encoding);
        self
    }

    /// The sheet of a workbook, by its name, in place of the first that is shown.
    #[must_use]
    pub fn with_sheet(mut self, name: impl Into<String>) -> Self {
        self.sheet = Some(name.into());
        self
    }

    /// Cells may hold the label of a response instead of its code.
    #[must_use]
    pub const fn reading_labels(mut self) -> Self {
        self.labels = true;
        self
    }

    /// Reading stops at the first cell that is not understood.
    #[must_use]
    pub const fn strict(mut self) -> Self {
        self.strict = true;
        self
    }

    /// The codes are the instrument's, whatever base they seem to count from.
    #[must_use]
    pub const fn as_coded(mut self) -> Self {
        self.gate.as_coded = true;
        self
    }

    /// Goes on where one text that is not understood stands in many cells: they stay unreadable.
    #[must_use]
    pub const fn leaving_unread(mut self) -> Self {
        self.gate.unread = true;
        self
    }

    /// Leaves out responses that the file says were not finished.
    #[must_use]
    pub const fn finished_only(mut self) -> Self {
        self.gate.finished_only = true;
        self
    }

    /// So many rows stand above the header: a title, a note. Empty lines are not counted.
    #[must_use]
    pub const fn skipping(mut self, rows: usize) -> Self {
        self.skipped = rows;
        self
    }

    pub(super) const fn is_as_coded(&self) -> bool {
        self.gate.as_coded
    }

    pub(super) const fn leaves_unread(&self) -> bool {
        self.gate.unread
    }

    pub(super) const fn is_finished_only(&self) -> bool {
        self.gate.finished_only
    }

    pub(super) const fn skipped(&self) -> usize {
        self.skipped
    }

    /// The same for text that another reader has made of the file, with commas and in UTF-8.
    pub(super) const fn for_text(mut self, tool: Tool) -> Self {
        (self.tool, self.delimiter, self.encoding) = (tool, b',', Some(Encoding::UTF_8));
        self
    }

    /// The texts that stand for a missing answer.
    #[must_use]
    pub fn with_sentinels(mut self, sentinels: Sentinels) -> Self {
        self.sentinels = sentinels;
        self
    }

    /// What wrote the file.
    pub const fn tool(&self) -> Tool {
        self.tool
    }

    /// What separates cells.
    pub const fn delimiter(&self) -> char {
        self.delimiter as char
    }

    /// Whether `4,0` is a number: as said, else if the delimiter is a semicolon.
    pub fn has_decimal_comma(&self) -> bool {
        self.decimal_comma.unwrap_or(self.delimiter == b';')
    }

    /// How text is stored: as said, else UTF-8.
    pub fn encoding(&self) -> Encoding {
        self.encoding.unwrap_or(Encoding::UTF_8)
    }

    /// The encoding, if it was said.
    pub(super) const fn stated_encoding(&self) -> Option<Encoding> {
        self.encoding
    }

    /// The sheet of a workbook that was asked for.
    pub fn sheet(&self) -> Option<&str> {
        self.sheet.as_deref()
    }

    /// Whether labels are answers.
    pub const fn reads_labels(&self) -> bool {
        self.labels
    }

    /// Whether reading stops at the first cell that is not understood.
    pub const fn is_strict(&self) -> bool {
        self.strict
    }

    /// The texts that stand for a missing answer.
    pub const fn sentinels(&self) -> &Sentinels {
        &self.sentinels
    }
}
