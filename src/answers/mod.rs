//! What people answered: the sheet of one person, columns of many.
//!
//! One answer is one byte: a code from 0 to 250, or one of the missing kinds above. So a sheet of
//! thirty items is thirty bytes, a column of a million people a million, and nothing is coerced:
//! there is no byte for "blank, so count it as nought".

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::instrument::{Instrument, Item};

mod columns;
mod frame;
mod row;
mod sheet;

pub use columns::Columns;
pub(crate) use frame::Plain;
pub use frame::{Cells, Coding, Frame, NotOffered};
pub use row::ItemRow;
pub use sheet::{Sheet, SheetBuilder, SheetRecord};

/// Why there is no code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum MissingKind {
    /// The item was not part of this administration.
    NotAsked,
    /// Left blank.
    Skipped,
    /// "I'd rather not answer" or "I do not know", which are answers.
    Declined,
    /// The item does not apply to the person.
    NotApplicable,
    /// Something stood there that is no answer to the item.
    Unreadable,
}

impl MissingKind {
    /// Every kind with its word.
    pub const ALL: [(Self, &'static str); 5] = [
        (Self::NotAsked, "not-asked"),
        (Self::Skipped, "skipped"),
        (Self::Declined, "declined"),
        (Self::NotApplicable, "not-applicable"),
        (Self::Unreadable, "unreadable"),
    ];

    /// The word in files and stored forms.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotAsked => "not-asked",
            Self::Skipped => "skipped",
            Self::Declined => "declined",
            Self::NotApplicable => "not-applicable",
            Self::Unreadable => "unreadable",
        }
    }

    /// The kind of this word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, known)| *known == word).map(|(kind, _)| kind)
    }
}

impl fmt::Display for MissingKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// An answer: a code of the item's response set, or the reason why there is none.
///
/// Serialized as the code or the kind's word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Answer {
    /// The code of a response option.
    Code(u8),
    /// No code, and why.
    Missing(MissingKind),
}

impl Answer {
    /// Highest byte that is a code.
    pub const HIGHEST_CODE: u8 = 250;

    /// The byte of this answer in a row or column.
    pub const fn to_byte(self) -> u8 {
        match self {
            Self::Code(code) => code,
            Self::Missing(MissingKind::NotAsked) => 255,
            Self::Missing(MissingKind::Skipped) => 254,
            Self::Missing(MissingKind::Declined) => 253,
            Self::Missing(MissingKind::NotApplicable) => 252,
            Self::Missing(MissingKind::Unreadable) => 251,
        }
    }

    /// The answer of a byte.
    pub const fn from_byte(byte: u8) -> Self {
        match byte {
            255 => Self::Missing(MissingKind::NotAsked),
            254 => Self::Missing(MissingKind::Skipped),
            253 => Self::Missing(MissingKind::Declined),
            252 => Self::Missing(MissingKind::NotApplicable),
            251 => Self::Missing(MissingKind::Unreadable),
            code => Self::Code(code),
        }
    }

    /// The code, if there is one.
    pub const fn code(self) -> Option<u8> {
        match self {
            Self::Code(code) => Some(code),
            Self::Missing(_) => None,
        }
    }
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => fmt::Display::fmt(code, f),
            Self::Missing(kind) => fmt::Display::fmt(kind, f),
        }
    }
}

impl Serialize for Answer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Code(code) => serializer.serialize_u8(*code),
            Self::Missing(kind) => serializer.serialize_str(kind.as_str()),
        }
    }
}

impl<'de> Deserialize<'de> for Answer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Answer;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a code from 0 to 250 or a missing kind")
            }
            fn visit_u64<E: de::Error>(self, code: u64) -> Result<Answer, E> {
                u8::try_from(code)
                    .ok()
                    .filter(|code| *code <= Answer::HIGHEST_CODE)
                    .map(Answer::Code)
                    .ok_or_else(|| E::invalid_value(de::Unexpected::Unsigned(code), &self))
            }
            fn visit_i64<E: de::Error>(self, code: i64) -> Result<Answer, E> {
                match u64::try_from(code) {
                    Ok(code) => self.visit_u64(code),
                    Err(_) => Err(E::invalid_value(de::Unexpected::Signed(code), &self)),
                }
            }
            fn visit_f64<E: de::Error>(self, code: f64) -> Result<Answer, E> {
                // Some languages have only one kind of number.
                #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
                if code.fract() == 0.0 && (0.0..=250.0).contains(&code) {
                    return Ok(Answer::Code(code as u8));
                }
                Err(E::invalid_value(de::Unexpected::Float(code), &self))
            }
            fn visit_str<E: de::Error>(self, word: &str) -> Result<Answer, E> {
                MissingKind::from_word(word)
                    .map(Answer::Missing)
                    .ok_or_else(|| E::invalid_value(de::Unexpected::Str(word), &self))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Answer {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Answer".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let kinds: Vec<&str> = MissingKind::ALL.iter().map(|(_, word)| *word).collect();
        schemars::json_schema!({
            "description": "A code of the item's response set, or why there is none.",
            "anyOf": [
                { "type": "integer", "minimum": 0, "maximum": Self::HIGHEST_CODE },
                { "type": "string", "enum": kinds }
            ]
        })
    }
}

/// Answers that do not fit the instrument.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AnswerError {
    /// An id that the instrument does not have.
    #[error("{instrument} has no item `{found}`; its items are {allowed}")]
    NoSuchItem {
        /// Id of the instrument.
        instrument: String,
        /// The id that was asked for.
        found: String,
        /// The ids that there are.
        allowed: String,
    },
    /// A number that the item does not offer.
    #[error(
        "{}item `{item}` does not offer {found}; its codes are {allowed}. A missing answer is a missing kind, never a number",
        row.map_or(String::new(), |row| format!("row {row}: "))
    )]
    CodeNotOffered {
        /// Row, from 1, in a table.
        row: Option<usize>,
        /// Id of the item.
        item: String,
        /// The number.
        found: i64,
        /// The codes that the item offers.
        allowed: String,
    },
    /// A row or sheet of the wrong length.
    #[error(
        "{found} answers for the {expected} items of {instrument}; give one for each, in form order"
    )]
    WrongCount {
        /// Id of the instrument.
        instrument: String,
        /// How many were given.
        found: usize,
        /// How many there are.
        expected: usize,
    },
    /// A column of the wrong length.
    #[error("the column of item `{item}` has {found} rows, the table {expected}")]
    ColumnLength {
        /// Id of the item.
        item: String,
        /// Rows of the column.
        found: usize,
        /// Rows of the table.
        expected: usize,
    },
    /// A number with a fraction, or infinite, where a code is wanted.
    #[error(
        "row {row}: item `{item}` has {found}; its codes are {allowed}, and nothing is rounded. NaN stands for a missing answer"
    )]
    NotWhole {
        /// Row, from 1.
        row: usize,
        /// Id of the item.
        item: String,
        /// The number.
        found: String,
        /// The codes that the item offers.
        allowed: String,
    },
    /// A number for missing answers that is an answer.
    #[error("{code} cannot stand for a missing answer: item `{item}` offers it as a code")]
    MissingIsCode {
        /// Id of the item.
        item: String,
        /// The number.
        code: u8,
    },
    /// An item that is answered twice.
    #[error("item `{item}` is answered twice")]
    EnteredTwice {
        /// Id of the item.
        item: String,
    },
    /// A row that a table does not have.
    #[error("row {row}, counted from 0, was asked for; the table has {rows} rows")]
    NoSuchRow {
        /// The row.
        row: usize,
        /// Rows of the table.
        rows: usize,
    },
    /// A sheet of another instrument or version.
    #[error("the sheet is of {found}, not of {expected}")]
    OtherInstrument {
        /// The sheet's instrument and version.
        found: String,
        /// The one at hand.
        expected: String,
    },
    /// A word in a line of answers that is neither a code nor a sign for a missing one.
    #[error(
        "answer {position} is `{found}`; write a code, or `.` skipped, `d` declined, `na` not applicable, `-` not asked, `u` unreadable"
    )]
    BadWord {
        /// Position in the line, from 1.
        position: usize,
        /// The word.
        found: String,
    },
}

impl AnswerError {
    fn no_such_item(instrument: &Instrument, found: &str) -> Self {
        const SHOWN: usize = 12;
        let ids: Vec<&str> = instrument.items().iter().map(Item::id).collect();
        let mut allowed = ids.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", ");
        if ids.len() > SHOWN {
            allowed.push_str(&format!(" and {} more", ids.len() - SHOWN));
        }
        let instrument = instrument.id().to_owned();
        Self::NoSuchItem { instrument, found: found.chars().take(80).collect(), allowed }
    }

    pub(crate) fn not_offered(row: Option<usize>, item: &Item, found: i64) -> Self {
        let (item, allowed) = (item.id().to_owned(), item.responses().codes());
        Self::CodeNotOffered { row, item, found, allowed }
    }
}
