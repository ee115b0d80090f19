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
        self.answered(variable).filter(|_| whole || variable == "people")
    }
    fn answered(&self, variable: &str) -> Option<f64> {
        match variable {
            "a" => self.sum(0..2),
            "b" => self.sum(2..4),
            "total" => self.sum(0..4),
            "flag" => self.flag.map(|flag| f64::from(u8::from(flag))),
            "cut" => self.answered("a").map(|a| f64::from(u8::from(a >= 5.0))),
            "a-band" => self.answered("a").filter(|_| self.banded).map(|_| 1.0),

            "people" => {
                let any = self.items.iter().any(Option::is_some) || self.flag.is_some();
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

/// People of one category would be told the same. Not meeting the cut-off is none of it: the bands
/// tell as much.
fn category(worker: &Worker, variable: &str) -> Option<u64> {
    match variable {
        "a-band" => worker.value(variable).and_then(|_| worker.value("a")).map(|a| band(a) as u64),
        "cut" => worker.value("cut").filter(|met| *met == 1.0).map(|_| 1),
        _ => worker.value(variable).map(f64::to_bits),
    }
}

struct World {
    workers: Vec<Worker>,
}

/// Skewed unit sizes, units that are alike, rare answers, blanks.
fn world(dice: &mut Dice) -> World {
    let depth = 1 + dice.below(3);
    let missing = if dice.below(3) == 0 { 0.03 * dice.unit() } else { 0.0 };
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

/// A printed number: about whom (cut, path, or everybody but those), of what, and how much.
#[derive(Clone, Debug)]
struct Print {
    wave: usize,
    cut: usize,
    path: Vec<String>,
    but: bool,
    variable: String,
    n: f64,
    sum: f64,
}

fn measures(items: bool) -> Measures {
    let bands = [(0.0, "low"), (2.0, "middle"), (5.0, "high")];
    let made = Measures::new("demo")
        .with_scale(ScaleMeasure::new("a", 0.0, 8.0).with_bands(bands).with_items(["a1", "a2"]))
        .with_scale(ScaleMeasure::new("b", 0.0, 8.0).with_items(["b1", "b2"]))
        .with_scale(ScaleMeasure::new("total", 0.0, 16.0).with_items(["a1", "a2", "b1", "b2"]))
        .with_criterion(CriterionMeasure::new("flag"))
        .with_criterion(CriterionMeasure::new("cut").with_cut_of("a"));
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
        for (at, criterion) in ["flag", "cut"].iter().enumerate() {
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

/// Everything additive that a report prints: the CSV for scales, the JSON for the rest.
fn printed(report: &GroupReport, wave: usize) -> Vec<Print> {
    let mut prints = Vec::new();
    let csv = report.to_csv();
    for row in csv::Reader::from_reader(csv.as_bytes()).records().map(Result::unwrap) {
        if &row[2] != "published" {
            assert!(row.iter().skip(3).all(str::is_empty), "a hidden row says something: {row:?}");
            continue;
        }
        let (cut, path) = match row[0].strip_prefix("job:") {
            Some(path) => (1, path),
            None => (0, &row[0]),
        };
        let path = path.split('/').filter(|name| !name.is_empty()).map(str::to_owned).collect();
        let n: f64 = row[3].parse().unwrap();
        let sum = n * row[4].parse::<f64>().unwrap();
        prints.push(Print { wave, cut, path, but: false, variable: row[1].to_owned(), n, sum });
    }
    let json = serde_json::to_value(report).unwrap();
    for (cut, of) in json["cuts"].as_array().unwrap().iter().enumerate() {
        for unit in of["units"].as_array().unwrap() {
            let path: Vec<String> = unit["path"]
                .as_array()
                .unwrap()
                .iter()
                .map(|n| n.as_str().unwrap().to_owned())
                .collect();
            let mut add = |variable: &str, n: &Value, mean: f64, but: bool| {
                let n = n.as_f64().unwrap();
                let (variable, path) = (variable.to_owned(), path.clone());
                prints.push(Print { wave, cut, path, but, variable, n, sum: n * mean });
            };
            if let Some(answered) = unit["participation"].get("answered") {
                add("people", answered, 1.0, false);
            }
            for scale in
                unit["scales"].as_array().unwrap().iter().filter(|s| s.get("shown").is_some())
            {
                if let Some(first) = scale["shown"]["bands"].get(0) {
                    add("a-band", &first["share"]["of"], 1.0, false);
                }
                let rest = &scale["shown"]["rest"];
                if !rest.is_null() {
                    let mean = rest["rest_mean"].as_f64().unwrap();
                    add(scale["id"].as_str().unwrap(), &rest["rest_n"], mean, true);
                }
            }
            let criteria = unit["criteria"].as_array().unwrap();
            for criterion in criteria.iter().filter(|s| s.get("shown").is_some()) {
                let share = &criterion["shown"];
                let mean = share["share"].as_f64().unwrap();
                add(criterion["id"].as_str().unwrap(), &share["of"], mean, false);
            }
            for item in
                unit["items"].as_array().unwrap().iter().filter(|s| s.get("shown").is_some())
            {
                let mean = item["shown"]["mean"].as_f64().unwrap();
                add(item["id"].as_str().unwrap(), &item["shown"]["n"], mean, false);
            }
        }
    }
    prints
}

/// What a report without secondary suppression would print: every unit of at least k people.
fn printed_carelessly(workers: &[Worker], cuts: usize, k: u64, wave: usize) -> Vec<Print> {
    let mut prints = Vec::new();
    for cut in 0..cuts {
        let home =
            |worker: &Worker| if cut == 0 { worker.unit.clone() } else { worker.job.clone() };
        let units: BTreeSet<Vec<String>> = workers
            .iter()
            .flat_map(|worker| {
                let home = home(worker);
                (0..=home.len()).map(move |depth| home[..depth].to_vec())
            })
            .collect();
        for path in units {
            for variable in ["a", "a-band", "b", "total", "flag", "cut", "people"] {
                let values: Vec<f64> = workers
                    .iter()
                    .filter(|worker| home(worker).starts_with(&path))
                    .filter_map(|worker| worker.value(variable))
                    .collect();
                if values.len() as u64 >= k {
                    let (n, sum) = (values.len() as f64, values.iter().sum());
                    let (variable, path) = (variable.to_owned(), path.clone());
                    prints.push(Print { wave, cut, path, but: false, variable, n, sum });
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
    rows.truncate(rank);
    rows
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

/// Waves are lists of workers; the same id is the same person, whose answers are taken to be the
/// same. `own` treats each print's variable as an unknown of its own; otherwise scales are sums of
/// items.
fn unknowns(waves: &[&[Worker]], prints: &[Print], own: bool) -> Unknowns {
    let mut cells: BTreeMap<(u64, &'static str), Vec<u64>> = BTreeMap::new();
    let mut people: BTreeMap<u64, usize> = BTreeMap::new();
    for (at, print) in prints.iter().enumerate() {
        for worker in waves[print.wave] {
            people.entry(worker.id).or_insert(worker.id as usize);
            let home = if print.cut == 0 { &worker.unit } else { &worker.job };
            if home.starts_with(&print.path) == print.but || worker.value(&print.variable).is_none()
            {
                continue;
            }
            let weighed: &[&'static str] = if own { &["own"] } else { parts(&print.variable) };
            for part in weighed {
                cells.entry((worker.id, part)).or_insert_with(|| vec![0; prints.len()])[at] = 1;
            }
        }
    }
    let mut merged: BTreeMap<(Vec<u64>, &'static str), Vec<usize>> = BTreeMap::new();
    for ((id, part), weights) in cells {
        merged.entry((weights, part)).or_default().push(people[&id]);
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
        tried.into_iter().find(|on| !on.is_empty() && self.rests_on(on))
    }
}

/// For two partitions of people (two cuts, or two waves of one cut), the fewest people that any
/// combination of their printed sums rests on. People in no printed group stand at node 0.
fn between(waves: &[&[Worker]], prints: &[Print], layers: [(usize, usize); 2]) -> Option<u64> {
    let mut homes: BTreeMap<u64, [usize; 2]> = BTreeMap::new();
    for (side, (wave, cut)) in layers.into_iter().enumerate() {
        let printed: Vec<(usize, &Print)> = prints
            .iter()
            .enumerate()
            .filter(|(_, p)| (p.wave, p.cut, p.but) == (wave, cut, false))
            .collect();
        for worker in waves[wave] {
            let home = if cut == 0 { &worker.unit } else { &worker.job };
            let deepest = printed
                .iter()
                .filter(|(_, p)| home.starts_with(&p.path) && worker.value(&p.variable).is_some())
                .max_by_key(|(_, p)| p.path.len());
            if let Some((at, _)) = deepest {
                homes.entry(worker.id).or_default()[side] = 1 + at;
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
            let printed = prints.iter().filter(|p| p.variable == scale && !p.but);
            let mut sets: Vec<BTreeSet<u64>> = printed.map(|p| inside(wave, &p.path)).collect();
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

/// Everything that can be found in one release or several.
fn attack(waves: &[&[Worker]], prints: &[Print], k: u64) -> Vec<String> {
    let mut found = Vec::new();
    let by_id: BTreeMap<usize, &Worker> = waves
        .iter()
        .flat_map(|wave| wave.iter())
        .map(|worker| (worker.id as usize, worker))
        .collect();
    for variable in ["people", "a", "a-band", "b", "total", "flag", "cut", "a1", "a2", "b1", "b2"] {
        let own: Vec<Print> = prints.iter().filter(|p| p.variable == variable).cloned().collect();
        if own.is_empty() {
            continue;
        }
        let unknowns = unknowns(waves, &own, true);
        if let Some(group) = unknowns.small_group(k) {
            let people: Vec<usize> =
                group.iter().flat_map(|c| unknowns.columns[*c].0.clone()).collect();
            found.push(format!(
                "{variable}: {} people alone: {}",
                people.len(),
                worked_out(&unknowns, &own, &group, &by_id)
            ));
        }
        let mut layers: Vec<(usize, usize)> = own.iter().map(|p| (p.wave, p.cut)).collect();
        layers.sort_unstable();
        layers.dedup();
        for (at, first) in layers.iter().enumerate() {
            for then in &layers[at + 1..] {
                if let Some(fewest) =
                    between(waves, &own, [*first, *then]).filter(|fewest| *fewest < k)
                {
                    found.push(format!(
                        "{variable}: {fewest} people between {first:?} and {then:?}"
                    ));
                }
            }
        }
        if variable == "people" || waves.len() > 1 {
            continue;
        }
        let of = |person: usize| category(by_id[&person], variable);
        let categories: BTreeSet<u64> = by_id.keys().filter_map(|person| of(*person)).collect();
        for one in categories {
            if let Some(group) = unknowns.alike(&|person, _| of(person) == Some(one)) {
                found.push(format!(
                    "{variable}: a group alike: {}",
                    worked_out(&unknowns, &own, &group, &by_id)
                ));
            }
        }
    }
    // Scales are sums of items: what can be worked out across them. Only where nobody left blanks,
    // for who skipped a question is no group that anybody could name.
    let whole = by_id.values().all(|worker| worker.items.iter().all(Option::is_some));
    if whole && waves.len() == 1 {
        let linked: Vec<Print> =
            prints.iter().filter(|p| !parts(&p.variable).is_empty()).cloned().collect();
        let unknowns = unknowns(waves, &linked, false);
        if let Some(group) = unknowns.small_group(k) {
            found.push(format!("across scales: {} kinds of people alone", group.len()));
        }
        for end in [0, 4] {
            let at_end =
                |person: usize, part: &str| by_id[&person].value(part) == Some(f64::from(end));
            if unknowns.alike(&at_end).is_some() {
                found.push(format!("across scales: a group all at {end}"));
            }
        }
    }
    for first in prints.iter().filter(|p| p.variable == "people" && !p.but) {
        for then in prints.iter().filter(|p| {
            p.variable == "people"
                && p.wave > first.wave
                && p.cut == first.cut
                && p.path == first.path
        }) {
            let ids = |print: &Print| -> BTreeSet<u64> {
                let home = |w: &Worker| if print.cut == 0 { w.unit.clone() } else { w.job.clone() };
                let wave = waves[print.wave].iter();
                wave.filter(|w| home(w).starts_with(&print.path) && w.value("people").is_some())
                    .map(|w| w.id)
                    .collect()
            };
            let (before, after) = (ids(first), ids(then));
            for (what, people) in [
                ("left", before.difference(&after).count() as u64),
                ("joined", after.difference(&before).count() as u64),
            ] {
                if people > 0 && people < k {
                    found.push(format!(
                        "{people} {what} {:?} between two printed waves",
                        first.path
                    ));
                }
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
                let value = by_id[person].value(&prints[0].variable).unwrap_or(0.0);
                truth = (truth.0 + weight, truth.1 + weight * value);
            }
        }
        assert!((n - truth.0).abs() < 1e-6 && (sum - truth.1).abs() < 1e-6, "{n} {sum} {truth:?}");
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
    let (mut leaks, mut shown, mut units) = (0, 0_usize, 0_usize);
    let rounds = attacks(300);
    for seed in 1..=rounds {
        let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let world = world(&mut dice);
        let (plan, k) = plan(&mut dice);
        let mut tallies = Tallies::new(measures(dice.below(3) == 0), ["unit"]).unwrap();
        fill(&mut tallies, &world.workers, 1, None);
        let report = tallies.publish(&plan).unwrap();
        let prints = printed(&report, 0);
        let found = attack(&[&world.workers], &prints, k);
        assert!(found.is_empty(), "organisation {seed}: {found:?}");
        shown += prints.iter().filter(|p| p.variable == "a" && !p.but).count();
        units += report.cuts()[0].units().len();
        let careless = printed_carelessly(&world.workers, 1, k, 0);
        leaks += usize::from(!attack(&[&world.workers], &careless, k).is_empty());
    }
    println!(
        "{rounds} organisations on one tree: 0 leaks; {leaks} leak where only small units are hidden; {shown} of {units} units shown on scale a"
    );
    assert!(leaks as u64 * 2 > rounds, "the attacker is blind: {leaks}");
    assert!(shown * 4 > units, "nothing is shown: {shown} of {units}");
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
        let found = attack(&[&world.workers], &printed(&report, 0), k);
        assert!(found.is_empty(), "organisation {seed}: {found:?}");
        second += u64::from(report.cuts()[1].shows_units());
        // Each cut safe by itself, and released as if the other did not exist.
        let mut apart = Vec::new();
        for (cut, name) in ["unit", "job"].iter().enumerate() {
            let mut tallies = Tallies::new(measures(false), ["unit"]).unwrap();
            let mut workers = world.workers.clone();
            for worker in &mut workers {
                if cut == 1 {
                    worker.unit = worker.job.clone();
                }
            }
            fill(&mut tallies, &workers, 1, None);
            let report = tallies.publish(&plan).unwrap();
            assert!(!name.is_empty());
            apart.extend(printed(&report, 0).into_iter().map(|print| Print { cut, ..print }));
        }
        leaks += usize::from(!attack(&[&world.workers], &apart, k).is_empty());
    }
    println!(
        "{rounds} organisations in two cuts: 0 leaks; {leaks} leak where each cut is protected by itself; the second cut shows units in {second}"
    );
    assert!(leaks > 0, "the attacker is blind");
    assert!(second > rounds / 8, "the second cut is always refused: {second}");
}

#[test]
fn three_waves_through_a_ledger_tell_nothing() {
    let (mut leaks, mut later, mut changed, mut matched) = (0, 0_usize, 0_u64, 0_usize);
    let rounds = attacks(300).div_ceil(3);
    for seed in 1..=rounds {
        let mut dice = Dice(seed.wrapping_mul(0xd134_2543_de82_ef95));
        let first = world(&mut dice);
        let (plan, k) = plan(&mut dice);
        let mut waves = vec![first.workers];
        for _ in 0..2 {
            let turnover = [0.0, 0.02, 0.1, 0.3][dice.below(4) as usize];
            let mut next = waves.last().unwrap().clone();
            let homes: Vec<(Vec<String>, Vec<String>)> =
                next.iter().map(|w| (w.unit.clone(), w.job.clone())).collect();
            let mut fresh = 1_000_000 * waves.len() as u64;
            let still: BTreeSet<Vec<String>> =
                homes.iter().filter(|_| dice.below(3) == 0).map(|home| home.0.clone()).collect();
            next.retain(|worker| still.contains(&worker.unit) || dice.unit() >= turnover);
            for worker in waves.last().unwrap() {
                if still.contains(&worker.unit) || dice.unit() >= turnover {
                    continue;
                }
                let home = homes[dice.below(homes.len() as u64) as usize].clone();
                if still.contains(&home.0) {
                    continue;
                }
                fresh += 1;
                next.push(Worker { id: fresh, unit: home.0, job: home.1, ..worker.clone() });
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
        let (mut prints, mut careless) = (Vec::new(), Vec::new());
        let mut before: Option<(GroupReport, Vec<Print>)> = None;
        for (wave, workers) in waves.iter().enumerate() {
            let mut tallies = ledger.tallies(measures(false), ["unit"]).unwrap();
            fill(&mut tallies, workers, 1, Some(&salt));
            let report = ledger.publish(&tallies, &plan, &format!("wave {wave}")).unwrap();
            let now = printed(&report, wave);
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
            }
            before = Some((report, now.clone()));

            later +=
                if wave > 0 { now.iter().filter(|p| p.variable == "people").count() } else { 0 };
            prints.extend(now);
            let mut alone = Tallies::new(measures(false), ["unit"]).unwrap();
            fill(&mut alone, workers, 1, None);
            careless.extend(printed(&alone.publish(&plan).unwrap(), wave));
        }
        let people: Vec<&[Worker]> = waves.iter().map(Vec::as_slice).collect();
        // Who skipped a question in one wave is no group that anybody could name: people only.
        let only = |prints: &[Print]| -> Vec<Print> {
            prints.iter().filter(|p| p.variable == "people").cloned().collect()
        };
        let found = attack(&people, &only(&prints), k);
        assert!(found.is_empty(), "organisation {seed}: {found:?}");
        let turned = waves[0].len() != waves[1].len();
        changed += u64::from(turned);
        leaks += usize::from(!attack(&people, &only(&careless), k).is_empty());
    }
    println!(
        "{rounds} organisations in three waves: 0 leaks; {leaks} leak without a ledger ({changed} had changes); {later} units shown in later waves, {matched} changes of the same people"
    );
    assert!(leaks > 0, "the attacker is blind");
    assert!(later as u64 > 2 * rounds, "later waves show nothing: {later}");
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
        assert!(team.criterion("flag").is_none(), "{positives} of {n}");
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
            let mut tallies = ledger.tallies(measures(false), ["unit"]).unwrap();
            fill(&mut tallies, people, 1, Some(&salt));
            let report = ledger.publish(&tallies, &Plan::default(), "same wave").unwrap();
            shown.push(report.unit("unit", &[] as &[&str]).unwrap().scale("a").is_some());
        }
        assert_eq!(shown, [true, !case["unsafe"].as_bool().unwrap()], "{}", case["case"]);
    }
}
