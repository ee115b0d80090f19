//! The answers of one person in memory that is used again for the next.

use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer};

use super::{Answer, AnswerError, MissingKind};
use crate::instrument::Instrument;

/// One byte per item in form order, filled by item ids or straight from a map of ids to answers.
///
/// For servers that score sheet after sheet: after the first sheet nothing is allocated. Ids in form
/// order are found at once, others by search.
///
/// ```
/// # let text = include_str!("../../instruments/cbi/1.0.0.toml");
/// # let cbi = straingauge::Instrument::parse(text)?;
/// use serde::de::DeserializeSeed;
/// let scorer = cbi.scorer();
/// let mut row = cbi.item_row();
/// let mut scores = scorer.no_scores();
/// for body in [r#"{ "personal-1": 75, "personal-2": "declined" }"#, r#"{ "work-1": 0 }"#] {
///     row.clear();
///     row.deserialize(&mut serde_json::Deserializer::from_str(body))?;
///     scorer.score_row_into(row.as_bytes(), &mut scores)?;
/// }
/// assert_eq!(row.answer("work-1").unwrap().code(), Some(0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct ItemRow {
    instrument: Instrument,
    bytes: Box<[u8]>,
    entered: Box<[bool]>,
    /// The codes of each item, a bit each.
    offered: Box<[[u64; 4]]>,
    ids: Box<[Box<str>]>,
    /// Positions of the items in the order of their ids.
    by_id: Box<[usize]>,
    /// Where the next id is expected.
    next: usize,
}

const NOT_ASKED: u8 = Answer::Missing(MissingKind::NotAsked).to_byte();

impl Instrument {
    /// An empty row to fill in again and again: what is not filled in counts as not asked.
    pub fn item_row(&self) -> ItemRow {
        let many = self.items().len();
        let mut by_id: Vec<usize> = (0..many).collect();
        by_id.sort_by_key(|at| self.items().get(*at).map(|item| item.id()));
        let offered = self.items().iter().map(|item| {
            let mut bits = [0; 4];
            for option in item.responses().options() {
                let code = usize::from(option.code());
                if let Some(bits) = bits.get_mut(code / 64) {
                    *bits |= 1_u64 << (code % 64);
                }
            }
            bits
        });
        ItemRow {
            offered: offered.collect(),
            ids: self.items().iter().map(|item| item.id().into()).collect(),
            instrument: self.clone(),
            bytes: vec![NOT_ASKED; many].into(),
            entered: vec![false; many].into(),
            by_id: by_id.into(),
            next: 0,
        }
    }
}

impl ItemRow {
    /// Empties the row for the next person.
    pub fn clear(&mut self) {
        self.bytes.fill(NOT_ASKED);
        self.entered.fill(false);
        self.next = 0;
    }

    /// Enters a code.
    ///
    /// # Errors
    /// An unknown item, one that has been entered, or a code that it does not offer.
    pub fn enter(&mut self, item: &str, code: i64) -> Result<(), AnswerError> {
        let at = self.position(item)?;
        self.put_code(at, code)
    }

    /// Enters the reason why there is no code.
    ///
    /// # Errors
    /// An unknown item, or one that has been entered.
    pub fn enter_missing(&mut self, item: &str, kind: MissingKind) -> Result<(), AnswerError> {
        let at = self.position(item)?;
        self.put(at, Answer::Missing(kind))
    }

    /// The answer to an item; `None` for an id that the instrument does not have.
    pub fn answer(&self, item: &str) -> Option<Answer> {
        let at = self.instrument.item_position(item)?;
        self.bytes.get(at).map(|byte| Answer::from_byte(*byte))
    }

    /// The instrument that is answered.
    pub const fn instrument(&self) -> &Instrument {
        &self.instrument
    }

    /// One byte per item in form order, as [`Scorer::score_row_into`] takes them.
    ///
    /// [`Scorer::score_row_into`]: crate::score::Scorer::score_row_into
    pub const fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    #[inline]
    fn position(&mut self, id: &str) -> Result<usize, AnswerError> {
        let is_next = self.ids.get(self.next).is_some_and(|next| **next == *id);
        let at = if is_next { self.next } else { self.search(id)? };
        self.next = at + 1;
        Ok(at)
    }

    fn search(&self, id: &str) -> Result<usize, AnswerError> {
        let id_of = |at: usize| self.ids.get(at).map_or("", |id| id);
        let found = self.by_id.binary_search_by(|at| id_of(*at).cmp(id));
        let found = found.ok().and_then(|place| self.by_id.get(place)).copied();
        found.ok_or_else(|| AnswerError::no_such_item(&self.instrument, id))
    }

    #[inline]
    fn put_code(&mut self, at: usize, code: i64) -> Result<(), AnswerError> {
        let offers = |byte: &u8| {
            let bits = self.offered.get(at).and_then(|bits| bits.get(usize::from(*byte) / 64));
            bits.is_some_and(|bits| bits >> (byte % 64) & 1 == 1)
        };
        match (u8::try_from(code).ok().filter(offers), self.instrument.items().get(at)) {
            (Some(byte), _) => self.put(at, Answer::Code(byte)),
            (None, Some(item)) => Err(AnswerError::not_offered(None, item, code)),
            (None, None) => Ok(()),
        }
    }

    fn put(&mut self, at: usize, answer: Answer) -> Result<(), AnswerError> {
        let (Some(byte), Some(entered)) = (self.bytes.get_mut(at), self.entered.get_mut(at)) else {
            return Ok(());
        };
        if *entered {
            let item = self.instrument.items().get(at).map_or("", |item| item.id()).to_owned();
            return Err(AnswerError::EnteredTwice { item });
        }
        *entered = true;
        *byte = answer.to_byte();
        Ok(())
    }
}

/// Reads a map of item ids to answers straight into the row; see [`Answer`] for their forms. After an
/// error the row is empty.
impl<'de> DeserializeSeed<'de> for &mut ItemRow {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        // Half a sheet must not be taken for a whole one.
        deserializer.deserialize_map(Entries(&mut *self)).inspect_err(|_| self.clear())
    }
}

struct Entries<'r>(&'r mut ItemRow);

impl<'de> de::Visitor<'de> for Entries<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map from item ids to answers")
    }

    fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(at) = map.next_key_seed(Id(&mut *self.0))? {
            match map.next_value::<Answer>()? {
                Answer::Code(code) => self.0.put_code(at, i64::from(code)),
                missing @ Answer::Missing(_) => self.0.put(at, missing),
            }
            .map_err(de::Error::custom)?;
        }
        Ok(())
    }
}

/// An id, as the position of its item.
struct Id<'r>(&'r mut ItemRow);

impl<'de> DeserializeSeed<'de> for Id<'_> {
    type Value = usize;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<usize, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl de::Visitor<'_> for Id<'_> {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the id of an item")
    }

    fn visit_str<E: de::Error>(self, id: &str) -> Result<usize, E> {
        self.0.position(id).map_err(de::Error::custom)
    }
}
