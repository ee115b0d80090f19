//! One scale's scoring rule, compiled, and the hash by which two scores may be compared.

use std::fmt::Write as _;

use crate::answers::{Answer, MissingKind};
use crate::instrument::{Exact, Instrument, Item, Key, NotApplicableRule, Scale, Term, hex_sha256};

/// An item's part in a scale, compiled: a table from its codes to what they count.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct CompiledTerm {
    pub(super) item: usize,
    /// Value of each code from 0 up; `NO_CODE` where the item does not offer it.
    values: Vec<i16>,
    pub(super) low: i32,
    pub(super) high: i32,
}

const NO_CODE: i16 = i16::MIN;

impl CompiledTerm {
    fn new(term: &Term, item: &Item) -> Self {
        let options = item.responses().options();
        let (_, highest) = item.responses().range();
        let mut values = vec![NO_CODE; usize::from(highest) + 1];
        for (option, value) in options.iter().zip(term.values()) {
            if let Some(slot) = values.get_mut(usize::from(option.code())) {
                // The loader keeps values within ten thousand.
                *slot = i16::try_from(*value).unwrap_or(NO_CODE);
            }
        }
        let (low, high) = term.range();
        Self { item: term.item(), values, low, high }
    }

    /// What an answer counts; `None` where there is no code.
    #[inline]
    pub(super) fn value(&self, byte: u8) -> Option<i32> {
        let value = *self.values.get(usize::from(byte))?;
        if value == NO_CODE { None } else { Some(i32::from(value)) }
    }
}

/// What a rule does with its items or scales.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Verb {
    Sum,
    Mean,
    Ratio { numerator: usize, denominator: usize, counts: (bool, bool) },
    Times { from: usize, factor: Exact },
    Table { from: usize, first: i64, values: Vec<Exact> },
}

/// One scale's rule.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Rule {
    pub(super) verb: Verb,
    /// In form order.
    pub(super) terms: Vec<CompiledTerm>,
    pub(super) needs: u16,
    pub(super) drops: bool,
    pub(super) hash: String,
}

impl Rule {
    pub(super) fn items(&self) -> u16 {
        u16::try_from(self.terms.len()).unwrap_or(u16::MAX)
    }
}

/// Compiles every scale of an instrument, under the caller's missing rule if there is one.
pub(super) fn compile(instrument: &Instrument, min_answered: Option<u16>) -> Vec<Rule> {
    let texts: Vec<String> =
        instrument.scales().iter().map(|scale| own_text(instrument, scale, min_answered)).collect();
    let text_of = |at: usize| texts.get(at).map_or("", String::as_str);
    let scales = instrument.scales().iter().zip(&texts);
    scales
        .map(|(scale, own)| {
            let mut whole = own.clone();
            for source in scale.key().sources() {
                whole.push_str(text_of(source));
            }
            let is_sum = |at: usize| {
                instrument.scales().get(at).is_some_and(|s| matches!(s.key(), Key::Sum(_)))
            };
            let verb = match scale.key() {
                Key::Sum(_) => Verb::Sum,
                Key::Mean(_) => Verb::Mean,
                Key::Ratio { numerator, denominator } => Verb::Ratio {
                    numerator: *numerator,
                    denominator: *denominator,
                    counts: (is_sum(*numerator), is_sum(*denominator)),
                },
                Key::Times { from, factor } => Verb::Times { from: *from, factor: *factor },
                Key::Table { from, first, values, .. } => {
                    Verb::Table { from: *from, first: *first, values: values.clone() }
                }
            };
            let mut terms: Vec<CompiledTerm> = scale
                .key()
                .terms()
                .iter()
                .filter_map(|term| {
                    instrument.items().get(term.item()).map(|item| CompiledTerm::new(term, item))
                })
                .collect();
            terms.sort_by_key(|term| term.item);
            Rule {
                verb,
                terms,
                needs: needs(scale, min_answered),
                drops: scale.not_applicable() == NotApplicableRule::Drop,
                hash: hex_sha256(whole.as_bytes()),
            }
        })
        .collect()
}

fn needs(scale: &Scale, min_answered: Option<u16>) -> u16 {
    let items = u16::try_from(scale.key().terms().len()).unwrap_or(u16::MAX);
    // Where items count over different ranges, filling in could leave the range of the scale.
    let asked = min_answered.filter(|_| scale.key().terms_are_alike());
    asked.map_or(u16::try_from(scale.needs()).unwrap_or(items), |asked| asked.min(items))
}

/// The rule as text: everything that decides a score, and nothing else. Its form never changes.
fn own_text(instrument: &Instrument, scale: &Scale, min_answered: Option<u16>) -> String {
    let mut text = String::from("straingauge rule 1\n");
    // Writing to a string does not fail.
    let mut line = |args: std::fmt::Arguments<'_>| {
        let _ = writeln!(text, "{args}");
    };
    match scale.key() {
        Key::Sum(_) => line(format_args!("sum")),
        Key::Mean(_) => line(format_args!("mean")),
        Key::Ratio { .. } => line(format_args!("ratio")),
        Key::Times { factor, .. } => line(format_args!("times {factor:?}")),
        Key::Table { first, values, .. } => {
            let values: Vec<String> = values.iter().map(|value| format!("{value:?}")).collect();
            line(format_args!("table {first} {}", values.join(" ")));
        }
    }
    let mut terms: Vec<&Term> = scale.key().terms().iter().collect();
    if !terms.is_empty() {
        line(format_args!("needs {}", needs(scale, min_answered)));
        line(format_args!("not-applicable {}", scale.not_applicable()));
    }
    terms.sort_by_key(|term| term.item());
    for term in terms {
        let Some(item) = instrument.items().get(term.item()) else { continue };
        let codes = item.responses().options().iter().zip(term.values());
        let mut codes: Vec<(u8, i32)> = codes.map(|(option, v)| (option.code(), *v)).collect();
        codes.sort_unstable();
        let codes: Vec<String> = codes.iter().map(|(code, v)| format!("{code}={v}")).collect();
        line(format_args!("item {} {}", item.id(), codes.join(" ")));
        if let Some(implied) = item.implied() {
            let gate = instrument.items().get(implied.gate()).map_or("", Item::id);
            let (sign, number, code) = (implied.op().sign(), implied.number(), implied.code());
            line(format_args!("implied {} {gate} {sign} {number} {code}", item.id()));
        }
    }
    text
}

/// The answer that holds for an item: its own, or the one that its gate implies. What a file garbled
/// is not made up for.
pub(super) fn effective(item: &Item, own: u8, byte: impl Fn(usize) -> u8) -> u8 {
    let (Some(implied), Answer::Missing(kind)) = (item.implied(), Answer::from_byte(own)) else {
        return own;
    };
    if kind == MissingKind::Unreadable {
        return own;
    }
    match Answer::from_byte(byte(implied.gate())) {
        Answer::Code(gate) if implied.op().holds(i64::from(gate), implied.number()) => {
            implied.code()
        }
        _ => own,
    }
}
