//! Writes `instruments/CATALOGUE.md` and a page for each instrument from the definition files:
//! `cargo run --example write_catalogue`. `tests/catalogue.rs` holds them against the files.
#![allow(clippy::format_collect)] // pages are short; a list of lines reads best

use std::{
    collections::{BTreeMap, BTreeSet},
    fs, io,
    path::Path,
};

use straingauge::catalog::{self, OwnWording};
use straingauge::change::Yardstick;
use straingauge::form::{Review, WordingPack};
use straingauge::instrument::{
    BandSet, Basis, ChangeKind, Criterion, Grade, Instrument, Key, Keying, Norm, Part, Reliability,
    Role, Scale, Standing, Term, Use,
};

fn main() -> io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("instruments");
    for (name, text) in pages() {
        fs::write(folder.join(name), text)?;
    }
    Ok(())
}

/// Every generated page: its path under `instruments/`, and its text.
pub(crate) fn pages() -> Vec<(String, String)> {
    let all: Vec<Instrument> = catalog::all().collect();
    let own = all.iter().map(|known| (format!("{}/README.md", known.id()), page(known)));
    [("CATALOGUE.md".to_owned(), catalogue(&all))].into_iter().chain(own).collect()
}

const HEAD: &str = "<!-- Written by `cargo run --example write_catalogue`. Change the .toml files, not this page. -->\n\n";

fn catalogue(all: &[Instrument]) -> String {
    let mut text = format!(
        "{HEAD}# The catalogue\n\n{} instruments. No wording of anybody's questionnaire is here: items are described by topic.\n\n\
         Band sets: **bold** ones are used unless a caller says otherwise; *(disputed)* and *(deprecated)* ones only when asked\n\
         for by name. *Reliable change* names the scales for which a change can be told from measurement error, because a norm has\n\
         a standard error (or an SD and a reliability), a conversion table has standard errors, or a reliable change is published.\n\
         *Ask first for* lists the uses that need the holder's permission; everything else is a reading of the terms on the day\n\
         named on the instrument's page, and no legal advice.\n\n\
         | id | name | items | measures | band sets | norms | reliable change | licence class | ask first for |\n\
         |---|---|---|---|---|---|---|---|---|\n",
        all.len()
    );
    for known in all {
        let id = known.id();
        text += &row(&[
            format!("[`{id}`]({id}/README.md)"),
            known.title().to_owned(),
            known.items().len().to_string(),
            measures(known),
            listed(known.band_sets().iter().map(band_name)),
            known.norms().len().to_string(),
            listed(with_reliable_change(known).iter().map(|s| code(s.id()))),
            known.licence().class().to_string(),
            uses(known.licence().ask_first_for()),
        ]);
    }
    for known in all {
        let scales = known.scales().iter().map(|scale| {
            let (low, high) = scale.range();
            format!("`{}` {low} to {high}", scale.id())
        });
        let sets = known.band_sets().iter().map(|set| {
            let (name, on) = (band_name(set), on_scales(known, set));
            format!("{name} on {on} ({})", standing(set.basis()))
        });
        let criteria = reported(known).map(|c| match c.basis() {
            Some(basis) => format!("`{}` ({})", c.id(), standing(basis)),
            None => code(c.id()),
        });
        let norms = known.norms().iter().map(|norm| {
            let scale = scale_id(known, norm.scale());
            format!("`{}` ({scale}, {})", norm.id(), norm.population())
        });
        let changes = known.changes().iter().map(|change| {
            let scale = scale_id(known, change.scale());
            format!("{} points of {scale} ({})", change.points(), change.kind())
        });
        let references = known.sources().map(|source| format!("  - {}\n", source.citation()));
        text += &format!(
            "\n## `{id}`: {title}\n\n\
             - Measures: {measures}; {items} items. [Scoring, cut-offs, cautions, norms]({id}/README.md).\n\
             - Scales: {}.\n- Band sets: {}.\n- Criteria: {}.\n- Norms: {}.\n- Published changes: {}.\n\
             - Reliable change: {}.\n- Terms: {}; ask first for: {}.\n- References:\n{}",
            listed(scales),
            listed(sets),
            listed(criteria),
            listed(norms),
            listed(changes),
            listed(with_reliable_change(known).iter().map(|s| code(s.id()))),
            known.licence().class(),
            uses(known.licence().ask_first_for()),
            references.collect::<String>(),
            id = known.id(),
            title = known.title(),
            measures = measures(known),
            items = known.items().len(),
        );
    }
    text
}

fn page(known: &Instrument) -> String {
    let year = known.year().map(|year| format!(", {year}")).unwrap_or_default();
    let mut text = format!(
        "{HEAD}# {}\n\n`{}`, {}{year}. By {}. Measures {}.\n",
        known.title(),
        known.id(),
        known.edition(),
        known.authors().join(", "),
        measures(known),
    );
    let facts = [
        ("For", known.population()),
        ("Asks about", known.recall()),
        ("Order", known.order()),
        ("LOINC", known.loinc()),
    ];
    for (name, fact) in facts {
        text += &fact
            .map(|fact| format!("\n{name}: {}.\n", fact.trim_end_matches('.')))
            .unwrap_or_default();
    }
    if !known.cautions().is_empty() {
        text += "\n## Cautions\n\n";
        text.extend(known.cautions().iter().map(|line| format!("- {line}\n")));
    }
    let withdrawn = catalog::withdrawals().iter().filter(|old| old.id() == known.id());
    text.extend(withdrawn.map(|old| format!("\n**Withdrawn:** {old}\n")));
    text += &before_use(known);
    text += &scoring(known);
    text += &cut_offs(known);
    text += &norms(known);
    text += &examples(known);
    text += "\n## Sources\n\n";
    text.extend(known.sources().map(|s| format!("- `{}`: {}\n", s.key(), s.citation())));
    text
}

/// Which scales have a worked example that was not derived from the definition itself.
fn examples(known: &Instrument) -> String {
    let mut outside: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for vector in vectors(known) {
        let origin = vector.get("origin").and_then(toml::Value::as_str).unwrap_or_default();
        if origin.starts_with("derived") {
            continue;
        }
        let expected = vector.get("expect").and_then(toml::Value::as_table);
        for id in expected.into_iter().flat_map(toml::Table::keys) {
            outside.entry(id.clone()).or_default().insert(origin.to_owned());
        }
    }
    let mut text = "\n## Worked examples from outside this file\n\n".to_owned();
    for scale in known.scales() {
        let origins = outside.get(scale.id()).map(|origins| listed(origins.iter().cloned()));
        let origins = origins.unwrap_or_else(|| "no outside vector".to_owned());
        text += &format!("- `{}`: {origins}\n", scale.id());
    }
    text
}

/// The worked examples beside a definition.
fn vectors(known: &Instrument) -> Vec<toml::Value> {
    let name = format!("{}/{}.vectors.toml", known.id(), known.version());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("instruments").join(name);
    let text = fs::read_to_string(path).unwrap_or_default();
    let table: toml::Table = text.parse().unwrap_or_default();
    table.get("vectors").and_then(toml::Value::as_array).cloned().unwrap_or_default()
}

fn before_use(known: &Instrument) -> String {
    let (licence, needs) = (known.licence(), known.needs());
    let mut text = format!(
        "\n## Before an app uses it\n\n- Terms, read on {}: {} (class *{}*)\n- Holder: {}\n- Ask first for: {}\n",
        licence.checked(),
        licence.terms(),
        licence.class(),
        licence.holder(),
        uses(needs.ask_first_for),
    );
    text += &licence.url().map(|url| format!("- See <{url}>\n")).unwrap_or_default();
    text.extend(needs.credit.iter().map(|line| format!("- Show: {line}\n")));
    text += &if needs.own_wordings.is_empty() {
        format!("- Bring a wording pack with {} item texts\n", needs.item_texts)
    } else {
        let packs = listed(needs.own_wordings.iter().map(own_pack));
        format!("- Wording of our own, free for everybody (CC0), tested by nobody: {packs}\n")
    };
    if !needs.slots.is_empty() {
        text += &format!("- Words to fill in: {}\n", needs.slots.join(", "));
    }
    for item in needs.sensitive {
        text += &format!(
            "- Before item `{}` ({}): {}\n",
            item.id(),
            item.topic(),
            item.note().unwrap_or("show a content note")
        );
    }
    for criterion in needs.safety {
        text += &format!(
            "- Somebody must be there to look at once when `{}` ({}) is met or cannot be said\n",
            criterion.id(),
            criterion.title()
        );
    }
    text
}

/// A link to a pack that ships, and whether anybody has checked it.
fn own_pack(pack: &OwnWording) -> String {
    let language = match pack.locale {
        "en" => "English",
        "es" => "Spanish",
        "fr" => "French",
        "de" => "German",
        other => other,
    };
    let review = WordingPack::parse(pack.text).ok().and_then(|pack| pack.review());
    let unreviewed = match review {
        Some(Review::Original | Review::Reviewed) => "",
        _ => " (translation not reviewed)",
    };
    format!("[{language}](wording/{}.toml){unreviewed}", pack.locale)
}

fn scoring(known: &Instrument) -> String {
    let mut text = "\n## Items\n\n| item | topic | answers |\n|---|---|---|\n".to_owned();
    for item in known.items() {
        let unscored = if item.is_unscored() { ", not scored" } else { "" };
        let answers = format!("{}{unscored}", item.responses().name());
        text += &row(&[code(item.id()), item.topic().to_owned(), answers]);
    }
    text += "\nAnswers and their codes:\n\n";
    for set in known.response_sets() {
        let mut options: Vec<String> = if set.is_range() { vec![set.codes()] } else { Vec::new() };
        options.extend(set.options().iter().filter_map(|option| match option.label() {
            Some(label) => Some(format!("{} {label}", option.code())),
            None if set.is_range() => None,
            None => Some(option.code().to_string()),
        }));
        options.extend(set.not_applicable().map(|label| format!("not applicable: {label}")));
        options.extend(set.do_not_know().map(|label| format!("cannot tell: {label}")));
        text += &format!("- {}: {}\n", set.name(), options.join(", "));
    }
    text += "\n## Scoring\n\n| scale | score | range | more points are | answers needed | source |\n|---|---|---|---|---|---|\n";
    for scale in known.scales() {
        let (low, high) = scale.range();
        let items = scale.key().terms().len();
        let needed = match (scale.needs_basis(), items) {
            (_, 0) => "as its source".to_owned(),
            (Some(basis), _) => format!("{} of {items} ({})", scale.needs(), cited(basis)),
            (None, _) => format!("all {items}"),
        };
        let variant =
            scale.only_in().map(|id| format!(", only in variant `{id}`")).unwrap_or_default();
        text += &row(&[
            format!("`{}` {}{variant}", scale.id(), scale.title()),
            key(known, scale),
            format!("{low} to {high}"),
            scale.direction().as_str().trim_start_matches("higher-is-").to_owned(),
            needed,
            cited(scale.basis()),
        ]);
    }
    for scale in known.scales() {
        if let Key::Table { first, values, errors, .. } = scale.key() {
            let entries = values.iter().enumerate().map(|(at, value)| {
                let error = errors.get(at).map(|error| format!(" ± {error}")).unwrap_or_default();
                format!("{} → {value}{error}", first + i64::try_from(at).unwrap_or_default())
            });
            text += &format!(
                "\nTable of `{}`: {}.\n",
                scale.id(),
                entries.collect::<Vec<_>>().join(", ")
            );
        }
    }
    for variant in known.variants() {
        let scales = variant.scales().iter().map(|at| scale_id(known, *at));
        text += &format!(
            "\nVariant `{}` ({}): {} ({}).\n",
            variant.id(),
            variant.title(),
            listed(scales),
            cited(variant.basis())
        );
    }
    text
}

fn key(known: &Instrument, scale: &Scale) -> String {
    let of = |at: usize| scale_id(known, at);
    match scale.key() {
        Key::Sum(terms) => format!("sum of {}", keyed(known, terms)),
        Key::Mean(terms) => format!("mean of {}", keyed(known, terms)),
        Key::Ratio { numerator, denominator } => {
            format!("{} per item over {} per item", of(*numerator), of(*denominator))
        }
        Key::Times { from, factor } => format!("{} × {factor}", of(*from)),
        Key::Table { from, .. } => format!("{} by the table below", of(*from)),
        _ => String::new(),
    }
}

fn keyed(known: &Instrument, terms: &[Term]) -> String {
    let id = |term: &Term| known.items().get(term.item()).map_or("", |item| item.id());
    let of = |keying: Keying| terms.iter().filter(move |term| *term.keying() == keying);
    let ids = terms.iter().map(id).collect::<Vec<_>>().join(", ");
    let mut text = format!("items {ids}");
    let reversed: Vec<&str> = of(Keying::Reversed).map(id).collect();
    if !reversed.is_empty() {
        text += &format!("; reversed: {}", reversed.join(", "));
    }
    for term in of(Keying::Recoded) {
        let values: Vec<String> = term.values().iter().map(ToString::to_string).collect();
        text += &format!("; {} counts as {}", id(term), values.join(" "));
    }
    text
}

fn cut_offs(known: &Instrument) -> String {
    let mut text = "\n## Cut-offs\n".to_owned();
    if known.band_sets().is_empty() && reported(known).next().is_none() {
        return text + "\nNone.\n";
    }
    for set in known.band_sets() {
        let by_default =
            if set.is_default() { "used by default" } else { "used when asked for by name" };
        let name = band_name(set);
        text += &format!(
            "\n{name} for {}, {by_default}. {}.\n\n| band | from | to |\n|---|---|---|\n",
            on_scales(known, set),
            said(set.basis())
        );
        let high = set
            .scales()
            .first()
            .and_then(|at| known.scales().get(*at))
            .map(|scale| scale.range().1);
        let mut next = set.bands().iter().skip(1);
        for band in set.bands() {
            let to = match (next.next(), high) {
                (Some(next), _) => format!("below {}", next.low()),
                (None, Some(high)) => high.to_string(),
                (None, None) => String::new(),
            };
            text += &row(&[band.label().replace('-', " "), band.low().to_string(), to]);
        }
    }
    if reported(known).next().is_some() {
        text += "\n| criterion | met if | source |\n|---|---|---|\n";
    }
    for criterion in reported(known) {
        let source = criterion.basis().map(said).unwrap_or_default();
        let safety = if criterion.role() == Some(Role::Safety) { " (safety)" } else { "" };
        text += &row(&[
            format!("`{}` {}{safety}", criterion.id(), criterion.title()),
            rule(known, criterion),
            source,
        ]);
    }
    text
}

fn rule(known: &Instrument, criterion: &Criterion) -> String {
    let parts = criterion.parts();
    let one = |part: &Part| match *part {
        Part::Item { item, op, number } => {
            let id = known.items().get(item).map_or("", |item| item.id());
            format!("item {id} {} {number}", op.sign())
        }
        Part::Scale { scale, op, number } => {
            format!("{} {} {number}", scale_id(known, scale), op.sign())
        }
        Part::Criterion(at) => match known.criteria().get(at) {
            // A step is part of this rule only, so it is written out here.
            Some(step) if step.role() == Some(Role::Step) => format!("({})", rule(known, step)),
            Some(other) => code(other.id()),
            None => String::new(),
        },
        _ => String::new(),
    };
    let tests: Vec<String> = parts.iter().map(one).collect();
    let (low, high) = criterion.counts();
    let all = u32::try_from(parts.len()).unwrap_or(u32::MAX);
    match (low, high) {
        (low, _) if low == all => tests.join(" and "),
        (1, high) if high == all => tests.join(" or "),
        (0, 0) => format!("none of: {}", tests.join(", ")),
        (0, high) => format!("at most {high} of: {}", tests.join(", ")),
        (low, high) if high == all => format!("at least {low} of: {}", tests.join(", ")),
        (low, high) => format!("{low} to {high} of: {}", tests.join(", ")),
    }
}

fn norms(known: &Instrument) -> String {
    let mut text = "\n## Norms and change\n\n".to_owned();
    let able: Vec<String> =
        with_reliable_change(known).iter().map(|scale| code(scale.id())).collect();
    text += &if able.is_empty() {
        "No change can be told from measurement error yet: no norm has a standard error, or an SD and a reliability.\n".to_owned()
    } else {
        format!("Reliable change can be judged for {}.\n", able.join(", "))
    };
    if !known.norms().is_empty() {
        text += "\n| norm | scale | people | n | mean | SD | SEM | reliability | source |\n|---|---|---|---|---|---|---|---|---|\n";
    }
    for norm in known.norms() {
        text += &norm_row(known, norm);
    }
    if !known.changes().is_empty() {
        text += "\n| change | scale | kind | source |\n|---|---|---|---|\n";
    }
    for change in known.changes() {
        text += &row(&[
            format!("{} points", change.points()),
            scale_id(known, change.scale()),
            change.kind().to_string(),
            said(change.basis()),
        ]);
    }
    text
}

fn norm_row(known: &Instrument, norm: &Norm) -> String {
    let number = |value: Option<f64>| value.map(|value| value.to_string()).unwrap_or_default();
    let people = match norm.country() {
        Some(country) => format!("{} ({country})", norm.population()),
        None => norm.population().to_owned(),
    };
    let reliability = |one: &Reliability| {
        let days = one.days().map(|days| format!(", {days} days")).unwrap_or_default();
        format!("{} {}{days}", one.kind(), one.value())
    };
    row(&[
        code(norm.id()),
        scale_id(known, norm.scale()),
        people,
        norm.n().map(|n| n.to_string()).unwrap_or_default(),
        number(norm.mean()),
        number(norm.sd()),
        number(norm.sem()),
        norm.reliability().iter().map(reliability).collect::<Vec<_>>().join("; "),
        said(norm.basis()),
    ])
}

/// Scales for which a change can be told from measurement error.
fn with_reliable_change(known: &Instrument) -> Vec<&Scale> {
    let beyond_error = |scale: &&Scale| {
        Yardstick::all(known, scale.id()).iter().any(|yardstick| match yardstick {
            Yardstick::Published(points) => points.kind() == ChangeKind::Reliable,
            _ => true,
        })
    };
    known.scales().iter().filter(beyond_error).collect()
}

/// Criteria that are reported: all but steps.
fn reported(known: &Instrument) -> impl Iterator<Item = &Criterion> {
    known.criteria().iter().filter(|criterion| criterion.role() != Some(Role::Step))
}

fn scale_id(known: &Instrument, at: usize) -> String {
    known.scales().get(at).map(|scale| code(scale.id())).unwrap_or_default()
}

fn on_scales(known: &Instrument, set: &BandSet) -> String {
    listed(set.scales().iter().map(|at| scale_id(known, *at)))
}

fn band_name(set: &BandSet) -> String {
    match (set.is_default(), set.basis().standing()) {
        (true, _) => format!("**`{}`**", set.id()),
        (false, Standing::Current) => code(set.id()),
        (false, standing) => format!("`{}` *({standing})*", set.id()),
    }
}

fn measures(known: &Instrument) -> String {
    listed(known.measures().iter().map(|construct| code(construct.as_str())))
}

fn uses(of: &[Use]) -> String {
    if of.is_empty() { "nothing".to_owned() } else { listed(of.iter().map(ToString::to_string)) }
}

fn standing(basis: &Basis) -> String {
    format!("{}, {}", basis.origin(), basis.standing())
}

/// The source in short, for a table: its key, who stands behind it, how well it is known.
fn cited(basis: &Basis) -> String {
    if basis.grade() == Grade::Own {
        return format!("{}: ours, untested", basis.source().key());
    }
    format!("{}: {}, {}", basis.source().key(), basis.origin(), basis.grade())
}

/// All that a basis says.
fn said(basis: &Basis) -> String {
    let share = |what: &str, known: Option<f64>| {
        known.map(|value| format!("{what} {value}")).unwrap_or_default()
    };
    let parts = [
        format!(
            "{}: {}, {}, grade {}",
            basis.source().key(),
            basis.origin(),
            basis.standing(),
            basis.grade()
        ),
        basis.population().unwrap_or_default().to_owned(),
        share("sensitivity", basis.sensitivity()),
        share("specificity", basis.specificity()),
        basis.note().unwrap_or_default().to_owned(),
    ];
    parts.iter().filter(|part| !part.is_empty()).cloned().collect::<Vec<_>>().join("; ")
}

fn code(id: &str) -> String {
    format!("`{id}`")
}

/// The words with commas, each once.
fn listed(words: impl Iterator<Item = String>) -> String {
    let mut seen: Vec<String> = Vec::new();
    for word in words {
        if !seen.contains(&word) {
            seen.push(word);
        }
    }
    if seen.is_empty() { "none".to_owned() } else { seen.join(", ") }
}

/// One row of a table.
fn row(cells: &[String]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
    format!("| {} |\n", cells.join(" | "))
}
