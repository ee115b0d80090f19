//! Response quality against independent software: numpy 2.4.6 with scipy 1.17.1
//! (`tests/oracle/careless_*`), and R careless 1.2.2 on its own simulated data (outside the
//! repository, see `common::fixtures`).
#![allow(clippy::pedantic)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::{Scale, bytes, csv, fixtures, instrument, json, numbered, oracle, table};
use straingauge::num::Deletion;
use straingauge::quality::{AnswerPattern, Flag, NotAssessable, QualityOptions, ResponseQuality};
use straingauge::reliability::ItemStatistics;

fn close(found: f64, expected: f64, tolerance: f64) -> bool {
    (found - expected).abs() <= tolerance * expected.abs().max(1.0)
}

#[test]
fn indices_of_the_oracle_with_gaps_and_without() {
    let items = numbered("i", 1..=10);
    let (first, second) = (items[..5].to_vec(), items[5..].to_vec());
    let form = instrument(
        &[
            Scale { id: "a", items: first, reverse: vec!["i4".into()] },
            Scale { id: "b", items: second, reverse: vec!["i9".into()] },
        ],
        (1, 5),
    );
    let meta = json("careless_meta.json");
    for set in ["syn_items_complete", "syn_items_missing"] {
        let (header, rows) = csv(&oracle(&format!("data/{set}.csv")));
        let columns = bytes(&header, &rows, &items);
        let answers = table(&form, &items, &columns);
        let options = QualityOptions::new().pair_correlation(0.45);
        let listwise = ResponseQuality::of(&answers, &options).unwrap();
        let pairwise =
            ResponseQuality::of(&answers, &options.distance_deletion(Deletion::Pairwise)).unwrap();
        let pairs = |key: &str| -> Vec<(String, String)> {
            let pairs = meta[set][key].as_array().unwrap();
            let name = |pair: &serde_json::Value, at: usize| pair[at].as_str().unwrap().to_owned();
            pairs.iter().map(|pair| (name(pair, 0), name(pair, 1))).collect()
        };
        let own = |pairs: Vec<(&str, &str)>| -> Vec<(String, String)> {
            pairs.into_iter().map(|(a, b)| (a.to_owned(), b.to_owned())).collect()
        };
        assert_eq!(own(listwise.synonym_pairs()), pairs("synonym_pairs"));
        assert_eq!(own(listwise.antonym_pairs()), pairs("antonym_pairs"));

        let (header, expected) = csv(&oracle(&format!("careless_{set}.csv")));
        assert_eq!(expected.len(), listwise.len());
        let at = |name: &str| header.iter().position(|known| known == name).unwrap();
        for (row, (person, expected)) in listwise.people().zip(&expected).enumerate() {
            let number = |name: &str| expected[at(name)].parse::<f64>().ok();
            let missing = number("n_missing").unwrap();
            let answered = 10.0 - missing;
            assert!(close(person.missing_share(), missing / 10.0, 1e-15));
            if answered == 0.0 {
                assert_eq!(person.longstring(), Err(NotAssessable::NothingAnswered));
                assert_eq!(person.average_longstring(), Err(NotAssessable::NothingAnswered));
            } else {
                let longest = f64::from(person.longstring().unwrap());
                assert_eq!(Some(longest), number("longstring_na_breaks"));
                // The oracle counts each gap as a run of 1: ten items over all runs.
                let runs = answered / person.average_longstring().unwrap();
                assert!(close(
                    10.0 / (runs + missing),
                    number("avgstring_na_breaks").unwrap(),
                    1e-14
                ));
            }
            match number("irv") {
                Some(irv) => assert!(close(person.irv().unwrap(), irv, 1e-14)),
                None => assert!(matches!(person.irv(), Err(NotAssessable::TooFewAnswers { .. }))),
            }
            // With two scales even-odd is ±1 for everybody, so it is refused.
            assert!(number("evenodd_r").is_none_or(|r| close(r.abs(), 1.0, 1e-12)));
            assert_eq!(person.even_odd(), Err(NotAssessable::TooFewScales { found: 2, needed: 3 }));
            match number("syn_r") {
                Some(r) => assert!(close(person.synonyms().unwrap(), r, 1e-12)),
                None => assert!(person.synonyms().is_err()),
            }
            assert_eq!(number("ant_r"), None);
            assert!(matches!(person.antonyms(), Err(NotAssessable::TooFewPairs { .. })));
            for (quality, name) in [(&listwise, "complete_cases"), (&pairwise, "pairwise")] {
                let found = quality.person(row).mahalanobis();
                match number(&format!("mahal_d2_{name}")) {
                    Some(squared) => {
                        let found = found.unwrap();
                        assert!(close(found.squared, squared, 1e-11), "{set} {row} {name}");
                        let p = if name == "pairwise" { "pairwise" } else { "complete" };
                        assert!(close(found.p, number(&format!("mahal_p_{p}")).unwrap(), 1e-10));
                        assert_eq!(found.df, 10);
                    }
                    None => assert!(matches!(found, Err(NotAssessable::Incomplete { .. }))),
                }
            }
        }
    }
}

#[test]
fn careless_data_of_the_r_package() {
    let (Some(answers), Some(expected)) = (
        fixtures("survey/careless_simulated_200x50.csv"),
        fixtures("survey/careless_simulated_200x50_expected.csv"),
    ) else {
        return;
    };
    let (header, rows) = csv(&answers);
    let items: Vec<String> = header[1..].iter().map(|name| name.to_lowercase()).collect();
    let header: Vec<String> = header.iter().map(|name| name.to_lowercase()).collect();
    let names: Vec<String> = ('a'..='j').map(|letter| format!("scale-{letter}")).collect();
    let scales: Vec<Scale<'_>> = items
        .chunks(5)
        .zip(&names)
        .map(|(items, id)| Scale { id, items: items.to_vec(), reverse: Vec::new() })
        .collect();
    let form = instrument(&scales, (1, 5));
    let columns = bytes(&header, &rows, &items);
    let quality =
        ResponseQuality::of(&table(&form, &items, &columns), &QualityOptions::new()).unwrap();
    let (header, expected) = csv(&expected);
    let at = |name: &str| header.iter().position(|known| known == name).unwrap();
    let (mut compared, mut undefined) = (0, 0);
    for (person, expected) in quality.people().zip(&expected) {
        let number = |name: &str| expected[at(name)].parse::<f64>().ok();
        let pairs = [
            (person.longstring().ok().map(f64::from), number("longstr")),
            (person.average_longstring().ok(), number("avgstr")),
            (person.irv().ok(), number("irv")),
            (person.mahalanobis().ok().map(|distance| distance.squared), number("mahad_sq")),
            (person.even_odd().ok(), number("evenodd")),
            (person.synonyms().ok(), number("psychsyn")),
        ];
        for (found, expected) in pairs {
            match (found, expected) {
                (Some(found), Some(expected)) => {
                    assert!(close(found, expected, 1e-12), "{found} {expected}");
                    compared += 1;
                }
                (None, None) => undefined += 1,
                pair => panic!("row {}: {pair:?}", person.row()),
            }
        }
    }
    assert_eq!((quality.len(), compared + undefined), (200, 1200));
    assert!(compared > 1180, "{compared} values compared, {undefined} undefined on both sides");
    assert!(quality.people().all(|person| person.straightline_across_keys().is_err()));
}

#[test]
fn known_runs_of_the_r_package() {
    let Some(path) = fixtures("survey/careless_longstring_10x100.csv") else { return };
    let (header, rows) = csv(&path);
    let columns = bytes(&header, &rows, &header[1..]);
    let columns: Vec<&[u8]> = columns.iter().map(Vec::as_slice).collect();
    let mut people = Vec::new();
    AnswerPattern::of_columns(&columns, &[], &mut people);
    for (row, pattern) in rows.iter().zip(&people) {
        let mut longest = 1;
        let mut run = 1;
        let mut runs = 1;
        for pair in row[1..].windows(2) {
            let same = pair[0] == pair[1];
            run = if same { run + 1 } else { 1 };
            runs += usize::from(!same);
            longest = longest.max(run);
        }
        assert_eq!(pattern.longstring(), longest);
        assert!(close(pattern.average_longstring().unwrap(), 100.0 / runs as f64, 1e-15));
    }
    assert_eq!(people.first().map(|p| p.longstring()), Some(10));
}

#[test]
fn item_statistics_of_the_oracle() {
    let items = numbered("i", 1..=10);
    let form = instrument(&[Scale { id: "a", items: items.clone(), reverse: Vec::new() }], (1, 5));
    let oracle_json = json("reliability.json");
    for set in ["syn_items_complete", "syn_items_missing"] {
        let (header, rows) = csv(&oracle(&format!("data/{set}.csv")));
        let columns = bytes(&header, &rows, &items);
        let answers = table(&form, &items, &columns);
        for item in ItemStatistics::of(&answers) {
            let expected = &oracle_json[set]["item_skew_kurtosis"][item.item()];
            // The oracle keys items 4 and 9 before it counts; the answers as given mirror that.
            let mirrored = matches!(item.item(), "i4" | "i9");
            let sign = if mirrored { -1.0 } else { 1.0 };
            assert_eq!(Some(item.n()), expected["n"].as_u64());
            assert_eq!(item.n() + item.missing_total(), 200);
            let skew = expected["skew_g1"].as_f64().unwrap();
            assert!(close(item.skewness().unwrap(), sign * skew, 1e-12));
            assert!(close(item.kurtosis().unwrap(), expected["kurt_g2"].as_f64().unwrap(), 1e-12));
            let pairwise = &oracle_json[set]["pairwise"];
            let mean = pairwise["item_mean"][item.item()].as_f64().unwrap();
            let mean = if mirrored { 6.0 - mean } else { mean };
            assert!(close(item.mean().unwrap(), mean, 1e-13));
            let sd = pairwise["item_sd"][item.item()].as_f64().unwrap();
            assert!(close(item.sd().unwrap(), sd, 1e-13));
            assert_eq!(item.options().iter().map(|option| option.count).sum::<u64>(), item.n());
        }
    }
}

/// A form of two scales of eight, each with two reverse-keyed items, codes 0 to 4.
fn two_scales() -> straingauge::Instrument {
    instrument(
        &[
            Scale { id: "a", items: numbered("a", 1..=8), reverse: vec!["a3".into(), "a7".into()] },
            Scale { id: "b", items: numbered("b", 1..=8), reverse: vec!["b2".into(), "b8".into()] },
        ],
        (0, 4),
    )
}

fn flags_of(form: &straingauge::Instrument, answers: &[u8]) -> Vec<Flag> {
    let names: Vec<String> = form.items().iter().map(|item| item.id().to_owned()).collect();
    let columns: Vec<Vec<u8>> = answers.iter().map(|answer| vec![*answer]).collect();
    let quality =
        ResponseQuality::of(&table(form, &names, &columns), &QualityOptions::new()).unwrap();
    quality.person(0).flags()
}

#[test]
fn a_well_person_is_not_careless() {
    let form = two_scales();
    // Never troubled, and says so on the reverse-keyed items too.
    let well = [0, 0, 4, 0, 0, 0, 4, 0, 0, 4, 0, 0, 0, 0, 0, 4];
    assert_eq!(flags_of(&form, &well), []);
    // The same line down the whole page contradicts itself.
    let both = [Flag::StraightlineAcrossKeys, Flag::Straightline];
    assert_eq!(flags_of(&form, &[0; 16]), both);
    assert_eq!(flags_of(&form, &[4; 16]), both);
    // The middle means the same from either end: a line, not a contradiction.
    assert_eq!(flags_of(&form, &[2; 16]), [Flag::Straightline]);
    // Declining is never more than unanswered.
    assert_eq!(flags_of(&form, &[253; 16]), [Flag::MostlyUnanswered]);

    // Nothing is keyed the other way: all at the floor is what a well person answers.
    let plain = instrument(
        &[
            Scale { id: "a", items: numbered("a", 1..=8), reverse: Vec::new() },
            Scale { id: "b", items: numbered("b", 1..=8), reverse: Vec::new() },
        ],
        (0, 4),
    );
    assert_eq!(flags_of(&plain, &[0; 16]), []);
    assert_eq!(flags_of(&plain, &[3; 16]), [Flag::Straightline]);
    // One scale alone: a line says nothing unless it crosses keys.
    let one =
        instrument(&[Scale { id: "a", items: numbered("a", 1..=9), reverse: Vec::new() }], (0, 3));
    assert_eq!(flags_of(&one, &[3; 9]), []);
}

#[test]
fn time_and_distance_flag_only_where_given() {
    let form = two_scales();
    let names: Vec<String> = form.items().iter().map(|item| item.id().to_owned()).collect();
    let code = |row: u16, item: u16| u8::try_from((row * 7 + item * (row % 5 + 1)) % 5).unwrap();
    let columns: Vec<Vec<u8>> =
        (0..16).map(|item| (0..60).map(|row| code(row, item)).collect()).collect();
    let answers = table(&form, &names, &columns);
    let plain = ResponseQuality::of(&answers, &QualityOptions::new()).unwrap();
    assert_eq!(plain.person(0).seconds_per_item(), Err(NotAssessable::NoTime));
    assert!(plain.people().all(|person| !person.flags().contains(&Flag::Distant)));
    let mut seconds = vec![Some(90.0); 60];
    seconds[3] = Some(31.0);
    seconds[4] = None;
    let timed = QualityOptions::new().seconds(seconds.clone()).flag_distance(0.5);
    let quality = ResponseQuality::of(&answers, &timed).unwrap();
    let fast: Vec<usize> = quality
        .people()
        .filter(|person| person.flags().contains(&Flag::Fast))
        .map(|person| person.row())
        .collect();
    assert_eq!(fast, [3]);
    assert_eq!(quality.person(4).seconds_per_item(), Err(NotAssessable::NoTime));
    let error =
        ResponseQuality::of(&answers, &QualityOptions::new().seconds(seconds[1..].to_vec()));
    assert_eq!(
        error.unwrap_err().to_string(),
        "59 times for 60 people; give one, or a gap, per person"
    );

    let summary = quality.summary().unwrap();
    assert_eq!((summary.people, summary.scales.len()), (60, 2));
    let fast = summary.flags.iter().find(|count| count.flag == Flag::Fast).unwrap();
    assert_eq!((fast.people, fast.assessable), (1, 59));
    for scale in &summary.scales {
        assert_eq!(scale.everybody.n, 60);
        assert_eq!(usize::try_from(scale.unflagged.n).unwrap(), 60 - summary.flagged);
    }
}

#[test]
fn keying_does_not_move_a_distance() {
    use straingauge::num::ItemTable;
    use straingauge::quality::Mahalanobis;
    let items = numbered("i", 1..=10);
    let (header, rows) = csv(&oracle("data/syn_items_complete.csv"));
    let columns = bytes(&header, &rows, &items);
    let (mut raw, mut keyed) = (ItemTable::new(), ItemTable::new());
    for (id, column) in items.iter().zip(&columns) {
        raw.push(id, column.iter().map(|x| Some(i16::from(*x)))).unwrap();
        let turn = |x: i16| if id == "i4" { 60 - 10 * x } else { x };
        keyed.push(id, column.iter().map(|x| Some(turn(i16::from(*x))))).unwrap();
    }
    let (a, b) = (
        Mahalanobis::of(&raw, Deletion::Listwise).unwrap(),
        Mahalanobis::of(&keyed, Deletion::Listwise).unwrap(),
    );
    for row in 0..200 {
        assert!(close(a.get(row).unwrap().squared, b.get(row).unwrap().squared, 1e-11));
    }
    // The squares of all people add up to k (n - 1).
    let sum: f64 = (0..200).map(|row| a.get(row).unwrap().squared).sum();
    assert!(close(sum, 10.0 * 199.0, 1e-12));
}

/// The missing rules of a scale, and the bounds that gaps leave, as independent code has them.
#[test]
fn prorated_scores_of_the_oracle() {
    use straingauge::score::ScoreOptions;
    let items = numbered("i", 1..=10);
    let reverse = vec!["i4".to_owned(), "i9".to_owned()];
    let form = instrument(&[Scale { id: "sum", items: items.clone(), reverse }], (1, 5));
    let (header, rows) = csv(&oracle("data/syn_items_missing.csv"));
    let columns = bytes(&header, &rows, &items);
    let (header, expected) = csv(&oracle("prorated.csv"));
    let at = |name: &str| header.iter().position(|known| known == name).unwrap();
    let rules = [
        (10, "sum_complete_only"),
        (8, "prorated_sum_min8of10"),
        (5, "prorated_sum_half_at_least_5"),
        (6, "prorated_sum_more_than_half_6"),
    ];
    for (needed, name) in rules {
        let scorer = form.scorer_with(&ScoreOptions::new().min_answered(needed)).unwrap();
        for (row, expected) in expected.iter().enumerate() {
            let sheet: Vec<u8> = columns.iter().map(|column| column[row]).collect();
            let scores = scorer.score_row(&sheet).unwrap();
            let view = scores.get("sum").unwrap();
            match expected[at(name)].parse::<f64>() {
                Ok(value) => assert!(close(view.value().unwrap().to_f64(), value, 1e-15), "{row}"),
                Err(_) => assert!(view.value().is_err()),
            }
            let (low, high) = view.bounds().unwrap();
            assert_eq!(low.to_f64(), expected[at("bound_low")].parse::<f64>().unwrap());
            assert_eq!(high.to_f64(), expected[at("bound_high")].parse::<f64>().unwrap());
            assert_eq!(view.answered().to_string(), expected[at("n_answered")]);
        }
    }
}
