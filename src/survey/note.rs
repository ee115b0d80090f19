//! What a file holds beside its answers that whoever reads the scores should know.

use serde::{Deserialize, Serialize};

use crate::stored::map_only;
use crate::words::Words;

/// Something about a file that is no error and can matter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "about", rename_all = "kebab-case", rename_all_fields = "kebab-case")]
#[non_exhaustive]
pub enum FileNote {
    /// The file gives codes labels that are neither right nor wrong by what is known of the item.
    LabelsNotCompared {
        /// Columns with the same labels.
        columns: Vec<String>,
        /// The labels.
        labels: Vec<FileLabel>,
        /// Whether other labels of these columns are those of the item, so that the order is right.
        #[serde(default)]
        others_agree: bool,
    },
    /// A workbook has other sheets that are shown.
    OtherSheets {
        /// The sheet that was read.
        read: String,
        /// The others.
        others: Vec<String>,
    },
    /// Rows of the sheet are hidden, by hand or by a filter. They were read as the others.
    HiddenRows {
        /// How many.
        rows: u64,
    },
    /// Cells below the header are merged; only the first of them holds what is shown in all.
    MergedCells {
        /// The areas, as a workbook names them.
        areas: Vec<String>,
    },
}

/// A code and the label that the file gives it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case", remote = "Self")]
#[non_exhaustive]
pub struct FileLabel {
    /// The code.
    pub code: u8,
    /// The label.
    pub label: String,
}

map_only!(FileLabel);

impl std::fmt::Display for FileLabel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} = {:?}", self.code, self.label)
    }
}

impl FileNote {
    /// Whether it leaves open what the codes of the file mean.
    pub(super) const fn is_doubt(&self) -> bool {
        matches!(self, Self::LabelsNotCompared { others_agree: false, .. })
    }

    /// The note in the words of a catalogue.
    pub fn in_words(&self, words: &Words) -> String {
        match self {
            Self::LabelsNotCompared { columns, labels, .. } => {
                let labels: Vec<String> = labels.iter().map(ToString::to_string).collect();
                let (columns, labels) = (columns.join(", "), labels.join(", "));
                words.say(
                    "import.labels-not-compared",
                    &[("columns", &columns), ("labels", &labels)],
                )
            }
            Self::OtherSheets { read, others } => {
                words.say("import.other-sheets", &[("sheet", read), ("others", &others.join(", "))])
            }
            Self::HiddenRows { rows } => words.say("import.hidden-rows", &[("count", rows)]),
            Self::MergedCells { areas } => {
                words.say("import.merged-cells", &[("areas", &areas.join(", "))])
            }
        }
    }
}
