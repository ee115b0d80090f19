//! How numbers and names are written for people.

use super::{GroupReport, ScaleHead};
use crate::num::Interval;
use crate::words::Words;

/// Decimals that suit the width of a scale.
fn decimals(scale: &ScaleHead) -> usize {
    if scale.range.width() < 20.0 { 2 } else { 1 }
}

/// A value in points of a scale.
pub(super) fn points(scale: &ScaleHead, value: f64) -> String {
    let text = format!("{value:.*}", decimals(scale));
    if text.trim_start_matches('-').bytes().all(|byte| matches!(byte, b'0' | b'.')) {
        text.trim_start_matches('-').to_owned()
    } else {
        text
    }
}

/// A difference in points, with its sign.
pub(super) fn signed(scale: &ScaleHead, value: f64) -> String {
    let text = points(scale, value);
    if value > 0.0 && text.bytes().any(|byte| matches!(byte, b'1'..=b'9')) {
        format!("+{text}")
    } else {
        text
    }
}

/// An interval in points.
pub(super) fn between(scale: &ScaleHead, interval: Option<Interval>) -> String {
    interval.map_or(String::new(), |interval| {
        format!("[{}, {}]", points(scale, interval.low), points(scale, interval.high))
    })
}

/// A share as whole per cent.
pub(super) fn percent(share: f64) -> String {
    format!("{:.0} %", 100.0 * share)
}

/// The interval of a share in per cent.
pub(super) fn percents(interval: Interval) -> String {
    format!("[{:.0}, {:.0}]", 100.0 * interval.low, 100.0 * interval.high)
}

/// A name on one line, without what could steer a terminal or turn the line round.
pub(super) fn plain(name: &str) -> String {
    let steers = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    name.chars().map(|c| if steers(c) { '\u{fffd}' } else { c }).collect()
}

/// The name of a unit by itself.
pub(super) fn unit_name(path: &[String], words: &Words) -> String {
    path.last().map_or_else(|| words.say("group.whole", &[]), |name| plain(name))
}

/// Which way a scale points, and how far it reaches.
pub(super) fn scale_note(scale: &ScaleHead, words: &Words) -> String {
    let key = match scale.worse {
        super::Worse::Higher => "group.higher-is-worse",
        super::Worse::Lower => "group.lower-is-worse",
        super::Worse::Neither => "group.no-direction",
    };
    let (low, high) = (scale.range.low, scale.range.high);
    words.say(key, &[("low", &low), ("high", &high)])
}

/// The heading, and what every reader should know before the first number.
pub(super) fn preamble(report: &GroupReport, words: &Words) -> Vec<String> {
    let settings = &report.settings;
    let threshold = settings.threshold;
    let mut lines = vec![words.say("group.rule", &[("threshold", &threshold)])];
    if settings.against_insiders {
        lines.push(words.say("group.rule-insiders", &[("threshold", &threshold)]));
    }
    lines.push(words.say("group.hidden-why", &[]));
    let percent = 100.0 * settings.confidence;
    lines.push(words.say("group.intervals", &[("percent", &percent)]));
    let invited = report.cuts.iter().flat_map(|cut| &cut.units).any(|unit| unit.invited.is_some());
    if settings.finite_population && invited {
        lines.push(words.say("group.finite-population", &[]));
    }
    lines
}

/// The heading of a report.
pub(super) fn heading(report: &GroupReport, words: &Words) -> String {
    let mut parts = vec![plain(&report.measured.title)];
    parts.extend(report.title.as_deref().map(plain));
    parts.extend(
        report.wave.as_deref().map(|wave| words.say("group.wave", &[("wave", &plain(wave))])),
    );
    parts.join(", ")
}

/// What the coefficients say about comparing units.
pub(super) fn comparisons(report: &GroupReport, words: &Words) -> Vec<String> {
    let mut lines = Vec::new();
    for comparison in report.cuts.iter().flat_map(|cut| &cut.comparisons) {
        let scale = report.measured.scales.iter().find(|scale| scale.id == comparison.scale);
        let title = scale.map_or(comparison.scale.as_str(), |scale| scale.title.as_str());
        let icc = &comparison.icc;
        let key = if comparison.units_may_be_compared { "group.compare" } else { "group.alike" };
        let (icc1, icc2) = (format!("{:.2}", icc.icc1), format!("{:.2}", icc.icc2));
        let of: [(&str, &dyn std::fmt::Display); 4] =
            [("scale", &title), ("icc1", &icc1), ("icc2", &icc2), ("units", &icc.units)];
        lines.push(words.say(key, &of));
    }
    lines
}
