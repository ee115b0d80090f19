//! The report as one page for people: no scripts, nothing loaded from elsewhere.
//!
//! Every picture stands beside a table with the same numbers, so the page can be read aloud, and
//! no meaning rests on colour alone.

use std::fmt::{Display, Write as _};

use super::figures::{
    between, comparisons, foot, heading, merged_label, percent, percents, plain, points, preamble,
    scale_note, signed, unit_name,
};
use super::svg;
use super::{BreakdownReport, GroupReport, ScaleHead, UnitReport};
use crate::words::Words;

/// Text as text, whatever is in it.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// Blue and orange are told apart in every common kind of colour blindness.
const STYLE: &str = include_str!("page.css");

/// Units up to which pictures are drawn; beyond that the tables speak alone.
const DRAWN: usize = 400;

impl GroupReport {
    /// The report as one HTML page, in English: heat map of units by scale, shares with intervals,
    /// change between waves, each beside its table. It needs no script and no other file, follows
    /// the reader's dark or light setting, and prints.
    #[cfg_attr(docsrs, doc(cfg(feature = "html")))]
    pub fn to_html(&self) -> String {
        self.to_html_in(&Words::english(), "en")
    }

    /// The page in the words of a catalogue, with the language that they are in (such as `de`).
    #[cfg_attr(docsrs, doc(cfg(feature = "html")))]
    pub fn to_html_in(&self, words: &Words, language: &str) -> String {
        let mut page = Page { out: String::new(), words };
        let title = escape(&heading(self, words));
        page.put(format_args!(
            "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n\
             <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n\
             <h1>{title}</h1>\n",
            escape(language)
        ));
        page.put(format_args!("{}", svg::PATTERNS));
        page.out.push_str("<div class=\"notes\">\n");
        for line in preamble(self, words) {
            page.paragraph(&line);
        }
        page.out.push_str("</div>\n");
        for (at, breakdown) in self.breakdowns.iter().enumerate() {
            if at > 0 && !breakdown.shows_units() {
                page.paragraph(
                    &words.say("group.breakdown-hidden", &[("breakdown", &plain(&breakdown.name))]),
                );
                continue;
            }
            if self.breakdowns.len() > 1 {
                page.heading(
                    2,
                    &words.say("group.breakdown", &[("breakdown", &plain(&breakdown.name))]),
                );
            }
            page.overview(self, breakdown);
            for scale in &self.measured.scales {
                page.scale(breakdown, scale);
            }
            page.criteria(self, breakdown);
            page.items(self, breakdown);
        }
        let lines = comparisons(self, words);
        if !lines.is_empty() {
            page.heading(2, &words.say("group.comparing", &[]));
            page.out.push_str("<ul>\n");
            for line in &lines {
                page.put(format_args!("<li>{}</li>\n", escape(line)));
            }
            page.out.push_str("</ul>\n");
            page.paragraph(&words.say("group.invariance", &[]));
        }
        page.changes(self);
        page.heading(2, &words.say("group.foot", &[]));
        page.out.push_str("<div class=\"notes\">\n");
        for line in foot(self, words) {
            page.paragraph(&line);
        }
        page.out.push_str("</div>\n");
        page.out.push_str("</main>\n</body>\n</html>\n");
        page.out
    }
}

struct Page<'w> {
    out: String,
    words: &'w Words,
}

impl Page<'_> {
    fn put(&mut self, what: std::fmt::Arguments<'_>) {
        let _ = self.out.write_fmt(what);
    }

    fn say(&self, key: &str) -> String {
        escape(&self.words.say(key, &[]))
    }

    fn heading(&mut self, level: u8, text: &str) {
        self.put(format_args!("<h{level}>{}</h{level}>\n", escape(text)));
    }

    fn paragraph(&mut self, text: &str) {
        self.put(format_args!("<p>{}</p>\n", escape(text)));
    }

    /// Opens a table that can scroll by itself, with a caption and a head.
    fn table(&mut self, caption: &str, head: &[String]) {
        self.put(format_args!(
            "<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"{0}\">\n<table>\n\
             <caption>{0}</caption>\n<thead>\n<tr>",
            escape(caption)
        ));
        for cell in head {
            self.put(format_args!("<th scope=\"col\">{cell}</th>"));
        }
        self.out.push_str("</tr>\n</thead>\n<tbody>\n");
    }

    fn close(&mut self) {
        self.out.push_str("</tbody>\n</table>\n</div>\n");
    }

    /// The head of a row: a unit, set in by its depth.
    fn unit(&mut self, path: &[String]) {
        let name = escape(&unit_name(path, self.words));
        let depth = path.len().min(8);
        self.put(format_args!("<tr><th scope=\"row\" class=\"d{depth}\"><bdi>{name}</bdi></th>"));
    }

    fn cell(&mut self, text: impl Display) {
        self.put(format_args!("<td>{text}</td>"));
    }

    fn hidden(&mut self, columns: usize) {
        let hidden = self.say("group.hidden");
        if columns == 1 {
            self.put(format_args!("<td class=\"hidden\">{hidden}</td>"));
        } else {
            self.put(format_args!("<td class=\"hidden\" colspan=\"{columns}\">{hidden}</td>"));
        }
    }

    fn overview(&mut self, report: &GroupReport, breakdown: &BreakdownReport) {
        self.heading(2, &self.words.say("group.overview", &[]));
        if breakdown.units.len() <= DRAWN && !report.measured.scales.is_empty() {
            self.paragraph(&self.words.say("group.heat-how", &[]));
            let picture = svg::heat_map(&report.measured.scales, breakdown, self.words);
            self.out.push_str(&picture);
        }
        let mut head: Vec<String> = ["unit", "answered", "invited", "rate"]
            .map(|key| self.say(&format!("group.{key}")))
            .into();
        head.extend(report.measured.scales.iter().map(|scale| escape(&plain(&scale.title))));
        self.table(&self.words.say("group.means", &[]), &head);
        for unit in &breakdown.units {
            self.unit(&unit.path);
            match &unit.participation {
                None => self.hidden(1),
                Some(part) => self.cell(part.answered),
            }
            self.cell(unit.invited.map_or(String::new(), |invited| invited.to_string()));
            let rate = unit.participation.as_ref().and_then(|part| part.rate);
            self.cell(rate.map_or(String::new(), percent));
            for scale in &report.measured.scales {
                match unit.scale(&scale.id) {
                    None => self.hidden(1),
                    Some(shown) => self.cell(points(scale, shown.mean)),
                }
            }
            self.out.push_str("</tr>\n");
        }
        self.close();
    }

    fn scale(&mut self, breakdown: &BreakdownReport, scale: &ScaleHead) {
        self.heading(2, &plain(&scale.title));
        self.paragraph(&scale_note(scale, self.words));
        if breakdown.units.len() <= DRAWN
            && let Some(picture) = svg::shares(scale, breakdown, self.words)
        {
            self.paragraph(&self.words.say("group.shares-how", &[]));
            self.out.push_str(&picture);
        }
        let mut head: Vec<String> = ["unit", "n", "complete", "mean", "interval", "sd", "median"]
            .map(|key| self.say(&format!("group.{key}")))
            .into();
        for labels in &scale.merged {
            head.push(escape(&merged_label(labels, self.words)));
        }
        head.extend(["group.against-rest", "group.effect"].map(|key| self.say(key)));
        let columns = head.len() - 1;
        self.table(&plain(&scale.title), &head);
        let mut norms = Vec::new();
        for unit in &breakdown.units {
            self.unit(&unit.path);
            match unit.scale(&scale.id) {
                None => self.hidden(columns),
                Some(shown) => {
                    self.cell(shown.n);
                    self.cell(shown.complete.map_or(String::new(), |n| n.to_string()));
                    self.cell(points(scale, shown.mean));
                    self.cell(between(scale, shown.interval));
                    self.cell(shown.sd.map_or(String::new(), |sd| points(scale, sd)));
                    self.cell(shown.median.map_or(String::new(), |median| points(scale, median)));
                    for at in 0..scale.merged.len() {
                        let held = shown.bands.get(at);
                        match held {
                            None => self.hidden(1),
                            Some(held) => self.cell(format_args!(
                                "{} {}",
                                percent(held.share.share),
                                percents(held.share.interval)
                            )),
                        }
                    }
                    match &shown.rest {
                        None => self.out.push_str("<td></td><td></td>"),
                        Some(rest) => {
                            let difference = signed(scale, rest.welch.difference);
                            let interval = between(scale, Some(rest.welch.interval));
                            self.cell(format_args!("{difference} {interval}"));
                            self.cell(format_args!("{:.2}", rest.effect.g));
                        }
                    }
                    if let Some(norm) = &shown.norm {
                        let name = unit_name(&unit.path, self.words);
                        let difference = signed(scale, norm.difference);
                        let interval = between(scale, norm.interval);
                        let (mean, population) =
                            (points(scale, norm.norm_mean), plain(&norm.population));
                        norms.push(self.words.say(
                            "group.norm",
                            &[
                                ("unit", &name),
                                ("difference", &difference),
                                ("interval", &interval),
                                ("population", &population),
                                ("mean", &mean),
                                ("norm", &norm.norm),
                            ],
                        ));
                    }
                }
            }
            self.out.push_str("</tr>\n");
        }
        self.close();
        for line in norms {
            self.paragraph(&line);
        }
    }

    fn criteria(&mut self, report: &GroupReport, breakdown: &BreakdownReport) {
        if report.measured.criteria.is_empty() {
            return;
        }
        let title = self.words.say("group.criteria", &[]);
        self.heading(2, &title);
        let mut head = vec![self.say("group.unit")];
        head.extend(report.measured.criteria.iter().map(|one| escape(&plain(&one.title))));
        self.table(&title, &head);
        for unit in &breakdown.units {
            self.unit(&unit.path);
            for entry in &unit.criteria {
                match &entry.shown {
                    None => self.hidden(1),
                    Some(share) => self.cell(format_args!(
                        "{} {}",
                        percent(share.share),
                        percents(share.interval)
                    )),
                }
            }
            self.out.push_str("</tr>\n");
        }
        self.close();
    }

    fn items(&mut self, report: &GroupReport, breakdown: &BreakdownReport) {
        if report.measured.items.is_empty() {
            return;
        }
        let units: Vec<&UnitReport> =
            breakdown.units.iter().filter(|unit| unit.path.len() < 2).collect();
        let title = self.words.say("group.items", &[]);
        self.heading(2, &title);
        let mut head = vec![self.say("group.question")];
        head.extend(units.iter().map(|unit| escape(&unit_name(&unit.path, self.words))));
        self.table(&title, &head);
        for (at, item) in report.measured.items.iter().enumerate() {
            self.put(format_args!(
                "<tr><th scope=\"row\"><bdi>{}</bdi></th>",
                escape(&plain(&item.title))
            ));
            for unit in &units {
                match unit.items.get(at).and_then(|entry| entry.shown.as_ref()) {
                    None => self.hidden(1),
                    Some(item) => self.cell(format_args!("{:.2}", item.mean)),
                }
            }
            self.out.push_str("</tr>\n");
        }
        self.close();
    }

    fn changes(&mut self, report: &GroupReport) {
        let Some(change) = &report.change else { return };
        let (from, to) = (plain(&change.from), plain(&change.to));
        self.heading(2, &self.words.say("group.change", &[("from", &from), ("to", &to)]));
        self.paragraph(&self.words.say("group.change-how", &[]));
        for (at, scale) in report.measured.scales.iter().enumerate() {
            self.heading(3, &plain(&scale.title));
            if change.units.len() <= DRAWN {
                self.out.push_str(&svg::change(scale, at, change, self.words));
            }
            let head: Vec<String> = ["unit", "before", "after", "difference", "same-people", "n"]
                .map(|key| self.say(&format!("group.{key}")))
                .into();
            self.table(&plain(&scale.title), &head);
            for unit in &change.units {
                self.unit(&unit.path);
                match unit.scales.get(at).and_then(|entry| entry.shown.as_ref()) {
                    None => self.hidden(5),
                    Some(shown) => {
                        self.cell(points(scale, shown.before));
                        self.cell(points(scale, shown.after));
                        let interval = between(scale, shown.interval);
                        self.cell(format_args!("{} {interval}", signed(scale, shown.difference)));
                        match &shown.matched {
                            None => self.hidden(2),
                            Some(matched) => {
                                let interval = between(scale, matched.interval);
                                self.cell(format_args!(
                                    "{} {interval}",
                                    signed(scale, matched.mean)
                                ));
                                self.cell(matched.n);
                            }
                        }
                    }
                }
                self.out.push_str("</tr>\n");
            }
            self.close();
        }
    }
}
