//! Check-ins of a file, by person: nothing that a safety item says is lost on the way.

use std::collections::{BTreeMap, HashMap};
use std::io::Write;

use straingauge::date::Date;
use straingauge::group::waves_in_order;
use straingauge::survey::{ImportReport, Row};
use straingauge::words::Words;

use super::support::{Failure, Given, Survey};

/// One check-in: its day, what the file calls that day or wave, and one byte an item.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CheckIn {
    pub(crate) day: Date,
    pub(crate) occasion: String,
    pub(crate) answers: Vec<u8>,
}

/// One person.
#[derive(Debug, Default)]
pub(crate) struct Person {
    pub(crate) id: String,
    pub(crate) check_ins: Vec<CheckIn>,
    /// Safety criteria met, with the day or wave as the file has it.
    pub(crate) safety: Vec<String>,
}

impl Person {
    /// The check-ins of each day, in time order; rows that repeat another one of the day are one.
    pub(crate) fn days(&self) -> Vec<Vec<&CheckIn>> {
        let mut days: BTreeMap<Date, Vec<&CheckIn>> = BTreeMap::new();
        for check_in in &self.check_ins {
            let day = days.entry(check_in.day).or_default();
            if !day.iter().any(|known| known.answers == check_in.answers) {
                day.push(check_in);
            }
        }
        days.into_values().collect()
    }
}

/// Everybody in the order of the file.
pub(crate) struct People {
    pub(crate) in_order: Vec<Person>,
    /// Waves in order, where they stand for days.
    waves: Vec<String>,
}

/// The first of the days that stand for waves: no time passes between waves, only order counts.
fn day_of_wave(at: usize) -> Option<Date> {
    let first = Date::new(2000, 1, 1).ok()?;
    first.plus_days(i32::try_from(at).ok()?)
}

impl People {
    /// What the file calls a day.
    pub(crate) fn name_of(&self, day: Date) -> String {
        let waves = self.waves.iter().enumerate();
        let mut named = waves.filter(|(at, _)| day_of_wave(*at) == Some(day));
        named.next().map_or_else(|| day.to_string(), |(_, wave)| wave.clone())
    }

    /// The day of an occasion: a wave by its name, or a date.
    pub(crate) fn occasion(&self, name: &str) -> Option<Date> {
        if self.waves.is_empty() {
            return Date::parse_day(name).ok();
        }
        day_of_wave(self.waves.iter().position(|wave| wave == name)?)
    }

    /// The last wave, or the last day of the file.
    pub(crate) fn last_occasion(&self) -> Option<Date> {
        self.last_day()
    }

    pub(crate) fn last_day(&self) -> Option<Date> {
        self.in_order.iter().flat_map(|person| &person.check_ins).map(|one| one.day).max()
    }
}

/// Where the occasion of a row stands.
enum When {
    /// A column of dates.
    Dates,
    /// A column of waves.
    Waves,
    /// Waves beside each other in one row.
    Wide,
}

/// Reads everybody's check-ins. What safety items say goes to `err` first, whatever becomes of the
/// rows.
pub(crate) fn read(
    survey: &Survey,
    given: &Given,
    err: &mut dyn Write,
) -> Result<(People, ImportReport), Failure> {
    let scorer = &survey.only()?.scorer;
    let (date, wave) = (given.one("--date")?, given.one("--wave")?);
    let when = match (date, wave, &survey.waves) {
        (Some(_), Some(_), _) => return Err(Failure::usage("give --date or --wave, not both")),
        (None, Some(_), Some(_)) => {
            return Err(Failure::usage("give --wave or --wave-columns, not both"));
        }
        (Some(_), None, _) => When::Dates,
        (None, Some(_), None) => When::Waves,
        (None, None, Some(_)) => When::Wide,
        (None, None, None) => {
            return Err(Failure::usage("--date is missing (or --wave, where there are no dates)"));
        }
    };
    let import = survey.import();
    let import = match (date, wave) {
        (Some(date), _) => import.column(date),
        (None, Some(wave)) => import.column_as_stored(wave),
        (None, None) => import,
    };
    let import = if survey.waves.is_some() { import } else { import.ids_may_repeat() };
    let mut reader = survey.open(&import)?;
    let wide = reader.report().waves.map(|all| all.waves).unwrap_or_default();
    let mut read: Vec<(String, CheckIn)> = Vec::new();
    let mut people = Gathering::default();
    let (mut unusable, mut shown) = (0_u64, 0);
    while let Some(mut row) = reader.next_row().map_err(|error| survey.about(error))? {
        let scores = scorer.score_row(row.answers(0)).map_err(Failure::input)?;
        row.note(0, &scores);
        let id = row.id().unwrap_or_default().trim().to_owned();
        let occasion = match when {
            When::Wide => row.wave().unwrap_or_default().to_owned(),
            When::Dates | When::Waves => row.cell(0).trim().to_owned(),
        };
        let day = match when {
            When::Dates => Date::parse_day(&occasion).map_err(|error| error.to_string()),
            When::Waves | When::Wide if occasion.is_empty() => Err("no wave".to_owned()),
            // Days are given to waves when all of them are known.
            When::Waves | When::Wide => day_of_wave(0).ok_or_else(|| "no day".to_owned()),
        };
        let problem = match &day {
            Err(why) => Some(why.clone()),
            Ok(_) if id.is_empty() => Some("no id".to_owned()),
            Ok(_) => None,
        };
        people.safety(&row, &id, &occasion, problem.as_deref(), err)?;
        if let (Ok(day), None) = (day, &problem) {
            let occasion = if matches!(when, When::Dates) { day.to_string() } else { occasion };
            read.push((id, CheckIn { day, occasion, answers: row.answers(0).to_vec() }));
            continue;
        }
        let why = problem.unwrap_or_default();
        let message = format!("row {}: {why}; the row takes no part", row.number());
        if given.has("--strict") {
            return Err(Failure::input(message).about(&survey.input));
        }
        unusable += 1;
        if shown < 20 {
            shown += 1;
            writeln!(err, "{message}")?;
        }
    }
    let waves = match when {
        When::Dates => Vec::new(),
        When::Wide => wide.into_iter().map(|wave| wave.wave).collect(),
        When::Waves => {
            let names: Vec<&str> = read.iter().map(|(_, one)| one.occasion.as_str()).collect();
            waves_in_order(&names, &given.list("--wave-order")?)
                .map_err(|error| Failure::input(format!("{error} (--wave-order NAME,NAME,...)")))?
        }
    };
    for (id, mut check_in) in read {
        if let Some(at) = waves.iter().position(|wave| *wave == check_in.occasion)
            && let Some(day) = day_of_wave(at)
        {
            check_in.day = day;
        }
        people.give(&id, |person| person.check_ins.push(check_in));
    }
    let report = reader.into_report();
    let words = Words::english();
    for met in report.safety.met.iter().filter(|met| met.left_out) {
        let who = met.id.as_deref().unwrap_or("somebody without an id");
        let (row, what) = (met.row, &met.criterion);
        writeln!(err, "safety: {who}, row {row}, left out of the scores: {what}")?;
    }
    if !report.safety.is_empty() {
        let (met, undetermined) = (report.safety.met.len(), report.safety.undetermined);
        let counts: [(&str, &dyn std::fmt::Display); 2] =
            [("met", &met), ("undetermined", &undetermined)];
        writeln!(err, "{}", words.say("safety.counts", &counts))?;
        writeln!(err, "  {}", words.say("safety.note", &[]))?;
    }
    writeln!(err, "{}", report.summary(&words))?;
    if unusable > 0 {
        writeln!(err, "{unusable} rows without a usable id or date took no part")?;
    }
    Ok((People { in_order: people.in_order, waves }, report))
}

/// People while they are read.
#[derive(Default)]
struct Gathering {
    places: HashMap<String, usize>,
    in_order: Vec<Person>,
}

impl Gathering {
    /// Lets a person take something in, made where they are new.
    fn give(&mut self, id: &str, take: impl FnOnce(&mut Person)) {
        let next = self.in_order.len();
        let place = *self.places.entry(id.to_owned()).or_insert(next);
        if place == next {
            self.in_order.push(Person { id: id.to_owned(), ..Person::default() });
        }
        if let Some(person) = self.in_order.get_mut(place) {
            take(person);
        }
    }

    /// Keeps what the safety items of a row say with the person, and says it aloud where the row
    /// takes no part or nobody can be named.
    fn safety(
        &mut self,
        row: &Row<'_>,
        id: &str,
        occasion: &str,
        problem: Option<&str>,
        err: &mut dyn Write,
    ) -> Result<(), Failure> {
        for met in row.safety() {
            let when = if occasion.is_empty() { "an unknown day" } else { occasion };
            if !id.is_empty() {
                let what = format!("{} {when}", met.criterion);
                self.give(id, |person| person.safety.push(what));
            }
            let who = if id.is_empty() { "somebody without an id" } else { id };
            let lost = problem.map(|why| format!(" ({why})")).unwrap_or_default();
            writeln!(err, "safety: {who}, {when}, row {}: {}{lost}", row.number(), met.criterion)?;
        }
        Ok(())
    }
}

/// Which of two check-ins on one day counts.
#[derive(Debug, Clone, Copy)]
pub(crate) enum SameDay {
    Neither,
    First,
    Last,
}

impl SameDay {
    pub(crate) fn of(given: &Given) -> Result<Self, Failure> {
        match given.one("--same-day")? {
            None => Ok(Self::Neither),
            Some("first") => Ok(Self::First),
            Some("last") => Ok(Self::Last),
            Some(other) => {
                Err(Failure::usage(format!("--same-day: `{other}` is not first or last")))
            }
        }
    }

    /// The one that counts; none where there is nothing, or nothing was chosen between several.
    pub(crate) fn of_several(self, places: &[usize]) -> Option<usize> {
        match (places, self) {
            ([only], _) => Some(*only),
            (several, Self::First) => several.first().copied(),
            (several, Self::Last) => several.last().copied(),
            _ => None,
        }
    }
}
