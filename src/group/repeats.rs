//! One row for each person.

use std::collections::HashMap;

use super::GroupError;

/// Which row counts where a person has more than one in a wave. A person who counts twice can open a
/// group that is too small to be shown.
///
/// ```
/// use straingauge::group::Repeats;
/// let rows = vec![("a", 3), ("b", 9), ("a", 7)];
/// let kept = Repeats::MostComplete.keep(rows.clone(), |row| row.0, |row| row.1)?;
/// assert_eq!(kept, [("b", 9), ("a", 7)]);
/// assert!(Repeats::Refuse.keep(rows, |row| row.0, |row| row.1).is_err());
/// # Ok::<(), straingauge::group::GroupError>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Repeats {
    /// None: repeated people are an error.
    #[default]
    Refuse,
    /// The row that comes first.
    First,
    /// The row that comes last.
    Last,
    /// The row with most answers; of equally many, the first.
    MostComplete,
}

impl Repeats {
    /// Every rule that keeps a row, with its name.
    const NAMED: [(&'static str, Self); 3] =
        [("first", Self::First), ("last", Self::Last), ("most-complete", Self::MostComplete)];

    /// Returns the rule of a name: `first`, `last` or `most-complete`.
    pub fn parse(name: &str) -> Option<Self> {
        Self::NAMED.iter().find(|(known, _)| *known == name).map(|(_, rule)| *rule)
    }

    /// Returns one row for each id, in the order of the rows that are kept.
    ///
    /// `answered` says how many questions a row answers. Fails under [`Refuse`](Self::Refuse) if
    /// an id repeats, and says how many people and rows.
    pub fn keep<T>(
        self,
        rows: Vec<T>,
        id: impl Fn(&T) -> &str,
        answered: impl Fn(&T) -> usize,
    ) -> Result<Vec<T>, GroupError> {
        let mut kept: HashMap<&str, (usize, usize)> = HashMap::new();
        let mut repeated: HashMap<&str, usize> = HashMap::new();
        for (at, row) in rows.iter().enumerate() {
            let (id, answers) = (id(row), answered(row));
            let Some(held) = kept.get_mut(id) else {
                kept.insert(id, (at, answers));
                continue;
            };
            *repeated.entry(id).or_default() += 1;
            let replaces = match self {
                Self::Refuse | Self::First => false,
                Self::Last => true,
                Self::MostComplete => answers > held.1,
            };
            if replaces {
                *held = (at, answers);
            }
        }
        if self == Self::Refuse && !repeated.is_empty() {
            let (people, rows) = (repeated.len(), repeated.values().sum());
            return Err(GroupError::Twice { people, rows });
        }
        let places: std::collections::HashSet<usize> =
            kept.into_values().map(|(at, _)| at).collect();
        Ok(rows
            .into_iter()
            .enumerate()
            .filter(|(at, _)| places.contains(at))
            .map(|(_, r)| r)
            .collect())
    }
}
