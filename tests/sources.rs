//! Files that say that something is wrong with them, or that are stored in an uncommon way.
//!
//! The files under `tests/data/imports/` are made up. What is right for each was worked out from how
//! it was written, and by pyreadstat 1.3.7 for the SPSS files.
#![allow(clippy::pedantic, clippy::duplicate_mod)]
#![cfg(feature = "csv")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::fs;

#[path = "../examples/audit_units.rs"]
mod audit_units;
#[path = "../examples/score_survey.rs"]
mod score_survey;

fn path(name: &str) -> String {
    format!("{}/tests/data/imports/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// Exit code, standard output, standard error.
struct Ran {
    code: u8,
    out: String,
    err: String,
}

/// Scores a file; the arguments are given in one line, a word in `{}` is a file of the folder.
fn score(arguments: &str, file: &str) -> Ran {
    let mut all = vec!["--input".to_owned(), path(file)];
    all.extend(arguments.split_whitespace().map(str::to_owned));
    run(&all)
}

fn run(arguments: &[String]) -> Ran {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let code = score_survey::run(arguments, &mut out, &mut err);
    Ran { code, out: String::from_utf8(out).unwrap(), err: String::from_utf8(err).unwrap() }
}

impl Ran {
    /// A column of the table, by its place.
    #[track_caller]
    fn column(&self, at: usize) -> Vec<&str> {
        // 3: written, with findings that a person should look at.
        assert!([0, 3].contains(&self.code), "{}", self.err);
        self.out.lines().skip(1).map(|line| line.split(',').nth(at).unwrap()).collect()
    }

    #[track_caller]
    fn refused(&self, because: &str) {
        assert_eq!(self.code, 1, "{}", self.err);
        assert!(self.err.contains(because), "{}", self.err);
    }
}

const GAD7: &str = "--instrument gad-7 --profile spss --prefix";

#[test]
fn an_spss_file_that_was_cut_off_is_refused() {
    for name in ["t_cut.sav", "t_cutc.sav"] {
        score(&format!("{GAD7} p"), name)
            .refused("it ends after 3 of the 6 cases that its header promises");
    }
    // Rows 1 to 3 are 0 1 2 3 0 1 2, seven ones and seven threes.
    let whole = score(&format!("{GAD7} p"), "t_full.sav");
    assert_eq!(whole.column(1)[..3], ["9", "7", "21"]);
    assert_eq!(whole.column(1).len(), 6);
    // More cases than promised: the number of cases stands at byte 80.
    let mut more = fs::read(path("t_full.sav")).unwrap();
    assert_eq!(more[80..84], 6_i32.to_le_bytes());
    more[80..84].copy_from_slice(&5_i32.to_le_bytes());
    let import = straingauge::survey::Import::new(straingauge::survey::Profile::of(
        straingauge::survey::Tool::Spss,
    ));
    let mut reader = import.column("p1").open_sav(&more[..]).unwrap();
    let error = loop {
        match reader.next_row() {
            Ok(Some(_)) => {}
            Ok(None) => panic!("six cases were read where five are promised"),
            Err(error) => break error.to_string(),
        }
    };
    assert!(error.contains("more cases than the 5 that its header promises"), "{error}");
}

#[test]
fn codes_and_labels_of_the_file_are_held_against_the_items() {
    let with = |file: &str, more: &str| score(&format!("{GAD7} g {more}"), file);
    let pack = format!("--wording {}", path("de.toml"));
    // Codes 1 to 4, in whatever language.
    with("sv_de14.sav", "").refused("item `1` offers 0, 1, 2, 3: 4 is none of them");
    with("sv_de14.sav", &pack).refused("item `1` offers 0, 1, 2, 3: 4 is none of them");
    // The way out: row 1 is 3 3 1 1 2 2 2, counted from 0 it is 7.
    let recoded = with("sv_de14.sav", "--recode 1=0,2=1,3=2,4=3");
    assert_eq!(recoded.column(1)[0], "7");
    // 4 as a sign for a missing answer leaves labels without the lowest code.
    with("sv_de14.sav", "--missing 4=declined").column(1);
    // Reversed labels that nothing is known about are named; with a pack they are known.
    let unknown = with("sv_derev.sav", "");
    assert_eq!(unknown.column(1)[0], "14");
    let note = "note: g1, g2, g3, g4, g5, g6, g7: the file labels 0 = \"beinahe jeden Tag\", 1 = ";
    assert!(unknown.err.contains(note), "{}", unknown.err);
    with("sv_derev.sav", &pack)
        .refused("column `g1` labels 0 as \"beinahe jeden Tag\", which is code 3 of item `1`");
    // A label with an explanation is still that label.
    with("svn_revtext.sav", "").refused(
        "column `g1` labels 0 as \"Nearly every day (almost always)\", which is code 3 of item `1`",
    );
}

#[test]
fn an_answer_that_the_file_declares_missing_is_not_lost_in_silence() {
    let with = |missing: &[&str]| {
        let mut all = vec!["--input".to_owned(), path("m_zero.sav")];
        all.extend(format!("{GAD7} p").split_whitespace().map(str::to_owned));
        all.extend(missing.iter().map(|word| (*word).to_owned()));
        run(&all)
    };
    with(&[]).refused("column `p1` declares 0 missing, which is an answer to item `1`");
    // By name: row 1 is 0 1 2 3 0 1 2, of which two are then missing.
    let asked = with(&["--missing", "user-missing 0=skipped"]);
    assert_eq!(asked.column(3), ["too-few-answered", "complete", "complete"]);
}

#[test]
fn units_of_an_spss_file_bear_its_labels() {
    let kept = score(&format!("{GAD7} g --keep ward"), "um_unit.sav");
    let mut wards = kept.column(1);
    assert_eq!(wards.len(), 36);
    wards.dedup();
    // 9 is declared missing and labelled `no answer`.
    assert_eq!(wards, ["A", "B", ""]);
    let file = path("um_unit.sav");
    let arguments = format!("{GAD7} g --unit ward --input {file}");
    let arguments: Vec<String> = arguments.split_whitespace().map(str::to_owned).collect();
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let code = audit_units::run(&arguments, &mut out, &mut err);
    let page = String::from_utf8(out).unwrap();
    assert_eq!(code, 0, "{}", String::from_utf8_lossy(&err));
    assert!(!page.contains("user-missing") && !page.contains("no answer"), "{page}");
    assert!(page.contains("    A  ") && page.contains("    B  "), "{page}");
}

#[test]
fn spss_texts_in_other_encodings_and_long_ones() {
    for (file, prefix, first) in [
        // Texts of more than 255 bytes, whose parts end within a character.
        ("cm_de.sav", "g", "12"),
        ("cm_en.sav", "g", "8"),
        ("s_long.sav", "p", "9"),
        ("s_negzero.sav", "p", "9"),
        // Code page 2 with texts of another one, in columns that are not read.
        ("e_ascii2.sav", "p", "9"),
        ("e_28591.sav", "p", "9"),
    ] {
        let ran = score(&format!("{GAD7} {prefix}"), file);
        assert_eq!(ran.column(1)[0], first, "{file}");
    }
    let team = |file: &str, more: &str| score(&format!("{GAD7} p --keep team {more}"), file);
    assert_eq!(team("e_28591.sav", "").column(1), ["Köln"; 3]);
    team("e_ascii2.sav", "").refused(
        "case 1, column `team`: a text that is not utf-8 (the file names code page 2) and would read \"Köln\" as windows-1252",
    );
    for label in ["latin1", "cp1252", "windows-1252"] {
        let stated = team("e_ascii2.sav", &format!("--encoding {label}"));
        assert_eq!(stated.column(1), ["Köln"; 3]);
    }
    let comment = score(&format!("{GAD7} g --keep comment"), "cm_en.sav");
    assert!(comment.out.contains("don’t it’s listens"), "{}", comment.out);
}

#[test]
fn compressed_spss_files_are_read() {
    let phq9 = "--instrument phq-9 --prefix p --profile spss";
    let ran = score(phq9, "s.zsav");
    // Rows 1 to 4 are 0 1 2 3 0 1 2 3 0, then nine ones, threes and twos.
    assert_eq!(ran.column(1)[..4], ["12", "9", "27", "18"]);
    // Damage anywhere in the compressed cases, and a file cut at any place, ends in an error.
    let file = fs::read(path("s.zsav")).unwrap();
    let phq9 = straingauge::catalog::get("phq-9").unwrap();
    let read = |file: &[u8]| {
        use straingauge::survey::{Import, ItemColumns, Profile, Tool};
        let import = Import::new(Profile::of(Tool::Spss));
        let import = import.instrument(&phq9, ItemColumns::prefix("p"));
        let mut reader = import.open_sav(file)?;
        while reader.next_row()?.is_some() {}
        Ok::<_, straingauge::survey::SurveyError>(())
    };
    read(&file).unwrap();
    // The trailer says again where the blocks lie, and is not needed.
    let trailer = file.len() - 24 - 24;
    for end in 0..trailer {
        assert!(read(&file[..end]).is_err(), "cut at {end} of {}", file.len());
    }
}

#[test]
fn delimited_text_in_any_encoding_by_its_label() {
    let gad7 = "--instrument gad-7 --prefix g --keep team";
    for (file, label, team) in [
        ("enc_1250.csv", "windows-1250", "Łódź"),
        ("enc_1251.csv", "cp1251", "Омск"),
        ("enc_sjis.csv", "Shift_JIS", "東京表能"),
        ("enc_gbk.csv", "gb2312", "北京"),
    ] {
        let ran = score(&format!("{gad7} --encoding {label}"), file);
        assert_eq!(ran.column(1)[0], team, "{file}");
        assert_eq!(ran.column(2)[0], "9", "{file}");
        // Without a label, what it could be is listed, and nothing guessed.
        let unsaid = score(gad7, file);
        unsaid.refused("is not UTF-8 and would read ");
        assert!(unsaid.err.contains(&format!("{team:?} as ")), "{}", unsaid.err);
    }
    // An encoding that does not fit is refused, not read with signs in place of characters.
    let wrong = score(&format!("{gad7} --encoding shift_jis"), "enc_1250.csv");
    wrong.refused("has bytes that are not shift_jis");
    // A semicolon is no part of any character, a vertical bar of many.
    let file = fs::read(path("enc_gbk.csv")).unwrap();
    let file: Vec<u8> = file.iter().map(|b| if *b == b',' { b';' } else { *b }).collect();
    let profile = straingauge::survey::Profile::plain()
        .with_delimiter(';')
        .unwrap()
        .with_encoding(straingauge::survey::Encoding::from_word("gbk").unwrap());
    let import = straingauge::survey::Import::new(profile).column("team");
    let mut reader = import.open(&file[..]).unwrap();
    assert_eq!(reader.next_row().unwrap().unwrap().cell(0), "北京");
    let wrong = score(&format!("{gad7} --encoding gbk --delimiter |"), "enc_gbk.csv");
    assert_eq!(wrong.code, 2);
    assert!(wrong.err.contains("'|' cannot separate cells in gbk"), "{}", wrong.err);
}

#[cfg(feature = "xlsx")]
mod workbooks {
    use std::io::Cursor;

    use rust_xlsxwriter::Workbook;
    use straingauge::catalog;
    use straingauge::survey::{FileNote, Import, ItemColumns, Profile, SurveyError, Tool};

    use super::{path, score};

    #[test]
    fn two_header_rows_of_a_workbook_are_read_as_those_of_a_text() {
        let monkey = "--instrument gad-7 --labels --profile surveymonkey --items";
        // Of a list in one argument: names with blanks.
        let run = |file: &str| {
            let rows: Vec<String> = (1..=7).map(|n| format!("row {n}")).collect();
            let mut all: Vec<String> = monkey.split_whitespace().map(str::to_owned).collect();
            all.extend([rows.join(","), "--input".to_owned(), path(file)]);
            all.extend(["--keep".to_owned(), "What is your team?".to_owned()]);
            super::run(&all)
        };
        let text = run("sm.csv");
        // Not at all, several days, more than half the days, nearly every day, 0, 1, 1.
        assert_eq!(text.column(2)[0], "8");
        for file in ["sm.xlsx", "sm_merged.xlsx"] {
            let book = run(file);
            assert_eq!(book.code, 0, "{file}: {}", book.err);
            assert_eq!(book.out, text.out, "{file}");
            assert!(!book.err.contains("merged"), "the header alone is merged: {}", book.err);
        }
    }

    #[test]
    fn what_stands_beside_or_above_the_table_is_named() {
        let gad7 = "--instrument gad-7 --prefix g";
        score(gad7, "x_title.xlsx").refused(
            "row 3, column H: \"g7\" stands beyond row 1, which was taken for the header and holds only \"Staff survey 2026\"",
        );
        score(gad7, "x_extra.xlsx").refused(
            "row 2, column I: \"late\" stands beyond the header, which ends with column H",
        );
        score(gad7, "q_export.zip").refused(
            "it is a ZIP archive with 1 file (`Survey+name_January 2, 2026.csv`), not a workbook; unpack it",
        );
        score("--instrument gad-7 --profile auto", "q_export.zip")
            .refused("it is a ZIP archive with 1 file");
        // Row 4 of the sheet: 0 1 2 3 0 1 2.
        let file = std::fs::read(path("x_title.xlsx")).unwrap();
        let read = read(&file, Profile::plain().skipping(1)).unwrap();
        assert_eq!(read.rows, [[0, 1, 2, 3, 0, 1, 2]]);
    }

    struct Found {
        rows: Vec<Vec<u8>>,
        notes: Vec<FileNote>,
    }

    fn read(file: &[u8], profile: Profile) -> Result<Found, SurveyError> {
        let gad7 = catalog::get("gad-7").unwrap();
        let import = Import::new(profile).instrument(&gad7, ItemColumns::prefix("g"));
        let mut reader = import.open_workbook(Cursor::new(file))?;
        let mut rows = Vec::new();
        while let Some(row) = reader.next_row()? {
            rows.push(row.answers(0).to_vec());
        }
        Ok(Found { rows, notes: reader.into_report().notes })
    }

    /// Three sheets, the second hidden; each person's answers are the number of the sheet.
    fn book() -> Vec<u8> {
        let mut book = Workbook::new();
        for (number, name) in [(1_u8, "Wave 1"), (2, "Notes"), (3, "Wave 3")] {
            let sheet = book.add_worksheet();
            sheet.set_name(name).unwrap();
            sheet.set_hidden(number == 2);
            for column in 0..7 {
                sheet.write_string(0, column, format!("g{}", column + 1)).unwrap();
                for row in 1..4 {
                    sheet.write_number(row, column, number).unwrap();
                }
            }
            if number == 3 {
                sheet.set_row_hidden(2).unwrap();
                let format = rust_xlsxwriter::Format::new();
                sheet.merge_range(4, 0, 5, 1, "3", &format).unwrap();
            }
        }
        book.save_to_buffer().unwrap()
    }

    #[test]
    fn a_sheet_by_its_name_and_what_else_the_workbook_holds() {
        let file = book();
        let first = read(&file, Profile::plain()).unwrap();
        assert_eq!(first.rows, vec![vec![1; 7]; 3]);
        let others =
            FileNote::OtherSheets { read: "Wave 1".to_owned(), others: vec!["Wave 3".to_owned()] };
        assert_eq!(first.notes, [others]);
        let hidden = read(&file, Profile::plain().with_sheet("Notes")).unwrap();
        assert_eq!((hidden.rows[0].clone(), hidden.notes.len()), (vec![2; 7], 0));
        let third = read(&file, Profile::plain().with_sheet("wave 3")).unwrap();
        assert_eq!(third.rows[..3], vec![vec![3; 7]; 3]);
        assert_eq!(
            third.notes,
            [
                FileNote::HiddenRows { rows: 1 },
                FileNote::MergedCells { areas: vec!["A5:B6".to_owned()] },
            ]
        );
        let error = read(&file, Profile::plain().with_sheet("Wave 2")).err().unwrap().to_string();
        assert!(
            error.ends_with("it has no sheet `Wave 2`; its sheets are `Wave 1`, `Notes`, `Wave 3`"),
            "{error}"
        );
    }

    #[test]
    fn a_workbook_is_looked_at_by_what_is_in_it() {
        let tool = |name: &str| {
            let file = std::fs::read(path(name)).unwrap();
            let found = Profile::plain().detect_workbook(Cursor::new(file)).unwrap();
            assert_eq!(found.len(), 1, "{found:?}");
            found[0].tool
        };
        assert_eq!(tool("sm.xlsx"), Tool::SurveyMonkey);
        assert_eq!(tool("sm_merged.xlsx"), Tool::SurveyMonkey);
        assert_eq!(tool("x_extra.xlsx"), Tool::Plain);
        let found = Profile::plain().detect_workbook(Cursor::new(book())).unwrap();
        assert_eq!(found[0].tool, Tool::Plain);
    }
}

/// What pyreadstat reads in files that it wrote, value by value: texts of all lengths and in nine
/// encodings, dates, declared missing values, labels, three kinds of compression.
#[test]
fn spss_files_are_read_as_pyreadstat_reads_them() {
    use straingauge::survey::{Import, Profile, Tool};
    let folder = path("pyreadstat");
    let expected = fs::read_to_string(format!("{folder}/expected.json")).unwrap();
    let expected: serde_json::Value = serde_json::from_str(&expected).unwrap();
    let mut compared = 0;
    for (name, of_file) in expected.as_object().unwrap() {
        let file = fs::read(format!("{folder}/{name}")).unwrap();
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        let names: Vec<String> = of_file["names"].as_array().unwrap().iter().map(text).collect();
        for (form, as_stored) in [("stored", true), ("words", false)] {
            let import = Import::new(Profile::of(Tool::Spss));
            let import = names.iter().fold(import, |import, name| {
                if as_stored { import.column_as_stored(name) } else { import.column(name) }
            });
            let mut reader = import.open_sav(&file[..]).unwrap();
            assert_eq!(reader.column_names(), names, "{name}");
            for row in of_file[form].as_array().unwrap() {
                let read = reader.next_row().unwrap().expect(name);
                for (at, value) in row.as_array().unwrap().iter().enumerate() {
                    let cell = read.cell(at);
                    match value.as_f64() {
                        Some(number) => {
                            assert_eq!(cell.parse::<f64>().unwrap(), number, "{name}");
                            assert!(number != 0.0 || cell == "0", "{name}: {cell}");
                        }
                        None => assert_eq!(cell, value.as_str().unwrap(), "{name}"),
                    }
                    compared += 1;
                }
            }
            assert!(reader.next_row().unwrap().is_none(), "{name}");
        }
    }
    assert!(compared > 300, "{compared}");
}

/// Whatever is done to the bytes of an SPSS file, it ends in rows or in an error.
#[test]
fn damaged_spss_files_never_panic() {
    use straingauge::survey::{Import, ItemColumns, Profile, Tool};
    let gad7 = straingauge::catalog::get("gad-7").unwrap();
    for (name, prefix, kept) in [
        ("t_full.sav", "p", "id"),
        ("e_28591.sav", "p", "team"),
        ("um_unit.sav", "g", "ward"),
        ("s.zsav", "p", "p8"),
        ("s_long.sav", "p", "id"),
    ] {
        let whole = fs::read(path(name)).unwrap();
        let import = Import::new(Profile::of(Tool::Spss))
            .instrument(&gad7, ItemColumns::prefix(prefix))
            .column(kept);
        let read = |file: &[u8]| {
            let Ok(mut reader) = import.open_sav(file) else { return };
            // A damaged length may promise more than there is, but never more than was given.
            while let Ok(Some(row)) = reader.next_row() {
                assert_eq!(row.answers(0).len(), 7);
            }
        };
        let step = whole.len() / 400 + 1;
        for at in (0..whole.len()).step_by(step) {
            read(&whole[..at]);
            for value in [0, 1, 0x7f, 0xff] {
                let mut file = whole.clone();
                file[at] = value;
                read(&file);
            }
        }
    }
}
