//! Columns that hold the same numbers: one item stands in the file twice, and another is lost.

use super::finding::{KeyFinding, KeyProblem, Likelihood};
use super::relations::KeyedForm;

/// Rows that two columns must share before equal columns are no chance.
const FEWEST: u64 = 20;

/// Reports pairs of items whose stored numbers are equal in every row that has both.
pub(super) fn check(form: &KeyedForm) -> Vec<KeyFinding> {
    let rows = 0..form.stored.rows();
    let mut found = Vec::new();
    for one in 0..form.items.len() {
        for other in one + 1..form.items.len() {
            let pairs = rows
                .clone()
                .filter_map(|row| form.stored.value(row, one).zip(form.stored.value(row, other)));
            let mut codes: Vec<i16> = Vec::new();
            let mut n = 0_u64;
            let are_equal = pairs.clone().all(|(a, b)| {
                n += 1;
                if !codes.contains(&a) {
                    codes.push(a);
                }
                a == b
            });
            // Two answers of yes or no agree by chance far more often.
            if are_equal && n >= FEWEST && codes.len() >= 3 {
                let finding = KeyFinding::new(
                    KeyProblem::Copied,
                    Likelihood::VeryLikely,
                    form.ids(&[one, other]),
                );
                found.push(finding.with("n", n as f64));
            }
        }
    }
    found
}
