//! One row of the table of courses.

use straingauge::change::{
    Between, ChangeNumbers, Errors, Point, RELIABLE_FROM, Reference, RobustTrend, Series,
    TrendOptions, Verdict, Yardstick, reliable_trend, robust_trend,
};
use straingauge::date::Date;
use straingauge::instrument::{Comparison, ReliabilityKind};

use super::people::{People, Person};
use super::{Raised, Scored, Wanted};

/// A number at full precision, or nothing.
fn number(value: Option<f64>) -> String {
    match value {
        None => String::new(),
        Some(value) if value != 0.0 && value.abs() < 1e-5 => format!("{value:e}"),
        Some(value) => value.to_string(),
    }
}

/// One row of the table.
pub(super) struct Line<'a> {
    pub(super) people: &'a People,
    pub(super) person: &'a Person,
    pub(super) course: &'a Scored<'a>,
    pub(super) wanted: &'a Wanted,
    /// Which scale.
    pub(super) at: usize,
}

impl Line<'_> {
    pub(super) fn cells(&self, flags: &[Raised]) -> Vec<String> {
        let (Some((scale, series)), Some(judge)) =
            (self.course.series.get(self.at), self.wanted.tests.get(self.at))
        else {
            return Vec::new();
        };
        let undecided = self.course.undecided.get(self.at).cloned().flatten();
        let points = if undecided.is_some() { &[][..] } else { series.points() };
        let judged = match (&undecided, &judge.test) {
            (Some(day), _) => Err(format!("two scored check-ins on {day}")),
            (None, Err(reason)) => Err(reason.clone()),
            (None, Ok((_, test))) => {
                series.judged_by(test, self.wanted.between).map_err(|error| error.to_string())
            }
        };
        let (first, last) = self.compared(points);
        let value = |point: Option<&Point>| point.map(Point::value);
        let both = first.zip(last).filter(|(first, last)| first.date() != last.date());
        let change = both.map(|(first, last)| last.value() - first.value());
        let numbers = judged.as_ref().ok().map(|change| change.numbers);
        let verdict = match numbers.map(|numbers| numbers.verdict) {
            Some(verdict @ (Verdict::Worse | Verdict::Better | Verdict::NoReliableChange)) => {
                verdict.word()
            }
            _ => "not-assessable",
        };
        let reason = match &judged {
            Err(reason) => reason.as_str(),
            Ok(_) if verdict == "not-assessable" => "the scale has no better or worse",
            Ok(_) => "",
        };
        let yardstick = judge.test.as_ref().ok().filter(|_| judged.is_ok());
        let reference = yardstick.and_then(|(yardstick, _)| yardstick.reference());
        let kind = judged.as_ref().ok().and_then(|change| change.reliability_kind);
        let (slope, trend) = if self.wanted.dated && undecided.is_none() {
            slope(series, judge.test.as_ref().ok().map(|(yardstick, _)| yardstick), self.wanted)
        } else {
            (None, None)
        };
        let robust = robust(series, self.wanted.confidence).filter(|_| undecided.is_none());
        let of_scale =
            flags.iter().filter(|(about, _)| about.as_deref().is_none_or(|id| id == scale.id()));
        let flags: Vec<&str> = of_scale.map(|(_, rule)| rule.as_str()).collect();
        let important = change.zip(judge.important);
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        vec![
            self.person.id.clone(),
            scale.id().to_owned(),
            if undecided.is_some() { String::new() } else { points.len().to_string() },
            number(value(first)),
            number(value(last)),
            first.map_or(String::new(), |point| self.people.name_of(point.date())),
            last.map_or(String::new(), |point| self.people.name_of(point.date())),
            number(change),
            text(yardstick.map(|(_, test)| test.method().name())),
            text(yardstick.map(|(yardstick, _)| yardstick.name())),
            text(yardstick.and_then(|(yardstick, _)| yardstick.population())),
            number(reference.and_then(Reference::reliability)),
            text(kind.map(ReliabilityKind::as_str)),
            number(judged.as_ref().ok().and_then(|change| change.sem)),
            number(numbers.and_then(|numbers| numbers.standard_error)),
            number(numbers.and_then(|numbers| numbers.index)),
            number(numbers.and_then(|numbers| numbers.p)),
            verdict.to_owned(),
            numbers.map_or("", |numbers| class(&numbers, judge.cut_off)).to_owned(),
            reason.to_owned(),
            reference.and_then(Reference::people).map_or(String::new(), |n| n.to_string()),
            important
                .map_or("", |(change, points)| if change.abs() >= points { "yes" } else { "no" })
                .to_owned(),
            self.person.safety.join("; "),
            number(slope),
            number(trend.map(|(z, _)| z)),
            number(trend.map(|(_, p)| p)),
            number(robust.filter(|_| self.wanted.dated).map(|robust| robust.slope_per_30_days)),
            robust.map_or(String::new(), |robust| robust.s.to_string()),
            number(robust.map(|robust| robust.p)),
            flags.join(";"),
        ]
    }

    /// The two check-ins that are compared, as far as they are there.
    fn compared<'p>(&self, points: &'p [Point]) -> (Option<&'p Point>, Option<&'p Point>) {
        let on = |day: Date| points.iter().find(|point| point.date() == day);
        match self.wanted.between {
            Between::Days(from, to) => (on(from), on(to)),
            Between::LastTwo if points.len() > 1 => (points.get(points.len() - 2), points.last()),
            _ => (points.first(), points.last()),
        }
    }
}

/// The classification of Jacobson and Truax in the usual words.
fn class(numbers: &ChangeNumbers, cut_off: Option<(Comparison, f64)>) -> &'static str {
    let meets = |score: f64| {
        cut_off.map(|(op, number)| match op {
            Comparison::AtLeast => score >= number,
            Comparison::Above => score > number,
            Comparison::AtMost => score <= number,
            _ => score < number,
        })
    };
    match numbers.verdict {
        Verdict::Worse => "deteriorated",
        Verdict::Better
            if meets(numbers.first) == Some(true) && meets(numbers.last) == Some(false) =>
        {
            "recovered"
        }
        Verdict::Better => "improved",
        Verdict::NoReliableChange => "unchanged",
        _ => "",
    }
}

/// Slope per 30 days from three check-ins; z and p where the yardstick has a standard error.
fn slope(
    series: &Series,
    yardstick: Option<&Yardstick>,
    wanted: &Wanted,
) -> (Option<f64>, Option<(f64, f64)>) {
    let options = TrendOptions::new().with_confidence(wanted.confidence);
    if let Some(yardstick @ Yardstick::Reference(_)) = yardstick
        && let Ok(trend) = series.trend(Some(yardstick), &options)
    {
        return (trend.slope_per_30_days, trend.reliable.map(|line| (line.z, line.p)));
    }
    let (times, values) = columns(series);
    let line = reliable_trend(&times, &values, Errors::Same(1.0));
    (line.filter(|_| times.len() >= RELIABLE_FROM).map(|line| line.slope * 30.0), None)
}

fn robust(series: &Series, confidence: f64) -> Option<RobustTrend> {
    let (times, values) = columns(series);
    robust_trend(&times, &values, confidence)
}

fn columns(series: &Series) -> (Vec<f64>, Vec<f64>) {
    let points = series.points().iter();
    points.map(|point| (f64::from(point.date().number()), point.value())).unzip()
}
