//! SPSS files (`.sav`, and `.zsav`, whose cases are compressed), read as rows of text.
//!
//! Layout as the PSPP developers' guide and ReadStat document it. Every length that the file states
//! is read piece by piece and bounded, so that a broken file ends in an error.

mod bytes;
mod charset;
mod dictionary;
mod moment;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Read;

use super::cell::USER_MISSING;
use super::header::HeaderColumn;
use super::{Encoding, FileLabel, SurveyError};
use bytes::{Bytes, Elements};
use charset::Charset;
use dictionary::{Dictionary, Variable};

/// Bytes of an element that a full segment of a long text does not use.
const PADDING: usize = 1;
/// The byte that pads texts.
const BLANK: [char; 2] = [' ', '\0'];

/// One 8-byte element of a case: the start of a variable, more of a text, or the start of a further
/// part of a text of more than 255 bytes.
#[derive(Debug, Clone, Copy)]
enum Element {
    Start(usize),
    More,
    Segment,
}

/// What a column is read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// Its cells are left blank.
    Unused,
    /// Answers: values, those that the file declares missing marked.
    Answers,
    /// Values in the file's own words; blank where the file declares them missing.
    InWords,
    /// Values as they are stored; blank where the file declares them missing.
    AsStored,
}

/// An open file: its columns, then its cases as comma-separated text.
#[derive(Debug)]
pub(super) struct SavText<'r> {
    cases: Elements<'r>,
    variables: Vec<Variable>,
    elements: Vec<Element>,
    charset: Charset,
    /// What each variable is read for; its labels, where they are wanted.
    uses: Vec<Use>,
    words: Vec<Vec<Words>>,
    /// Cases that the header promises, and those read.
    promised: Option<u64>,
    read: u64,
    line: Vec<u8>,
    given: usize,
    ended: bool,
}

/// What a value of a column is called.
#[derive(Debug)]
struct Words {
    value: Vec<u8>,
    text: String,
}

impl<'r> SavText<'r> {
    /// Reads all that stands before the cases. An encoding that is stated goes before the file's own.
    pub(super) fn open(
        input: impl Read + 'r,
        stated: Option<Encoding>,
    ) -> Result<Self, SurveyError> {
        let mut bytes = Bytes::new(input);
        if !matches!(&bytes.array::<4>()?, b"$FL2" | b"$FL3") {
            return Err(bytes.wrong("it does not begin as an SPSS file does"));
        }
        bytes.take(60)?;
        let layout: [u8; 4] = bytes.array()?;
        let is_big = match (i32::from_le_bytes(layout), i32::from_be_bytes(layout)) {
            (2 | 3, _) => false,
            (_, 2 | 3) => true,
            (other, _) => return Err(bytes.wrong(format!("layout {other} is not known"))),
        };
        bytes.set_big(is_big);
        bytes.integer()?; // elements of a case, which not every writer states
        let compression = bytes.integer()?;
        if !matches!(compression, 0..=2) {
            return Err(bytes.wrong(format!("compression {compression} is not known")));
        }
        bytes.integer()?; // weight variable
        let promised = u64::try_from(bytes.integer()?).ok();
        let bias = bytes.number()?;
        bytes.take(9 + 8 + 64 + 3)?;
        let dictionary = Dictionary::read(&mut bytes, stated)?;
        if compression == 2 {
            bytes = bytes.unpack()?;
        }
        let bias = (compression > 0).then_some(bias);
        let Dictionary { variables, elements, charset, system_missing, cases } = dictionary;
        Ok(Self {
            cases: Elements::new(bytes, system_missing, bias),
            uses: vec![Use::Unused; variables.len()],
            words: Vec::new(),
            variables,
            elements,
            charset,
            promised: promised.or(cases),
            read: 0,
            line: Vec::new(),
            given: 0,
            ended: false,
        })
    }

    /// In which encoding the texts are read.
    pub(super) const fn encoding(&self) -> Encoding {
        self.charset.encoding
    }

    /// Places among the variables of those that are columns, the parts of long texts being none.
    fn places(&self) -> impl Iterator<Item = usize> + '_ {
        let start = |element: &Element| match element {
            Element::Start(variable) => Some(*variable),
            Element::More | Element::Segment => None,
        };
        self.elements.iter().filter_map(start)
    }

    /// The columns of the file.
    pub(super) fn columns(&self) -> Vec<HeaderColumn> {
        let variables = self.places().filter_map(|at| self.variables.get(at));
        variables.map(|variable| self.column(variable)).collect()
    }

    fn column(&self, variable: &Variable) -> HeaderColumn {
        let Variable { name, label, .. } = variable;
        let row = label.split_once(" - ").map(|(_, row)| row.to_owned());
        let aliases = [Some(label.clone()), row].into_iter().flatten();
        let mut column = HeaderColumn {
            name: name.clone(),
            aliases: aliases.filter(|alias| !alias.is_empty()).collect(),
            ..HeaderColumn::default()
        };
        if variable.width > 0 {
            return column;
        }
        for code in 0..=u8::MAX {
            let stored = self.cases.bytes.bytes_of(f64::from(code));
            if self.is_missing(variable, &stored) {
                column.declared_missing.push(code);
            } else if let Some(known) = self.label_of(variable, &stored) {
                column
                    .value_labels
                    .push(FileLabel { code, label: self.charset.decode_lossily(known) });
            }
        }
        column
    }

    /// What the file calls a value.
    fn label_of<'v>(&self, variable: &'v Variable, value: &[u8]) -> Option<&'v [u8]> {
        let is_it = |known: &[u8]| self.is_same(variable, known, value);
        let found = variable.value_labels.iter().find(|known| is_it(&known.value));
        found.map(|known| known.label.as_slice())
    }

    /// Whether two stored values are the same number, or the same text but for the blanks after it.
    fn is_same(&self, variable: &Variable, one: &[u8], other: &[u8]) -> bool {
        if variable.width > 0 {
            return without_blanks(one) == without_blanks(other);
        }
        let numbers = <[u8; 8]>::try_from(one).ok().zip(<[u8; 8]>::try_from(other).ok());
        numbers.is_some_and(|(one, other)| {
            self.cases.bytes.number_of(one) == self.cases.bytes.number_of(other)
        })
    }

    /// Whether the file declares a value missing.
    fn is_missing(&self, variable: &Variable, value: &[u8]) -> bool {
        let missing = &variable.missing;
        if variable.width > 0 {
            return missing.values.iter().any(|known| self.is_same(variable, known, value));
        }
        let number = <[u8; 8]>::try_from(value).map(|value| self.cases.bytes.number_of(value));
        if number.is_ok_and(|number| self.is_nothing(number)) {
            return false;
        }
        let in_range = |(low, high): (f64, f64)| number.is_ok_and(|n| (low..=high).contains(&n));
        missing.values.iter().any(|known| self.is_same(variable, known, value))
            || missing.range.is_some_and(in_range)
    }

    /// Whether a number stands for none.
    fn is_nothing(&self, number: f64) -> bool {
        number == self.cases.system_missing || !number.is_finite()
    }

    /// Says what each of [`Self::columns`] is read for.
    ///
    /// # Errors
    /// A label that is wanted and cannot be decoded.
    pub(super) fn read_for(&mut self, uses: &[Use]) -> Result<(), SurveyError> {
        let places: Vec<usize> = self.places().collect();
        for (at, wanted) in places.into_iter().zip(uses) {
            if let Some(known) = self.uses.get_mut(at) {
                *known = *wanted;
            }
        }
        let in_words = self.variables.iter().zip(&self.uses);
        let words = in_words.map(|(variable, wanted)| match wanted {
            Use::InWords => self.words_of(variable),
            Use::Unused | Use::Answers | Use::AsStored => Ok(Vec::new()),
        });
        self.words = words.collect::<Result<_, _>>()?;
        Ok(())
    }

    /// What the values of a variable are called. A label that would not tell two of them apart
    /// keeps its value.
    fn words_of(&self, variable: &Variable) -> Result<Vec<Words>, SurveyError> {
        let mut words = Vec::new();
        for known in &variable.value_labels {
            let text = self.charset.decode(&known.label);
            let text = text.map_err(|problem| {
                self.cases.bytes.wrong(format!("value labels of `{}`: {problem}", variable.name))
            })?;
            words.push(Words {
                value: known.value.clone(),
                text: text.trim_matches(BLANK).trim().to_owned(),
            });
        }
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for known in &words {
            *counts.entry(known.text.clone()).or_default() += 1;
        }
        for known in &mut words {
            let twice = counts.get(&known.text).is_some_and(|count| *count > 1);
            let value = self.stored_text(variable, &known.value)?;
            if known.text.is_empty() {
                known.text = value;
            } else if twice || (known.text.parse::<f64>().is_ok() && known.text != value) {
                known.text = format!("{} ({value})", known.text);
            }
        }
        Ok(words)
    }

    /// Puts the next case into `line`; `false` at the end.
    fn case(&mut self) -> Result<bool, SurveyError> {
        let elements = std::mem::take(&mut self.elements);
        let done = self.case_of(&elements);
        self.elements = elements;
        done
    }

    fn case_of(&mut self, elements: &[Element]) -> Result<bool, SurveyError> {
        self.line.clear();
        let mut value: Vec<u8> = Vec::new();
        let mut current: Option<usize> = None;
        for (at, element) in elements.iter().enumerate() {
            let Some(bytes) = self.cases.next()? else {
                if at == 0 {
                    return self.end();
                }
                return Err(self
                    .cases
                    .bytes
                    .wrong(format!("it ends in the middle of case {}", self.read + 1)));
            };
            match element {
                Element::Start(variable) => {
                    self.finish(current.replace(*variable), &value)?;
                    value.clear();
                }
                Element::Segment => value.truncate(value.len().saturating_sub(PADDING)),
                Element::More => {}
            }
            value.extend_from_slice(&bytes);
        }
        self.finish(current, &value)?;
        self.line.push(b'\n');
        self.read += 1;
        if let Some(promised) = self.promised.filter(|promised| self.read > *promised) {
            let problem = format!(
                "it holds more cases than the {promised} that its header promises; save it anew from the program that wrote it"
            );
            return Err(self.cases.bytes.wrong(problem));
        }
        Ok(!elements.is_empty())
    }

    /// The end of the cases, of which there must be as many as promised.
    fn end(&mut self) -> Result<bool, SurveyError> {
        self.cases.bytes.finish()?;
        match self.promised.filter(|promised| *promised != self.read) {
            None => Ok(false),
            Some(promised) => Err(self.cases.bytes.wrong(format!(
                "it ends after {} of the {promised} cases that its header promises; it was cut off, so copy or download it again",
                self.read
            ))),
        }
    }

    /// Writes the cell of the variable whose elements have been read.
    fn finish(&mut self, at: Option<usize>, value: &[u8]) -> Result<(), SurveyError> {
        let Some(at) = at else { return Ok(()) };
        if !self.line.is_empty() {
            self.line.push(b',');
        }
        let Some((variable, wanted)) = self.variables.get(at).zip(self.uses.get(at)) else {
            return Ok(());
        };
        let value = value.get(..variable.width.max(8).min(value.len())).unwrap_or_default();
        let missing = self.is_missing(variable, value);
        let cell: Cow<'_, str> = match wanted {
            Use::Unused => Cow::Borrowed(""),
            Use::Answers if missing => {
                Cow::Owned(format!("{USER_MISSING}{}", self.stored_text(variable, value)?))
            }
            Use::InWords | Use::AsStored if missing => Cow::Borrowed(""),
            Use::Answers | Use::AsStored => Cow::Owned(self.stored_text(variable, value)?),
            Use::InWords => {
                let words = self.words.get(at).map(Vec::as_slice).unwrap_or_default();
                match words.iter().find(|known| self.is_same(variable, &known.value, value)) {
                    Some(known) => Cow::Borrowed(&known.text),
                    None => Cow::Owned(self.stored_text(variable, value)?),
                }
            }
        };
        let cell = cell.replace('"', "\"\"");
        self.line.push(b'"');
        self.line.extend_from_slice(cell.as_bytes());
        self.line.push(b'"');
        Ok(())
    }

    /// A stored value as text; nothing for a number that is missing in itself.
    fn stored_text(&self, variable: &Variable, value: &[u8]) -> Result<String, SurveyError> {
        if variable.width > 0 {
            let text = self.charset.decode(without_blanks(value));
            let text = text.map_err(|problem| {
                let (case, name) = (self.read + 1, &variable.name);
                self.cases.bytes.wrong(format!("case {case}, column `{name}`: {problem}"))
            })?;
            return Ok(text.trim_end_matches(BLANK).to_owned());
        }
        let number = self.cases.bytes.number_of(<[u8; 8]>::try_from(value).unwrap_or_default());
        Ok(if self.is_nothing(number) {
            String::new()
        } else if variable.is_date {
            moment::date(number)
        } else {
            // No minus sign before nothing.
            (number + 0.0).to_string()
        })
    }
}

fn without_blanks(value: &[u8]) -> &[u8] {
    let is_blank = |byte: &u8| matches!(byte, b' ' | 0);
    let end = value.iter().rposition(|byte| !is_blank(byte)).map_or(0, |last| last + 1);
    value.get(..end).unwrap_or_default()
}

impl Read for SavText<'_> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        while self.given == self.line.len() {
            if self.ended || !self.case().map_err(std::io::Error::other)? {
                self.ended = true;
                return Ok(0);
            }
            self.given = 0;
        }
        let rest = self.line.get(self.given..).unwrap_or_default();
        let count = rest.len().min(into.len());
        if let (Some(from), Some(to)) = (rest.get(..count), into.get_mut(..count)) {
            to.copy_from_slice(from);
        }
        self.given += count;
        Ok(count)
    }
}
