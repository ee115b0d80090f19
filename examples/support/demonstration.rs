//! The demonstration of `follow_course`: a simulated course, drawn and explained.

use std::io::Write;

use straingauge::change::{
    Between, ChangeOptions, Chart, ChartOptions, Course, History, Method, Reference, Series,
    TrendOptions, Yardstick,
};
use straingauge::date::Date;
use straingauge::instrument::Instrument;
use straingauge::survey::{Import, ItemColumns, Profile, Sentinels};
use straingauge::watch::{Audience, Consent, SharedView, ready};
use straingauge::words::Words;

use super::support::Failure;

const COURSE: &[u8] = include_bytes!("../data/course.csv");
const SAMPLE: &[u8] = include_bytes!("../data/staff_survey.csv");
const SAMPLE_MISSING: &str = "-99=declined,88=not-applicable";
/// The scale that is drawn large.
const SCALE: &str = "secondary-traumatic-stress";

#[allow(clippy::too_many_lines)] // one page, told from top to bottom
pub(crate) fn demonstrate(out: &mut dyn Write) -> Result<(), Failure> {
    let words = Words::english();
    let proqol = straingauge::catalog::get("proqol-5")?;
    let people = courses(&proqol)?;
    let norms = norms(&proqol)?;
    writeln!(
        out,
        "Monthly check-ins of three simulated people. No real person is described here.\n"
    )?;
    writeln!(out, "WHAT CHANGES ARE JUDGED AGAINST\n")?;
    for (scale, yardstick) in &norms {
        if let Yardstick::Reference(norm) = yardstick {
            writeln!(
                out,
                "  {:<28} {}, SEM {:.1}",
                words.label("scale", scale),
                norm.name(),
                norm.sem().map_err(Failure::input)?
            )?;
        }
    }
    writeln!(out, "\nTHREE COURSES AT A GLANCE\n")?;
    for (id, history) in &people {
        let course = course(history, &proqol, &norms)?;
        for scale in course.scales() {
            let Some(series) = course.series(scale.id()) else { continue };
            let label = words.label("scale", scale.id());
            let verdict = best(&course, &series).map_or("not assessable".to_owned(), |change| {
                change.verdict().word().replace('-', " ")
            });
            writeln!(out, "  {id:<4} {label:<28} {:<14} {verdict}", sparkline(&series))?;
        }
    }
    let Some((id, history)) = people.first() else { return Ok(()) };
    let course = course(history, &proqol, &norms)?;
    let Some(series) = course.series(SCALE) else { return Ok(()) };
    let Some(norm) = course.yardsticks(SCALE).into_iter().next() else { return Ok(()) };
    let chart = series.chart(Some(&norm), &ChartOptions::new()).map_err(Failure::input)?;
    writeln!(out, "\n{id}: {}\n", words.label("scale", SCALE).to_uppercase())?;
    draw(out, &course, (&series, &chart))?;
    writeln!(out, "\nWHAT HAPPENED\n")?;
    let options = ChangeOptions::new();
    let change = series.change(Between::FirstAndLast, &norm, &options).map_err(Failure::input)?;
    paragraph(out, &change.in_words(&words))?;
    let trend = series.trend(Some(&norm), &TrendOptions::new()).map_err(Failure::input)?;
    paragraph(out, &trend.in_words(&words))?;
    if let Some(signal) = chart.first_signal() {
        let text = format!(
            "The running average left its limits on {}, at {:.1} with limits {:.1} to {:.1}.",
            signal.date, signal.average, signal.low, signal.high
        );
        paragraph(out, &text)?;
    }
    writeln!(out, "THE SAME CHANGE BY OTHER PUBLISHED METHODS\n")?;
    writeln!(
        out,
        "  {:<22} {:>8} {:>8} {:>7} {:>8}  verdict",
        "method", "expected", "error", "index", "p"
    )?;
    for preset in Method::ALL {
        let options = ChangeOptions::new().with_method(preset.method);
        let Ok(change) = series.change(Between::FirstAndLast, &norm, &options) else { continue };
        let numbers = &change.numbers;
        let (Some(error), Some(index), Some(p)) =
            (numbers.standard_error, numbers.index, numbers.p)
        else {
            continue;
        };
        writeln!(
            out,
            "  {:<22} {:>8.1} {error:>8.2} {index:>7.2} {p:>8.4}  {}",
            preset.name, numbers.expected, numbers.verdict
        )?;
    }
    writeln!(out, "\nFLAGS FOR THE PERSON'S OWN EYES (policy own-use)\n")?;
    let today = series
        .points()
        .last()
        .map_or_else(|| "2026-01-31".parse().map_err(Failure::input), |point| Ok(point.date()))?;
    if let Some(policy) = ready("own-use") {
        let review = policy.map_err(Failure::input)?.review(&[course], today);
        for flag in &review.flags {
            paragraph(
                out,
                &format!("[{:?}] {}: {}", flag.severity, flag.rule, flag.explain(&words)),
            )?;
        }
        for one in &review.unjudged {
            paragraph(out, &format!("not judged: {}: {}", one.rule, one.why.in_words(&words)))?;
        }
    }
    writeln!(out, "WHAT A PEER SUPPORTER SEES, WITH THE PERSON'S CONSENT TO ONE SCALE\n")?;
    if let Some(policy) = ready("peer-support") {
        let review = policy.map_err(Failure::input)?.review(&[course], today);
        let given = today.plus_days(-30).unwrap_or(today);
        let until = today.plus_days(150).unwrap_or(today);
        let consent =
            Consent::new(Audience::PeerSupporter, given, until).map_err(Failure::input)?;
        let consent = consent.with_scale(proqol.id(), SCALE).with_flag("drifting");
        let view =
            SharedView::new(&[course], &review, (&consent, &words)).map_err(Failure::input)?;
        for scale in view.scales() {
            writeln!(out, "  scale: {}, {} check-ins", scale.title, scale.points.len())?;
        }
        for flag in view.flags() {
            writeln!(out, "  flag:  {} ({})", flag.rule, flag.resources.join(", "))?;
        }
        writeln!(out, "  {}", view.left_out())?;
    }
    writeln!(
        out,
        "\nThere is no view of one person for an employer. These are screening scores, not diagnoses."
    )?;
    writeln!(out, "For your own file: follow_course --help")?;
    Ok(())
}

fn course<'a>(
    history: &'a History,
    instrument: &'a Instrument,
    norms: &'a [(String, Yardstick)],
) -> Result<Course<'a>, Failure> {
    Ok(history.course(instrument).map_err(Failure::input)?.judged_against(norms))
}

fn best(course: &Course<'_>, series: &Series) -> Option<straingauge::change::Change> {
    let norm = course.yardsticks(series.scale()).into_iter().next()?;
    series.change(Between::FirstAndLast, &norm, &ChangeOptions::new()).ok()
}

/// The simulated people.
fn courses(proqol: &Instrument) -> Result<Vec<(String, History)>, Failure> {
    let import = Import::new(Profile::plain())
        .instrument(proqol, ItemColumns::prefix("pq"))
        .id("id")
        .column("date");
    let scorer = proqol.scorer();
    let mut reader = import.open(COURSE)?;
    let mut people: Vec<(String, History)> = Vec::new();
    while let Some(row) = reader.next_row()? {
        let id = row.id().unwrap_or_default();
        let day: Date = row.cell(0).parse().map_err(Failure::input)?;
        let record = scorer.score_row(row.answers(0)).map_err(Failure::input)?.to_record();
        if people.last().is_none_or(|(known, _)| known != id) {
            people.push((id.to_owned(), History::new(proqol.id())));
        }
        if let Some((_, history)) = people.last_mut() {
            history.push(day, record).map_err(Failure::input)?;
        }
    }
    Ok(people)
}

/// A norm for each scale, from everybody of the simulated staff survey who answered in both waves.
fn norms(proqol: &Instrument) -> Result<Vec<(String, Yardstick)>, Failure> {
    let profile = Profile::plain().with_sentinels(Sentinels::parse(SAMPLE_MISSING)?);
    let import = Import::new(profile)
        .instrument(proqol, ItemColumns::prefix("pq"))
        .id("staff_id")
        .column("wave");
    let scorer = proqol.scorer();
    let scales: Vec<String> = scorer.scales().map(|scale| scale.id().to_owned()).collect();
    let mut first: std::collections::BTreeMap<String, Vec<Option<f64>>> =
        std::collections::BTreeMap::new();
    let mut pairs: Vec<(Vec<f64>, Vec<f64>)> = vec![(Vec::new(), Vec::new()); scales.len()];
    let mut reader = import.open(SAMPLE)?;
    while let Some(row) = reader.next_row()? {
        let id = row.id().unwrap_or_default().to_owned();
        let scores = scorer.score_row(row.answers(0)).map_err(Failure::input)?;
        let values = scores.iter().map(|view| view.value().ok().map(|score| score.to_f64()));
        match row.cell(0) {
            "1" => {
                first.insert(id, values.collect());
            }
            _ => {
                let Some(before) = first.get(&id) else { continue };
                for ((before, after), (one, two)) in before.iter().zip(values).zip(&mut pairs) {
                    if let (Some(before), Some(after)) = (before, after) {
                        one.push(*before);
                        two.push(after);
                    }
                }
            }
        }
    }
    let mut norms = Vec::new();
    for (scale, (one, two)) in scales.into_iter().zip(&pairs) {
        let name =
            format!("estimated from {} people of the simulated survey, two waves", one.len());
        let norm = Reference::from_pairs(name, one, two).map_err(Failure::input)?;
        norms.push((scale, norm.into()));
    }
    Ok(norms)
}

fn sparkline(series: &Series) -> String {
    let values: Vec<f64> = series.points().iter().map(|point| point.value()).collect();
    let (low, high) = (10.0, 50.0);
    let block = |value: &f64| {
        let blocks = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
        let at = (value - low) / (high - low) * blocks.len() as f64;
        let place = (0..blocks.len()).rev().find(|place| *place as f64 <= at).unwrap_or(0);
        blocks.get(place).copied().unwrap_or(' ')
    };
    values.iter().map(block).collect()
}

const WIDTH: usize = 66;
const HEIGHT: usize = 16;

/// Scores, running average, limits and band edges over real days.
fn draw(
    out: &mut dyn Write,
    course: &Course<'_>,
    (series, chart): (&Series, &Chart),
) -> Result<(), Failure> {
    let points = series.points();
    let (Some(start), Some(end)) = (points.first(), points.last()) else { return Ok(()) };
    let of_points = points.iter().map(|point| point.value());
    let of_limits = chart.points.iter().flat_map(|point| [point.low, point.high]);
    let all = || of_points.clone().chain(of_limits.clone());
    let low = all().fold(f64::INFINITY, f64::min).floor() - 1.0;
    let high = all().fold(f64::NEG_INFINITY, f64::max).ceil() + 1.0;
    let span = f64::from(start.date().days_until(end.date()).max(1));
    let column = |day: Date| f64::from(start.date().days_until(day)) / span * (WIDTH - 1) as f64;
    let line = |value: f64| (high - value) / (high - low) * (HEIGHT - 1) as f64;
    let mut grid = vec![vec![' '; WIDTH]; HEIGHT];
    let mut put = |x: f64, y: f64, mark: char, over: bool| {
        let at = |place: f64, size: usize| (0..size).find(|at| *at as f64 == place.round());
        if let (Some(x), Some(y)) = (at(x, WIDTH), at(y, HEIGHT))
            && let Some(cell) = grid.get_mut(y).and_then(|row| row.get_mut(x))
            && (over || *cell == ' ')
        {
            *cell = mark;
        }
    };
    // Lower edges of the bands that lie in the picture.
    let records = course.records(series.scale());
    let band = records.into_iter().find_map(|(_, record)| course.band(record, None));
    let steps = band.map_or(&[][..], |band| band.set.bands());
    let edges: Vec<(f64, &str)> =
        steps.iter().skip(1).map(|step| (step.low().to_f64(), step.label())).collect();
    for (edge, _) in &edges {
        for x in 0..WIDTH {
            put(x as f64, line(*edge), if x % 2 == 0 { '-' } else { ' ' }, false);
        }
    }
    for point in &chart.points {
        for limit in [point.low, point.high] {
            put(column(point.date), line(limit), ':', true);
        }
        put(column(point.date), line(point.average), 'x', true);
    }
    for point in points {
        put(column(point.date()), line(point.value()), 'o', true);
    }
    for (y, row) in grid.iter().enumerate() {
        let value = high - y as f64 / (HEIGHT - 1) as f64 * (high - low);
        let edge = edges.iter().find(|(edge, _)| line(*edge).round() == y as f64);
        let name = edge.map_or(String::new(), |(edge, label)| format!(" from {edge}: {label}"));
        let row: String = row.iter().collect();
        writeln!(
            out,
            "  {value:>5.1} |{}{name}",
            if name.is_empty() { row.trim_end() } else { &row }
        )?;
    }
    writeln!(out, "        +{}", "-".repeat(WIDTH))?;
    writeln!(out, "         {:<1$}{2}", start.date(), WIDTH - 10, end.date())?;
    writeln!(
        out,
        "  o score   x running average   : its limits around the first {} check-ins   - edge of a range",
        chart.baseline
    )?;
    Ok(())
}

/// Wrapped text with a margin.
fn paragraph(out: &mut dyn Write, text: &str) -> Result<(), Failure> {
    let mut line = String::new();
    for word in text.split(' ') {
        if line.chars().count() + word.chars().count() > 94 {
            writeln!(out, "  {line}")?;
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    writeln!(out, "  {line}\n")?;
    Ok(())
}
