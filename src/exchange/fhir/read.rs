//! A FHIR QuestionnaireResponse as a sheet: nothing guessed, nothing coerced.

use super::error::FhirError;
use super::response::{QuestionnaireResponse, ResponseAnswer, ResponseItem};
use super::types::Coding;
use super::{
    ABSENT_EXTENSION, ABSENT_SYSTEM, COMPUTED, LOINC, absent_kind, answer_system, canonical, loinc,
};
use crate::answers::{Answer, MissingKind, Sheet};
use crate::exchange::ExportOptions;
use crate::instrument::{Instrument, Item, Version};

/// What the caller vouches for when a response is read.
///
/// By default: responses to the questionnaire that this crate writes, or to none that they name,
/// with items linked by item id; and responses to any questionnaire whose items are linked by the
/// LOINC codes that the instrument's file names. Items that are not in the response were skipped,
/// as FHIR leaves out what is not answered.
#[derive(Debug, Clone, Default)]
pub struct ReadOptions {
    base: Option<String>,
    questionnaires: Vec<String>,
    systems: Vec<String>,
    links: Vec<(String, String)>,
    absent: Option<MissingKind>,
}

impl ReadOptions {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// The address of the code systems; see [`ExportOptions::base`].
    #[must_use]
    pub fn base(mut self, address: impl Into<String>) -> Self {
        self.base = Some(address.into());
        self
    }

    /// Takes responses to this questionnaire too (its address, with or without a version): its
    /// items are those of the instrument.
    #[must_use]
    pub fn questionnaire(mut self, address: impl Into<String>) -> Self {
        self.questionnaires.push(address.into());
        self
    }

    /// Takes answers coded in this system too: its codes are the instrument's numbers.
    #[must_use]
    pub fn answer_system(mut self, system: impl Into<String>) -> Self {
        self.systems.push(system.into());
        self
    }

    /// The item that a link id stands for.
    #[must_use]
    pub fn link(mut self, link_id: impl Into<String>, item: impl Into<String>) -> Self {
        self.links.push((link_id.into(), item.into()));
        self
    }

    /// What an item is that is not in the response.
    #[must_use]
    pub const fn absent_items(mut self, kind: MissingKind) -> Self {
        self.absent = Some(kind);
        self
    }
}

/// A sheet as read, with everything that was not understood.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ReadSheet {
    /// The sheet; what was not understood is `unreadable` there.
    pub sheet: Sheet,
    /// Answers that were not understood.
    pub findings: Vec<AnswerFinding>,
}

/// An answer that was not understood; on the sheet it is `unreadable`, never a number.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AnswerFinding {
    /// Id of the item.
    pub item: String,
    /// What stood there.
    pub found: String,
    /// What is read.
    pub allowed: String,
}

impl std::fmt::Display for AnswerFinding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { item, found, allowed } = self;
        write!(f, "item `{item}`: {found} is not understood; read are {allowed}")
    }
}

impl QuestionnaireResponse {
    /// The answers as a sheet of the instrument.
    ///
    /// A link id is an item's id, or its LOINC code with or without a slash before it. A coded
    /// answer is read in the systems of this crate, without a system, as a LOINC answer of the
    /// item's own list, and in systems that the caller names; an integer is a code. Everything else
    /// is `unreadable` and listed.
    ///
    /// # Errors
    /// A response to another questionnaire, a withdrawn one, none of the items (save that a response
    /// which names our questionnaire may be empty: everything was skipped), one item twice, or a
    /// link of the caller's to an item that the instrument does not have.
    pub fn sheet(
        &self,
        instrument: &Instrument,
        options: &ReadOptions,
    ) -> Result<ReadSheet, FhirError> {
        for (_, item) in &options.links {
            if instrument.item(item).is_none() {
                let (instrument, found) = (instrument.id().to_owned(), item.clone());
                return Err(FhirError::NoSuchItem { instrument, found });
            }
        }
        let status = self.status.as_deref().unwrap_or("completed");
        if !["completed", "amended", "in-progress", "stopped"].contains(&status) {
            return Err(FhirError::Status { found: status.chars().take(80).collect() });
        }
        let base = options.base.as_deref().unwrap_or(ExportOptions::BASE);
        let reader = Reader { instrument, options, base, by_id: self.is_ours(instrument, options) };
        let mut found: Vec<Option<&ResponseItem>> = vec![None; instrument.items().len()];
        // Groups may be nested, under items and under answers.
        let mut open: Vec<&ResponseItem> = self.item.iter().rev().collect();
        while let Some(item) = open.pop() {
            let nested = item.answer.iter().flat_map(|answer| &answer.item).chain(&item.item);
            open.extend(nested.collect::<Vec<_>>().into_iter().rev());
            let Some(at) = reader.item_of(item) else { continue };
            let Some(slot) = found.get_mut(at) else { continue };
            if let Some(first) = slot.replace(item) {
                let link = |item: &ResponseItem| item.link_id.clone().unwrap_or_default();
                return Err(FhirError::Twice {
                    item: instrument.items().get(at).map_or("", Item::id).to_owned(),
                    first: link(first),
                    second: link(item),
                });
            }
        }
        if found.iter().all(Option::is_none) && !self.is_blank(reader.by_id) {
            return Err(self.nothing(&reader));
        }
        let mut findings = Vec::new();
        let absent = Answer::Missing(options.absent.unwrap_or(MissingKind::Skipped)).to_byte();
        let items = instrument.items().iter().zip(found);
        let bytes = items.map(|(item, written)| {
            let Some(written) = written else { return absent };
            let answer = reader.answer(item, written).unwrap_or_else(|found| {
                findings.push(AnswerFinding {
                    item: item.id().to_owned(),
                    found,
                    allowed: item.responses().codes(),
                });
                Answer::Missing(MissingKind::Unreadable)
            });
            answer.to_byte()
        });
        let bytes: Vec<u8> = bytes.collect();
        let sheet = Sheet::from_bytes(instrument, &bytes).map_err(|error| FhirError::Syntax {
            // Every byte was checked against its item.
            message: error.to_string(),
        })?;
        Ok(ReadSheet { sheet, findings })
    }

    /// Whether it is a response to our questionnaire in which nothing was answered: FHIR leaves out
    /// such items, and some programs fill in the computed ones all the same.
    fn is_blank(&self, by_id: bool) -> bool {
        let computed = |item: &ResponseItem| item.link_id.as_deref() == Some(COMPUTED);
        let blank = self.is_bare || !self.item.is_empty();
        by_id && self.questionnaire.is_some() && blank && self.item.iter().all(computed)
    }

    /// Whether plain link ids are the instrument's item ids.
    fn is_ours(&self, instrument: &Instrument, options: &ReadOptions) -> bool {
        let Some(named) = self.questionnaire.as_deref() else { return true };
        let (address, version) = named
            .split_once('|')
            .map_or((named, None), |(address, version)| (address, Some(version)));
        let vouched = |known: &String| known == named || known == address;
        if options.questionnaires.iter().any(vouched) {
            return true;
        }
        let base = options.base.as_deref().unwrap_or(ExportOptions::BASE);
        let fits = |version: &str| {
            // Rules other than the file's stand behind a plus; the items are the same.
            let version = version.split('+').next().unwrap_or_default().parse::<Version>();
            version.is_ok_and(|version| version.major() == instrument.version().major())
        };
        address == canonical(base, instrument) && version.is_none_or(fits)
    }

    fn nothing(&self, reader: &Reader<'_>) -> FhirError {
        let instrument = reader.instrument;
        if !reader.by_id {
            return FhirError::OtherQuestionnaire {
                found: self
                    .questionnaire
                    .iter()
                    .flat_map(|known| known.chars())
                    .take(200)
                    .collect(),
                expected: format!(
                    "{}|{}",
                    canonical(reader.base, instrument),
                    instrument.version()
                ),
                instrument: instrument.id().to_owned(),
            };
        }
        let ids: Vec<&str> = instrument.items().iter().map(Item::id).take(3).collect();
        FhirError::NoItems {
            instrument: instrument.id().to_owned(),
            expected: format!("{}, …", ids.join(", ")),
        }
    }
}

struct Reader<'a> {
    instrument: &'a Instrument,
    options: &'a ReadOptions,
    base: &'a str,
    by_id: bool,
}

impl Reader<'_> {
    fn item_of(&self, item: &ResponseItem) -> Option<usize> {
        let link = item.link_id.as_deref()?;
        if let Some((_, id)) = self.options.links.iter().find(|(known, _)| known == link) {
            return self.instrument.item_position(id);
        }
        if self.by_id
            && let Some(at) = self.instrument.item_position(link)
        {
            return Some(at);
        }
        let code = link.strip_prefix('/').unwrap_or(link);
        self.instrument.items().iter().position(|item| item.loinc() == Some(code))
    }

    /// The answer, or what stood there.
    fn answer(&self, item: &Item, written: &ResponseItem) -> Result<Answer, String> {
        match written.answer.as_slice() {
            [] => {
                let reason =
                    written.extension.iter().find(|e| e.url.as_deref() == Some(ABSENT_EXTENSION));
                let Some(reason) = reason else {
                    return Ok(Answer::Missing(
                        self.options.absent.unwrap_or(MissingKind::Skipped),
                    ));
                };
                let code = reason.value_code.as_deref().unwrap_or("");
                absent_kind(code)
                    .map(Answer::Missing)
                    .ok_or_else(|| format!("the absent reason `{}`", short(code)))
            }
            [one] => self.value(item, one),
            several => Err(format!("{} answers", several.len())),
        }
    }

    fn value(&self, item: &Item, answer: &ResponseAnswer) -> Result<Answer, String> {
        let number = |number: i64| {
            let code = u8::try_from(number).ok().filter(|code| item.responses().contains(*code));
            code.map(Answer::Code).ok_or_else(|| format!("the number {number}"))
        };
        if let Some(coding) = &answer.value_coding {
            return self.coded(item, coding);
        }
        if let Some(integer) = answer.value_integer {
            return number(integer);
        }
        if let Some(decimal) = answer.value_decimal {
            // A decimal equal to a code is that code; nothing is rounded.
            let code =
                item.responses().options().iter().map(crate::instrument::ResponseOption::code);
            let code = code.into_iter().find(|code| f64::from(*code) == decimal);
            return code.map(Answer::Code).ok_or_else(|| format!("the number {decimal}"));
        }
        let text = [&answer.value_string, &answer.value_date, &answer.value_date_time]
            .into_iter()
            .chain([&answer.value_time, &answer.value_uri])
            .find_map(|text| text.as_deref());
        if let Some(text) = text {
            return Err(format!("the text `{}`", short(text)));
        }
        Err(if answer.value_boolean.is_some() {
            "a yes or no".to_owned()
        } else if answer.value_quantity.is_some() {
            "a quantity".to_owned()
        } else {
            "an answer without a value that is read".to_owned()
        })
    }

    fn coded(&self, item: &Item, coding: &Coding) -> Result<Answer, String> {
        let code = coding.code.as_deref().unwrap_or("");
        let unknown = || match &coding.system {
            Some(system) => format!("the code `{}` of `{}`", short(code), short(system)),
            None => format!("the code `{}`", short(code)),
        };
        let offered = |code: u8| {
            let code = Some(code).filter(|code| item.responses().contains(*code));
            code.map(Answer::Code).ok_or_else(unknown)
        };
        match coding.system.as_deref() {
            Some(ABSENT_SYSTEM) => absent_kind(code).map(Answer::Missing).ok_or_else(unknown),
            Some(LOINC) => {
                let known = item.loinc().and_then(|item| loinc::code_of(item, code));
                offered(known.ok_or_else(unknown)?)
            }
            system => {
                let ours = answer_system(self.base, self.instrument, item);
                let known = system.is_none_or(|system| {
                    system == ours || self.options.systems.iter().any(|known| known == system)
                });
                let plain = code == "0" || !code.starts_with(['0', '+', '-']);
                let code = code.parse::<u8>().ok().filter(|_| known && plain);
                offered(code.ok_or_else(unknown)?)
            }
        }
    }
}

/// What of a foreign text fits into a message.
fn short(text: &str) -> String {
    text.chars().take(80).collect()
}
