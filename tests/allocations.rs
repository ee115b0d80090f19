//! Counts allocations: none per compiled row, none per batch call on byte columns, and as many for
//! many rows as for few where columns are narrowed.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::pedantic, missing_docs)]

use serde::de::DeserializeSeed;
use straingauge::answers::{Answer, Cells, Coding, Frame, MissingKind};
use straingauge::catalog;
use straingauge::score::{ScaleBuffers, ScoreOptions};
use straingauge::survey::{Import, ItemColumns, Profile, ScoreTable};

fn allocations(work: impl FnOnce()) -> u64 {
    allocation_counter::measure(work).count_total
}

fn cell(row: usize, item: usize) -> u8 {
    let roll = (row * 31 + item * 17 + row / 7) % 53;
    if roll == 0 { 254 } else { 1 + (roll % 5) as u8 }
}

#[test]
fn the_counter_counts() {
    assert_eq!(allocations(|| drop(std::hint::black_box(vec![1_u8; 10]))), 1);
}

#[test]
fn one_sheet_after_another() {
    let proqol = catalog::get("proqol-5").unwrap();
    let scorer = proqol.scorer_with(&ScoreOptions::new().min_answered(8)).unwrap();
    let mut scores = scorer.no_scores();
    let mut row = proqol.item_row();
    let people: Vec<Vec<u8>> =
        (0..500).map(|row| (0..30).map(|item| cell(row, item)).collect()).collect();
    scorer.score_row_into(&people[0], &mut scores).unwrap();
    let mut bands = 0;
    let by_row = allocations(|| {
        for person in &people {
            scorer.score_row_into(person, &mut scores).unwrap();
            bands += scores.iter().filter_map(|view| view.band()).count();
        }
    });
    assert!(bands > 1000);
    assert_eq!(by_row, 0);

    let by_ids = allocations(|| {
        for person in &people {
            row.clear();
            // Backwards, so that no id is the expected one.
            for (item, byte) in proqol.items().iter().zip(person).rev() {
                match Answer::from_byte(*byte) {
                    Answer::Code(code) => row.enter(item.id(), i64::from(code)).unwrap(),
                    Answer::Missing(kind) => row.enter_missing(item.id(), kind).unwrap(),
                }
            }
            scorer.score_row_into(row.as_bytes(), &mut scores).unwrap();
        }
    });
    assert_eq!(by_ids, 0);

    let bodies: Vec<String> = people
        .iter()
        .map(|person| {
            let answers = proqol.items().iter().zip(person).map(|(item, byte)| {
                let answer = serde_json::to_string(&Answer::from_byte(*byte)).unwrap();
                format!("\"{}\":{answer}", item.id())
            });
            format!("{{{}}}", answers.collect::<Vec<_>>().join(","))
        })
        .collect();
    let from_json = allocations(|| {
        for body in &bodies {
            row.clear();
            row.deserialize(&mut serde_json::Deserializer::from_str(body)).unwrap();
            scorer.score_row_into(row.as_bytes(), &mut scores).unwrap();
        }
    });
    assert_eq!(from_json, 0);

    // Criteria, safety and a gate; what does not apply and was not asked.
    for id in ["phq-9", "gad-7", "pc-ptsd-5", "cbi", "who-5", "k10"] {
        let instrument = catalog::get(id).unwrap();
        let scorer = instrument.scorer();
        let mut scores = scorer.no_scores();
        let codes: Vec<Vec<u8>> = instrument
            .items()
            .iter()
            .map(|item| item.responses().options().iter().map(|o| o.code()).collect())
            .collect();
        let people: Vec<Vec<u8>> = (0..100)
            .map(|row| {
                let answers = codes.iter().enumerate();
                answers.map(|(item, codes)| codes[(row * 7 + item * 3) % codes.len()]).collect()
            })
            .collect();
        scorer.score_row_into(&people[0], &mut scores).unwrap();
        let many = allocations(|| {
            people.iter().for_each(|row| scorer.score_row_into(row, &mut scores).unwrap());
        });
        assert_eq!(many, 0, "{id}");
    }
}

#[test]
fn a_table_into_the_callers_memory() {
    let proqol = catalog::get("proqol-5").unwrap();
    let scorer = proqol.scorer_with(&ScoreOptions::new().min_answered(8)).unwrap();
    let counted = |rows: usize, wide: bool| {
        let bytes: Vec<Vec<u8>> =
            (0..30).map(|item| (0..rows).map(|row| cell(row, item)).collect()).collect();
        let numbers: Vec<Vec<i32>> =
            bytes.iter().map(|column| column.iter().map(|b| i32::from(*b)).collect()).collect();
        let mut frame = Frame::new(&proqol, rows);
        for (at, item) in proqol.items().iter().enumerate() {
            let cells = if wide { Cells::from(&numbers[at]) } else { Cells::from(&bytes[at]) };
            frame = frame.column(item.id(), cells).unwrap();
        }
        let mut values = vec![vec![0.0; rows]; 3];
        let mut bands = vec![vec![0; rows]; 3];
        let buffers = values.iter_mut().zip(&mut bands);
        let mut buffers: Vec<_> = buffers
            .map(|(values, bands)| ScaleBuffers::new().values(values).bands(bands))
            .collect();
        scorer.score_frame_into(&frame, 0..rows.min(1), &mut parts(&mut buffers)).unwrap();
        allocations(|| {
            scorer.score_frame_into(&frame, 0..rows, &mut buffers).unwrap();
        })
    };
    assert_eq!(counted(1_001, false), 0);
    assert_eq!(counted(100_001, false), 0);
    let few = counted(1_001, true);
    assert!(few <= 1, "{few}");
    assert_eq!(counted(100_001, true), few);
}

fn parts<'b>(buffers: &'b mut [ScaleBuffers<'_>]) -> Vec<ScaleBuffers<'b>> {
    buffers.iter_mut().map(|buffers| buffers.part(0..1)).collect()
}

#[test]
fn a_missing_number_needs_no_copy() {
    let proqol = catalog::get("proqol-5").unwrap();
    let scorer = proqol.scorer();
    let column = vec![3_u8; 5000];
    let coding = Coding::Missing { number: 0, kind: MissingKind::Skipped };
    let mut frame = Frame::new(&proqol, 5000).coded(coding).unwrap();
    for item in proqol.items() {
        frame = frame.column(item.id(), &column).unwrap();
    }
    let mut bands = vec![vec![0; 5000]; 3];
    let mut buffers: Vec<_> = bands.iter_mut().map(|b| ScaleBuffers::new().bands(b)).collect();
    scorer.score_frame_into(&frame, 0..5000, &mut buffers).unwrap();
    let many = allocations(|| {
        scorer.score_frame_into(&frame, 0..5000, &mut buffers).unwrap();
    });
    assert_eq!(many, 0);
}

#[test]
fn a_file_of_scores() {
    let proqol = catalog::get("proqol-5").unwrap();
    let counted = |rows: usize| {
        let mut file: String = (1..=30).map(|n| format!("q{n},")).collect();
        file.push_str("who\n");
        for row in 0..rows {
            for item in 0..30 {
                let byte = cell(row, item);
                file.push_str(&if byte == 254 { ",".to_owned() } else { format!("{byte},") });
            }
            file.push_str(&format!("{row}\n"));
        }
        let import =
            Import::new(Profile::plain()).instrument(&proqol, ItemColumns::prefix("q")).id("who");
        let scorer = proqol.scorer_with(&ScoreOptions::new().min_answered(1)).unwrap();
        allocations(|| {
            let mut reader = import.open(file.as_bytes()).unwrap();
            let mut table = ScoreTable::new(std::io::sink(), &import, [scorer]).unwrap();
            while let Some(row) = reader.next_row().unwrap() {
                table.write(row).unwrap();
            }
            table.finish().unwrap();
        })
    };
    // The texts of states are written once each; rows as such cost nothing.
    let (few, many) = (counted(5_000), counted(50_000));
    assert!(many <= few + 60, "{few} for 5,000 rows, {many} for 50,000");
}
