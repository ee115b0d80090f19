//! SPSS files (`.sav`, uncompressed or with the usual byte compression), read as rows of text.
//!
//! Layout as the PSPP developers' guide and ReadStat document it. Every length that the file states
//! is read piece by piece and bounded, so that a broken file ends in an error.

use std::io::Read;

use super::SurveyError;
use super::cell::USER_MISSING;
use super::header::HeaderColumn;

const MOST_VARIABLES: usize = 65_536;
/// Longest text or record that the dictionary may state.
const MOST_BYTES: usize = 1 << 24;
/// Most value labels of one set.
const MOST_LABELS: usize = 65_536;

/// Which values SPSS treats as missing.
#[derive(Debug, Clone, Default)]
struct Missing {
    values: Vec<[u8; 8]>,
    range: Option<(f64, f64)>,
}

#[derive(Debug, Clone)]
struct Variable {
    /// Short name, by which other records speak of it.
    short: String,
    /// Bytes of a text variable; 0 for numbers.
    width: usize,
    is_date: bool,
    missing: Missing,
    column: HeaderColumn,
}

/// One 8-byte element of a case: the start of a variable, or more of a text.
#[derive(Debug, Clone, Copy)]
enum Element {
    Start(usize),
    More,
}

/// An open file: its columns, then its cases as comma-separated text.
#[derive(Debug)]
pub(super) struct SavText<R> {
    bytes: Bytes<R>,
    variables: Vec<Variable>,
    elements: Vec<Element>,
    system_missing: f64,
    compression: Option<Commands>,
    encoding: &'static encoding_rs::Encoding,
    line: Vec<u8>,
    given: usize,
    ended: bool,
}

/// The state of byte compression: commands of the current group, and the bias of small numbers.
#[derive(Debug)]
struct Commands {
    bias: f64,
    group: [u8; 8],
    next: usize,
}

/// The input with its position and byte order.
#[derive(Debug)]
struct Bytes<R> {
    input: R,
    at: u64,
    big: bool,
}

impl<R: Read> Bytes<R> {
    fn wrong(&self, problem: impl Into<String>) -> SurveyError {
        SurveyError::Sav { at: self.at, problem: problem.into() }
    }

    /// Fills `into`, or says that the file ended; `false` if it ended before the first byte.
    fn fill(&mut self, into: &mut [u8]) -> Result<bool, SurveyError> {
        let mut done = 0;
        while let Some(rest) = into.get_mut(done..).filter(|rest| !rest.is_empty()) {
            match self.input.read(rest) {
                Ok(0) if done == 0 => return Ok(false),
                Ok(0) => return Err(self.wrong("it ends in the middle of a record")),
                Ok(count) => {
                    done += count;
                    self.at += count as u64;
                }
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(SurveyError::input(&error)),
            }
        }
        Ok(true)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], SurveyError> {
        let mut bytes = [0; N];
        if self.fill(&mut bytes)? { Ok(bytes) } else { Err(self.wrong("it ends too early")) }
    }

    fn integer(&mut self) -> Result<i32, SurveyError> {
        let bytes = self.array()?;
        Ok(if self.big { i32::from_be_bytes(bytes) } else { i32::from_le_bytes(bytes) })
    }

    fn number(&mut self) -> Result<f64, SurveyError> {
        let bytes = self.array()?;
        Ok(self.number_of(bytes))
    }

    const fn number_of(&self, bytes: [u8; 8]) -> f64 {
        if self.big { f64::from_be_bytes(bytes) } else { f64::from_le_bytes(bytes) }
    }

    /// A length that the file states.
    fn length(&mut self, most: usize) -> Result<usize, SurveyError> {
        let stated = self.integer()?;
        let length = usize::try_from(stated).ok().filter(|length| *length <= most);
        length.ok_or_else(|| self.wrong(format!("a length of {stated}; at most {most} is read")))
    }

    fn take(&mut self, length: usize) -> Result<Vec<u8>, SurveyError> {
        let mut bytes = Vec::new();
        let mut left = length;
        while left > 0 {
            let mut piece = [0; 512];
            let piece = piece.get_mut(..left.min(512)).unwrap_or_default();
            if !self.fill(piece)? {
                return Err(self.wrong("it ends too early"));
            }
            bytes.extend_from_slice(piece);
            left -= piece.len();
        }
        Ok(bytes)
    }
}

/// What the dictionary says before its texts are decoded.
#[derive(Default)]
struct Dictionary {
    /// Variable, name and label, undecoded.
    texts: Vec<(Vec<u8>, Vec<u8>)>,
    long_names: Vec<u8>,
    very_long: Vec<u8>,
    encoding: Option<String>,
    code_page: Option<i32>,
    /// Labels of variables: element position, value and label.
    value_labels: Vec<(usize, [u8; 8], Vec<u8>)>,
}

impl<R: Read> SavText<R> {
    pub(super) fn open(input: R) -> Result<Self, SurveyError> {
        let mut bytes = Bytes { input, at: 0, big: false };
        match &bytes.array::<4>()? {
            b"$FL2" => {}
            b"$FL3" => {
                let problem = "it is compressed as zsav; save it as plain .sav";
                return Err(bytes.wrong(problem));
            }
            _ => return Err(bytes.wrong("it does not begin as an SPSS file does")),
        }
        bytes.take(60)?;
        let layout: [u8; 4] = bytes.array()?;
        bytes.big = match (i32::from_le_bytes(layout), i32::from_be_bytes(layout)) {
            (2 | 3, _) => false,
            (_, 2 | 3) => true,
            (other, _) => return Err(bytes.wrong(format!("layout {other} is not known"))),
        };
        bytes.integer()?; // elements of a case, which not every writer states
        let compressed = match bytes.integer()? {
            0 => false,
            1 => true,
            other => return Err(bytes.wrong(format!("compression {other} is not known"))),
        };
        bytes.take(8)?; // weight variable, number of cases
        let bias = bytes.number()?;
        bytes.take(9 + 8 + 64 + 3)?;
        let commands = Commands { bias, group: [0; 8], next: 8 };
        let mut sav = Self {
            bytes,
            variables: Vec::new(),
            elements: Vec::new(),
            system_missing: -f64::MAX,
            compression: compressed.then_some(commands),
            encoding: encoding_rs::UTF_8,
            line: Vec::new(),
            given: 0,
            ended: false,
        };
        let mut dictionary = Dictionary::default();
        loop {
            match sav.bytes.integer()? {
                2 => sav.variable(&mut dictionary)?,
                3 => sav.value_labels(&mut dictionary)?,
                6 => {
                    let lines = sav.bytes.length(MOST_BYTES / 80)?;
                    sav.bytes.take(lines * 80)?;
                }
                7 => sav.extension(&mut dictionary)?,
                999 => break,
                other => {
                    return Err(sav.bytes.wrong(format!("record type {other} is not known")));
                }
            }
        }
        sav.bytes.integer()?;
        sav.decode(&dictionary)?;
        Ok(sav)
    }

    fn variable(&mut self, dictionary: &mut Dictionary) -> Result<(), SurveyError> {
        let bytes = &mut self.bytes;
        let kind = bytes.integer()?;
        let has_label = bytes.integer()? != 0;
        let missing_count = bytes.integer()?;
        let print = bytes.integer()?;
        bytes.integer()?;
        let name = bytes.take(8)?;
        let mut label = Vec::new();
        if has_label {
            let length = bytes.length(MOST_BYTES)?;
            label = bytes.take(length)?;
            bytes.take(length.next_multiple_of(4) - length)?;
        }
        let mut missing = Missing::default();
        let (values, range) = match missing_count {
            0..=3 => (missing_count, false),
            -2 => (0, true),
            -3 => (1, true),
            other => return Err(bytes.wrong(format!("{other} missing values"))),
        };
        if range {
            missing.range = Some((bytes.number()?, bytes.number()?));
        }
        for _ in 0..values {
            missing.values.push(bytes.array()?);
        }
        if self.elements.len() >= MOST_VARIABLES {
            return Err(bytes.wrong(format!("more than {MOST_VARIABLES} variables")));
        }
        if kind == -1 {
            self.elements.push(Element::More);
            return Ok(());
        }
        let width = usize::try_from(kind).ok().filter(|width| *width <= 255);
        let width = width.ok_or_else(|| bytes.wrong(format!("a variable of type {kind}")))?;
        self.elements.push(Element::Start(self.variables.len()));
        // Print formats of dates: DATE, DATETIME, ADATE, EDATE, SDATE, YMDHMS.
        let is_date = width == 0 && matches!((print >> 16) & 0xff, 20 | 22 | 23 | 38 | 39 | 41);
        let short = String::from_utf8_lossy(&name).trim_end().to_ascii_uppercase();
        let column = HeaderColumn::default();
        self.variables.push(Variable { short, width, is_date, missing, column });
        dictionary.texts.push((name, label));
        Ok(())
    }

    fn value_labels(&mut self, dictionary: &mut Dictionary) -> Result<(), SurveyError> {
        let bytes = &mut self.bytes;
        let mut labels = Vec::new();
        for _ in 0..bytes.length(MOST_LABELS)? {
            let value: [u8; 8] = bytes.array()?;
            let [length] = bytes.array()?;
            let length = usize::from(length);
            let label = bytes.take(length)?;
            bytes.take((length + 1).next_multiple_of(8) - (length + 1))?;
            labels.push((value, label));
        }
        if bytes.integer()? != 4 {
            return Err(bytes.wrong("value labels that belong to no variable"));
        }
        for _ in 0..bytes.length(MOST_VARIABLES)? {
            let element = bytes.length(MOST_VARIABLES)?;
            let room =
                MOST_VARIABLES.saturating_mul(4).saturating_sub(dictionary.value_labels.len());
            if room < labels.len() {
                return Err(bytes.wrong("more value labels than are read"));
            }
            let of_variable = labels.iter().map(|(value, label)| (element, *value, label.clone()));
            dictionary.value_labels.extend(of_variable);
        }
        Ok(())
    }

    fn extension(&mut self, dictionary: &mut Dictionary) -> Result<(), SurveyError> {
        let bytes = &mut self.bytes;
        let subtype = bytes.integer()?;
        let size = bytes.length(MOST_BYTES)?;
        let count = bytes.length(MOST_BYTES)?;
        let length = size.checked_mul(count).filter(|length| *length <= MOST_BYTES);
        let length = length.ok_or_else(|| bytes.wrong(format!("{count} times {size} bytes")))?;
        let data = bytes.take(length)?;
        match subtype {
            3 => {
                let code = data.get(28..32).and_then(|code| <[u8; 4]>::try_from(code).ok());
                dictionary.code_page = code
                    .map(|c| if bytes.big { i32::from_be_bytes(c) } else { i32::from_le_bytes(c) });
            }
            4 => {
                if let Some(value) = data.get(..8).and_then(|v| <[u8; 8]>::try_from(v).ok()) {
                    self.system_missing = bytes.number_of(value);
                }
            }
            13 => dictionary.long_names = data,
            14 => dictionary.very_long = data,
            20 => dictionary.encoding = Some(String::from_utf8_lossy(&data).trim().to_owned()),
            _ => {}
        }
        Ok(())
    }

    /// Gives the variables their names and labels.
    fn decode(&mut self, dictionary: &Dictionary) -> Result<(), SurveyError> {
        let known = match (&dictionary.encoding, dictionary.code_page) {
            (Some(name), _) => encoding_rs::Encoding::for_label(name.as_bytes()),
            (None, Some(code @ 1250..=1258)) => {
                encoding_rs::Encoding::for_label(format!("windows-{code}").as_bytes())
            }
            // ASCII, or not said: then nothing but ASCII is understood.
            (None, None | Some(2 | 3 | 65_001)) => Some(encoding_rs::UTF_8),
            (None, Some(_)) => None,
        };
        self.encoding = known.ok_or_else(|| {
            let name = dictionary.encoding.clone();
            let name = name.unwrap_or_else(|| format!("{:?}", dictionary.code_page));
            self.bytes.wrong(format!("its encoding {name} is not known; save it in Unicode mode"))
        })?;
        let long = self.text(&dictionary.long_names)?;
        let long: Vec<(String, &str)> = long
            .split('\t')
            .filter_map(|entry| entry.trim_end_matches('\0').split_once('='))
            .map(|(short, long)| (short.trim().to_ascii_uppercase(), long.trim()))
            .collect();
        let very_long = self.text(&dictionary.very_long)?;
        let very_long: Vec<String> = very_long
            .split('\t')
            .filter_map(|entry| entry.trim_matches('\0').split_once('='))
            .map(|(short, _)| short.trim().to_ascii_uppercase())
            .collect();
        let mut columns = Vec::new();
        for (variable, (name, label)) in self.variables.iter().zip(&dictionary.texts) {
            let own = long.iter().find(|(short, _)| *short == variable.short);
            let name = match own {
                Some((_, long)) => (*long).to_owned(),
                None => self.text(name)?.trim_end().to_owned(),
            };
            let name = if very_long.contains(&variable.short) {
                format!("{name} (a text of more than 255 bytes, not read)")
            } else {
                name
            };
            let label = self.text(label)?.trim().to_owned();
            let row = label.split_once(" - ").map(|(_, row)| row.to_owned());
            let aliases = [Some(label), row].into_iter().flatten();
            let aliases = aliases.filter(|alias| !alias.is_empty()).collect();
            columns.push(HeaderColumn { name, aliases, value_labels: Vec::new() });
        }
        for (element, value, label) in &dictionary.value_labels {
            let start = element.checked_sub(1).and_then(|at| self.elements.get(at));
            let Some(Element::Start(variable)) = start else {
                return Err(self
                    .bytes
                    .wrong(format!("labels for element {element}, which is none")));
            };
            let label = self.text(label)?.trim().to_owned();
            let number = self.bytes.number_of(*value);
            let code = (0..=250_u8).find(|code| f64::from(*code) == number);
            let is_number = self.variables.get(*variable).is_some_and(|v| v.width == 0);
            if let (Some(code), Some(column), true) = (code, columns.get_mut(*variable), is_number)
            {
                column.value_labels.push((code, label));
            }
        }
        for (variable, column) in self.variables.iter_mut().zip(columns) {
            variable.column = column;
        }
        Ok(())
    }

    fn text<'t>(&self, bytes: &'t [u8]) -> Result<std::borrow::Cow<'t, str>, SurveyError> {
        let decoded = self.encoding.decode_without_bom_handling_and_without_replacement(bytes);
        decoded.ok_or_else(|| {
            let name = self.encoding.name();
            self.bytes.wrong(format!("a text that is not {name}; save the file in Unicode mode"))
        })
    }

    /// The columns of the file.
    pub(super) fn columns(&self) -> Vec<HeaderColumn> {
        self.variables.iter().map(|variable| variable.column.clone()).collect()
    }

    /// The next element of a case; `None` at the end of the data.
    fn element(&mut self) -> Result<Option<[u8; 8]>, SurveyError> {
        let Some(commands) = &mut self.compression else {
            let mut element = [0; 8];
            return Ok(self.bytes.fill(&mut element)?.then_some(element));
        };
        let native =
            |number: f64, big| if big { number.to_be_bytes() } else { number.to_le_bytes() };
        loop {
            let Some(command) = commands.group.get(commands.next).copied() else {
                if !self.bytes.fill(&mut commands.group)? {
                    return Ok(None);
                }
                commands.next = 0;
                continue;
            };
            commands.next += 1;
            return Ok(Some(match command {
                0 => continue,
                252 => return Ok(None),
                253 => self.bytes.array()?,
                254 => *b"        ",
                255 => native(self.system_missing, self.bytes.big),
                small => native(f64::from(small) - commands.bias, self.bytes.big),
            }));
        }
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
        let mut text: Vec<u8> = Vec::new();
        let mut current: Option<usize> = None;
        for (at, element) in elements.iter().enumerate() {
            let Some(value) = self.element()? else {
                if at == 0 {
                    return Ok(false);
                }
                return Err(self.bytes.wrong("it ends in the middle of a case"));
            };
            if let Element::Start(variable) = element {
                self.finish(current.replace(*variable), &text)?;
                text.clear();
            }
            text.extend_from_slice(&value);
        }
        self.finish(current, &text)?;
        self.line.push(b'\n');
        Ok(!elements.is_empty())
    }

    /// Writes the cell of the variable whose elements have been read.
    fn finish(&mut self, variable: Option<usize>, value: &[u8]) -> Result<(), SurveyError> {
        let Some(variable) = variable.and_then(|at| self.variables.get(at)) else { return Ok(()) };
        let missing = &variable.missing;
        let cell = if variable.width > 0 {
            let bytes = value.get(..variable.width.min(value.len())).unwrap_or_default();
            let text = self.text(bytes)?.trim_end_matches([' ', '\0']).to_owned();
            let first = value.get(..8).unwrap_or_default();
            let is_missing = missing.values.iter().any(|known| known == first) && value.len() <= 8;
            if is_missing { format!("{USER_MISSING}{text}") } else { text }
        } else {
            let bytes = <[u8; 8]>::try_from(value).unwrap_or_default();
            let number = self.bytes.number_of(bytes);
            let is_missing =
                missing.values.iter().any(|known| self.bytes.number_of(*known) == number)
                    || missing.range.is_some_and(|(low, high)| (low..=high).contains(&number));
            if number == self.system_missing || !number.is_finite() {
                String::new()
            } else if is_missing {
                format!("{USER_MISSING}{number}")
            } else if variable.is_date {
                date(number)
            } else {
                number.to_string()
            }
        };
        if !self.line.is_empty() {
            self.line.push(b',');
        }
        self.line.push(b'"');
        self.line.extend_from_slice(cell.replace('"', "\"\"").as_bytes());
        self.line.push(b'"');
        Ok(())
    }
}

/// A moment as SPSS counts it, in seconds since 14 October 1582.
fn date(seconds: f64) -> String {
    const DAY: f64 = 86_400.0;
    let days = (seconds / DAY).floor();
    if !(0.0..=3_000_000.0).contains(&days) {
        return seconds.to_string();
    }
    // Within bounds by the line above.
    #[expect(clippy::cast_possible_truncation)]
    let (days, rest) = (days as i64, (seconds - days * DAY).floor() as i64);
    // Days since 1 March of year 0 in the Gregorian calendar; then the usual civil arithmetic.
    let days = days + 578_040;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let date = format!("{year:04}-{month:02}-{day:02}");
    if rest == 0 {
        return date;
    }
    format!("{date}T{:02}:{:02}:{:02}", rest / 3600, rest / 60 % 60, rest % 60)
}

impl<R: Read> Read for SavText<R> {
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
