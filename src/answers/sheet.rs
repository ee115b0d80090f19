//! The answers of one respondent to one instrument on one occasion.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::{Answer, AnswerError, MissingKind};
use crate::instrument::{Instrument, Item};
use crate::stored::map_only;

/// One sheet: an answer, or the reason why there is none, for every item.
///
/// ```
/// # let text = include_str!("../../instruments/cbi/1.0.0.toml");
/// # let cbi = straingauge::Instrument::parse(text)?;
/// let sheet = cbi.sheet().answer("personal-1", 75)?.decline("personal-2")?.finish();
/// assert_eq!(sheet.answer("personal-1").unwrap().code(), Some(75));
/// assert!(cbi.sheet().answer("personal-1", 3).is_err()); // codes are 0, 25, 50, 75, 100
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    instrument: Instrument,
    bytes: Box<[u8]>,
}

impl Instrument {
    /// An empty sheet to fill in: what is not filled in counts as not asked.
    pub fn sheet(&self) -> SheetBuilder {
        let not_asked = Answer::Missing(MissingKind::NotAsked).to_byte();
        SheetBuilder { instrument: self.clone(), bytes: vec![not_asked; self.items().len()] }
    }
}

impl Sheet {
    /// A sheet from one byte per item in form order; see [`Answer::to_byte`].
    ///
    /// # Errors
    /// A row of another length, or a code that an item does not offer.
    pub fn from_bytes(instrument: &Instrument, bytes: &[u8]) -> Result<Self, AnswerError> {
        if bytes.len() != instrument.items().len() {
            return Err(AnswerError::WrongCount {
                instrument: instrument.id().to_owned(),
                found: bytes.len(),
                expected: instrument.items().len(),
            });
        }
        for (item, byte) in instrument.items().iter().zip(bytes) {
            if let Answer::Code(code) = Answer::from_byte(*byte)
                && !item.responses().contains(code)
            {
                return Err(AnswerError::not_offered(None, item, i64::from(code)));
            }
        }
        Ok(Self { instrument: instrument.clone(), bytes: bytes.into() })
    }

    /// A sheet from a line of answers in form order, as vectors write them: codes, and `.` skipped,
    /// `d` declined, `na` not applicable, `-` not asked, `u` unreadable. Unscored items at the end
    /// may be left out.
    ///
    /// # Errors
    /// A word that is none of these, a code that an item does not offer, or too few or many words.
    pub fn from_text(instrument: &Instrument, text: &str) -> Result<Self, AnswerError> {
        let items = instrument.items();
        let words: Vec<&str> = text.split_whitespace().collect();
        let open = items.get(words.len()..);
        if open.is_none_or(|left_out| !left_out.iter().all(Item::is_unscored)) {
            let (found, expected) = (words.len(), items.len());
            let instrument = instrument.id().to_owned();
            return Err(AnswerError::WrongCount { instrument, found, expected });
        }
        let mut builder = instrument.sheet();
        for (at, (word, item)) in words.into_iter().zip(items).enumerate() {
            let kind = match word {
                "." => MissingKind::Skipped,
                "d" => MissingKind::Declined,
                "na" => MissingKind::NotApplicable,
                "-" => MissingKind::NotAsked,
                "u" => MissingKind::Unreadable,
                number => {
                    let bad = || AnswerError::BadWord { position: at + 1, found: number.into() };
                    builder = builder.answer(item.id(), number.parse().map_err(|_| bad())?)?;
                    continue;
                }
            };
            builder = builder.missing(item.id(), kind)?;
        }
        Ok(builder.finish())
    }

    /// A sheet from its stored form.
    ///
    /// # Errors
    /// Another instrument or another major version, an unknown item, or a code that is not offered.
    pub fn from_record(instrument: &Instrument, record: &SheetRecord) -> Result<Self, AnswerError> {
        let version = record.version.parse::<crate::instrument::Version>();
        let fits = version.is_ok_and(|version| version.major() == instrument.version().major());
        if record.instrument != instrument.id() || !fits {
            return Err(AnswerError::OtherInstrument {
                found: format!("{}@{}", record.instrument, record.version),
                expected: format!("{}@{}", instrument.id(), instrument.version()),
            });
        }
        let mut builder = instrument.sheet();
        for (id, answer) in &record.answers {
            builder = match answer {
                Answer::Code(code) => builder.answer(id, i64::from(*code))?,
                Answer::Missing(kind) => builder.missing(id, *kind)?,
            };
        }
        Ok(builder.finish())
    }

    /// The stored form.
    pub fn to_record(&self) -> SheetRecord {
        SheetRecord {
            instrument: self.instrument.id().to_owned(),
            version: self.instrument.version().to_string(),
            answers: self.answers().map(|(item, answer)| (item.id().to_owned(), answer)).collect(),
        }
    }

    /// The instrument that was answered.
    pub const fn instrument(&self) -> &Instrument {
        &self.instrument
    }

    /// The answer to an item; `None` for an id that the instrument does not have.
    pub fn answer(&self, item: &str) -> Option<Answer> {
        let at = self.instrument.item_position(item)?;
        self.bytes.get(at).map(|byte| Answer::from_byte(*byte))
    }

    /// Every item with its answer, in form order.
    pub fn answers(&self) -> impl Iterator<Item = (&Item, Answer)> {
        self.instrument.items().iter().zip(self.bytes.iter().map(|byte| Answer::from_byte(*byte)))
    }

    /// One byte per item in form order.
    pub const fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// A sheet being filled in. Answering again replaces the answer, so a step back is possible.
#[derive(Debug, Clone)]
pub struct SheetBuilder {
    instrument: Instrument,
    bytes: Vec<u8>,
}

impl SheetBuilder {
    /// Enters a code.
    ///
    /// # Errors
    /// An unknown item, or a code that it does not offer.
    pub fn answer(mut self, item: &str, code: i64) -> Result<Self, AnswerError> {
        let at = self.position(item)?;
        let Some(known) = self.instrument.items().get(at) else { return Ok(self) };
        let offered = u8::try_from(code).ok().filter(|code| known.responses().contains(*code));
        let byte = offered.ok_or_else(|| AnswerError::not_offered(None, known, code))?;
        self.put(at, Answer::Code(byte));
        Ok(self)
    }

    /// Enters the reason why there is no code.
    ///
    /// # Errors
    /// An unknown item.
    pub fn missing(mut self, item: &str, kind: MissingKind) -> Result<Self, AnswerError> {
        let at = self.position(item)?;
        self.put(at, Answer::Missing(kind));
        Ok(self)
    }

    /// Enters that the person would rather not answer.
    ///
    /// # Errors
    /// An unknown item.
    pub fn decline(self, item: &str) -> Result<Self, AnswerError> {
        self.missing(item, MissingKind::Declined)
    }

    /// Enters that the item was left blank.
    ///
    /// # Errors
    /// An unknown item.
    pub fn skip(self, item: &str) -> Result<Self, AnswerError> {
        self.missing(item, MissingKind::Skipped)
    }

    /// The sheet as it stands; items without an entry were not asked.
    pub fn finish(self) -> Sheet {
        Sheet { instrument: self.instrument, bytes: self.bytes.into() }
    }

    /// The entry of the item at a position of the form.
    pub fn entry(&self, position: usize) -> Option<Answer> {
        self.bytes.get(position).map(|byte| Answer::from_byte(*byte))
    }

    fn position(&self, item: &str) -> Result<usize, AnswerError> {
        let found = self.instrument.item_position(item);
        found.ok_or_else(|| AnswerError::no_such_item(&self.instrument, item))
    }

    fn put(&mut self, at: usize, answer: Answer) {
        if let Some(byte) = self.bytes.get_mut(at) {
            *byte = answer.to_byte();
        }
    }
}

/// A sheet as it is stored: readable by every later version of the crate.
///
/// ```
/// # let text = include_str!("../../instruments/cbi/1.0.0.toml");
/// # let cbi = straingauge::Instrument::parse(text).unwrap();
/// let stored = r#"{ "instrument": "cbi", "version": "1.0.0", "answers": { "personal-1": 75, "personal-2": "declined" } }"#;
/// let record: straingauge::answers::SheetRecord = serde_json::from_str(stored).unwrap();
/// let sheet = straingauge::answers::Sheet::from_record(&cbi, &record).unwrap();
/// assert_eq!(sheet.answer("personal-1").unwrap().code(), Some(75));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, remote = "Self")]
#[non_exhaustive]
pub struct SheetRecord {
    /// Id of the instrument.
    pub instrument: String,
    /// Version of its definition.
    pub version: String,
    /// Item ids and answers in form order; items left out were not asked.
    #[serde(with = "in_order")]
    #[cfg_attr(feature = "schema", schemars(with = "std::collections::BTreeMap<String, Answer>"))]
    pub answers: Vec<(String, Answer)>,
}

map_only!(SheetRecord);

/// A map that keeps the order of its entries and refuses a key twice.
mod in_order {
    use super::{Answer, Deserializer, Serializer, de, fmt};

    pub(super) fn serialize<S: Serializer>(
        answers: &[(String, Answer)],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_map(answers.iter().map(|(id, answer)| (id, answer)))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<(String, Answer)>, D::Error> {
        struct Visitor;
        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Vec<(String, Answer)>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map from item ids to answers")
            }
            fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut seen = std::collections::BTreeSet::new();
                let mut answers = Vec::new();
                while let Some((id, answer)) = map.next_entry::<String, Answer>()? {
                    if !seen.insert(id.clone()) {
                        return Err(de::Error::custom(format!("item `{id}` is answered twice")));
                    }
                    answers.push((id, answer));
                }
                Ok(answers)
            }
        }
        deserializer.deserialize_map(Visitor)
    }
}
