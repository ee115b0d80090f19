//! A scorer written a second time, from the text of the file alone, as plainly as possible: no
//! compiled rule, no table, no shortcut, and no code of the crate's scoring rooms. The tests hold
//! the crate to it. It walks the raw TOML for every question that it is asked.
#![allow(unreachable_pub)]

use std::cmp::Ordering;
use std::collections::BTreeMap;

use toml::{Table, Value};

/// A fraction, never reduced; equal and ordered by cross-multiplication.
#[derive(Debug, Clone, Copy)]
pub struct Q(pub i128, pub i128);

impl Q {
    pub fn int(n: i64) -> Self {
        Self(i128::from(n), 1)
    }
    /// The decimal as printed.
    pub fn decimal(value: &Value) -> Self {
        let text = match value {
            Value::Integer(n) => n.to_string(),
            Value::Float(n) => n.to_string(),
            other => panic!("no number: {other:?}"),
        };
        Self::printed(&text)
    }
    pub fn printed(text: &str) -> Self {
        let (whole, places) = text.split_once('.').unwrap_or((text, ""));
        Self(format!("{whole}{places}").parse().unwrap(), 10_i128.pow(places.len() as u32))
    }
    pub fn times(self, o: Self) -> Self {
        Self(self.0 * o.0, self.1 * o.1)
    }
    pub fn over(self, o: Self) -> Self {
        let sign = o.0.signum();
        assert_ne!(sign, 0, "division by zero");
        Self(self.0 * o.1 * sign, self.1 * o.0 * sign)
    }
    pub fn f64(self) -> f64 {
        let (mut a, mut b) = (self.0.abs(), self.1);
        while b != 0 {
            (a, b) = (b, a % b);
        }
        (self.0 / a) as f64 / (self.1 / a) as f64
    }
}
impl PartialEq for Q {
    fn eq(&self, o: &Self) -> bool {
        self.cmp(o) == Ordering::Equal
    }
}
impl Eq for Q {}
impl PartialOrd for Q {
    fn partial_cmp(&self, o: &Self) -> Option<Ordering> {
        Some(self.cmp(o))
    }
}
impl Ord for Q {
    fn cmp(&self, o: &Self) -> Ordering {
        (self.0 * o.1).cmp(&(o.0 * self.1))
    }
}

/// One answer, as a vector would write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum A {
    Code(i64),
    Skipped,
    Declined,
    NotApplicable,
    NotAsked,
    Unreadable,
}

impl A {
    pub const MISSING: [Self; 5] =
        [Self::Skipped, Self::Declined, Self::NotApplicable, Self::NotAsked, Self::Unreadable];
    pub fn word(self) -> String {
        match self {
            Self::Code(code) => code.to_string(),
            Self::Skipped => ".".into(),
            Self::Declined => "d".into(),
            Self::NotApplicable => "na".into(),
            Self::NotAsked => "-".into(),
            Self::Unreadable => "u".into(),
        }
    }
    pub fn code(self) -> Option<i64> {
        match self {
            Self::Code(code) => Some(code),
            _ => None,
        }
    }
}

/// Answers by item id.
pub type Answers = BTreeMap<String, A>;

/// One table of bands: its set, its scales, whether it is the default, edges with labels.
pub type Bands = (String, Vec<String>, bool, Vec<(Q, String)>);

/// How a scale comes out.
#[derive(Debug, Clone, PartialEq)]
pub struct Scored {
    pub status: &'static str,
    pub value: Option<Q>,
    pub answered: usize,
    pub items: usize,
    pub dropped: bool,
}

impl Scored {
    fn absent(status: &'static str) -> Self {
        Self { status, value: None, answered: 0, items: 0, dropped: false }
    }
}

#[derive(Clone)]
pub struct Naive(pub Table);

fn strings(value: &Value) -> Vec<String> {
    value.as_array().unwrap().iter().map(|v| v.as_str().unwrap().to_owned()).collect()
}

impl Naive {
    pub fn new(text: &str) -> Self {
        Self(text.parse().unwrap())
    }

    fn list(&self, key: &str) -> Vec<&Table> {
        let list = self.0.get(key).and_then(Value::as_array);
        list.map(|list| list.iter().map(|v| v.as_table().unwrap()).collect()).unwrap_or_default()
    }

    fn raw_items(&self) -> Vec<&Table> {
        let list = self.0["form"].as_table().unwrap()["items"].as_array().unwrap();
        list.iter().map(|v| v.as_table().unwrap()).collect()
    }

    pub fn items(&self) -> Vec<String> {
        self.raw_items().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
    }

    /// The codes of an item, in printed order.
    pub fn codes(&self, item: &str) -> Vec<i64> {
        let raw = self.raw_items().into_iter().find(|i| i["id"].as_str() == Some(item)).unwrap();
        let form = self.0["form"].as_table().unwrap();
        let name = raw.get("responses").or_else(|| form.get("responses")).unwrap();
        let set =
            self.0["responses"].as_table().unwrap()[name.as_str().unwrap()].as_table().unwrap();
        match set.get("options") {
            Some(options) => {
                let options = options.as_array().unwrap();
                options
                    .iter()
                    .map(|pair| pair.as_array().unwrap()[0].as_integer().unwrap())
                    .collect()
            }
            None => {
                let ends = set["range"].as_array().unwrap();
                (ends[0].as_integer().unwrap()..=ends[1].as_integer().unwrap()).collect()
            }
        }
    }

    /// The answers that hold: a gate may imply one that was left out.
    pub fn effective(&self, answers: &Answers) -> Answers {
        let mut all = answers.clone();
        for item in self.raw_items() {
            let id = item["id"].as_str().unwrap();
            let (Some(implied), None) = (item.get("implied"), answers[id].code()) else { continue };
            if answers[id] == A::Unreadable {
                continue;
            }
            let (gate, op, number) = split(implied["when"].as_str().unwrap()).unwrap();
            if let Some(code) = answers[gate].code()
                && holds(Q::int(code), op, number)
            {
                all.insert(id.to_owned(), A::Code(implied["code"].as_integer().unwrap()));
            }
        }
        all
    }

    pub fn scale_ids(&self) -> Vec<String> {
        self.list("scales").iter().map(|scale| scale["id"].as_str().unwrap().to_owned()).collect()
    }

    /// The scales that are scored where no variant is asked for.
    pub fn plain_scales(&self) -> Vec<String> {
        let scales = self.list("scales");
        let plain = scales.iter().filter(|scale| scale.get("only-in").is_none());
        plain.map(|scale| scale["id"].as_str().unwrap().to_owned()).collect()
    }

    pub fn variants(&self) -> Vec<(String, Vec<String>)> {
        let of = |v: &&Table| (v["id"].as_str().unwrap().to_owned(), strings(&v["scales"]));
        self.list("variants").iter().map(of).collect()
    }

    pub fn scale(&self, id: &str) -> &Table {
        self.list("scales").into_iter().find(|scale| scale["id"].as_str() == Some(id)).unwrap()
    }

    /// Items of a sum or mean with the value of each code.
    pub fn terms(&self, id: &str) -> Vec<(String, BTreeMap<i64, i64>)> {
        let scale = self.scale(id);
        let names = strings(scale.get("sum").or_else(|| scale.get("mean")).unwrap());
        let reverse = scale.get("reverse").map(strings).unwrap_or_default();
        let mut terms = Vec::new();
        for name in names {
            if self.scale_ids().contains(&name) {
                terms.extend(self.terms(&name));
                continue;
            }
            let codes = self.codes(&name);
            let recode = scale.get("recode").and_then(|table| table.as_table().unwrap().get(&name));
            let value = |(at, code): (usize, &i64)| {
                let value = if let Some(values) = recode {
                    values.as_array().unwrap()[at].as_integer().unwrap()
                } else if reverse.contains(&name) {
                    codes.iter().min().unwrap() + codes.iter().max().unwrap() - code
                } else {
                    *code
                };
                (*code, value)
            };
            terms.push((name.clone(), codes.iter().enumerate().map(value).collect()));
        }
        terms
    }

    /// The sources of a scale that is made from others.
    pub fn sources(&self, id: &str) -> Vec<String> {
        let scale = self.scale(id);
        match (scale.get("ratio"), scale.get("from")) {
            (Some(pair), _) => strings(pair),
            (_, Some(from)) => vec![from.as_str().unwrap().to_owned()],
            _ => Vec::new(),
        }
    }

    /// Every item that a scale rests on.
    pub fn items_of(&self, id: &str) -> Vec<String> {
        let sources = self.sources(id);
        if sources.is_empty() {
            return self.terms(id).into_iter().map(|(item, _)| item).collect();
        }
        sources.iter().flat_map(|source| self.items_of(source)).collect()
    }

    pub fn drops(&self, id: &str) -> bool {
        self.scale(id).get("not-applicable").and_then(Value::as_str) == Some("drop")
    }

    /// Scores a scale from answers that hold.
    pub fn score(&self, id: &str, answers: &Answers, min_answered: Option<usize>) -> Scored {
        let scale = self.scale(id);
        if let Some(pair) = scale.get("ratio").map(strings) {
            let (above, below) = (
                self.score(&pair[0], answers, min_answered),
                self.score(&pair[1], answers, min_answered),
            );
            let per_item = |id: &str, scored: &Scored| {
                let value = scored.value?;
                let is_sum = self.scale(id).contains_key("sum");
                Some(if is_sum { value.over(Q::int(scored.items as i64)) } else { value })
            };
            let (Some(top), Some(bottom)) =
                (per_item(&pair[0], &above), per_item(&pair[1], &below))
            else {
                return Scored::absent("depends-on-absent");
            };
            let prorated = above.status == "prorated" || below.status == "prorated";
            return Scored {
                status: if prorated { "prorated" } else { "complete" },
                value: Some(top.over(bottom)),
                answered: above.answered + below.answered,
                items: above.items + below.items,
                dropped: above.dropped || below.dropped,
            };
        }
        if let Some(from) = scale.get("from") {
            let source = self.score(from.as_str().unwrap(), answers, min_answered);
            let Some(value) = source.value else { return Scored::absent("depends-on-absent") };
            if let Some(times) = scale.get("times") {
                return Scored { value: Some(value.times(Q::decimal(times))), ..source };
            }
            if source.status != "complete" || source.dropped {
                return Scored::absent("depends-on-absent");
            }
            let low: i64 = self
                .terms(from.as_str().unwrap())
                .iter()
                .map(|(_, values)| values.values().min().unwrap())
                .sum();
            assert_eq!(value.0 % value.1, 0);
            let at = usize::try_from(value.0 / value.1 - i128::from(low)).unwrap();
            let entry = Q::decimal(&scale["table"].as_array().unwrap()[at]);
            return Scored { value: Some(entry), ..source };
        }
        let terms = self.terms(id);
        let kind = |kind: A| terms.iter().filter(|(item, _)| answers[item] == kind).count();
        if kind(A::NotAsked) > 0 {
            return Scored::absent("not-asked");
        }
        if kind(A::Unreadable) > 0 {
            return Scored::absent("unreadable");
        }
        let dropped = if self.drops(id) { kind(A::NotApplicable) } else { 0 };
        let items = terms.len() - dropped;
        if items == 0 || kind(A::NotApplicable) > dropped {
            return Scored::absent("not-applicable");
        }
        let given: Vec<i64> = terms
            .iter()
            .filter_map(|(item, values)| Some(values[&answers[item].code()?]))
            .collect();
        let ends = |(_, values): &(String, BTreeMap<i64, i64>)| {
            (*values.values().min().unwrap(), *values.values().max().unwrap())
        };
        let alike = terms.iter().all(|term| ends(term) == ends(&terms[0]));
        let file = scale.get("missing").map(|rule| rule["needs"].as_integer().unwrap() as usize);
        let needs = min_answered.filter(|_| alike).or(file).unwrap_or(terms.len());
        let needs = if needs < terms.len() { needs } else { items };
        if given.len() < needs {
            return Scored::absent("too-few-answered");
        }
        let sum = Q::int(given.iter().sum());
        let mean = sum.over(Q::int(given.len() as i64));
        let value = if scale.contains_key("sum") { mean.times(Q::int(items as i64)) } else { mean };
        Scored {
            status: if given.len() == items { "complete" } else { "prorated" },
            value: Some(value),
            answered: given.len(),
            items,
            dropped: dropped > 0,
        }
    }

    /// Ids of band sets, and for each the scales and steps of its tables.
    pub fn band_tables(&self) -> Vec<Bands> {
        let step = |pair: &Value| {
            let pair = pair.as_array().unwrap();
            (Q::decimal(&pair[0]), pair[1].as_str().unwrap().to_owned())
        };
        self.list("bands")
            .into_iter()
            .map(|table| {
                (
                    table["id"].as_str().unwrap().to_owned(),
                    strings(&table["scales"]),
                    table.get("default").and_then(Value::as_bool).unwrap_or(false),
                    table["steps"].as_array().unwrap().iter().map(step).collect(),
                )
            })
            .collect()
    }

    /// The band of a value in a set, or in the default set.
    pub fn band(&self, id: &str, value: Q, set: Option<&str>) -> Option<String> {
        let tables: Vec<_> = self
            .band_tables()
            .into_iter()
            .filter(|(_, scales, ..)| scales.iter().any(|scale| scale == id))
            .collect();
        let named = tables.iter().find(|(known, ..)| Some(known.as_str()) == set);
        let (.., steps) = named.or_else(|| tables.iter().find(|(_, _, default, _)| *default))?;
        let mut label = &steps[0].1;
        for (edge, name) in steps {
            if value >= *edge {
                label = name;
            }
        }
        Some(label.clone())
    }

    pub fn criterion_ids(&self) -> Vec<String> {
        self.list("criteria").iter().map(|c| c["id"].as_str().unwrap().to_owned()).collect()
    }

    /// Whether a criterion is met by answers that are all there.
    pub fn met(&self, id: &str, answers: &Answers) -> bool {
        let criteria = self.list("criteria");
        let criterion = criteria.into_iter().find(|c| c["id"].as_str() == Some(id)).unwrap();
        let count = |key: &str| {
            let parts = criterion.get(key).map(strings)?;
            let met = parts.iter().filter(|part| self.holds(part, answers)).count();
            Some((met as i64, parts.len() as i64))
        };
        if let Some((met, all)) = count("all") {
            return met == all;
        }
        if let Some((met, _)) = count("any") {
            return met > 0;
        }
        if let Some((met, _)) = count("none") {
            return met == 0;
        }
        let (met, _) = count("of").unwrap();
        let limit = |key: &str| criterion.get(key).map(|v| v.as_integer().unwrap());
        limit("at-least").is_none_or(|n| met >= n) && limit("at-most").is_none_or(|n| met <= n)
    }

    fn holds(&self, part: &str, answers: &Answers) -> bool {
        let Some((name, op, number)) = split(part) else { return self.met(part.trim(), answers) };
        match answers.get(name) {
            Some(answer) => holds(Q::int(answer.code().unwrap()), op, number),
            None => holds(self.score(name, answers, None).value.unwrap(), op, number),
        }
    }
}

fn split(text: &str) -> Option<(&str, &str, Q)> {
    let at = text.find(['<', '>', '=', '!'])?;
    let rest = &text[at..];
    let op = rest.trim_end_matches(|c: char| !"<>=!".contains(c));
    Some((text[..at].trim(), op, Q::printed(rest[op.len()..].trim())))
}

fn holds(left: Q, op: &str, right: Q) -> bool {
    match op {
        ">=" => left >= right,
        ">" => left > right,
        "<=" => left <= right,
        "<" => left < right,
        "=" => left == right,
        "!=" => left != right,
        other => panic!("no comparison: {other}"),
    }
}
