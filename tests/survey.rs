//! Every rule of reading a survey export, with its exact message.
#![allow(clippy::pedantic)]
#![cfg(feature = "csv")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::io::{self, Read};

use straingauge::answers::{Answer, MissingKind};
use straingauge::instrument::Instrument;
use straingauge::survey::{
    Encoding, Import, ImportReport, ItemColumns, MatchedBy, Profile, Sentinels, SurveyError,
};

/// Three scored items and an unscored one, on four labelled codes.
fn demo() -> Instrument {
    with_responses(
        r#"options = [[0, "never"], [1, "a few days"], [2, "can't say – often"], [3, "Always"]]"#,
    )
}

fn with_responses(set: &str) -> Instrument {
    let text = format!(
        r#"format = 1
id = "demo"
version = "1.0.0"
title = "Demonstration"
edition = "first"
authors = ["Nobody"]
measures = ["stress"]
[licence]
class = "public-domain"
holder = "nobody"
terms = "Free."
checked = "2026-11-01"
ask-first-for = []
[sources]
own = {{ title = "this test" }}
[responses]
set = {{ {set} }}
[form]
responses = "set"
items = [
  {{ id = "1", topic = "first topic" }},
  {{ id = "2", topic = "second topic" }},
  {{ id = "3", topic = "third topic" }},
  {{ id = "4", topic = "last topic", unscored = true }},
]
[[scales]]
id = "total"
sum = ["1", "2", "3"]
range = [{low}, {high}]
direction = "higher-is-worse"
basis = {{ source = "own", origin = "author", grade = "A" }}
"#,
        low = if set.contains("[1,") && !set.contains("[0,") { 3 } else { 0 },
        high = if set.contains("range") { 300 } else { 9 },
    );
    Instrument::parse(&text).unwrap_or_else(|error| panic!("{error}"))
}

/// The answers of every row, `.` and so on as vectors write them.
fn read(
    import: &Import,
    file: impl AsRef<[u8]>,
) -> Result<(Vec<String>, ImportReport), SurveyError> {
    let mut reader = import.open(file.as_ref())?;
    let mut rows = Vec::new();
    while let Some(row) = reader.next_row()? {
        assert_eq!(row.number(), rows.len() as u64 + 1);
        let word = |byte: &u8| match Answer::from_byte(*byte) {
            Answer::Code(code) => code.to_string(),
            Answer::Missing(MissingKind::Skipped) => ".".to_owned(),
            Answer::Missing(MissingKind::Declined) => "d".to_owned(),
            Answer::Missing(MissingKind::NotApplicable) => "na".to_owned(),
            Answer::Missing(MissingKind::NotAsked) => "-".to_owned(),
            Answer::Missing(_) => "u".to_owned(),
        };
        rows.push(row.answers(0).iter().map(word).collect::<Vec<_>>().join(" "));
    }
    Ok((rows, reader.into_report()))
}

fn import(profile: Profile) -> Import {
    Import::new(profile).instrument(&demo(), ItemColumns::by_id())
}

fn plain(file: impl AsRef<[u8]>) -> Result<Vec<String>, SurveyError> {
    read(&import(Profile::plain()), file).map(|(rows, _)| rows)
}

/// How one cell is read as an answer to an item of the demonstration.
#[track_caller]
fn cell(profile: &Profile, text: &str) -> String {
    let file = format!(
        "1{d}2{d}3{d}4\n0{d}\"{}\"{d}0{d}0\n",
        text.replace('"', "\"\""),
        d = profile.delimiter()
    );
    let (rows, _) = read(&import(profile.clone()), file).unwrap();
    rows[0].split(' ').nth(1).unwrap().to_owned()
}

#[track_caller]
fn message<T: std::fmt::Debug>(result: Result<T, SurveyError>, expected: &str) {
    assert_eq!(result.unwrap_err().to_string(), expected);
}

#[test]
fn a_cell_is_a_code_a_decimal_equal_to_one_or_unreadable() {
    let profile = Profile::plain();
    for (text, expected) in [
        ("2", "2"),
        (" 2 ", "2"),
        ("\u{a0}2\t", "2"),
        ("2.0", "2"),
        ("2.00", "2"),
        ("0", "0"),
        ("0.0", "0"),
        ("4", "u"),
        ("-1", "u"),
        ("2.29", "u"),
        ("2.5", "u"),
        ("2,0", "u"),
        ("2.", "u"),
        (".0", "u"),
        ("+2", "u"),
        ("02", "u"),
        ("2e0", "u"),
        ("0x2", "u"),
        ("2 0", "u"),
        ("1-2", "u"),
        ("２", "u"),
        ("²", "u"),
        ("-0", "u"),
        ("NaN", "u"),
        ("TRUE", "u"),
        ("never", "u"),
        ("2!", "u"),
        ("258", "u"),
        ("2\n2", "u"),
        ("0.00000000000000000000000000001", "u"),
        ("18446744073709551618", "u"),
        ("x\"y", "u"),
        ("", "."),
        ("  \t", "."),
        ("\u{a0}", "."),
        ("\u{200b}", "."),
    ] {
        assert_eq!(cell(&profile, text), expected, "{text:?}");
    }
}

#[test]
fn the_decimal_comma_comes_with_the_semicolon_or_by_name() {
    let semicolon = Profile::plain().with_delimiter(';').unwrap();
    let tab = Profile::plain().with_delimiter('\t').unwrap();
    for (profile, comma) in [
        (semicolon.clone(), true),
        (semicolon.with_decimal_comma(false), false),
        (tab.clone(), false),
        (tab.with_decimal_comma(true), true),
        (Profile::plain().with_decimal_comma(true), true),
    ] {
        assert_eq!(profile.has_decimal_comma(), comma);
        assert_eq!(cell(&profile, "2,0"), if comma { "2" } else { "u" });
        assert_eq!(cell(&profile, "2.0"), "2");
        // One thousand, or one: not decided here.
        assert_eq!(cell(&profile, "1.000"), if comma { "u" } else { "1" });
        assert_eq!(cell(&profile, "2,5"), "u");
    }
}

#[test]
fn a_code_with_its_own_label_is_read_with_another_label_it_is_not() {
    for profile in [Profile::plain(), Profile::plain().reading_labels()] {
        for (text, expected) in [
            ("0 - never", "0"),
            ("0 – Never", "0"),
            ("0: never", "0"),
            ("0. never", "0"),
            ("0) never", "0"),
            ("(0) never", "0"),
            ("[0] never", "0"),
            ("0 = never", "0"),
            ("0 never", "0"),
            ("0-never", "0"),
            ("3 — ALWAYS ", "3"),
            ("1 -  a  few\u{a0}days", "1"),
            ("2 - can\u{2019}t say - often", "2"),
            ("1 - never", "u"),
            ("0 - always", "u"),
            ("0never", "u"),
            ("0 -", "u"),
            ("0 - ", "u"),
            ("0 - -", "u"),
            ("4 - never", "u"),
            ("00 - never", "u"),
            ("-0 - never", "u"),
            ("0 - never ever", "u"),
            ("0 -- never", "u"),
            ("never - 0", "u"),
            ("0.5 never", "u"),
            ("- never", "u"),
        ] {
            assert_eq!(cell(&profile, text), expected, "{text:?}");
        }
    }
}

#[test]
fn labels_are_answers_only_if_said_so() {
    let (codes, labels) = (Profile::plain(), Profile::plain().reading_labels());
    for (text, expected) in [
        ("never", "0"),
        ("NEVER", "0"),
        (" Never\u{a0}", "0"),
        ("A Few  Days", "1"),
        ("a few\u{a0}days", "1"),
        ("can't say - often", "2"),
        ("Can\u{2018}t say \u{2014} often", "2"),
        ("always", "3"),
    ] {
        assert_eq!(cell(&labels, text), expected, "{text:?}");
        assert_eq!(cell(&codes, text), "u", "{text:?}");
    }
    for text in ["nevers", "never!", "not never", "afewdays", "cant say - often", "always, never"] {
        assert_eq!(cell(&labels, text), "u", "{text:?}");
    }
    assert_eq!(cell(&labels, "2"), "2");
    assert_eq!(cell(&labels, "2.0"), "2");
}

#[test]
fn the_report_says_when_labels_were_there_but_not_read() {
    let (rows, report) =
        read(&import(Profile::plain()), "1,2,3,4\nnever,Always,often?,\n").unwrap();
    assert_eq!(rows, ["u u u ."]);
    let hidden: Vec<u64> = report.instruments[0].items.iter().map(|i| i.labels_not_read).collect();
    assert_eq!(hidden, [1, 1, 0, 0]);
}

#[test]
fn a_label_of_a_form_for_not_applicable_is_that_kind() {
    let set = r#"options = [[0, "no"], [3, "yes"]], not-applicable = "Does not apply""#;
    let own = with_responses(set);
    let of = |profile: Profile| {
        let import = Import::new(profile).instrument(&own, ItemColumns::by_id());
        read(&import, "1,2,3,4\ndoes  not apply,yes,no,3\n").unwrap().0
    };
    assert_eq!(of(Profile::plain().reading_labels()), ["na 3 0 3"]);
    assert_eq!(of(Profile::plain()), ["u u u 3"]);
}

#[test]
fn labels_that_name_two_options_are_refused_where_labels_are_read() {
    let open = |set: &str, profile: Profile| {
        let own = with_responses(set);
        Import::new(profile)
            .instrument(&own, ItemColumns::by_id())
            .open(&b"1,2,3,4\n"[..])
            .map(|_| ())
    };
    let labels = || Profile::plain().reading_labels();
    let twins = r#"options = [[0, "Not at all"], [1, "not  at ALL"], [3, "yes"]]"#;
    assert!(open(twins, Profile::plain()).is_ok());
    message(
        open(twins, labels()),
        "the responses `set` cannot be read by label: \"not at all\" is 0 and 1; read codes instead",
    );
    message(
        open(r#"options = [[0, "1"], [1, "2"], [3, "3"]]"#, labels()),
        "the responses `set` cannot be read by label: \"1\" is 1 and 0; read codes instead",
    );
    message(
        open(
            r#"options = [[0, "no"], [3, "n/a - none"]], not-applicable = "N/A – none""#,
            labels(),
        ),
        "the responses `set` cannot be read by label: \"n/a - none\" is 3 and an answer without a code; read codes instead",
    );
}

#[test]
fn a_range_reads_every_whole_number_in_it() {
    let own = with_responses(r#"range = [0, 100], labels = [[0, "none"], [100, "worst"]]"#);
    let import = |profile| Import::new(profile).instrument(&own, ItemColumns::by_id());
    let file = "1,2,3,4\n0,57,100,101\n57.0,56.5,worst,100 - worst\n";
    assert_eq!(read(&import(Profile::plain()), file).unwrap().0, ["0 57 100 u", "57 u u 100"]);
    let (rows, report) = read(&import(Profile::plain().reading_labels()), file).unwrap();
    assert_eq!(rows, ["0 57 100 u", "57 u 100 100"]);
    assert_eq!(report.not_understood.first[0].allowed, "0 to 100");
}

#[test]
fn sentinels_are_compared_as_text_and_as_numbers() {
    let missing =
        Sentinels::parse("-99=declined,NA=skipped,88=not-applicable,X, =not-asked").unwrap();
    let profile = Profile::plain().with_sentinels(missing);
    for (text, expected) in [
        ("-99", "d"),
        (" -99.0 ", "d"),
        ("-99.5", "u"),
        ("99", "u"),
        ("88", "na"),
        ("88.00", "na"),
        ("088", "u"),
        ("NA", "."),
        ("na", "u"),
        ("N/A", "u"),
        ("X", "."),
        ("", "-"),
        ("  ", "-"),
        ("2", "2"),
    ] {
        assert_eq!(cell(&profile, text), expected, "{text:?}");
    }
    let comma = Profile::plain().with_delimiter(';').unwrap();
    let comma = comma.with_sentinels(Sentinels::parse("88=declined").unwrap());
    assert_eq!(cell(&comma, "88,0"), "d");
}

#[test]
fn a_declaration_of_missing_answers_is_checked() {
    message(
        Sentinels::parse("-99=refused"),
        "`-99=refused` names no kind of missing answer; the kinds are not-asked, skipped, declined, not-applicable",
    );
    message(
        Sentinels::parse("7=unreadable"),
        "`7=unreadable` names no kind of missing answer; the kinds are not-asked, skipped, declined, not-applicable",
    );
    message(
        Sentinels::parse("NA,,X"),
        "`NA,,X` has an empty entry; write TEXT=KIND or TEXT between the commas, `=KIND` for the blank cell",
    );
    message(
        Sentinels::parse("88=declined,88.0"),
        "\"88\" and \"88.0\" are the same cell, declared twice as missing; keep one",
    );
    assert_eq!(Sentinels::parse("a=b=declined").unwrap().iter().next().unwrap().text, "a=b");
    assert!(Sentinels::parse("7=unreadable").unwrap_err().is_usage());
}

#[test]
fn a_sentinel_that_is_an_answer_is_refused() {
    let open = |list: &str, profile: Profile, file: &'static str| {
        let profile = profile.with_sentinels(Sentinels::parse(list).unwrap());
        import(profile).open(file.as_bytes()).map(|_| ())
    };
    let refused = open("3=declined", Profile::plain(), "1,2,3,4\n");
    assert!(refused.as_ref().unwrap_err().is_usage());
    message(
        refused,
        "\"3\" cannot mean declined: it is an answer to item `1`, which offers 0, 1, 2, 3",
    );
    for list in ["3.0=skipped", "0 - never"] {
        assert!(open(list, Profile::plain(), "1,2,3,4\n").is_err(), "{list}");
    }
    assert!(open("never", Profile::plain(), "1,2,3,4\n").is_ok());
    message(
        open("NEVER", Profile::plain().reading_labels(), "1,2,3,4\n"),
        "\"NEVER\" cannot mean skipped: it is an answer to item `1`, which offers 0 (never), 1 (a few days), \
         2 (can't say – often), 3 (Always)",
    );
}

#[test]
fn columns_are_found_by_id_prefix_suffix_or_list() {
    let find = |columns: ItemColumns, file: &str| {
        let import = Import::new(Profile::plain()).instrument(&demo(), columns);
        read(&import, file).map(|(rows, report)| (rows[0].clone(), report))
    };
    let (row, report) = find(ItemColumns::by_id(), "4, 3 ,x,2,1\n0,1,9,2,3\n").unwrap();
    assert_eq!(row, "3 2 1 0");
    assert_eq!(report.unused_columns, ["x"]);
    let item = &report.instruments[0].items[2];
    assert_eq!((item.column.as_deref(), item.position), (Some("3"), Some(2)));
    assert_eq!(item.matched_by, Some(MatchedBy::Id));
    let (row, report) = find(ItemColumns::prefix("q_"), "q_1,q_3,1\n0,1,9\n").unwrap();
    assert_eq!(row, "0 - 1 -");
    assert_eq!(report.instruments[0].items[0].matched_by, Some(MatchedBy::Prefix));
    assert_eq!(report.instruments[0].items[1].column, None);
    assert_eq!(find(ItemColumns::between("q", "_T2"), "q1_T1,q1_T2\n0,3\n").unwrap().0, "3 - - -");
    assert_eq!(
        find(ItemColumns::listed(["c", "b", "a"]), "a,b,c,d\n0,1,2,3\n").unwrap().0,
        "2 1 0 -"
    );
    assert_eq!(
        find(ItemColumns::listed([" d", "c", "b", "a"]), "a,b,c,d\n0,1,2,3\n").unwrap().0,
        "3 2 1 0"
    );
}

#[test]
fn columns_that_are_missing_doubled_or_miscounted_are_refused() {
    let open = |columns: ItemColumns, file: &'static str| {
        let import = Import::new(Profile::plain()).instrument(&demo(), columns);
        import.open(file.as_bytes()).map(|_| ())
    };
    message(
        open(ItemColumns::prefix("q"), "person,q4,age\n"),
        "no column holds an item of demo: expected `q1`, `q2`, `q3`; the file has `person`, `q4`, `age`. \
         Name the item columns, or the prefix that they share",
    );
    message(
        open(ItemColumns::by_id(), "1;2;3\n"),
        "no column holds an item of demo: expected `1`, `2`, `3`; the file has `1;2;3` \
         (one column that contains ';': is that the delimiter?). Name the item columns, or the prefix that they share",
    );
    message(
        open(ItemColumns::listed(["a", "b", "z"]), "a,b,c\n"),
        "there is no column `z`; the file has `a`, `b`, `c`",
    );
    message(
        open(ItemColumns::listed(["a", "b", "z"]), "a\tb\tc\n"),
        "there is no column `a`; the file has `a\tb\tc` (one column that contains '\\t': is that the delimiter?)",
    );
    let miscounted = open(ItemColumns::listed(["a", "b"]), "a,b\n");
    assert!(miscounted.as_ref().unwrap_err().is_usage());
    message(
        miscounted,
        "2 columns are listed for demo; list all 4 items in printed order, or the 3 scored ones",
    );
    message(
        open(ItemColumns::listed(["a", "b", "a"]), "a,b\n"),
        "column `a` is to be item `1` and item `3` of demo; one column holds one item",
    );
    message(
        open(ItemColumns::by_id(), "1,2,1 ,3,1\n"),
        "3 columns are named `1` (columns 1, 3, 5); rename all but one",
    );
    assert!(open(ItemColumns::by_id(), "1,x,x,\n").is_ok(), "names that nobody needs may repeat");
    let wide = Import::new(Profile::plain()).column("nine");
    let header = (0..50).map(|n| format!("c{n}")).collect::<Vec<_>>().join(",");
    let error = wide.open(header.as_bytes()).map(|_| ()).unwrap_err().to_string();
    assert!(error.ends_with("`c38`, `c39` and 10 more"), "{error}");
}

#[test]
fn extra_columns_pass_through_unchanged() {
    let import = import(Profile::plain()).columns(["who", "note"]);
    let file = "note,who,1\n\" a \"\"b\"\",\r\nc \",  Zoë ,1\n";
    let mut reader = import.open(file.as_bytes()).unwrap();
    let row = reader.next_row().unwrap().unwrap();
    assert_eq!((row.cell(0), row.cell(1), row.cell(2)), ("  Zoë ", " a \"b\",\r\nc ", ""));
    assert_eq!((row.item_text(0, 0), row.item_text(0, 1)), (Some("1"), None));
    assert!(row.answers(1).is_empty());
    let missing = Import::new(Profile::plain()).column("id").open(&b"a,b\n"[..]).map(|_| ());
    message(missing, "there is no column `id`; the file has `a`, `b`");
}

#[test]
fn several_instruments_are_read_in_one_pass() {
    let (own, file) = (demo(), "a1,a2,a3,b1,b2,b3\n0,1,2,3,2,9\n");
    let import = Import::new(Profile::plain())
        .instrument(&own, ItemColumns::prefix("a"))
        .instrument(&own, ItemColumns::prefix("b"));
    let mut reader = import.open(file.as_bytes()).unwrap();
    assert!(reader.is_asked(1, 2) && !reader.is_asked(1, 3) && !reader.is_asked(2, 0));
    let row = reader.next_row().unwrap().unwrap();
    assert_eq!((row.answers(0), row.answers(1)), (&[0, 1, 2, 255][..], &[3, 2, 251, 255][..]));
    assert!(reader.next_row().unwrap().is_none());
    assert!(reader.next_row().unwrap().is_none());
    assert_eq!(reader.into_report().rows, 1);
}

#[test]
fn line_ends_quotes_and_blank_lines() {
    for end in ["\n", "\r\n", "\r"] {
        let file =
            ["1,2,3,4", "0,1,2,3", "", "  ", "\"1\",\" 2\",\"0 -\tnever\",", "3,3,3,3"].join(end);
        let (rows, report) = read(&import(Profile::plain()), &file).unwrap();
        assert_eq!(rows, ["0 1 2 3", "1 2 0 .", "3 3 3 3"], "{file:?}");
        assert_eq!(report.blank_rows, 1);
        let ragged = format!("{file}{end}{end}1,2{end}");
        message(
            plain(&ragged),
            "row 4 (line 8) has 2 cells, the header 4; the row is shorter. Some \
             programs leave out empty cells at the end of a row: fill the last columns in the program that \
             wrote the file, or delete a last column that is empty. A missing delimiter shifts the cells \
             after it",
        );
    }
    message(
        plain("1,2,3,4\n\"a\nb\",1,2,3\n\n1,2,3,0,5\n"),
        "row 2 (line 5) has 5 cells, the header 4; the row goes beyond the header. A note beside \
         the table belongs in a column with a name, or is to be deleted; a delimiter inside a cell needs \
         quotation marks around the cell, or its cells have shifted",
    );
    assert_eq!(plain("1,2,3,4\n0,0,0,0").unwrap(), ["0 0 0 0"]);
    assert_eq!(plain("\n\n1,2,3,4\n0,0,0,0\n\n\n").unwrap(), ["0 0 0 0"]);
    assert_eq!(plain("1,2,3,4\n").unwrap(), [""; 0]);
    assert_eq!(plain("1\n2\n\"\"\n \n").unwrap(), ["2 - - -", ". - - -", ". - - -"], "one column");
    message(plain(""), "the input is empty; its first line must name the columns");
    message(plain("\n\r\n"), "the input is empty; its first line must name the columns");
}

#[test]
fn a_quotation_mark_that_is_never_closed_swallows_nobody() {
    let rest = "1,2,0,\n".repeat(100);
    message(
        plain(format!("1,2,3,4\n0,0,0,0\n0,1,2,\"so it began\n{rest}")),
        "row 2 (line 3) has a quotation mark that is never closed; everything after it would be one cell. \
         Write a quotation mark inside a cell twice",
    );
    message(
        plain("1,\"2,3\n0,0\n"),
        "the header (line 1) has a quotation mark that is never closed; everything after it would be one cell. \
         Write a quotation mark inside a cell twice",
    );
    assert_eq!(plain("1,2,3,4\n0,1,2,\"3\"").unwrap(), ["0 1 2 3"], "closed at the very end");
    let endless = io::Cursor::new("1,2,3,4\n0,0,0,\"".to_owned()).chain(io::repeat(b'x'));
    let mut reader = import(Profile::plain()).open(endless).unwrap();
    message(
        reader.next_row().map(|_| ()),
        "row 1 (line 2) is longer than 4194304 bytes; probably a quotation mark is never closed",
    );
}

fn advice(kind: &str) -> &str {
    match kind {
        "a workbook (xlsx) or another ZIP file" => {
            "read a workbook with the crate's feature xlsx, or save it as CSV in UTF-8"
        }
        "an SPSS file (sav)" | "a compressed SPSS file (zsav)" => {
            "read it with the profile spss, or save it as CSV in UTF-8"
        }
        _ => "save or export it as CSV in UTF-8",
    }
}

#[test]
fn bytes_are_text_or_an_error_that_says_what_to_do() {
    assert_eq!(plain("\u{feff}1,2,3,4\n0,1,2,3\n").unwrap(), ["0 1 2 3"]);
    assert_eq!(plain("\u{feff}\"1\",2,3,4\n0,1,2,3\n").unwrap(), ["0 1 2 3"]);
    message(
        plain(b"1,2,3,note\n0,1,2,ok\n0,1,2,caf\xe9\n"),
        "row 2 (line 3), column `note`: byte 0xe9 is not UTF-8 and would read \"café\" as windows-1252, \"café\" as windows-1250, \"cafй\" as windows-1251, \"cafι\" as windows-1253, \"café\" as windows-1254, \"cafי\" as windows-1255, \"café\" as windows-1256, \"café\" as windows-1257, \"cafÈ\" as macintosh; name the encoding in which the file was saved, or save it as UTF-8",
    );
    message(
        plain(b"1,2,3,caf\xe9\n"),
        "the header (line 1), column `4`: byte 0xe9 is not UTF-8 and would read \"café\" as windows-1252, \"café\" as windows-1250, \"cafй\" as windows-1251, \"cafι\" as windows-1253, \"café\" as windows-1254, \"cafי\" as windows-1255, \"café\" as windows-1256, \"café\" as windows-1257, \"cafÈ\" as macintosh; name the encoding in which the file was saved, or save it as UTF-8",
    );
    // The same bytes across two cells are no character.
    assert!(plain(b"1,2,3,4\n0,1,2\xc3,\xa9\n").is_err());
    let windows = Profile::plain().with_encoding(Encoding::WINDOWS_1252);
    let file = b"1,2,3,na\xefve \x80\n0,can\x92t say \x96 often,2\xa0,caf\xe9\n";
    let labels = import(windows.clone().reading_labels()).column("naïve €");
    let mut reader = labels.open(&file[..]).unwrap();
    let row = reader.next_row().unwrap().unwrap();
    assert_eq!((row.answers(0), row.cell(0)), (&[0, 2, 2, 255][..], "café"));
    message(
        import(windows).open("\u{feff}1,2,3\n".as_bytes()).map(|_| ()),
        "the input begins with the mark of UTF-8 and was to be read as windows-1252; read it as UTF-8",
    );
    for (start, kind) in [
        (&b"\xff\xfe1\0,\0"[..], "text in UTF-16"),
        (b"\xfe\xff\0", "text in UTF-16"),
        (b"1\0,\x002\0", "text in UTF-16"),
        (b"\x001\0,", "text in UTF-16"),
        (b"PK\x03\x04", "a workbook (xlsx) or another ZIP file"),
        (b"\xd0\xcf\x11\xe0\xa1", "an old Excel workbook (xls)"),
        (b"$FL2@(#)", "an SPSS file (sav)"),
        (b"$FL3@(#)", "a compressed SPSS file (zsav)"),
        (b"%PDF-1.7", "a PDF document"),
    ] {
        message(
            plain(start),
            &format!("the input is {kind}, not delimited text; {}", advice(kind)),
        );
    }
    message(
        plain("sep=;\n1;2;3\n"),
        "line 1 is Excel's note of the separator (\"sep=;\"), not a header; delete that line",
    );
}

#[test]
fn delimiters_are_as_given() {
    for (delimiter, file) in
        [(';', "1;2;3\n0;1,0;2\n"), ('\t', "1\t2\t3\n0\t1\t2\n"), ('|', "1|2|3\n0|1|2\n")]
    {
        let profile = Profile::plain().with_delimiter(delimiter).unwrap();
        assert_eq!(read(&import(profile), file).unwrap().0, ["0 1 2 -"]);
    }
    for found in ['a', '1', '"', '\n', ' ', '-', '.', 'é', '\u{2003}'] {
        let error = Profile::plain().with_delimiter(found).unwrap_err();
        assert!(error.is_usage(), "{found:?}");
    }
    message(
        Profile::plain().with_delimiter('x'),
        "\"x\" cannot separate cells; use a comma, a semicolon, a tab or another punctuation mark of ASCII",
    );
}

#[test]
fn strict_stops_at_the_first_cell_that_is_not_understood() {
    let file = "1,2,3,4\n0,1,2,\n0,often!,9,\n";
    message(
        read(&import(Profile::plain().strict()), file),
        "row 2, column `2`: \"often!\" is no answer to item `2`, which allows 0, 1, 2, 3; \
         correct the cell, or declare the text as missing",
    );
    assert_eq!(plain(file).unwrap(), ["0 1 2 .", "0 u u ."]);
}

#[test]
fn the_report_counts_everything_and_lists_the_first_thousand() {
    let mut file = String::from("id,1,2,3,4\n");
    for n in 0..1500 {
        file.push_str(&format!("P{n},0,1.0,1 - a few days,{}\n", "x".repeat(200)));
    }
    file.push_str("P,3,-9,,3\n");
    let profile = Profile::plain().with_sentinels(Sentinels::parse("-9=declined").unwrap());
    let profile = profile.leaving_unread();
    let (_, report) = read(&import(profile), file).unwrap();
    assert_eq!((report.format, report.rows, report.not_understood.total), (1, 1501, 1500));
    assert_eq!(report.not_understood.first.len(), 1000);
    let last = report.not_understood.first.last().unwrap();
    assert_eq!((last.row, last.column.as_str(), last.item.as_str()), (1000, "4", "4"));
    assert_eq!(last.text.chars().count(), 121);
    assert_eq!((last.instrument.as_str(), last.allowed.as_str()), ("demo", "0, 1, 2, 3"));
    let items = &report.instruments[0].items;
    assert_eq!(
        items[0].codes.iter().map(|(c, n)| (*c, *n)).collect::<Vec<_>>(),
        [(0, 1500), (3, 1)]
    );
    assert_eq!((items[1].decimals, items[1].missing[&MissingKind::Declined]), (1500, 1));
    assert_eq!((items[2].codes_with_labels, items[2].missing[&MissingKind::Skipped]), (1500, 1));
    assert_eq!((items[3].unreadable(), items[3].scored), (1500, false));
    assert_eq!(report.unused_columns, ["id"]);
    let json = serde_json::to_string(&report).unwrap();
    assert_eq!(serde_json::from_str::<ImportReport>(&json).unwrap(), report);
}

#[test]
fn failing_input_is_an_error_not_an_end() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::new(io::ErrorKind::ConnectionReset, "the line went dead"))
        }
    }
    let input = io::Cursor::new("1,2,3,4\n0,0,0,0\n").chain(Broken);
    let mut reader = import(Profile::plain()).open(input).unwrap();
    assert!(reader.next_row().unwrap().is_some());
    message(reader.next_row().map(|_| ()), "the input could not be read: the line went dead");
    message(
        import(Profile::plain()).open(Broken).map(|_| ()),
        "the input could not be read: the line went dead",
    );
}
