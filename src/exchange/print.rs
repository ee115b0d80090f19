//! Formulas as text. What the targets share is here; a [`Dialect`] says the rest.

use super::formula::{Bands, Condition, Counted, Formula, Verdict};
use crate::instrument::{Comparison, Exact};

/// How one target writes the pieces.
pub(crate) trait Dialect {
    /// Sum over all items, nothing unless every one is answered.
    fn complete(&self, parts: &[Counted]) -> String;
    /// Sum over the answered items.
    fn sum(&self, parts: &[Counted]) -> String;
    /// How many items are answered.
    fn answered(&self, items: &[usize]) -> String;
    /// How many items do not apply.
    fn not_applicable(&self, items: &[usize]) -> String;
    /// How many items were not asked; a target that keeps no reasons knows of none.
    fn not_asked(&self, _items: &[usize]) -> String {
        "0".to_owned()
    }
    /// How many items have an answer that could not be read; a target that keeps no reasons knows of
    /// none.
    fn unreadable(&self, _items: &[usize]) -> String {
        "0".to_owned()
    }
    /// A scale that the target holds too.
    fn scale(&self, at: usize) -> String;
    /// Whether an item is answered with a code that compares so.
    fn code(&self, item: usize, op: Comparison, number: i64) -> String;
    /// A table entry.
    fn lookup(&self, of: &str, entries: &[(i64, Exact)]) -> String;
    /// The word of the band in which a scale lies.
    fn band(&self, bands: &Bands) -> String;
    /// One of two.
    fn when(&self, condition: &str, then: &str, otherwise: &str) -> String;
    /// No value.
    fn nothing(&self) -> &'static str;
    /// A comparison's sign.
    fn sign(&self, op: Comparison) -> &'static str;
    /// The contrary.
    fn not(&self, condition: &str) -> String;

    /// A formula as text; safe as an operand.
    fn number(&self, formula: &Formula) -> String {
        let of = |formula: &Formula| self.number(formula);
        match formula {
            Formula::Number(number) => number.to_string(),
            Formula::Complete(parts) => self.complete(parts),
            Formula::Sum(parts) => self.sum(parts),
            Formula::Answered(items) => self.answered(items),
            Formula::NotApplicable(items) => self.not_applicable(items),
            Formula::NotAsked(items) => self.not_asked(items),
            Formula::Unreadable(items) => self.unreadable(items),
            Formula::Scale(at) => self.scale(*at),
            Formula::Add(parts) => {
                format!("({})", parts.iter().map(of).collect::<Vec<_>>().join(" + "))
            }
            Formula::Less(a, b) => format!("({} - {})", of(a), of(b)),
            Formula::Times(a, b) => format!("({} * {})", of(a), of(b)),
            Formula::Over(a, b) => format!("({} / {})", of(a), of(b)),
            Formula::Lookup { of: from, first, values } => {
                let entries: Vec<(i64, Exact)> = (*first..).zip(values.iter().copied()).collect();
                self.lookup(&of(from), &entries)
            }
            Formula::When(condition, then, otherwise) => {
                self.when(&self.condition(condition), &of(then), &of(otherwise))
            }
            Formula::Nothing => self.nothing().to_owned(),
        }
    }

    /// A condition as text; safe as an operand.
    fn condition(&self, condition: &Condition) -> String {
        let join = |parts: &[Condition], word: &str| {
            let parts: Vec<String> = parts.iter().map(|part| self.condition(part)).collect();
            format!("({})", parts.join(word))
        };
        match condition {
            Condition::Always => format!("(1 {} 1)", self.sign(Comparison::Equal)),
            Condition::Never => format!("(1 {} 0)", self.sign(Comparison::Equal)),
            Condition::Compare(of, op, number) => {
                format!("({} {} {number})", self.number(of), self.sign(*op))
            }
            Condition::Code { item, op, number } => self.code(*item, *op, *number),
            Condition::Not(inner) => self.not(&self.condition(inner)),
            Condition::All(parts) => join(parts, " and "),
            Condition::Any(parts) => join(parts, " or "),
        }
    }

    /// The words `met`, `not-met`, `undetermined`.
    fn verdict(&self, verdict: &Verdict) -> String {
        let open = match &verdict.possible {
            Condition::Always => "'undetermined'".to_owned(),
            possible => self.when(&self.condition(possible), "'undetermined'", "'not-met'"),
        };
        self.when(&self.condition(&verdict.met), "'met'", &open)
    }
}

/// A word for each edge, the highest edge first; `value` is compared with each.
pub(crate) fn steps(dialect: &impl Dialect, value: &str, bands: &Bands) -> String {
    let mut steps = bands.steps.iter();
    let lowest = steps.next().map_or(String::new(), |(_, label)| format!("'{label}'"));
    let sign = dialect.sign(Comparison::AtLeast);
    steps.fold(lowest, |below, (edge, label)| {
        dialect.when(&format!("{value} {sign} {edge}"), &format!("'{label}'"), &below)
    })
}
