//! Pictures, drawn as inline SVG from what the report shows.

use std::fmt::Write as _;

use super::figures::{merged_label, plain, points, signed, unit_name};
use super::html::escape;
use super::{BreakdownReport, ChangeReport, ScaleHead, UnitReport, Worse};
use crate::num::Interval;
use crate::words::Words;

/// Hatching for what is hidden.
pub(super) const PATTERNS: &str = "<svg width=\"0\" height=\"0\" aria-hidden=\"true\" style=\"position:absolute\"><defs>\
<pattern id=\"hidden\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" patternTransform=\"rotate(45)\">\
<line class=\"hatch-line\" x1=\"0\" y1=\"0\" x2=\"0\" y2=\"6\"/></pattern></defs></svg>\n";

const ROW: usize = 26;
const NAMES: usize = 260;

/// Width that the longest name needs, about.
fn names_width<'a>(paths: impl Iterator<Item = &'a [String]>, words: &Words) -> usize {
    let wide =
        |path: &[String]| path.len() * 16 + 8 * unit_name(path, words).chars().count().min(40);
    paths.map(wide).max().unwrap_or(0).clamp(90, 2 * NAMES) + 16
}

struct Picture<'w> {
    out: String,
    words: &'w Words,
    names: usize,
}

impl<'w> Picture<'w> {
    fn new(width: usize, height: usize, names: usize, label: &str, words: &'w Words) -> Self {
        let mut out = String::new();
        let label = escape(label);
        let _ = writeln!(
            out,
            "<svg class=\"picture\" role=\"img\" aria-label=\"{label}\" width=\"{width}\" height=\"{height}\" \
             viewBox=\"0 0 {width} {height}\"><title>{label}</title>"
        );
        Self { out, words, names }
    }

    fn name(&mut self, path: &[String], y: usize) {
        let name = unit_name(path, self.words);
        let short: String = name.chars().take(40).collect();
        let dots = if short.len() < name.len() { "…" } else { "" };
        let class = if path.is_empty() { " class=\"whole\"" } else { "" };
        let x = 4 + 16 * path.len().min(12);
        let _ =
            writeln!(self.out, "<text x=\"{x}\" y=\"{y}\"{class}>{}{dots}</text>", escape(&short));
    }

    fn hidden(&mut self, x: usize, y: usize, width: usize) {
        let word = escape(&self.words.say("group.hidden", &[]));
        let height = ROW - 6;
        let _ = writeln!(
            self.out,
            "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" fill=\"url(#hidden)\"><title>{word}</title></rect>"
        );
    }

    fn finish(mut self) -> String {
        self.out.push_str("</svg>\n");
        self.out
    }
}

/// How far a unit's mean lies from that of everybody, in SDs of everybody: the class of its colour.
fn shade(scale: &ScaleHead, unit: &UnitReport, whole: Option<(f64, f64)>) -> &'static str {
    let Some((mean, sd)) = whole.filter(|(_, sd)| *sd > 0.0) else { return "even" };
    let Some(shown) = unit.scale(&scale.id) else { return "even" };
    let toward_worse = match scale.worse {
        Worse::Higher => (shown.mean - mean) / sd,
        Worse::Lower => (mean - shown.mean) / sd,
        Worse::Neither => return "even",
    };
    let steps = [(0.1, 0_usize), (0.3, 1), (0.6, 2), (f64::INFINITY, 3)];
    let step = steps.iter().find(|(up_to, _)| toward_worse.abs() < *up_to).map_or(0, |(_, s)| *s);
    let classes =
        if toward_worse > 0.0 { ["even", "w1", "w2", "w3"] } else { ["even", "b1", "b2", "b3"] };
    classes.get(step).copied().unwrap_or("even")
}

/// Units by scale: the mean as a number, its distance from everybody as a colour.
pub(super) fn heat_map(scales: &[ScaleHead], breakdown: &BreakdownReport, words: &Words) -> String {
    const CELL: usize = 116;
    let names = names_width(breakdown.units.iter().map(|unit| unit.path.as_slice()), words);
    let (top, legend) = (46, 34);
    let width = names + CELL * scales.len().max(4) + 10;
    let height = top + ROW * breakdown.units.len() + legend;
    let label = words.say("group.heat-map", &[]);
    let mut picture = Picture::new(width, height, names, &label, words);
    for (at, scale) in scales.iter().enumerate() {
        let x = picture.names + CELL * at + CELL / 2;
        for (line, y) in wrapped(&plain(&scale.title)).iter().zip([16, 33]) {
            let _ = writeln!(
                picture.out,
                "<text x=\"{x}\" y=\"{y}\" text-anchor=\"middle\" class=\"soft\">{}</text>",
                escape(line)
            );
        }
    }
    let whole = |scale: &ScaleHead| {
        let shown = breakdown.units.first()?.scale(&scale.id)?;
        Some((shown.mean, shown.sd?))
    };
    for (row, unit) in breakdown.units.iter().enumerate() {
        let y = top + ROW * row;
        picture.name(&unit.path, y + 17);
        for (at, scale) in scales.iter().enumerate() {
            let x = picture.names + CELL * at;
            let Some(shown) = unit.scale(&scale.id) else {
                picture.hidden(x + 1, y + 1, CELL - 2);
                continue;
            };
            let class = shade(scale, unit, whole(scale));
            let (middle, text) = (x + CELL / 2, y + 17);
            let mean = points(scale, shown.mean);
            let _ = writeln!(
                picture.out,
                "<rect class=\"box {class}\" x=\"{x}\" y=\"{y}\" width=\"{CELL}\" height=\"{ROW}\"/>\
                 <text x=\"{middle}\" y=\"{text}\" text-anchor=\"middle\">{mean}</text>"
            );
        }
    }
    let y = top + ROW * breakdown.units.len() + 10;
    let mut x = picture.names;
    for (class, key) in
        [("b3", "better"), ("b1", ""), ("even", "as-everybody"), ("w1", ""), ("w3", "worse")]
    {
        let _ = writeln!(
            picture.out,
            "<rect class=\"{class}\" x=\"{x}\" y=\"{y}\" width=\"16\" height=\"14\"/>"
        );
        x += 20;
        if !key.is_empty() {
            let word = words.say(&format!("group.{key}"), &[]);
            let text = y + 12;
            let _ = writeln!(
                picture.out,
                "<text class=\"soft\" x=\"{x}\" y=\"{text}\">{}</text>",
                escape(&word)
            );
            x += 7 * word.chars().count() + 12;
        }
    }
    picture.hidden(x, y - 1, 16);
    let (x, text) = (x + 20, y + 12);
    let word = escape(&words.say("group.hidden", &[]));
    let _ = writeln!(picture.out, "<text class=\"soft\" x=\"{x}\" y=\"{text}\">{word}</text>");
    picture.finish()
}

/// A title in at most two lines.
fn wrapped(title: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in title.split_whitespace() {
        let last = lines.last_mut();
        match last.filter(|line| line.chars().count() + word.chars().count() < 17) {
            Some(line) => {
                line.push(' ');
                line.push_str(word);
            }
            None => lines.push(word.to_owned()),
        }
    }
    let breakdown = lines.len() > 2;
    lines.truncate(2);
    for line in &mut lines {
        if line.chars().count() > 18 {
            *line = line.chars().take(17).chain(['…']).collect();
        }
    }
    if let Some(line) = lines.last_mut().filter(|line| breakdown && !line.ends_with('…')) {
        line.push('…');
    }
    lines
}

/// A horizontal axis from `low` to `high` over `width` pixels from `left`.
#[derive(Clone, Copy)]
struct Axis {
    left: f64,
    width: f64,
    low: f64,
    high: f64,
}

impl Axis {
    fn at(self, value: f64) -> f64 {
        let part = ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0);
        self.left + part * self.width
    }

    fn reach(self, interval: Interval, y: f64) -> String {
        let (low, high) = (self.at(interval.low), self.at(interval.high));
        let ends = format!("x1=\"{low:.1}\" x2=\"{high:.1}\" y1=\"{y}\" y2=\"{y}\"");
        format!("<line class=\"halo\" {ends}/><line class=\"reach\" {ends}/>")
    }
}

/// Share of people in each band, with its interval: one small panel for each band.
pub(super) fn shares(
    scale: &ScaleHead,
    breakdown: &BreakdownReport,
    words: &Words,
) -> Option<String> {
    if scale.merged.is_empty() {
        return None;
    }
    // Wide enough for the longest label beside its swatch.
    let letters = |labels: &Vec<String>| merged_label(labels, words).chars().count();
    let panel = scale.merged.iter().map(letters).max().unwrap_or(0).saturating_mul(8).max(120) + 50;
    let names = names_width(breakdown.units.iter().map(|unit| unit.path.as_slice()), words);
    let top = 46;
    let bands = scale.merged.len();
    let (width, height) = (names + panel * bands + 10, top + ROW * breakdown.units.len() + 8);
    let label = words.say("group.shares-of", &[("scale", &plain(&scale.title))]);
    let mut picture = Picture::new(width, height, names, &label, words);
    let axis = |band: usize| Axis {
        left: (names + panel * band + 6) as f64,
        width: (panel - 26) as f64,
        low: 0.0,
        high: 1.0,
    };
    let bottom = top + ROW * breakdown.units.len();
    for (at, labels) in scale.merged.iter().enumerate() {
        let axis = axis(at);
        let word = escape(&merged_label(labels, words));
        let swatch = 1 + at * 4 / (bands.max(2) - 1);
        let _ = writeln!(
            picture.out,
            "<rect class=\"p{swatch}\" x=\"{:.1}\" y=\"4\" width=\"11\" height=\"11\"/>\
             <text x=\"{:.1}\" y=\"14\">{word}</text>",
            axis.left,
            axis.left + 16.0
        );
        for (mark, text) in [(0.0, "0"), (0.5, "50"), (1.0, "100 %")] {
            let x = axis.at(mark);
            let line = top - 6;
            let _ = writeln!(
                picture.out,
                "<line class=\"axis\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{line}\" y2=\"{bottom}\"/>\
                 <text class=\"soft\" x=\"{x:.1}\" y=\"34\" text-anchor=\"middle\" font-size=\"11\">{text}</text>"
            );
        }
    }
    for (row, unit) in breakdown.units.iter().enumerate() {
        let y = top + ROW * row;
        picture.name(&unit.path, y + 17);
        let Some(shown) = unit.scale(&scale.id).filter(|shown| !shown.bands.is_empty()) else {
            picture.hidden(names + 6, y + 3, panel * bands - 26);
            continue;
        };
        for (at, held) in shown.bands.iter().enumerate() {
            let (axis, middle) = (axis(at), (y + ROW / 2) as f64);
            let end = axis.at(held.share.share);
            let swatch = 1 + at * 4 / (bands.max(2) - 1);
            let _ = writeln!(
                picture.out,
                "<rect class=\"p{swatch}\" x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"12\"/>{}",
                axis.left,
                middle - 6.0,
                end - axis.left,
                axis.reach(held.share.interval, middle)
            );
        }
    }
    Some(picture.finish())
}

/// Change between waves: everybody as a ring, the same people as a dot, each with its interval.
pub(super) fn change(scale: &ScaleHead, at: usize, change: &ChangeReport, words: &Words) -> String {
    const WIDE: usize = 460;
    let names = names_width(change.units.iter().map(|unit| unit.path.as_slice()), words);
    let shown =
        |unit: &super::UnitChange| unit.scales.get(at).and_then(|entry| entry.shown.clone());
    let ends = change.units.iter().filter_map(&shown).flat_map(|shown| {
        let matched = shown.matched.as_ref().and_then(|matched| matched.interval);
        [shown.interval, matched].into_iter().flatten().flat_map(|i| [i.low.abs(), i.high.abs()])
    });
    let reach = ends.fold(scale.range.width() / 50.0, f64::max) * 1.05;
    let (top, legend) = (30, 30);
    let bottom = top + ROW * change.units.len();
    let label = words.say("group.change-of", &[("scale", &plain(&scale.title))]);
    let mut picture = Picture::new(names + WIDE + 20, bottom + legend, names, &label, words);
    let axis =
        Axis { left: names as f64 + 8.0, width: WIDE as f64 - 16.0, low: -reach, high: reach };
    for (value, class) in [(-reach, "axis"), (0.0, "zero"), (reach, "axis")] {
        let x = axis.at(value);
        let text = if value == 0.0 { "0".to_owned() } else { signed(scale, value) };
        let _ = writeln!(
            picture.out,
            "<line class=\"{class}\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"24\" y2=\"{bottom}\"/>\
             <text class=\"soft\" x=\"{x:.1}\" y=\"16\" text-anchor=\"middle\" font-size=\"11\">{text}</text>"
        );
    }
    for (row, unit) in change.units.iter().enumerate() {
        let y = top + ROW * row;
        picture.name(&unit.path, y + 17);
        let Some(shown) = shown(unit) else {
            picture.hidden(names + 8, y + 3, WIDE - 16);
            continue;
        };
        let mut mark = |class: &str, value: f64, interval: Option<Interval>, y: f64| {
            let line = interval.map_or(String::new(), |interval| axis.reach(interval, y));
            let x = axis.at(value);
            let _ = writeln!(
                picture.out,
                "{line}<circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y}\" r=\"4.5\"/>"
            );
        };
        let middle = (y + ROW / 2) as f64;
        mark("ring", shown.difference, shown.interval, middle - 5.0);
        if let Some(matched) = &shown.matched {
            mark("dot", matched.mean, matched.interval, middle + 5.0);
        }
    }
    let y = bottom + 18;
    for (x, class, key) in [(0, "ring", "everybody"), (190, "dot", "same-people")] {
        let (x, text) = (names + 14 + x, y + 4);
        let word = escape(&words.say(&format!("group.{key}"), &[]));
        let _ = writeln!(
            picture.out,
            "<circle class=\"{class}\" cx=\"{x}\" cy=\"{y}\" r=\"4.5\"/>\
             <text class=\"soft\" x=\"{}\" y=\"{text}\">{word}</text>",
            x + 10
        );
    }
    picture.finish()
}
