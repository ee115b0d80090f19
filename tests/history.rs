//! Histories: what they take, what they refuse, what they keep for ever.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::pedantic, missing_docs)]

mod support;

use straingauge::change::{
    Between, ChangeOptions, ChangeTest, Course, Equivalence, History, HistoryError, Method, Note,
    PublishedPoints, TrendOptions, Verdict, Yardstick,
};
use straingauge::instrument::ChangeKind;
use straingauge::score::{ScoreOptions, ScoreRecord, Status};
use straingauge::watch::{Audience, Consent};
use straingauge::{Instrument, Sheet, catalog};
use support::{day, gauge, history, loads};

fn phq9() -> Instrument {
    catalog::get("phq-9").unwrap()
}

fn scored(instrument: &Instrument, answers: &str) -> ScoreRecord {
    instrument.score(&Sheet::from_text(instrument, answers).unwrap()).unwrap().to_record()
}

#[test]
fn in_any_order_in_and_in_time_order_out() {
    let phq9 = phq9();
    let one = history(
        &phq9,
        &[(60, "2 2 2 2 2 1 1 1 0"), (0, "1 1 1 0 1 0 0 0 0"), (30, "1 1 1 1 1 1 1 1 0")],
    );
    let other = history(
        &phq9,
        &[(0, "1 1 1 0 1 0 0 0 0"), (30, "1 1 1 1 1 1 1 1 0"), (60, "2 2 2 2 2 1 1 1 0")],
    );
    assert_eq!(one, other);
    let days: Vec<_> = one.entries().iter().map(|entry| entry.date()).collect();
    assert_eq!(days, [day(0), day(30), day(60)]);
}

#[test]
fn a_second_set_on_one_day_is_refused_until_told_which_counts() {
    let phq9 = phq9();
    let mut history = history(&phq9, &[(0, "1 1 1 0 1 0 0 0 0")]);
    let error = history.push(day(0), scored(&phq9, "2 1 1 0 1 0 0 0 0")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "there already are scores of 2024-01-01; say which count: `replace` keeps the new ones"
    );
    let old = history.replace(day(0), scored(&phq9, "2 1 1 0 1 0 0 0 0")).unwrap();
    assert_eq!(old.unwrap().scale("total").unwrap().value, Some(4.0));
    assert_eq!(history.entries()[0].scores().scale("total").unwrap().value, Some(5.0));
    assert_eq!(history.replace(day(1), scored(&phq9, "2 1 1 0 1 0 0 0 0")).unwrap(), None);
    assert!(history.remove(day(1)).is_some() && history.remove(day(1)).is_none());
    assert_eq!(history.entries().len(), 1);
}

#[test]
fn scores_of_another_rule_instrument_or_variant_are_refused() {
    let phq9 = phq9();
    let mut history = history(&phq9, &[(0, "1 1 1 0 1 0 0 0 0")]);
    let wsas = catalog::get("wsas").unwrap();
    let error = history.push(day(1), scored(&wsas, "1 2 3 4 5")).unwrap_err();
    assert_eq!(error.to_string(), "scores of `wsas` do not belong to a history of `phq-9`");

    let lenient = phq9.scorer_with(&ScoreOptions::new().min_answered(5)).unwrap();
    let sheet = Sheet::from_text(&phq9, "1 1 1 0 1 0 0 . .").unwrap();
    let other_rule = lenient.score(&sheet).unwrap().to_record();
    let HistoryError::OtherRule { scale, found, expected } =
        history.push(day(1), other_rule.clone()).unwrap_err()
    else {
        panic!("another rule was taken")
    };
    assert_eq!(scale, "total");
    // Declared equivalent, with the reason kept.
    let mut told = History::new("phq-9").with_equivalence(Equivalence::new(
        "total",
        [found, expected],
        "the same sum; only the missing rule differs",
    ));
    told.push(day(0), scored(&phq9, "1 1 1 0 1 0 0 0 0")).unwrap();
    told.push(day(1), other_rule).unwrap();
    assert!(serde_json::to_string(&told).unwrap().contains("only the missing rule differs"));

    let stss = catalog::get("stss").unwrap();
    let variant = stss.scorer_with(&ScoreOptions::new().variant("four-cluster")).unwrap();
    let sheet = Sheet::from_text(&stss, &"3 ".repeat(17)).unwrap();
    let record = variant.score(&sheet).unwrap().to_record();
    let error = History::new("stss").push(day(0), record.clone()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "scores of variant `four-cluster` do not belong to a history of the whole instrument; \
         keep one history for each"
    );
    let mut history = History::of_variant("stss", "four-cluster");
    history.push(day(0), record).unwrap();
    assert!(history.course(&stss).unwrap().series("active-avoidance").is_some());
}

#[test]
fn a_course_refuses_another_instrument_or_rule() {
    let phq9 = phq9();
    let history = history(&phq9, &[(0, "1 1 1 0 1 0 0 0 0")]);
    assert!(history.course(&gauge()).is_err());
    let text = include_str!("../instruments/phq-9/1.0.0.toml");
    // A patch of the title leaves the rules, so old scores stay comparable.
    let retitled = Instrument::parse(&text.replace("version = \"1.0.0\"", "version = \"1.0.1\""));
    if let Ok(retitled) = retitled {
        assert!(history.course(&retitled).is_ok());
    }
}

#[test]
fn absent_scores_stay_in_the_record_and_out_of_the_arithmetic() {
    let history = loads(&[Some(20), None, Some(24), Some(33)]);
    let gauge = gauge();
    let course = history.course(&gauge).unwrap();
    let statuses: Vec<Status> = course.records("load").map(|(_, record)| record.status).collect();
    assert_eq!(statuses[1], Status::TooFewAnswered);
    let series = course.series("load").unwrap();
    assert_eq!(series.points().iter().map(|p| p.value()).collect::<Vec<_>>(), [20.0, 24.0, 33.0]);
}

#[test]
fn prorated_scores_widen_the_error() {
    let phq9 = phq9();
    let scorer = phq9.scorer_with(&ScoreOptions::new().min_answered(6)).unwrap();
    let mut history = History::new("phq-9");
    for (at, answers) in [(0, "1 1 1 0 1 0 0 0 0"), (20, "1 2 2 2 2 1 . . .")] {
        let sheet = Sheet::from_text(&phq9, answers).unwrap();
        history.push(day(at), scorer.score(&sheet).unwrap().to_record()).unwrap();
    }
    let series = history.course(&phq9).unwrap().series("total").unwrap();
    let norm = Yardstick::best(&phq9, "total").unwrap();
    let change = series.change(Between::FirstAndLast, &norm, &ChangeOptions::new()).unwrap();
    assert_eq!(change.numbers.last, 15.0); // 10 x 9 / 6
    let sem = change.sem.unwrap();
    let expected = sem * (1.0_f64 + 9.0 / 6.0).sqrt();
    assert!((change.numbers.standard_error.unwrap() - expected).abs() < 1e-12);
    assert!(change.notes.contains(&Note::Prorated));
}

#[test]
fn an_alpha_based_error_says_so_beyond_four_weeks() {
    let bat = catalog::get("bat-12").unwrap();
    let low = "2 ".repeat(12);
    let high = "3 ".repeat(12);
    let norm = Yardstick::best(&bat, "total").unwrap();
    for (gap, said) in [(28, false), (29, true)] {
        let history = history(&bat, &[(0, low.as_str()), (gap, high.as_str())]);
        let series = history.course(&bat).unwrap().series("total").unwrap();
        let change = series.change(Between::FirstAndLast, &norm, &ChangeOptions::new()).unwrap();
        assert_eq!(change.verdict(), Verdict::Worse);
        assert_eq!(change.notes.contains(&Note::ErrorOfTheMoment { days: gap }), said);
    }
}

/// 23.6 points of the percentage (Danish outpatients, median 22 days apart); the custom of 10 points
/// is less than half of that, and says nothing about a person.
#[test]
fn a_published_error_judges_and_a_custom_does_not() {
    let who5 = catalog::get("who-5").unwrap();
    let judged = |last: &str| {
        let history = history(&who5, &[(0, "3 3 3 3 3"), (7, last)]);
        let series = history.course(&who5).unwrap().series("percent").unwrap();
        let best = Yardstick::best(&who5, "percent").unwrap();
        series.change(Between::FirstAndLast, &best, &ChangeOptions::new()).unwrap()
    };
    let twelve = judged("3 3 3 3 0"); // 60 to 48
    assert_eq!((twelve.numbers.change, twelve.verdict()), (-12.0, Verdict::NoReliableChange));
    assert_eq!(judged("3 3 2 2 0").verdict(), Verdict::NoReliableChange); // 60 to 40
    let change = judged("3 3 3 0 0"); // 60 to 36
    assert_eq!((change.numbers.change, change.verdict()), (-24.0, Verdict::Worse));
    assert_eq!(change.method, Method::PublishedChange);
    assert_eq!((change.numbers.index, change.numbers.p), (None, None));
    assert_eq!(change.notes, [Note::PublishedReliable]);

    let direction = who5.scale("percent").unwrap().direction();
    for published in who5.changes().iter().filter(|change| change.kind() != ChangeKind::Reliable) {
        let custom = Yardstick::from(PublishedPoints::from(published));
        assert!(!Yardstick::all(&who5, "percent").contains(&custom));
        let error = ChangeTest::new(&custom, direction, &ChangeOptions::new()).unwrap_err();
        assert!(
            error.to_string().contains("does not say that a change is beyond error"),
            "{error}"
        );
    }
    // Another method needs the error of a group, and never returns the figure of this one.
    let best = Yardstick::best(&who5, "percent").unwrap();
    let speer = ChangeOptions::new().with_method(Method::Speer);
    assert!(ChangeTest::new(&best, direction, &speer).is_err());
}

/// GAD-7: 6 points (Bischoff 2020) before the 4 that internal consistency would give.
#[test]
fn an_error_from_asking_twice_comes_before_internal_consistency() {
    let best = |id: &str, scale: &str| Yardstick::best(&catalog::get(id).unwrap(), scale);
    let points = |yardstick: Option<Yardstick>| match yardstick {
        Some(Yardstick::Published(published)) => Some(published.points()),
        _ => None,
    };
    assert_eq!(points(best("gad-7", "total")), Some(6.0));
    assert_eq!(best("k6", "total").unwrap().name(), "adults-jp");
    assert_eq!(best("phq-9", "total").unwrap().name(), "online-he");
    // Figures of different people, or of two versions, judge nobody unless they are asked for.
    for scale in ["compassion-satisfaction", "burnout", "secondary-traumatic-stress"] {
        assert_eq!(best("proqol-5", scale), None, "{scale}");
    }
    assert_eq!(best("stss", "total"), None);
}

/// Smallest detectable change 8.47 of the same sample (Japan, two weeks), from SD 5.84 and ICC .73:
/// 1.96 x 1.4142 x 5.84 x sqrt(0.27) = 8.41; the article's SEM is rounded.
#[test]
fn the_error_of_the_norm_agrees_with_the_change_that_its_article_gives() {
    let k6 = catalog::get("k6").unwrap();
    let history = history(&k6, &[(0, "1 1 1 1 1 1"), (14, "4 4 4 4 1 1")]);
    let series = history.course(&k6).unwrap().series("total").unwrap();
    let best = Yardstick::best(&k6, "total").unwrap();
    let change = series.change(Between::FirstAndLast, &best, &ChangeOptions::new()).unwrap();
    assert!((change.numbers.smallest_change - 8.41).abs() < 0.01);
    assert!((change.numbers.smallest_change - 8.47).abs() < 0.1);
}

#[test]
fn a_score_by_table_is_judged_by_its_own_standard_errors() {
    let promis = catalog::get("promis-global-10").unwrap();
    let scales: Vec<_> = promis.scales().iter().map(|scale| scale.id().to_owned()).collect();
    let scale = scales
        .iter()
        .find(|id| matches!(Yardstick::best(&promis, id), Some(Yardstick::Reference(r)) if r.sem().is_err()))
        .expect("a scale with a table of errors");
    let items = promis.items().len();
    let answers = |code: i64| vec![code.to_string(); items].join(" ");
    let history = history(&promis, &[(0, answers(4).as_str()), (30, answers(2).as_str())]);
    let course: Course<'_> = history.course(&promis).unwrap();
    let series = course.series(scale).unwrap();
    let norm = Yardstick::best(&promis, scale).unwrap();
    let change = series.change(Between::FirstAndLast, &norm, &ChangeOptions::new()).unwrap();
    assert!(change.numbers.standard_error.unwrap() > 3.0);
    assert_eq!(change.verdict(), Verdict::Worse);
}

#[test]
fn the_trend_of_a_course_is_in_points_per_month() {
    let history = loads(&[Some(20), Some(23), Some(26), Some(29), Some(32)]);
    let gauge = gauge();
    let series = history.course(&gauge).unwrap().series("load").unwrap();
    let norm = Yardstick::best(&gauge, "load").unwrap();
    let trend = series.trend(Some(&norm), &TrendOptions::new()).unwrap();
    assert!((trend.slope_per_30_days.unwrap() - 3.0).abs() < 1e-12);
    assert!((trend.total_change.unwrap() - 12.0).abs() < 1e-12);
    assert!((trend.robust.unwrap().slope_per_30_days - 3.0).abs() < 1e-12);
    assert_eq!(trend.robust.unwrap().s, 10);
    assert_eq!(trend.verdict, Verdict::Worse);
}

fn golden(name: &str, today: &impl serde::Serialize) -> String {
    let path = format!("{}/tests/golden/0.1/{name}", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("WRITE_GOLDEN").is_some() && !std::path::Path::new(&path).exists() {
        std::fs::write(&path, serde_json::to_string_pretty(today).unwrap() + "\n").unwrap();
    }
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Files under `tests/golden/` are never edited: a new form gets a new folder beside it.
#[test]
fn what_was_stored_reads_for_ever() {
    let phq9 = catalog::get("phq-9@1.0.0").unwrap();
    let today = history(&phq9, &[(0, "1 1 1 0 1 0 0 0 0"), (30, "2 2 2 2 1 1 0 1 0 2")]);
    let stored = golden("phq-9.history.json", &today);
    let history: History = serde_json::from_str(&stored).unwrap();
    assert_eq!(serde_json::to_string_pretty(&history).unwrap() + "\n", stored);
    let points = |history: &History| {
        history.course(&phq9).unwrap().series("total").unwrap().points().to_vec()
    };
    assert_eq!(points(&history), points(&today));
    // Later versions may add keys: they are passed over.
    let later = stored.replacen("\"format\": 1,", "\"format\": 1, \"added-later\": true,", 1);
    assert_eq!(serde_json::from_str::<History>(&later).unwrap(), history);
    let error =
        serde_json::from_str::<History>(&stored.replacen("\"format\": 1", "\"format\": 2", 1));
    assert!(error.unwrap_err().to_string().starts_with("format 2 is not known"));

    let today = Consent::new(Audience::Supervisor, day(0), day(180))
        .unwrap()
        .with_scale("phq-9", "total")
        .with_flag("worse-than-at-start")
        .revoked(day(60));
    let stored = golden("consent.json", &today);
    assert_eq!(serde_json::from_str::<Consent>(&stored).unwrap(), today);
}
