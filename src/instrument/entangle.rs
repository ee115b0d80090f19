//! Which items tie the tests of a criterion together.
//!
//! A criterion whose tests share no item can be judged test by test. An item that occurs in more
//! than one test ties them; it is walked through value by value where its answer is missing, so
//! that "undetermined" is said exactly when two completions of the sheet disagree.

use super::model::{Comparison, Criterion, Item, Part, ResponseOption, Scale};

/// An item and one code for each way in which its answers can decide the tests.
pub(crate) type Shared = (usize, Vec<u8>);

/// A chain of criteria that comes back to its start, if there is one.
pub(crate) fn circle(criteria: &[Criterion]) -> Option<Vec<usize>> {
    fn visit(at: usize, criteria: &[Criterion], done: &mut [u8], path: &mut Vec<usize>) -> bool {
        match done.get(at).copied() {
            Some(0) => {}
            Some(1) => {
                path.push(at);
                return true;
            }
            _ => return false,
        }
        if let Some(state) = done.get_mut(at) {
            *state = 1;
        }
        path.push(at);
        let inner = criteria.get(at).into_iter().flat_map(Criterion::parts);
        for part in inner {
            if let Part::Criterion(inner) = part
                && visit(*inner, criteria, done, path)
            {
                return true;
            }
        }
        path.pop();
        if let Some(state) = done.get_mut(at) {
            *state = 2;
        }
        false
    }
    let mut done = vec![0; criteria.len()];
    for at in 0..criteria.len() {
        let mut path = Vec::new();
        if visit(at, criteria, &mut done, &mut path) {
            let end = path.last().copied()?;
            let start = path.iter().position(|step| *step == end)?;
            return Some(path.split_off(start));
        }
    }
    None
}

/// Number of tests of each criterion with its nested ones written out, of criteria without circle.
pub(crate) fn sizes(criteria: &[Criterion]) -> Vec<usize> {
    fn size(at: usize, criteria: &[Criterion], known: &mut [Option<usize>]) -> usize {
        if let Some(Some(size)) = known.get(at) {
            return *size;
        }
        let mut total = 0_usize;
        for part in criteria.get(at).into_iter().flat_map(Criterion::parts) {
            total = total.saturating_add(match part {
                Part::Criterion(inner) => size(*inner, criteria, known),
                _ => 1,
            });
        }
        if let Some(slot) = known.get_mut(at) {
            *slot = Some(total);
        }
        total
    }
    let mut known = vec![None; criteria.len()];
    (0..criteria.len()).map(|at| size(at, criteria, &mut known)).collect()
}

/// Every test of a criterion, nested ones included, of a criterion of bounded size.
pub(crate) fn tests(at: usize, criteria: &[Criterion]) -> Vec<Part> {
    let mut found = Vec::new();
    let mut open = vec![at];
    while let Some(at) = open.pop() {
        for part in criteria.get(at).into_iter().flat_map(Criterion::parts) {
            match part {
                Part::Criterion(inner) => open.push(*inner),
                test => found.push(*test),
            }
        }
    }
    found
}

/// Positions of the items from which a scale's value is made.
pub(crate) fn items_of(scale: usize, scales: &[Scale]) -> Vec<usize> {
    let Some(scale) = scales.get(scale) else { return Vec::new() };
    let own = scale.key().terms().iter().map(|term| term.item);
    let inner = scale.key().sources().into_iter().flat_map(|at| {
        scales.get(at).into_iter().flat_map(|s| s.key().terms()).map(|term| term.item)
    });
    let mut items: Vec<usize> = own.chain(inner).collect();
    items.sort_unstable();
    items.dedup();
    items
}

/// [`items_of`] every scale.
pub(crate) fn scale_items(scales: &[Scale]) -> Vec<Vec<usize>> {
    (0..scales.len()).map(|at| items_of(at, scales)).collect()
}

/// The items that occur in more than one of the tests, with the codes to walk through.
pub(crate) fn shared(tests: &[Part], scale_items: &[Vec<usize>], items: &[Item]) -> Vec<Shared> {
    let mut own: Vec<Vec<(Comparison, i64)>> = vec![Vec::new(); items.len()];
    let mut through_scales = vec![0_usize; items.len()];
    for test in tests {
        match test {
            Part::Item { item, op, number } => {
                if let Some(tests) = own.get_mut(*item) {
                    tests.push((*op, *number));
                }
            }
            Part::Scale { scale, .. } => {
                for item in scale_items.get(*scale).into_iter().flatten() {
                    if let Some(count) = through_scales.get_mut(*item) {
                        *count += 1;
                    }
                }
            }
            Part::Criterion(_) => {}
        }
    }
    let counted = own.iter().zip(&through_scales).enumerate();
    let tied = counted.filter(|(_, (own, through))| own.len() + **through > 1);
    tied.filter_map(|(item, (own, through))| {
        let options = items.get(item)?.responses().options().iter().map(ResponseOption::code);
        if *through > 0 {
            return Some((item, options.collect()));
        }
        // Codes that decide every test alike are one case.
        let alike = |one: u8, other: u8| {
            let holds =
                |code: u8, (op, number): &(Comparison, i64)| op.holds(i64::from(code), *number);
            own.iter().all(|test| holds(one, test) == holds(other, test))
        };
        let mut cases: Vec<u8> = Vec::new();
        for code in options {
            if !cases.iter().any(|known| alike(*known, code)) {
                cases.push(code);
            }
        }
        Some((item, cases))
    })
    .collect()
}
