//! Writes the simulated sample export: `cargo run --example make_sample`.
//!
//! No real person is in it. Answers come from a small latent model (strain, trauma and satisfaction of a person,
//! shifted by team and by wave) with blanks, declined answers and a few cells that are wrong on purpose.
//! Only additions and multiplications of floating-point numbers decide an answer, so every platform writes the
//! same bytes; `tests/sample.rs` compares them with the committed files.

use std::{fs, io, path::Path};

/// One team: where it belongs, its posts, how far it is shifted from the average (strain, trauma), how strain
/// moves until the second wave, and who works there.
struct Team {
    directorate: &'static str,
    name: &'static str,
    posts: usize,
    strain: f64,
    trauma: f64,
    drift: f64,
    professions: &'static [&'static str],
}

#[rustfmt::skip]
const TEAMS: [Team; 13] = [
    team("Children and families", "Child protection", 62, 0.45, 0.50, 0.10, &["social worker", "social worker", "social worker", "psychologist"]),
    team("Children and families", "Family support", 38, 0.05, 0.00, 0.00, &["social worker", "counsellor", "care assistant"]),
    team("Children and families", "School counselling", 14, -0.20, -0.10, 0.00, &["counsellor", "psychologist"]),
    team("Hospital", "Emergency", 71, 0.35, 0.30, 0.15, &["nurse", "nurse", "nurse", "physician", "care assistant"]),
    team("Hospital", "Oncology", 33, 0.05, 0.10, 0.00, &["nurse", "nurse", "physician"]),
    team("Hospital", "Palliative care", 19, -0.35, 0.05, 0.00, &["nurse", "physician", "care assistant"]),
    team("Hospital", "Spiritual care", 5, -0.50, -0.20, 0.00, &["chaplain"]),
    team("Crisis", "Crisis line", 27, 0.15, 0.45, 0.80, &["counsellor", "counsellor", "psychologist"]),
    team("Crisis", "Refuge", 16, 0.40, 0.60, -0.55, &["social worker", "counsellor"]),
    team("Crisis", "Asylum support", 11, 0.25, 0.70, 0.00, &["social worker", "interpreter", "psychologist"]),
    team("Community", "Home care", 84, 0.00, -0.25, 0.05, &["care assistant", "care assistant", "nurse"]),
    team("Community", "Outreach", 9, 0.10, 0.20, 0.00, &["social worker", "nurse"]),
    team("Corporate", "Administration", 24, -0.15, -0.70, 0.00, &["administrator"]),
];

const fn team(
    directorate: &'static str,
    name: &'static str,
    posts: usize,
    strain: f64,
    trauma: f64,
    drift: f64,
    professions: &'static [&'static str],
) -> Team {
    Team { directorate, name, posts, strain, trauma, drift, professions }
}

/// ProQOL 5 items by number: which latent quantity an item shows and whether it is reverse-keyed.
#[derive(Clone, Copy, PartialEq)]
enum Shows {
    Satisfaction,
    Strain,
    LackOfStrain,
    Trauma,
}

const SATISFACTION: [usize; 10] = [3, 6, 12, 16, 18, 20, 22, 24, 27, 30];
const TRAUMA: [usize; 10] = [2, 5, 7, 9, 11, 13, 14, 23, 25, 28];
const REVERSED: [usize; 5] = [1, 4, 15, 17, 29];
/// Items on intrusion and avoidance, which some people would rather not answer.
const SENSITIVE: [usize; 4] = [14, 23, 25, 28];

const CBI: [(&str, usize); 3] = [("personal", 6), ("work", 7), ("client", 6)];
const DECLINED: &str = "-99";
const NOT_APPLICABLE: &str = "88";

/// Cells that are wrong on purpose, or unusual but readable: which row and column of the finished table, and the text.
const PLANTED: [(usize, &str, &str); 20] = [
    // Not understood: no code, no label, no declared sentinel.
    (11, "pq7", "0"),
    (58, "pq20", "0"),
    (58, "pq21", "0"),
    (97, "pq12", "4,5"),
    (131, "pq3", "often!"),
    (164, "pq30", "6"),
    (203, "pq16", "2-3"),
    (240, "pq9", "see comment"),
    (266, "cbi_personal-4", "60"),
    (301, "cbi_work-2", "high degree?"),
    (344, "pq25", "33"),
    (389, "cbi_client-1", "n/a"),
    (427, "pq1", "2.29"),
    (470, "cbi_work-7", "-25"),
    // Understood: a code with its label, a decimal that equals a code, blanks around a code.
    (22, "pq6", "4 - Often"),
    (75, "pq6", "5 - Very often"),
    (118, "pq18", "3.0"),
    (190, "cbi_personal-1", "75.0"),
    (333, "pq2", " 2 "),
    (402, "pq24", "4 – often"),
];

/// SplitMix64 (Steele, Lea & Flood 2014, doi 10.1145/2660193.2660195).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Uniform in [0, 1).
    #[expect(clippy::cast_precision_loss)] // 53 bits fit
    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn chance(&mut self, p: f64) -> bool {
        self.unit() < p
    }

    fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.next() % n.max(1) as u64).unwrap_or(0)
    }

    /// Close to a standard normal: the sum of twelve uniforms less six needs no logarithm.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.unit()).sum::<f64>() - 6.0
    }
}

#[derive(Clone)]
struct Person {
    id: usize,
    team: usize,
    profession: &'static str,
    strain: f64,
    trauma: f64,
    satisfaction: f64,
}

fn person(id: usize, team_index: usize, random: &mut Random) -> Option<Person> {
    let team = TEAMS.get(team_index)?;
    let strain = random.normal();
    Some(Person {
        id,
        team: team_index,
        profession: team.professions.get(random.below(team.professions.len()))?,
        strain: strain + team.strain,
        trauma: 0.55 * strain + 0.80 * random.normal() + team.trauma,
        satisfaction: -0.55 * strain + 0.80 * random.normal() - 0.5 * team.strain,
    })
}

/// Half a year later: mostly the same person, some change, and what happened to the team.
fn later(person: &Person, random: &mut Random) -> Person {
    let drift = TEAMS.get(person.team).map_or(0.0, |team| team.drift);
    Person {
        strain: 0.85 * person.strain + 0.5 * random.normal() + drift,
        trauma: 0.85 * person.trauma + 0.5 * random.normal() + 0.6 * drift,
        satisfaction: 0.90 * person.satisfaction + 0.4 * random.normal() - 0.4 * drift,
        ..person.clone()
    }
}

/// One answer: a step from 0 to `top`, by rounding a latent value.
fn step(centre: f64, top: u8, random: &mut Random) -> u8 {
    let value = centre + 0.72 * random.normal();
    (0..top).take_while(|&at| value >= f64::from(at) + 0.5).count().try_into().unwrap_or(top)
}

fn proqol(person: &Person, number: usize, random: &mut Random) -> u8 {
    let shows = if SATISFACTION.contains(&number) {
        Shows::Satisfaction
    } else if TRAUMA.contains(&number) {
        Shows::Trauma
    } else if REVERSED.contains(&number) {
        Shows::LackOfStrain
    } else {
        Shows::Strain
    };
    // Items differ in how easily people agree; a fixed pattern by number stands for that.
    let ease = [0.0, 0.25, -0.2, 0.1, -0.3, 0.15].get(number % 6).copied().unwrap_or(0.0);
    let centre = match shows {
        Shows::Satisfaction => 2.7 + 0.62 * person.satisfaction,
        Shows::Strain => 1.45 + 0.60 * person.strain,
        Shows::LackOfStrain => 2.65 - 0.48 * person.strain,
        Shows::Trauma => 1.1 + 0.58 * person.trauma,
    };
    1 + step(centre + ease, 4, random)
}

fn copenhagen(person: &Person, block: &str, number: usize, random: &mut Random) -> u8 {
    let ease = [0.0, 0.3, -0.25, 0.1, -0.15].get(number % 5).copied().unwrap_or(0.0);
    let centre = match block {
        "personal" => 1.75 + 0.75 * person.strain,
        "work" => 1.65 + 0.75 * (0.9 * person.strain + 0.1 * person.trauma),
        _ => 1.25 + 0.70 * (0.6 * person.strain + 0.4 * person.trauma),
    };
    let answer = step(centre + ease, 4, random);
    // Having energy for family and friends counts the other way.
    25 * if (block, number) == ("work", 7) { 4 - answer } else { answer }
}

/// All 49 answers of one person on one occasion, as the cells of the export.
fn answers(person: &Person, random: &mut Random) -> Vec<String> {
    let numbers = 1..=30_usize;
    let mut cells: Vec<String> = if random.chance(0.012) {
        // The middle of everything: fast, or not reading.
        numbers.map(|_| "3".to_owned()).chain((0..19).map(|_| "50".to_owned())).collect()
    } else {
        let first: Vec<_> = numbers.map(|n| proqol(person, n, random).to_string()).collect();
        let mut all = first;
        for (block, items) in CBI {
            for n in 1..=items {
                all.push(copenhagen(person, block, n, random).to_string());
            }
        }
        all
    };
    if person.profession == "administrator" {
        cells.iter_mut().skip(43).for_each(|cell| NOT_APPLICABLE.clone_into(cell));
    }
    if random.chance(0.035) {
        for number in SENSITIVE {
            if random.chance(0.7)
                && let Some(cell) = cells.get_mut(number - 1)
            {
                DECLINED.clone_into(cell);
            }
        }
    }
    for cell in &mut cells {
        if random.chance(0.008) {
            cell.clear();
        }
    }
    if random.chance(0.045) {
        // Stopped on the way.
        let last = 12 + random.below(34);
        cells.iter_mut().skip(last).for_each(String::clear);
    }
    if random.chance(0.006) {
        cells.fill(DECLINED.to_owned());
    }
    cells
}

fn item_columns() -> impl Iterator<Item = String> {
    let proqol = (1..=30).map(|n| format!("pq{n}"));
    let copenhagen =
        CBI.into_iter().flat_map(|(b, n)| (1..=n).map(move |i| format!("cbi_{b}-{i}")));
    proqol.chain(copenhagen)
}

/// A cell as RFC 4180 wants it.
fn quoted(cell: &str) -> String {
    if cell.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

/// The sample export, whole.
pub(crate) fn staff_survey() -> String {
    let mut random = Random(20_250_303);
    // Identifiers in random order, so that they say nothing about a team.
    let posts: usize = TEAMS.iter().map(|team| team.posts).sum();
    let mut ids: Vec<usize> = (1001..1001 + 2 * posts).collect();
    for at in (1..ids.len()).rev() {
        let other = random.below(at + 1);
        ids.swap(at, other);
    }
    let mut ids = ids.into_iter();
    let mut staff: Vec<Person> = Vec::new();
    for (index, team) in TEAMS.iter().enumerate() {
        staff.extend((0..team.posts).filter_map(|_| person(ids.next()?, index, &mut random)));
    }

    let columns: Vec<String> = ["wave", "date", "staff_id", "directorate", "team", "profession"]
        .into_iter()
        .map(str::to_owned)
        .chain(item_columns())
        .collect();
    let mut rows: Vec<Vec<String>> = Vec::new();
    for (wave, month) in [("1", "03"), ("2", "09")] {
        let mut returned: Vec<(usize, &Person)> = Vec::new();
        for person in &staff {
            // People under strain answer a little less often.
            if random.chance(0.76 - 0.04 * person.strain) {
                returned.push((3 + random.below(19), person));
            }
        }
        returned.sort_by_key(|(day, person)| (*day, person.id));
        for (day, person) in returned {
            let Some(team) = TEAMS.get(person.team) else { continue };
            let mut row = vec![
                wave.to_owned(),
                format!("2025-{month}-{day:02}"),
                format!("S{}", person.id),
                team.directorate.to_owned(),
                team.name.to_owned(),
                person.profession.to_owned(),
            ];
            row.extend(answers(person, &mut random));
            rows.push(row);
        }
        let mut next = Vec::new();
        for old in &staff {
            let leaves = random.chance(0.10 + 0.03 * old.strain);
            let new = if leaves {
                ids.next().and_then(|id| person(id, old.team, &mut random))
            } else {
                None
            };
            next.push(new.unwrap_or_else(|| later(old, &mut random)));
        }
        staff = next;
    }
    for (row, column, text) in PLANTED {
        if let Some(at) = columns.iter().position(|name| name == column)
            && let Some(cell) = rows.get_mut(row).and_then(|cells| cells.get_mut(at))
        {
            text.clone_into(cell);
        }
    }

    let mut text = columns.join(",");
    text.push('\n');
    for row in rows {
        text.push_str(&row.iter().map(|cell| quoted(cell)).collect::<Vec<_>>().join(","));
        text.push('\n');
    }
    text
}

/// Posts of each team, which both waves invited in full.
pub(crate) fn invited() -> String {
    let header = "directorate,team,invited".to_owned();
    let lines =
        TEAMS.iter().map(|team| format!("{},{},{}", team.directorate, team.name, team.posts));
    std::iter::once(header).chain(lines).map(|line| line + "\n").collect()
}

#[allow(dead_code)] // the test includes this file as a module
fn main() -> io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data");
    fs::write(folder.join("staff_survey.csv"), staff_survey())?;
    fs::write(folder.join("invited.csv"), invited())
}
