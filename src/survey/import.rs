//! What is to be read from a file.

use super::{ItemColumns, Profile, WaveColumns};
use crate::instrument::Instrument;

/// What to read from a file: instruments, each with its columns, and other columns by name.
///
/// ```
/// # let text = include_str!("../../instruments/phq-9/1.0.0.toml");
/// # let phq9 = straingauge::Instrument::parse(text).unwrap();
/// use straingauge::survey::{Import, ItemColumns, Profile};
/// let file = "person,q1,q2\nA,0,3\nB,1,often\n";
/// let mut reader = Import::new(Profile::plain())
///     .instrument(&phq9, ItemColumns::prefix("q"))
///     .column("person")
///     .open(file.as_bytes())?;
/// while let Some(row) = reader.next_row()? {
///     let (person, answers) = (row.cell(0), row.answers(0));
///     assert_eq!(answers.len(), phq9.items().len()); // items without a column: not asked
/// }
/// let report = reader.into_report();
/// assert_eq!(report.not_understood.first[0].text, "often");
/// # Ok::<(), straingauge::survey::SurveyError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Import {
    pub(super) profile: Profile,
    pub(super) instruments: Vec<(Instrument, ItemColumns)>,
    pub(super) id: Option<String>,
    pub(super) columns: Vec<String>,
    /// Of these, the ones whose values stay as they are stored.
    pub(super) as_stored: Vec<String>,
    pub(super) ids_may_repeat: bool,
    pub(super) waves: Option<WaveColumns>,
}

impl Import {
    /// Nothing yet, from a file of this profile.
    pub const fn new(profile: Profile) -> Self {
        Self {
            profile,
            instruments: Vec::new(),
            id: None,
            columns: Vec::new(),
            as_stored: Vec::new(),
            ids_may_repeat: false,
            waves: None,
        }
    }

    /// Reads an instrument as well. Its number for [`Row::answers`](super::Row::answers) is that of the call, from 0.
    #[must_use]
    pub fn instrument(mut self, instrument: &Instrument, columns: ItemColumns) -> Self {
        self.instruments.push((instrument.clone(), columns));
        self
    }

    /// Names the column that says who answered; see [`Row::id`](super::Row::id).
    #[must_use]
    pub fn id(mut self, name: impl Into<String>) -> Self {
        self.id = Some(name.into());
        self
    }

    /// Says that a person may have several rows: check-ins, waves. Else an id that comes again is a
    /// finding.
    #[must_use]
    pub const fn ids_may_repeat(mut self) -> Self {
        self.ids_may_repeat = true;
        self
    }

    /// Reads a file with a wave beside a wave: each row of it becomes a row for each wave in which
    /// anything was answered. A person without an answer in a wave has no row in it.
    #[must_use]
    pub fn waves(mut self, columns: WaveColumns) -> Self {
        self.waves = Some(columns);
        self
    }

    /// Names of the columns with which a [`ScoreTable`](super::ScoreTable) of this import begins:
    /// `row`, the ids, the wave, and what is handed through.
    pub fn given_names(&self) -> Vec<String> {
        let mut names = vec!["row".to_owned()];
        names.extend(self.id.as_ref().map(|name| name.trim().to_owned()));
        names.extend(self.waves.as_ref().map(|_| "wave".to_owned()));
        names.extend(self.columns.iter().map(|name| name.trim().to_owned()));
        names
    }

    /// Hands through a column that holds no item: a date, a unit, a stored total. Its number for
    /// [`Row::cell`](super::Row::cell) is that of the call, from 0.
    #[must_use]
    pub fn column(mut self, name: impl Into<String>) -> Self {
        self.columns.push(name.into());
        self
    }

    /// [`Self::column`] for one whose values are wanted as the file stores them, such as waves that
    /// are in order by number, where an SPSS file calls them something else.
    #[must_use]
    pub fn column_as_stored(mut self, name: impl Into<String>) -> Self {
        let name = name.into();
        self.as_stored.push(name.clone());
        self.columns.push(name);
        self
    }

    /// [`Self::column`] for several names.
    #[must_use]
    pub fn columns<I: IntoIterator<Item: Into<String>>>(mut self, names: I) -> Self {
        self.columns.extend(names.into_iter().map(Into::into));
        self
    }

    /// Whether a column of ids was named.
    pub(super) const fn has_id(&self) -> bool {
        self.id.is_some()
    }

    /// Names of the columns that are handed through.
    pub(super) fn handed_through(&self) -> &[String] {
        &self.columns
    }
}
