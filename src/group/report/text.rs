//! The report as plain text.

use std::fmt::Write as _;

use super::figures::{
    between, comparisons, foot, heading, merged_label, percent, percents, plain, points, preamble,
    scale_note, signed, unit_name,
};
use super::{BreakdownReport, GroupReport, ScaleHead, UnitReport};
use crate::words::Words;

/// Rows of cells; the first column is set left, the others right.
#[derive(Default)]
struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    fn row<S: Into<String>>(&mut self, cells: impl IntoIterator<Item = S>) {
        self.rows.push(cells.into_iter().map(Into::into).collect());
    }

    fn write(&self, out: &mut String) {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        for row in &self.rows {
            let mut line = String::from(" ");
            for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
                let gap = " ".repeat(width - cell.chars().count());
                let (before, after) =
                    if column == 0 { ("", gap.as_str()) } else { (gap.as_str(), "") };
                let _ = write!(line, " {before}{cell}{after} ");
            }
            out.push_str(line.trim_end());
            out.push('\n');
        }
    }
}

impl GroupReport {
    /// The report as plain text, in English.
    pub fn to_text(&self) -> String {
        self.to_text_in(&Words::english())
    }

    /// The report as plain text, in the words of a catalogue.
    pub fn to_text_in(&self, words: &Words) -> String {
        let say = |key: &str| words.say(key, &[]);
        let mut out = heading(self, words);
        let rule = "=".repeat(out.chars().count());
        let _ = writeln!(out, "\n{rule}\n");
        for line in preamble(self, words) {
            let _ = writeln!(out, "{line}");
        }
        for (at, breakdown) in self.breakdowns.iter().enumerate() {
            if at > 0 && !breakdown.shows_units() {
                let line =
                    words.say("group.breakdown-hidden", &[("breakdown", &plain(&breakdown.name))]);
                let _ = writeln!(out, "\n{line}");
                continue;
            }
            if self.breakdowns.len() > 1 {
                let line = words.say("group.breakdown", &[("breakdown", &plain(&breakdown.name))]);
                let _ = writeln!(out, "\n{line}\n{}", "-".repeat(line.chars().count()));
            }
            Self::participation(&mut out, breakdown, words);
            for scale in &self.measured.scales {
                scale_section(&mut out, breakdown, scale, words);
            }
            self.criteria(&mut out, breakdown, words);
            self.items(&mut out, breakdown, words);
        }
        let lines = comparisons(self, words);
        if !lines.is_empty() {
            let _ = writeln!(out, "\n{}", say("group.comparing"));
            for line in lines {
                let _ = writeln!(out, "  {line}");
            }
            let _ = writeln!(out, "  {}", say("group.invariance"));
        }
        self.changes(&mut out, words);
        let _ = writeln!(out, "\n{}", say("group.foot"));
        for line in foot(self, words) {
            let _ = writeln!(out, "  {line}");
        }
        out
    }

    fn participation(out: &mut String, breakdown: &BreakdownReport, words: &Words) {
        let say = |key: &str| words.say(key, &[]);
        let _ = writeln!(out, "\n{}", say("group.taking-part"));
        let mut table = Table::default();
        table.row([
            say("group.unit"),
            say("group.answered"),
            say("group.invited"),
            say("group.rate"),
        ]);
        for unit in &breakdown.units {
            let mut row = vec![indented(unit, words)];
            row.push(
                unit.participation
                    .as_ref()
                    .map_or_else(|| say("group.hidden"), |part| part.answered.to_string()),
            );
            row.push(unit.invited.map_or(String::new(), |invited| invited.to_string()));
            let rate = unit.participation.as_ref().and_then(|part| part.rate);
            row.push(rate.map_or(String::new(), percent));
            table.row(row);
        }
        table.write(out);
    }

    fn criteria(&self, out: &mut String, breakdown: &BreakdownReport, words: &Words) {
        for (at, criterion) in self.measured.criteria.iter().enumerate() {
            let title = plain(&criterion.title);
            let _ = writeln!(out, "\n{}", words.say("group.criterion", &[("criterion", &title)]));
            let mut table = Table::default();
            table.row(
                ["group.unit", "group.n", "group.share", ""]
                    .map(|key| if key.is_empty() { String::new() } else { words.say(key, &[]) }),
            );
            for unit in &breakdown.units {
                let mut row = vec![indented(unit, words)];
                match unit.criteria.get(at).and_then(|entry| entry.shown.as_ref()) {
                    None => row.push(words.say("group.hidden", &[])),
                    Some(share) => row.extend([
                        share.of.to_string(),
                        percent(share.share),
                        percents(share.interval),
                    ]),
                }
                table.row(row);
            }
            table.write(out);
        }
    }

    /// Item means of the whole and the units right below it; all of them stand in the JSON.
    fn items(&self, out: &mut String, breakdown: &BreakdownReport, words: &Words) {
        if self.measured.items.is_empty() {
            return;
        }
        let units: Vec<&UnitReport> =
            breakdown.units.iter().filter(|unit| unit.path.len() < 2).collect();
        let _ = writeln!(out, "\n{}", words.say("group.items", &[]));
        let mut table = Table::default();
        table.row(
            std::iter::once(String::new()).chain(units.iter().map(|u| unit_name(&u.path, words))),
        );
        for (at, item) in self.measured.items.iter().enumerate() {
            let mut row = vec![plain(&item.title)];
            for unit in &units {
                let shown = unit.items.get(at).and_then(|entry| entry.shown.as_ref());
                row.push(shown.map_or_else(
                    || words.say("group.hidden", &[]),
                    |item| format!("{:.2}", item.mean),
                ));
            }
            table.row(row);
        }
        table.write(out);
    }

    fn changes(&self, out: &mut String, words: &Words) {
        let Some(change) = &self.change else { return };
        let (from, to) = (plain(&change.from), plain(&change.to));
        let _ = writeln!(out, "\n{}", words.say("group.change", &[("from", &from), ("to", &to)]));
        let _ = writeln!(out, "{}", words.say("group.change-how", &[]));
        for (at, scale) in self.measured.scales.iter().enumerate() {
            let _ = writeln!(out, "\n{} ({})", plain(&scale.title), scale_note(scale, words));
            let mut table = Table::default();
            table.row(
                [
                    "unit",
                    "before",
                    "after",
                    "difference",
                    "interval",
                    "same-people",
                    "n",
                    "interval",
                ]
                .map(|key| words.say(&format!("group.{key}"), &[])),
            );
            for unit in &change.units {
                let mut row = vec![indent(&unit.path, words)];
                match unit.scales.get(at).and_then(|entry| entry.shown.as_ref()) {
                    None => row.push(words.say("group.hidden", &[])),
                    Some(shown) => {
                        row.push(points(scale, shown.before));
                        row.push(points(scale, shown.after));
                        row.push(signed(scale, shown.difference));
                        row.push(between(scale, shown.interval));
                        if let Some(matched) = &shown.matched {
                            row.push(signed(scale, matched.mean));
                            row.push(matched.n.to_string());
                            row.push(between(scale, matched.interval));
                        }
                    }
                }
                table.row(row);
            }
            table.write(out);
        }
    }
}

fn scale_section(out: &mut String, breakdown: &BreakdownReport, scale: &ScaleHead, words: &Words) {
    let _ = writeln!(out, "\n{} ({})", plain(&scale.title), scale_note(scale, words));
    let say = |key: &str| words.say(key, &[]);
    let mut table = Table::default();
    let mut head: Vec<String> = ["unit", "n", "mean", "interval", "sd", "median"]
        .iter()
        .map(|key| say(&format!("group.{key}")))
        .collect();
    for labels in &scale.merged {
        head.push(merged_label(labels, words));
        head.push(String::new());
    }
    head.extend([say("group.against-rest"), say("group.interval"), "g".to_owned()]);
    table.row(head);
    let mut norms = Vec::new();
    for unit in &breakdown.units {
        let mut row = vec![indented(unit, words)];
        let Some(shown) = unit.scale(&scale.id) else {
            row.push(say("group.hidden"));
            table.row(row);
            continue;
        };
        row.push(shown.n.to_string());
        row.push(points(scale, shown.mean));
        row.push(between(scale, shown.interval));
        row.push(shown.sd.map_or(String::new(), |sd| points(scale, sd)));
        row.push(shown.median.map_or(String::new(), |median| points(scale, median)));
        for at in 0..scale.merged.len() {
            let share = shown.bands.get(at).map(|band| &band.share);
            row.push(share.map_or_else(|| say("group.hidden"), |share| percent(share.share)));
            row.push(share.map_or(String::new(), |share| percents(share.interval)));
        }
        if let Some(rest) = &shown.rest {
            row.push(signed(scale, rest.welch.difference));
            row.push(between(scale, Some(rest.welch.interval)));
            row.push(format!("{:.2}", rest.effect.g));
        }
        table.row(row);
        if let Some(norm) = &shown.norm {
            let (unit, difference) = (unit_name(&unit.path, words), signed(scale, norm.difference));
            let (interval, mean) = (between(scale, norm.interval), points(scale, norm.norm_mean));
            norms.push(words.say(
                "group.norm",
                &[
                    ("unit", &unit),
                    ("difference", &difference),
                    ("interval", &interval),
                    ("population", &plain(&norm.population)),
                    ("mean", &mean),
                    ("norm", &norm.norm),
                ],
            ));
        }
    }
    table.write(out);
    for line in norms {
        let _ = writeln!(out, "  {line}");
    }
}

fn indented(unit: &UnitReport, words: &Words) -> String {
    indent(&unit.path, words)
}

fn indent(path: &[String], words: &Words) -> String {
    format!("{}{}", "  ".repeat(path.len()), unit_name(path, words))
}
