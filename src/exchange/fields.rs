//! Formulas in the field languages of REDCap and LimeSurvey.

use super::formula::{Bands, Condition, Counted, Counting, Formula};
use super::print::{Dialect, steps};
use crate::instrument::{Comparison, Exact};

/// The language that REDCap and LimeSurvey share in all but spelling: fields by name, `if`, a
/// test for numbers, no sets.
#[derive(Debug, Clone)]
pub(crate) struct FieldLanguage {
    /// How each item's answer is referred to.
    pub(crate) items: Vec<String>,
    /// How each scale's value is referred to.
    pub(crate) scales: Vec<String>,
    /// Whether each item can be answered without a number: "does not apply" or "do not know".
    pub(crate) may_be_text: Vec<bool>,
    /// Name of the test for numbers.
    pub(crate) is_number: &'static str,
    pub(crate) equal: &'static str,
    pub(crate) unequal: &'static str,
    /// `+` over an unanswered item gives nothing.
    pub(crate) plus_needs_all: bool,
}

/// The same with sums in place of complete sums.
fn summed(formula: &Formula) -> Formula {
    let of = |formula: &Formula| Box::new(summed(formula));
    match formula {
        Formula::Complete(parts) => Formula::Sum(parts.clone()),
        Formula::Add(parts) => Formula::Add(parts.iter().map(summed).collect()),
        Formula::Less(a, b) => Formula::Less(of(a), of(b)),
        Formula::Times(a, b) => Formula::Times(of(a), of(b)),
        Formula::Over(a, b) => Formula::Over(of(a), of(b)),
        Formula::Lookup { of: from, first, values } => {
            Formula::Lookup { of: of(from), first: *first, values: values.clone() }
        }
        other => other.clone(),
    }
}

/// The code of the option "does not apply".
pub(crate) const NOT_APPLICABLE: &str = "na";
/// The code of the option "do not know"; no number, so formulas take it for a gap.
pub(crate) const DO_NOT_KNOW: &str = "dk";

impl FieldLanguage {
    fn item(&self, at: usize) -> &str {
        self.items.get(at).map_or("", String::as_str)
    }

    fn is_answered(&self, at: usize) -> String {
        format!("{}({})", self.is_number, self.item(at))
    }

    /// What an answered item counts.
    fn value(&self, part: &Counted) -> String {
        let field = self.item(part.item);
        match part.counting() {
            Counting::Plain => field.to_owned(),
            Counting::From(number) => format!("({number} - {field})"),
            Counting::Listed => {
                let entries = part.values.iter().filter(|(_, value)| *value != 0);
                let each = entries.map(|(code, value)| {
                    let test = format!("{field} {} {code}", self.equal);
                    self.when(&test, &value.to_string(), "0")
                });
                let each: Vec<String> = each.collect();
                if each.is_empty() { "0".to_owned() } else { format!("({})", each.join(" + ")) }
            }
        }
    }

    /// The value of a scale: nothing, in so many words, wherever a part of it is missing. Without
    /// that these languages take a blank for nought when they multiply or divide.
    pub(crate) fn value_of(&self, formula: &Formula) -> String {
        match formula {
            Formula::When(condition, then, otherwise) => {
                let then = self.number(then);
                self.when(&self.condition(condition), &then, &self.number(otherwise))
            }
            Formula::Complete(parts) => self.complete(parts),
            Formula::Over(sum, by) if self.adds_up(sum) => {
                format!("({} / {})", self.number(sum), self.number(by))
            }
            other => {
                let mut needed = Vec::new();
                self.needed(other, &mut needed);
                let value = self.number(&summed(other));
                if needed.is_empty() {
                    return value;
                }
                self.when(&format!("({})", needed.join(" and ")), &value, self.nothing())
            }
        }
    }

    /// What must be there for a formula to have a value.
    fn needed(&self, formula: &Formula, found: &mut Vec<String>) {
        match formula {
            Formula::Complete(parts) => {
                let items: Vec<usize> = parts.iter().map(|part| part.item).collect();
                found.push(format!("{} {} {}", self.answered(&items), self.equal, items.len()));
            }
            Formula::Scale(at) => found.push(format!("{}({})", self.is_number, self.scale(*at))),
            Formula::Lookup { of, .. } => self.needed(of, found),
            Formula::Add(parts) => parts.iter().for_each(|part| self.needed(part, found)),
            Formula::Less(a, b) | Formula::Times(a, b) | Formula::Over(a, b) => {
                self.needed(a, found);
                self.needed(b, found);
            }
            _ => {}
        }
    }

    /// Whether plain `+` says by itself that an item is missing.
    fn adds_up(&self, formula: &Formula) -> bool {
        let Formula::Complete(parts) = formula else { return false };
        self.plus_needs_all
            && parts.iter().all(|part| {
                let is_number = self.may_be_text.get(part.item) != Some(&true);
                is_number && part.counting() != Counting::Listed
            })
    }

    fn total(parts: impl Iterator<Item = String>) -> String {
        let parts: Vec<String> = parts.collect();
        match parts.as_slice() {
            [] => "0".to_owned(),
            [one] => one.clone(),
            _ => format!("({})", parts.join(" + ")),
        }
    }
}

impl Dialect for FieldLanguage {
    fn complete(&self, parts: &[Counted]) -> String {
        if self.adds_up(&Formula::Complete(parts.to_vec())) {
            return Self::total(parts.iter().map(|part| self.value(part)));
        }
        let items: Vec<usize> = parts.iter().map(|part| part.item).collect();
        let all = format!("{} {} {}", self.answered(&items), self.equal, items.len());
        self.when(&all, &self.sum(parts), self.nothing())
    }

    fn sum(&self, parts: &[Counted]) -> String {
        Self::total(
            parts
                .iter()
                .map(|part| self.when(&self.is_answered(part.item), &self.value(part), "0")),
        )
    }

    fn answered(&self, items: &[usize]) -> String {
        Self::total(items.iter().map(|item| self.when(&self.is_answered(*item), "1", "0")))
    }

    fn not_applicable(&self, items: &[usize]) -> String {
        Self::total(items.iter().map(|item| {
            let test = format!("{} {} '{NOT_APPLICABLE}'", self.item(*item), self.equal);
            self.when(&test, "1", "0")
        }))
    }

    fn scale(&self, at: usize) -> String {
        self.scales.get(at).cloned().unwrap_or_default()
    }

    fn code(&self, item: usize, op: Comparison, number: i64) -> String {
        let (answered, field, sign) = (self.is_answered(item), self.item(item), self.sign(op));
        format!("({answered} and {field} {sign} {number})")
    }

    fn lookup(&self, of: &str, entries: &[(i64, Exact)]) -> String {
        let each = entries.iter().map(|(at, value)| {
            self.when(&format!("{of} {} {at}", self.equal), &value.to_string(), "0")
        });
        Self::total(each)
    }

    fn band(&self, bands: &Bands) -> String {
        let value = self.scale(bands.scale);
        let words = steps(self, &value, bands);
        let words = match &bands.unless {
            Condition::Never => words,
            unless => self.when(&self.condition(unless), self.nothing(), &words),
        };
        self.when(&format!("{}({value})", self.is_number), &words, self.nothing())
    }

    fn when(&self, condition: &str, then: &str, otherwise: &str) -> String {
        format!("if({condition}, {then}, {otherwise})")
    }

    fn nothing(&self) -> &'static str {
        "''"
    }

    fn sign(&self, op: Comparison) -> &'static str {
        match op {
            Comparison::Equal => self.equal,
            Comparison::NotEqual => self.unequal,
            other => other.sign(),
        }
    }

    fn not(&self, condition: &str) -> String {
        format!("(if({condition}, 0, 1) {} 1)", self.equal)
    }
}
