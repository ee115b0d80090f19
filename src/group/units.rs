//! The tree of units: built in any order, read in one.

// Positions in these arrays are made here, by `Units::insert` and `Tree::of`, one per unit.
#![allow(clippy::indexing_slicing)]

use std::collections::HashMap;

use super::GroupError;

/// Deepest path of units that is read.
const DEEPEST: usize = 64;

/// One unit of one breakdown, as handed out by [`Tallies::unit`](super::Tallies::unit).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnitId(pub(super) u32);

/// Units in the order in which they came.
#[derive(Debug, Clone)]
pub(super) struct Units {
    names: Vec<String>,
    parents: Vec<u32>,
    find: HashMap<(u32, String), u32>,
}

impl Units {
    pub(super) fn new() -> Self {
        Self { names: vec![String::new()], parents: vec![0], find: HashMap::new() }
    }

    pub(super) fn len(&self) -> usize {
        self.names.len()
    }

    /// The unit at a path from the top, made where it is new. No path is the whole.
    pub(super) fn insert<S: AsRef<str>>(&mut self, path: &[S]) -> Result<UnitId, GroupError> {
        if path.len() > DEEPEST {
            return Err(GroupError::TooDeep { levels: path.len(), most: DEEPEST });
        }
        let mut at = 0_u32;
        for name in path {
            let name = name.as_ref();
            if name.is_empty() {
                return Err(GroupError::EmptyName);
            }
            let key = (at, name.to_owned());
            at = if let Some(&known) = self.find.get(&key) {
                known
            } else {
                let new = u32::try_from(self.names.len()).map_err(|_| GroupError::TooManyUnits)?;
                self.names.push(name.to_owned());
                self.parents.push(at);
                self.find.insert(key, new);
                new
            };
        }
        Ok(UnitId(at))
    }

    /// The path of a unit.
    pub(super) fn path(&self, unit: UnitId) -> Option<Vec<&str>> {
        let mut at = unit.0 as usize;
        let mut path = Vec::new();
        while at != 0 {
            path.push(self.names.get(at)?.as_str());
            at = *self.parents.get(at)? as usize;
        }
        path.reverse();
        Some(path)
    }
}

/// The same units in one fixed order, whatever order they came in: each before its own subunits,
/// subunits by name. The units under one are then a range.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tree {
    names: Vec<String>,
    parent: Vec<usize>,
    end: Vec<usize>,
}

impl Tree {
    /// The tree, and the place in it of each unit.
    pub(super) fn of(units: &Units) -> (Self, Vec<usize>) {
        let count = units.len();
        let mut children: Vec<Vec<usize>> = vec![Vec::new(); count];
        for unit in 1..count {
            children[units.parents[unit] as usize].push(unit);
        }
        for list in &mut children {
            list.sort_by(|a, b| units.names[*a].cmp(&units.names[*b]));
        }
        let mut tree = Self {
            names: Vec::with_capacity(count),
            parent: Vec::with_capacity(count),
            end: vec![0; count],
        };
        let mut place = vec![0; count];
        let mut stack = vec![(0, 0)];
        while let Some((unit, parent)) = stack.pop() {
            let at = tree.names.len();
            place[unit] = at;
            tree.names.push(units.names[unit].clone());
            tree.parent.push(parent);
            stack.extend(children[unit].iter().rev().map(|&child| (child, at)));
        }
        for at in (0..count).rev() {
            tree.end[at] = tree.end[at].max(at + 1);
            let parent = tree.parent[at];
            tree.end[parent] = tree.end[parent].max(tree.end[at]);
        }
        (tree, place)
    }

    pub(crate) fn len(&self) -> usize {
        self.names.len()
    }

    pub(crate) fn name(&self, unit: usize) -> &str {
        &self.names[unit]
    }

    /// The unit above; the whole is above itself.
    pub(crate) fn parent(&self, unit: usize) -> usize {
        self.parent[unit]
    }

    /// The lowest unit that both lie in.
    pub(crate) fn common(&self, mut a: usize, b: usize) -> usize {
        while !self.under(a).contains(&b) {
            a = self.parent[a];
        }
        a
    }

    /// The unit and everything under it.
    pub(crate) fn under(&self, unit: usize) -> std::ops::Range<usize> {
        unit..self.end[unit]
    }

    pub(crate) fn is_leaf(&self, unit: usize) -> bool {
        self.end[unit] == unit + 1
    }

    /// Direct subunits, by name.
    pub(crate) fn children(&self, unit: usize) -> impl Iterator<Item = usize> + '_ {
        let mut next = unit + 1;
        std::iter::from_fn(move || {
            (next < self.end[unit]).then(|| {
                let child = next;
                next = self.end[child];
                child
            })
        })
    }

    /// The path of a unit from the top.
    pub(crate) fn path(&self, mut unit: usize) -> Vec<String> {
        let mut path = Vec::new();
        while unit != 0 {
            path.push(self.names[unit].clone());
            unit = self.parent[unit];
        }
        path.reverse();
        path
    }

    /// For each unit the nearest shown unit at or above it: who a person's answers can be told
    /// apart with, and no closer.
    pub(crate) fn owners(&self, shown: &[bool]) -> Vec<Option<usize>> {
        let mut owners: Vec<Option<usize>> = Vec::with_capacity(self.len());
        for unit in 0..self.len() {
            let above = if unit == 0 { None } else { owners[self.parent[unit]] };
            owners.push(if shown[unit] { Some(unit) } else { above });
        }
        owners
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_arrival_does_not_matter() {
        let paths = [vec!["b", "y"], vec!["a"], vec!["b", "x"], vec!["a", "z"]];
        let mut there = Units::new();
        let mut back = Units::new();
        for path in &paths {
            there.insert(path).unwrap();
        }
        for path in paths.iter().rev() {
            back.insert(path).unwrap();
        }
        let (tree, place) = Tree::of(&there);
        assert_eq!(tree, Tree::of(&back).0);
        let listed: Vec<String> = (0..tree.len()).map(|unit| tree.path(unit).join("/")).collect();
        assert_eq!(listed, ["", "a", "a/z", "b", "b/x", "b/y"]);
        assert_eq!(tree.children(0).collect::<Vec<_>>(), [1, 3]);
        assert_eq!(tree.under(3), 3..6);
        for path in &paths {
            let unit = there.insert(path).unwrap();
            assert_eq!(there.path(unit).unwrap(), *path);
            assert_eq!(tree.path(place[unit.0 as usize]), *path);
        }
        let owners = tree.owners(&[true, false, true, true, false, true]);
        assert_eq!(owners, [Some(0), Some(0), Some(2), Some(3), Some(3), Some(5)]);
    }
}
