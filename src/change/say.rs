//! Changes and trends in the words of a catalogue.

use super::{Change, Note, Trend};
use crate::words::Words;

/// A number as a person reads it: at most two decimals, none that are nought.
pub(crate) fn shown(value: f64) -> String {
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

impl Note {
    /// The note in the words of a catalogue.
    pub fn in_words(self, words: &Words) -> String {
        match self {
            Self::ErrorOfTheMoment { days } => words.say(self.key(), &[("days", &days)]),
            Self::Coarse { reliability } => {
                words.say(self.key(), &[("reliability", &shown(reliability))])
            }
            _ => words.say(self.key(), &[]),
        }
    }
}

/// A sentence with the notes that belong to it.
fn with_notes(sentence: String, notes: &[Note], words: &Words) -> String {
    notes.iter().fold(sentence, |text, note| format!("{text} {}", note.in_words(words)))
}

impl Change {
    /// What happened, the margin that it is judged by, and what to bear in mind: plain words,
    /// without blame or diagnosis.
    pub fn in_words(&self, words: &Words) -> String {
        let numbers = &self.numbers;
        let key = format!("change.{}", numbers.verdict);
        let what = words.say(
            &key,
            &[
                ("scale", &words.label("scale", &self.scale)),
                ("first", &shown(numbers.first)),
                ("from", &self.from),
                ("last", &shown(numbers.last)),
                ("to", &self.to),
            ],
        );
        let margin = if numbers.standard_error.is_none() {
            "change.threshold-published"
        } else if numbers.expected == numbers.first {
            "change.threshold"
        } else {
            "change.threshold-expected"
        };
        let margin = words.say(
            margin,
            &[
                ("smallest", &shown(numbers.smallest_change)),
                ("expected", &shown(numbers.expected)),
            ],
        );
        with_notes(format!("{what} {margin}"), &self.notes, words)
    }
}

impl Trend {
    /// What the trend amounts to, and what to bear in mind, in plain words.
    pub fn in_words(&self, words: &Words) -> String {
        let robust = self.robust.map_or(0.0, |robust| robust.slope_per_30_days);
        let key = format!("trend.{}", self.verdict);
        let what = words.say(
            &key,
            &[
                ("n", &self.n),
                ("from", &self.from),
                ("to", &self.to),
                ("scale", &words.label("scale", &self.scale)),
                ("slope", &shown(self.slope_per_30_days.unwrap_or(robust))),
            ],
        );
        with_notes(what, &self.notes, words)
    }
}
