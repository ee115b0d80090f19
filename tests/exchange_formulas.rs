//! The formulas written for REDCap and LimeSurvey, run by a small interpreter of their language,
//! give what the crate gives: score, band, criterion, or a blank.
//!
//! The interpreter follows the two tools' documentation where they differ: REDCap's `+` over a
//! blank gives a blank; LimeSurvey's takes the blank for nought, which is what the formulas have
//! to guard against.
#![cfg(all(feature = "fhir", feature = "redcap", feature = "limesurvey"))]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::pedantic,
    missing_docs
)]

use std::collections::BTreeMap;

use straingauge::answers::{Answer, MissingKind, Sheet};
use straingauge::exchange::{ExportOptions, fhir, limesurvey, redcap};
use straingauge::score::{Outcome, ScoreOptions};
use straingauge::{Instrument, Scorer};

#[derive(Debug, Clone, PartialEq)]
enum Value {
    Number(f64),
    Text(String),
}

impl Value {
    fn number(&self) -> Option<f64> {
        match self {
            Value::Number(number) => Some(*number),
            Value::Text(text) => text.parse().ok(),
        }
    }
    fn truth(&self) -> bool {
        self.number().is_some_and(|number| number != 0.0)
    }
    fn of(truth: bool) -> Value {
        Value::Number(f64::from(u8::from(truth)))
    }
}

struct Tool<'a> {
    text: &'a str,
    at: usize,
    fields: &'a BTreeMap<String, String>,
    blank_is_nought: bool,
}

impl<'a> Tool<'a> {
    fn run(text: &'a str, fields: &'a BTreeMap<String, String>, blank_is_nought: bool) -> Value {
        let mut tool = Tool { text, at: 0, fields, blank_is_nought };
        let value = tool.or();
        tool.space();
        assert_eq!(tool.at, text.len(), "rest of {text}: {}", &text[tool.at..]);
        value
    }
    fn space(&mut self) {
        while self.text[self.at..].starts_with(' ') {
            self.at += 1;
        }
    }
    fn take(&mut self, token: &str) -> bool {
        self.space();
        let found = self.text[self.at..].starts_with(token);
        if found {
            self.at += token.len();
        }
        found
    }
    fn word(&mut self, word: &str) -> bool {
        self.space();
        let rest = &self.text[self.at..];
        let whole = rest.starts_with(word)
            && !rest[word.len()..].starts_with(|c: char| c.is_ascii_alphanumeric());
        if whole {
            self.at += word.len();
        }
        whole
    }
    fn or(&mut self) -> Value {
        let mut left = self.and();
        while self.word("or") {
            let right = self.and();
            left = Value::of(left.truth() || right.truth());
        }
        left
    }
    fn and(&mut self) -> Value {
        let mut left = self.comparison();
        while self.word("and") {
            let right = self.comparison();
            left = Value::of(left.truth() && right.truth());
        }
        left
    }
    fn comparison(&mut self) -> Value {
        let left = self.sum();
        for sign in ["<=", ">=", "<>", "!=", "==", "=", "<", ">"] {
            if self.take(sign) {
                let right = self.sum();
                let equal = match (left.number(), right.number()) {
                    (Some(a), Some(b)) => a == b,
                    _ => left == right,
                };
                // A blank is below every number, as a careless tool has it.
                let (a, b) = (left.number().unwrap_or(0.0), right.number().unwrap_or(0.0));
                return Value::of(match sign {
                    "=" | "==" => equal,
                    "<>" | "!=" => !equal,
                    "<" => a < b,
                    "<=" => a <= b,
                    ">" => a > b,
                    _ => a >= b,
                });
            }
        }
        left
    }
    fn arithmetic(&self, left: Value, right: Value, with: fn(f64, f64) -> f64) -> Value {
        match (left.number(), right.number()) {
            (Some(a), Some(b)) => Value::Number(with(a, b)),
            (a, b) if self.blank_is_nought => {
                Value::Number(with(a.unwrap_or(0.0), b.unwrap_or(0.0)))
            }
            _ => Value::Text(String::new()),
        }
    }
    fn sum(&mut self) -> Value {
        let mut left = self.product();
        loop {
            if self.take("+") {
                let right = self.product();
                left = self.arithmetic(left, right, |a, b| a + b);
            } else if self.take("-") {
                let right = self.product();
                left = self.arithmetic(left, right, |a, b| a - b);
            } else {
                return left;
            }
        }
    }
    fn product(&mut self) -> Value {
        let mut left = self.factor();
        loop {
            if self.take("*") {
                let right = self.factor();
                left = self.arithmetic(left, right, |a, b| a * b);
            } else if self.take("/") {
                let right = self.factor();
                left = self.arithmetic(left, right, |a, b| a / b);
            } else {
                return left;
            }
        }
    }
    fn factor(&mut self) -> Value {
        if self.take("(") {
            let inside = self.or();
            assert!(self.take(")"), "{}", self.text);
            return inside;
        }
        if self.take("'") {
            let end = self.text[self.at..].find('\'').unwrap();
            let text = self.text[self.at..self.at + end].to_owned();
            self.at += end + 1;
            return Value::Text(text);
        }
        if self.word("if") {
            assert!(self.take("("));
            let test = self.or();
            assert!(self.take(","));
            let then = self.or();
            assert!(self.take(","));
            let otherwise = self.or();
            assert!(self.take(")"), "{}", &self.text[self.at..]);
            return if test.truth() { then } else { otherwise };
        }
        for name in ["isnumber(", "is_numeric("] {
            if self.take(name) {
                let inside = self.or();
                assert!(self.take(")"));
                return Value::of(inside.number().is_some());
            }
        }
        if self.take("[") {
            let end = self.text[self.at..].find(']').unwrap();
            let name = &self.text[self.at..self.at + end];
            self.at += end + 1;
            return self.field(name);
        }
        self.space();
        let rest = &self.text[self.at..];
        let length = rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '.' || c == '-'))
            .unwrap_or(rest.len());
        let token = &rest[..length];
        self.at += length;
        if let Ok(number) = token.parse() {
            return Value::Number(number);
        }
        let name = token.strip_suffix(".NAOK").unwrap_or_else(|| panic!("{token} in {rest}"));
        self.field(name)
    }
    fn field(&self, name: &str) -> Value {
        Value::Text(self.fields.get(name).unwrap_or_else(|| panic!("no field {name}")).clone())
    }
}

/// What the tools would store for an answer.
fn stored(answer: Answer) -> String {
    match answer {
        Answer::Code(code) => code.to_string(),
        Answer::Missing(MissingKind::NotApplicable) => "na".to_owned(),
        Answer::Missing(_) => String::new(),
    }
}

struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }
}

fn random_sheet(instrument: &Instrument, dice: &mut Dice) -> Sheet {
    let missing = [0, 8, 40][dice.roll(3)];
    let mut sheet = instrument.sheet();
    for item in instrument.items() {
        let options = item.responses().options();
        sheet = if dice.roll(100) < missing {
            let kind = if item.responses().not_applicable().is_some() && dice.roll(2) == 0 {
                MissingKind::NotApplicable
            } else {
                MissingKind::Skipped
            };
            sheet.missing(item.id(), kind).unwrap()
        } else {
            sheet.answer(item.id(), i64::from(options[dice.roll(options.len())].code())).unwrap()
        };
    }
    sheet.finish()
}

/// A tool's project: names and formulas.
struct Project {
    items: Vec<String>,
    /// Crate id, name, formula, in the order of evaluation.
    computed: Vec<(String, String, String)>,
    blank_is_nought: bool,
}

fn redcap_project(scorer: &Scorer) -> Project {
    let instrument = scorer.instrument();
    let dictionary = redcap::data_dictionary(scorer, &ExportOptions::new()).document;
    let form = instrument.id().replace('-', "_");
    let name = |id: &str| format!("{form}_{}", id.replace(['-', '.'], "_"));
    let items = instrument.items().iter().map(|item| name(item.id())).collect();
    let names: Vec<&str> = dictionary.names().collect();
    let computed = ids(scorer).into_iter().map(|id| {
        assert!(names.contains(&name(&id).as_str()), "{id} in {names:?}");
        let formula = dictionary.calculation(&name(&id)).unwrap().to_owned();
        (id.clone(), name(&id), formula)
    });
    Project { items, computed: computed.collect(), blank_is_nought: false }
}

fn limesurvey_project(scorer: &Scorer) -> Project {
    let instrument = scorer.instrument();
    let out = limesurvey::survey_structure(scorer, &ExportOptions::new());
    let renamed: BTreeMap<String, String> = out
        .unexpressed
        .iter()
        .filter_map(|lost| match &lost.reason {
            straingauge::exchange::Reason::Renamed(name) => {
                Some((lost.subject.clone(), name.clone()))
            }
            _ => None,
        })
        .collect();
    let items = instrument.items().iter().map(|item| renamed[item.id()].clone()).collect();
    let clean = |id: &str| id.chars().filter(char::is_ascii_alphanumeric).collect::<String>();
    let computed = ids(scorer).into_iter().map(|id| {
        let name = format!("{}{}", clean(instrument.id()), clean(&id));
        let formula = out.document.equation(&name).unwrap_or_else(|| panic!("{name}")).to_owned();
        (id, name, formula)
    });
    Project { items, computed: computed.collect(), blank_is_nought: true }
}

/// Scales, their sources first, bands, criteria.
fn ids(scorer: &Scorer) -> Vec<String> {
    let instrument = scorer.instrument();
    let mut scales: Vec<(usize, String)> = Vec::new();
    for scale in scorer.scales() {
        let sources = scale.key().sources();
        for at in &sources {
            scales.push((0, instrument.scales()[*at].id().to_owned()));
        }
        scales.push((usize::from(!sources.is_empty()), scale.id().to_owned()));
    }
    scales.sort();
    scales.dedup_by(|a, b| a.1 == b.1);
    let mut all: Vec<String> = scales.into_iter().map(|(_, id)| id).collect();
    all.extend(
        scorer
            .scales()
            .filter(|s| scorer.band_set(s.id()).is_some())
            .map(|s| format!("{}.band", s.id())),
    );
    all.extend(scorer.criteria().map(|criterion| criterion.id().to_owned()));
    all
}

fn agrees(scorer: &Scorer, project: &Project, rounds: usize) -> usize {
    let instrument = scorer.instrument();
    let mut dice = Dice(11);
    let mut compared = 0;
    for _ in 0..rounds {
        let sheet = random_sheet(instrument, &mut dice);
        let scores = scorer.score(&sheet).unwrap();
        let answers = sheet.answers().map(|(_, answer)| stored(answer));
        let mut fields: BTreeMap<String, String> =
            project.items.iter().cloned().zip(answers).collect();
        for (id, name, formula) in &project.computed {
            let value = Tool::run(formula, &fields, project.blank_is_nought);
            let text = match &value {
                Value::Number(number) => number.to_string(),
                Value::Text(text) => text.clone(),
            };
            fields.insert(name.clone(), text.clone());
            let what = format!("{}: {id} = {formula}\n{:?}", instrument.id(), sheet.as_bytes());
            if let Some(criterion) = scores.criterion(id) {
                let open = Outcome::Undetermined.as_str();
                assert!(text == criterion.outcome().as_str() || text == open, "{what}");
            } else if let Some(scale) = id.strip_suffix(".band").and_then(|id| scores.get(id)) {
                let expected = scale.band().map_or("", |band| band.label());
                assert_eq!(text, expected, "{what}");
            } else if let Some(scale) = scores.get(id) {
                match scale.value() {
                    Ok(score) => {
                        let (found, expected) = (value.number().unwrap(), score.to_f64());
                        // The tools store a fraction rounded; a score made from it is rounded twice.
                        let twice = !scale.scale().key().sources().is_empty();
                        let room = if twice { 4.0 * f64::EPSILON * expected.abs() } else { 0.0 };
                        assert!((found - expected).abs() <= room, "{found} {expected} {what}");
                    }
                    Err(_) => assert_eq!(text, "", "{what}"),
                }
            }
            compared += 1;
        }
    }
    compared
}

fn every_scorer() -> Vec<Scorer> {
    let worked = include_str!("../examples/definitions/worked-example.toml");
    let ghq = include_str!("data/definitions/ghq-12-three-keys.toml");
    let mut scorers: Vec<Scorer> = straingauge::catalog::all().map(|i| i.scorer()).collect();
    for text in [worked, ghq] {
        scorers.push(Instrument::parse(text).unwrap().scorer());
    }
    let cbi = straingauge::catalog::get("cbi").unwrap();
    scorers.push(cbi.scorer_with(&ScoreOptions::new().min_answered(2)).unwrap());
    let stss = straingauge::catalog::get("stss").unwrap();
    scorers.push(stss.scorer_with(&ScoreOptions::new().variant("four-cluster")).unwrap());
    scorers
}

#[test]
fn redcap_formulas_give_the_scores() {
    for scorer in every_scorer() {
        assert!(agrees(&scorer, &redcap_project(&scorer), 120) > 0);
    }
}

#[test]
fn limesurvey_formulas_give_the_scores_though_a_blank_is_nought_there() {
    for scorer in every_scorer() {
        assert!(agrees(&scorer, &limesurvey_project(&scorer), 120) > 0);
    }
}

#[test]
fn a_dictionary_has_eighteen_columns_and_lawful_names() {
    for scorer in every_scorer() {
        let out = redcap::data_dictionary(&scorer, &ExportOptions::new());
        let text = out.document.to_csv();
        let mut reader = csv::ReaderBuilder::new().from_reader(text.as_bytes());
        assert_eq!(reader.headers().unwrap().len(), 18);
        let mut seen = std::collections::BTreeSet::new();
        for (at, row) in reader.records().enumerate() {
            let row = row.unwrap();
            let name = row[0].to_owned();
            assert!(name.starts_with(|c: char| c.is_ascii_lowercase()), "{name}");
            assert!(
                name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
            );
            assert!(!name.contains("__"), "{name}");
            assert_eq!(at == 0, name == "record_id");
            assert!(["text", "radio", "calc", "descriptive"].contains(&&row[3]), "{row:?}");
            if &row[3] == "radio" {
                for choice in row[5].split(" | ") {
                    let (code, label) = choice.split_once(", ").unwrap();
                    assert!(["na", "dk"].contains(&code) || code.parse::<u8>().is_ok());
                    assert!(!label.is_empty());
                }
            }
            assert!(seen.insert(name), "{row:?}");
        }
        for item in scorer.instrument().items() {
            let name = format!("{}_{}", scorer.instrument().id(), item.id()).replace('-', "_");
            assert!(seen.contains(&name), "{name}");
        }
    }
}

#[test]
fn a_structure_has_its_columns_and_lawful_names() {
    for scorer in every_scorer() {
        let out = limesurvey::survey_structure(&scorer, &ExportOptions::new());
        let text = out.document.to_tsv();
        let text = text.strip_prefix('\u{feff}').unwrap();
        let mut reader = csv::ReaderBuilder::new().delimiter(b'\t').from_reader(text.as_bytes());
        let columns = reader.headers().unwrap().clone();
        let column = |name: &str| columns.iter().position(|known| known == name).unwrap();
        let (class, kind, name) = (column("class"), column("type/scale"), column("name"));
        let mut questions = std::collections::BTreeSet::new();
        let (mut asked, mut options) = (0, 0);
        for row in reader.records() {
            let row = row.unwrap();
            match &row[class] {
                "Q" => {
                    let code = row[name].to_owned();
                    assert!(code.starts_with(|c: char| c.is_ascii_alphabetic()), "{code}");
                    assert!(code.bytes().all(|b| b.is_ascii_alphanumeric()), "{code}");
                    assert!(questions.insert(code), "{row:?}");
                    asked += usize::from(matches!(&row[kind], "L" | "N"));
                }
                "SQ" => asked += 1,
                "A" => options += 1,
                "S" | "SL" | "G" => {}
                other => panic!("{other}"),
            }
        }
        assert_eq!(asked, scorer.instrument().items().len());
        assert!(
            options > 0 || scorer.instrument().items().iter().all(|i| i.responses().is_range())
        );
    }
}

/// Every text of a pack, read from its file, stands in each target that is asked of people.
#[test]
fn no_word_of_a_pack_is_dropped() {
    use straingauge::form::{Form, WordingPack};
    for id in ["pulse", "practice-environment"] {
        let path = format!("{}/instruments/{id}/wording/en.toml", env!("CARGO_MANIFEST_DIR"));
        let file = std::fs::read_to_string(path).unwrap();
        let pack = WordingPack::parse(&file).unwrap();
        let filled = |text: &str| {
            let slots = file.split("[slots]").nth(1).unwrap().lines();
            let slots = slots.filter_map(|line| line.split_once('='));
            slots.fold(text.to_owned(), |text, (slot, word)| {
                text.replace(&format!("{{{}}}", slot.trim()), word.trim().trim_matches('"'))
            })
        };
        let texts: Vec<String> = file
            .lines()
            .skip_while(|line| !line.starts_with("credit"))
            .take_while(|line| !line.starts_with("[slots]"))
            .filter(|line| !line.starts_with("review"))
            .filter_map(|line| {
                Some(filled(line.split_once('=')?.1.trim().trim_matches(['[', ']', '"'])))
            })
            .collect();
        assert!(texts.len() > 10);
        let instrument = straingauge::catalog::get(id).unwrap();
        let form = Form::new(&instrument, &pack).unwrap();
        let options = ExportOptions::new().form(form);
        let scorer = instrument.scorer();
        let redcap = redcap::data_dictionary(&scorer, &options).document.to_csv();
        // Words that close a form are shown, not asked.
        let mut reader = csv::Reader::from_reader(redcap.as_bytes());
        let fields: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        let closing = fields.iter().find(|field| field.iter().any(|text| text == texts[2]));
        assert_eq!(&closing.unwrap()[3], "descriptive");
        let limesurvey = limesurvey::survey_structure(&scorer, &options).document.to_tsv();
        let fhir = fhir::questionnaire(&scorer, &options).document.to_json();
        for (target, document) in [("REDCap", redcap), ("LimeSurvey", limesurvey), ("FHIR", fhir)] {
            for text in &texts {
                assert!(document.contains(text.as_str()), "{target} {id}: {text}");
            }
        }
    }
}
