//! Writes the simulated course of three people: `cargo run --example make_course`.
//!
//! No real person is in it. Monthly ProQOL 5 answers come from a small latent model (satisfaction, strain and
//! trauma of a person, moving over the months). Only additions and multiplications of floating-point numbers
//! decide an answer, so every platform writes the same bytes; `tests/follow_course.rs` compares them.

use std::{fs, io, path::Path};

/// Which latent quantity an item of the ProQOL 5 shows, by its number; the rest show trauma.
const SATISFACTION: [usize; 10] = [3, 6, 12, 16, 18, 20, 22, 24, 27, 30];
const STRAIN: [usize; 5] = [8, 10, 19, 21, 26];
const LACK_OF_STRAIN: [usize; 5] = [1, 4, 15, 17, 29];

/// One person: where each latent quantity (satisfaction, strain, trauma) starts and how it moves.
struct Person {
    id: &'static str,
    /// Days of the check-ins; some months are missing.
    days: &'static [&'static str],
    start: [f64; 3],
    /// Added a month from this check-in on.
    slope: [f64; 3],
    from: usize,
    /// Check-in at which the trauma items were left out.
    left_out: Option<usize>,
}

const PEOPLE: [Person; 3] = [
    Person {
        id: "M14",
        days: &[
            "2025-01-10",
            "2025-02-07",
            "2025-03-12",
            "2025-04-09",
            "2025-05-08",
            "2025-06-11",
            "2025-07-09",
            "2025-09-10",
            "2025-10-08",
            "2025-11-12",
            "2025-12-10",
            "2026-01-14",
        ],
        start: [0.4, -0.3, -0.9],
        slope: [-0.06, 0.10, 0.24],
        from: 4,
        left_out: None,
    },
    Person {
        id: "K02",
        days: &[
            "2025-01-13",
            "2025-02-10",
            "2025-03-10",
            "2025-04-14",
            "2025-05-12",
            "2025-06-10",
            "2025-07-14",
            "2025-08-11",
            "2025-09-15",
            "2025-10-13",
            "2025-11-10",
            "2025-12-08",
        ],
        start: [0.6, -0.4, -0.8],
        slope: [0.0, 0.0, 0.0],
        from: 0,
        left_out: Some(6),
    },
    Person {
        id: "T27",
        days: &[
            "2025-01-20",
            "2025-02-17",
            "2025-03-17",
            "2025-04-22",
            "2025-05-19",
            "2025-06-16",
            "2025-07-21",
            "2025-08-18",
            "2025-09-15",
            "2025-10-20",
        ],
        start: [-0.3, 0.9, 0.4],
        slope: [0.08, -0.16, -0.12],
        from: 2,
        left_out: None,
    },
];

struct Dice(u64);

impl Dice {
    /// Between 0 and 1.
    fn even(&mut self) -> f64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Around 0, mostly within 2.
    fn wobble(&mut self) -> f64 {
        (0..4).map(|_| self.even()).sum::<f64>() * 1.7 - 3.4
    }
}

/// The file.
pub(crate) fn course() -> String {
    let mut dice = Dice(20_250_110);
    let columns: Vec<String> = (1..=30).map(|n| format!("pq{n}")).collect();
    let mut text = format!("id,date,{}\n", columns.join(","));
    for person in &PEOPLE {
        for (at, day) in person.days.iter().enumerate() {
            let months = at.saturating_sub(person.from) as f64;
            let [satisfaction, strain, trauma] = [0, 1, 2].map(|which: usize| {
                let start = person.start.get(which).copied().unwrap_or_default();
                let slope = person.slope.get(which).copied().unwrap_or_default();
                start + slope * months + 0.12 * dice.wobble()
            });
            text.push_str(&format!("{},{day}", person.id));
            for item in 1..=30 {
                let level = if SATISFACTION.contains(&item) {
                    3.4 + satisfaction
                } else if STRAIN.contains(&item) {
                    2.6 + strain
                } else if LACK_OF_STRAIN.contains(&item) {
                    3.4 - strain
                } else if person.left_out == Some(at) {
                    text.push(',');
                    continue;
                } else {
                    2.6 + trauma
                };
                let answer = (level + 0.5 * dice.wobble() + 0.5).floor().clamp(1.0, 5.0);
                text.push_str(&format!(",{answer}"));
            }
            text.push('\n');
        }
    }
    text
}

#[allow(dead_code)] // the test includes this file as a module
fn main() -> io::Result<()> {
    fs::write(Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data/course.csv"), course())
}
