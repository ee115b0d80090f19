//! The import report as a page of text.

use std::fmt;

use super::report::{
    CodingFinding, ImportReport, InstrumentImport, ItemImport, RepeatKind, UnreadText,
};
use crate::words::Words;

/// Cells and people that the short form shows.
const SHORT: usize = 10;

impl ImportReport {
    /// The findings in the words of a catalogue: how the file was read, what was not understood, who
    /// was not scored; the first ten of each.
    pub fn summary(&self, words: &Words) -> String {
        let mut lines = vec![self.read_as(words)];
        self.left_out(words, &mut lines);
        lines.extend(self.notes.iter().map(|note| note.in_words(words)));
        lines.extend(self.waves.iter().flat_map(|waves| waves.in_words(words)));
        for import in &self.instruments {
            lines.push(found(import, words));
            lines.extend(missing_rules(import, words));
            lines.extend(not_asked(import, words));
        }
        self.doubts(words, SHORT, &mut lines);
        self.cells(words, SHORT, &mut lines);
        self.people(words, SHORT, &mut lines);
        lines.join("\n")
    }

    /// Returns who met a safety criterion, in the words of a catalogue: every answer that does, by row
    /// and id. Empty where nothing is to be said. It names people, so it is for those who can help.
    pub fn safety(&self, words: &Words) -> String {
        let found = &self.safety;
        if found.is_empty() {
            return String::new();
        }
        let (met, undetermined) = (found.met.len(), found.undetermined);
        let counts: [(&str, &dyn std::fmt::Display); 2] =
            [("met", &met), ("undetermined", &undetermined)];
        let mut lines = vec![words.say("safety.counts", &counts)];
        for one in &found.met {
            let id = one.id.as_ref().map(|id| format!(" ({id})")).unwrap_or_default();
            let wave = one.wave.as_ref();
            let wave = wave.map(|wave| words.say("import.person-wave", &[("wave", wave)]));
            let place = format!("{id}{}", wave.unwrap_or_default());
            let key = if one.left_out { "safety.row-left-out" } else { "safety.row" };
            lines.push(words.say(
                key,
                &[
                    ("row", &one.row),
                    ("id", &place),
                    ("instrument", &one.instrument),
                    ("criterion", &one.criterion),
                ],
            ));
        }
        lines.push(format!("  {}", words.say("safety.note", &[])));
        lines.join("\n")
    }

    /// The whole report in the words of a catalogue: every column, every finding that is listed.
    pub fn page(&self, words: &Words) -> String {
        let safety = self.safety(words);
        let mut lines: Vec<String> = (!safety.is_empty()).then_some(safety).into_iter().collect();
        lines.push(self.read_as(words));
        if self.blank_rows > 0 {
            lines.push(words.say("import.blank-rows", &[("count", &self.blank_rows)]));
        }
        self.left_out(words, &mut lines);
        lines.extend(self.notes.iter().map(|note| note.in_words(words)));
        lines.extend(self.waves.iter().flat_map(|waves| waves.in_words(words)));
        for import in &self.instruments {
            lines.push(String::new());
            lines.push(found(import, words));
            lines.extend(missing_rules(import, words));
            lines.extend(import.items.iter().map(|item| column(item, words)));
            lines.extend(not_asked(import, words));
        }
        if !self.unused_columns.is_empty() {
            lines.push(String::new());
            let columns = self.unused_columns.join(", ");
            lines.push(words.say("import.unused", &[("columns", &columns)]));
        }
        lines.push(String::new());
        self.doubts(words, usize::MAX, &mut lines);
        self.cells(words, usize::MAX, &mut lines);
        lines.push(String::new());
        self.people(words, usize::MAX, &mut lines);
        lines.join("\n")
    }

    fn read_as(&self, words: &Words) -> String {
        let profile = &self.profile;
        let mode = if profile.labels { "import.labels" } else { "import.codes" };
        let blank = words.say(&format!("missing.{}", profile.blank), &[]);
        let mut text = words.say(
            "import.read",
            &[
                ("rows", &self.rows),
                ("tool", &profile.tool),
                ("delimiter", &format_args!("{:?}", profile.delimiter)),
                ("encoding", &profile.encoding.as_str()),
                ("mode", &words.say(mode, &[])),
                ("blank", &blank),
            ],
        );
        for sentinel in profile.sentinels.iter().filter(|sentinel| !sentinel.text.is_empty()) {
            let kind = words.say(&format!("missing.{}", sentinel.kind), &[]);
            text.push_str(
                &words.say("import.sentinel", &[("text", &sentinel.text), ("kind", &kind)]),
            );
        }
        text
    }

    fn left_out(&self, words: &Words, lines: &mut Vec<String>) {
        for left in self.left_out.iter().filter(|left| left.rows > 0) {
            let values: [(&str, &dyn fmt::Display); 2] =
                [("count", &left.rows), ("reason", &left.reason)];
            lines.push(words.say("import.left-out", &values));
        }
    }

    /// Coding, repeats, unfinished responses, open bands.
    fn doubts(&self, words: &Words, most: usize, lines: &mut Vec<String>) {
        lines.extend(self.coding.iter().map(|finding| finding.in_words(words)));
        for open in &self.open_bands {
            let (instrument, scale, people) = (&open.instrument, &open.scale, &open.people);
            lines.push(words.say(
                "import.open-bands",
                &[("instrument", instrument), ("scale", scale), ("people", people)],
            ));
        }
        if let Some(found) = &self.unfinished {
            let key = if found.left_out { "import.unfinished-out" } else { "import.unfinished" };
            let rows: Vec<String> = found.first.iter().map(u64::to_string).collect();
            let rows = rows.join(", ");
            let more = if found.rows > found.first.len() as u64 { ", …" } else { "" };
            lines.push(words.say(
                key,
                &[
                    ("count", &found.rows),
                    ("column", &found.column),
                    ("rows", &format_args!("{rows}{more}")),
                ],
            ));
        }
        let repeats = &self.repeats;
        let kinds = [
            (RepeatKind::Id, "import.repeat-ids", repeats.ids),
            (RepeatKind::Answers, "import.repeat-rows", repeats.rows),
            (RepeatKind::OddId, "import.odd-ids", repeats.odd_ids),
        ];
        for (kind, key, count) in kinds.into_iter().filter(|(.., count)| *count > 0) {
            let own = repeats.first.iter().filter(|repeat| repeat.kind == kind).take(most);
            let named: Vec<String> = own
                .map(|repeat| {
                    let id = repeat.id.as_ref().map(|id| format!(" ({id})")).unwrap_or_default();
                    let same = repeat.same_as.map(|row| format!(" = {row}")).unwrap_or_default();
                    format!("{}{id}{same}", repeat.row)
                })
                .collect();
            let more = if count > named.len() as u64 { ", …" } else { "" };
            let rows = format!("{}{more}", named.join(", "));
            lines.push(words.say(key, &[("count", &count), ("rows", &rows)]));
        }
    }

    fn cells(&self, words: &Words, most: usize, lines: &mut Vec<String>) {
        let found = &self.not_understood;
        if found.total == 0 {
            lines.push(words.say("import.all-understood", &[]));
            return;
        }
        lines.push(words.say("import.not-understood", &[("count", &found.total)]));
        for text in self.unread_texts.iter().take(most) {
            lines.push(text.in_words(words));
        }
        for cell in found.first.iter().take(most) {
            lines.push(words.say(
                "import.cell",
                &[
                    ("row", &cell.row),
                    ("column", &cell.column),
                    ("text", &format_args!("{:?}", cell.text)),
                    ("item", &cell.item),
                    ("allowed", &cell.allowed),
                ],
            ));
        }
        more(words, found.total, found.first.len().min(most), lines);
        let items = self.instruments.iter().flat_map(|import| &import.items);
        let labels: u64 = items.map(|item| item.labels_not_read).sum();
        if labels > 0 {
            lines.push(words.say("import.labels-not-read", &[("count", &labels)]));
        }
    }

    fn people(&self, words: &Words, most: usize, lines: &mut Vec<String>) {
        let found = &self.not_scored;
        if found.total == 0 {
            return;
        }
        lines.push(words.say("import.not-scored", &[("count", &found.total)]));
        for count in &found.counts {
            lines.push(words.say(
                "import.absence",
                &[
                    ("instrument", &count.instrument),
                    ("scale", &count.scale),
                    ("people", &count.people),
                    ("status", &words.label("status", &count.status)),
                ],
            ));
        }
        if most < found.first.len() {
            return; // the counts say enough where not all are shown
        }
        for person in &found.first {
            let id = person.id.as_ref().map(|id| format!(" ({id})")).unwrap_or_default();
            let wave = person.wave.as_ref();
            let wave = wave.map(|wave| words.say("import.person-wave", &[("wave", wave)]));
            let id = format!("{id}{}", wave.unwrap_or_default());
            lines.push(words.say(
                "import.person",
                &[
                    ("row", &person.row),
                    ("id", &id),
                    ("instrument", &person.instrument),
                    ("scale", &person.scale),
                    ("reason", &person.reason),
                ],
            ));
        }
        more(words, found.total, found.first.len(), lines);
    }
}

impl CodingFinding {
    /// The finding in the words of a catalogue, with what would settle it.
    pub fn in_words(&self, words: &Words) -> String {
        let items = match self.items.as_slice() {
            [first, .., last] => format!("{first}..{last}"),
            [only] => only.clone(),
            [] => String::new(),
        };
        // The code that only this base has: the lowest where the file counts from above it.
        let mut codes = self.recode.split(',').filter_map(|pair| pair.split_once('='));
        let up = self.counts_from > self.offered_from;
        let (first, last) = (codes.clone().next(), codes.next_back());
        let ends = if up {
            (last.map(|c| c.0), first.map(|c| c.1))
        } else {
            (first.map(|c| c.0), last.map(|c| c.1))
        };
        let (next, end) = (ends.0.unwrap_or_default(), ends.1.unwrap_or_default());
        let key = if self.strong { "import.coding" } else { "import.coding-perhaps" };
        words.say(
            key,
            &[
                ("instrument", &self.instrument),
                ("items", &items),
                ("from", &self.counts_from),
                ("offered", &self.offered_from),
                ("cells", &self.cells),
                ("beyond", &self.beyond),
                ("next", &next),
                ("unused", &self.unused),
                ("end", &end),
                ("recode", &self.recode),
            ],
        )
    }
}

impl UnreadText {
    /// The finding in the words of a catalogue, with what would settle it.
    pub fn in_words(&self, words: &Words) -> String {
        let columns = match self.columns.as_slice() {
            [first, second, third, _, ..] => format!("{first}, {second}, {third}, …"),
            few => few.join(", "),
        };
        let key = if self.is_label { "import.unread-label" } else { "import.unread-text" };
        words.say(
            key,
            &[
                ("instrument", &self.instrument),
                ("text", &format_args!("{:?}", self.text)),
                ("plain", &self.text),
                ("cells", &self.cells),
                ("of", &self.of),
                ("columns", &columns),
                ("row", &self.row),
            ],
        )
    }
}

fn more(words: &Words, total: u64, shown: usize, lines: &mut Vec<String>) {
    let rest = total.saturating_sub(shown as u64);
    if rest > 0 {
        lines.push(words.say("import.more", &[("count", &rest)]));
    }
}

fn found(import: &InstrumentImport, words: &Words) -> String {
    let with_column = || import.items.iter().filter_map(|item| item.column.as_deref());
    words.say(
        "import.columns",
        &[
            ("instrument", &format_args!("{}@{}", import.instrument, import.version)),
            ("found", &with_column().count()),
            ("total", &import.items.len()),
            ("first", &with_column().next().unwrap_or("")),
            ("last", &with_column().next_back().unwrap_or("")),
        ],
    )
}

/// The missing rules that the caller gave, one line each.
fn missing_rules(import: &InstrumentImport, words: &Words) -> Vec<String> {
    let Some(receipt) = &import.receipt else { return Vec::new() };
    let (instrument, every) = (&import.instrument, receipt.min_answered);
    let every = every.map(|answers| {
        words.say("import.min-answered", &[("instrument", instrument), ("answers", &answers)])
    });
    let of_scales = receipt.min_answered_on.iter().map(|(scale, answers)| {
        let values: [(&str, &dyn fmt::Display); 3] =
            [("instrument", instrument), ("scale", scale), ("answers", answers)];
        words.say("import.min-answered-on", &values)
    });
    every.into_iter().chain(of_scales).collect()
}

/// Scored items without a column. Unscored ones are nobody's loss.
fn not_asked(import: &InstrumentImport, words: &Words) -> Option<String> {
    let items: Vec<&str> = import
        .items
        .iter()
        .filter(|item| item.scored && item.column.is_none())
        .map(|item| item.item.as_str())
        .collect();
    let (instrument, items) = (&import.instrument, items.join(", "));
    let values: [(&str, &dyn fmt::Display); 2] = [("instrument", instrument), ("items", &items)];
    (!items.is_empty()).then(|| words.say("import.not-asked", &values))
}

fn column(item: &ItemImport, words: &Words) -> String {
    let Some(column) = &item.column else {
        return words.say("import.no-column", &[("item", &item.item)]);
    };
    let codes: u64 = item.codes.values().sum();
    let mut text =
        words.say("import.column", &[("item", &item.item), ("column", column), ("codes", &codes)]);
    for (kind, count) in &item.missing {
        let kind = words.say(&format!("missing.{kind}"), &[]);
        text.push_str(&words.say("import.column-missing", &[("count", count), ("kind", &kind)]));
    }
    text
}

/// The page, in English.
impl fmt::Display for ImportReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.page(&Words::english()))
    }
}
