//! Somebody who has every published number, knows who works where, and subtracts.
//!
//! This file shares no code with the engine. It reads what a report prints, writes down which
//! people each printed number is a sum over, and asks by linear algebra whether some combination
//! of the numbers rests on fewer people than the threshold, or on people who are all alike. Where
//! it finds one it works the hidden number out and compares it with the truth.
//!
//! `ATTACKS=10000 cargo test --release --test attacker -- --nocapture` runs more organisations.
#![allow(clippy::pedantic)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use straingauge::group::report::ChangeReport;
use straingauge::group::{
    CriterionMeasure, GroupReport, ItemMeasure, Ledger, Matched, Measures, Plan, Salt,
    ScaleMeasure, ScaleValue, Tallies,
};

// ---------------------------------------------------------------- the world

struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
    fn below(&mut self, n: u64) -> u64 {
        (self.next() >> 11) % n
    }
    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.unit()).sum::<f64>() - 6.0
    }
}

/// Items a1, a2 make scale `a`, b1, b2 make `b`, all four make `total`; `flag` is a criterion of
/// its own. Codes 0 to 4.
#[derive(Clone, Debug)]
struct Worker {
    id: u64,
    unit: Vec<String>,
    job: Vec<String>,
    items: [Option<u8>; 4],
    flag: Option<bool>,
    /// Whether the score on `a` has a band.
    banded: bool,
}

impl Worker {
    fn sum(&self, items: std::ops::Range<usize>) -> Option<f64> {
        self.items[items].iter().map(|code| code.map(f64::from)).sum()
    }
    /// What is counted: the scales share items and the flag may rest on any of them, so a worker of
    /// whom a part is missing counts for none of it.
    fn value(&self, variable: &str) -> Option<f64> {
        let whole = self.sum(0..4).is_some() && self.flag.is_some() && self.banded;
        self.answered(variable).filter(|_| whole || variable.starts_with("people"))
    }
    fn answered(&self, variable: &str) -> Option<f64> {
        match variable {
            "a" => self.sum(0..2),
            "b" => self.sum(2..4),
            "total" => self.sum(0..4),
            "flag" => self.flag.map(|flag| f64::from(u8::from(flag))),
            "cut" => self.answered("a").map(|a| f64::from(u8::from(a >= 4.0))),
            "some" => self.answered("a").map(|a| f64::from(u8::from(a >= 2.0))),
            // With items, anybody who answered anything; without, whoever has a score or a flag.
            "people" => {
                let any = self.items.iter().any(Option::is_some) || self.flag.is_some();
                any.then_some(1.0)
            }
            "people scored" => {
                let any = ["a", "b", "flag"].iter().any(|one| self.answered(one).is_some());
                any.then_some(1.0)
            }
            item => {
                self.items[["a1", "a2", "b1", "b2"].iter().position(|i| *i == item)?].map(f64::from)
            }
        }
    }
}

/// Place of the band of a score on `a`.
fn band(a: f64) -> usize {
    [2.0, 5.0].iter().filter(|edge| **edge <= a).count()
}

/// The part of scale `a` in which a score lies: every printed share of it is a union of parts.
fn part_of_a(a: f64) -> usize {
    [1.0, 2.0, 4.0, 5.0, 8.0].iter().filter(|edge| **edge <= a).count()
}

/// The parts that a printed share counts: a band (or several), a cut-off, an end.
fn parts_of_share(name: &str) -> BTreeSet<usize> {
    let of = |name: &str| match name {
        "floor" => 0..1,
        "low" => 0..2,
        "middle" => 2..4,
        "high" => 4..6,
        "ceiling" => 5..6,
        "some" => 2..6,
        "cut" => 3..6,
        "everybody" => 0..6,
        other => panic!("{other}"),
    };
    name.split(" + ").flat_map(of).collect()
}

struct World {
    workers: Vec<Worker>,
}

/// Skewed unit sizes, units that are alike, rare answers, blanks.
fn world(dice: &mut Dice) -> World {
    let depth = 1 + dice.below(3);
    let missing = if dice.below(2) == 0 { 0.1 * dice.unit() } else { 0.0 };
    let mut leaves = vec![Vec::new()];
    for level in 0..depth {
        let mut next = Vec::new();
        for path in leaves {
            for child in 0..1 + dice.below(if level == 0 { 5 } else { 4 }) {
                let mut path: Vec<String> = path.clone();
                path.push(format!("{}{child}", ["N", "d", "t"][level as usize]));
                next.push(path);
            }
        }
        leaves = next;
    }
    let jobs = 1 + dice.below(4);
    let mut workers = Vec::new();
    for unit in leaves {
        let size = (2.3 + 0.9 * dice.normal()).exp().min(120.0) as u64;
        let shift = dice.normal();
        let steep = dice.below(5) == 0;
        let common = dice.below(jobs);
        for _ in 0..size {
            let mut code = || {
                if dice.unit() < missing {
                    return None;
                }
                let strain = if steep { 3.0 * shift } else { 0.5 * shift + dice.normal() };
                Some((1.0 + strain).round().clamp(0.0, 4.0) as u8)
            };
            let items = [code(), code(), code(), code()];
            let flag = (dice.unit() >= missing).then(|| dice.unit() < 0.15);
            let job = if dice.unit() < 0.7 { common } else { dice.below(jobs) };
            // Some people are known only down to a middle level.
            let keep = if dice.below(40) == 0 { unit.len() - 1 } else { unit.len() };
            workers.push(Worker {
                id: workers.len() as u64,
                unit: unit[..keep].to_vec(),
                job: vec![format!("job {job}")],
                items,
                flag,
                banded: dice.unit() >= missing,
            });
        }
    }
    World { workers }
}

// ---------------------------------------------------------------- what is printed

/// A printed number: about whom, of what, how much.
#[derive(Clone, Debug)]
struct Print {
    wave: usize,
    /// Which of the ways to divide people; 2 is everybody but a unit.
    layer: usize,
    about: BTreeSet<u64>,
    variable: String,
    n: f64,
    sum: f64,
}

fn home(worker: &Worker, breakdown: usize) -> &[String] {
    if breakdown == 0 { &worker.unit } else { &worker.job }
}

fn measures(items: bool) -> Measures {
    let bands = [(0.0, "low"), (2.0, "middle"), (5.0, "high")];
    let made = Measures::new("demo")
        .with_scale(ScaleMeasure::new("a", 0.0, 8.0).with_bands(bands).with_items(["a1", "a2"]))
        .with_scale(ScaleMeasure::new("b", 0.0, 8.0).with_items(["b1", "b2"]))
        .with_scale(ScaleMeasure::new("total", 0.0, 16.0).with_items(["a1", "a2", "b1", "b2"]))
        .with_criterion(CriterionMeasure::new("flag"))
        .with_criterion(CriterionMeasure::new("cut").with_cut_of("a"))
        .with_criterion(CriterionMeasure::new("some").with_cut_of("a"));
    if !items {
        return made;
    }
    ["a1", "a2", "b1", "b2"]
        .iter()
        .fold(made, |made, id| made.with_item(ItemMeasure::new(*id, 0..=4)))
}

fn fill(tallies: &mut Tallies, workers: &[Worker], cuts: usize, salt: Option<&Salt>) {
    let mut person = tallies.measures().person();
    let items = tallies.measures() == &measures(true);
    for worker in workers {
        person.clear();
        for (at, scale) in ["a", "b", "total"].iter().enumerate() {
            if let Some(value) = worker.answered(scale) {
                let band = (*scale == "a" && worker.banded).then(|| band(value));
                person.scale(at, ScaleValue { value, band, prorated: false });
            }
        }
        for (at, criterion) in ["flag", "cut", "some"].iter().enumerate() {
            if let Some(met) = worker.answered(criterion) {
                person.criterion(at, met == 1.0);
            }
        }
        for (at, code) in worker.items.iter().enumerate().filter(|_| items) {
            if let Some(code) = code {
                person.item(at, *code);
            }
        }
        let mut units = vec![tallies.unit("unit", &worker.unit).unwrap()];
        if cuts > 1 {
            units.push(tallies.unit("job", &worker.job).unwrap());
        }
        match salt {
            None => tallies.add(&units, &person).unwrap(),
            Some(salt) => {
                tallies.add_known(&units, salt.key(&worker.id.to_string()), &person).unwrap();
            }
        }
    }
}

/// The people of two waves, recognised.
fn same(waves: [&[Worker]; 2]) -> Matched {
    let measures = measures(false);
    let mut matched = Matched::new(&measures);
    let ids: BTreeSet<u64> = waves.iter().flat_map(|wave| wave.iter().map(|w| w.id)).collect();
    for id in ids {
        let worker = |wave: usize| waves[wave].iter().find(|worker| worker.id == id);
        let person = |wave: usize| {
            let mut person = measures.person();
            for (at, scale) in ["a", "b", "total"].iter().enumerate() {
                if let Some(value) = worker(wave).and_then(|worker| worker.value(scale)) {
                    person.scale(at, ScaleValue { value, band: None, prorated: false });
                }
            }
            person
        };
        let persons = [person(0), person(1)];
        let of = |wave: usize| worker(wave).map(|worker| (&worker.unit[..], &persons[wave]));
        matched.add(of(0), of(1)).unwrap();
    }
    matched
}

/// Everything additive that a report prints: the CSV for means, the JSON for the rest. Numbers are
/// rounded; the people whom they are about are not, and a rounded mean is most often a whole number
/// of points divided by n. So the attack is on whom numbers are about.
fn printed(report: &GroupReport, workers: &[Worker], wave: usize) -> Vec<Print> {
    let mut prints = Vec::new();
    let mut put =
        |breakdown: usize, path: &[String], but: bool, variable: &str, n: f64, mean: f64| {
            let counted = match variable {
                "people" if report.measured().items().is_empty() => "people scored",
                share if share.starts_with("share:") => "total",
                other => other,
            };
            let about: BTreeSet<u64> = workers
                .iter()
                .filter(|worker| home(worker, breakdown).starts_with(path) != but)
                .filter(|worker| worker.value(counted).is_some())
                .map(|worker| worker.id)
                .collect();
            assert_eq!(about.len() as f64, n, "{variable} of {path:?}: not the people expected");
            let layer = if but { 2 } else { breakdown };
            let variable = variable.to_owned();
            prints.push(Print { wave, layer, about, variable, n, sum: n * mean });
        };
    let csv = report.to_csv();
    for row in csv::Reader::from_reader(csv.as_bytes()).records().map(Result::unwrap) {
        if &row[2] != "published" {
            assert!(row.iter().skip(3).all(str::is_empty), "a hidden row says something: {row:?}");
            continue;
        }
        let (breakdown, path) = match row[0].strip_prefix("job:") {
            Some(path) => (1, path),
            None => (0, &row[0]),
        };
        let path: Vec<String> =
            path.split('/').filter(|name| !name.is_empty()).map(str::to_owned).collect();
        put(breakdown, &path, false, &row[1], row[3].parse().unwrap(), row[4].parse().unwrap());
    }
    let json = serde_json::to_value(report).unwrap();
    for (breakdown, of) in json["breakdowns"].as_array().unwrap().iter().enumerate() {
        for unit in of["units"].as_array().unwrap() {
            let names = unit["path"].as_array().unwrap().iter();
            let path: Vec<String> = names.map(|n| n.as_str().unwrap().to_owned()).collect();
            if let Some(answered) = unit["participation"].get("answered") {
                put(breakdown, &path, false, "people", answered.as_f64().unwrap(), 1.0);
            }
            let mut share = |name: &str, share: &Value| {
                let (count, of) = (share["count"].as_f64().unwrap(), share["of"].as_f64().unwrap());
                put(breakdown, &path, false, name, of, count / of);
            };
            let entries = |kind: &str| -> Vec<Value> {
                let all = unit[kind].as_array().unwrap().iter();
                all.filter(|entry| entry.get("shown").is_some()).cloned().collect()
            };
            for scale in entries("scales") {
                let shown = &scale["shown"];
                for band in shown["bands"].as_array().unwrap() {
                    share(&format!("share:{}", band["band"].as_str().unwrap()), &band["share"]);
                }
                if scale["id"] == "a" {
                    for end in ["floor", "ceiling"] {
                        if !shown[end].is_null() {
                            share(&format!("share:{end}"), &shown[end]);
                        }
                    }
                }
            }
            for criterion in entries("criteria") {
                let id = criterion["id"].as_str().unwrap();
                let name = if id == "flag" { id.to_owned() } else { format!("share:{id}") };
                share(&name, &criterion["shown"]);
            }
            for item in entries("items") {
                let shown = &item["shown"];
                let (n, mean) = (shown["n"].as_f64().unwrap(), shown["mean"].as_f64().unwrap());
                put(breakdown, &path, false, item["id"].as_str().unwrap(), n, mean);
            }
            for scale in entries("scales") {
                let rest = &scale["shown"]["rest"];
                if !rest.is_null() {
                    let (n, mean) =
                        (rest["rest_n"].as_f64().unwrap(), rest["rest_mean"].as_f64().unwrap());
                    put(breakdown, &path, true, scale["id"].as_str().unwrap(), n, mean);
                }
            }
        }
    }
    prints
}

/// What a report by somebody who means well prints: every number that rests on at least k people,
/// each of the people who have it, items and bands and all.
fn printed_carelessly(workers: &[Worker], breakdowns: usize, k: u64, wave: usize) -> Vec<Print> {
    let mut prints = Vec::new();
    let variables = [
        "people",
        "a",
        "b",
        "total",
        "a1",
        "a2",
        "b1",
        "b2",
        "flag",
        "share:low",
        "share:middle",
        "share:high",
        "share:cut",
        "share:some",
    ];
    for breakdown in 0..breakdowns {
        let units: BTreeSet<&[String]> = workers
            .iter()
            .flat_map(|worker| {
                let home = home(worker, breakdown);
                (0..=home.len()).map(move |depth| &home[..depth])
            })
            .collect();
        for path in units {
            for variable in variables {
                let value = |worker: &Worker| match variable.strip_prefix("share:") {
                    None => worker.answered(variable),
                    Some(name) => worker
                        .answered("a")
                        .map(|a| f64::from(u8::from(parts_of_share(name).contains(&part_of_a(a))))),
                };
                let people = workers.iter().filter(|w| home(w, breakdown).starts_with(path));
                let values: Vec<(u64, f64)> =
                    people.filter_map(|worker| Some((worker.id, value(worker)?))).collect();
                if values.len() as u64 >= k {
                    let (n, sum) = (values.len() as f64, values.iter().map(|(_, v)| v).sum());
                    let about = values.iter().map(|(id, _)| *id).collect();
                    let variable = variable.to_owned();
                    prints.push(Print { wave, layer: breakdown, about, variable, n, sum });
                }
            }
        }
    }
    prints
}

// ---------------------------------------------------------------- linear algebra

const P: u64 = 2_147_483_647;

fn inverse(a: u64) -> u64 {
    let (mut result, mut base, mut exponent) = (1, a % P, P - 2);
    while exponent > 0 {
        if exponent % 2 == 1 {
            result = result * base % P;
        }
        base = base * base % P;
        exponent /= 2;
    }
    result
}

/// The rows brought to steps, looking at some columns only; what is left has their rank.
fn steps(rows: &[Vec<u64>], looked_at: &dyn Fn(usize) -> bool) -> Vec<Vec<u64>> {
    let (mut rows, rank) = eliminated(rows, looked_at);
    rows.truncate(rank);
    rows
}

/// All rows after elimination by some columns, and how many of them these needed: the others are
/// zero there.
fn eliminated(rows: &[Vec<u64>], looked_at: &dyn Fn(usize) -> bool) -> (Vec<Vec<u64>>, usize) {
    let mut rows: Vec<Vec<u64>> = rows.to_vec();
    let width = rows.first().map_or(0, Vec::len);
    let mut rank = 0;
    for column in (0..width).filter(|column| looked_at(*column)) {
        let Some(pivot) = (rank..rows.len()).find(|row| rows[*row][column] != 0) else { continue };
        rows.swap(rank, pivot);
        let scale = inverse(rows[rank][column]);
        for value in &mut rows[rank] {
            *value = *value * scale % P;
        }
        let (above, below) = rows.split_at_mut(rank + 1);
        for row in below {
            let factor = P - row[column];
            if factor != P {
                for (value, held) in row.iter_mut().zip(&above[rank]) {
                    *value = (*value + factor * held) % P;
                }
            }
        }
        rank += 1;
    }
    (rows, rank)
}

/// The lightest way to cut a connected part of a graph in two (Stoer and Wagner 1997): with two
/// partitions of the same people, what the lightest combination of their sums rests on.
fn lightest_cut(weights: &BTreeMap<(usize, usize), u64>) -> Option<u64> {
    let mut nodes: Vec<usize> = weights.keys().flat_map(|(a, b)| [*a, *b]).collect();
    nodes.sort_unstable();
    nodes.dedup();
    let mut graph: BTreeMap<usize, BTreeMap<usize, u64>> = BTreeMap::new();
    for ((a, b), weight) in weights {
        *graph.entry(*a).or_default().entry(*b).or_default() += weight;
        *graph.entry(*b).or_default().entry(*a).or_default() += weight;
    }
    let mut best: Option<u64> = None;
    while graph.len() > 1 {
        let start = *graph.keys().next().unwrap();
        let mut order = vec![start];
        let mut pull: BTreeMap<usize, u64> = graph[&start].clone();
        while let Some((&next, &weight)) =
            pull.iter().max_by_key(|(node, weight)| (**weight, **node))
        {
            pull.remove(&next);
            order.push(next);
            for (to, more) in &graph[&next] {
                if !order.contains(to) {
                    *pull.entry(*to).or_default() += more;
                }
            }
            if pull.is_empty() {
                best = Some(best.map_or(weight, |best| best.min(weight)));
            }
        }
        if order.len() == 1 {
            graph.remove(&start);
            continue;
        }
        let (last, before) = (order[order.len() - 1], order[order.len() - 2]);
        for (to, weight) in graph.remove(&last).unwrap() {
            graph.get_mut(&to).unwrap().remove(&last);
            if to != before {
                *graph.get_mut(&before).unwrap().entry(to).or_default() += weight;
                *graph.get_mut(&to).unwrap().entry(before).or_default() += weight;
            }
        }
    }
    best
}

/// The unknowns: for each kind of person (everybody whom no printed number tells apart) one for
/// each variable that enters.
struct Unknowns {
    /// Row for each print.
    printed: Vec<Vec<u64>>,
    /// As many rows as they are worth.
    rows: Vec<Vec<u64>>,
    /// For each unknown, its people and the variable.
    columns: Vec<(Vec<usize>, &'static str)>,
}

/// A printed number of `variable` weighs the unknowns of these variables.
fn parts(variable: &str) -> &'static [&'static str] {
    match variable {
        "a" => &["a1", "a2"],
        "b" => &["b1", "b2"],
        "total" => &["a1", "a2", "b1", "b2"],
        "a1" => &["a1"],
        "a2" => &["a2"],
        "b1" => &["b1"],
        "b2" => &["b2"],
        _ => &[],
    }
}

/// The same id is the same person, whose answers are taken to be the same. `parts` says which
/// unknowns of a person a print weighs.
fn unknowns(prints: &[Print], parts: &dyn Fn(&Print, u64) -> Vec<&'static str>) -> Unknowns {
    let mut cells: BTreeMap<(u64, &'static str), Vec<u64>> = BTreeMap::new();
    for (at, print) in prints.iter().enumerate() {
        for id in &print.about {
            for part in parts(print, *id) {
                cells.entry((*id, part)).or_insert_with(|| vec![0; prints.len()])[at] = 1;
            }
        }
    }
    let mut merged: BTreeMap<(Vec<u64>, &'static str), Vec<usize>> = BTreeMap::new();
    for ((id, part), weights) in cells {
        merged.entry((weights, part)).or_default().push(id as usize);
    }
    let columns: Vec<(Vec<usize>, &'static str)> =
        merged.iter().map(|((_, part), people)| (people.clone(), *part)).collect();
    let printed: Vec<Vec<u64>> = (0..prints.len())
        .map(|print| merged.keys().map(|(weights, _)| weights[print]).collect())
        .collect();
    Unknowns { rows: steps(&printed, &|_| true), printed, columns }
}

impl Unknowns {
    /// Whether some combination rests on these unknowns alone.
    fn rests_on(&self, on: &BTreeSet<usize>) -> bool {
        steps(&self.rows, &|column| !on.contains(&column)).len() < self.rows.len()
    }

    /// Fewer than `k` people that a combination rests on: every set of up to three kinds of people,
    /// and single printed groups.
    fn small_group(&self, k: u64) -> Option<BTreeSet<usize>> {
        let small: Vec<usize> =
            (0..self.columns.len()).filter(|c| (self.columns[*c].0.len() as u64) < k).collect();
        self.search(k, &small, &BTreeSet::new())
    }

    fn search(&self, k: u64, small: &[usize], on: &BTreeSet<usize>) -> Option<BTreeSet<usize>> {
        for (at, column) in small.iter().enumerate() {
            let mut wider = on.clone();
            wider.insert(*column);
            let people: BTreeSet<usize> =
                wider.iter().flat_map(|c| self.columns[*c].0.iter().copied()).collect();
            if people.len() as u64 >= k {
                continue;
            }
            if self.rests_on(&wider) {
                return Some(wider);
            }
            if wider.len() < 3
                && small.len() < 40
                && let Some(found) = self.search(k, &small[at + 1..], &wider)
            {
                return Some(found);
            }
        }
        None
    }

    /// Whether a combination rests on these unknowns and adds them up. What adds some and takes others
    /// away is a difference between two unknown sums, and gives neither of them.
    fn adds_up(&self, on: &BTreeSet<usize>) -> bool {
        let (rows, rank) = eliminated(&self.rows, &|column| !on.contains(&column));
        let mut left: Vec<Vec<u64>> = rows.into_iter().skip(rank).collect();
        left.retain(|row| row.iter().any(|value| *value != 0));
        match left.as_slice() {
            [] => false,
            [only] => {
                let weights: Vec<u64> = only.iter().copied().filter(|w| *w != 0).collect();
                let first = inverse(weights[0]);
                // Of fractions with a small denominator the positive ones are small numbers.
                let positive = |weight: &u64| (1..6).any(|by| (weight * first % P) * by % P < 60);
                weights.iter().all(positive)
            }
            _ => true,
        }
    }

    /// A combination that rests on people who, but for at most one, are all `inside`.
    fn alike(&self, inside: &dyn Fn(usize, &str) -> bool) -> Option<BTreeSet<usize>> {
        let others = |column: usize| {
            let (people, part) = &self.columns[column];
            people.iter().filter(|person| !inside(**person, part)).count()
        };
        let none: BTreeSet<usize> = (0..self.columns.len()).filter(|c| others(*c) == 0).collect();
        let mut tried = vec![none.clone()];
        for column in (0..self.columns.len()).filter(|c| others(*c) == 1) {
            let mut with = none.clone();
            with.insert(column);
            tried.push(with);
        }
        tried.into_iter().find(|on| !on.is_empty() && self.adds_up(on))
    }
}

/// For two partitions of people (two breakdowns, or two releases), the fewest people that any
/// combination of their printed sums rests on. People in no printed group stand at node 0.
fn between(prints: &[Print], layers: [(usize, usize); 2]) -> Option<u64> {
    let mut homes: BTreeMap<u64, [usize; 2]> = BTreeMap::new();
    for (side, layer) in layers.into_iter().enumerate() {
        let mut printed: Vec<(usize, &Print)> =
            prints.iter().enumerate().filter(|(_, p)| (p.wave, p.layer) == layer).collect();
        // The smallest group that a person is in comes last and stays.
        printed.sort_by_key(|(_, print)| std::cmp::Reverse(print.about.len()));
        for (at, print) in printed {
            for id in &print.about {
                homes.entry(*id).or_default()[side] = 1 + at;
            }
        }
    }
    let mut weights = BTreeMap::new();
    for [a, b] in homes.values().filter(|[a, b]| a != b) {
        *weights.entry((*a, *b)).or_default() += 1;
    }
    lightest_cut(&weights)
}

/// What the change of the same people adds: a value then and a value now are two unknowns of a
/// person; the earlier report sums the ones, the later one the others, a mean change both. Of
/// either kind any combination must rest on none, or on enough.
fn attack_change(
    waves: [&[Worker]; 2],
    prints: [&[Print]; 2],
    change: &ChangeReport,
    k: u64,
) -> Vec<String> {
    let mut found = Vec::new();
    for scale in ["a", "b", "total"] {
        let inside = |wave: usize, path: &[String]| -> BTreeSet<u64> {
            let people = waves[wave].iter();
            let scored = people.filter(|w| w.unit.starts_with(path) && w.value(scale).is_some());
            scored.map(|w| w.id).collect()
        };
        let mut both = Vec::new();
        for unit in change.units() {
            let shown = unit.scales().iter().find(|entry| entry.id() == scale).unwrap().shown();
            if let Some(matched) = shown.and_then(|shown| shown.matched()) {
                let (then, now) = (inside(0, unit.path()), inside(1, unit.path()));
                let people: BTreeSet<u64> = then.intersection(&now).copied().collect();
                assert_eq!(people.len() as u64, matched.n());
                both.push(people);
            }
        }
        for (wave, prints) in prints.iter().enumerate() {
            let printed = prints.iter().filter(|p| p.variable == scale);
            let mut sets: Vec<BTreeSet<u64>> = printed.map(|p| p.about.clone()).collect();
            sets.extend(both.iter().cloned());
            if !both.is_empty() && groups(&sets).small_group(k).is_some() {
                found.push(format!("{scale}: the same people leave a few of wave {wave} over"));
            }
        }
    }
    found
}

/// Unknowns for printed sums over sets of people.
fn groups(sets: &[BTreeSet<u64>]) -> Unknowns {
    let everybody: BTreeSet<u64> = sets.iter().flatten().copied().collect();
    let mut merged: BTreeMap<Vec<u64>, Vec<usize>> = BTreeMap::new();
    for person in everybody {
        let weights = sets.iter().map(|set| u64::from(set.contains(&person))).collect();
        merged.entry(weights).or_default().push(person as usize);
    }
    let printed: Vec<Vec<u64>> =
        (0..sets.len()).map(|set| merged.keys().map(|weights| weights[set]).collect()).collect();
    let columns = merged.into_values().map(|people| (people, "own")).collect();
    Unknowns { rows: steps(&printed, &|_| true), printed, columns }
}

/// Everything that can be found in one release, or in several of the same answers.
fn attack(workers: &[Worker], prints: &[Print], k: u64, smallest: u64) -> Vec<String> {
    let mut found = Vec::new();
    let by_id: BTreeMap<usize, &Worker> =
        workers.iter().map(|worker| (worker.id as usize, worker)).collect();
    let own = |_: &Print, _: u64| vec!["own"];
    for variable in ["people", "a", "b", "total", "flag", "a1", "a2", "b1", "b2"] {
        let mine: Vec<Print> = prints.iter().filter(|p| p.variable == variable).cloned().collect();
        if mine.is_empty() {
            continue;
        }
        let unknowns = unknowns(&mine, &own);
        if let Some(group) = unknowns.small_group(k) {
            let people: Vec<usize> =
                group.iter().flat_map(|c| unknowns.columns[*c].0.clone()).collect();
            found.push(format!(
                "{variable}: {} people alone: {}",
                people.len(),
                worked_out(&unknowns, &mine, &group, &by_id)
            ));
        }
        let layers: BTreeSet<(usize, usize)> =
            mine.iter().filter(|p| p.layer < 2).map(|p| (p.wave, p.layer)).collect();
        for first in &layers {
            for then in layers.iter().filter(|then| *then > first) {
                if let Some(fewest) = between(&mine, [*first, *then]).filter(|fewest| *fewest < k) {
                    found.push(format!(
                        "{variable}: {fewest} people between {first:?} and {then:?}"
                    ));
                }
            }
        }
        if variable == "people" || variable == "flag" {
            continue;
        }
        let of = |person: usize| by_id[&person].answered(variable).map(f64::to_bits);
        let values: BTreeSet<u64> = by_id.keys().filter_map(|person| of(*person)).collect();
        for one in values {
            if let Some(group) = unknowns.alike(&|person, _| of(person) == Some(one)) {
                found.push(format!(
                    "{variable}: a group alike: {}",
                    worked_out(&unknowns, &mine, &group, &by_id)
                ));
            }
        }
    }
    found.extend(attack_shares(&by_id, prints, smallest));
    found.extend(attack_ends(&by_id, prints, smallest));
    // Scales are sums of items: what can be worked out across them.
    let linked: Vec<Print> =
        prints.iter().filter(|p| !parts(&p.variable).is_empty()).cloned().collect();
    let unknowns = unknowns(&linked, &|print, _| parts(&print.variable).to_vec());
    if let Some(group) = unknowns.small_group(k) {
        let people: BTreeSet<usize> =
            group.iter().flat_map(|c| unknowns.columns[*c].0.clone()).collect();
        found.push(format!("across scales: {} people alone", people.len()));
    }
    for end in [0, 4] {
        let at_end =
            |person: usize, part: &str| by_id[&person].answered(part) == Some(f64::from(end));
        if unknowns.alike(&at_end).is_some() {
            found.push(format!("across scales: a group all at {end}"));
        }
    }
    found
}

/// Shares of one scale are counts of people in some of its parts. Where two of them are known of the
/// same people and one holds the other, their difference is known, and so on. Each of these counts,
/// of every group that can be worked out, must be nobody or enough people; and a printed share must
/// not be everybody.
fn attack_shares(by_id: &BTreeMap<usize, &Worker>, prints: &[Print], smallest: u64) -> Vec<String> {
    type Group = (usize, usize, BTreeSet<u64>);
    let mut found = Vec::new();
    let part = |id: u64| part_of_a(by_id[&(id as usize)].answered("a").unwrap());
    let mut known: BTreeMap<BTreeSet<usize>, BTreeSet<Group>> = BTreeMap::new();
    for print in prints {
        let Some(name) = print.variable.strip_prefix("share:") else { continue };
        let group = (print.wave, print.layer, print.about.clone());
        for parts in [parts_of_share(name), parts_of_share("everybody")] {
            known.entry(parts).or_default().insert(group.clone());
        }
    }
    let printed = known.clone();
    loop {
        let mut more: Vec<(BTreeSet<usize>, BTreeSet<Group>)> = Vec::new();
        for (wide, of_wide) in &known {
            for (narrow, of_narrow) in &known {
                let rest: BTreeSet<usize> = wide.difference(narrow).copied().collect();
                if narrow.is_subset(wide) && !rest.is_empty() {
                    more.push((rest, of_wide.intersection(of_narrow).cloned().collect()));
                }
            }
        }
        let before: usize = known.values().map(BTreeSet::len).sum();
        for (parts, groups) in more {
            known.entry(parts).or_default().extend(groups);
        }
        if known.values().map(BTreeSet::len).sum::<usize>() == before {
            break;
        }
    }
    let counting = |groups: &BTreeSet<Group>, has: &dyn Fn(u64) -> bool| {
        let prints: Vec<Print> = groups
            .iter()
            .map(|(wave, layer, about)| Print {
                wave: *wave,
                layer: *layer,
                about: about.clone(),
                variable: "own".to_owned(),
                n: 0.0,
                sum: 0.0,
            })
            .collect();
        unknowns(&prints, &|_, id| if has(id) { vec!["own"] } else { Vec::new() })
    };
    let everybody_has = |unknowns: &Unknowns, has: &dyn Fn(u64) -> bool| {
        let on: BTreeSet<usize> = (0..unknowns.columns.len())
            .filter(|c| unknowns.columns[*c].0.iter().all(|person| has(*person as u64)))
            .collect();
        !on.is_empty() && unknowns.rests_on(&on)
    };
    for (parts, groups) in known.iter().filter(|(parts, _)| parts.len() < 6) {
        let has = |id: u64| parts.contains(&part(id));
        if counting(groups, &has).small_group(smallest).is_some() {
            found.push(format!("parts {parts:?} of a: a few people can be counted"));
        }
        // What follows from a share of nobody above a cut-off may be said.
        let printed = printed.get(parts).map(|groups| counting(groups, &|_| true));
        if printed.is_some_and(|groups| everybody_has(&groups, &has)) {
            found.push(format!("parts {parts:?} of a: everybody of a group"));
        }
    }
    let flags: BTreeSet<Group> = prints
        .iter()
        .filter(|p| p.variable == "flag")
        .map(|p| (p.wave, p.layer, p.about.clone()))
        .collect();
    for met in [true, false] {
        let is = |id: u64| by_id[&(id as usize)].flag == Some(met);
        if counting(&flags, &is).small_group(smallest).is_some() {
            found.push(format!("flag: a few people can be counted for whom it is {met}"));
        }
        if met && everybody_has(&counting(&flags, &|_| true), &is) {
            found.push("flag: everybody of a group".to_owned());
        }
    }
    found
}

/// A mean close to an end counts people: a sum of three points above the lowest is one to three
/// people who are not at the lowest.
fn attack_ends(by_id: &BTreeMap<usize, &Worker>, prints: &[Print], smallest: u64) -> Vec<String> {
    let mut found = Vec::new();
    for print in prints {
        let high = match print.variable.as_str() {
            "a" | "b" => 8.0,
            "total" => 16.0,
            "a1" | "a2" | "b1" | "b2" => 4.0,
            _ => continue,
        };
        let values =
            print.about.iter().map(|id| by_id[&(*id as usize)].answered(&print.variable).unwrap());
        let sum: f64 = values.sum();
        for points in [sum, high * print.n - sum] {
            if points < smallest as f64 {
                found.push(format!("{}: {points} points from an end", print.variable));
            }
        }
    }
    found
}

/// Solves for the group: the combination of printed sums that gives its sum, against the truth.
fn worked_out(
    unknowns: &Unknowns,
    prints: &[Print],
    group: &BTreeSet<usize>,
    by_id: &BTreeMap<usize, &Worker>,
) -> String {
    // Gaussian elimination on the transposed system, in floating point: weights of the prints such
    // that every unknown outside the group gets nothing and the first inside gets one.
    let inside: Vec<usize> = group.iter().copied().collect();
    for target in &inside {
        let equations: Vec<(Vec<f64>, f64)> = (0..unknowns.columns.len())
            .filter(|column| !group.contains(column) || column == target)
            .map(|column| {
                let row = prints
                    .iter()
                    .enumerate()
                    .map(|(p, _)| unknowns.printed[p][column] as f64)
                    .collect();
                (row, f64::from(u8::from(column == *target)))
            })
            .collect();
        let Some(weights) = solve(equations, prints.len()) else { continue };
        let (n, sum): (f64, f64) =
            prints.iter().zip(&weights).fold((0.0, 0.0), |(n, sum), (print, weight)| {
                (n + weight * print.n, sum + weight * print.sum)
            });
        let mut truth = (0.0, 0.0);
        for (column, (people, _)) in unknowns.columns.iter().enumerate() {
            let weight: f64 =
                (0..prints.len()).map(|p| weights[p] * unknowns.printed[p][column] as f64).sum();
            for person in people {
                let value = by_id[person].answered(&prints[0].variable).unwrap_or(0.0);
                truth = (truth.0 + weight, truth.1 + weight * value);
            }
        }
        // The printed means are rounded, so the sums are nearly, not quite, the truth.
        assert!((n - truth.0).abs() < 1e-6, "{n} {truth:?}");
        return format!("n = {n:.0}, sum = {sum:.1}");
    }
    "no weights".to_owned()
}

fn solve(mut equations: Vec<(Vec<f64>, f64)>, unknowns: usize) -> Option<Vec<f64>> {
    let mut pivots = Vec::new();
    let mut row = 0;
    for column in 0..unknowns {
        let best = (row..equations.len())
            .max_by(|a, b| equations[*a].0[column].abs().total_cmp(&equations[*b].0[column].abs()));
        let Some(best) = best.filter(|best| equations[*best].0[column].abs() > 1e-9) else {
            continue;
        };
        equations.swap(row, best);
        let pivot = equations[row].clone();
        for (at, equation) in equations.iter_mut().enumerate() {
            if at != row {
                let factor = equation.0[column] / pivot.0[column];
                for (value, held) in equation.0.iter_mut().zip(&pivot.0) {
                    *value -= factor * held;
                }
                equation.1 -= factor * pivot.1;
            }
        }
        pivots.push((row, column));
        row += 1;
    }
    if equations.iter().skip(row).any(|equation| equation.1.abs() > 1e-6) {
        return None;
    }
    let mut solved = vec![0.0; unknowns];
    for (row, column) in pivots {
        solved[column] = equations[row].1 / equations[row].0[column];
    }
    Some(solved)
}

// ---------------------------------------------------------------- the tests

fn attacks(default: u64) -> u64 {
    std::env::var("ATTACKS").ok().and_then(|n| n.parse().ok()).unwrap_or(default)
}

fn plan(dice: &mut Dice) -> (Plan, u64) {
    let plan = Plan::default().with_threshold([5, 10][dice.below(2) as usize]).unwrap();
    let plan = if dice.below(4) == 0 { plan.against_insiders() } else { plan };
    let k = u64::from(plan.fewest());
    (plan, k)
}

#[test]
fn one_release_on_one_tree_tells_nothing_about_few_or_about_people_who_are_alike() {
    let (mut leaks, mut shown, mut shares, mut units) = (0, 0_usize, 0_usize, 0_usize);
    let rounds = attacks(300);
    for seed in 1..=rounds {
        let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let world = world(&mut dice);
        let (plan, k) = plan(&mut dice);
        let mut tallies = Tallies::new(measures(dice.below(3) == 0), ["unit"]).unwrap();
        fill(&mut tallies, &world.workers, 1, None);
        let report = tallies.publish(&plan).unwrap();
        let prints = printed(&report, &world.workers, 0);
        let found = attack(&world.workers, &prints, k, 5);
        assert!(found.is_empty(), "organisation {seed}: {found:?}");
        shown += prints.iter().filter(|p| p.variable == "a" && p.layer == 0).count();
        shares += prints.iter().filter(|p| p.variable == "share:cut").count();
        units += report.breakdowns()[0].units().len();
        let careless = printed_carelessly(&world.workers, 1, k, 0);
        leaks += usize::from(!attack(&world.workers, &careless, k, 5).is_empty());
    }
    println!(
        "{rounds} organisations on one tree: 0 leaks; {leaks} leak where only small units are hidden; {shown} of {units} units shown on scale a, {shares} with the share above its cut-off"
    );
    assert!(leaks as u64 * 2 > rounds, "the attacker is blind: {leaks}");
    assert!(shown * 4 > units, "nothing is shown: {shown} of {units}");
    assert!(shares * 20 > units, "no shares are shown: {shares} of {units}");
}

/// Each kind of leak that reports of the first version had, in the output of the careless publisher:
/// an attacker who missed one of them would prove nothing.
#[test]
fn the_attacker_finds_every_leak_that_was_known() {
    let worker = |id: u64, unit: &str, items: [Option<u8>; 4]| Worker {
        id,
        unit: vec![unit.to_owned()],
        job: vec!["x".to_owned()],
        items,
        flag: Some(id.is_multiple_of(2)),
        banded: true,
    };
    let varied = |id: u64| -> [Option<u8>; 4] {
        [0, 1, 2, 3].map(|item| Some(((id * 7 + item * 3 + id / 3) % 5) as u8))
    };
    let team = |people: std::ops::Range<u64>, unit: &str| -> Vec<Worker> {
        people.map(|id| worker(id, unit, varied(id))).collect()
    };
    let found = |workers: &[Worker]| attack(workers, &printed_carelessly(workers, 1, 10, 0), 10, 5);
    // Nothing to find: a few large teams in which no share is small.
    let mut one_gap = team(0..30, "A");
    one_gap.extend(team(30..60, "B"));
    one_gap[3].items[1] = None;
    let mut small = team(0..30, "A");
    small.extend(team(30..34, "B"));
    let mut one_severe = team(0..30, "A");
    for worker in &mut one_severe {
        worker.items[0] = worker.items[0].map(|code| code.min(1));
        worker.items[1] = worker.items[1].map(|code| code.min(2));
    }
    one_severe[0].items[0] = Some(4);
    one_severe[0].items[1] = Some(4);
    let mut alike = team(0..30, "A");
    for worker in &mut alike {
        worker.items = [Some(2), Some(2), Some(1), Some(1)];
    }
    for (what, workers, expected) in [
        ("one blank answer", one_gap, "across scales: 1 people alone"),
        ("a unit too small", small, "a: 4 people alone"),
        ("one person in a band", one_severe, "of a: a few people can be counted"),
        ("everybody alike", alike, "a group alike"),
    ] {
        let found = found(&workers);
        assert!(found.iter().any(|leak| leak.contains(expected)), "{what}: {found:?}");
    }
}

#[test]
fn two_cuts_beside_each_other_tell_nothing() {
    let (mut leaks, mut second) = (0, 0_u64);
    let rounds = attacks(300).div_ceil(3);
    for seed in 1..=rounds {
        let mut dice = Dice(seed.wrapping_mul(0x2545_f491_4f6c_dd1d));
        let mut world = world(&mut dice);
        world.workers.truncate(150);
        let (plan, k) = plan(&mut dice);
        let mut tallies = Tallies::new(measures(false), ["unit", "job"]).unwrap();
        fill(&mut tallies, &world.workers, 2, None);
        let report = tallies.publish(&plan).unwrap();
        let found = attack(&world.workers, &printed(&report, &world.workers, 0), k, 5);
        assert!(found.is_empty(), "organisation {seed}: {found:?}");
        second += u64::from(report.breakdowns()[1].shows_units());
        // Each breakdown safe by itself, and released as if the other did not exist.
        let mut apart = Vec::new();
        for layer in 0..2 {
            let mut tallies = Tallies::new(measures(false), ["unit"]).unwrap();
            let mut workers = world.workers.clone();
            for worker in &mut workers {
                if layer == 1 {
                    worker.unit = worker.job.clone();
                }
            }
            fill(&mut tallies, &workers, 1, None);
            let report = tallies.publish(&plan).unwrap();
            let prints = printed(&report, &workers, 0).into_iter();
            apart.extend(prints.filter(|p| p.layer == 0).map(|print| Print { layer, ..print }));
        }
        leaks += usize::from(!attack(&world.workers, &apart, k, 5).is_empty());
    }
    println!(
        "{rounds} organisations in two breakdowns: 0 leaks; {leaks} leak where each is protected by itself; the second shows units in {second}"
    );
    assert!(leaks > 0, "the attacker is blind");
    assert!(second > rounds / 10, "the second breakdown is always refused: {second}");
}

/// A wave is released before everybody has answered, and again when the late ones have.
#[test]
fn a_second_release_of_a_wave_tells_nothing_about_the_late_ones() {
    let (mut leaks, mut again) = (0, 0_usize);
    let rounds = attacks(300).div_ceil(3);
    for seed in 1..=rounds {
        let mut dice = Dice(seed.wrapping_mul(0x9e6c_63d0_876a_68b5));
        let world = world(&mut dice);
        let (plan, k) = plan(&mut dice);
        let late = [0.0, 0.02, 0.1, 0.4][dice.below(4) as usize];
        let early: Vec<Worker> =
            world.workers.iter().filter(|_| dice.unit() >= late).cloned().collect();
        let salt = Salt::new("pepper").unwrap();
        let mut ledger = Ledger::new(&salt);
        let (mut prints, mut careless) = (Vec::new(), Vec::new());
        for (release, workers) in [&early[..], &world.workers[..]].into_iter().enumerate() {
            let mut tallies = ledger.tallies("spring", measures(false), ["unit"]).unwrap();
            fill(&mut tallies, workers, 1, Some(&salt));
            let report = ledger.publish(&tallies, &plan).unwrap();
            let now = printed(&report, workers, release);
            again += if release > 0 { now.iter().filter(|p| p.variable == "a").count() } else { 0 };
            prints.extend(now);
            let mut alone = Tallies::new(measures(false), ["unit"]).unwrap();
            fill(&mut alone, workers, 1, None);
            careless.extend(printed(&alone.publish(&plan).unwrap(), workers, release));
        }
        let found = attack(&world.workers, &prints, k, 5);
        assert!(found.is_empty(), "organisation {seed}: {found:?}");
        leaks += usize::from(!attack(&world.workers, &careless, k, 5).is_empty());
    }
    println!(
        "{rounds} organisations released twice: 0 leaks; {leaks} leak without a ledger; {again} units shown in the second release"
    );
    assert!(leaks > 0, "the attacker is blind");
    assert!(again as u64 > rounds, "a second release shows nothing: {again}");
}

#[test]
fn three_waves_and_their_changes_tell_nothing() {
    let (mut later, mut alone, mut matched) = (0_usize, 0_usize, 0_usize);
    let rounds = attacks(300).div_ceil(3);
    for seed in 1..=rounds {
        let mut dice = Dice(seed.wrapping_mul(0xd134_2543_de82_ef95));
        let first = world(&mut dice);
        let (plan, k) = plan(&mut dice);
        let mut waves = vec![first.workers];
        for _ in 0..2 {
            let turnover = [0.0, 0.02, 0.1, 0.3][dice.below(4) as usize];
            let before = waves.last().unwrap().clone();
            let mut next: Vec<Worker> =
                before.iter().filter(|_| dice.unit() >= turnover).cloned().collect();
            let mut fresh = 1_000_000 * waves.len() as u64;
            for worker in &before {
                if dice.unit() < turnover {
                    fresh += 1;
                    next.push(Worker { id: fresh, ..worker.clone() });
                }
            }
            for worker in &mut next {
                for code in worker.items.iter_mut().flatten() {
                    *code = (*code + dice.below(3) as u8).saturating_sub(1).min(4);
                }
            }
            waves.push(next);
        }
        let salt = Salt::new("pepper").unwrap();
        let mut ledger = Ledger::new(&salt);
        let mut before: Option<(GroupReport, Vec<Print>)> = None;
        for (wave, workers) in waves.iter().enumerate() {
            let mut tallies =
                ledger.tallies(&format!("wave {wave}"), measures(false), ["unit"]).unwrap();
            fill(&mut tallies, workers, 1, Some(&salt));
            let report = ledger.publish(&tallies, &plan).unwrap();
            let now = printed(&report, workers, wave);
            let found = attack(workers, &now, k, 5);
            assert!(found.is_empty(), "organisation {seed}, wave {wave}: {found:?}");
            if let Some((earlier, then)) = &before {
                let workers = [&waves[wave - 1][..], &workers[..]];
                let change = ledger.change(earlier, &report).unwrap();
                let change = change.with_matched(&same(workers));
                let found = attack_change(workers, [then, &now], &change, k);
                assert!(found.is_empty(), "organisation {seed}, wave {wave}: {found:?}");
                let shown = change.units().iter().flat_map(|unit| unit.scales());
                let is_matched =
                    shown.filter(|e| e.shown().is_some_and(|shown| shown.matched().is_some()));
                matched += is_matched.count();
                later += now.iter().filter(|p| p.variable == "a").count();
                let mut only = Tallies::new(measures(false), ["unit"]).unwrap();
                fill(&mut only, workers[1], 1, None);
                let only = printed(&only.publish(&plan).unwrap(), workers[1], wave);
                alone += only.iter().filter(|p| p.variable == "a").count();
            }
            before = Some((report, now));
        }
    }
    println!(
        "{rounds} organisations in three waves: 0 leaks; {later} units shown in later waves, {alone} if each wave stood alone; {matched} changes of the same people"
    );
    assert_eq!(later, alone, "a new wave is a new measurement");
    assert!(matched as u64 > rounds, "no change is shown: {matched}");
}

#[test]
fn the_published_cases_of_differencing_and_of_people_alike() {
    let path = format!("{}/tests/oracle/suppression.json", env!("CARGO_MANIFEST_DIR"));
    let oracle: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let workers = |n: u64, positives: u64, unit: &str, from: u64| -> Vec<Worker> {
        (0..n)
            .map(|at| Worker {
                id: from + at,
                unit: vec![unit.to_owned()],
                job: vec!["x".to_owned()],
                items: [Some((at % 5) as u8), Some(1), Some((at % 3) as u8), Some(2)],
                flag: Some(at < positives),
                banded: true,
            })
            .collect()
    };
    for case in oracle["homogeneity"].as_array().unwrap() {
        let (n, positives) = (case["n"].as_u64().unwrap(), case["positives"].as_u64().unwrap());
        let mut people = workers(n, positives, "team", 0);
        people.extend(workers(30, 12, "rest", 100));
        let mut tallies = Tallies::new(measures(false), ["unit"]).unwrap();
        fill(&mut tallies, &people, 1, None);
        let report = tallies.publish(&Plan::default()).unwrap();
        let team = report.unit("unit", &["team"]).unwrap();
        // Nobody may be said; anything else here is a handful, or everybody but a handful.
        assert_eq!(team.criterion("flag").is_some(), positives == 0, "{positives} of {n}");
        assert!(team.scale("a").is_some(), "only that answer is hidden");
    }
    // One release of a larger and one of a smaller set of people.
    for case in oracle["differencing"].as_array().unwrap() {
        let size = |cut: &str| case[cut]["n"].as_u64().unwrap();
        let everybody = workers(size("larger_cut"), 20, "team", 0);
        let salt = Salt::new("pepper").unwrap();
        let mut ledger = Ledger::new(&salt);
        let mut shown = Vec::new();
        for people in [&everybody[..], &everybody[..size("smaller_cut") as usize]] {
            let mut tallies = ledger.tallies("same wave", measures(false), ["unit"]).unwrap();
            fill(&mut tallies, people, 1, Some(&salt));
            let report = ledger.publish(&tallies, &Plan::default()).unwrap();
            shown.push(report.unit("unit", &[] as &[&str]).unwrap().scale("a").is_some());
        }
        assert_eq!(shown, [true, !case["unsafe"].as_bool().unwrap()], "{}", case["case"]);
    }
}
