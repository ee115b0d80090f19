//! What each survey tool writes around the answers, as data.

use serde::{Deserialize, Serialize};

/// A tool that writes survey exports.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Tool {
    /// One header row of column names, nothing else.
    #[default]
    Plain,
    /// Qualtrics, three header rows: names, question texts, `ImportId`.
    Qualtrics,
    /// Qualtrics' old format, two header rows: names, question texts.
    QualtricsLegacy,
    /// REDCap, flat export with raw or label headers; a person spans several rows.
    Redcap,
    /// LimeSurvey, headings by question code.
    LimeSurvey,
    /// SurveyMonkey, two header rows: question, row or option.
    SurveyMonkey,
    /// Google Forms, one header row of question texts; answers are labels.
    GoogleForms,
    /// Microsoft Forms, one header row of statements; answers are labels.
    MicrosoftForms,
    /// SPSS `.sav`.
    Spss,
}

/// What a header row holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HeaderRow {
    Names,
    Texts,
    ImportIds,
    /// Rows or options of the question above.
    Parts,
}

/// Rows that are no answers of the survey.
#[derive(Debug, Clone, Copy)]
pub(super) struct LeaveOut {
    pub(super) column: &'static str,
    pub(super) values: &'static [&'static str],
    pub(super) reason: &'static str,
}

/// The layout of one tool.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout {
    tool: Tool,
    name: &'static str,
    /// What each header row holds.
    pub(super) header: &'static [HeaderRow],
    /// Columns that the tool adds to the questions.
    pub(super) metadata: &'static [&'static str],
    pub(super) leave_out: &'static [LeaveOut],
    /// Answers are labels and nothing else.
    pub(super) labels_only: bool,
    /// A row without any answer to an instrument is not an administration of it.
    pub(super) sparse: bool,
}

use HeaderRow::{ImportIds, Names, Parts, Texts};

const NONE: Layout = Layout {
    tool: Tool::Plain,
    name: "plain",
    header: &[Names],
    metadata: &[],
    leave_out: &[],
    labels_only: false,
    sparse: false,
};

const QUALTRICS_COLUMNS: &[&str] = &[
    "StartDate",
    "EndDate",
    "Status",
    "IPAddress",
    "Progress",
    "Duration (in seconds)",
    "Finished",
    "RecordedDate",
    "ResponseId",
    "RecipientLastName",
    "RecipientFirstName",
    "RecipientEmail",
    "ExternalReference",
    "LocationLatitude",
    "LocationLongitude",
    "DistributionChannel",
    "UserLanguage",
];

const QUALTRICS_PREVIEWS: &[LeaveOut] = &[
    LeaveOut {
        column: "Status",
        values: &["Survey Preview", "1", "Offline Survey Preview", "17"],
        reason: "preview of the survey (Status)",
    },
    LeaveOut {
        column: "Status",
        values: &["Survey Test", "2"],
        reason: "test of the survey (Status)",
    },
    LeaveOut {
        column: "Status",
        values: &["Spam", "8", "Survey Preview Spam", "9", "Imported Spam", "12"],
        reason: "spam (Status)",
    },
    LeaveOut {
        column: "DistributionChannel",
        values: &["preview"],
        reason: "preview of the survey (DistributionChannel)",
    },
];

const LAYOUTS: [Layout; 9] = [
    NONE,
    Layout {
        tool: Tool::Qualtrics,
        name: "qualtrics",
        header: &[Names, Texts, ImportIds],
        metadata: QUALTRICS_COLUMNS,
        leave_out: QUALTRICS_PREVIEWS,
        ..NONE
    },
    Layout {
        tool: Tool::QualtricsLegacy,
        name: "qualtrics-legacy",
        header: &[Names, Texts],
        metadata: QUALTRICS_COLUMNS,
        leave_out: QUALTRICS_PREVIEWS,
        ..NONE
    },
    Layout {
        tool: Tool::Redcap,
        name: "redcap",
        metadata: &[
            "record_id",
            "redcap_event_name",
            "redcap_repeat_instrument",
            "redcap_repeat_instance",
            "redcap_data_access_group",
            "redcap_survey_identifier",
            "Record ID",
            "Event Name",
            "Repeat Instrument",
            "Repeat Instance",
            "Data Access Group",
            "Survey Identifier",
            "Complete?",
        ],
        sparse: true,
        ..NONE
    },
    Layout {
        tool: Tool::LimeSurvey,
        name: "limesurvey",
        metadata: &[
            "id",
            "submitdate",
            "lastpage",
            "startlanguage",
            "seed",
            "token",
            "startdate",
            "datestamp",
            "ipaddr",
            "refurl",
        ],
        ..NONE
    },
    Layout {
        tool: Tool::SurveyMonkey,
        name: "surveymonkey",
        header: &[Texts, Parts],
        metadata: &[
            "Respondent ID",
            "Collector ID",
            "Start Date",
            "End Date",
            "Date Created",
            "Date Modified",
            "IP Address",
            "Email Address",
            "First Name",
            "Last Name",
            "Custom Data 1",
        ],
        ..NONE
    },
    Layout {
        tool: Tool::GoogleForms,
        name: "google-forms",
        header: &[Texts],
        metadata: &["Timestamp", "Email Address", "Username", "Score"],
        labels_only: true,
        ..NONE
    },
    Layout {
        tool: Tool::MicrosoftForms,
        name: "microsoft-forms",
        header: &[Texts],
        metadata: &[
            "ID",
            "Start time",
            "Completion time",
            "Email",
            "Name",
            "Last modified time",
            "Language",
        ],
        labels_only: true,
        ..NONE
    },
    Layout { tool: Tool::Spss, name: "spss", ..NONE },
];

/// When a cell says that a response was not finished.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    Blank,
    /// One of these, whatever its case.
    In(&'static [&'static str]),
    /// A percentage below 100.
    Below100,
}

impl When {
    pub(super) fn holds(self, cell: &str) -> bool {
        let cell = cell.trim();
        match self {
            Self::Blank => cell.is_empty(),
            Self::In(values) => values.iter().any(|value| value.eq_ignore_ascii_case(cell)),
            Self::Below100 => cell.parse::<f64>().is_ok_and(|share| share < 100.0),
        }
    }
}

/// Columns by which tools say so, under whatever profile the file is read: the first that is there.
const UNFINISHED: [(&str, When); 5] = [
    ("Finished", When::In(&["0", "false"])),
    ("submitdate", When::Blank),
    ("Completion time", When::Blank),
    ("Complete?", When::In(&["0", "incomplete"])),
    ("Progress", When::Below100),
];

/// The column that says whether a response was finished. In REDCap each form has its own, after its
/// items.
pub(super) fn unfinished(
    names: &[String],
    tool: Tool,
    last_item: Option<usize>,
) -> Option<(usize, When)> {
    let at = |wanted: &str| names.iter().position(|name| name.trim() == wanted);
    let known = UNFINISHED.iter().find_map(|(name, when)| Some((at(name)?, *when)));
    let of_form = || {
        let first = last_item.filter(|_| tool == Tool::Redcap)?;
        let at = names.iter().skip(first).position(|name| name.ends_with("_complete"))?;
        Some((first + at, When::In(&["0", "incomplete"])))
    };
    known.or_else(of_form)
}

impl Tool {
    /// Every tool with its word.
    pub fn all() -> impl Iterator<Item = (Self, &'static str)> {
        LAYOUTS.iter().map(|layout| (layout.tool, layout.name))
    }

    /// The tool of this word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::all().find(|(_, name)| *name == word).map(|(tool, _)| tool)
    }

    /// The word for this tool.
    pub fn as_str(self) -> &'static str {
        self.layout().name
    }

    pub(super) fn layout(self) -> &'static Layout {
        LAYOUTS.iter().find(|layout| layout.tool == self).unwrap_or(&NONE)
    }
}

impl std::fmt::Display for Tool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}
