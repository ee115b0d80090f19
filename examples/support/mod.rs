//! What the command-line examples share: arguments, instruments by name, files in and out.
#![allow(dead_code, unused_imports)] // each example uses a part of it

use std::fmt;
use std::io;

use straingauge::catalog::CatalogError;
use straingauge::score::OptionError;
use straingauge::survey::SurveyError;

mod files;
mod references;
mod survey;

pub(crate) use files::{Files, write_file};
pub(crate) use references::own_references;
pub(crate) use survey::{
    SURVEY, SURVEY_HELP, Survey, definition, instrument, min_answered, wording,
};

/// Why a command stops: what to say, and the exit code.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) code: u8,
    pub(crate) message: String,
}

impl Failure {
    /// The input is wrong: exit 1.
    pub(crate) fn input(message: impl fmt::Display) -> Self {
        Self { code: 1, message: message.to_string() }
    }

    /// The command line is wrong: exit 2.
    pub(crate) fn usage(message: impl fmt::Display) -> Self {
        Self { code: 2, message: message.to_string() }
    }

    /// Says first what it is about.
    #[must_use]
    pub(crate) fn about(self, what: &str) -> Self {
        Self { message: format!("{what}: {}", self.message), ..self }
    }
}

impl From<SurveyError> for Failure {
    fn from(error: SurveyError) -> Self {
        match &error {
            // Whoever reads our output has seen enough.
            SurveyError::Output { kind: io::ErrorKind::BrokenPipe, .. } => {
                Self { code: 0, message: String::new() }
            }
            error if error.is_usage() => Self::usage(error),
            error => Self::input(error),
        }
    }
}

impl From<OptionError> for Failure {
    fn from(error: OptionError) -> Self {
        Self::usage(error)
    }
}

impl From<CatalogError> for Failure {
    fn from(error: CatalogError) -> Self {
        match error {
            CatalogError::Load(error) => Self::input(error),
            error => Self::usage(error),
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self { code: 0, message: String::new() },
            _ => Self::input(error),
        }
    }
}

/// An option of a command: its name, and whether a value follows.
pub(crate) type Known = (&'static str, bool);

/// Options as given, in order.
#[derive(Debug)]
pub(crate) struct Given(Vec<(&'static str, String)>);

impl Given {
    /// Reads `--name value` and `--name=value`.
    pub(crate) fn parse(arguments: &[String], known: &[&[Known]]) -> Result<Self, Failure> {
        let mut given = Vec::new();
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            let (name, inline) = match argument.split_once('=') {
                Some((name, value)) if name.starts_with("--") => (name, Some(value.to_owned())),
                _ => (argument.as_str(), None),
            };
            let option = known.iter().copied().flatten().find(|(known, _)| *known == name);
            let Some((name, takes_value)) = option.copied() else {
                let names: Vec<&str> =
                    known.iter().copied().flatten().map(|known| known.0).collect();
                return Err(Failure::usage(format!(
                    "unknown argument `{argument}`; known are {}",
                    names.join(" ")
                )));
            };
            let value = match (takes_value, inline) {
                (true, Some(value)) => value,
                (true, None) => rest
                    .next()
                    .cloned()
                    .ok_or_else(|| Failure::usage(format!("{name} needs a value")))?,
                (false, None) => String::new(),
                (false, Some(_)) => return Err(Failure::usage(format!("{name} takes no value"))),
            };
            given.push((name, value));
        }
        Ok(Self(given))
    }

    /// The value of an option that may be given once.
    pub(crate) fn one<'a>(&'a self, name: &'a str) -> Result<Option<&'a str>, Failure> {
        let mut values = self.all(name);
        let first = values.next();
        match values.next() {
            Some(_) => Err(Failure::usage(format!("{name} is given twice"))),
            None => Ok(first),
        }
    }

    /// The value of an option that must be given once.
    pub(crate) fn required<'a>(&'a self, name: &'a str) -> Result<&'a str, Failure> {
        self.one(name)?.ok_or_else(|| Failure::usage(format!("{name} is missing")))
    }

    /// Every value of an option.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> + 'a {
        self.0.iter().filter(move |(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    /// Every entry of an option whose values are lists.
    pub(crate) fn list(&self, name: &str) -> Result<Vec<String>, Failure> {
        let entries = self.all(name).flat_map(names).collect::<Vec<_>>();
        if entries.iter().any(String::is_empty) {
            return Err(Failure::usage(format!("{name} has an empty entry")));
        }
        Ok(entries)
    }

    /// Whether an option is given.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(known, _)| *known == name)
    }

    /// A number of an option that may be given once.
    pub(crate) fn number<T: std::str::FromStr>(&self, name: &str) -> Result<Option<T>, Failure> {
        self.one(name)?.map(|text| number(name, text)).transpose()
    }
}

pub(crate) fn number<T: std::str::FromStr>(name: &str, text: &str) -> Result<T, Failure> {
    text.parse().map_err(|_| Failure::usage(format!("{name}: `{text}` is no number that fits")))
}

/// The entries of a list: between commas, and a name with a comma in quotation marks, as in CSV.
pub(crate) fn names(list: &str) -> Vec<String> {
    let mut entries = vec![String::new()];
    let mut rest = list.chars().peekable();
    let mut quoted = false;
    while let Some(c) = rest.next() {
        let Some(entry) = entries.last_mut() else { break };
        match c {
            '"' if quoted && rest.next_if_eq(&'"').is_some() => entry.push('"'),
            '"' if quoted || entry.trim().is_empty() => quoted = !quoted,
            ',' if !quoted => entries.push(String::new()),
            c => entry.push(c),
        }
    }
    entries.iter().map(|entry| entry.trim().to_owned()).collect()
}
