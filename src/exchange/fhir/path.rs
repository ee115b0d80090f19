//! FHIRPath: formulas over a QuestionnaireResponse of our own Questionnaire.
//!
//! Items are looked up in whatever groups of the response they stand.
//!
//! Plain FHIRPath only: options carry their code, so no supplement (`weight()`, `ordinal()`) and no
//! terminology server is needed to run them.

use super::{ABSENT_EXTENSION, DO_NOT_KNOW, NOT_APPLICABLE, absent_codes, is_coded};
use crate::answers::MissingKind;
use crate::exchange::formula::{Bands, Condition, Counted, Counting, Formulas};
use crate::exchange::print::{Dialect, steps};
use crate::instrument::{Comparison, Exact, Instrument, Item, ResponseSet};

pub(super) struct FhirPath<'a> {
    pub(super) instrument: &'a Instrument,
    pub(super) formulas: Formulas<'a>,
}

impl FhirPath<'_> {
    fn item(&self, at: usize) -> Option<&Item> {
        self.instrument.items().get(at)
    }

    fn is_integer(&self, at: usize) -> bool {
        self.item(at).is_some_and(|item| !is_coded(item))
    }

    fn may_not_apply(&self, at: usize) -> bool {
        self.item(at).is_some_and(|item| item.responses().not_applicable().is_some())
    }

    /// Whether an item of the response is one of some items.
    fn is_one_of(&self, items: &[usize]) -> String {
        let ids: Vec<String> =
            items.iter().filter_map(|at| Some(format!("'{}'", self.item(*at)?.id()))).collect();
        match ids.as_slice() {
            [one] => format!("linkId = {one}"),
            _ => format!("linkId in ({})", ids.join(" | ")),
        }
    }

    /// The answers to some items, in whatever groups they stand.
    fn answers(&self, items: &[usize]) -> String {
        format!("%resource.repeat(item).where({}).answer.value", self.is_one_of(items))
    }

    /// How many of some items lack an answer for a reason of this kind.
    fn absent(&self, items: &[usize], kind: MissingKind) -> String {
        let codes: Vec<String> =
            absent_codes(kind).iter().map(|code| format!("'{code}'")).collect();
        let test = match codes.as_slice() {
            [one] => format!("value = {one}"),
            _ => format!("value in ({})", codes.join(" | ")),
        };
        format!(
            "%resource.repeat(item).where({} and answer.empty()).extension.where(url = '{ABSENT_EXTENSION}' and {test}).count()",
            self.is_one_of(items)
        )
    }

    /// A value of its own for each code.
    fn listed(test: &str, part: &Counted, quote: &str) -> String {
        let mut values: Vec<i32> = part.values.iter().map(|(_, value)| *value).collect();
        values.sort_unstable();
        values.dedup();
        values.iter().rev().fold("{}".to_owned(), |rest, value| {
            let codes = part.values.iter().filter(|(_, known)| known == value);
            let codes: Vec<String> =
                codes.map(|(code, _)| format!("{quote}{code}{quote}")).collect();
            format!("iif({test} in ({}), {value}, {rest})", codes.join(" | "))
        })
    }

    /// The collection of what the answered ones among these items count; all are counted alike.
    fn counted(&self, parts: &[&Counted]) -> String {
        let items: Vec<usize> = parts.iter().map(|part| part.item).collect();
        let answers = self.answers(&items);
        let Some(first) = parts.first() else { return "{}".to_owned() };
        match (self.is_integer(first.item), first.counting()) {
            (true, Counting::Plain) => answers,
            (true, Counting::From(number)) => format!("{answers}.select({number} - $this)"),
            (true, Counting::Listed) => {
                format!("{answers}.select({})", Self::listed("$this", first, ""))
            }
            (false, Counting::Plain) => format!("{answers}.select(code.toInteger())"),
            (false, Counting::From(number)) => {
                format!("{answers}.select({number} - code.toInteger())")
            }
            (false, Counting::Listed) => {
                format!("{answers}.select({})", Self::listed("code", first, "'"))
            }
        }
    }
}

impl Dialect for FhirPath<'_> {
    fn complete(&self, parts: &[Counted]) -> String {
        let items: Vec<usize> = parts.iter().map(|part| part.item).collect();
        let all = format!("{} = {}", self.answered(&items), items.len());
        self.when(&all, &self.sum(parts), self.nothing())
    }

    fn sum(&self, parts: &[Counted]) -> String {
        let mut groups: Vec<Vec<&Counted>> = Vec::new();
        for part in parts {
            let alike = |group: &&mut Vec<&Counted>| {
                group.first().is_some_and(|first| {
                    self.is_integer(first.item) == self.is_integer(part.item)
                        && first.counting() == part.counting()
                        && (part.counting() != Counting::Listed || first.values == part.values)
                })
            };
            match groups.iter_mut().find(alike) {
                Some(group) => group.push(part),
                None => groups.push(vec![part]),
            }
        }
        let sums: Vec<String> = groups
            .iter()
            .map(|group| format!("{}.aggregate($this + $total, 0)", self.counted(group)))
            .collect();
        match sums.as_slice() {
            [] => "0".to_owned(),
            [one] => one.clone(),
            _ => format!("({})", sums.join(" + ")),
        }
    }

    fn answered(&self, items: &[usize]) -> String {
        // An answer counts unless it is one of the options without a code that the item offers.
        let mut groups: Vec<(String, Vec<usize>)> = Vec::new();
        for at in items {
            let set = self.item(*at).map(Item::responses);
            let offered = [
                (NOT_APPLICABLE, set.and_then(ResponseSet::not_applicable)),
                (DO_NOT_KNOW, set.and_then(ResponseSet::do_not_know)),
            ];
            let offered = offered.into_iter().filter(|(_, label)| label.is_some());
            let filter = offered.map(|(code, _)| format!(".where((code = '{code}').not())"));
            let filter: String = filter.collect();
            match groups.iter_mut().find(|(known, _)| *known == filter) {
                Some((_, items)) => items.push(*at),
                None => groups.push((filter, vec![*at])),
            }
        }
        groups.sort(); // those without a filter first
        let counts: Vec<String> = groups
            .iter()
            .map(|(filter, items)| format!("{}{filter}.count()", self.answers(items)))
            .collect();
        match counts.as_slice() {
            [] => "0".to_owned(),
            [one] => one.clone(),
            _ => format!("({})", counts.join(" + ")),
        }
    }

    fn not_applicable(&self, items: &[usize]) -> String {
        let said = self.absent(items, MissingKind::NotApplicable);
        let may: Vec<usize> =
            items.iter().copied().filter(|item| self.may_not_apply(*item)).collect();
        if may.is_empty() {
            return said;
        }
        let chosen = format!("{}.where(code = '{NOT_APPLICABLE}').count()", self.answers(&may));
        format!("({chosen} + {said})")
    }

    fn not_asked(&self, items: &[usize]) -> String {
        self.absent(items, MissingKind::NotAsked)
    }

    fn unreadable(&self, items: &[usize]) -> String {
        self.absent(items, MissingKind::Unreadable)
    }

    fn scale(&self, at: usize) -> String {
        self.number(&self.formulas.scale(at))
    }

    fn code(&self, item: usize, op: Comparison, number: i64) -> String {
        let code = if self.is_integer(item) { "$this" } else { "code.toInteger()" };
        let (answers, sign) = (self.answers(&[item]), self.sign(op));
        format!("{answers}.where({code} {sign} {number}).exists()")
    }

    fn lookup(&self, of: &str, entries: &[(i64, Exact)]) -> String {
        let each: Vec<String> = entries
            .iter()
            .map(|(at, value)| self.when(&format!("$this = {at}"), &value.to_string(), "0"))
            .collect();
        format!("({of}).select({})", each.join(" + "))
    }

    fn band(&self, bands: &Bands) -> String {
        let value = self.scale(bands.scale);
        let words = format!("({value}).select({})", steps(self, "$this", bands));
        match &bands.unless {
            Condition::Never => words,
            unless => self.when(&self.condition(unless), self.nothing(), &words),
        }
    }

    fn when(&self, condition: &str, then: &str, otherwise: &str) -> String {
        format!("iif({condition}, {then}, {otherwise})")
    }

    fn nothing(&self) -> &'static str {
        "{}"
    }

    fn sign(&self, op: Comparison) -> &'static str {
        op.sign()
    }

    fn not(&self, condition: &str) -> String {
        format!("({condition}).not()")
    }
}
