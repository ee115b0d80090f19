//! From a staff survey to a report on units that cannot point at a person.
//!
//! Without arguments it reports on the simulated sample:
//! `cargo run --release --example audit_units`. With arguments it reads a file; `--help` lists them.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::process::ExitCode;

use straingauge::answers::Answer;
use straingauge::group::{
    GroupError, GroupReport, Ledger, Matched, Measures, Person, Plan, Repeats, Salt, Tallies,
    waves_in_order,
};
use straingauge::score::Scorer;
use straingauge::survey::{Import, ImportReport, ItemColumns, Profile, Reader, Sentinels};
use straingauge::words::Words;

mod support;

use support::{Failure, Files, Given, Known, SURVEY, SURVEY_HELP, Survey, write_file};

const HELP: &str = "\
audit_units [--html FILE]          reports on the bundled simulated sample
audit_units --instrument ID[@VERSION] --input FILE.csv --unit COL[,COL...] [options]

  --unit COL[,COL...]         the columns that say where a person works, from the top down; a blank
                              cell ends the path
  --invited FILE.csv          people invited: the same unit columns and a column `invited`
  --k N                       shows nothing about fewer than N people (default 10, at least 5)
  --smallest-count N          shows no share of, or without, 1 to N-1 people (default 5, at least 3)
  --id COL                    who answered: one row for each person and wave, or the run stops
  --repeats RULE              keeps one row of a person who has more: first, last, most-complete
  --wave COL                  the wave of each row; waves are released in order, and the last one is
                              reported with its change; needs --id, to recognise people. A file with a
                              wave beside a wave has --wave-columns in its place
  --wave-order NAME,NAME,...  the order of waves, where they are neither numbers nor dates
  --without-items             leaves out the means of single questions, so that people who skipped
                              one still count where the instrument has a rule for that
  --safety ID,...             shares of these safety criteria, for everybody together only
  --title TEXT  --organisation TEXT  --date TEXT      head the report
  --ledger FILE  --salt TEXT  keeps and obeys a record of what was released before; with --wave.
                              Keep the salt secret and apart from the file
  --output FILE.csv           a row for each unit and scale
  --json FILE                 everything in the report
  --html FILE                 a page for people
";

/// What this command knows beyond [`SURVEY`].
const OWN: &[Known] = &[
    ("--unit", true),
    ("--invited", true),
    ("--k", true),
    ("--smallest-count", true),
    ("--repeats", true),
    ("--wave", true),
    ("--wave-order", true),
    ("--without-items", false),
    ("--safety", true),
    ("--title", true),
    ("--organisation", true),
    ("--date", true),
    ("--ledger", true),
    ("--salt", true),
    ("--output", true),
    ("--json", true),
    ("--html", true),
];

#[allow(dead_code)] // the tests include this file as a module
fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let stdout = &mut io::BufWriter::new(io::stdout().lock());
    ExitCode::from(run(&arguments, stdout, &mut io::stderr()))
}

/// The whole command: exit code 0 (also when nothing may be shown), 1 for wrong input, 2 for wrong
/// usage, 3 where something was found that a reader should know first.
pub(crate) fn run(arguments: &[String], out: &mut dyn Write, err: &mut dyn Write) -> u8 {
    let done = match arguments {
        [only] if only == "--help" || only == "-h" => {
            write!(out, "{HELP}\n{SURVEY_HELP}").map_err(Failure::from)
        }
        _ => command(arguments, out, err),
    };
    let done = done.and_then(|()| Ok(out.flush()?));
    let Err(failure) = done else { return 0 };
    if !failure.message.is_empty() {
        let hint = if failure.code == 2 { "\n(--help lists the options)" } else { "" };
        // There is nowhere else to say it.
        let _ = writeln!(err, "audit_units: {}{hint}", failure.message);
    }
    failure.code
}

fn command(arguments: &[String], out: &mut dyn Write, err: &mut dyn Write) -> Result<(), Failure> {
    let given = Given::parse(arguments, &[SURVEY, OWN])?;
    if ["--input", "--instrument", "--definition"].iter().any(|name| given.has(name)) {
        let audited = audit(&given, err)?;
        deliver(&given, &audited.report, out)?;
        writeln!(err, "{}", audited.read.summary(&Words::english()))?;
        for note in &audited.notes {
            writeln!(err, "{note}")?;
        }
        return Survey::verdict(&audited.read);
    }
    if let Some(option) = arguments.iter().find(|a| a.starts_with("--") && !a.starts_with("--html"))
    {
        return Err(Failure::usage(format!("{option} needs --instrument and --input")));
    }
    writeln!(out, "A simulated staff survey in two waves. No real person is described here.\n")?;
    deliver(&given, &sample()?, out)
}

fn deliver(given: &Given, report: &GroupReport, out: &mut dyn Write) -> Result<(), Failure> {
    let html =
        given.one("--html")?.map(|path| Ok::<_, Failure>((path, page(report)?))).transpose()?;
    let mut files = Files::default();
    if let Some(path) = given.one("--json")? {
        files.write(path, |file| {
            serde_json::to_writer_pretty(&mut *file, report).map_err(io::Error::from)?;
            Ok(writeln!(file)?)
        })?;
    }
    if let Some((path, page)) = html {
        files.write(path, |file| Ok(file.write_all(page.as_bytes())?))?;
    }
    let output = given.one("--output")?;
    if let Some(path) = output.filter(|path| *path != "-") {
        files.write(path, |file| Ok(file.write_all(report.to_csv().as_bytes())?))?;
    }
    files.keep()?;
    let shown = if output == Some("-") { report.to_csv() } else { report.to_text() };
    Ok(out.write_all(shown.as_bytes())?)
}

#[cfg(feature = "html")]
#[expect(clippy::unnecessary_wraps, reason = "its twin below fails")]
fn page(report: &GroupReport) -> Result<String, Failure> {
    Ok(report.to_html())
}

#[cfg(not(feature = "html"))]
fn page(_: &GroupReport) -> Result<String, Failure> {
    Err(Failure::usage("--html: this was built without the feature `html`"))
}

fn wrong(error: GroupError) -> Failure {
    match error {
        GroupError::BelowFloor { .. }
        | GroupError::SmallestCount { .. }
        | GroupError::EmptySalt
        | GroupError::WaveNotInOrder { .. } => Failure::usage(error),
        GroupError::Twice { .. } => Failure::input(format!("{error} (--repeats RULE)")),
        GroupError::WaveOrder { .. } => {
            Failure::input(format!("{error} (--wave-order NAME,NAME,...)"))
        }
        error => Failure::input(error),
    }
}

/// People invited, by path of units.
type Invited = Vec<(Vec<String>, u64)>;

/// What is asked of the data.
struct Audit {
    scorer: Scorer,
    measures: Measures,
    units: Vec<String>,
    /// Whether rows have an id.
    known: bool,
    repeats: Repeats,
    waves: bool,
    wave_order: Vec<String>,
    plan: Plan,
    invited: Invited,
}

/// What came of it.
struct Audited {
    report: GroupReport,
    /// How the file was read.
    read: ImportReport,
    /// What a person should look at, for standard error.
    notes: Vec<String>,
}

/// One row: wave, id, units, scores.
struct Member {
    wave: String,
    id: String,
    path: Vec<String>,
    person: Person,
    /// Questions answered.
    answered: usize,
}

fn plan(given: &Given) -> Result<Plan, Failure> {
    let mut plan = Plan::default();
    if let Some(k) = given.number("--k")? {
        plan = plan.with_threshold(k).map_err(wrong)?;
    }
    if let Some(people) = given.number("--smallest-count")? {
        plan = plan.with_smallest_count(people).map_err(wrong)?;
    }
    if let Some(title) = given.one("--title")? {
        plan = plan.with_title(title);
    }
    if let Some(organisation) = given.one("--organisation")? {
        plan = plan.with_organisation(organisation);
    }
    if let Some(date) = given.one("--date")? {
        plan = plan.with_date(date);
    }
    Ok(plan)
}

fn repeats(given: &Given, survey: &Survey) -> Result<Repeats, Failure> {
    let Some(name) = given.one("--repeats")? else { return Ok(Repeats::Refuse) };
    if survey.id.is_none() {
        return Err(Failure::usage("--repeats needs --id, to recognise people"));
    }
    Repeats::parse(name).ok_or_else(|| {
        Failure::usage(format!("--repeats `{name}`: give first, last or most-complete"))
    })
}

fn audit(given: &Given, err: &mut dyn Write) -> Result<Audited, Failure> {
    let survey = Survey::of(given)?;
    let asked = survey.only()?;
    let units = given.list("--unit")?;
    if units.is_empty() {
        return Err(Failure::usage("--unit is missing"));
    }
    let wave = given.one("--wave")?;
    let waves = wave.is_some() || survey.waves.is_some();
    if wave.is_some() && survey.waves.is_some() {
        return Err(Failure::usage(
            "give --wave or --wave-columns: a column, or a pattern of columns",
        ));
    }
    if waves && survey.id.is_none() {
        return Err(Failure::usage("--wave needs --id, to recognise people"));
    }
    let (ledger, salt) = (given.one("--ledger")?, given.one("--salt")?);
    if ledger.is_some() && (!waves || salt.is_none()) {
        return Err(Failure::usage("--ledger needs --id, --salt and --wave"));
    }
    if salt.is_some() && ledger.is_none() {
        return Err(Failure::usage("--salt needs --ledger"));
    }
    let wave_order = given.list("--wave-order")?;
    if !wave_order.is_empty() && !waves {
        return Err(Failure::usage("--wave-order needs --wave or --wave-columns"));
    }
    // Waves that are named are named in their order.
    let wave_order = if wave_order.is_empty() { given.list("--waves")? } else { wave_order };
    let invited = match given.one("--invited")? {
        Some(path) => {
            let text = std::fs::read(path).map_err(|error| Failure::input(error).about(path))?;
            invited(&text, &units).map_err(|failure| failure.about(path))?
        }
        None => Invited::new(),
    };
    let import = survey.import().columns(units.clone());
    let import = wave.iter().fold(import, |import, wave| import.column_as_stored(*wave));
    let import = if survey.id.is_some() { import.ids_may_repeat() } else { import };
    survey.say_notes(err)?;
    let mut reader = survey.open(&import)?;
    let scorer = asked.scorer.clone();
    let mut measures = Measures::of(&scorer)
        .with_safety_of(&scorer, given.list("--safety")?)
        .map_err(|error| Failure::usage(format!("--safety: {error}")))?;
    if !given.has("--without-items") {
        measures = measures.with_items_of(&scorer);
    }
    let audit = Audit {
        measures: measures.where_asked(&scorer, |item| reader.is_asked(0, item)),
        scorer,
        units,
        known: survey.id.is_some(),
        repeats: repeats(given, &survey)?,
        waves,
        wave_order,
        plan: plan(given)?,
        invited,
    };
    let mut notes = Vec::new();
    let members = audit.members(&mut reader, &mut notes)?;
    // Without a file the record lasts as long as the command, and so may its salt.
    let salt = Salt::new(salt.unwrap_or("for this run")).map_err(wrong)?;
    let report = if audit.waves {
        let mut record = match ledger {
            Some(path) => read_ledger(path, &salt)?,
            None => Ledger::new(&salt),
        };
        let report = audit.in_waves(members, &mut record, &salt, &mut notes)?;
        if let Some(path) = ledger {
            // What was not recorded is not released.
            write_file(path, |file| {
                Ok(serde_json::to_writer(file, &record).map_err(io::Error::from)?)
            })?;
        }
        report
    } else {
        audit.once(&members, &salt, &mut notes)?
    };
    Ok(Audited { report, read: reader.into_report(), notes })
}

fn read_ledger(path: &str, salt: &Salt) -> Result<Ledger, Failure> {
    let text = match std::fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Ledger::new(salt)),
        read => read.map_err(|error| Failure::input(error).about(path))?,
    };
    let ledger: Ledger =
        serde_json::from_slice(&text).map_err(|error| Failure::input(error).about(path))?;
    ledger.expect_salt(salt).map_err(|error| wrong(error).about(path))?;
    Ok(ledger)
}

/// A path ends at its first blank level.
fn path<'a>(cells: impl Iterator<Item = &'a str>) -> Vec<String> {
    cells.map(str::trim).take_while(|name| !name.is_empty()).map(str::to_owned).collect()
}

fn invited(text: &[u8], units: &[String]) -> Result<Invited, Failure> {
    let mut rows = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text);
    let header = rows.headers().map_err(Failure::input)?.clone();
    let at = |name: &str| {
        header.iter().position(|known| known.trim_start_matches('\u{feff}') == name).ok_or_else(
            || {
                let known = header.iter().collect::<Vec<_>>().join(", ");
                Failure::input(format!("there is no column `{name}`; there are {known}"))
            },
        )
    };
    let columns = units.iter().map(|name| at(name)).collect::<Result<Vec<_>, _>>()?;
    let count = at("invited")?;
    let mut all = Invited::new();
    for row in rows.records() {
        let row = row.map_err(Failure::input)?;
        let cell = |column: usize| row.get(column).unwrap_or_default();
        let people = cell(count).parse().map_err(|_| {
            let line = row.position().map_or(0, csv::Position::line);
            Failure::input(format!("line {line}: `{}` is no number of people", cell(count)))
        })?;
        all.push((path(columns.iter().map(|column| cell(*column))), people));
    }
    Ok(all)
}

impl Audit {
    /// Says what in the units and in the list of invited people looks wrong.
    fn look(tallies: &Tallies, notes: &mut Vec<String>) {
        for names in tallies.look_alikes() {
            let names: Vec<String> =
                names.iter().map(|path| format!("`{}`", path.join("/"))).collect();
            notes.push(format!(
                "these units differ only in case or spaces and are counted apart: {}",
                names.join(", ")
            ));
        }
        for one in tallies.impossible_invitations() {
            notes.push(format!("{one}; the number is left out, and so are sums with it"));
        }
    }

    fn invite(&self, tallies: &mut Tallies) -> Result<(), GroupError> {
        for (path, people) in &self.invited {
            let unit = tallies.unit("unit", path)?;
            tallies.invite("unit", unit, *people)?;
        }
        Ok(())
    }

    /// Every row, in the order of the file.
    fn members<R: io::Read>(
        &self,
        reader: &mut Reader<R>,
        notes: &mut Vec<String>,
    ) -> Result<Vec<Member>, Failure> {
        let mut members = Vec::new();
        let mut person = self.measures.person();
        while let Some(mut row) = reader.next_row()? {
            let answers = row.answers(0);
            let scores = self.scorer.score_row(answers).map_err(Failure::input)?;
            row.note(0, &scores);
            self.measures.read(&scores, &mut person).map_err(wrong)?;
            self.measures.read_items(answers, &mut person);
            let number = row.number();
            let blank = |what: &str| Failure::input(format!("row {number} has no {what}"));
            let id = row.id().unwrap_or_default().trim();
            let wave = if self.waves {
                row.wave().unwrap_or_else(|| row.cell(self.units.len())).trim()
            } else {
                ""
            };
            if self.known && id.is_empty() {
                return Err(blank("id"));
            }
            if self.waves && wave.is_empty() {
                return Err(blank("wave"));
            }
            let answered = answers.iter().map(|byte| Answer::from_byte(*byte));
            members.push(Member {
                wave: wave.to_owned(),
                id: id.to_owned(),
                path: path((0..self.units.len()).map(|column| row.cell(column))),
                person: person.clone(),
                answered: answered.filter(|answer| matches!(answer, Answer::Code(_))).count(),
            });
        }
        if !self.known {
            return Ok(members);
        }
        let rows = members.len();
        let mut waves: BTreeMap<String, Vec<Member>> = BTreeMap::new();
        for member in members {
            waves.entry(member.wave.clone()).or_default().push(member);
        }
        let mut kept = Vec::new();
        for (wave, members) in waves {
            let about = |error| {
                let failure = wrong(error);
                if wave.is_empty() { failure } else { failure.about(&format!("wave {wave}")) }
            };
            let one_each = self.repeats.keep(members, |one| &one.id, |one| one.answered);
            kept.extend(one_each.map_err(about)?);
        }
        if kept.len() < rows {
            notes.push(format!(
                "{} rows of people who have another row are left out",
                rows - kept.len()
            ));
        }
        Ok(kept)
    }

    /// Everybody once, nothing before or after.
    fn once(
        &self,
        members: &[Member],
        salt: &Salt,
        notes: &mut Vec<String>,
    ) -> Result<GroupReport, Failure> {
        let mut tallies = Tallies::new(self.measures.clone(), ["unit"]).map_err(wrong)?;
        self.invite(&mut tallies).map_err(wrong)?;
        for member in members {
            let unit = tallies.unit("unit", &member.path).map_err(wrong)?;
            if self.known {
                tallies.add_known(&[unit], salt.key(&member.id), &member.person)
            } else {
                tallies.add(&[unit], &member.person)
            }
            .map_err(wrong)?;
        }
        Self::look(&tallies, notes);
        tallies.publish(&self.plan).map_err(wrong)
    }

    /// One wave after the other through the ledger. The report is that of the last one.
    fn in_waves(
        &self,
        members: Vec<Member>,
        ledger: &mut Ledger,
        salt: &Salt,
        notes: &mut Vec<String>,
    ) -> Result<GroupReport, Failure> {
        let names: Vec<&str> = members.iter().map(|member| member.wave.as_str()).collect();
        let order = waves_in_order(&names, &self.wave_order).map_err(wrong)?;
        let mut waves: BTreeMap<String, Vec<Member>> = BTreeMap::new();
        for member in members {
            waves.entry(member.wave.clone()).or_default().push(member);
        }
        let mut before: Option<(GroupReport, Vec<Member>)> = None;
        for wave in order {
            let members = waves.remove(&wave).unwrap_or_default();
            let (mut report, looked) = self.wave(ledger, salt, &wave, &members)?;
            notes.extend(looked.into_iter().map(|note| format!("wave {wave}: {note}")));
            if let Some((earlier, then)) = &before {
                let matched = self.matched(then, &members).map_err(wrong)?;
                let change = ledger.change(earlier, &report).map_err(wrong)?;
                report = report.with_change(change.with_matched(&matched)).map_err(wrong)?;
            }
            before = Some((report, members));
        }
        let (report, _) = before.ok_or_else(|| Failure::input("there are no rows"))?;
        Ok(report)
    }

    fn wave(
        &self,
        ledger: &mut Ledger,
        salt: &Salt,
        wave: &str,
        members: &[Member],
    ) -> Result<(GroupReport, Vec<String>), Failure> {
        let mut tallies = ledger.tallies(wave, self.measures.clone(), ["unit"]).map_err(wrong)?;
        self.invite(&mut tallies).map_err(wrong)?;
        for member in members {
            let unit = tallies.unit("unit", &member.path).map_err(wrong)?;
            tallies.add_known(&[unit], salt.key(&member.id), &member.person).map_err(wrong)?;
        }
        let mut notes = Vec::new();
        Self::look(&tallies, &mut notes);
        let failed = |error| wrong(error).about(&format!("wave {wave}"));
        Ok((ledger.publish(&tallies, &self.plan).map_err(failed)?, notes))
    }

    fn matched(&self, then: &[Member], now: &[Member]) -> Result<Matched, GroupError> {
        let mut matched = Matched::new(&self.measures);
        let mut people: BTreeMap<&str, [Option<&Member>; 2]> = BTreeMap::new();
        for (wave, members) in [then, now].into_iter().enumerate() {
            for member in members {
                let waves = people.entry(&member.id).or_default();
                if let Some(slot) = waves.get_mut(wave) {
                    *slot = Some(member);
                }
            }
        }
        for waves in people.into_values() {
            let [then, now] = waves.map(|member| member.map(|m| (m.path.as_slice(), &m.person)));
            matched.add(then, now)?;
        }
        Ok(matched)
    }
}

// The demonstration.

const SAMPLE: &[u8] = include_bytes!("data/staff_survey.csv");
const SAMPLE_INVITED: &[u8] = include_bytes!("data/invited.csv");
const SAMPLE_MISSING: &str = "-99=declined,88=not-applicable";

fn sample() -> Result<GroupReport, Failure> {
    let instrument = straingauge::catalog::get("proqol-5")?;
    let units = ["directorate", "team"].map(str::to_owned);
    let profile = Profile::plain().with_sentinels(Sentinels::parse(SAMPLE_MISSING)?);
    let import = Import::new(profile)
        .instrument(&instrument, ItemColumns::prefix("pq"))
        .id("staff_id")
        .columns(units.clone())
        .column("wave");
    let scorer = instrument.scorer();
    let audit = Audit {
        measures: Measures::of(&scorer).with_items_of(&scorer),
        scorer,
        invited: invited(SAMPLE_INVITED, &units)?,
        units: units.into(),
        known: true,
        repeats: Repeats::Refuse,
        waves: true,
        wave_order: Vec::new(),
        plan: Plan::default(),
    };
    let salt = Salt::new("the sample is simulated").map_err(wrong)?;
    let import = import.ids_may_repeat();
    let members = audit.members(&mut import.open(SAMPLE)?, &mut Vec::new())?;
    audit.in_waves(members, &mut Ledger::new(&salt), &salt, &mut Vec::new())
}
