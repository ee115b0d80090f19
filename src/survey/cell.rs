//! One cell to one answer: exactly a code, a label, a declared sentinel, or unreadable.

use super::fold::{composed, fold};
use super::number::Number;
use super::sentinel::trim;
use super::{ItemColumns, Profile, Sentinels, SurveyError, Tool};
use crate::answers::{Answer, MissingKind};
use crate::instrument::{ResponseOption, ResponseSet};

/// Begins the cell of a value that SPSS declares missing.
pub(super) const USER_MISSING: &str = "user-missing ";

/// In which form a code stood in its cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Code,
    Decimal,
    Label,
    CodeAndLabel,
}

/// What a cell was read as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reading {
    Code(u8, Form),
    Missing(MissingKind),
    /// `label`: it is a label of the item, but labels are not read.
    Unreadable {
        label: bool,
    },
}

impl Reading {
    pub(super) const fn byte(self) -> u8 {
        match self {
            Self::Code(code, _) => Answer::Code(code).to_byte(),
            Self::Missing(kind) => Answer::Missing(kind).to_byte(),
            Self::Unreadable { .. } => Answer::Missing(MissingKind::Unreadable).to_byte(),
        }
    }
}

#[derive(Debug, Clone)]
struct Label {
    code: u8,
    folded: String,
}

/// Reads the cells of the items that share a response set.
#[derive(Debug, Clone)]
pub(super) struct CellReader {
    codes: [bool; 256],
    labels: Vec<Label>,
    /// The file's own codes, where it has others than the instrument.
    own_codes: Vec<(String, u8)>,
    not_applicable: Vec<String>,
    do_not_know: Vec<String>,
    /// User-missing values are marked by the reader of SPSS files.
    marks_missing: bool,
    reads_labels: bool,
    decimal_comma: bool,
    sentinels: Sentinels,
    allowed: String,
    /// What a blank cell and each cell of one byte are, as [`Reading::byte`]; [`LOOK`] where there
    /// is more to say.
    blank: u8,
    single: [u8; 256],
}

/// Such a cell is read by [`CellReader::read`], which knows what to report of it.
const LOOK: u8 = Reading::Unreadable { label: false }.byte();

impl CellReader {
    /// A reader for `responses`, with what else the columns of the items may say.
    ///
    /// # Errors
    /// In labels mode, two options that one text would name.
    pub(super) fn new(
        responses: &ResponseSet,
        columns: &ItemColumns,
        profile: &Profile,
    ) -> Result<Self, SurveyError> {
        let mut codes = [false; 256];
        for option in responses.options() {
            if let Some(offered) = codes.get_mut(usize::from(option.code())) {
                *offered = true;
            }
        }
        let own = responses.options().iter().filter_map(|o| Some((o.code(), o.label()?)));
        let do_not_know: Vec<String> =
            columns.do_not_know(responses).iter().map(|text| fold(text)).collect();
        let (more, not_applicable) = columns.labels(responses);
        let not_applicable: Vec<String> = responses
            .not_applicable()
            .into_iter()
            .chain(not_applicable.iter().map(String::as_str))
            .map(fold)
            .collect();
        let mut labels: Vec<Label> = Vec::new();
        for (code, label) in own.chain(more.iter().map(|(code, label)| (*code, label.as_str()))) {
            let folded = fold(label);
            if !folded.is_empty() && !labels.iter().any(|l| l.code == code && l.folded == folded) {
                labels.push(Label { code, folded });
            }
        }
        if profile.reads_labels() {
            refuse_ambiguous(responses, &labels, &codes)?;
            refuse_not_applicable(responses, &labels, &not_applicable)?;
            refuse_not_applicable(responses, &labels, &do_not_know)?;
        }
        let own_codes: Vec<(String, u8)> = columns
            .own_codes()
            .iter()
            .filter(|(_, code)| responses.contains(*code))
            .map(|(text, code)| (composed(trim(text)).into_owned(), *code))
            .collect();
        let allowed = if !own_codes.is_empty() {
            let name = |(text, code): &(String, u8)| format!("{text} (for {code})");
            own_codes.iter().map(name).collect::<Vec<_>>().join(", ")
        } else if profile.reads_labels() {
            // The file's language is that of the packs.
            let of_pack =
                |code: u8| more.iter().find(|(own, _)| *own == code).map(|l| l.1.as_str());
            let name = |option: &ResponseOption| match of_pack(option.code()).or(option.label()) {
                Some(label) => format!("{} ({label})", option.code()),
                None => option.code().to_string(),
            };
            if responses.is_range() {
                responses.codes()
            } else {
                responses.options().iter().map(name).collect::<Vec<_>>().join(", ")
            }
        } else {
            responses.codes()
        };
        let mut reader = Self {
            codes,
            labels,
            own_codes,
            not_applicable,
            do_not_know,
            marks_missing: profile.tool() == Tool::Spss,
            reads_labels: profile.reads_labels(),
            decimal_comma: profile.has_decimal_comma(),
            sentinels: profile.sentinels().clone(),
            allowed,
            blank: LOOK,
            single: [LOOK; 256],
        };
        let known = |reading: Reading| match reading {
            Reading::Code(_, Form::Code) | Reading::Missing(_) => reading.byte(),
            Reading::Code(..) | Reading::Unreadable { .. } => LOOK,
        };
        reader.blank = known(reader.read(b""));
        // Beyond ASCII, a single byte is no text.
        reader.single = std::array::from_fn(|byte| match u8::try_from(byte) {
            Ok(byte) if byte.is_ascii() => known(reader.read(&[byte])),
            _ => LOOK,
        });
        Ok(reader)
    }

    /// The answer's byte, where the cell is blank or of one byte and a plain code or missing.
    #[inline]
    pub(super) fn at_once(&self, cell: &[u8]) -> Option<u8> {
        let byte = match cell {
            [] => self.blank,
            [byte] => self.single.get(usize::from(*byte)).copied().unwrap_or(LOOK),
            _ => LOOK,
        };
        (byte != LOOK).then_some(byte)
    }

    /// What the numbers of a typed column are; see [`Numbers`](super::Numbers).
    #[cfg(any(feature = "arrow59", feature = "arrow60"))]
    pub(super) fn numbers(&self) -> super::Numbers {
        use super::Numbers;
        let is_number = |label: &Label| Number::parse(&label.folded, true).is_some();
        let mut sentinels =
            self.sentinels.iter().filter(|known| Number::parse(&known.text, true).is_some());
        let plain = self.own_codes.is_empty()
            && !self.labels.iter().any(is_number)
            && !self.not_applicable.iter().any(|text| Number::parse(text, true).is_some())
            && !self.do_not_know.iter().any(|text| Number::parse(text, true).is_some())
            && self.sentinels.blank() == MissingKind::Skipped;
        match (sentinels.next(), sentinels.next()) {
            (None, _) if plain => Numbers::Codes,
            (Some(only), None) if plain => match only.text.parse() {
                Ok(number) => Numbers::Missing { number, kind: only.kind },
                Err(_) => Numbers::AsText,
            },
            _ => Numbers::AsText,
        }
    }

    /// Lowest and highest code where they follow one another and the file declares none of its own.
    pub(super) fn span(&self) -> Option<(u8, u8)> {
        let mut codes = (0_u8..=255).zip(self.codes).filter(|(_, is)| *is).map(|(code, _)| code);
        let low = codes.next().filter(|_| self.own_codes.is_empty())?;
        codes.try_fold(low, |before, code| (code == before + 1).then_some(code)).map(|h| (low, h))
    }

    /// What the item offers, for a message.
    pub(super) fn allowed(&self) -> &str {
        &self.allowed
    }

    /// Refuses a sentinel that would hide an answer.
    pub(super) fn check_sentinels(&self, item: &str) -> Result<(), SurveyError> {
        let without = Self { sentinels: Sentinels::new(), ..self.clone() };
        for sentinel in self.sentinels.iter().filter(|sentinel| !sentinel.text.is_empty()) {
            let hides = match without.read(sentinel.text.as_bytes()) {
                Reading::Code(..) => true,
                Reading::Missing(kind) => kind != sentinel.kind,
                Reading::Unreadable { .. } => false,
            };
            if hides {
                return Err(SurveyError::SentinelIsAnswer {
                    text: sentinel.text.clone(),
                    kind: sentinel.kind,
                    item: item.to_owned(),
                    allowed: self.allowed.clone(),
                });
            }
        }
        Ok(())
    }

    /// Whether the file has codes of its own.
    pub(super) const fn has_own_codes(&self) -> bool {
        !self.own_codes.is_empty()
    }

    /// The lowest and the highest code that the item offers.
    pub(super) fn ends(&self) -> Option<(u8, u8)> {
        let mut codes = (0..=u8::MAX).filter(|code| self.offers(*code));
        let low = codes.next()?;
        Some((low, codes.next_back().unwrap_or(low)))
    }

    /// The codes that a folded label belongs to; also where a mark and more words follow the label,
    /// as in `never (not once)`.
    pub(super) fn codes_called(&self, folded: &str) -> Vec<u8> {
        let is_it = |label: &&Label| {
            let rest = folded.strip_prefix(label.folded.as_str());
            rest.is_some_and(|rest| {
                rest.trim_start().chars().next().is_none_or(|c| !c.is_alphanumeric())
            })
        };
        let longest = self.labels.iter().filter(is_it).map(|label| label.folded.len()).max();
        let of_longest = self.labels.iter().filter(is_it);
        let of_longest = of_longest.filter(|label| Some(label.folded.len()) == longest);
        of_longest.map(|label| label.code).collect()
    }

    /// Reads a cell, which is valid UTF-8.
    pub(super) fn read(&self, cell: &[u8]) -> Reading {
        if !self.own_codes.is_empty() {
            return self.read_text(std::str::from_utf8(cell).unwrap_or_default());
        }
        let code = match *cell {
            [a @ b'0'..=b'9'] => u32::from(a - b'0'),
            [a @ b'1'..=b'9', b @ b'0'..=b'9'] => u32::from(a - b'0') * 10 + u32::from(b - b'0'),
            [a @ b'1'..=b'9', b @ b'0'..=b'9', c @ b'0'..=b'9'] => {
                u32::from(a - b'0') * 100 + u32::from(b - b'0') * 10 + u32::from(c - b'0')
            }
            _ => return self.read_text(std::str::from_utf8(cell).unwrap_or_default()),
        };
        match u8::try_from(code) {
            // A sentinel is never an offered code, so it need not be asked first.
            Ok(code) if self.offers(code) => Reading::Code(code, Form::Code),
            _ => self.read_text(std::str::from_utf8(cell).unwrap_or_default()),
        }
    }

    fn offers(&self, code: u8) -> bool {
        self.codes.get(usize::from(code)).copied().unwrap_or(false)
    }

    fn read_text(&self, text: &str) -> Reading {
        let text = &*composed(trim(text));
        if text.is_empty() {
            return Reading::Missing(self.sentinels.blank());
        }
        if let Some(kind) = self.sentinels.of_text(text) {
            return Reading::Missing(kind);
        }
        if let Some(rest) = text.strip_prefix(USER_MISSING).filter(|_| self.marks_missing) {
            // SPSS declares the value missing; which kind it is can be declared as for any file.
            let number = Number::parse(rest, false);
            let kind = self.sentinels.of_text(rest);
            let kind = kind.or_else(|| self.sentinels.of_number(number?));
            return Reading::Missing(kind.unwrap_or(MissingKind::Skipped));
        }
        let number = Number::parse(text, self.decimal_comma);
        if let Some(kind) = number.and_then(|number| self.sentinels.of_number(number)) {
            return Reading::Missing(kind);
        }
        if !self.own_codes.is_empty() {
            let same = |(own, _): &&(String, u8)| {
                own == text || (number.is_some() && Number::parse(own, false) == number)
            };
            if let Some((_, code)) = self.own_codes.iter().find(same) {
                return Reading::Code(*code, Form::Code);
            }
        } else if let Some(code) = number.and_then(Number::code).filter(|code| self.offers(*code)) {
            let plain = text.bytes().all(|b| b.is_ascii_digit());
            return Reading::Code(code, if plain { Form::Code } else { Form::Decimal });
        }
        let folded = fold(text);
        let label = self.labels.iter().find(|label| label.folded == folded);
        match label {
            Some(label) if self.reads_labels => return Reading::Code(label.code, Form::Label),
            Some(_) => return Reading::Unreadable { label: true },
            None => {}
        }
        let both = self.code_and_label(&folded).or_else(|| self.label_and_code(&folded));
        let both = both.filter(|_| self.own_codes.is_empty());
        if let Some(code) = both {
            return Reading::Code(code, Form::CodeAndLabel);
        }
        let kinds = [
            (&self.not_applicable, MissingKind::NotApplicable),
            (&self.do_not_know, MissingKind::Declined),
        ];
        match kinds.into_iter().find(|(texts, _)| texts.contains(&folded)) {
            Some((_, kind)) if self.reads_labels => Reading::Missing(kind),
            found => Reading::Unreadable { label: found.is_some() },
        }
    }

    /// `often (4)`, `often [4]`, where the code must be that label's.
    fn label_and_code(&self, folded: &str) -> Option<u8> {
        let (label, digits) = folded.strip_suffix([')', ']'])?.rsplit_once(['(', '['])?;
        let code = Number::parse(digits.trim(), false)?.code().filter(|code| self.offers(*code))?;
        let label = label.trim_end();
        self.labels.iter().any(|l| l.code == code && l.folded == label).then_some(code)
    }

    /// `4 - often`, `4: often`, `4. often`, `4) often`, `4 = often`, `(4) often`, `4 often`, where the
    /// label must be that code's.
    fn code_and_label(&self, folded: &str) -> Option<u8> {
        let text = folded.strip_prefix(['(', '[']).unwrap_or(folded);
        let end = text.find(|c: char| !c.is_ascii_digit())?;
        let (digits, rest) = (text.get(..end)?, text.get(end..)?);
        let code = Number::parse(digits, false)?.code().filter(|code| self.offers(*code))?;
        let apart = rest.trim_start();
        let label = match apart.strip_prefix(['-', ':', '.', ')', ']', '=']) {
            Some(label) => label.trim_start(),
            None if apart.len() < rest.len() => apart,
            None => return None,
        };
        self.labels.iter().any(|l| l.code == code && l.folded == label).then_some(code)
    }
}

fn refuse_ambiguous(
    responses: &ResponseSet,
    labels: &[Label],
    codes: &[bool; 256],
) -> Result<(), SurveyError> {
    for (at, label) in labels.iter().enumerate() {
        let twin = labels.iter().take(at).find(|other| other.folded == label.folded);
        let as_code = Number::parse(&label.folded, false).and_then(Number::code).filter(|code| {
            *code != label.code && codes.get(usize::from(*code)).copied().unwrap_or(false)
        });
        if let Some(other) = twin.map(|other| other.code).or(as_code) {
            return Err(SurveyError::AmbiguousLabel {
                responses: responses.name().to_owned(),
                label: label.folded.clone(),
                first: other,
                second: label.code,
            });
        }
    }
    Ok(())
}

fn refuse_not_applicable(
    responses: &ResponseSet,
    labels: &[Label],
    not_applicable: &[String],
) -> Result<(), SurveyError> {
    match labels.iter().find(|label| not_applicable.contains(&label.folded)) {
        Some(label) => Err(SurveyError::LabelNotApplicable {
            responses: responses.name().to_owned(),
            label: label.folded.clone(),
            code: label.code,
        }),
        None => Ok(()),
    }
}
