//! An instrument and a wording pack make what a user interface needs.
//!
//! The crate holds no questionnaire's wording. The embedding app brings it at run time, as a pack
//! under the pack's own licence; here the pack is read, held against the instrument, and turned
//! into ordered questions with their options, notes and progress.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;

use crate::answers::{Answer, MissingKind, SheetBuilder};
use crate::instrument::{Instrument, Item};

const MOST_BYTES: usize = 1 << 20;
const NOT_APPLICABLE: &str = "not-applicable";
const DO_NOT_KNOW: &str = "do-not-know";

/// Whether anybody has checked the words of a pack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Review {
    /// Written in this language; the other packs are translated from it.
    Original,
    /// Translated, and no second person who speaks the language has compared it with the original.
    Unreviewed,
    /// Translated, and compared with the original by a second person.
    Reviewed,
}

/// The words of one language for one instrument.
///
/// ```
/// let pack = straingauge::form::WordingPack::parse(r#"
/// format  = 1
/// for     = "wsas@1"
/// locale  = "en"
/// licence = "used with the holder's permission"
/// [items]
/// 1 = "(the app's wording)"
/// "#)?;
/// assert_eq!((pack.instrument(), pack.locale()), ("wsas", "en"));
/// # Ok::<(), straingauge::form::WordingError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct WordingPack {
    format: u8,
    r#for: String,
    locale: String,
    licence: String,
    #[serde(default)]
    credit: Vec<String>,
    review: Option<Review>,
    intro: Option<String>,
    closing: Option<String>,
    #[serde(default)]
    items: BTreeMap<String, String>,
    #[serde(default)]
    options: BTreeMap<String, BTreeMap<String, String>>,
    #[serde(default)]
    notes: BTreeMap<String, String>,
    #[serde(default)]
    slots: BTreeMap<String, String>,
}

/// A pack that cannot be read, or does not fit the instrument.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WordingError {
    /// The file is no wording pack.
    #[error("{message}")]
    Syntax {
        /// Line, caret and what was expected.
        message: String,
    },
    /// The pack is of another instrument or major version.
    #[error("the pack is for {found}, the instrument is {expected}")]
    OtherInstrument {
        /// What the pack says.
        found: String,
        /// The instrument at hand.
        expected: String,
    },
    /// Items without text, or options with neither text nor label.
    #[error("the pack `{locale}` for {instrument} has no text for {missing}")]
    NotCovered {
        /// Id of the instrument.
        instrument: String,
        /// Locale of the pack.
        locale: String,
        /// What is missing.
        missing: String,
    },
    /// Entries for items, response sets, codes or slots that the instrument does not have.
    #[error("the pack `{locale}` has text for {unknown}, which {instrument} does not have")]
    Unknown {
        /// Id of the instrument.
        instrument: String,
        /// Locale of the pack.
        locale: String,
        /// What is unknown.
        unknown: String,
    },
}

impl WordingPack {
    /// Reads a pack (TOML).
    ///
    /// # Errors
    /// A file that is no pack, with line and caret.
    pub fn parse(text: &str) -> Result<Self, WordingError> {
        let syntax = |message: String| WordingError::Syntax { message };
        if text.len() > MOST_BYTES {
            return Err(syntax(format!("{} bytes; at most {MOST_BYTES} are read", text.len())));
        }
        let pack: Self = toml::from_str(text)
            .map_err(|error| syntax(error.to_string().trim_end().chars().take(2000).collect()))?;
        if pack.format != 1 {
            return Err(syntax(format!("format {} is not known; write format = 1", pack.format)));
        }
        if !pack.r#for.contains('@') {
            let found = &pack.r#for;
            return Err(syntax(format!(
                "for = \"{found}\" names no major version; write \"{found}@1\""
            )));
        }
        Ok(pack)
    }

    /// Id of the instrument that it is for.
    pub fn instrument(&self) -> &str {
        self.r#for.split_once('@').map_or(&self.r#for, |(id, _)| id)
    }

    /// Language of the texts.
    pub fn locale(&self) -> &str {
        &self.locale
    }

    /// Terms of the texts.
    pub fn licence(&self) -> &str {
        &self.licence
    }

    /// Credit lines that the app must show.
    pub fn credit(&self) -> &[String] {
        &self.credit
    }

    /// Returns whether anybody has checked the words, where the pack says so.
    pub const fn review(&self) -> Option<Review> {
        self.review
    }

    /// Text of an item, slots not yet filled.
    pub fn item(&self, id: &str) -> Option<&str> {
        self.items.get(id).map(String::as_str)
    }

    /// Text of a response option.
    pub fn option(&self, set: &str, code: u8) -> Option<&str> {
        self.options.get(set)?.get(&code.to_string()).map(String::as_str)
    }

    /// Text of the option that an item does not apply.
    pub fn not_applicable(&self, set: &str) -> Option<&str> {
        self.options.get(set)?.get(NOT_APPLICABLE).map(String::as_str)
    }

    /// Returns the text of the option by which a person says that they cannot tell.
    pub fn do_not_know(&self, set: &str) -> Option<&str> {
        self.options.get(set)?.get(DO_NOT_KNOW).map(String::as_str)
    }

    /// Whether the pack is for this instrument and has nothing that the instrument does not have.
    ///
    /// # Errors
    /// Another instrument or major version, or entries that nothing in the instrument answers to.
    pub fn fits(&self, instrument: &Instrument) -> Result<(), WordingError> {
        let major = instrument.version().major().to_string();
        let (id, version) = self.r#for.split_once('@').unwrap_or((&self.r#for, ""));
        if id != instrument.id() || version.split('.').next() != Some(major.as_str()) {
            return Err(WordingError::OtherInstrument {
                found: self.r#for.clone(),
                expected: format!("{}@{}", instrument.id(), instrument.version()),
            });
        }
        let mut unknown = Vec::new();
        let items = self.items.keys().chain(self.notes.keys());
        unknown.extend(
            items.filter(|id| instrument.item(id).is_none()).map(|id| format!("item `{id}`")),
        );
        for (name, texts) in &self.options {
            let Some(set) = instrument.response_sets().find(|set| set.name() == name) else {
                unknown.push(format!("response set `{name}`"));
                continue;
            };
            let known = |key: &str| match key {
                NOT_APPLICABLE => set.not_applicable().is_some(),
                DO_NOT_KNOW => set.do_not_know().is_some(),
                code => code.parse().is_ok_and(|code| set.contains(code)),
            };
            let codes = texts.keys().filter(|key| !known(key));
            unknown.extend(codes.map(|key| format!("option `{key}` of `{name}`")));
        }
        let slots = self.slots.keys().filter(|slot| !instrument.slots().contains(slot));
        unknown.extend(slots.map(|slot| format!("slot `{slot}`")));
        if unknown.is_empty() {
            return Ok(());
        }
        Err(WordingError::Unknown {
            instrument: instrument.id().to_owned(),
            locale: self.locale.clone(),
            unknown: unknown.join(", "),
        })
    }
}

/// A form ready to be shown.
///
/// ```
/// # let text = include_str!("../examples/definitions/worked-example.toml");
/// # let instrument = straingauge::Instrument::parse(text).unwrap();
/// # let mut pack = String::from("format = 1\nfor = 'worked-example@1'\nlocale = 'en'\nlicence = 'CC0-1.0'\n[items]\n");
/// # for item in instrument.items() { pack.push_str(&format!("{} = '(text)'\n", item.id())); }
/// use straingauge::form::{Form, WordingPack};
/// let form = Form::new(&instrument, &WordingPack::parse(&pack)?)?;
/// let mut sheet = instrument.sheet();
/// while let Some(question) = form.next_open(&sheet) {
///     println!("{} of {}: {}", question.number(), form.len(), question.text());
///     sheet = sheet.decline(question.item().id()).unwrap(); // or .answer(id, code)
/// }
/// assert_eq!(form.progress(&sheet).open, 0);
/// # Ok::<(), straingauge::form::WordingError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Form {
    instrument: Instrument,
    pack: WordingPack,
    slots: BTreeMap<String, String>,
}

/// How far a sheet is filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// Questions with an answer.
    pub answered: usize,
    /// Questions left out on purpose: declined, skipped or not applicable.
    pub left_out: usize,
    /// Questions that another answer settles, so that they need not be shown.
    pub settled: usize,
    /// Questions still open.
    pub open: usize,
}

impl Form {
    /// Joins an instrument with the words of a language.
    ///
    /// # Errors
    /// A pack that does not fit the instrument or does not cover it.
    pub fn new(instrument: &Instrument, pack: &WordingPack) -> Result<Self, WordingError> {
        pack.fits(instrument)?;
        let mut missing = Vec::new();
        let items = instrument.items().iter();
        let silent = items.filter(|item| pack.item(item.id()).is_none());
        missing.extend(silent.map(|item| format!("item `{}`", item.id())));
        for set in instrument.response_sets().filter(|set| !set.is_range()) {
            let silent = set.options().iter().filter(|option| {
                option.label().is_none() && pack.option(set.name(), option.code()).is_none()
            });
            missing.extend(silent.map(|o| format!("option {} of `{}`", o.code(), set.name())));
        }
        if !missing.is_empty() {
            return Err(WordingError::NotCovered {
                instrument: instrument.id().to_owned(),
                locale: pack.locale.clone(),
                missing: missing.join(", "),
            });
        }
        Ok(Self { instrument: instrument.clone(), pack: pack.clone(), slots: pack.slots.clone() })
    }

    /// Fills a slot of the wording, such as the word for the profession. A slot that the instrument
    /// does not have changes nothing.
    #[must_use]
    pub fn slot(mut self, name: &str, word: &str) -> Self {
        if self.instrument.slots().iter().any(|slot| slot == name) {
            self.slots.insert(name.to_owned(), word.to_owned());
        }
        self
    }

    /// The instrument.
    pub const fn instrument(&self) -> &Instrument {
        &self.instrument
    }

    /// The pack.
    pub const fn pack(&self) -> &WordingPack {
        &self.pack
    }

    /// What stands before the questions.
    pub fn intro(&self) -> Option<Cow<'_, str>> {
        self.pack.intro.as_deref().map(|text| self.filled(text))
    }

    /// What stands after them.
    pub fn closing(&self) -> Option<Cow<'_, str>> {
        self.pack.closing.as_deref().map(|text| self.filled(text))
    }

    /// How many questions there are.
    pub fn len(&self) -> usize {
        self.instrument.items().len()
    }

    /// Whether there is none; never, for a checked instrument.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The questions in the order in which they are asked.
    pub fn questions(&self) -> impl Iterator<Item = Question<'_>> {
        self.instrument.items().iter().enumerate().map(|(position, item)| Question {
            form: self,
            item,
            position,
        })
    }

    /// The first question still open: without an entry, and not settled by another answer.
    pub fn next_open(&self, sheet: &SheetBuilder) -> Option<Question<'_>> {
        self.questions().find(|question| Self::state(question, sheet) == State::Open)
    }

    /// How far a sheet is filled in.
    pub fn progress(&self, sheet: &SheetBuilder) -> Progress {
        let mut progress = Progress { answered: 0, left_out: 0, settled: 0, open: 0 };
        for question in self.questions() {
            let count = match Self::state(&question, sheet) {
                State::Answered => &mut progress.answered,
                State::LeftOut => &mut progress.left_out,
                State::Settled => &mut progress.settled,
                State::Open => &mut progress.open,
            };
            *count += 1;
        }
        progress
    }

    fn state(question: &Question<'_>, sheet: &SheetBuilder) -> State {
        match sheet.entry(question.position) {
            Some(Answer::Code(_)) => State::Answered,
            Some(Answer::Missing(MissingKind::NotAsked)) | None => {
                let settled = question.item.implied().is_some_and(|implied| {
                    let gate = sheet.entry(implied.gate()).and_then(Answer::code);
                    gate.is_some_and(|code| implied.op().holds(i64::from(code), implied.number()))
                });
                if settled { State::Settled } else { State::Open }
            }
            Some(Answer::Missing(_)) => State::LeftOut,
        }
    }

    fn filled<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut filled = Cow::Borrowed(text);
        for (slot, word) in &self.slots {
            let place = format!("{{{slot}}}");
            if filled.contains(&place) {
                filled = Cow::Owned(filled.replace(&place, word));
            }
        }
        filled
    }
}

#[derive(PartialEq, Eq)]
enum State {
    Answered,
    LeftOut,
    Settled,
    Open,
}

/// One question as it is shown.
#[derive(Debug, Clone, Copy)]
pub struct Question<'f> {
    form: &'f Form,
    item: &'f Item,
    position: usize,
}

impl<'f> Question<'f> {
    /// The item.
    pub const fn item(&self) -> &'f Item {
        self.item
    }

    /// Number of the question, from 1.
    pub const fn number(&self) -> usize {
        self.position + 1
    }

    /// Its text, slots filled.
    pub fn text(&self) -> Cow<'f, str> {
        self.form.filled(self.form.pack.item(self.item.id()).unwrap_or_default())
    }

    /// What a person should know before it is shown: the pack's note, else the instrument's.
    pub fn note(&self) -> Option<Cow<'f, str>> {
        let own = self.form.pack.notes.get(self.item.id()).map(String::as_str);
        own.or(self.item.note()).map(|text| self.form.filled(text))
    }

    /// Its options in printed order: code and text. A range without labels gives numbers.
    pub fn options(&self) -> Vec<(u8, Cow<'f, str>)> {
        let set = self.item.responses();
        let text = |option: &'f crate::instrument::ResponseOption| {
            let own = self.form.pack.option(set.name(), option.code()).or(option.label());
            own.map_or_else(|| Cow::Owned(option.code().to_string()), |text| self.form.filled(text))
        };
        set.options().iter().map(|option| (option.code(), text(option))).collect()
    }

    /// Text of the option that the item does not apply, where the form offers it.
    pub fn not_applicable(&self) -> Option<&'f str> {
        let set = self.item.responses();
        let own = set.not_applicable()?;
        Some(self.form.pack.not_applicable(set.name()).unwrap_or(own))
    }

    /// Returns the text of the option by which a person says that they cannot tell, where the form
    /// offers it. Its answer is [`SheetBuilder::decline`]: a gap in the score, and apart from an item
    /// that does not apply.
    pub fn do_not_know(&self) -> Option<&'f str> {
        let set = self.item.responses();
        let own = set.do_not_know()?;
        Some(self.form.pack.do_not_know(set.name()).unwrap_or(own))
    }

    /// Whether a score can do without it: an item that no scale uses.
    pub fn is_optional(&self) -> bool {
        // Declining is always possible; this only says that no scale would miss the answer.
        self.item.is_unscored()
    }
}
