//! Several partitions of the same people at once: breakdowns beside each other, waves after each other.
//!
//! Shown numbers are sums over groups of people, so whatever can be worked out is a weighted sum
//! over people in which all people with the same memberships weigh the same. A combination
//! describes the people whose weight is not zero. The question is how few these can be.
//!
//! **Certificate.** Call a set of people *spanning* if a combination that gives zero to all of them
//! gives zero to everyone. If there are k spanning sets that share no person, every combination
//! that is not empty touches each of them: it describes at least k people. So k disjoint spanning
//! sets (disjoint bases of the matroid of membership vectors) prove a release safe. They are looked
//! for greedily, from the fullest memberships; where they are not found the release is not safe,
//! or cannot be proved safe, which is treated alike.
//!
//! Groups of earlier releases are known whatever is decided now, so only combinations with some
//! group of the new release count: a set need only settle those. With the earlier groups first in
//! the order of elimination, these are the pivots past the earlier places.
//!
//! On one tree the groups are disjoint, a spanning set has one person of each, and the certificate
//! says what the residual rule says.

use std::collections::BTreeMap;

/// Arithmetic modulo a prime: ranks of matrices of 0 and 1 come out as over the rationals, unless
/// a determinant is a multiple of 2^61 - 1.
const PRIME: u64 = (1 << 61) - 1;

/// Steps of elimination after which the search gives up (and the release is not proved safe).
const PATIENCE: u64 = 20_000_000;

/// People with the same memberships.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Column {
    /// Places of the groups that they belong to, ascending.
    pub(crate) groups: Vec<u32>,
    /// How many there are, of those who count.
    pub(crate) people: u64,
}

/// What stands in the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Doubt {
    /// For each direction that too few people pin down, the groups that it weighs.
    Thin(Vec<Vec<u32>>),
    /// Too much work to decide.
    TooLarge,
}

/// Proves that every combination of the groups that weighs a group from place `earlier` on weighs
/// at least `at_least` of the people counted in `columns`. Columns without people only tell which
/// combinations there are.
pub(crate) fn certify(columns: &[Column], at_least: u64, earlier: u32) -> Result<(), Doubt> {
    let mut patience = PATIENCE;
    let mut all = Basis::default();
    for column in columns {
        all.add(column, &mut patience)?;
    }
    let wanted = all.settles(earlier);
    let mut left: Vec<u64> = columns.iter().map(|column| column.people).collect();
    let mut found = 0;
    while found < at_least {
        let mut order: Vec<usize> = (0..columns.len()).collect();
        order.sort_by_key(|&at| std::cmp::Reverse(left.get(at).copied().unwrap_or(0)));
        let mut basis = Basis::default();
        let mut used = Vec::new();
        for at in order {
            let (Some(column), Some(&people)) = (columns.get(at), left.get(at)) else { continue };
            if people == 0 || basis.settles(earlier) == wanted {
                break;
            }
            if basis.add(column, &mut patience)? {
                used.push((at, people));
            }
        }
        if basis.settles(earlier) < wanted {
            let mut thin = Vec::new();
            for column in columns {
                let rest = basis.reduce(column, &mut patience)?;
                if rest.first_key_value().is_some_and(|(&place, _)| place >= earlier) {
                    thin.push(rest.keys().copied().collect());
                }
                basis.keep(rest);
            }
            return Err(Doubt::Thin(thin));
        }
        // As long as the thinnest member has people to spare, the same set serves again.
        let thinnest = used.iter().map(|(_, people)| *people).min().unwrap_or(at_least);
        let missing = at_least - found;
        let again = if thinnest >= missing { missing } else { (thinnest / 2).max(1) };
        for (at, _) in used {
            if let Some(people) = left.get_mut(at) {
                *people -= again;
            }
        }
        found += again;
    }
    Ok(())
}

/// Sparse elimination: for each pivot place a vector that has its first entry, 1, there.
#[derive(Debug, Default)]
struct Basis {
    pivots: BTreeMap<u32, BTreeMap<u32, u64>>,
}

impl Basis {
    /// Directions settled from place `earlier` on.
    fn settles(&self, earlier: u32) -> usize {
        self.pivots.range(earlier..).count()
    }

    /// Whether the column says something new; it then joins.
    fn add(&mut self, column: &Column, patience: &mut u64) -> Result<bool, Doubt> {
        let rest = self.reduce(column, patience)?;
        let new = !rest.is_empty();
        if new {
            self.keep(rest);
        }
        Ok(new)
    }

    fn keep(&mut self, mut rest: BTreeMap<u32, u64>) {
        let Some((&place, &first)) = rest.first_key_value() else { return };
        let inverse = power(first, PRIME - 2);
        for value in rest.values_mut() {
            *value = times(*value, inverse);
        }
        self.pivots.insert(place, rest);
    }

    /// What is left of a column when the basis has been taken out.
    fn reduce(&self, column: &Column, patience: &mut u64) -> Result<BTreeMap<u32, u64>, Doubt> {
        let mut rest: BTreeMap<u32, u64> = column.groups.iter().map(|&group| (group, 1)).collect();
        let mut from = 0;
        while let Some((&place, &factor)) = rest.range(from..).next() {
            from = place + 1;
            let Some(pivot) = self.pivots.get(&place) else { continue };
            *patience = patience.checked_sub(pivot.len() as u64).ok_or(Doubt::TooLarge)?;
            for (&at, &value) in pivot {
                let taken = PRIME - times(factor, value);
                let entry = rest.entry(at).or_insert(0);
                *entry = (*entry + taken) % PRIME;
                if *entry == 0 {
                    rest.remove(&at);
                }
            }
        }
        Ok(rest)
    }
}

fn times(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b) % u128::from(PRIME);
    u64::try_from(product).unwrap_or(0)
}

fn power(mut base: u64, mut exponent: u64) -> u64 {
    let mut result = 1;
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = times(result, base);
        }
        base = times(base, base);
        exponent >>= 1;
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(list: &[(&[u32], u64)]) -> Vec<Column> {
        list.iter()
            .map(|(groups, people)| Column { groups: groups.to_vec(), people: *people })
            .collect()
    }

    /// Fewest people that any combination weighs, by trying every set of memberships to leave out.
    fn fewest(columns: &[Column], earlier: u32) -> u64 {
        let settled = |keep: &dyn Fn(usize) -> bool| {
            let mut basis = Basis::default();
            let mut patience = u64::MAX;
            for (at, column) in columns.iter().enumerate() {
                if keep(at) {
                    basis.add(column, &mut patience).unwrap();
                }
            }
            basis.settles(earlier)
        };
        let all = settled(&|_| true);
        (1_u32..1 << columns.len())
            .filter(|set| settled(&|at| set >> at & 1 == 0) < all)
            .map(|set| {
                (0..columns.len())
                    .filter(|at| set >> at & 1 == 1)
                    .map(|at| columns[at].people)
                    .sum()
            })
            .min()
            .unwrap_or(u64::MAX)
    }

    #[test]
    fn two_margins_of_a_table() {
        // Rows 0, 1, columns 2, 3; the cell of 3 people is never alone in a combination.
        let table = columns(&[(&[0, 2], 3), (&[0, 3], 17), (&[1, 2], 22), (&[1, 3], 18)]);
        assert_eq!(certify(&table, 10, 0), Ok(()));
        assert_eq!(fewest(&table, 0), 20);
        // A row that lies within a column but for 3 people: their numbers are a difference.
        let nested = columns(&[(&[0, 2], 12), (&[0, 3], 3), (&[1, 3], 40)]);
        assert_eq!(fewest(&nested, 0), 3);
        assert!(matches!(certify(&nested, 10, 0), Err(Doubt::Thin(_))));
    }

    #[test]
    fn leavers_and_joiners() {
        // Group 0 was shown earlier, group 1 is new.
        let leavers = columns(&[(&[0, 1], 30), (&[0], 4), (&[1], 12)]);
        // A combination of both describes leavers and joiners together, of which there are 16 …
        assert_eq!(certify(&leavers, 10, 1), Ok(()));
        // … but those who were there earlier are only 4 of them.
        let earlier_people = columns(&[(&[0, 1], 30), (&[0], 4)]);
        assert_eq!(certify(&earlier_people, 10, 1), Err(Doubt::Thin(vec![vec![1]])));
        // An earlier group that few are left of is no news.
        let turned_over = columns(&[(&[0, 1], 3), (&[1], 25)]);
        assert_eq!(certify(&turned_over, 10, 1), Ok(()));
    }

    #[test]
    fn what_is_certified_is_true() {
        let mut seed = 7_u64;
        let mut draw = |below: u64| {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % below
        };
        let (mut proved, mut missed) = (0, 0);
        for _ in 0..2_000 {
            let layers = 2 + draw(2);
            let made: BTreeMap<Vec<u32>, u64> = (0..3 + draw(7))
                .map(|_| {
                    let groups = (0..layers).filter_map(|layer| {
                        let group = draw(4);
                        (group < 3).then(|| u32::try_from(layer * 3 + group).unwrap())
                    });
                    (groups.collect(), 1 + draw(20))
                })
                .collect();
            let made: Vec<Column> =
                made.into_iter().map(|(groups, people)| Column { groups, people }).collect();
            let earlier = u32::try_from(draw(2) * 3).unwrap();
            let truth = fewest(&made, earlier) >= 10;
            let said = certify(&made, 10, earlier).is_ok();
            assert!(truth || !said, "{made:?} from {earlier}");
            proved += usize::from(said);
            missed += usize::from(truth && !said);
        }
        assert!(proved > 300, "{proved}");
        assert!(missed * 3 < proved, "too careful: {missed} beside {proved}");
    }
}
