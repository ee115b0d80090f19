//! The report as a table.

use std::fmt::Write as _;

use crate::group::publish::MERGED;

use super::{GroupReport, UnitReport};

impl GroupReport {
    /// One row for each unit and scale: `unit` (path joined by `/`, empty for the whole; units of
    /// a second breakdown start with its name and a colon), `scale`, `status`, `n`, `mean`, `ci_low`,
    /// `ci_high`, `sd`, then `share.<band>`, `share.<band>.low`, `share.<band>.high` for the bands
    /// of all scales, as [`ScaleHead::merged`](super::ScaleHead::merged) divides them. What is hidden, and what does not apply, is empty.
    ///
    /// Names are quoted where needed; a name that a spreadsheet would take for a formula gets an
    /// apostrophe in front.
    pub fn to_csv(&self) -> String {
        let mut bands: Vec<String> = Vec::new();
        for labels in self.measured.scales.iter().flat_map(|scale| &scale.merged) {
            let band = labels.join(MERGED);
            if !bands.contains(&band) {
                bands.push(band);
            }
        }
        let mut out = String::from("unit,scale,status,n,mean,ci_low,ci_high,sd");
        for band in &bands {
            for end in ["", ".low", ".high"] {
                out.push(',');
                out.push_str(&field(&format!("share.{band}{end}")));
            }
        }
        out.push('\n');
        for (at, breakdown) in self.breakdowns.iter().enumerate() {
            // The whole is the same in every breakdown.
            for unit in breakdown.units.iter().skip(usize::from(at > 0)) {
                let path = unit.path.join("/");
                let name = if at == 0 { path } else { format!("{}:{path}", breakdown.name) };
                rows(&mut out, &field(&name), unit, &bands);
            }
        }
        out
    }
}

fn rows(out: &mut String, name: &str, unit: &UnitReport, bands: &[String]) {
    for entry in &unit.scales {
        let _ = write!(out, "{name},{},{}", field(&entry.id), entry.status.as_str());
        let Some(scale) = &entry.shown else {
            out.extend(std::iter::repeat_n(',', 5 + 3 * bands.len()));
            out.push('\n');
            continue;
        };
        let _ = write!(out, ",{},{}", scale.n, scale.mean);
        let interval = scale.interval;
        for number in [interval.map(|i| i.low), interval.map(|i| i.high), scale.sd] {
            optional(out, number);
        }
        for band in bands {
            let held = scale.bands.iter().find(|held| held.band == *band).map(|held| &held.share);
            let interval = held.map(|held| held.interval);
            optional(out, held.map(|held| held.share));
            optional(out, interval.map(|interval| interval.low));
            optional(out, interval.map(|interval| interval.high));
        }
        out.push('\n');
    }
}

fn optional(out: &mut String, number: Option<f64>) {
    out.push(',');
    if let Some(number) = number {
        let _ = write!(out, "{number}");
    }
}

/// A text field: no formula, and quoted where it has to be.
pub(crate) fn field(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    let text = if formula { format!("'{text}") } else { text.to_owned() };
    if text.contains([',', '"', '\n', '\r']) || text.starts_with(' ') || text.ends_with(' ') {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text
    }
}
