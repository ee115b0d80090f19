//! Files and rows made to do harm: each ends in an error, or loads, in bounded time and memory.
//!
//! Time is not measured here. A case without a bound would not end at all, so that it ends is the
//! test; each runs on a thread with a small stack, so that deep nesting would be seen.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::pedantic,
    missing_docs
)]

use proptest::prelude::*;
use straingauge::answers::{Answer, Sheet};
use straingauge::catalog;
use straingauge::instrument::{self, Defect, Exact, Instrument, LoadError};
use straingauge::score::{ScoreOptions, Vectors};

const BASIS: &str = "basis = { source = \"s\", origin = \"author\", grade = \"A\" }\n";

/// A definition around the parts that a case is about.
fn definition(responses: &str, items: &str, rest: &str) -> String {
    format!(
        "format = 1\nid = \"x\"\nversion = \"1.0.0\"\ntitle = \"x\"\nedition = \"x\"\nauthors = [\"x\"]\nmeasures = [\"stress\"]\n\
         [licence]\nclass = \"open\"\nholder = \"x\"\nterms = \"x\"\nchecked = \"2026-01-01\"\nask-first-for = []\n\
         [sources]\ns = {{ title = \"x\" }}\n[responses]\n{responses}\n[form]\nresponses = \"r\"\nitems = [\n{items}]\n{rest}"
    )
}

fn items(many: usize) -> String {
    (0..many).map(|at| format!("{{id=\"i{at}\",topic=\"x\"}},\n")).collect()
}

fn list(ids: impl Iterator<Item = String>) -> String {
    ids.map(|id| format!("\"{id}\"")).collect::<Vec<_>>().join(",")
}

fn scale(id: &str, verb: &str, range: &str) -> String {
    format!("[[scales]]\nid = \"{id}\"\n{verb}\nrange = {range}\ndirection = \"neutral\"\n{BASIS}")
}

/// On a stack of one MiB, half of what a thread gets by default.
fn on_a_small_stack<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    std::thread::Builder::new().stack_size(1 << 20).spawn(work).unwrap().join().unwrap()
}

fn load(text: String) -> Result<Instrument, LoadError> {
    on_a_small_stack(move || {
        let parsed = Instrument::parse(&text);
        let findings = instrument::lint(&text);
        assert_eq!(parsed.is_ok(), findings.is_empty(), "parse and lint disagree");
        match &parsed {
            // What loads must score too.
            Ok(instrument) => {
                let row = vec![Answer::from_byte(254).to_byte(); instrument.items().len()];
                let scores = instrument.scorer().score_row(&row).unwrap();
                assert!(scores.to_record().scales.len() <= 200);
            }
            Err(error) => {
                assert!(error.findings().len() <= 1000);
                for finding in error.findings() {
                    let said = finding.to_string();
                    assert!(said.len() < 4000, "{} bytes of message", said.len());
                }
            }
        }
        parsed
    })
}

fn refused(text: String) -> String {
    load(text).expect_err("it loaded").to_string()
}

/// The least that a definition must have, where a case is about something else.
fn one() -> String {
    scale("s", "sum=[\"i0\"]", "[0,1]")
}

const YES_NO: &str = "r = { options = [[0, \"no\"], [1, \"yes\"]] }";

#[test]
fn a_megabyte_of_nesting() {
    for (open, close) in [("[", "]"), ("{a=", "}"), ("[{a=", "}]"), ("[[", "")] {
        for many in [100, 900_000 / (open.len() + close.len())] {
            let text = format!("a = {}{}", open.repeat(many), close.repeat(many));
            refused(text.clone());
            refused(definition(YES_NO, &items(1), &text));
        }
    }
    refused(format!("a{} = 1", ".a".repeat(500_000)));
    refused(format!("[a{}]", ".a".repeat(500_000)));
    refused("[[a]]\n".repeat(170_000));
    refused((0..100_000).map(|at| format!("[t{at}]\n")).collect());
}

#[test]
fn more_than_a_file_may_hold() {
    assert!(refused(" ".repeat(2 << 20)).contains("2097152 bytes; at most 1048576 are read"));
    assert!(
        refused(definition(YES_NO, &"{id=\"i\",topic=\"x\"},\n".repeat(40_000), &one()))
            .contains("40000 items; at most 1000")
    );
    // A million items do not fit the size; said before anything is parsed.
    assert!(
        refused(definition(YES_NO, &items(1_000_000), &one())).contains(" bytes; at most 1048576")
    );
    let scales: String =
        (0..5000).map(|at| scale(&format!("s{at}"), "sum=[\"i0\"]", "[0,1]")).collect();
    assert!(refused(definition(YES_NO, &items(1), &scales)).contains("5000 scales; at most 200"));
    let options = (0..60_000).map(|_| "[0,\"x\"]".to_owned()).collect::<Vec<_>>().join(",");
    assert!(
        refused(definition(&format!("r = {{ options = [{options}] }}"), &items(1), &one()))
            .contains("60000 response options; at most 251")
    );
    let labels = format!("r = {{ range = [0, 250], labels = [{options}] }}");
    assert!(
        refused(definition(&labels, &items(1), &one()))
            .contains("60000 response options; at most 251")
    );
}

#[test]
fn very_long_lines_and_words() {
    let long = "x".repeat(1_000_000);
    for text in [
        long.clone(),
        format!("{long} = 1"),
        format!("id = \"{long}"),
        format!("id = {long}"),
        format!("id = '{long}' '"),
        format!("format = 1\nid = \"{long}\"\n"),
    ] {
        refused(text);
    }
    let said = refused(format!("format = 1\nid = \"x\" # {long}\ntitel = 1 # {}", &long[..40_000]));
    assert!(said.contains("TOML parse error at line 3: unknown field `titel`"), "{}", &said[..300]);
    let text = definition(
        YES_NO,
        &format!("{{id=\"{}\",topic=\"{}\"}},", &long[..400_000], &long[..400_000]),
        &one(),
    );
    let said = refused(text);
    assert!(said.contains("is no id"), "{said}");
    let text = definition(
        YES_NO,
        &items(1),
        &(scale("s", "sum=[\"i0\"]", "[0,1]")
            + &format!("[[criteria]]\nid=\"c\"\nall=[\"{long}\"]\n")),
    );
    assert!(refused(text).contains("is no test"));
}

#[test]
fn numbers_that_are_none() {
    for number in
        ["nan", "-nan", "inf", "-inf", "1e308", "-1e308", "5e-324", "1e-7", "1000001", "0.1234567"]
    {
        for text in [
            scale("s", "sum=[\"i0\"]", &format!("[0, {number}]")),
            scale("s", "sum=[\"i0\"]", "[0,1]")
                + &scale("t", &format!("from=\"s\"\ntimes={number}"), "[0,1]"),
            scale("s", "sum=[\"i0\"]", "[0,1]")
                + &scale("t", &format!("from=\"s\"\ntable=[0, {number}]"), "[0,1]"),
            scale("s", "sum=[\"i0\"]", "[0,1]")
                + &format!(
                    "[[bands]]\nid=\"b\"\nscales=[\"s\"]\nsteps=[[0,\"a\"],[{number},\"b\"]]\n{BASIS}"
                ),
            scale("s", "sum=[\"i0\"]", "[0,1]")
                + &format!("[[criteria]]\nid=\"c\"\nall=[\"s >= {number}\"]\n{BASIS}"),
            scale("s", "sum=[\"i0\"]", "[0,1]")
                + &format!(
                    "[[norms]]\nid=\"n\"\nscale=\"s\"\npopulation=\"x\"\nsd={}\n{BASIS}",
                    number.replace("0.1234567", "-1").replace("1e-7", "0")
                ),
        ] {
            refused(definition(YES_NO, &items(1), &text));
        }
    }
    for number in ["9223372036854775807", "-9223372036854775808", "251", "-1"] {
        refused(definition(
            &format!("r = {{ options = [[0, \"no\"], [{number}, \"yes\"]] }}"),
            &items(1),
            &scale("s", "sum=[\"i0\"]", "[0,1]"),
        ));
        refused(definition(
            &format!("r = {{ range = [0, {number}] }}"),
            &items(1),
            &scale("s", "sum=[\"i0\"]", "[0,1]"),
        ));
        refused(definition(
            &format!("r = {{ range = [{number}, 1] }}"),
            &items(1),
            &scale("s", "sum=[\"i0\"]", "[0,1]"),
        ));
    }
    for number in
        ["9223372036854775807", "-9223372036854775808", "2147483648", "32768", "-32768", "10001"]
    {
        let text = scale("s", &format!("sum=[\"i0\"]\nrecode={{i0=[0,{number}]}}"), "[0,1]");
        assert!(
            refused(definition(YES_NO, &items(1), &text)).contains("outside -10000 to 10000"),
            "{number}"
        );
    }
    for number in ["99999999999999999999", "1e3", "4294967296", "-1"] {
        refused(definition(
            YES_NO,
            &items(1),
            &scale(
                "s",
                &format!("sum=[\"i0\"]\nmissing={{needs={number},{}}}", BASIS.trim()),
                "[0,1]",
            ),
        ));
    }
    // Ten thousand is the largest value of a recode, and it is kept as it is.
    let text = scale("s", "sum=[\"i0\"]\nrecode={i0=[-10000,10000]}", "[-10000,10000]");
    let instrument = load(definition(YES_NO, &items(1), &text)).unwrap();
    for (code, value) in [(0, -10_000.0), (1, 10_000.0)] {
        let scores = instrument.scorer().score_row(&[code]).unwrap();
        assert_eq!(scores.get("s").unwrap().value().unwrap().to_f64(), value);
    }
}

#[test]
fn circles_of_scales_and_criteria() {
    for many in [1, 2, 199] {
        let ring: String = (0..many)
            .map(|at| scale(&format!("s{at}"), &format!("sum=[\"s{}\"]", (at + 1) % many), "[0,1]"))
            .collect();
        assert!(refused(definition(YES_NO, &items(1), &ring)).contains("goes round in a circle"));
    }
    for many in [1, 2, 499] {
        let ring: String = (0..many)
            .map(|at| {
                format!(
                    "[[criteria]]\nid=\"c{at}\"\nrole=\"step\"\nall=[\"c{}\"]\n",
                    (at + 1) % many
                )
            })
            .collect();
        let text = definition(YES_NO, &items(1), &(one() + &ring));
        assert!(refused(text).contains("goes round in a circle"));
    }
    // Every criterion names every other one.
    let web: String = (0..300)
        .map(|at| {
            let others =
                list((0..300).filter(|other| *other != at).map(|other| format!("c{other}")));
            format!("[[criteria]]\nid=\"c{at}\"\nrole=\"step\"\nany=[{others}]\n")
        })
        .collect();
    assert!(refused(definition(YES_NO, &items(1), &(one() + &web))).contains("circle"));
}

#[test]
fn criteria_that_double_at_each_level_and_deep_chains() {
    let start = scale("s", "sum=[\"i0\"]", "[0,1]")
        + "[[criteria]]\nid=\"c0\"\nrole=\"step\"\nall=[\"i0 >= 1\"]\n";
    let chain = |many: usize, parts: usize| -> String {
        (1..many).fold(start.clone(), |text, at| {
            let inner = list((0..parts).map(|_| format!("c{}", at - 1)));
            text + &format!("[[criteria]]\nid=\"c{at}\"\nall=[{inner}]\n{BASIS}")
        })
    };
    assert!(
        refused(definition(YES_NO, &items(1), &chain(500, 2))).contains("at most 512 are allowed")
    );
    assert!(
        refused(definition(YES_NO, &items(1), &chain(100, 900)))
            .contains("at most 512 are allowed")
    );
    // A chain of five hundred is deep, not wide: it loads and is judged.
    let instrument = load(definition(YES_NO, &items(1), &chain(500, 1))).unwrap();
    on_a_small_stack(move || {
        let scores = instrument.scorer().score_row(&[1]).unwrap();
        assert!(scores.criteria().all(|view| view.outcome().as_str() == "met"));
        assert_eq!(scores.criteria().count(), 499);
    });
    // Scales in scales in scales, two hundred deep.
    let deep: String = (1..200).fold(scale("s0", "sum=[\"i0\"]", "[0,1]"), |text, at| {
        text + &scale(&format!("s{at}"), &format!("sum=[\"s{}\"]", at - 1), "[0,1]")
    });
    load(definition(YES_NO, &items(1), &deep)).unwrap();
    let reversed: String = (1..200)
        .map(|at| scale(&format!("s{at}"), &format!("sum=[\"s{}\"]", at - 1), "[0,1]"))
        .rev()
        .fold(String::new(), |text, scale| text + &scale)
        + &scale("s0", "sum=[\"i0\"]", "[0,1]");
    load(definition(YES_NO, &items(1), &reversed)).unwrap();
    // Doubling scales repeat their items.
    let doubling: String = (1..200).fold(scale("s0", "sum=[\"i0\"]", "[0,1]"), |text, at| {
        text + &scale(&format!("s{at}"), &format!("sum=[\"s{}\",\"s{}\"]", at - 1, at - 1), "[0,1]")
    });
    assert!(
        refused(definition(YES_NO, &items(1), &doubling)).contains("occurs twice in the scale")
    );
}

#[test]
fn scales_that_multiply_items_and_codes() {
    // Five hundred items of 251 codes are read; two hundred scales of them all are not.
    let wide = "r = { range = [0, 250] }";
    let all = format!("sum=[{}]", list((0..398).map(|at| format!("i{at}"))));
    let bands =
        format!("[[bands]]\nid=\"b\"\nscales=[\"s0\"]\nsteps=[[0,\"a\"],[99500,\"b\"]]\n{BASIS}");
    load(definition(wide, &items(398), &(scale("s0", &all, "[0,99500]") + &bands))).unwrap();
    let more: String =
        (1..200).map(|at| scale(&format!("s{at}"), "sum=[\"s0\"]", "[0,99500]")).collect();
    let text = definition(wide, &items(398), &(scale("s0", &all, "[0,99500]") + &more));
    assert!(refused(text).contains("codes in the keys of the scales; at most 500000 are read"));
    let all = format!("sum=[{}]", list((0..500).map(|at| format!("i{at}"))));
    let said = refused(definition(wide, &items(500), &scale("s0", &all, "[0,125000]")));
    assert!(said.contains("125000; at most 100000"), "{said}");
    // One scale named a hundred thousand times.
    let again = format!("sum=[{}]", vec!["\"s0\""; 150_000].join(","));
    let text =
        scale("s0", &format!("sum=[{}]", list((0..300).map(|at| format!("i{at}")))), "[0,300]")
            + &scale("s1", &again, "[0,1]");
    assert!(
        refused(definition(YES_NO, &items(300), &text))
            .contains("150000 terms of a scale; at most 1000")
    );
    let again = format!("sum=[{}]", vec!["\"s0\""; 1000].join(","));
    let text = (1..120).fold(
        scale("s0", &format!("sum=[{}]", list((0..300).map(|at| format!("i{at}")))), "[0,300]"),
        |text, at| text + &scale(&format!("s{at}"), &again, "[0,1]"),
    );
    assert!(refused(definition(YES_NO, &items(300), &text)).contains("occurs twice"));
    // Reversed, a hundred thousand times.
    let text = scale(
        "s0",
        &format!("sum=[\"i0\"]\nreverse=[{}]", vec!["\"i0\""; 100_000].join(",")),
        "[0,1]",
    );
    assert!(refused(definition(YES_NO, &items(1), &text)).contains("occurs twice"));
    let text = scale(
        "s0",
        &format!("sum=[\"i0\"]\nreverse=[{}]", list((0..80_000).map(|at| format!("j{at}")))),
        "[0,1]",
    );
    assert!(refused(definition(YES_NO, &items(1), &text)).contains("names no item of this scale"));
}

#[test]
fn the_worst_reachability() {
    // Codes with a gap, so that sums must be listed, in many scales and many tables of bands.
    let gaps: String = (0..60).map(|at| format!("[{}, \"l{at}\"],", at * 4 + (at % 3))).collect();
    let gaps = format!("r = {{ options = [{gaps}] }}");
    let all = list((0..300).map(|at| format!("i{at}")));
    let scales: String =
        (0..8).map(|at| scale(&format!("s{at}"), &format!("sum=[{all}]"), "[0,71400]")).collect();
    let every = list((0..8).map(|at| format!("s{at}")));
    let bands: String = (0..200)
        .map(|at| format!("[[bands]]\nid=\"b{at}\"\nscales=[{every}]\nsteps=[[0,\"a\"],[35000,\"b\"]]\n{BASIS}"))
        .collect();
    load(definition(&gaps, &items(300), &(scales + &bands))).unwrap();
    // One set over one scale, named a hundred thousand times.
    let again = vec!["\"s0\""; 100_000].join(",");
    let bands =
        format!("[[bands]]\nid=\"b\"\nscales=[{again}]\nsteps=[[0,\"a\"],[150,\"b\"]]\n{BASIS}");
    let text = scale("s0", &format!("sum=[{all}]"), "[0,300]") + &bands;
    assert!(refused(definition(YES_NO, &items(300), &text)).contains("scale `s0` is listed twice"));
    // A hundred thousand bands.
    let steps: String = (0..60_000).map(|at| format!("[{at},\"b{at}\"],")).collect();
    let bands = format!("[[bands]]\nid=\"b\"\nscales=[\"s0\"]\nsteps=[{steps}]\n{BASIS}");
    let text = scale("s0", &format!("sum=[{all}]"), "[0,300]") + &bands;
    assert!(
        refused(definition(YES_NO, &items(300), &text))
            .contains("60000 bands of a set; at most 250")
    );
    // Ratios of wide sums.
    let wide = "r = { range = [1, 250] }";
    let text =
        scale("a", &format!("sum=[{}]", list((0..150).map(|at| format!("i{at}")))), "[150,37500]")
            + &scale(
                "b",
                &format!("sum=[{}]", list((150..300).map(|at| format!("i{at}")))),
                "[150,37500]",
            )
            + &(0..190).fold(String::new(), |text, at| {
                text + &scale(&format!("q{at}"), "ratio=[\"a\",\"b\"]", "[0.004,250]")
            })
            + &format!(
                "[[bands]]\nid=\"b0\"\nscales=[{}]\nsteps=[[0.004,\"a\"],[1,\"b\"]]\n{BASIS}",
                list((0..190).map(|at| format!("q{at}")))
            );
    load(definition(wide, &items(300), &text)).unwrap();
}

#[test]
fn criteria_that_tie_many_items() {
    // Five hundred criteria, each with hundreds of tests on the same items of 251 codes.
    let wide = "r = { range = [0, 250] }";
    let tests = list((0..510).map(|at| format!("i{} >= {}", at % 255, 1 + at % 250)));
    let base = format!("[[criteria]]\nid=\"c0\"\nrole=\"step\"\nany=[{tests}]\n");
    let text = (1..499).fold(base, |text, at| {
        text + &format!("[[criteria]]\nid=\"c{at}\"\nall=[\"c0\"]\n{BASIS}")
    });
    let all = format!("sum=[{}]", list((0..255).map(|at| format!("i{at}"))));
    let text = scale("s", &all, "[0,63750]") + &text;
    assert!(refused(definition(wide, &items(255), &text)).contains("at most 12 items"));
    // Hundreds of tests of one scale of hundreds of items.
    let tests = list((0..510).map(|at| format!("s >= {}", at + 1)));
    let text =
        scale("s", &all, "[0,63750]") + &format!("[[criteria]]\nid=\"c\"\nany=[{tests}]\n{BASIS}");
    assert!(
        refused(definition(wide, &items(255), &text))
            .contains("255 items occur in more than one test")
    );
    // The most that is allowed is judged in bounded time, answered or not.
    let tests = list((0..12).flat_map(|at| [format!("i{at} >= 1"), format!("i{at} <= 0")]));
    let text = scale("s", &format!("sum=[{}]", list((0..12).map(|at| format!("i{at}")))), "[0,12]")
        + &(0..10).fold(String::new(), |text, at| {
            text + &format!("[[criteria]]\nid=\"c{at}\"\nof=[{tests}]\nat-least=13\n{BASIS}")
        });
    let instrument = load(definition(YES_NO, &items(12), &text)).unwrap();
    let scores = instrument.scorer().score_row(&[254; 12]).unwrap();
    assert!(scores.criteria().all(|view| view.outcome().as_str() == "not-met"));
    // Few combinations times a large scale are work too.
    let tests =
        list((0..11).map(|at| format!("i{at} >= 1")).chain((0..250).map(|_| "t >= 1".to_owned())));
    let text = scale("s", &format!("sum=[{}]", list((0..11).map(|at| format!("i{at}")))), "[0,11]")
        + &scale("t", &format!("sum=[{}]", list((0..900).map(|at| format!("i{at}")))), "[0,900]")
        + &format!("[[criteria]]\nid=\"c\"\nany=[{tests}]\n{BASIS}");
    assert!(
        refused(definition(YES_NO, &items(900), &text))
            .contains("items occur in more than one test")
    );
}

#[test]
fn keys_twice_and_bytes_that_are_no_text() {
    let fine = definition(YES_NO, &items(1), &scale("s", "sum=[\"i0\"]", "[0,1]"));
    load(fine.clone()).unwrap();
    for (from, to) in [
        ("id = \"x\"\n", "id = \"x\"\nid = \"x\"\n"),
        ("[licence]", "[sources]\n[licence]"),
        ("s = { title = \"x\" }", "s = { title = \"x\", title = \"x\" }"),
        ("s = { title = \"x\" }", "s = { title = \"x\" }\ns = { title = \"x\" }"),
        ("[sources]\n", "[sources]\ns.title = \"x\"\n"),
    ] {
        assert_ne!(fine.replacen(from, to, 1), fine);
        refused(fine.replacen(from, to, 1));
    }
    for bad in
        [&b"\xff"[..], b"\xc3", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\x00", b"\xef\xbb\xbf\xff"]
    {
        let bytes = [fine.as_bytes(), bad].concat();
        assert!(Instrument::parse_bytes("x", &bytes).is_err());
    }
    // A byte order mark, as some editors write it, is either read or refused, never half read.
    let marked = [b"\xef\xbb\xbf", fine.as_bytes()].concat();
    let parsed = Instrument::parse_bytes("x", &marked);
    assert!(parsed.is_ok() || parsed.unwrap_err().findings().len() == 1);
    assert!(matches!(
        Instrument::parse_bytes("x", b"\xff").unwrap_err().findings()[0].defect(),
        Defect::NotUtf8 { at: 0 }
    ));
}

#[test]
fn vectors_and_option_texts_made_to_do_harm() {
    for text in
        ["", "for = 1", "for = \"x\"\nvectors = 1", &"[".repeat(1_000_000), &"x".repeat(1_000_000)]
    {
        assert!(Vectors::parse(text).is_err());
    }
    let phq9 = catalog::get("phq-9").unwrap();
    let long = "9".repeat(1_000_000);
    assert!(Sheet::from_text(&phq9, &long).is_err());
    assert!(Sheet::from_text(&phq9, &"0 ".repeat(500_000)).is_err());
    for options in [
        ScoreOptions::new().variant(long.clone()),
        ScoreOptions::new().bands(long.clone()),
        ScoreOptions::new().criterion(long.clone()),
    ] {
        assert!(phq9.scorer_with(&options).unwrap_err().to_string().len() < 500);
    }
    assert!(phq9.sheet().answer(&long, 0).unwrap_err().to_string().len() < 500);
    assert!(catalog::get(&long).unwrap_err().to_string().len() < 5000);
    assert!(catalog::get(&format!("phq-9@{long}")).unwrap_err().to_string().len() < 500);
    assert!(long.parse::<instrument::Version>().unwrap_err().to_string().len() < 200);
    let most = phq9.scorer_with(&ScoreOptions::new().min_answered(u16::MAX)).unwrap();
    assert_eq!(
        most.score_row(&[1; 10]).unwrap().get("total").unwrap().value().unwrap().to_f64(),
        9.0
    );
}

fn texts() -> Vec<String> {
    let mut texts: Vec<String> =
        catalog::VERSIONS.iter().map(|file| file.text().to_owned()).collect();
    texts.push(include_str!("../examples/definitions/worked-example.toml").to_owned());
    texts.push(include_str!("../examples/definitions/copsoq-coding.toml").to_owned());
    texts
}

/// One change to a definition, of the kinds that people and programs make.
fn mutated(text: &str, (kind, at, other, word): (u8, usize, usize, usize)) -> String {
    const WORDS: [&str; 28] = [
        "0",
        "-1",
        "1e400",
        "nan",
        "250",
        "251",
        "9223372036854775807",
        "\"\"",
        "[]",
        "{}",
        "[[scales]]",
        "true",
        "\"1\"",
        "\"total\"",
        "sum",
        "mean",
        "ratio",
        "from",
        "table",
        "times",
        "reverse",
        "\n",
        "1.5",
        "=",
        "\"x >= 1\"",
        "[[1, 2]]",
        "not-applicable",
        "\u{1F600}",
    ];
    let lines: Vec<&str> = text.lines().collect();
    let (line, second) = (at % lines.len(), other % lines.len());
    let mut lines: Vec<String> = lines.into_iter().map(str::to_owned).collect();
    match kind % 7 {
        0 => {
            lines.remove(line);
        }
        1 => lines.swap(line, second),
        2 => {
            let copy = lines[line].clone();
            lines.insert(second, copy);
        }
        3 | 4 => {
            // A token of one line becomes another word.
            let tokens: Vec<&str> =
                lines[line].split_inclusive([' ', ',', '[', ']', '{', '}']).collect();
            let place = if tokens.is_empty() { 0 } else { other % tokens.len() };
            let mut new: Vec<String> = tokens.iter().map(|token| (*token).to_owned()).collect();
            if let Some(token) = new.get_mut(place) {
                *token = format!(
                    "{}{}",
                    WORDS[word % WORDS.len()],
                    if kind % 7 == 3 { " " } else { ", " }
                );
            }
            lines[line] = new.concat();
        }
        5 => {
            // A digit becomes another.
            let digits: Vec<usize> = lines[line]
                .char_indices()
                .filter(|(_, c)| c.is_ascii_digit())
                .map(|(at, _)| at)
                .collect();
            if !digits.is_empty() {
                let place = digits[other % digits.len()];
                lines[line].replace_range(place..=place, &(word % 10).to_string());
            }
        }
        _ => lines.truncate(line),
    }
    lines.join("\n")
}

/// So many cases, or as many as `PROPTEST_CASES` says.
fn often(cases: u32) -> ProptestConfig {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|text| text.parse().ok());
    let cases = asked.unwrap_or(cases);
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(often(256))]

    #[test]
    fn arbitrary_text_never_panics(text in "\\PC*") {
        prop_assert!(Instrument::parse(&text).is_err());
        prop_assert!(!instrument::lint(&text).is_empty());
        prop_assert!(Vectors::parse(&text).is_err());
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(Instrument::parse_bytes("x", &bytes).is_err());
    }

    /// Either it loads and scores any row, or there is at least one finding with words.
    #[test]
    fn mutated_definitions_never_panic(
        which in any::<prop::sample::Index>(),
        changes in proptest::collection::vec(any::<(u8, usize, usize, usize)>(), 1..4),
        seed in proptest::collection::vec(any::<u8>(), 64),
    ) {
        let texts = texts();
        let text = changes.into_iter().fold(which.get(&texts).clone(), |text, change| {
            if text.is_empty() { text } else { mutated(&text, change) }
        });
        let findings = instrument::lint(&text);
        for finding in &findings {
            prop_assert!(!finding.to_string().is_empty());
        }
        match Instrument::parse(&text) {
            Ok(instrument) => {
                prop_assert!(findings.is_empty());
                let row: Vec<u8> = instrument.items().iter().zip(seed.iter().cycle()).map(|(item, byte)| {
                    let options = item.responses().options();
                    if *byte > 240 { *byte | 0xfb } else { options[usize::from(*byte) % options.len()].code() }
                }).collect();
                let scores = instrument.scorer().score_row(&row).unwrap();
                for view in scores.iter() {
                    let (low, high) = view.scale().range();
                    // Prorated or not, a score of a whole scale is inside the range.
                    if let Ok(score) = view.value() && view.items() == instrument.items_of(view.scale()).count() {
                        prop_assert!(low <= score.exact() && score.exact() <= high, "{} {:?}", view.scale().id(), score);
                    }
                    prop_assert_eq!(view.value().is_ok(), view.status().is_scored());
                    let _ = scores.explain(view.scale().id()).unwrap().to_string();
                }
                let record = scores.to_record();
                record.verify(&instrument, &Sheet::from_bytes(&instrument, &row).unwrap()).unwrap();
            }
            Err(error) => prop_assert_eq!(error.findings().len(), findings.len()),
        }
        if Instrument::parse(&text).is_err() {
            prop_assert!(!findings.is_empty(), "refused without a reason");
        }
    }

    #[test]
    fn arbitrary_rows_never_panic(
        which in any::<prop::sample::Index>(),
        row in proptest::collection::vec(any::<u8>(), 0..40),
        fits in any::<bool>(),
    ) {
        let file = which.get(&catalog::VERSIONS);
        let instrument = file.instrument().unwrap();
        let row: Vec<u8> = if fits { row.iter().copied().cycle().take(if row.is_empty() { 0 } else { instrument.items().len() }).collect() } else { row };
        let scored = instrument.scorer().score_row(&row);
        let sheet = Sheet::from_bytes(instrument, &row);
        prop_assert_eq!(scored.is_ok(), sheet.is_ok());
        if let (Ok(scores), Ok(sheet)) = (scored, sheet) {
            prop_assert_eq!(scores.to_record(), instrument.score(&sheet).unwrap().to_record());
        }
    }

    #[test]
    fn exact_numbers_never_panic(a in any::<i64>(), b in any::<i64>(), c in any::<i64>(), d in any::<i64>(), f in any::<f64>()) {
        if let (Some(x), Some(y)) = (Exact::new(a, b), Exact::new(c, d)) {
            let _ = (x.times(y), x.over(y), x.cmp(&y), x.to_string(), x.to_f64());
            if let Some(product) = x.times(y) && y != Exact::ZERO {
                prop_assert_eq!(product.over(y), Some(x));
            }
        }
        if let Some(exact) = Exact::from_decimal(f) {
            prop_assert_eq!(exact.to_f64(), f + 0.0);
        }
    }
}
