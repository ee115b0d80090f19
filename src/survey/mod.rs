//! Survey exports in: from the file that a survey tool wrote to answers, and a report of every decision.
//!
//! Three things are said, never guessed: a [`Profile`] (how the file is written), [`ItemColumns`]
//! (which column holds which item) and [`Sentinels`] (which texts stand for a missing answer). A
//! cell is then exactly a code, a label of the item, a code with its own label, or a declared
//! sentinel; anything else is `unreadable`, which is a missing kind and never a number. An
//! [`ImportReport`] lists what was read as what.
//!
//! [`guide`] has a section for each survey tool.
//!
//! [`Import::open`] takes any [`std::io::Read`]: this crate opens no file itself.

mod cell;
mod cells;
mod columns;
mod detect;
mod encoding;
mod error;
mod file_labels;
mod fold;
mod gate;
mod header;
mod import;
mod input;
mod note;
mod number;
mod open;
mod page;
mod profile;
mod reader;
mod report;
mod row;
mod rows;
mod safety;
mod sav;
mod sentinel;
mod table;
mod tool;
#[cfg(any(feature = "arrow59", feature = "arrow60"))]
mod typed;
mod waves;
#[cfg(feature = "xlsx")]
mod workbook;

#[doc = include_str!("../../docs/survey-exports.md")]
pub mod guide {}

pub use columns::ItemColumns;
pub use detect::Candidate;
pub use encoding::{Encoding, Reading as EncodingReading};
pub use error::SurveyError;
pub use import::Import;
pub use note::{FileLabel, FileNote};
pub use profile::Profile;
pub use reader::Reader;
pub use report::{
    AbsenceCount, CellFinding, CellFindings, CodingFinding, ImportReport, InstrumentImport,
    ItemImport, LeftOut, MatchedBy, OpenBands, PersonFinding, PersonFindings, ProfileRecord,
    Repeat, RepeatKind, Repeats, Unfinished, UnreadText,
};
pub use row::Row;
pub use safety::{SafetyFinding, SafetyFindings};
pub use sentinel::{Sentinel, Sentinels};
pub use table::ScoreTable;
pub use tool::Tool;
#[cfg(any(feature = "arrow59", feature = "arrow60"))]
pub(crate) use typed::{Numbers, TypedColumns};
pub use waves::{WaveColumns, WaveImport, WavesImport};
#[cfg(feature = "xlsx")]
pub use workbook::workbook_to_csv;
