//! Every defect that a definition can have, with the exact words and the exact line in which the
//! linter names it; and the exact words of every other error of the core.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::pedantic,
    missing_docs
)]

use std::collections::BTreeSet;

use straingauge::answers::{Columns, MissingKind, Sheet, SheetRecord};
use straingauge::catalog;
use straingauge::instrument::{self, Defect, Instrument, Version};
use straingauge::score::{ScoreOptions, Vectors, VerifyError};

/// One valid definition that uses every part of the format; each case spoils it by small edits.
const BASE: &str = r#"format = 1
id = "week"
version = "1.0.0"
title = "A week"
edition = "first"
authors = ["Nobody"]
measures = ["fatigue"]

[licence]
class = "public-domain"
holder = "nobody"
terms = "free to use"
checked = "2026-01-31"
ask-first-for = []

[sources]
book = { title = "A book" }
site = { url = "https://example.org" }

[responses]
often = { options = [[0, "never"], [1, "sometimes"], [2, "always"]] }
much = { options = [[1, "little"], [2, "some"], [3, "much"]], not-applicable = "none of it" }
line = { range = [0, 4], labels = [[0, "none"], [4, "most"]] }

[form]
responses = "often"
items = [
  { id = "1", topic = "rest" },
  { id = "2", topic = "sleep" },
  { id = "3", topic = "worry", responses = "line" },
  { id = "4", topic = "help", implied = { when = "1 = 0", code = 2 } },
  { id = "5", topic = "effort", responses = "much" },
  { id = "6", topic = "reward", responses = "much" },
  { id = "7", topic = "place", unscored = true },
]

[[scales]]
id = "tired"
sum = ["1", "2"]
reverse = ["2"]
range = [0, 4]
direction = "higher-is-worse"
missing = { needs = 1, basis = { source = "book", origin = "author", grade = "A" } }
basis = { source = "book", origin = "author", grade = "A" }

[[scales]]
id = "worried"
mean = ["3", "4"]
recode = { "4" = [0, 1, 4] }
range = [0, 4]
direction = "higher-is-worse"
not-applicable = "drop"
basis = { source = "book", origin = "author", grade = "B+" }

[[scales]]
id = "effort"
sum = ["5"]
range = [1, 3]
direction = "higher-is-worse"
basis = { source = "book", origin = "author", grade = "A" }

[[scales]]
id = "reward"
sum = ["6"]
range = [1, 3]
direction = "higher-is-better"
basis = { source = "book", origin = "author", grade = "A" }

[[scales]]
id = "balance"
ratio = ["effort", "reward"]
range = [0.333333, 3]
direction = "higher-is-worse"
basis = { source = "book", origin = "author", grade = "A" }

[[scales]]
id = "twice"
from = "tired"
times = 2
range = [0, 8]
direction = "higher-is-worse"
basis = { source = "book", origin = "author", grade = "A" }

[[scales]]
id = "metric"
from = "tired"
table = [10, 20, 30, 40, 50]
error = [1, 1, 1, 1, 2.5]
range = [10, 50]
direction = "higher-is-worse"
basis = { source = "book", origin = "author", grade = "A" }

[[scales]]
id = "all-of-it"
sum = ["tired", "5"]
range = [1, 7]
direction = "higher-is-worse"
only-in = "long"
basis = { source = "book", origin = "author", grade = "A" }

[[bands]]
id = "book-2000"
scales = ["tired"]
default = true
basis = { source = "book", origin = "author", grade = "A", sensitivity = 0.9 }
steps = [[0, "calm"], [2, "rough"], [4, "storm"]]

[[bands]]
id = "site-2020"
scales = ["tired", "balance"]
basis = { source = "site", origin = "convention", status = "disputed", grade = "B" }
steps = [[0, "low"], [1.5, "high"]]

[[criteria]]
id = "weary"
role = "step"
any = ["1 >= 2", "2 = 0"]

[[criteria]]
id = "positive"
all = ["weary", "tired >= 3"]
basis = { source = "book", origin = "author", grade = "A" }

[[criteria]]
id = "some"
of = ["3 > 2", "5 != 1", "effort < 3"]
at-least = 1
at-most = 2
basis = { source = "book", origin = "author", grade = "A" }

[[norms]]
id = "people"
scale = "tired"
population = "people"
n = 100
mean = 2
sd = 1
reliability = [{ kind = "alpha", value = 0.8, source = "site" }]
basis = { source = "book", origin = "author", grade = "A" }

[[changes]]
scale = "tired"
points = 1
kind = "reliable"
basis = { source = "book", origin = "author", grade = "A" }

[[variants]]
id = "long"
scales = ["tired", "all-of-it"]
basis = { source = "book", origin = "author", grade = "A" }
"#;

/// `site-2020` begins at 0 for `tired`, and `balance` at a third: two tables are needed.
fn base() -> String {
    let one = "scales = [\"tired\", \"balance\"]\nbasis = { source = \"site\", origin = \"convention\", status = \"disputed\", grade = \"B\" }\nsteps = [[0, \"low\"], [1.5, \"high\"]]\n";
    let two = "scales = [\"tired\"]\nbasis = { source = \"site\", origin = \"convention\", status = \"disputed\", grade = \"B\" }\nsteps = [[0, \"low\"], [1.5, \"high\"]]\n\n[[bands]]\nid = \"site-2020\"\nscales = [\"balance\"]\nbasis = { source = \"site\", origin = \"convention\", grade = \"B\" }\nsteps = [[0.333333, \"less\"], [1, \"more\"]]\n";
    edited(BASE, &[(one, two)])
}

fn edited(text: &str, edits: &[(&str, &str)]) -> String {
    let mut text = text.to_owned();
    for (from, to) in edits {
        assert_eq!(text.matches(from).count(), 1, "the edit of {from:?} is not to one place");
        text = text.replacen(from, to, 1);
    }
    text
}

/// The line, from 1, on which `needle` stands first; 0 for no line at all.
fn line_of(text: &str, needle: &str) -> usize {
    let Some(at) = text.find(needle) else { return 0 };
    1 + text[..at].matches('\n').count()
}

/// Edits, and for each finding: text on the line it must name (empty: none), and its words.
type Case = (&'static [(&'static str, &'static str)], &'static [(&'static str, &'static str)]);

const CASES: &[Case] = &[
    // The text itself.
    (
        &[("title = \"A week\"\n", "title = \"A week\"\ntitel = \"A week\"\n")],
        &[(
            "",
            "TOML parse error at line 5, column 1\n  |\n5 | titel = \"A week\"\n  | ^^^^^\nunknown field `titel`, expected one of `format`, `id`, `version`, `title`, `edition`, `year`, `authors`, `measures`, `population`, `loinc`, `cautions`, `order`, `licence`, `sources`, `responses`, `form`, `scales`, `bands`, `criteria`, `norms`, `changes`, `variants`",
        )],
    ),
    (
        &[("title = \"A week\"\n", "")],
        &[(
            "",
            "TOML parse error at line 1, column 1\n  |\n1 | format = 1\n  | ^\nmissing field `title`",
        )],
    ),
    (
        &[("needs = 1", "needs = -1")],
        &[(
            "",
            "TOML parse error at line 43, column 21\n   |\n43 | missing = { needs = -1, basis = { source = \"book\", origin = \"author\", grade = \"A\" } }\n   |                     ^^\ninvalid value: integer `-1`, expected u32",
        )],
    ),
    (
        &[("edition = \"first\"", "edition = \"first\"\nedition = \"second\"")],
        &[(
            "",
            "TOML parse error at line 6, column 1\n  |\n6 | edition = \"second\"\n  | ^^^^^^^\nduplicate key",
        )],
    ),
    (
        &[("format = 1", "format = 2")],
        &[(
            "format",
            "format: format 2 is not known to this version of the crate; it reads format 1",
        )],
    ),
    // A later format may have other keys: its number says more than the first of them.
    (
        &[("format = 1", "format = 2 # later\nmeans = []")],
        &[("", "format 2 is not known to this version of the crate; it reads format 1")],
    ),
    // The header.
    (
        &[("id = \"week\"", "id = \"Week 1\"")],
        &[(
            "id = ",
            "id: `Week 1` is no id; write lower-case letters and digits joined by single hyphens, at most 60 characters",
        )],
    ),
    (
        &[("version = \"1.0.0\"", "version = \"1.0\"")],
        &[("version", "version: `1.0` is no version; write major.minor.patch, such as 1.0.0")],
    ),
    (
        &[("title = \"A week\"", "title = \" \"")],
        &[("title", "title: is empty; write what it is called")],
    ),
    (
        &[("edition = \"first\"", "edition = \"\"")],
        &[("edition", "edition: is empty; write what it is called")],
    ),
    (
        &[("authors = [\"Nobody\"]", "authors = []")],
        &[("authors", "authors: is empty; name the authors")],
    ),
    (
        &[("measures = [\"fatigue\"]", "measures = []")],
        &[("measures", "measures: is empty; name what is measured")],
    ),
    (
        &[("checked = \"2026-01-31\"", "checked = \"2026-13-31\"")],
        &[("checked", "licence.checked: `2026-13-31` is no date; write YYYY-MM-DD")],
    ),
    // What the class of the terms implies.
    (
        &[
            ("class = \"public-domain\"", "class = \"permission\""),
            (
                "ask-first-for = []",
                "ask-first-for = [\"research\"]\nfree-for = [\"clinical\", \"research\"]",
            ),
        ],
        &[(
            "free-for",
            "licence.free-for: `research` is both free and to be asked for; name it in one of the two lists",
        )],
    ),
    (
        &[("ask-first-for = []", "free-for = [\"research\"]")],
        &[(
            "free-for",
            "licence.free-for: class `public-domain` does not ask for `research`, so `free-for` has nothing to allow; remove it, or name the class that the terms have",
        )],
    ),
    (
        &[("ask-first-for = []", "ask-first-for = [\"research\"]")],
        &[(
            "ask-first-for",
            "licence.ask-first-for: class `public-domain` has no holder to ask; remove the list, or name the class that the terms have",
        )],
    ),
    (
        &[("terms = \"free to use\"", "terms = \"\"")],
        &[("terms", "licence.terms: is empty; say it in a few words")],
    ),
    (
        &[(
            "book = { title = \"A book\" }",
            "book = { title = \"A book\" }\nlost = { authors = \"Somebody\", year = 1999, doi = \" \" }",
        )],
        &[(
            "lost",
            "sources.lost: names no `doi`, `isbn`, `url` or `title` that a reader could look up",
        )],
    ),
    // Ids.
    (
        &[("{ id = \"7\"", "{ id = \"row\"")],
        &[("\"row\"", "form.items[6 row].id: `row` is reserved; choose another id")],
    ),
    (
        &[("id = \"some\"", "id = \"3\"")],
        &[(
            "id = \"3\"\nof",
            "criteria[2 3].id: `3` is already the id of an item; ids are unique in a file",
        )],
    ),
    (
        &[
            ("id = \"people\"", "id = \"people\"\n# same\n"),
            (
                "[[changes]]",
                "[[norms]]\nid = \"people\"\nscale = \"tired\"\npopulation = \"all\"\nsem = 1\nbasis = { source = \"book\", origin = \"author\", grade = \"A\" }\n\n[[changes]]",
            ),
        ],
        &[(
            "id = \"people\"\nscale",
            "norms[1 people].id: `people` is already the id of a norm; ids are unique in a file",
        )],
    ),
    (
        &[("[2, \"rough\"]", "[2, \"calm\"]")],
        &[(
            "[2, \"calm\"]",
            "bands[0 book-2000].steps[1]: `calm` is already the id of a band of the set; ids are unique in a file",
        )],
    ),
    (
        &[("id = \"book-2000\"", "id = \"site-2020\"")],
        &[(
            "id = \"site-2020\"\nscales = [\"tired\"]\nbasis",
            "bands[1 site-2020].id: `site-2020` is already the id of a set of the same scale; ids are unique in a file",
        )],
    ),
    // Response sets.
    (
        &[("[2, \"always\"]]", "[251, \"always\"]]")],
        &[(
            "often = {",
            "responses.often.options[2]: code 251 is outside 0 to 250, which is all that a response may use",
        )],
    ),
    (
        &[("range = [0, 4], labels", "range = [-1, 4], labels")],
        &[(
            "line = {",
            "responses.line.range: code -1 is outside 0 to 250, which is all that a response may use",
        )],
    ),
    (
        &[("[2, \"always\"]]", "[1, \"always\"]]")],
        &[("often = {", "responses.often.options[2]: code 1 occurs twice in the response set")],
    ),
    (
        &[("[2, \"always\"]]", "[2, \" Never\"]]")],
        &[(
            "often = {",
            "responses.often.options[2]: label ` Never` occurs twice in the response set, so an export of labels could not be read",
        )],
    ),
    (
        &[("not-applicable = \"none of it\"", "not-applicable = \"Little\"")],
        &[(
            "much = {",
            "responses.much.not-applicable: label `Little` occurs twice in the response set, so an export of labels could not be read",
        )],
    ),
    (
        &[("not-applicable = \"none of it\"", "not-applicable = \"\"")],
        &[("much = {", "responses.much.not-applicable: is empty; write a label")],
    ),
    (
        &[("[4, \"most\"]]", "[4, \"most\"], [5, \"more\"]]")],
        &[(
            "line = {",
            "responses.line.labels[2]: code 5 is not in the response set; its codes are 0 to 4",
        )],
    ),
    (
        &[("[4, \"most\"]]", "[4, \"most\"], [4, \"more\"]]")],
        &[("line = {", "responses.line.labels[2]: code 4 occurs twice in the response set")],
    ),
    (
        &[("line = { range = [0, 4], ", "line = { options = [[0, \"x\"]], range = [0, 4], ")],
        &[(
            "line = {",
            "responses.line: a response set has either `options` or a `range` [lowest, highest]",
        )],
    ),
    (
        &[(
            "line = { range = [0, 4], labels = [[0, \"none\"], [4, \"most\"]] }",
            "line = { range = [4, 4] }",
        )],
        &[("line = {", "responses.line: is empty; an item offers at least two answers")],
    ),
    // The form.
    (
        &[("[form]\nresponses = \"often\"", "[form]")],
        &[
            (
                "{ id = \"1\"",
                "form.items[0 1]: names no response set, and the form has none for all",
            ),
            (
                "{ id = \"2\"",
                "form.items[1 2]: names no response set, and the form has none for all",
            ),
            (
                "{ id = \"4\"",
                "form.items[3 4]: names no response set, and the form has none for all",
            ),
            (
                "{ id = \"7\"",
                "form.items[6 7]: names no response set, and the form has none for all",
            ),
        ],
    ),
    (
        &[("[form]\nresponses = \"often\"", "[form]\nresponses = \"oft\"")],
        &[(
            "responses = \"oft\"",
            "form.responses: `oft` names no response set; known: `line`, `much`, `often`",
        )],
    ),
    (
        &[("topic = \"worry\", responses = \"line\"", "topic = \"worry\", responses = \"lines\"")],
        &[(
            "\"lines\"",
            "form.items[2 3].responses: `lines` names no response set; known: `line`, `much`, `often`",
        )],
    ),
    (
        &[("topic = \"rest\"", "topic = \"\"")],
        &[(
            "{ id = \"1\"",
            "form.items[0 1].topic: topic `` is empty; write one to five words of your own, never the questionnaire's sentence",
        )],
    ),
    (
        &[("topic = \"rest\"", "topic = \"rest over the whole last week\"")],
        &[(
            "{ id = \"1\"",
            "form.items[0 1].topic: topic `rest over the whole last week` is too long; write one to five words of your own, never the questionnaire's sentence",
        )],
    ),
    (
        &[("topic = \"rest\"", "topic = \"rested?\"")],
        &[(
            "{ id = \"1\"",
            "form.items[0 1].topic: topic `rested?` has the punctuation of a sentence; write one to five words of your own, never the questionnaire's sentence",
        )],
    ),
    (
        &[("topic = \"rest\"", "topic = \"my rest\"")],
        &[(
            "{ id = \"1\"",
            "form.items[0 1].topic: topic `my rest` speaks in a person's voice; write one to five words of your own, never the questionnaire's sentence",
        )],
    ),
    (
        &[(", unscored = true", "")],
        &[(
            "{ id = \"7\"",
            "form.items[6 7]: no scale, criterion or gate uses it; add it to a scale or mark it `unscored = true`",
        )],
    ),
    (
        &[("topic = \"rest\"", "topic = \"rest\", unscored = true")],
        &[("{ id = \"1\"", "form.items[0 1]: is marked `unscored` but scale `tired` uses it")],
    ),
    (
        &[("when = \"1 = 0\"", "when = \"5 = 0\"")],
        &[(
            "\"5 = 0\"",
            "form.items[3 4].implied.when: `5 = 0` is no test on an earlier item; write for example \"gate = 0\"",
        )],
    ),
    (
        &[("when = \"1 = 0\"", "when = \"1 = 9\"")],
        &[("\"1 = 9\"", "form.items[3 4].implied.when: `1 = 9` never holds, whatever is answered")],
    ),
    (
        &[("code = 2 }", "code = 3 }")],
        &[(
            "code = 3",
            "form.items[3 4].implied.code: code 3 is not in the response set; its codes are 0, 1, 2",
        )],
    ),
    (
        &[(
            "{ id = \"5\", topic = \"effort\", responses = \"much\" }",
            "{ id = \"5\", topic = \"effort\", responses = \"much\", implied = { when = \"4 = 0\", code = 1 } }",
        )],
        &[(
            "\"4 = 0\"",
            "form.items[4 5].implied.when: `4 = 0` is no test on an earlier item; write for example \"gate = 0\"",
        )],
    ),
    // Scales.
    (
        &[("sum = [\"1\", \"2\"]", "sum = [\"1\", \"2\"]\nmean = [\"1\"]")],
        &[(
            "[[scales]]\nid = \"tired\"",
            "scales[0 tired]: has sum and mean; a scale has exactly one of `sum`, `mean`, `ratio`, `from`",
        )],
    ),
    (
        &[("sum = [\"6\"]\n", "")],
        &[(
            "[[scales]]\nid = \"reward\"",
            "scales[3 reward]: has no verb; a scale has exactly one of `sum`, `mean`, `ratio`, `from`",
        )],
    ),
    (
        &[("times = 2\n", "")],
        &[(
            "[[scales]]\nid = \"twice\"",
            "scales[5 twice]: `from` needs exactly one of `times` and `table`, and they need `from`",
        )],
    ),
    (
        &[("times = 2\n", "times = 2\nerror = [1]\n")],
        &[(
            "[[scales]]\nid = \"twice\"",
            "scales[5 twice]: `from` needs exactly one of `times` and `table`, and they need `from`",
        )],
    ),
    (
        &[("sum = [\"5\"]", "sum = []")],
        &[("sum = []", "scales[2 effort].sum: is empty; name the items of the scale")],
    ),
    (
        &[("sum = [\"5\"]", "sum = [\"five\"]")],
        &[(
            "\"five\"",
            "scales[2 effort].sum[0]: `five` names no item or scale; known: `all-of-it`, `balance`, `effort`, `metric`, `reward`, `tired`, `twice`, `worried`, `1`, `2`, `3`, `4` and 3 more",
        )],
    ),
    (
        &[("sum = [\"tired\", \"5\"]", "sum = [\"tired\", \"5\", \"2\"]")],
        &[("\"2\"]\nrange = [1, 7]", "scales[7 all-of-it].sum[2]: `2` occurs twice in the scale")],
    ),
    (
        &[("sum = [\"tired\", \"5\"]", "sum = [\"twice\", \"5\"]")],
        &[(
            "\"twice\", \"5\"",
            "scales[7 all-of-it].sum[0]: `twice` is itself transformed; sums and means are made of items, or of scales of items",
        )],
    ),
    (
        &[("from = \"tired\"\ntimes", "from = \"metric\"\ntimes")],
        &[(
            "from = \"metric\"",
            "scales[5 twice].from: `metric` is itself transformed; ratio and from build on a sum or a mean",
        )],
    ),
    (
        &[("from = \"tired\"\ntable", "from = \"worried\"\ntable")],
        &[(
            "from = \"worried\"",
            "scales[6 metric].from: `worried` is itself transformed; a table has one entry per integer of a sum",
        )],
    ),
    (
        &[
            ("sum = [\"5\"]", "sum = [\"all-of-it\"]"),
            ("sum = [\"tired\", \"5\"]", "mean = [\"tired\", \"effort\"]"),
        ],
        &[(
            "[[scales]]\nid = \"effort\"",
            "scales[2 effort]: goes round in a circle: effort -> all-of-it -> effort",
        )],
    ),
    (
        &[
            (
                "{ id = \"4\", topic = \"help\", implied = { when = \"1 = 0\", code = 2 } }",
                "{ id = \"4\", topic = \"help\", responses = \"gap\" }",
            ),
            (
                "line = {",
                "gap = { options = [[0, \"no\"], [1, \"some\"], [4, \"much\"]] }\nline = {",
            ),
            ("recode = { \"4\" = [0, 1, 4] }", "reverse = [\"4\"]"),
        ],
        &[(
            "reverse = [\"4\"]",
            "scales[1 worried].reverse[0]: reversing `4` turns code 1 into 3, which is no code of its response set; use `recode`",
        )],
    ),
    (
        &[("recode = { \"4\" = [0, 1, 4] }", "recode = { \"4\" = [0, 1, 4] }\nreverse = [\"4\"]")],
        &[(
            "[[scales]]\nid = \"worried\"",
            "scales[1 worried]: `4` is both reversed and recoded; say it once",
        )],
    ),
    (
        &[("\"4\" = [0, 1, 4]", "\"4\" = [0, 1]")],
        &[("\"4\" = [0, 1]", "scales[1 worried].recode.4: 2 values for 3 response options of `4`")],
    ),
    (
        &[("\"4\" = [0, 1, 4]", "\"4\" = [0, 1, 10001]")],
        &[("10001", "scales[1 worried].recode.4: 10001 is outside -10000 to 10000")],
    ),
    (
        &[("\"4\" = [0, 1, 4]", "\"4\" = [0, 1, -9223372036854775808]")],
        &[(
            "-9223372036854775808",
            "scales[1 worried].recode.4: -9223372036854776000 is outside -10000 to 10000",
        )],
    ),
    (
        &[("reverse = [\"2\"]", "reverse = [\"3\"]")],
        &[(
            "reverse = [\"3\"]",
            "scales[0 tired].reverse[0]: `3` names no item of this scale; known: `1`, `2`",
        )],
    ),
    (
        &[("reverse = [\"2\"]", "reverse = [\"2\", \"2\"]")],
        &[(
            "reverse = [\"2\", \"2\"]",
            "scales[0 tired].reverse[1]: `2` occurs twice in the scale",
        )],
    ),
    // Reversing a scale inside a sum would have been read and done nothing.
    (
        &[("sum = [\"tired\", \"5\"]", "sum = [\"tired\", \"5\"]\nreverse = [\"tired\"]")],
        &[(
            "reverse = [\"tired\"]",
            "scales[7 all-of-it].reverse[0]: `tired` names no item of this scale; known: `5`",
        )],
    ),
    (
        &[("recode = { \"4\" = [0, 1, 4] }", "recode = { \"4\" = [0, 1, 4], \"5\" = [0, 0, 0] }")],
        &[(
            "recode",
            "scales[1 worried].recode.5: `5` names no item of this scale; known: `3`, `4`",
        )],
    ),
    (
        &[("range = [0, 8]", "range = [0, 9]")],
        &[(
            "range = [0, 9]",
            "scales[5 twice].range: declared range 0 to 9, but the key gives 0 to 8",
        )],
    ),
    (
        &[("range = [0.333333, 3]", "range = [0.3333, 3]")],
        &[(
            "range = [0.3333, 3]",
            "scales[4 balance].range: declared range 0.3333 to 3, but the key gives 0.3333333333333333 to 3",
        )],
    ),
    (
        &[("needs = 1", "needs = 3")],
        &[("needs = 3", "scales[0 tired].missing.needs: needs 3 answers of 2 items; write 1 to 2")],
    ),
    (
        &[("needs = 1", "needs = 0")],
        &[("needs = 0", "scales[0 tired].missing.needs: needs 0 answers of 2 items; write 1 to 2")],
    ),
    (
        &[(
            "missing = { needs = 1, basis = { source = \"book\", origin = \"author\", grade = \"A\" } }",
            "missing = { needs = 1 }",
        )],
        &[(
            "needs = 1",
            "scales[0 tired].missing: no `basis`: every number names its source, origin and grade",
        )],
    ),
    (
        &[(
            "recode = { \"4\" = [0, 1, 4] }\nrange = [0, 4]",
            "range = [0, 3]\nmissing = { needs = 1, basis = { source = \"book\", origin = \"author\", grade = \"A\" } }",
        )],
        &[(
            "needs = 1, basis = { source = \"book\", origin = \"author\", grade = \"A\" } }\ndirection = \"higher-is-worse\"\nnot",
            "scales[1 worried].missing: its items do not all count over the same range, so some cannot stand for the others; leave `missing` out",
        )],
    ),
    (
        &[("times = 2\n", "times = 2\nnot-applicable = \"drop\"\n")],
        &[(
            "[[scales]]\nid = \"twice\"",
            "scales[5 twice]: a rule for missing answers belongs to the scale that has the items",
        )],
    ),
    (
        &[
            (
                "much = { options = [[1, \"little\"], [2, \"some\"], [3, \"much\"]]",
                "much = { options = [[0, \"little\"], [2, \"some\"], [3, \"much\"]]",
            ),
            ("sum = [\"5\"]\nrange = [1, 3]", "sum = [\"5\"]\nrange = [0, 3]"),
            ("sum = [\"6\"]\nrange = [1, 3]", "sum = [\"6\"]\nrange = [0, 3]"),
            ("range = [1, 7]", "range = [0, 7]"),
            ("5 != 1", "5 != 0"),
        ],
        &[(
            "ratio",
            "scales[4 balance].ratio[1]: an item of this scale can count 0; in a ratio it must count 1 or more",
        )],
    ),
    (
        &[("ratio = [\"effort\", \"reward\"]", "ratio = [\"effort\", \"effort\"]")],
        &[("ratio", "scales[4 balance].ratio: `5` occurs twice in the scale")],
    ),
    (
        &[("times = 2\n", "times = -2\n")],
        &[(
            "times = -2",
            "scales[5 twice].times: `times` is -2; it must be above 0 and at most 10000",
        )],
    ),
    (
        &[("times = 2\n", "times = nan\n")],
        &[(
            "times = nan",
            "scales[5 twice].times: NaN is no finite number that a file may hold (at most a million, at most six decimals)",
        )],
    ),
    (
        &[("table = [10, 20, 30, 40, 50]", "table = [10, 20, 30, 40]")],
        &[("table = ", "scales[6 metric].table: 4 entries for the 5 integers 0 to 4 of `tired`")],
    ),
    (
        &[("error = [1, 1, 1, 1, 2.5]", "error = [1]")],
        &[("error = ", "scales[6 metric].error: 1 entries for the 5 integers 0 to 4 of `tired`")],
    ),
    (
        &[("error = [1, 1, 1, 1, 2.5]", "error = [1, 1, 1, 1, -2.5]")],
        &[("error = ", "scales[6 metric].error[4]: -2.5 is outside 0 to 1000000")],
    ),
    (
        &[("table = [10, 20, 30, 40, 50]", "table = [10, 20, 20, 40, 50]")],
        &[(
            "table = ",
            "scales[6 metric].table[2]: entry 20 breaks the order of the table after 20; a conversion table only rises or only falls",
        )],
    ),
    (
        &[("table = [10, 20, 30, 40, 50]", "table = [50, 20, 30, 40, 10]")],
        &[
            (
                "table = ",
                "scales[6 metric].table[2]: entry 30 breaks the order of the table after 20; a conversion table only rises or only falls",
            ),
            (
                "table = ",
                "scales[6 metric].table[3]: entry 40 breaks the order of the table after 30; a conversion table only rises or only falls",
            ),
        ],
    ),
    (
        &[("only-in = \"long\"", "only-in = \"longer\"")],
        &[("\"longer\"", "scales[7 all-of-it].only-in: `longer` names no variant; known: `long`")],
    ),
    // What a number rests on.
    (
        &[("grade = \"B+\"", "grade = \"C+\"")],
        &[(
            "grade = \"C+\"",
            "scales[1 worried].basis.grade: grade `C+` does not ship; find a primary source (A) or a secondary one (B), or leave the number out and say so in a comment",
        )],
    ),
    (
        &[("grade = \"B+\"", "grade = \"good\"")],
        &[(
            "grade = \"good\"",
            "scales[1 worried].basis.grade: `good` is no grade; write `A` or `B`, or `own` for a key that you made yourselves",
        )],
    ),
    // Our own key may stand on us alone; what it says about people may not.
    (
        &[
            ("grade = \"B+\"", "grade = \"own\""),
            ("status = \"disputed\", grade = \"B\"", "grade = \"own\""),
        ],
        &[(
            "origin = \"convention\", grade = \"own\"",
            "bands[1 site-2020].basis.grade: grade `own` cannot carry this: bands, criteria, norms and changes say something about people; name a study of grade `A` or `B`, or leave it out",
        )],
    ),
    (
        &[("sensitivity = 0.9", "sensitivity = 90")],
        &[("sensitivity = 90", "bands[0 book-2000].basis.sensitivity: 90 is outside 0 to 1")],
    ),
    (
        &[(
            "basis = { source = \"book\", origin = \"author\", grade = \"B+\" }",
            "basis = { source = \"boook\", origin = \"author\", grade = \"A\" }",
        )],
        &[(
            "\"boook\"",
            "scales[1 worried].basis.source: `boook` names no source; known: `book`, `site`",
        )],
    ),
    (
        &[(
            "all = [\"weary\", \"tired >= 3\"]\nbasis = { source = \"book\", origin = \"author\", grade = \"A\" }",
            "all = [\"weary\", \"tired >= 3\"]",
        )],
        &[(
            "[[criteria]]\nid = \"positive\"",
            "criteria[1 positive]: no `basis`: every number names its source, origin and grade",
        )],
    ),
    // Bands.
    (
        &[("[0, \"calm\"], ", "[1, \"calm\"], ")],
        &[(
            "scales = [\"tired\"]\ndefault",
            "bands[0 book-2000].scales[0]: the first edge is 1, but the scale begins at 0",
        )],
    ),
    (
        &[("[0.333333, \"less\"]", "[0.33, \"less\"]")],
        &[(
            "scales = [\"balance\"]",
            "bands[2 site-2020].scales[0]: the first edge is 0.33, but the scale begins at 0.3333333333333333",
        )],
    ),
    (
        &[("[2, \"rough\"], [4, \"storm\"]", "[4, \"rough\"], [2, \"storm\"]")],
        &[("[4, \"rough\"]", "bands[0 book-2000].steps[2]: edge 2 does not rise above 4")],
    ),
    (
        &[("[4, \"storm\"]", "[5, \"storm\"]")],
        &[(
            "scales = [\"tired\"]\ndefault",
            "bands[0 book-2000].scales[0]: no sheet reaches band `storm` (from 5 up)",
        )],
    ),
    (
        &[("[2, \"rough\"], [4, \"storm\"]", "[2.2, \"rough\"], [2.8, \"storm\"]")],
        &[(
            "scales = [\"tired\"]\ndefault",
            "bands[0 book-2000].scales[0]: no sheet reaches band `rough` (from 2.2 up)",
        )],
    ),
    (
        &[("[2, \"rough\"]", "[2.0000001, \"rough\"]")],
        &[(
            "2.0000001",
            "bands[0 book-2000].steps[1]: 2.0000001 is no finite number that a file may hold (at most a million, at most six decimals)",
        )],
    ),
    (
        &[("[2, \"rough\"]", "[inf, \"rough\"]")],
        &[(
            "inf",
            "bands[0 book-2000].steps[1]: inf is no finite number that a file may hold (at most a million, at most six decimals)",
        )],
    ),
    (
        &[("steps = [[0, \"calm\"], [2, \"rough\"], [4, \"storm\"]]", "steps = []")],
        &[("steps = []", "bands[0 book-2000].steps: is empty; write the bands")],
    ),
    (
        &[("scales = [\"tired\"]\ndefault", "scales = [\"tired\", \"tired\"]\ndefault")],
        &[(
            "scales = [\"tired\", \"tired\"]",
            "bands[0 book-2000].scales[1]: scale `tired` is listed twice",
        )],
    ),
    (
        &[
            ("status = \"disputed\"", "status = \"current\""),
            ("steps = [[0, \"low\"]", "default = true\nsteps = [[0, \"low\"]"),
        ],
        &[(
            "default = true\nsteps",
            "bands[1 site-2020].default: scale `tired` already has the default set `book-2000`",
        )],
    ),
    (
        &[(
            "default = true\nbasis = { source = \"book\", origin = \"author\", grade = \"A\", ",
            "default = true\nbasis = { source = \"book\", origin = \"author\", grade = \"A\", status = \"deprecated\", ",
        )],
        &[("default = true", "bands[0 book-2000].default: a deprecated set cannot be the default")],
    ),
    // Criteria.
    (
        &[("all = [\"weary\", \"tired >= 3\"]", "all = [\"weary\"]\nany = [\"tired >= 3\"]")],
        &[(
            "[[criteria]]\nid = \"positive\"",
            "criteria[1 positive]: has all and any; a criterion has exactly one of `all`, `any`, `none`, or `of` with `at-least` or `at-most`",
        )],
    ),
    (
        &[("all = [\"weary\", \"tired >= 3\"]\n", "")],
        &[(
            "[[criteria]]\nid = \"positive\"",
            "criteria[1 positive]: has none; a criterion has exactly one of `all`, `any`, `none`, or `of` with `at-least` or `at-most`",
        )],
    ),
    (
        &[("at-least = 1\nat-most = 2\n", "")],
        &[(
            "[[criteria]]\nid = \"some\"",
            "criteria[2 some]: has `of` without counts; a criterion has exactly one of `all`, `any`, `none`, or `of` with `at-least` or `at-most`",
        )],
    ),
    (
        &[("all = [\"weary\", \"tired >= 3\"]", "all = [\"weary\", \"tired >= 3\"]\nat-least = 1")],
        &[(
            "[[criteria]]\nid = \"positive\"",
            "criteria[1 positive]: has counts without `of`; a criterion has exactly one of `all`, `any`, `none`, or `of` with `at-least` or `at-most`",
        )],
    ),
    (
        &[("at-least = 1\nat-most = 2\n", "at-most = 3\n")],
        &[(
            "[[criteria]]\nid = \"some\"",
            "criteria[2 some]: counts from 0 to 3 of 3 tests can always or never hold",
        )],
    ),
    (
        &[("at-least = 1\nat-most = 2\n", "at-least = 4\n")],
        &[(
            "[[criteria]]\nid = \"some\"",
            "criteria[2 some]: counts from 4 to 3 of 3 tests can always or never hold",
        )],
    ),
    (
        &[("all = [\"weary\", \"tired >= 3\"]", "all = [\"weary\", \"tired\"]")],
        &[(
            "all = ",
            "criteria[1 positive].all[1]: `tired` is no test; write \"<item or scale> <op> <number>\" with >=, >, <=, <, = or !=, or another criterion's id",
        )],
    ),
    (
        &[("all = [\"weary\", \"tired >= 3\"]", "all = [\"weary\", \"1 >= 1.5\"]")],
        &[(
            "all = ",
            "criteria[1 positive].all[1]: `1 >= 1.5` is no test; write \"<item or scale> <op> <number>\" with >=, >, <=, <, = or !=, or another criterion's id",
        )],
    ),
    (
        &[("all = [\"weary\", \"tired >= 3\"]", "all = [\"weary\", \"tired >= 1e400\"]")],
        &[(
            "all = ",
            "criteria[1 positive].all[1]: `tired >= 1e400` is no test; write \"<item or scale> <op> <number>\" with >=, >, <=, <, = or !=, or another criterion's id",
        )],
    ),
    (
        &[("all = [\"weary\", \"tired >= 3\"]", "all = [\"weary\", \"tyred >= 3\"]")],
        &[(
            "all = ",
            "criteria[1 positive].all[1]: `tyred` names no item or scale; known: `all-of-it`, `balance`, `effort`, `metric`, `reward`, `tired`, `twice`, `worried`, `1`, `2`, `3`, `4` and 3 more",
        )],
    ),
    (
        &[("all = [\"weary\", \"tired >= 3\"]", "all = [\"weary\", \"tired = 3\"]")],
        &[(
            "all = ",
            "criteria[1 positive].all[1]: `tired = 3` tests a scale for equality; use >=, >, <= or <",
        )],
    ),
    (
        &[("all = [\"weary\", \"tired >= 3\"]", "all = [\"weary\", \"tired <= 4\"]")],
        &[(
            "all = ",
            "criteria[1 positive].all[1]: `tired <= 4` always holds, whatever is answered",
        )],
    ),
    (
        &[("any = [\"1 >= 2\", \"2 = 0\"]", "any = [\"1 >= 2\", \"2 = 3\"]")],
        &[("any = ", "criteria[0 weary].any[1]: `2 = 3` never holds, whatever is answered")],
    ),
    (
        &[("any = [\"1 >= 2\", \"2 = 0\"]", "any = []")],
        &[("any = []", "criteria[0 weary].any: is empty; write at least one test")],
    ),
    (
        &[("any = [\"1 >= 2\", \"2 = 0\"]", "any = [\"1 >= 2\", \"positive\"]")],
        &[(
            "[[criteria]]\nid = \"weary\"",
            "criteria[0 weary]: goes round in a circle: weary -> positive -> weary",
        )],
    ),
    // Norms, changes, variants.
    (
        &[(
            "mean = 2\nsd = 1\nreliability = [{ kind = \"alpha\", value = 0.8, source = \"site\" }]\n",
            "",
        )],
        &[(
            "[[norms]]",
            "norms[0 people]: a norm needs at least one of `mean`, `sd`, `sem` and `reliability`",
        )],
    ),
    (
        &[("sd = 1", "sd = 0")],
        &[("sd = 0", "norms[0 people].sd: 0 is outside 0.000001 to 1000000")],
    ),
    (
        &[("value = 0.8", "value = 1")],
        &[("value = 1", "norms[0 people].reliability[0].value: 1 is outside 0.000001 to 0.999999")],
    ),
    (&[("n = 100", "n = 1")], &[("n = 1", "norms[0 people].n: 1 is outside 2 to 4294967295")]),
    (
        &[("scale = \"tired\"\npopulation", "scale = \"weary\"\npopulation")],
        &[(
            "scale = \"weary\"",
            "norms[0 people].scale: `weary` names no scale; known: `all-of-it`, `balance`, `effort`, `metric`, `reward`, `tired`, `twice`, `worried`",
        )],
    ),
    (
        &[("points = 1", "points = inf")],
        &[("points", "changes[0].points: inf is outside 0.000001 to 1000000")],
    ),
    (
        &[("scales = [\"tired\", \"all-of-it\"]", "scales = [\"tired\"]")],
        &[(
            "scales = [\"tired\"]\nbasis = { source = \"book\", origin = \"author\", grade = \"A\" }\n",
            "variants[0 long].scales: scale `all-of-it` says `only-in = \"long\"` but the variant does not list it",
        )],
    ),
    (
        &[(
            "scales = [\"tired\", \"all-of-it\"]",
            "scales = [\"all-of-it\", \"tired\", \"all-of-it\"]",
        )],
        &[(
            "scales = [\"all-of-it\"",
            "variants[0 long].scales[2]: scale `all-of-it` is listed twice",
        )],
    ),
    // One slip, one finding: what hangs on it is not said again.
    (
        &[(
            "{ id = \"2\", topic = \"sleep\" }",
            "{ id = \"2\", topic = \"sleep\", responses = \"nothing\" }",
        )],
        &[(
            "\"nothing\"",
            "form.items[1 2].responses: `nothing` names no response set; known: `line`, `much`, `often`",
        )],
    ),
    (
        &[(
            "{ id = \"1\", topic = \"rest\" }",
            "{ id = \"1\", topic = \"rest\", responses = \"nothing\" }",
        )],
        &[(
            "\"nothing\"",
            "form.items[0 1].responses: `nothing` names no response set; known: `line`, `much`, `often`",
        )],
    ),
    (
        &[("sum = [\"1\", \"2\"]", "sum = [\"1\", \"two\"]\n")],
        &[
            (
                "\"two\"",
                "scales[0 tired].sum[1]: `two` names no item or scale; known: `all-of-it`, `balance`, `effort`, `metric`, `reward`, `tired`, `twice`, `worried`, `1`, `2`, `3`, `4` and 3 more",
            ),
            (
                "reverse = [\"2\"]",
                "scales[0 tired].reverse[0]: `2` names no item of this scale; known: `1`",
            ),
        ],
    ),
];

fn variant_name(defect: &Defect) -> String {
    let debug = format!("{defect:?}");
    debug.split([' ', '{', '(']).next().unwrap().to_owned()
}

#[test]
fn the_definition_that_the_cases_spoil_is_in_order() {
    let findings = instrument::lint(&base());
    assert!(findings.is_empty(), "{}", findings[0]);
    Instrument::parse(&base()).unwrap();
}

#[test]
fn every_finding_has_its_exact_words_and_line() {
    let mut wrong = Vec::new();
    for (edits, expected) in CASES {
        let text = edited(&base(), edits);
        let found: Vec<String> = instrument::lint(&text).iter().map(ToString::to_string).collect();
        let expected: Vec<String> = expected
            .iter()
            .map(|(needle, words)| match *needle {
                "" => (*words).to_owned(),
                needle => format!("line {}, {words}", line_of(&text, needle)),
            })
            .collect();
        if found != expected {
            wrong.push(format!("{edits:?}\n  found    {found:#?}\n  expected {expected:#?}"));
        }
        let error = Instrument::parse_named("week.toml", &text).unwrap_err();
        let s = if found.len() == 1 { "" } else { "s" };
        let whole = format!("week.toml: {} finding{s}", found.len());
        assert_eq!(error.to_string(), [vec![whole], found].concat().join("\n  "));
        assert_eq!(error.file(), "week.toml");
    }
    assert!(wrong.is_empty(), "{} cases:\n{}", wrong.len(), wrong.join("\n"));
}

/// Findings that take more than an edit.
fn made_cases() -> Vec<(String, &'static str, &'static str)> {
    let deep = |levels: usize| {
        let mut text = base();
        for level in 0..levels {
            let inner =
                if level == 0 { "\"weary\"".to_owned() } else { format!("\"d{}\"", level - 1) };
            text.push_str(&format!(
                "[[criteria]]\nid = \"d{level}\"\nrole = \"step\"\nall = [{inner}, {inner}]\n"
            ));
        }
        text
    };
    let labels = |many: u16| {
        let options: Vec<String> = (0..many).map(|code| format!("[{code}, \"o{code}\"]")).collect();
        let set = format!("[responses]\nlong = {{ options = [{}] }}", options.join(", "));
        edited(&base(), &[("[responses]", &set)])
    };
    let bands = |many: u16| {
        let steps: Vec<String> = (0..many).map(|at| format!("[{at}, \"b{at}\"]")).collect();
        edited(&base(), &[("[0, \"calm\"], [2, \"rough\"], [4, \"storm\"]", &steps.join(", "))])
    };
    let tied: String =
        (1..=13).map(|at| format!("{{ id = \"t{at}\", topic = \"x\" }},\n")).collect();
    let tests =
        |op: &str| (1..=13).map(|at| format!("\"t{at} {op}\"")).collect::<Vec<_>>().join(", ");
    let tied = edited(&base(), &[("items = [\n", &format!("items = [\n{tied}"))])
        + &format!(
            "[[criteria]]\nid = \"knot\"\nof = [{}, {}]\nat-least = 3\nbasis = {{ source = \"book\", origin = \"author\", grade = \"A\" }}\n",
            tests(">= 1"),
            tests(">= 2")
        );
    let many_items: String = (0..1000)
        .map(|at| format!("{{ id = \"m{at}\", topic = \"x\", unscored = true }},\n"))
        .collect();
    let many_sources: String =
        (0..500).map(|at| format!("s{at} = {{ title = \"x\" }}\n")).collect();
    let far = (0..11)
        .fold(String::new(), |far, at| far + &format!("{{ id = \"f{at}\", topic = \"x\" }},\n"));
    let ids = |before: &str, after: &str| {
        (0..11).map(|at| format!("{before}f{at}{after}")).collect::<Vec<_>>().join(", ")
    };
    let far = edited(&base(), &[("items = [\n", &format!("items = [\n{far}"))])
        + &format!(
            "[[scales]]\nid = \"far\"\nsum = [{}]\nrecode = {{ {} }}\nrange = [0, 110000]\ndirection = \"neutral\"\nbasis = {{ source = \"book\", origin = \"author\", grade = \"A\" }}\n",
            ids("\"", "\""),
            ids("", " = [0, 1, 10000]"),
        );
    vec![
        (
            far,
            "[[scales]]\nid = \"far\"",
            "scales[8 far]: its sums could spread or lie as far out as 110000; at most 100000 is allowed",
        ),
        (
            deep(9),
            "[[criteria]]\nid = \"d8\"",
            "criteria[11 d8]: criteria nest 1024 tests deep in all; at most 512 are allowed",
        ),
        (
            tied,
            "[[criteria]]\nid = \"knot\"",
            "criteria[3 knot]: 13 items occur in more than one test (1594323 combinations); at most 12 items and 4096 combinations are allowed, so that missing answers can be judged exactly",
        ),
        (
            labels(252),
            "long = {",
            "responses.long.options: 252 response options; at most 251 are read",
        ),
        (
            bands(251),
            "steps = [[0, \"b0\"]",
            "bands[0 book-2000].steps: 251 bands of a set; at most 250 are read",
        ),
        (
            edited(&base(), &[("items = [\n", &format!("items = [\n{many_items}"))]),
            "",
            "1007 items; at most 1000 are read",
        ),
        (
            edited(&base(), &[("[sources]\n", &format!("[sources]\n{many_sources}"))]),
            "",
            "502 sources; at most 500 are read",
        ),
        (
            base() + &"#".repeat((1 << 20) - base().len() + 1),
            "",
            "1048577 bytes; at most 1048576 are read",
        ),
        (
            edited(
                &base(),
                &[("sum = [\"5\"]", &format!("sum = [{}]", vec!["\"5\""; 1001].join(", ")))],
            ),
            "sum = [\"5\", \"5\"",
            "scales[2 effort].sum: 1001 terms of a scale; at most 1000 are read",
        ),
    ]
}

#[test]
fn findings_about_size_have_their_exact_words() {
    for (text, needle, words) in made_cases() {
        let found: Vec<String> = instrument::lint(&text).iter().map(ToString::to_string).collect();
        let expected = match needle {
            "" => words.to_owned(),
            needle => format!("line {}, {words}", line_of(&text, needle)),
        };
        assert_eq!(found, [expected]);
    }
}

#[test]
fn bytes_that_are_no_text_are_named_as_such() {
    let mut bytes = base().into_bytes();
    bytes[30] = 0xff;
    let error = Instrument::parse_bytes("week.toml", &bytes).unwrap_err();
    assert_eq!(
        error.to_string(),
        "week.toml: 1 finding\n  not UTF-8 from byte 30 on; save the file as UTF-8"
    );
    assert_eq!(error.findings()[0].line(), None);
    assert_eq!(error.findings()[0].place().to_string(), "the file");
}

/// The list of tested variants is complete, or this test says which is missing.
#[test]
fn every_defect_is_tested() {
    let source = std::fs::read_to_string(
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/instrument/finding.rs"),
    )
    .unwrap();
    let body = source.split("pub enum Defect {").nth(1).unwrap().split("\n}").next().unwrap();
    let listed: BTreeSet<String> = body
        .lines()
        .filter(|line| line.starts_with("    ") && line[4..].starts_with(char::is_uppercase))
        .map(|line| line.trim().split([' ', ',', '{', '(']).next().unwrap().to_owned())
        .collect();
    assert!(listed.len() > 50, "{listed:?}");
    let mut tested: BTreeSet<String> = BTreeSet::from(["NotUtf8".to_owned()]);
    let texts = CASES.iter().map(|(edits, _)| edited(&base(), edits));
    for text in texts.chain(made_cases().into_iter().map(|(text, ..)| text)) {
        tested.extend(instrument::lint(&text).iter().map(|finding| variant_name(finding.defect())));
    }
    let missing: Vec<&String> = listed.difference(&tested).collect();
    assert!(missing.is_empty(), "no test for {missing:?}");
}

#[test]
fn all_findings_are_reported_at_once_and_in_any_number() {
    let edits: &[(&str, &str)] = &[
        ("id = \"week\"", "id = \"Week\""),
        ("checked = \"2026-01-31\"", "checked = \"31.1.2026\""),
        ("topic = \"worry\"", "topic = \"I worry\""),
        ("table = [10, 20, 30, 40, 50]", "table = [10, 20, 20, 40, 50]"),
        ("points = 1", "points = -1"),
        ("mean = 2\n", "mean = nan\n"),
        ("all = [\"weary\", \"tired >= 3\"]", "all = [\"weary\", \"tired >= 30\"]"),
    ];
    let text = edited(&base(), edits);
    let names: Vec<String> =
        instrument::lint(&text).iter().map(|finding| variant_name(finding.defect())).collect();
    assert_eq!(
        names,
        [
            "BadId",
            "BadDate",
            "BadTopic",
            "NotMonotone",
            "TestDecidesNothing",
            "OutOfBounds",
            "OutOfBounds"
        ]
    );
    // Each line once, in the order of the checks; and a thousand at most.
    let many: String = (0..1500).map(|at| format!("X{at} = {{ title = \"\" }}\n")).collect();
    let text = edited(&base(), &[("[sources]\n", &format!("[sources]\n{many}"))]);
    assert_eq!(instrument::lint(&text).len(), 1, "the size is said, the rest is not read");
    let many: String = (0..480)
        .map(|at| format!("{{ id = \"X{at}\", topic = \"my own, a long. tale\" }},\n"))
        .collect();
    let text = edited(&base(), &[("items = [\n", &format!("items = [\n{many}"))]);
    assert_eq!(instrument::lint(&text).len(), 1000);
}

/// A line of a finding is the line of the thing itself, in every way of writing TOML.
#[test]
fn lines_hold_for_every_way_of_writing_the_same() {
    for (edits, needle, place) in [
        (
            &[("table = [10, 20, 30, 40, 50]", "table = [\n  10, 20,\n  30, 25,\n  50,\n]")][..],
            "  30, 25",
            "scales[6 metric].table[3]",
        ),
        (
            &[
                ("recode = { \"4\" = [0, 1, 4] }\n", ""),
                (
                    "grade = \"B+\" }\n",
                    "grade = \"B+\" }\n[scales.recode]\n# a remark\n\"4\" = [0, 1]\n",
                ),
            ][..],
            "\"4\" = [0, 1]",
            "scales[1 worried].recode.4",
        ),
        (
            &[(
                "book = { title = \"A book\" }\nsite = { url = \"https://example.org\" }",
                "[sources.site]\nurl = 'https://example.org'\n[sources.book]\nyear = 2000",
            )][..],
            "[sources.book]",
            "sources.book",
        ),
        (&[("holder = \"nobody\"", "holder = \"\"\"\n\"\"\"")][..], "holder", "licence.holder"),
    ] {
        let text = edited(&base(), edits);
        let findings = instrument::lint(&text);
        assert_eq!(findings[0].place().to_string(), place, "{}", findings[0]);
        assert_eq!(findings[0].line(), Some(line_of(&text, needle)), "{}", findings[0]);
        let crlf = text.replace('\n', "\r\n");
        let again = instrument::lint(&crlf);
        assert_eq!(again[0].line(), findings[0].line(), "CRLF");
    }
}

fn sheet(instrument: &Instrument, answers: &str) -> Sheet {
    Sheet::from_text(instrument, answers).unwrap()
}

#[test]
fn errors_about_answers_have_their_exact_words() {
    let week = Instrument::parse(&base()).unwrap();
    let say = |error: straingauge::answers::AnswerError| error.to_string();
    assert_eq!(
        say(week.sheet().answer("8", 1).unwrap_err()),
        "week has no item `8`; its items are 1, 2, 3, 4, 5, 6, 7"
    );
    let cbi = catalog::get("cbi").unwrap();
    assert_eq!(
        say(cbi.sheet().skip("client-7").unwrap_err()),
        "cbi has no item `client-7`; its items are personal-1, personal-2, personal-3, personal-4, personal-5, personal-6, work-1, work-2, work-3, work-4, work-5, work-6 and 7 more"
    );
    assert_eq!(
        say(week.sheet().answer("3", 5).unwrap_err()),
        "item `3` does not offer 5; its codes are 0 to 4. A missing answer is a missing kind, never a number"
    );
    assert_eq!(
        say(week.sheet().answer("5", -99).unwrap_err()),
        "item `5` does not offer -99; its codes are 1, 2, 3. A missing answer is a missing kind, never a number"
    );
    assert_eq!(
        say(Sheet::from_bytes(&week, &[0; 7]).unwrap_err()),
        "item `5` does not offer 0; its codes are 1, 2, 3. A missing answer is a missing kind, never a number"
    );
    let column = [0, 9];
    let table = Columns::new(&week, 2).column("1", &column).unwrap();
    assert_eq!(
        say(week.scorer().score_columns(&table).unwrap_err()),
        "row 2: item `1` does not offer 9; its codes are 0, 1, 2. A missing answer is a missing kind, never a number"
    );
    assert_eq!(
        say(week.scorer().score_row(&[0, 0]).unwrap_err()),
        "2 answers for the 7 items of week; give one for each, in form order"
    );
    assert_eq!(
        say(Sheet::from_text(&week, "0 0").unwrap_err()),
        "2 answers for the 7 items of week; give one for each, in form order"
    );
    assert_eq!(
        say(Columns::new(&week, 3).column("1", &column).unwrap_err()),
        "the column of item `1` has 2 rows, the table 3"
    );
    assert_eq!(
        say(week.score(&cbi.sheet().finish()).unwrap_err()),
        "the sheet is of cbi@1.0.0, not of week@1.0.0"
    );
    assert_eq!(
        say(week.scorer().score_columns(&Columns::new(&cbi, 0)).unwrap_err()),
        "the sheet is of cbi@1.0.0, not of week@1.0.0"
    );
    let stored = r#"{ "instrument": "week", "version": "2.0.0", "answers": {} }"#;
    let record: SheetRecord = serde_json::from_str(stored).unwrap();
    assert_eq!(
        say(Sheet::from_record(&week, &record).unwrap_err()),
        "the sheet is of week@2.0.0, not of week@1.0.0"
    );
    assert_eq!(
        say(Sheet::from_text(&week, "0 0 0 0 1 x 0").unwrap_err()),
        "answer 6 is `x`; write a code, or `.` skipped, `d` declined, `na` not applicable, `-` not asked, `u` unreadable"
    );
}

#[test]
fn errors_about_options_have_their_exact_words() {
    let week = Instrument::parse(&base()).unwrap();
    let say = |options: ScoreOptions| week.scorer_with(&options).unwrap_err().to_string();
    let new = ScoreOptions::new;
    assert_eq!(say(new().variant("short")), "week has no variant `short`; it has long");
    assert_eq!(
        say(new().bands("book-1999")),
        "week has no band set `book-1999`; it has book-2000, site-2020"
    );
    assert_eq!(
        say(new().criterion("negative")),
        "week has no criterion `negative`; it has weary, positive, some"
    );
    assert_eq!(say(new().min_answered(0)), "a scale needs at least 1 answer; 0 was asked for");
    let cbi = catalog::get("cbi").unwrap();
    let error = cbi.scorer_with(&new().variant("short")).unwrap_err();
    assert_eq!(error.to_string(), "cbi has no variant `short`; it has none");
}

#[test]
fn errors_about_the_catalogue_and_versions_have_their_exact_words() {
    let mut ids: Vec<&str> = catalog::VERSIONS.iter().map(|file| file.id()).collect();
    ids.dedup();
    assert_eq!(
        catalog::get("cib").unwrap_err().to_string(),
        format!(
            "no built-in instrument `cib`; built in are {}. Load a file of your own with Instrument::parse",
            ids.join(", ")
        )
    );
    assert_eq!(
        catalog::get("cbi@9.0.0").unwrap_err().to_string(),
        "`cbi` has no version 9.0.0; built in: 1.0.0"
    );
    assert_eq!(
        "1.0".parse::<Version>().unwrap_err().to_string(),
        "`1.0` is no version: write major.minor.patch, such as 1.0.0"
    );
    let load = Instrument::parse_named("mine.toml", "").unwrap_err();
    assert_eq!(catalog::CatalogError::Load(load.clone()).to_string(), load.to_string());
}

#[test]
fn verification_says_what_differs() {
    let week = Instrument::parse(&base()).unwrap();
    let answers = sheet(&week, "2 0 1 1 2 2 0");
    let record = week.score(&answers).unwrap().to_record();
    record.verify(&week, &answers).unwrap();

    let say = |result: Result<(), VerifyError>| result.unwrap_err().to_string();
    let mut other = record.clone();
    other.receipt.instrument = "month".to_owned();
    assert_eq!(
        say(other.verify(&week, &answers)),
        "the sheet is of month@1.0.0, not of week@1.0.0"
    );
    let mut other = record.clone();
    other.receipt.variant = Some("short".to_owned());
    assert_eq!(say(other.verify(&week, &answers)), "week has no variant `short`; it has long");
    let mut other = record.clone();
    other.receipt.min_answered = Some(2);
    let stored = record.receipt.rule("tired").unwrap();
    let current = week.scorer_with(&ScoreOptions::new().min_answered(2)).unwrap();
    assert_eq!(
        say(other.verify(&week, &answers)),
        format!(
            "scale `tired` was scored by rule {stored}, the definition at hand has {}; load the version that the receipt names",
            current.rule_hash("tired").unwrap()
        )
    );
    let mut other = record.clone();
    other.scales[0].exact = Some((3, 1));
    assert_eq!(
        say(other.verify(&week, &answers)),
        "scale `tired` is stored as 3/1, these answers give 4/1"
    );
    let mut other = record.clone();
    other.scales[0].value = Some(3.5);
    assert_eq!(
        say(other.verify(&week, &answers)),
        "scale `tired` is stored as 3.5, these answers give 4"
    );
    let mut other = record.clone();
    other.scales[0].bounds = Some((0.0, 4.0));
    assert_eq!(
        say(other.verify(&week, &answers)),
        "scale `tired` is stored as between 0 and 4, these answers give between 4 and 4"
    );
    let mut other = record.clone();
    other.scales[0].answered = 1;
    assert_eq!(
        say(other.verify(&week, &answers)),
        "scale `tired` is stored as made from 1 of 2 answers, these answers give made from 2 of 2 answers"
    );
    let mut other = record.clone();
    other.scales[0].band.as_mut().unwrap().label = "calm".to_owned();
    assert_eq!(
        say(other.verify(&week, &answers)),
        "scale `tired` is stored as `calm` of `book-2000`, certain, these answers give `storm` of `book-2000`, certain"
    );
    let mut other = record.clone();
    other.criteria[0].outcome = straingauge::score::Outcome::NotMet;
    assert_eq!(
        say(other.verify(&week, &answers)),
        "criterion `positive` is stored as not-met, these answers give met"
    );
    assert_eq!(
        say(record.verify(&week, &sheet(&week, "0 0 1 1 2 2 0"))),
        "scale `tired` is stored as 4/1, these answers give 2/1"
    );
    // What was asked for by name is confirmed as it was asked for.
    let options = ScoreOptions::new().bands("site-2020").criterion("weary").min_answered(1);
    let named = week.scorer_with(&options).unwrap().score(&answers).unwrap().to_record();
    assert_eq!(named.scales[0].band.as_ref().unwrap().set, "site-2020");
    assert_eq!(named.criteria[0].criterion, "weary");
    named.verify(&week, &answers).unwrap();
    // And for every built-in, with answers missing.
    for file in &catalog::VERSIONS {
        let instrument = file.instrument().unwrap();
        let mut builder = instrument.sheet();
        for (at, item) in instrument.items().iter().enumerate() {
            let code = item.responses().options()[at % 2].code();
            builder = match at % 7 {
                6 => builder.missing(item.id(), MissingKind::Declined).unwrap(),
                _ => builder.answer(item.id(), i64::from(code)).unwrap(),
            };
        }
        let sheet = builder.finish();
        let scores = instrument.score(&sheet).unwrap();
        let json = serde_json::to_string(&scores.to_record()).unwrap();
        let stored: straingauge::score::ScoreRecord = serde_json::from_str(&json).unwrap();
        stored.verify(instrument, &sheet).unwrap();
    }
}

#[test]
fn absences_have_their_exact_words() {
    let week = Instrument::parse(&base()).unwrap();
    let say = |answers: &str, scale: &str| {
        let scores = week.score(&sheet(&week, answers)).unwrap();
        scores.get(scale).unwrap().value().unwrap_err().to_string()
    };
    assert_eq!(say("- 1 0 0 1 1 0", "tired"), "1 of 2 questions were not asked");
    assert_eq!(say("na na 0 0 1 1 0", "tired"), "2 of 2 questions do not apply");
    assert_eq!(say(". d 0 0 1 1 0", "tired"), "0 of 2 answered, at least 1 needed");
    assert_eq!(say("1 0 na . 1 1 0", "worried"), "0 of 1 answered, at least 1 needed");
    assert_eq!(say("1 0 na na 1 1 0", "worried"), "2 of 2 questions do not apply");
    assert_eq!(
        say("0 0 0 0 1 na 0", "balance"),
        "needs `reward`, which could not be scored from these answers"
    );
    assert_eq!(
        say("0 . 0 0 1 1 0", "metric"),
        "needs `tired`, which could not be scored from these answers"
    );
}

#[test]
fn a_vector_that_does_not_come_out_says_so() {
    let week = Instrument::parse(&base()).unwrap();
    let check = |expect: &str| {
        let text = format!(
            "for = \"week@1.0.0\"\n[[vectors]]\nanswers = \"2 0 1 1 2 2 0\"\norigin = \"derived\"\nexpect = {{ {expect} }}\n"
        );
        let failures = Vectors::parse(&text).unwrap().check(&week);
        failures.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    };
    assert_eq!(
        check("tired = 4, \"tired.band\" = \"storm\", positive = \"met\", weary = \"met\""),
        ""
    );
    assert_eq!(check("tired = 3"), "vector 1 (2 0 1 1 2 2 0): `tired` is 4, the vector expects 3");
    assert_eq!(check("\"tired.band.site-2020\" = \"high\""), "");
    // A set that does not divide the scale is no set for it, whatever its default says.
    let other = "[[bands]]\nid = \"other\"\nscales = [\"twice\"]\nbasis = { source = \"book\", origin = \"author\", grade = \"A\" }\nsteps = [[0, \"storm\"]]\n";
    let more = Instrument::parse(&format!("{}{other}", base())).unwrap();
    let text = "for = \"week@1.0.0\"\n[[vectors]]\nanswers = \"2 0 1 1 2 2 0\"\norigin = \"derived\"\nexpect = { \"tired.band.other\" = \"storm\" }\n";
    assert_eq!(
        Vectors::parse(text).unwrap().check(&more)[0].to_string(),
        "vector 1 (2 0 1 1 2 2 0): `tired.band.other` is none, the vector expects storm"
    );
    assert_eq!(
        check("\"tired.bnad\" = \"storm\""),
        "vector 1 (2 0 1 1 2 2 0): `tired.bnad` is unknown, the vector expects storm"
    );
    assert_eq!(
        check("tird = 4"),
        "vector 1 (2 0 1 1 2 2 0): `tird` is unknown, the vector expects 4"
    );
}
