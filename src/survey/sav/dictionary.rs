//! The dictionary of an SPSS file: its variables with their names, labels and missing values.

use super::bytes::Bytes;
use super::charset::Charset;
use super::{Element, Encoding, SurveyError};

const MOST_VARIABLES: usize = 65_536;
/// Longest text or record that the dictionary may state.
const MOST_BYTES: usize = 1 << 24;
/// Most value labels of one set.
const MOST_LABELS: usize = 65_536;
/// Widest text without segments, and what a segment of a longer one counts for.
const WIDEST: usize = 255;
const SEGMENT: usize = 252;

/// Which values SPSS treats as missing.
#[derive(Debug, Clone, Default)]
pub(super) struct Missing {
    pub(super) values: Vec<[u8; 8]>,
    pub(super) range: Option<(f64, f64)>,
}

/// A value, as it is stored, and what the file calls it.
#[derive(Debug, Clone)]
pub(super) struct ValueLabel {
    pub(super) value: Vec<u8>,
    pub(super) label: Vec<u8>,
}

#[derive(Debug, Clone)]
pub(super) struct Variable {
    /// Short name, by which other records speak of it.
    short: String,
    pub(super) name: String,
    pub(super) label: String,
    /// Bytes of a text variable; 0 for numbers.
    pub(super) width: usize,
    pub(super) is_date: bool,
    pub(super) missing: Missing,
    pub(super) value_labels: Vec<ValueLabel>,
    stored_name: Vec<u8>,
    stored_label: Vec<u8>,
}

/// All that stands before the cases.
pub(super) struct Dictionary {
    pub(super) variables: Vec<Variable>,
    pub(super) elements: Vec<Element>,
    pub(super) charset: Charset,
    pub(super) system_missing: f64,
    /// Cases that the file holds, where a record says so.
    pub(super) cases: Option<u64>,
}

/// The records, before their texts are decoded.
#[derive(Default)]
struct Records {
    variables: Vec<Variable>,
    elements: Vec<Element>,
    system_missing: Option<f64>,
    cases: Option<u64>,
    long_names: Vec<u8>,
    very_long: Vec<u8>,
    encoding: Option<String>,
    code_page: Option<i32>,
    long_labels: Vec<u8>,
    long_missing: Vec<u8>,
    value_labels: usize,
}

impl Dictionary {
    /// Reads the records up to the cases.
    pub(super) fn read(
        bytes: &mut Bytes<'_>,
        stated: Option<Encoding>,
    ) -> Result<Self, SurveyError> {
        let mut records = Records::default();
        loop {
            match bytes.integer()? {
                2 => records.variable(bytes)?,
                3 => records.value_labels(bytes)?,
                6 => {
                    let lines = bytes.length(MOST_BYTES / 80)?;
                    bytes.take(lines * 80)?;
                }
                7 => records.extension(bytes)?,
                999 => break,
                other => return Err(bytes.wrong(format!("record type {other} is not known"))),
            }
        }
        bytes.integer()?;
        let charset = Charset::of(stated, records.encoding.as_deref(), records.code_page);
        records.name(&charset);
        records.join_segments(bytes, &charset)?;
        records.long_text_records(bytes, &charset)?;
        let Records { variables, elements, system_missing, cases, .. } = records;
        let system_missing = system_missing.unwrap_or(-f64::MAX);
        Ok(Self { variables, elements, charset, system_missing, cases })
    }
}

impl Records {
    fn variable(&mut self, bytes: &mut Bytes<'_>) -> Result<(), SurveyError> {
        let kind = bytes.integer()?;
        let has_label = bytes.integer()? != 0;
        let missing_count = bytes.integer()?;
        let print = bytes.integer()?;
        bytes.integer()?;
        let stored_name = bytes.take(8)?;
        let mut stored_label = Vec::new();
        if has_label {
            let length = bytes.length(MOST_BYTES)?;
            stored_label = bytes.take(length)?;
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
        let width = usize::try_from(kind).ok().filter(|width| *width <= WIDEST);
        let width = width.ok_or_else(|| bytes.wrong(format!("a variable of type {kind}")))?;
        self.elements.push(Element::Start(self.variables.len()));
        // Print formats of dates: DATE, DATETIME, ADATE, EDATE, SDATE, YMDHMS.
        let is_date = width == 0 && matches!((print >> 16) & 0xff, 20 | 22 | 23 | 38 | 39 | 41);
        self.variables.push(Variable {
            short: short_name(&stored_name),
            name: String::new(),
            label: String::new(),
            width,
            is_date,
            missing,
            value_labels: Vec::new(),
            stored_name,
            stored_label,
        });
        Ok(())
    }

    fn value_labels(&mut self, bytes: &mut Bytes<'_>) -> Result<(), SurveyError> {
        let mut labels = Vec::new();
        for _ in 0..bytes.length(MOST_LABELS)? {
            let value = bytes.take(8)?;
            let [length] = bytes.array()?;
            let length = usize::from(length);
            let label = bytes.take(length)?;
            bytes.take((length + 1).next_multiple_of(8) - (length + 1))?;
            labels.push(ValueLabel { value, label });
        }
        if bytes.integer()? != 4 {
            return Err(bytes.wrong("value labels that belong to no variable"));
        }
        for _ in 0..bytes.length(MOST_VARIABLES)? {
            let element = bytes.length(MOST_VARIABLES)?;
            self.value_labels += labels.len();
            if self.value_labels > MOST_VARIABLES * 4 {
                return Err(bytes.wrong("more value labels than are read"));
            }
            let start = element.checked_sub(1).and_then(|at| self.elements.get(at));
            let variable = match start {
                Some(Element::Start(variable)) => self.variables.get_mut(*variable),
                _ => None,
            };
            let Some(variable) = variable else {
                let problem = format!("labels for element {element}, where no variable begins");
                return Err(bytes.wrong(problem));
            };
            variable.value_labels.extend(labels.iter().cloned());
        }
        Ok(())
    }

    fn extension(&mut self, bytes: &mut Bytes<'_>) -> Result<(), SurveyError> {
        let subtype = bytes.integer()?;
        let size = bytes.length(MOST_BYTES)?;
        let count = bytes.length(MOST_BYTES)?;
        let length = size.checked_mul(count).filter(|length| *length <= MOST_BYTES);
        let length = length.ok_or_else(|| bytes.wrong(format!("{count} times {size} bytes")))?;
        let data = bytes.take(length)?;
        let long = |at: usize| data.get(at..at + 8).and_then(|v| <[u8; 8]>::try_from(v).ok());
        match subtype {
            3 => {
                let code = data.get(28..32).and_then(|code| <[u8; 4]>::try_from(code).ok());
                self.code_page = code.map(|code| bytes.integer_of(code));
            }
            4 => self.system_missing = long(0).map(|value| bytes.number_of(value)),
            13 => self.long_names = data,
            14 => self.very_long = data,
            16 => self.cases = long(8).and_then(|count| bytes.long_of(count)),
            20 => self.encoding = Some(String::from_utf8_lossy(&data).trim().to_owned()),
            21 => self.long_labels = data,
            22 => self.long_missing = data,
            _ => {}
        }
        Ok(())
    }

    /// Gives the variables their names and labels. What cannot be decoded there hinders nobody:
    /// a name that is asked for is then not found.
    fn name(&mut self, charset: &Charset) {
        let long = charset.decode_lossily(&self.long_names);
        let long: Vec<(String, &str)> = long
            .split('\t')
            .filter_map(|entry| entry.trim_end_matches('\0').split_once('='))
            .map(|(short, long)| (short.trim().to_ascii_uppercase(), long.trim()))
            .collect();
        for variable in &mut self.variables {
            let own = long.iter().find(|(short, _)| *short == variable.short);
            variable.name = match own {
                Some((_, long)) => (*long).to_owned(),
                None => charset.decode_lossily(&variable.stored_name),
            };
            variable.label = charset.decode_lossily(&variable.stored_label);
        }
    }

    /// A text of more than 255 bytes stands in several variables, which become one.
    fn join_segments(&mut self, bytes: &Bytes<'_>, charset: &Charset) -> Result<(), SurveyError> {
        let stated = charset.decode_lossily(&self.very_long);
        for entry in stated.split('\t') {
            let Some((short, width)) = entry.split_once('=') else { continue };
            let short = short.trim().to_ascii_uppercase();
            let width = width.trim_matches(['\0', ' ']).parse::<usize>();
            let width = width.ok().filter(|width| (WIDEST + 1..=MOST_BYTES).contains(width));
            let first = self.variables.iter().position(|variable| variable.short == short);
            let Some((first, width)) = first.zip(width) else {
                return Err(bytes.wrong(format!("`{entry}` is not the length of a long text")));
            };
            let segments = first..first + width.div_ceil(SEGMENT);
            let of_text = self.variables.get(segments.clone()).unwrap_or_default();
            let full = of_text.split_last().is_some_and(|(last, before)| {
                last.width > 0 && before.iter().all(|segment| segment.width == WIDEST)
            });
            if !full {
                let problem =
                    format!("the text `{short}` of {width} bytes lacks some of its parts");
                return Err(bytes.wrong(problem));
            }
            for element in &mut self.elements {
                if let Element::Start(variable) = element
                    && segments.contains(variable)
                    && *variable != first
                {
                    *element = Element::Segment;
                }
            }
            if let Some(variable) = self.variables.get_mut(first) {
                variable.width = width;
            }
        }
        Ok(())
    }

    /// Value labels and missing values of texts of more than 8 bytes.
    fn long_text_records(
        &mut self,
        bytes: &Bytes<'_>,
        charset: &Charset,
    ) -> Result<(), SurveyError> {
        let mut labels = Rest { data: &self.long_labels, bytes };
        while !labels.data.is_empty() {
            let name = charset.decode_lossily(labels.counted()?);
            labels.count()?; // the width of the variable
            let mut found = Vec::new();
            for _ in 0..labels.count()? {
                let (value, label) = (labels.counted()?.to_vec(), labels.counted()?.to_vec());
                found.push(ValueLabel { value, label });
            }
            if let Some(variable) = self.variables.iter_mut().find(|v| v.name == name) {
                variable.value_labels = found;
            }
        }
        let mut missing = Rest { data: &self.long_missing, bytes };
        while !missing.data.is_empty() {
            let name = charset.decode_lossily(missing.counted()?);
            let count = missing.take(1)?.first().copied();
            let width = missing.count()?;
            let mut values = Vec::new();
            for _ in 0..count.unwrap_or_default() {
                let value = missing.take(width)?;
                values.extend(<[u8; 8]>::try_from(value));
            }
            if let Some(variable) = self.variables.iter_mut().find(|v| v.name == name) {
                variable.missing.values = values;
            }
        }
        Ok(())
    }
}

/// What is left of a record.
struct Rest<'d> {
    data: &'d [u8],
    bytes: &'d Bytes<'d>,
}

impl<'d> Rest<'d> {
    fn take(&mut self, length: usize) -> Result<&'d [u8], SurveyError> {
        let (taken, rest) = self
            .data
            .split_at_checked(length)
            .ok_or_else(|| self.bytes.wrong("a record on long texts ends too early"))?;
        self.data = rest;
        Ok(taken)
    }

    fn count(&mut self) -> Result<usize, SurveyError> {
        let four = <[u8; 4]>::try_from(self.take(4)?).unwrap_or_default();
        let count = usize::try_from(self.bytes.integer_of(four));
        count.map_err(|_| self.bytes.wrong("a record on long texts counts less than nothing"))
    }

    fn counted(&mut self) -> Result<&'d [u8], SurveyError> {
        let length = self.count()?;
        self.take(length)
    }
}

fn short_name(stored: &[u8]) -> String {
    String::from_utf8_lossy(stored).trim_end().to_ascii_uppercase()
}
