//! A policy applied to one person's courses.

use super::flag::{Evidence, Flag, Review, Together, Unjudged, WhyNot};
use super::policy::{HELPLINE, Policy, SAFETY, Severity};
use super::rule::{
    BandTest, CriterionTest, DriftTest, Kind, Rule, ScoreTest, Than, TrendTest, WorseTest,
};
use crate::change::{
    Baseline, Between, ChangeError, ChangeOptions, ChangeTest, ChartOptions, Course, Series,
    Smoothing, TrendOptions, Verdict, Yardstick,
};
use crate::date::Date;
use crate::instrument::{Direction, Role};
use crate::num::dist;
use crate::score::{Outcome, ScaleRecord};

/// A rule on one instrument and scale: raised with evidence, not raised, or not to be judged.
struct Judged {
    instrument: Option<String>,
    scale: Option<String>,
    result: Result<Option<Evidence>, WhyNot>,
}

/// What all statistical rules of a review share.
#[derive(Clone, Copy)]
struct Rate {
    /// Two-sided confidence of one test at one look.
    confidence: f64,
    /// One-sided normal quantile of the same.
    limit: f64,
}

impl Policy {
    /// Reviews one person's courses as of a day. Deterministic; tells nobody; stores nothing.
    ///
    /// Each statistical rule (`worse`, `trend`, `drift`) on each scale is one test at each look.
    /// The policy's allowed false alarms are shared out evenly over tests and planned looks
    /// (Bonferroni, one-sided, since only worsening is flagged). A change judged by a published
    /// number of points has no error rate and does not count. A safety criterion that is met is
    /// always flagged, whatever the policy's rules.
    pub fn review(&self, courses: &[Course<'_>], today: Date) -> Review {
        let mut courses: Vec<Course<'_>> = courses.iter().map(|c| c.until(today)).collect();
        courses.sort_by(|a, b| a.instrument().id().cmp(b.instrument().id()));
        let tests = self.tests(&courses);
        let alpha = self.false_alarms() / f64::from(self.looks()) / f64::from(tests.max(1));
        let rate = Rate {
            confidence: 1.0 - 2.0 * alpha,
            limit: dist::normal_quantile(1.0 - alpha).unwrap_or(f64::INFINITY),
        };
        let mut judged: Vec<Vec<Judged>> = Vec::new();
        for rule in self.rules() {
            let found = match &rule.kind {
                Kind::All(parts) => vec![self.together(parts, &judged, true)],
                Kind::Any(parts) => vec![self.together(parts, &judged, false)],
                _ => judge_rule(rule, &courses, (rate, today)),
            };
            judged.push(found);
        }
        let (mut flags, mut unjudged) = (Vec::new(), Vec::new());
        let rules = self.rules().iter().enumerate().zip(judged);
        for ((at, rule), found) in rules.filter(|((_, rule), _)| !rule.is_step()) {
            let safety = self.is_about_safety(at, &courses);
            let mut resources = rule.resources().to_vec();
            if safety && !resources.iter().any(|key| key == HELPLINE) {
                resources.insert(0, HELPLINE.to_owned());
            }
            for Judged { instrument, scale, result } in found {
                match result {
                    Ok(Some(evidence)) => flags.push(Flag {
                        rule: rule.id().to_owned(),
                        severity: rule.severity(),
                        message: rule.message().to_owned(),
                        resources: resources.clone(),
                        safety,
                        instrument,
                        scale,
                        evidence,
                    }),
                    Ok(None) => {}
                    Err(why) => {
                        unjudged.push(Unjudged {
                            rule: rule.id().to_owned(),
                            instrument,
                            scale,
                            why,
                        });
                    }
                }
            }
        }
        for course in &courses {
            self.safety(course, &mut flags, &mut unjudged);
        }
        flags.sort_by_key(|flag| std::cmp::Reverse((flag.severity, flag.safety)));
        let looks = courses.iter().map(|course| course.entries().len()).max().unwrap_or(0);
        Review {
            policy: self.id().to_owned(),
            audience: self.audience(),
            today,
            flags,
            unjudged,
            tests,
            looks,
            beyond_plan: looks > self.looks() as usize,
        }
    }

    /// Whether a rule rests on a safety criterion of any instrument that it is about.
    fn is_about_safety(&self, at: usize, courses: &[Course<'_>]) -> bool {
        let Some(rule) = self.rules().get(at) else { return false };
        if let Kind::Criterion(test) = &rule.kind {
            let concerned = courses.iter().map(Course::instrument);
            let mut criteria = concerned
                .filter(|instrument| rule.concerns(instrument.id()))
                .flat_map(crate::instrument::Instrument::criteria);
            return criteria.any(|c| c.id() == test.id && c.role() == Some(Role::Safety));
        }
        rule.parts().iter().any(|part| self.is_about_safety(*part, courses))
    }

    /// How many tests share the false alarms of one look.
    fn tests(&self, courses: &[Course<'_>]) -> u32 {
        let statistical = self.rules().iter().filter(|rule| rule.is_statistical());
        let tests = statistical.flat_map(|rule| {
            // Where no error is known a trend is judged by ranks, which is a test as well.
            let by_ranks = matches!(rule.kind, Kind::Trend(_));
            let concerned = courses.iter().filter(|c| rule.concerns(c.instrument().id()));
            concerned.flat_map(move |course| {
                targets(rule, course)
                    .into_iter()
                    .filter(|scale| by_ranks || course.yardsticks(scale).iter().any(has_error))
                    .collect::<Vec<_>>()
            })
        });
        u32::try_from(tests.count()).unwrap_or(u32::MAX)
    }

    /// `all` (every part holds somewhere) or `any` (some part holds somewhere).
    fn together(&self, parts: &[usize], judged: &[Vec<Judged>], all: bool) -> Judged {
        let mut holding = Vec::new();
        let (mut failed, mut unknown) = (false, None);
        for at in parts {
            let (Some(rule), Some(found)) = (self.rules().get(*at), judged.get(*at)) else {
                continue;
            };
            let before = holding.len();
            holding.extend(found.iter().filter(|one| matches!(one.result, Ok(Some(_)))).map(
                |one| Together {
                    rule: rule.id().to_owned(),
                    instrument: one.instrument.clone(),
                    scale: one.scale.clone(),
                },
            ));
            if holding.len() == before {
                if found.iter().any(|one| one.result.is_err()) {
                    unknown.get_or_insert_with(|| rule.id().to_owned());
                } else {
                    failed = true;
                }
            }
        }
        let result = match unknown {
            _ if all && failed => Ok(None),
            Some(rule) if all || holding.is_empty() => Err(WhyNot::Part { rule }),
            _ if holding.is_empty() => Ok(None),
            _ => Ok(Some(Evidence::Together { parts: holding })),
        };
        Judged { instrument: None, scale: None, result }
    }

    /// Safety criteria, whatever the rules: the last few check-ins are looked at.
    fn safety(&self, course: &Course<'_>, flags: &mut Vec<Flag>, unjudged: &mut Vec<Unjudged>) {
        let instrument = || Some(course.instrument().id().to_owned());
        let mut ids: Vec<&str> = Vec::new();
        for entry in course.entries() {
            for criterion in entry.scores().criteria.iter().filter(|criterion| criterion.safety) {
                if !ids.contains(&criterion.criterion.as_str()) {
                    ids.push(&criterion.criterion);
                }
            }
        }
        for id in ids {
            let outcomes = criterion_outcomes(course, id);
            let last = outcomes.len().saturating_sub(self.safety.of_last);
            let recent = outcomes.get(last..).unwrap_or_default();
            let hits: Vec<Date> =
                recent.iter().filter(|(_, o)| *o == Outcome::Met).map(|(date, _)| *date).collect();
            if !hits.is_empty() {
                let extra = self.safety.resources.iter().filter(|key| *key != HELPLINE).cloned();
                flags.push(Flag {
                    rule: SAFETY.to_owned(),
                    severity: Severity::Now,
                    message: self.safety.message.clone(),
                    resources: std::iter::once(HELPLINE.to_owned()).chain(extra).collect(),
                    instrument: instrument(),
                    scale: None,
                    evidence: Evidence::Criterion {
                        criterion: id.to_owned(),
                        hits,
                        of: recent.len(),
                    },
                    safety: true,
                });
            } else if recent.last().is_some_and(|(_, o)| *o == Outcome::Undetermined) {
                unjudged.push(Unjudged {
                    rule: SAFETY.to_owned(),
                    instrument: instrument(),
                    scale: None,
                    why: WhyNot::Undetermined,
                });
            }
        }
    }
}

fn has_error(yardstick: &Yardstick) -> bool {
    matches!(yardstick, Yardstick::Reference(_))
}

/// The scales that a rule is about on a course: as named, else all that have a direction.
fn targets<'c>(rule: &'c Rule, course: &Course<'c>) -> Vec<&'c str> {
    if rule.scales().is_empty() {
        let directed = course.scales().filter(|scale| scale.direction() != Direction::Neutral);
        directed.map(crate::instrument::Scale::id).collect()
    } else {
        rule.scales().iter().map(String::as_str).collect()
    }
}

fn criterion_outcomes(course: &Course<'_>, id: &str) -> Vec<(Date, Outcome)> {
    let outcomes = course.entries().iter().filter_map(|entry| {
        let found = entry.scores().criteria.iter().find(|c| c.criterion == id)?;
        Some((entry.date(), found.outcome))
    });
    outcomes.collect()
}

/// A rule of one kind over every instrument and scale that it is about.
fn judge_rule(rule: &Rule, courses: &[Course<'_>], (rate, today): (Rate, Date)) -> Vec<Judged> {
    let mut found = Vec::new();
    for id in rule.instruments() {
        if !courses.iter().any(|course| course.instrument().id() == id) {
            let why = WhyNot::NoHistory { instrument: id.clone() };
            found.push(Judged { instrument: Some(id.clone()), scale: None, result: Err(why) });
        }
    }
    for course in courses.iter().filter(|course| rule.concerns(course.instrument().id())) {
        let instrument = Some(course.instrument().id().to_owned());
        let whole = match &rule.kind {
            Kind::Overdue(test) => Some(overdue(course, today, test.days)),
            Kind::Criterion(test) => Some(criterion(rule, course, test)),
            _ if course.entries().is_empty() => Some(Err(WhyNot::NoCheckIn)),
            _ => None,
        };
        if let Some(result) = whole {
            found.push(Judged { instrument, scale: None, result });
            continue;
        }
        let before = found.len();
        let mut passed_over = None;
        for scale in targets(rule, course) {
            let result = on_scale(rule, course, (scale, rate));
            // A rule about every scale passes over those that it cannot be about.
            match result {
                Err(why @ (WhyNot::NoBand | WhyNot::NoYardstick)) if rule.scales().is_empty() => {
                    passed_over.get_or_insert(why);
                }
                result => {
                    let (instrument, scale) = (instrument.clone(), Some(scale.to_owned()));
                    found.push(Judged { instrument, scale, result });
                }
            }
        }
        // Where it could be about none of them, that is said, once: silence would look like calm.
        if found.len() == before {
            let why = passed_over.unwrap_or(WhyNot::NoDirection);
            found.push(Judged { instrument, scale: None, result: Err(why) });
        }
    }
    found
}

fn overdue(course: &Course<'_>, today: Date, allowed: i32) -> Result<Option<Evidence>, WhyNot> {
    let last = course.entries().last().ok_or(WhyNot::NoCheckIn)?.date();
    let days = last.days_until(today);
    Ok((days > allowed).then_some(Evidence::Overdue { last, days, allowed }))
}

fn criterion(
    rule: &Rule,
    course: &Course<'_>,
    test: &CriterionTest,
) -> Result<Option<Evidence>, WhyNot> {
    if !course.instrument().criteria().iter().any(|criterion| criterion.id() == test.id) {
        return Err(WhyNot::NoSuch { kind: "criterion".to_owned(), found: test.id.clone() });
    }
    let outcomes = criterion_outcomes(course, &test.id);
    let decided: Vec<(Date, bool)> = outcomes
        .iter()
        .filter(|(_, outcome)| *outcome != Outcome::Undetermined)
        .map(|(date, outcome)| (*date, *outcome == Outcome::Met))
        .collect();
    let undecided = if outcomes.is_empty() { WhyNot::NoCheckIn } else { WhyNot::Undetermined };
    let found = persistent(rule, &decided, undecided)?;
    Ok(found.map(|(hits, of)| Evidence::Criterion { criterion: test.id.clone(), hits, of }))
}

/// At least k hits among the last n answered check-ins; a missing one neither adds nor fills.
fn persistent(
    rule: &Rule,
    answered: &[(Date, bool)],
    none: WhyNot,
) -> Result<Option<(Vec<Date>, usize)>, WhyNot> {
    let (at_least, of_last) = rule.persistence;
    if answered.is_empty() {
        return Err(none);
    }
    if answered.len() < at_least {
        return Err(WhyNot::TooFew { found: answered.len(), needed: at_least });
    }
    let recent = answered.get(answered.len().saturating_sub(of_last)..).unwrap_or_default();
    let hits: Vec<Date> = recent.iter().filter(|(_, hit)| *hit).map(|(date, _)| *date).collect();
    Ok((hits.len() >= at_least).then_some((hits, recent.len())))
}

fn on_scale(
    rule: &Rule,
    course: &Course<'_>,
    (scale, rate): (&str, Rate),
) -> Result<Option<Evidence>, WhyNot> {
    let instrument = course.instrument();
    let known = instrument.scale(scale);
    let known = known
        .ok_or_else(|| WhyNot::NoSuch { kind: "scale".to_owned(), found: scale.to_owned() })?;
    let records: Vec<(Date, &ScaleRecord)> = course.records(scale).collect();
    let absent = |none: WhyNot| match records.last() {
        Some((_, record)) if record.value.is_none() => {
            WhyNot::ScoreAbsent { absence: record.absence.clone(), reason: record.reason.clone() }
        }
        _ => none,
    };
    if !records.iter().any(|(_, record)| record.value.is_some()) {
        return Err(absent(WhyNot::NoCheckIn));
    }
    let judged = match &rule.kind {
        Kind::Score(test) => score(rule, &records, test),
        Kind::Band(test) => band(rule, (course, known.direction()), (&records, test)),
        kind => {
            if known.direction() == Direction::Neutral {
                return Err(WhyNot::NoDirection);
            }
            let series =
                course.try_series(scale).ok_or(WhyNot::NoCheckIn)?.map_err(not_comparable)?;
            let yardsticks = |norm: Option<&str>| {
                let mut all = course.yardsticks(scale);
                if let Some(id) = norm {
                    all.retain(|yardstick| yardstick.name() == id);
                    if all.is_empty() {
                        let found = id.to_owned();
                        return Err(WhyNot::NoSuch { kind: "norm".to_owned(), found });
                    }
                }
                Ok(all)
            };
            match kind {
                Kind::Worse(test) => {
                    worse(&series, &yardsticks(test.norm.as_deref())?, (test, rate))
                }
                Kind::Trend(test) => {
                    trend(&series, &yardsticks(test.norm.as_deref())?, (test, rate))
                }
                Kind::Drift(test) => {
                    drift(&series, &yardsticks(test.norm.as_deref())?, (test, rate))
                }
                _ => Ok(None),
            }
        }
    };
    // Where the last check-in has no score, "not raised" is about the ones before.
    match judged {
        Ok(None) => match absent(WhyNot::NoCheckIn) {
            WhyNot::NoCheckIn => Ok(None),
            why => Err(why),
        },
        judged => judged,
    }
}

fn score(
    rule: &Rule,
    records: &[(Date, &ScaleRecord)],
    test: &ScoreTest,
) -> Result<Option<Evidence>, WhyNot> {
    let reached = |value: f64| {
        test.at_or_above.is_some_and(|line| value >= line)
            || test.at_or_below.is_some_and(|line| value <= line)
    };
    let scored = records.iter().filter_map(|(date, record)| Some((*date, record.value?)));
    let answered: Vec<(Date, bool)> =
        scored.clone().map(|(date, value)| (date, reached(value))).collect();
    let found = persistent(rule, &answered, WhyNot::NoCheckIn)?;
    let line = test.at_or_above.or(test.at_or_below).unwrap_or_default();
    Ok(found.and_then(|(hits, of)| {
        let (_, value) = scored.clone().find(|(date, _)| hits.last() == Some(date))?;
        Some(Evidence::Score { value, line, hits, of })
    }))
}

fn band(
    rule: &Rule,
    (course, direction): (&Course<'_>, Direction),
    (records, test): (&[(Date, &ScaleRecord)], &BandTest),
) -> Result<Option<Evidence>, WhyNot> {
    let placed: Vec<_> = records
        .iter()
        .filter_map(|(date, record)| Some((*date, course.band(record, test.set.as_deref())?)))
        .collect();
    let hit = |placed: crate::change::PlacedBand<'_>| match test.worst {
        Some(worst) => placed.from_the_worst(direction).map(|from| from < worst),
        None => Some(test.any_of.iter().any(|label| label == placed.label())),
    };
    let mut answered = Vec::with_capacity(placed.len());
    for (date, band) in &placed {
        let known = |label: &String| band.set.bands().iter().any(|step| step.label() == label);
        if let Some(unknown) = test.any_of.iter().find(|label| !known(label)) {
            return Err(WhyNot::NoSuch { kind: "band".to_owned(), found: unknown.clone() });
        }
        answered.push((*date, hit(*band).ok_or(WhyNot::NoDirection)?));
    }
    let found = persistent(rule, &answered, WhyNot::NoBand)?;
    Ok(found.and_then(|(hits, of)| {
        let (_, band) = placed.iter().find(|(date, _)| hits.last() == Some(date))?;
        Some(Evidence::Band {
            set: band.set.id().to_owned(),
            band: band.label().to_owned(),
            certain: band.certain,
            hits,
            of,
        })
    }))
}

fn not_comparable(error: ChangeError) -> WhyNot {
    match error {
        ChangeError::TooFewPoints { found, needed } => WhyNot::TooFew { found, needed },
        other => WhyNot::NotComparable { reason: other.to_string() },
    }
}

fn worse(
    series: &Series,
    yardsticks: &[Yardstick],
    (test, rate): (&WorseTest, Rate),
) -> Result<Option<Evidence>, WhyNot> {
    let options = ChangeOptions::new().with_method(test.method).with_confidence(rate.confidence);
    let usable = ChangeTest::first_usable(yardsticks, series.direction(), &options);
    let (_, compiled) = usable.ok_or(WhyNot::NoYardstick)?;
    let between = match test.than {
        Than::Baseline => Between::FirstAndLast,
        Than::Previous => Between::LastTwo,
    };
    let change = series.judged_by(&compiled, between).map_err(not_comparable)?;
    Ok((change.verdict() == Verdict::Worse).then_some(Evidence::Change(change)))
}

fn trend(
    series: &Series,
    yardsticks: &[Yardstick],
    (test, rate): (&TrendTest, Rate),
) -> Result<Option<Evidence>, WhyNot> {
    // Without a known error of measurement the ranks decide, from five check-ins.
    let yardstick = yardsticks.iter().find(|yardstick| has_error(yardstick));
    let episodes = test.max_gap.map(|gap| series.episodes(gap));
    let series = episodes.as_ref().map_or(Some(series), |episodes| episodes.last());
    let options = TrendOptions::new().with_confidence(rate.confidence);
    let series = series.ok_or(WhyNot::NoCheckIn)?;
    let trend = series.trend(yardstick, &options).map_err(not_comparable)?;
    Ok((trend.verdict == Verdict::Worse).then_some(Evidence::Trend(trend)))
}

fn drift(
    series: &Series,
    yardsticks: &[Yardstick],
    (test, rate): (&DriftTest, Rate),
) -> Result<Option<Evidence>, WhyNot> {
    let options = ChartOptions::new()
        .with_smoothing(Smoothing::PerCheckIn(test.weight))
        .with_baseline(Baseline::FirstPoints(test.baseline))
        .with_limit(rate.limit);
    let mut tried = yardsticks.iter().map(|yardstick| series.chart(Some(yardstick), &options));
    let charted = tried.find(|chart| {
        !matches!(chart, Err(ChangeError::NoSingleError { .. } | ChangeError::NoErrorTerm { .. }))
    });
    let chart = charted.ok_or(WhyNot::NoYardstick)?.map_err(not_comparable)?;
    let last = chart.points.last().filter(|point| point.signal == Some(Verdict::Worse));
    Ok(last.map(|point| Evidence::Drift {
        scale: chart.scale.clone(),
        date: point.date,
        average: point.average,
        low: point.low,
        high: point.high,
        baseline: chart.baseline,
    }))
}
