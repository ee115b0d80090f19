//! How numbers and names are written for people.

use super::{GroupReport, ScaleHead};
use crate::group::publish::MERGED;
use crate::num::Interval;
use crate::words::Words;

/// Decimals that suit the width of a scale.
pub(in crate::group) fn decimals(low: f64, high: f64) -> usize {
    if high - low < 20.0 { 2 } else { 1 }
}

/// A value in points of a scale.
pub(super) fn points(scale: &ScaleHead, value: f64) -> String {
    let text = format!("{value:.*}", decimals(scale.range.low, scale.range.high));
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

/// What every reader should know before the first number.
pub(super) fn preamble(report: &GroupReport, words: &Words) -> Vec<String> {
    let settings = &report.settings;
    let (threshold, smallest) = (settings.threshold, settings.smallest_count);
    let mut lines = vec![words.say("group.rule", &[("threshold", &threshold)])];
    if settings.against_insiders {
        lines.push(words.say("group.rule-insiders", &[("threshold", &threshold)]));
    }
    lines.push(words.say("group.rule-shares", &[("smallest", &smallest)]));
    lines.push(words.say("group.not-protected", &[]));
    lines.push(words.say("group.hidden-why", &[]));
    if !report.measured.items.is_empty() {
        lines.push(words.say("group.items-cost", &[]));
    }
    let percent = 100.0 * settings.confidence;
    lines.push(words.say("group.intervals", &[("percent", &percent)]));
    let invited = report
        .breakdowns
        .iter()
        .flat_map(|breakdown| &breakdown.units)
        .any(|unit| unit.invited.is_some());
    if settings.finite_population && invited {
        lines.push(words.say("group.finite-population", &[]));
    }
    lines
}

/// The heading of a report.
pub(super) fn heading(report: &GroupReport, words: &Words) -> String {
    let named = [&report.title, &report.organisation].into_iter().flatten();
    let mut parts: Vec<String> = named.map(|name| plain(name)).collect();
    parts.push(plain(&report.measured.title));
    parts.extend(
        report.wave.as_deref().map(|wave| words.say("group.wave", &[("wave", &plain(wave))])),
    );
    parts.extend(report.date.as_deref().map(plain));
    parts.join(", ")
}

/// What every reader should know after the last number: how to read it, what not to do with it,
/// where it comes from.
pub(super) fn foot(report: &GroupReport, words: &Words) -> Vec<String> {
    let measured = &report.measured;
    let mut lines = vec![words.say("group.screens", &[]), words.say("group.not-for", &[])];
    for (key, texts) in [
        ("group.caution", &measured.cautions),
        ("group.bands-from", &measured.band_sources),
        ("group.credit", &measured.credit),
    ] {
        lines.extend(texts.iter().map(|text| words.say(key, &[("text", &plain(text))])));
    }
    let (id, version) = (plain(&measured.id), plain(&measured.version));
    lines.push(words.say("group.scored-by", &[("id", &id), ("version", &version)]));
    lines
}

/// The label of bands that are shown as one.
pub(super) fn merged_label(labels: &[String], words: &Words) -> String {
    let labels: Vec<String> =
        labels.iter().map(|label| words.label("band", label).into_owned()).collect();
    labels.join(MERGED)
}

/// What the coefficients say about comparing units.
pub(super) fn comparisons(report: &GroupReport, words: &Words) -> Vec<String> {
    let mut lines = Vec::new();
    for comparison in report.breakdowns.iter().flat_map(|breakdown| &breakdown.comparisons) {
        let scale = report.measured.scales.iter().find(|scale| scale.id == comparison.scale);
        let title = scale.map_or(comparison.scale.as_str(), |scale| scale.title.as_str());
        let icc = &comparison.icc;
        // A reliability below zero is no quantity, only a sign that units do not differ.
        let key = match (comparison.units_may_be_compared, icc.icc2 < 0.0) {
            (_, true) => "group.no-different",
            (true, _) => "group.compare",
            (false, _) => "group.alike",
        };
        let (icc1, icc2) = (format!("{:.2}", icc.icc1), format!("{:.2}", icc.icc2));
        let size = format!("{:.0}", icc.size);
        let of: [(&str, &dyn std::fmt::Display); 5] = [
            ("scale", &title),
            ("icc1", &icc1),
            ("icc2", &icc2),
            ("units", &icc.units),
            ("size", &size),
        ];
        lines.push(words.say(key, &of));
    }
    lines
}
