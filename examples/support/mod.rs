//! What the command-line examples share: arguments, instruments by name, files in and out.
#![allow(dead_code)] // each example uses a part of it

use std::fmt;
use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::process;

use straingauge::Instrument;
use straingauge::catalog::{self, CatalogError};
use straingauge::form::WordingPack;
use straingauge::score::{OptionError, ScoreOptions, Scorer};
use straingauge::survey::{
    Candidate, Encoding, Import, ImportReport, ItemColumns, Profile, Reader, Sentinels,
    SurveyError, Tool,
};

/// Why a command stops: what to say, and the exit code.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) code: u8,
    pub(crate) message: String,
}

impl Failure {
    /// The input is wrong: exit 1.
    pub(crate) fn input(message: impl fmt::Display) -> Self {
        Self { code: 1, message: message.to_string() }
    }

    /// The command line is wrong: exit 2.
    pub(crate) fn usage(message: impl fmt::Display) -> Self {
        Self { code: 2, message: message.to_string() }
    }

    /// Says first what it is about.
    #[must_use]
    pub(crate) fn about(self, what: &str) -> Self {
        Self { message: format!("{what}: {}", self.message), ..self }
    }
}

impl From<SurveyError> for Failure {
    fn from(error: SurveyError) -> Self {
        match &error {
            // Whoever reads our output has seen enough.
            SurveyError::Output { kind: io::ErrorKind::BrokenPipe, .. } => {
                Self { code: 0, message: String::new() }
            }
            error if error.is_usage() => Self::usage(error),
            error => Self::input(error),
        }
    }
}

impl From<OptionError> for Failure {
    fn from(error: OptionError) -> Self {
        Self::usage(error)
    }
}

impl From<CatalogError> for Failure {
    fn from(error: CatalogError) -> Self {
        match error {
            CatalogError::Load(error) => Self::input(error),
            error => Self::usage(error),
        }
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self { code: 0, message: String::new() },
            _ => Self::input(error),
        }
    }
}

/// An option of a command: its name, and whether a value follows.
pub(crate) type Known = (&'static str, bool);

/// The options by which a survey export is read, for [`Survey::of`].
pub(crate) const SURVEY: &[Known] = &[
    ("--instrument", true),
    ("--definition", true),
    ("--input", true),
    ("--items", true),
    ("--prefix", true),
    ("--id", true),
    ("--missing", true),
    ("--labels", false),
    ("--delimiter", true),
    ("--encoding", true),
    ("--sheet", true),
    ("--profile", true),
    ("--wording", true),
    ("--recode", true),
    ("--strict", false),
    ("--variant", true),
    ("--bands", true),
    ("--min-answered", true),
    ("--suffix", true),
    ("--skip", true),
    ("--decimal", true),
    ("--as-coded", false),
    ("--leave-unread", false),
    ("--finished-only", false),
];

/// Options that name a file to write.
const WRITTEN: [&str; 5] = ["--output", "--report", "--json", "--html", "--people"];

/// Options as given, in order.
#[derive(Debug)]
pub(crate) struct Given(Vec<(&'static str, String)>);

impl Given {
    /// Reads `--name value` and `--name=value`.
    pub(crate) fn parse(arguments: &[String], known: &[&[Known]]) -> Result<Self, Failure> {
        let mut given = Vec::new();
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            let (name, inline) = match argument.split_once('=') {
                Some((name, value)) if name.starts_with("--") => (name, Some(value.to_owned())),
                _ => (argument.as_str(), None),
            };
            let option = known.iter().copied().flatten().find(|(known, _)| *known == name);
            let Some((name, takes_value)) = option.copied() else {
                let names: Vec<&str> =
                    known.iter().copied().flatten().map(|known| known.0).collect();
                return Err(Failure::usage(format!(
                    "unknown argument `{argument}`; known are {}",
                    names.join(" ")
                )));
            };
            let value = match (takes_value, inline) {
                (true, Some(value)) => value,
                (true, None) => rest
                    .next()
                    .cloned()
                    .ok_or_else(|| Failure::usage(format!("{name} needs a value")))?,
                (false, None) => String::new(),
                (false, Some(_)) => return Err(Failure::usage(format!("{name} takes no value"))),
            };
            given.push((name, value));
        }
        Ok(Self(given))
    }

    /// The value of an option that may be given once.
    pub(crate) fn one<'a>(&'a self, name: &'a str) -> Result<Option<&'a str>, Failure> {
        let mut values = self.all(name);
        let first = values.next();
        match values.next() {
            Some(_) => Err(Failure::usage(format!("{name} is given twice"))),
            None => Ok(first),
        }
    }

    /// The value of an option that must be given once.
    pub(crate) fn required<'a>(&'a self, name: &'a str) -> Result<&'a str, Failure> {
        self.one(name)?.ok_or_else(|| Failure::usage(format!("{name} is missing")))
    }

    /// Every value of an option.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> + 'a {
        self.0.iter().filter(move |(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    /// Every entry of an option whose values are lists.
    pub(crate) fn list(&self, name: &str) -> Result<Vec<String>, Failure> {
        let entries = self.all(name).flat_map(names).collect::<Vec<_>>();
        if entries.iter().any(String::is_empty) {
            return Err(Failure::usage(format!("{name} has an empty entry")));
        }
        Ok(entries)
    }

    /// Whether an option is given.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(known, _)| *known == name)
    }

    /// A number of an option that may be given once.
    pub(crate) fn number<T: std::str::FromStr>(&self, name: &str) -> Result<Option<T>, Failure> {
        self.one(name)?.map(|text| number(name, text)).transpose()
    }
}

fn number<T: std::str::FromStr>(name: &str, text: &str) -> Result<T, Failure> {
    text.parse().map_err(|_| Failure::usage(format!("{name}: `{text}` is no number that fits")))
}

/// The entries of a list: between commas, and a name with a comma in quotation marks, as in CSV.
fn names(list: &str) -> Vec<String> {
    let mut entries = vec![String::new()];
    let mut rest = list.chars().peekable();
    let mut quoted = false;
    while let Some(c) = rest.next() {
        let Some(entry) = entries.last_mut() else { break };
        match c {
            '"' if quoted && rest.next_if_eq(&'"').is_some() => entry.push('"'),
            '"' if quoted || entry.trim().is_empty() => quoted = !quoted,
            ',' if !quoted => entries.push(String::new()),
            c => entry.push(c),
        }
    }
    entries.iter().map(|entry| entry.trim().to_owned()).collect()
}

/// An instrument as asked for: its columns, and how it is scored.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) instrument: Instrument,
    pub(crate) columns: ItemColumns,
    pub(crate) scorer: Scorer,
}

/// A survey export as asked for.
#[derive(Debug)]
pub(crate) struct Survey {
    pub(crate) asked: Vec<Asked>,
    pub(crate) profile: Profile,
    pub(crate) input: String,
    /// Standard input, kept so that it can be looked through before it is read.
    spool: Option<Spool>,
    pub(crate) id: Option<String>,
    /// What was found out about the file, for standard error.
    pub(crate) notes: Vec<String>,
}

impl Survey {
    /// Reads the options of [`SURVEY`].
    pub(crate) fn of(given: &Given) -> Result<Self, Failure> {
        let input = given.required("--input")?.to_owned();
        let written: Vec<&str> = WRITTEN.iter().flat_map(|name| given.all(name)).collect();
        for (at, path) in written.iter().enumerate().filter(|(_, path)| **path != "-") {
            let mut twins = written.iter().take(at).copied().chain([input.as_str()]);
            if let Some(twin) = twins.find(|twin| is_same_file(path, twin)) {
                return Err(Failure::usage(format!(
                    "`{path}` and `{twin}` are one file: what is written would replace it; name another"
                )));
            }
        }
        let spool = if input == "-" { Some(Spool::of(io::stdin())?) } else { None };
        let pool = given.all("--definition").map(definition).collect::<Result<Vec<_>, _>>()?;
        let packs = given.all("--wording").map(wording).collect::<Result<Vec<_>, _>>()?;
        let asked = asked(given, (&pool, &packs))?;
        let (profile, notes) =
            profile(given, spool.as_ref().map_or(Path::new(&input), |spool| &spool.0))?;
        let id = given.one("--id")?.map(str::to_owned);
        Ok(Self { asked, profile, input, spool, id, notes })
    }

    /// The only instrument, for commands that take one.
    pub(crate) fn only(&self) -> Result<&Asked, Failure> {
        match self.asked.as_slice() {
            [only] => Ok(only),
            _ => Err(Failure::usage("give one --instrument")),
        }
    }

    /// What to read. More columns can be added.
    pub(crate) fn import(&self) -> Import {
        let import = Import::new(self.profile.clone());
        let import = self.asked.iter().fold(import, |import, asked| {
            import.instrument(&asked.instrument, asked.columns.clone())
        });
        match &self.id {
            Some(id) => import.id(id),
            None => import,
        }
    }

    /// Opens the input after it has been looked through once: what stops a run stops it before
    /// anything is written.
    pub(crate) fn open(&self, import: &Import) -> Result<Reader<Box<dyn Read>>, Failure> {
        let mut first = self.open_once(import)?;
        while first.next_row().map_err(|error| self.about(error))?.is_some() {}
        self.open_once(import)
    }

    /// Text, and by their first bytes workbooks; SPSS files by their profile.
    fn open_once(&self, import: &Import) -> Result<Reader<Box<dyn Read>>, Failure> {
        let path = self.spool.as_ref().map_or(Path::new(&self.input), |spool| &spool.0);
        let file = File::open(path).map_err(|e| Failure::input(e).about(&self.input))?;
        let opened = if self.profile.tool() == Tool::Spss {
            import.open_sav(io::BufReader::new(file))
        } else {
            open_text(import, file)
        };
        opened.map_err(|error| self.about(error))
    }

    /// Exit code 3 where a reader of what was written should know something first.
    pub(crate) fn verdict(report: &ImportReport) -> Result<(), Failure> {
        if report.has_findings() {
            return Err(Failure { code: 3, message: String::new() });
        }
        Ok(())
    }

    /// An error of the input, with its name.
    pub(crate) fn about(&self, error: SurveyError) -> Failure {
        let failure = Failure::from(error);
        if failure.code == 1 { failure.about(&self.input) } else { failure }
    }
}

/// A file of this run's own that is gone when the run ends.
#[derive(Debug)]
struct Spool(PathBuf);

impl Spool {
    /// Keeps what can be read only once.
    fn of(mut source: impl Read) -> Result<Self, Failure> {
        let path = std::env::temp_dir().join(format!("straingauge-{}.part", process::id()));
        let mut options = File::options();
        options.write(true).create_new(true);
        // Answers are nobody else's to read.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&path)?;
        let spool = Self(path);
        io::copy(&mut source, &mut file)?;
        Ok(spool)
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        // There is nowhere to say that it stays.
        let _ = fs::remove_file(&self.0);
    }
}

/// Whether two paths lead to one file, through links too.
fn is_same_file(one: &str, other: &str) -> bool {
    #[cfg(unix)]
    if let (Ok(one), Ok(other)) = (fs::metadata(one), fs::metadata(other)) {
        use std::os::unix::fs::MetadataExt as _;
        return one.is_file() && (one.dev(), one.ino()) == (other.dev(), other.ino());
    }
    match (fs::canonicalize(one), fs::canonicalize(other)) {
        (Ok(one), Ok(other)) => one == other && one.is_file(),
        _ => one == other,
    }
}

/// Whether a file is a workbook or another archive, by its first bytes.
#[cfg(feature = "xlsx")]
fn is_archive(file: &mut File) -> Result<bool, SurveyError> {
    let mut head = [0; 4];
    let is_archive = file.read_exact(&mut head).is_ok() && head == *b"PK\x03\x04";
    let failed =
        |error: io::Error| SurveyError::Io { kind: error.kind(), message: error.to_string() };
    io::Seek::rewind(file).map_err(failed)?;
    Ok(is_archive)
}

#[cfg(feature = "xlsx")]
fn look_at(profile: &Profile, mut file: File) -> Result<Vec<Candidate>, SurveyError> {
    if is_archive(&mut file)? { profile.detect_workbook(file) } else { profile.detect(file) }
}

#[cfg(not(feature = "xlsx"))]
fn look_at(profile: &Profile, file: File) -> Result<Vec<Candidate>, SurveyError> {
    profile.detect(file)
}

#[cfg(feature = "xlsx")]
fn open_text(import: &Import, mut file: File) -> Result<Reader<Box<dyn Read>>, SurveyError> {
    if is_archive(&mut file)? {
        import.open_workbook(io::BufReader::new(file))
    } else {
        import.open(Box::new(file))
    }
}

#[cfg(not(feature = "xlsx"))]
fn open_text(import: &Import, file: File) -> Result<Reader<Box<dyn Read>>, SurveyError> {
    import.open(Box::new(file))
}

/// A wording pack.
pub(crate) fn wording(path: &str) -> Result<WordingPack, Failure> {
    let text = fs::read_to_string(path).map_err(|error| Failure::input(error).about(path))?;
    WordingPack::parse(&text).map_err(|error| Failure::input(error).about(path))
}

/// A definition file of the user's own.
pub(crate) fn definition(path: &str) -> Result<Instrument, Failure> {
    let bytes = fs::read(path).map_err(|error| Failure::input(error).about(path))?;
    Instrument::parse_bytes(path, &bytes).map_err(Failure::input)
}

/// An instrument by `ID` or `ID@VERSION`: from the files given, else built in.
pub(crate) fn instrument(name: &str, pool: &[Instrument]) -> Result<Instrument, Failure> {
    let (id, version) = name.split_once('@').map_or((name, None), |(id, v)| (id, Some(v)));
    let own = pool
        .iter()
        .filter(|own| own.id() == id && version.is_none_or(|v| own.version().to_string() == v))
        .max_by_key(|own| own.version());
    match own {
        Some(own) => Ok(own.clone()),
        None => Ok(catalog::get(name)?),
    }
}

/// Options that belong to the last `--instrument` before them, or to the first.
#[derive(Default)]
struct Wanted<'a> {
    name: Option<&'a str>,
    columns: Option<ItemColumns>,
    suffix: Option<&'a str>,
    prefix: Option<&'a str>,
    recode: Option<&'a str>,
    variant: Option<&'a str>,
    bands: Option<&'a str>,
    min_answered: Option<u16>,
}

/// Definitions and packs from files.
type Files<'f> = (&'f [Instrument], &'f [WordingPack]);

fn asked(given: &Given, files: Files<'_>) -> Result<Vec<Asked>, Failure> {
    let mut wanted = vec![Wanted::default()];
    for (option, value) in &given.0 {
        if *option == "--instrument" && wanted.last().is_none_or(|last| last.name.is_some()) {
            wanted.push(Wanted::default());
        }
        let Some(last) = wanted.last_mut() else { continue };
        let twice = match *option {
            "--instrument" => last.name.replace(value).is_some(),
            "--items" => {
                let both = last.prefix.is_some();
                last.columns.replace(ItemColumns::listed(names(value))).is_some() || both
            }
            "--prefix" => last.prefix.replace(value).is_some() || last.columns.is_some(),
            "--suffix" => last.suffix.replace(value).is_some(),
            "--recode" => last.recode.replace(value).is_some(),
            "--variant" => last.variant.replace(value).is_some(),
            "--bands" => last.bands.replace(value).is_some(),
            "--min-answered" => last.min_answered.replace(number(option, value)?).is_some(),
            _ => false,
        };
        if twice {
            let again = if last.columns.is_some() || last.prefix.is_some() {
                " (--items and --prefix are one choice)"
            } else {
                ""
            };
            return Err(Failure::usage(format!(
                "{option} is given twice for one instrument{again}"
            )));
        }
    }
    let asked =
        wanted.into_iter().map(|wanted| one(wanted, files)).collect::<Result<Vec<_>, _>>()?;
    let is_for = |pack: &WordingPack| asked.iter().any(|a| a.instrument.id() == pack.instrument());
    match files.1.iter().find(|pack| !is_for(pack)) {
        Some(pack) => Err(Failure::usage(format!(
            "--wording: a pack for {} is given, which is not asked for",
            pack.instrument()
        ))),
        None => Ok(asked),
    }
}

fn one(wanted: Wanted<'_>, (pool, packs): Files<'_>) -> Result<Asked, Failure> {
    let instrument = match (wanted.name, pool) {
        (Some(name), pool) => instrument(name, pool)?,
        (None, [only]) => only.clone(),
        (None, _) => return Err(Failure::usage("--instrument is missing")),
    };
    let mut options = ScoreOptions::new();
    if let Some(variant) = wanted.variant {
        options = options.variant(variant);
    }
    if let Some(bands) = wanted.bands {
        options = options.bands(bands);
    }
    if let Some(answers) = wanted.min_answered {
        options = options.min_answered(answers);
    }
    let scorer = instrument.scorer_with(&options)?;
    if let Some(bands) = wanted.bands {
        let read_by = |scale: &straingauge::instrument::Scale| {
            scorer.band_set(scale.id()).is_some_and(|set| set.id() == bands)
        };
        if !scorer.scales().any(read_by) {
            let message = format!("no scale that is scored has the band set `{bands}`");
            return Err(Failure::usage(message));
        }
    }
    let mut packs = packs.iter().filter(|pack| pack.instrument() == instrument.id());
    let has_texts =
        |pack: &&WordingPack| instrument.items().iter().any(|item| pack.item(item.id()).is_some());
    let named = match (wanted.columns, wanted.prefix, wanted.suffix) {
        (Some(_), _, Some(_)) => {
            return Err(Failure::usage("--suffix goes with --prefix or alone, not with --items"));
        }
        (Some(columns), ..) => Some(columns),
        (None, None, None) => None,
        (None, prefix, suffix) => {
            Some(ItemColumns::between(prefix.unwrap_or_default(), suffix.unwrap_or_default()))
        }
    };
    let columns = match named {
        Some(columns) => columns,
        // Without another word, a pack with the items' texts finds them by text.
        None => packs.clone().find(has_texts).map_or_else(ItemColumns::by_id, |pack| {
            packs.by_ref().find(|other| *other == pack);
            ItemColumns::by_text(pack)
        }),
    };
    let columns = packs.fold(columns, ItemColumns::with_wording);
    let columns = match wanted.recode {
        None => columns,
        Some(list) => columns
            .recoded(names(list).iter().map(|entry| recode(entry)).collect::<Result<Vec<_>, _>>()?),
    };
    Ok(Asked { instrument, columns, scorer })
}

/// `A1=0`: the file's code, and the instrument's.
fn recode(entry: &str) -> Result<(String, u8), Failure> {
    let (text, code) = entry
        .rsplit_once('=')
        .ok_or_else(|| Failure::usage(format!("--recode: `{entry}` is not TEXT=CODE")))?;
    Ok((text.trim().to_owned(), number("--recode", code.trim())?))
}

/// The profile, and what was found out about the file where it was looked at.
fn profile(given: &Given, input: &Path) -> Result<(Profile, Vec<String>), Failure> {
    let mut notes = Vec::new();
    let tool = match given.one("--profile")? {
        None => Tool::Plain,
        Some("auto") => {
            let (tool, found) = detect(&described(given, Profile::plain())?, input)?;
            notes = found;
            tool
        }
        Some(word) => Tool::from_word(word).ok_or_else(|| {
            let words: Vec<&str> = Tool::all().map(|(_, word)| word).collect();
            Failure::usage(format!("--profile: `{word}` is not auto, {}", words.join(", ")))
        })?,
    };
    Ok((described(given, Profile::of(tool))?, notes))
}

/// The only tool that accounts for every column of a file.
fn detect(profile: &Profile, input: &Path) -> Result<(Tool, Vec<String>), Failure> {
    let name = input.display().to_string();
    let file = File::open(input).map_err(|error| Failure::input(error).about(&name))?;
    let found = look_at(profile, file).map_err(|error| Failure::from(error).about(&name))?;
    let notes: Vec<String> = found.iter().map(|one| format!("candidate {one}")).collect();
    let mut whole = found.iter().filter(|candidate| candidate.explains_every_column());
    match (whole.next(), whole.next()) {
        (Some(only), None) => Ok((only.tool, notes)),
        _ => Err(Failure::usage(format!(
            "--profile auto: no single tool accounts for every column of {name}; name one\n{}",
            notes.join("\n")
        ))),
    }
}

fn described(given: &Given, mut profile: Profile) -> Result<Profile, Failure> {
    if let Some(text) = given.one("--delimiter")? {
        let text = if matches!(text, "\\t" | "tab") { "\t" } else { text };
        let mut characters = text.chars();
        profile = match (characters.next(), characters.next()) {
            (Some(delimiter), None) => profile.with_delimiter(delimiter)?,
            _ => return Err(SurveyError::Delimiter { found: text.to_owned() }.into()),
        };
    }
    if let Some(name) = given.one("--encoding")? {
        let encoding = Encoding::from_word(name).ok_or_else(|| {
            Failure::usage(format!(
                "--encoding: `{name}` is not an encoding that is read; write utf-8, windows-1252, windows-1250, windows-1251, iso-8859-2, shift_jis, gbk, big5, euc-kr or another label of the WHATWG Encoding Standard"
            ))
        })?;
        profile = profile.with_encoding(encoding);
    }
    if let Some(name) = given.one("--sheet")? {
        profile = profile.with_sheet(name);
    }
    if given.has("--missing") {
        let declared = given.all("--missing").collect::<Vec<_>>().join(",");
        let sentinels = Sentinels::parse(&declared).map_err(Failure::from);
        profile = profile.with_sentinels(sentinels.map_err(|failure| failure.about("--missing"))?);
    }
    if let Some(mark) = given.one("--decimal")? {
        profile = match mark {
            "," => profile.with_decimal_comma(true),
            "." => profile.with_decimal_comma(false),
            _ => return Err(Failure::usage(format!("--decimal: `{mark}` is not , or ."))),
        };
    }
    if let Some(rows) = given.number("--skip")? {
        profile = profile.skipping(rows);
    }
    if given.has("--as-coded") {
        profile = profile.as_coded();
    }
    if given.has("--leave-unread") {
        profile = profile.leaving_unread();
    }
    if given.has("--finished-only") {
        profile = profile.finished_only();
    }
    if given.has("--labels") {
        profile = profile.reading_labels();
    }
    if given.has("--strict") {
        profile = profile.strict();
    }
    Ok(profile)
}

/// Writes a file whole or not at all: what stood there stays until `body` has succeeded.
pub(crate) fn write_file<T>(
    path: &str,
    body: impl FnOnce(&mut dyn Write) -> Result<T, Failure>,
) -> Result<T, Failure> {
    let target = Path::new(path);
    // A device or a pipe cannot be replaced.
    let in_place = fs::metadata(target).is_ok_and(|known| !known.is_file());
    let part = if in_place { target.to_owned() } else { PathBuf::from(format!("{path}.part")) };
    let write = || -> Result<T, Failure> {
        let own = |error| Failure::from(error).about(path);
        let mut writer = BufWriter::new(File::create(&part).map_err(own)?);
        let done = body(&mut writer)?;
        writer.flush().map_err(own)?;
        drop(writer);
        if !in_place {
            fs::rename(&part, target).map_err(own)?;
        }
        Ok(done)
    };
    write().inspect_err(|_| {
        if !in_place {
            // It may never have been made.
            let _ = fs::remove_file(&part);
        }
    })
}
