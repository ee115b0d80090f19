//! Excel workbooks: as other programs write them, as the format allows them, and damaged.
#![cfg(feature = "xlsx")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::pedantic
)]

use std::io::{Cursor, Write};

use proptest::prelude::*;
use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook};
use straingauge::survey::{Import, Profile, SurveyError, workbook_to_csv};
use zip::{ZipWriter, write::SimpleFileOptions};

fn csv(file: &[u8]) -> Result<String, SurveyError> {
    let mut text = Vec::new();
    workbook_to_csv(Cursor::new(file), &Profile::plain(), &mut text)?;
    Ok(String::from_utf8(text).unwrap())
}

fn problem(file: &[u8]) -> String {
    match csv(file) {
        Err(SurveyError::Workbook { problem }) => problem,
        other => panic!("{other:?}"),
    }
}

fn package(parts: &[(&str, String)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    // Rust_xlsxwriter compresses; here, what is stored can be damaged at a known place.
    let stored = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, text) in parts {
        zip.start_file(*name, stored).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

const OFFICE: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";

fn relations(of: &[(&str, &str, &str)]) -> String {
    let each = of.iter().map(|(id, kind, target)| {
        format!(r#"<Relationship Id="{id}" Type="{OFFICE}/{kind}" Target="{target}"/>"#)
    });
    format!("<Relationships>{}</Relationships>", each.collect::<String>())
}

/// The parts of a workbook with this content of `sheetData`, these strings and these cell formats.
fn parts(rows: &str, strings: &str, formats: &str) -> Vec<(&'static str, String)> {
    vec![
        ("_rels/.rels", relations(&[("r1", "officeDocument", "xl/workbook.xml")])),
        (
            "xl/workbook.xml",
            r#"<workbook><sheets><sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>"#
                .into(),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            relations(&[
                ("r1", "worksheet", "worksheets/sheet1.xml"),
                ("r2", "sharedStrings", "sharedStrings.xml"),
                ("r3", "styles", "styles.xml"),
            ]),
        ),
        (
            "xl/worksheets/sheet1.xml",
            format!("<worksheet><sheetData>{rows}</sheetData></worksheet>"),
        ),
        ("xl/sharedStrings.xml", format!("<sst>{strings}</sst>")),
        (
            "xl/styles.xml",
            format!(
                r#"<styleSheet><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>{formats}</styleSheet>"#
            ),
        ),
    ]
}

fn sheet(rows: &str, strings: &str) -> Vec<u8> {
    package(&parts(rows, strings, ""))
}

#[test]
fn what_the_format_allows() {
    let person = |cells: &str| format!(r#"<row r="1">{cells}</row>"#);
    for (rows, strings, expected) in [
        // References are optional, rows may be skipped, prefixes are anybody's.
        ("<row><c><v>1</v></c><c/><c><v>3</v></c></row>", "", "1,,3\n"),
        (r#"<row r="3"><c r="C3"><v>3</v></c></row>"#, "", ",,3\n"),
        (r#"<x:row r="1"><x:c r="A1"><x:v>2</x:v></x:c></x:row>"#, "", "2\n"),
        // A formula's text is not its result, nor a phonetic reading the text.
        (r#"<row><c r="A1"><f>SUM(B1:B9)</f><v>4</v></c></row>"#, "", "4\n"),
        (r#"<row><c t="str"><f>A2&amp;"t"</f><v>often</v></c></row>"#, "", "often\n"),
        (r#"<row><c t="str"><f>A2&amp;""</f><v></v></c><c><v>1</v></c></row>"#, "", ",1\n"),
        // A formula that was never computed is no blank.
        ("<row><c><f>A2+1</f></c><c><f>A2</f><v/></c></row>", "", "=A2+1,=A2\n"),
        (r#"<row><c><f t="shared" si="0"/><v>7</v></c><c><f si="0"/></c></row>"#, "", "7,=\n"),
        ("<row><c><v>1</v><extLst><ext><v>7</v><t>x</t></ext></extLst></c></row>", "", "1\n"),
        (
            r#"<row><c t="s"><v>1</v></c></row>"#,
            "<si/><si><r><t>of</t></r><r><t>ten</t></r><rPh><t>x</t></rPh></si>",
            "often\n",
        ),
        // Entities, character references, CDATA, comments, escapes of characters that XML lacks.
        (
            r#"<row><c t="inlineStr"><is><t>a&amp;b&#x41;<![CDATA[<c>]]><!-- no --></t></is></c></row>"#,
            "",
            "a&bA<c>\n",
        ),
        (
            r#"<row><c t="inlineStr"><is><t>_x0041__x005F_x0041_ _x00_ _x</t></is></c></row>"#,
            "",
            "A_x0041_ _x00_ _x\n",
        ),
        // Numbers; digits stay as they are, and what is no number is left to the reader of cells.
        (
            "<row><c><v>3.0</v></c><c><v>1E2</v></c><c><v>0.1</v></c><c><v>-1</v></c></row>",
            "",
            "3,100,0.1,-1\n",
        ),
        (
            "<row><c><v>12345678901234567890</v></c><c><v>NaN</v></c><c><v>1e999</v></c></row>",
            "",
            "12345678901234567890,NaN,1e999\n",
        ),
        (
            r#"<row><c t="b"><v>1</v></c><c t="b"><v>0</v></c><c t="e"><v>#N/A</v></c></row>"#,
            "",
            "true,false,#N/A\n",
        ),
        (r#"<row><c t="d"><v>2026-03-02T09:04:00</v></c></row>"#, "", "2026-03-02T09:04:00\n"),
        // Rows of nothing are left out; rows shorter than the header are filled up.
        (
            r#"<row r="1"/><row r="2"><c><v>1</v></c><c><v>2</v></c></row><row r="9"><c><v>3</v></c></row>"#,
            "",
            "1,2\n3,\n",
        ),
        ("<row><c><v>-0</v></c></row>", "", "0\n"),
        ("", "", ""),
    ] {
        assert_eq!(csv(&sheet(rows, strings)).unwrap(), expected, "{rows}");
    }
    // Dates are numbers that a format shows as dates; a style of its own wins over the built-in one.
    let formats = r#"<numFmts><numFmt formatCode="d"/><numFmt numFmtId="164" formatCode="yyyy\-mm"/><numFmt numFmtId="20"
        formatCode="0"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="22"/><xf numFmtId="164"/>
        <xf numFmtId="20"/></cellXfs>"#;
    let cells: String = (0..4).map(|s| format!(r#"<c s="{s}"><v>46083.25</v></c>"#)).collect();
    assert_eq!(
        csv(&package(&parts(&person(&cells), "", formats))).unwrap(),
        "46083.25,2026-03-02T06:00:00,2026-03-02T06:00:00,46083.25\n"
    );
}

#[test]
fn the_first_sheet_that_is_shown() {
    let rows = |value: u8| {
        format!("<worksheet><sheetData><row><c><v>{value}</v></c></row></sheetData></worksheet>")
    };
    let file = package(&[
        ("_rels/.rels", relations(&[("x", "officeDocument", "/Book/Main.xml")])),
        (
            "book/main.xml",
            r#"<workbook><workbookPr date1904="1"/><sheets><sheet r:id="a"/><sheet r:id="b" state="hidden"/>
            <sheet r:id="c" state="veryHidden"/><sheet r:id="d" state="visible"/><sheet r:id="e"/></sheets></workbook>"#
                .into(),
        ),
        (
            "book/_rels/main.xml.rels",
            relations(&[
                ("e", "worksheet", "s/e.xml"),
                ("d", "worksheet", r"..\sheets/./d.xml"),
                ("c", "worksheet", "s/c.xml"),
                ("b", "worksheet", "s/b.xml"),
                ("a", "chartsheet", "s/a.xml"),
            ]),
        ),
        ("sheets/D.xml", rows(4)),
        ("book/s/e.xml", rows(5)),
    ]);
    assert_eq!(csv(&file).unwrap(), "4\n");
}

/// Excel writes a second element of the same name, without the flag, behind the first.
#[test]
fn days_from_1904() {
    let formats = r#"<cellXfs><xf numFmtId="14"/></cellXfs>"#;
    let mut parts = parts(r#"<row><c s="0"><v>44621</v></c></row>"#, "", formats);
    parts[1].1 =
        r#"<workbook><workbookPr date1904="1"/><sheets><sheet r:id="r1"/></sheets><extLst><ext>
        <x15:workbookPr chartTrackingRefBase="1"/></ext></extLst></workbook>"#
            .into();
    assert_eq!(csv(&package(&parts)).unwrap(), "2026-03-02\n");
}

/// The limit is on a row and on a string, not on how many there are.
#[test]
fn many_rows_and_strings_are_read() {
    let text = |letter: &str| letter.repeat(9 << 20);
    let row = |cell: &str| format!("<row>{cell}</row>");
    let inline = |letter| row(&format!(r#"<c t="inlineStr"><is><t>{}</t></is></c>"#, text(letter)));
    let shared = |at: u8| row(&format!(r#"<c t="s"><v>{at}</v></c>"#));
    let rows = inline("a") + &inline("b") + &shared(0) + &shared(1);
    let strings = ["c", "d"].map(|letter| format!("<si><t>{}</t></si>", text(letter))).concat();
    let lines: String = ["a", "b", "c", "d"].map(|letter| text(letter) + "\n").concat();
    assert!(csv(&sheet(&rows, &strings)).unwrap() == lines);
}

/// A sheet of 20 long rows, made of one string: what is held in memory has a limit, what streams none.
#[test]
fn large_sheets_go_through_a_file() {
    let rows = format!("<row>{}</row>", r#"<c t="s"><v>0</v></c>"#.repeat(15)).repeat(20);
    let file = sheet(&rows, &format!("<si><t>{}</t></si>", "x".repeat(1 << 20)));
    assert!(csv(&file).unwrap().len() > 300 << 20);
    let error = match Import::new(Profile::plain()).open_workbook(Cursor::new(&file)) {
        Err(error) => error.to_string(),
        Ok(_) => panic!("it is held in memory"),
    };
    assert!(error.contains("write it to a file with `workbook_to_csv`"), "{error}");
}

#[test]
fn what_is_refused() {
    let row = |cells: &str| sheet(&format!(r#"<row r="2">{cells}</row>"#), "<si><t>x</t></si>");
    for (file, expected) in [
        (b"a,b\n1,2\n".to_vec(), "it is no .xlsx"),
        (Vec::new(), "it is no .xlsx"),
        (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1...".to_vec(), "save it as .xlsx without a password"),
        (
            package(&[("a", String::new())]),
            "it is a ZIP archive with 1 file (`a`), not a workbook; unpack it and read what is in it",
        ),
        (
            package(&[("mimetype", String::new()), ("content.xml", String::new())]),
            "it is an OpenDocument file (.ods); save it as .xlsx",
        ),
        (
            package(&[("_rels/.rels", relations(&[("r1", "officeDocument", "xl/workbook.bin")]))]),
            "it is an .xlsb; save it as .xlsx",
        ),
        (package(&parts("", "", "")[..3]), "xl/sharedStrings.xml: the workbook has no such part"),
        (
            row(r#"<c r="AAAAAAAAAAAAAAAA2"/>"#),
            "xl/worksheets/sheet1.xml, row 2: cell `AAAAAAAAAAAAAAAA2` stands where one of this row and of",
        ),
        (row(r#"<c r="A99999999999999999999"/>"#), "column 1 to 16384 is expected"),
        (row(r#"<c r="A3"/>"#), "row 2: cell `A3` stands where"),
        (row(r#"<c r="2"/>"#), "row 2: cell `2` stands where"),
        (row(r#"<c r="A"/>"#), "row 2: cell `A` stands where"),
        (
            row(r#"<c r="B2"/><c r="B2"/>"#),
            "cell `B2` stands where one of this row and of column 3",
        ),
        (
            row(r#"<c r="B2"/><c r="A2"/>"#),
            "cell `A2` stands where one of this row and of column 3",
        ),
        (row(r#"<c r="XFE2"/>"#), "cell `XFE2` stands where"),
        (row(r#"<c r="XFD2"/><c/>"#), "cell `` stands where one of this row and of column 16385"),
        (sheet("<c/>", ""), "cell `` stands where"),
        (sheet("<row/><c/>", ""), "row 1: cell `` stands where"),
        (row("<c><v>1</v><v>2</v></c>"), "row 2: a <c> holds more than one value"),
        (row("<c><v>1</v><is><t>2</t></is></c>"), "row 2: a <c> holds more than one value"),
        (
            row("<c><v>1</v><c><v>2</v></c></c>"),
            "row 2: a <c> holds a <c> where its text is expected",
        ),
        (row("<c><v>1</v><t>2</t></c>"), "row 2: a <c> holds a <t> where its text is expected"),
        (row("<c><v>1<x>2</x></v></c>"), "row 2: a <c> holds a <x> where its text is expected"),
        (row(r#"<c/><c t="s"><v>1</v></c>"#), "row 2: column 2: it is string 1 of 1, from 0"),
        (row(r#"<c t="s"><v>-1</v></c>"#), "it is string -1 of 1"),
        (row(r#"<c s="9"><v>1</v></c>"#), "row 2: column 1: its format is 9 of 0, from 0"),
        (
            package(&parts(
                r#"<row><c s="1"><v>1</v></c></row>"#,
                "",
                r#"<cellXfs><xf numFmtId="0"/></cellXfs><cellStyleXfs><xf/></cellStyleXfs>"#,
            )),
            "row 1: column 1: its format is 1 of 1, from 0",
        ),
        (row(r#"<c s="x"><v>1</v></c>"#), "row 2: `s` of <c> is `x`, where a whole number from 0"),
        (
            package(&parts("", "", r#"<cellXfs><xf numFmtId="-1"/></cellXfs>"#)),
            "xl/styles.xml: `numFmtId` of <xf> is `-1`",
        ),
        (package(&parts("", "", "<cellXfs>")), "xl/styles.xml: "),
        (row(r#"<c t="inlineStr"><is><t>&evil;</t></is></c>"#), "`&evil;` stands for nothing"),
        (sheet(r#"<row r="0"/>"#, ""), "row 0 stands where one of 1 to 1048576 is expected"),
        (sheet(r#"<row r="1048577"/>"#, ""), "row 1048577 stands where one of 1 to"),
        (sheet(r#"<row r="4294967296"/>"#, ""), "`r` of <row> is `4294967296`"),
        (sheet(r#"<row r="5"/><row r="5"/>"#, ""), "row 5: row 5 stands where one of 6 to"),
        (sheet(r#"<row r="1048576"/><row/>"#, ""), "row 1048577 stands where one of 1048577 to"),
        (sheet(r#"<row><c></row>"#, ""), "xl/worksheets/sheet1.xml, row 1: ill-formed"),
        (
            {
                let mut parts = parts("", "", "");
                parts[3].1 = "<worksheet><sheetData><row><c><v>1</v></c></row>".to_owned();
                package(&parts)
            },
            "xl/worksheets/sheet1.xml, row 1: it ends before its elements do",
        ),
        (
            sheet(&format!("<row><c><v>{}</v></c></row>", "1".repeat(1 << 25)), ""),
            "xl/worksheets/sheet1.xml, row 1: I/O error: it unpacks to more than survey answers would",
        ),
        (
            sheet("", &format!("<si><t>{}</t></si>", "x".repeat(1 << 25))),
            "xl/sharedStrings.xml, string 0: I/O error: it unpacks to more",
        ),
        // A short row whose cells are one long string each.
        (
            sheet(
                &format!("<row>{}</row>", r#"<c t="s"><v>0</v></c>"#.repeat(20)),
                &format!("<si><t>{}</t></si>", "x".repeat(1 << 20)),
            ),
            "row 1: column 17: the row has more text than survey answers would",
        ),
    ] {
        let found = problem(&file);
        assert!(found.contains(expected), "{found}\n{expected}");
    }
    // Damage behind the last row is found, too: the archive keeps a sum of every part.
    let whole = sheet("<row><c><v>1</v></c></row>", "");
    let damaged = |what: &[u8], at: usize| {
        let mut file = whole.clone();
        let start = file.windows(what.len()).position(|bytes| bytes == what).unwrap();
        file[start + at] = b'7';
        problem(&file)
    };
    let ill_formed = damaged(b"</worksheet>", 2);
    assert!(ill_formed.contains("ill-formed document: expected `</worksheet>`"), "{ill_formed}");
    // Digits for digits: only the sum tells.
    let other = damaged(b"<v>1</v>", 3);
    assert!(other.ends_with("Invalid checksum"), "{other}");
}

/// A cell, written by rust_xlsxwriter, and its text in the CSV.
#[derive(Debug, Clone)]
enum Held {
    Nothing,
    Text(String),
    Number(f64),
    Truth(bool),
    Day(u16, u8, u8),
    Moment(u16, u8, u8, u8, u8, u8),
    Result(String),
}

fn held() -> impl Strategy<Value = Held> {
    let text = prop_oneof!["[ -~]{1,12}", "\\PC{1,6}", "[\\n\\t,;\"é😀]{1,4}", "_x00[0-9A-F]{2}_"];
    let day = (1900..=9999_u16, 1..=12_u8, 1..=28_u8);
    prop_oneof![
        Just(Held::Nothing),
        text.prop_map(Held::Text),
        any::<i32>().prop_map(|number| Held::Number(number.into())),
        (0..=7_i8).prop_map(|number| Held::Number(number.into())),
        proptest::num::f64::NORMAL
            .prop_filter("Excel has fewer", |number| number.abs() < 1e300)
            .prop_map(Held::Number),
        any::<bool>().prop_map(Held::Truth),
        day.clone().prop_map(|(y, m, d)| Held::Day(y, m, d)),
        (day, 0..24_u8, 0..60_u8, 1..60_u8).prop_map(|((y, m, d), hour, minute, second)| {
            Held::Moment(y, m, d, hour, minute, second)
        }),
        "[a-z ]{1,9}".prop_map(Held::Result),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// What another program wrote is what is read.
    #[test]
    fn another_program_s_workbooks(
        rows in prop::collection::vec(prop::collection::vec(held(), 1..6), 1..8),
    ) {
        let mut book = Workbook::new();
        let sheet = book.add_worksheet();
        let day = Format::new().set_num_format("d mmmm yyyy");
        let moment = Format::new().set_num_format("yyyy-mm-dd hh:mm:ss");
        // No row is wider than the header.
        let header: Vec<String> = (1..=6).map(|at| format!("column {at}")).collect();
        for (column, name) in (0_u16..).zip(&header) {
            sheet.write_string(0, column, name).unwrap();
        }
        let mut expected: Vec<Vec<String>> = vec![header];
        for (line, row) in (1_u32..).zip(&rows) {
            let mut texts = Vec::new();
            for (column, cell) in (0_u16..).zip(row) {
                let date = |y, m, d| ExcelDateTime::from_ymd(y, m, d).unwrap();
                texts.push(match cell {
                    Held::Nothing => String::new(),
                    Held::Text(text) => {
                        sheet.write_string(line, column, text).unwrap();
                        text.clone()
                    }
                    Held::Number(number) => {
                        sheet.write_number(line, column, *number).unwrap();
                        (number + 0.0).to_string()
                    }
                    Held::Truth(value) => {
                        sheet.write_boolean(line, column, *value).unwrap();
                        value.to_string()
                    }
                    Held::Day(y, m, d) => {
                        sheet.write_datetime_with_format(line, column, date(*y, *m, *d), &day).unwrap();
                        format!("{y:04}-{m:02}-{d:02}")
                    }
                    Held::Moment(y, m, d, hour, minute, second) => {
                        let at = date(*y, *m, *d).and_hms(u16::from(*hour), *minute, *second).unwrap();
                        sheet.write_datetime_with_format(line, column, at, &moment).unwrap();
                        format!("{y:04}-{m:02}-{d:02}T{hour:02}:{minute:02}:{second:02}")
                    }
                    Held::Result(text) => {
                        let formula = Formula::new("=A1").set_result(text);
                        sheet.write_formula(line, column, formula).unwrap();
                        text.clone()
                    }
                });
            }
            while texts.last().is_some_and(|text| text.trim().is_empty()) {
                texts.pop();
            }
            if !texts.is_empty() {
                let width = expected.first().map_or(texts.len(), Vec::len);
                texts.resize(texts.len().max(width), String::new());
                expected.push(texts);
            }
        }
        let text = csv(&book.save_to_buffer().unwrap()).unwrap();
        let found: Vec<Vec<String>> = csv::ReaderBuilder::new().has_headers(false).flexible(true)
            .from_reader(text.as_bytes())
            .records()
            .map(|record| record.unwrap().iter().map(str::to_owned).collect())
            .collect();
        prop_assert_eq!(found, expected);
    }

    /// Damage in any part ends in rows or an error; the sums of the archive are right, so that it
    /// reaches the reader.
    #[test]
    fn damaged_parts_never_panic(
        which in 0..6_usize,
        changes in prop::collection::vec((any::<prop::sample::Index>(), "[A-Z0-9a-z<>&;/\"=_ -]{0,24}", 0..9_usize), 1..5),
    ) {
        let mut parts = parts(
            r#"<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" s="1"><v>46083.25</v></c></row>
            <row r="2"><c r="A2" t="inlineStr"><is><t>_x0041_</t></is></c><c t="b"><v>1</v></c></row>"#,
            "<si><t>x</t></si>",
            r#"<numFmts><numFmt numFmtId="164" formatCode="yyyy"/></numFmts><cellXfs><xf numFmtId="0"/><xf
            numFmtId="164"/></cellXfs>"#,
        );
        let text = &mut parts[which].1;
        for (at, more, gone) in changes {
            if text.is_empty() {
                break;
            }
            let at = at.index(text.len());
            let end = (at + gone).min(text.len());
            text.replace_range(at..end, &more);
        }
        let _ = csv(&package(&parts));
    }
}
