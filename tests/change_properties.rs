//! What must hold of change and trend whatever the numbers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::pedantic, missing_docs)]

use proptest::prelude::*;
use straingauge::change::{
    Between, ChangeColumns, ChangeOptions, ChangeTest, Errors, Method, Reading, Reference, Series,
    TrendOptions, Verdict, Yardstick, reliable_trend, robust_trend,
};
use straingauge::date::Date;
use straingauge::instrument::Direction;
use straingauge::num::robust::mann_kendall;

const WORSE: Direction = Direction::HigherIsWorse;
const BETTER: Direction = Direction::HigherIsBetter;

/// A reference that every method can use.
fn full(mean: f64, sd: f64, r: f64) -> Reference {
    Reference::new("full")
        .with_people(40)
        .with_mean(mean)
        .with_sd(sd)
        .with_reliability(r)
        .with_retest(mean - 0.7, sd * 1.1)
        .with_retest_reliability(r * 0.9)
        .with_correlation(r * 0.95)
}

fn methods() -> impl Strategy<Value = Method> {
    let usable = Method::ALL.iter().map(|p| p.method).filter(|m| *m != Method::PublishedChange);
    prop::sample::select(usable.collect::<Vec<_>>())
}

fn judge(
    reference: Reference,
    (direction, method): (Direction, Method),
    (first, last): (f64, f64),
) -> straingauge::change::ChangeNumbers {
    let options = ChangeOptions::new().with_method(method);
    let test = ChangeTest::new(&reference.into(), direction, &options).unwrap();
    test.judge(Reading::new(first), Reading::new(last)).unwrap()
}

fn flipped(verdict: Verdict) -> Verdict {
    match verdict {
        Verdict::Worse => Verdict::Better,
        Verdict::Better => Verdict::Worse,
        other => other,
    }
}

fn day(n: i32) -> Date {
    Date::new(2024, 1, 1).unwrap().plus_days(n).unwrap()
}

/// Distinct days with scores, in time order.
fn courses(most: usize) -> impl Strategy<Value = Vec<(i32, f64)>> {
    prop::collection::btree_map(0_i32..2000, 0.0..27.0_f64, 2..most)
        .prop_map(|map| map.into_iter().collect())
}

fn series(points: &[(i32, f64)], direction: Direction) -> Series {
    let mut course = Series::new("total", direction);
    for (at, value) in points {
        course.push(day(*at), Reading::new(*value)).unwrap();
    }
    course
}

proptest! {
    #[test]
    fn two_point_reliable_trend_is_the_index(
        first in 0.0..100.0_f64, last in 0.0..100.0_f64, days in 1..900_i32,
        sd in 0.5..20.0_f64, r in 0.05..0.98_f64,
    ) {
        let reference = Reference::new("x").with_sd(sd).with_reliability(r);
        let sem = reference.sem().unwrap();
        let times = [19_000.0, 19_000.0 + f64::from(days)];
        let line = reliable_trend(&times, &[first, last], Errors::Same(sem)).unwrap();
        let change = judge(reference, (WORSE, Method::JacobsonTruax), (first, last));
        let index = change.index.unwrap();
        prop_assert!((line.z - index).abs() <= 1e-12 * index.abs().max(1.0));
        prop_assert!((line.p - change.p.unwrap()).abs() <= 1e-12);
    }

    #[test]
    fn two_prorated_points_keep_that_identity(
        first in 0.0..100.0_f64, last in 0.0..100.0_f64, answered in 3..10_u32,
    ) {
        let norm: Yardstick = Reference::new("x").with_sd(7.0).with_reliability(0.8).into();
        let test = ChangeTest::new(&norm, WORSE, &ChangeOptions::new()).unwrap();
        let change = test
            .judge(Reading::new(first).prorated(answered, 10), Reading::new(last))
            .unwrap();
        let sem = 7.0 * 0.2_f64.sqrt();
        let each = [sem * (10.0 / f64::from(answered)).sqrt(), sem];
        let line = reliable_trend(&[0.0, 30.0], &[first, last], Errors::Each(&each)).unwrap();
        let index = change.index.unwrap();
        prop_assert!((line.z - index).abs() <= 1e-12 * index.abs().max(1.0));
    }

    #[test]
    fn a_mirrored_scale_flips_verdicts(
        method in methods(), first in 0.0..27.0_f64, last in 0.0..27.0_f64, r in 0.3..0.95_f64,
    ) {
        let here = judge(full(9.0, 4.0, r), (WORSE, method), (first, last));
        let mirror = Reference::new("mirror")
            .with_people(40).with_mean(-9.0).with_sd(4.0).with_reliability(r)
            .with_retest(-9.0 + 0.7, 4.4).with_retest_reliability(r * 0.9)
            .with_correlation(r * 0.95);
        let there = judge(mirror, (WORSE, method), (-first, -last));
        prop_assert_eq!(here.verdict, flipped(there.verdict));
        prop_assert_eq!(here.p, there.p);
        let same_points = judge(full(9.0, 4.0, r), (BETTER, method), (first, last));
        prop_assert_eq!(here.verdict, flipped(same_points.verdict));
    }

    #[test]
    fn affine_change_of_score_and_norm_leaves_the_index(
        method in methods(), first in 0.0..27.0_f64, last in 0.0..27.0_f64,
        scale in 0.1..50.0_f64, shift in -100.0..100.0_f64, r in 0.3..0.95_f64,
    ) {
        let to = |x: f64| shift + scale * x;
        let here = judge(full(9.0, 4.0, r), (WORSE, method), (first, last));
        let moved = Reference::new("moved")
            .with_people(40).with_mean(to(9.0)).with_sd(4.0 * scale).with_reliability(r)
            .with_retest(to(8.3), 4.4 * scale).with_retest_reliability(r * 0.9)
            .with_correlation(r * 0.95);
        let there = judge(moved, (WORSE, method), (to(first), to(last)));
        let (a, b) = (here.index.unwrap(), there.index.unwrap());
        prop_assert!((a - b).abs() <= 1e-9 * a.abs().max(1.0), "{a} {b}");
    }

    #[test]
    fn p_values_are_probabilities_and_agree_with_verdicts(
        method in methods(), first in -50.0..50.0_f64, last in -50.0..50.0_f64, r in 0.05..0.99_f64,
    ) {
        let found = judge(full(9.0, 4.0, r), (WORSE, method), (first, last));
        let p = found.p.unwrap();
        prop_assert!((0.0..=1.0).contains(&p));
        if (p - 0.05).abs() > 1e-9 {
            prop_assert_eq!(p < 0.05, found.verdict != Verdict::NoReliableChange);
        }
    }

    #[test]
    fn the_order_of_insertion_does_not_matter(points in courses(15), seed in any::<u64>()) {
        let mut shuffled = points.clone();
        let mut state = seed | 1;
        for at in (1..shuffled.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            shuffled.swap(at, usize::try_from(state >> 33).unwrap() % (at + 1));
        }
        prop_assert_eq!(series(&points, WORSE), series(&shuffled, WORSE));
    }

    #[test]
    fn trend_p_values_are_probabilities(points in courses(15)) {
        let norm = Reference::new("x").with_sd(5.0).with_reliability(0.8).into();
        let course = series(&points, BETTER);
        match course.trend(Some(&norm), &TrendOptions::new().with_ols()) {
            Ok(trend) => {
                let line = trend.reliable.unwrap();
                let mut ps = vec![line.p, line.q_p.unwrap()];
                ps.extend(trend.robust.map(|robust| robust.p));
                ps.extend(trend.ols.map(|ols| ols.p));
                prop_assert!(ps.iter().all(|p| (0.0..=1.0).contains(p)), "{ps:?}");
            }
            Err(error) => prop_assert!(points.len() < 3, "{error}"),
        }
    }

    #[test]
    fn columns_equal_the_one_person_path_bit_for_bit(
        people in prop::collection::vec(courses(30), 1..8),
        holes in prop::collection::vec(any::<bool>(), 240),
    ) {
        let norm: Yardstick = Reference::new("x").with_sd(5.0).with_reliability(0.8).into();
        let test = ChangeTest::new(&norm, WORSE, &ChangeOptions::new()).unwrap();
        let (mut starts, mut days, mut values) = (vec![0], Vec::new(), Vec::new());
        for person in &people {
            days.extend(person.iter().map(|point| day(point.0).number()));
            values.extend(person.iter().map(|point| point.1));
            starts.push(days.len());
        }
        let present: Vec<bool> = (0..days.len()).map(|row| holes[row % holes.len()]).collect();
        let columns = ChangeColumns::new(&starts, &days, &values).unwrap();
        let holed = columns.with_present(&present).unwrap();
        for between in [Between::FirstAndLast, Between::LastTwo] {
            for (table, all) in [(columns, true), (holed, false)] {
                let judged = table.judge(&test, between).unwrap();
                for (p, person) in people.iter().enumerate() {
                    let kept: Vec<_> = person.iter().enumerate()
                        .filter(|(at, _)| all || present[starts[p] + at])
                        .map(|(_, point)| *point).collect();
                    let course = series(&kept, WORSE);
                    let change = course.judged_by(&test, between).ok().map(|c| c.numbers);
                    prop_assert_eq!(judged[p].change, change);
                    let trend = course.trend(Some(&norm), &TrendOptions::new()).ok();
                    prop_assert_eq!(judged[p].trend, trend.as_ref().and_then(|t| t.reliable));
                    prop_assert_eq!(judged[p].trend_verdict, trend.map(|t| t.verdict));
                }
            }
        }
    }
}

#[test]
fn exact_mann_kendall_equals_enumeration() {
    fn permute(values: &mut Vec<f64>, at: usize, all: &mut Vec<i64>) {
        if at == values.len() {
            let mut s = 0;
            for (i, early) in values.iter().enumerate() {
                for late in &values[i + 1..] {
                    s += i64::from(late > early) - i64::from(late < early);
                }
            }
            all.push(s);
            return;
        }
        for other in at..values.len() {
            values.swap(at, other);
            permute(values, at + 1, all);
            values.swap(at, other);
        }
    }
    for values in [
        vec![1.0, 2.0, 3.0],
        vec![2.0, 1.0, 3.0, 4.0],
        vec![5.0, 1.0, 2.0, 3.0, 4.0],
        vec![1.0, 2.0, 2.0, 3.0, 1.0],
        vec![1.0, 3.0, 2.0, 5.0, 4.0, 6.0],
        vec![1.0, 1.0, 2.0, 2.0, 3.0, 3.0],
        vec![1.0, 2.0, 4.0, 3.0, 5.0, 7.0, 6.0],
        vec![1.0, 1.0, 2.0, 2.0, 2.0, 3.0, 1.0],
        vec![4.0; 7],
    ] {
        let found = mann_kendall(&values).unwrap();
        let mut all = Vec::new();
        permute(&mut values.clone(), 0, &mut all);
        let far = all.iter().filter(|s| s.abs() >= found.s.abs()).count();
        assert!(found.exact);
        assert!((found.p - far as f64 / all.len() as f64).abs() < 1e-14, "{values:?}");
    }
}

#[test]
fn a_course_refuses_what_it_cannot_hold() {
    let mut course = Series::new("total", WORSE).with_range(0.0, 27.0);
    course.push(day(0), Reading::new(3.0)).unwrap();
    let error =
        |result: Result<(), straingauge::change::ChangeError>| result.unwrap_err().to_string();
    assert_eq!(
        error(course.push(day(0), Reading::new(4.0))),
        "a second score on 2024-01-01; keep the one that counts"
    );
    assert_eq!(
        error(course.push(day(1), Reading::new(28.0))),
        "score 28 lies outside the scale's range 0 to 27"
    );
    assert!(course.push(day(1), Reading::new(f64::NAN)).is_err());
    assert_eq!(course.points().len(), 1);
}

#[test]
fn a_gap_splits_a_course_only_when_asked() {
    let points: Vec<_> =
        [0, 7, 14, 21, 28, 203, 210, 217, 224].into_iter().map(|at| (at, 20.0)).collect();
    let course = series(&points, WORSE);
    let lengths = |gap| course.episodes(gap).iter().map(|e| e.points().len()).collect::<Vec<_>>();
    assert_eq!(lengths(60), [5, 4]);
    assert_eq!(lengths(175), [9]);
    assert_eq!(course.until(day(100)).points().len(), 5);
}

/// Scores as they come: few whole points, many, parts of points, anything, and all alike.
fn scores() -> impl Strategy<Value = Vec<f64>> {
    let whole = |top: u32| (0..=top).prop_map(f64::from);
    prop_oneof![
        prop::collection::vec(whole(4), 5..40),
        prop::collection::vec(whole(27), 2..40),
        prop::collection::vec(whole(400), 5..30),
        prop::collection::vec(whole(60).prop_map(|points| points / 9.0 - 3.0), 5..40),
        prop::collection::vec(-1e3..1e3_f64, 5..40),
        prop::collection::vec(-1e-6..1e-6_f64, 5..12),
        prop::collection::vec(prop::sample::select(vec![0.0, -0.0, 1.0, -1.0]), 5..30),
        prop::collection::vec(
            prop::sample::select(vec![0.0, 1e300, -1e300, 1e-300, 3.5, f64::MAX, f64::MIN, 5e-324]),
            5..20
        ),
        (whole(27), 5..300_usize).prop_map(|(score, n)| vec![score; n]),
        prop::collection::vec(whole(100), 250..270),
    ]
}

fn gaps() -> impl Strategy<Value = Vec<i32>> {
    prop_oneof![
        (1..40_i32).prop_map(|gap| vec![gap; 300]),
        prop::collection::vec(1..60_i32, 300),
        prop::collection::vec(1..3_i32, 300).prop_map(|gaps| gaps.iter().map(|g| g * 7).collect()),
        prop::collection::vec(prop::sample::select(vec![1, 2, 900, 400_000]), 300),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]
    #[test]
    fn robust_trends_of_a_table_are_those_of_each_person_bit_for_bit(
        people in prop::collection::vec((scores(), gaps(), -700_000..700_000_i32), 1..6),
    ) {
        let (mut starts, mut days, mut values) = (vec![0], Vec::new(), Vec::new());
        for (scores, gaps, first) in &people {
            let course = scores.iter().zip(gaps).scan(*first, |day, (_, gap)| {
                *day += gap;
                Some(*day)
            });
            days.extend(course);
            values.extend_from_slice(scores);
            starts.push(days.len());
        }
        let mut trends = Vec::new();
        ChangeColumns::new(&starts, &days, &values).unwrap().robust_trends(&mut trends).unwrap();
        prop_assert_eq!(trends.len(), people.len());
        for (person, found) in trends.iter().enumerate() {
            let rows = starts[person]..starts[person + 1];
            let times: Vec<f64> = days[rows.clone()].iter().map(|day| f64::from(*day)).collect();
            let alone = robust_trend(&times, &values[rows], 0.95);
            let bits = |x: [f64; 4]| x.map(f64::to_bits);
            prop_assert_eq!(
                found.map(|t| (bits([t.slope_per_30_days, t.z, t.p, t.tau]), t.s, t.exact)),
                alone.map(|t| (bits([t.slope_per_30_days, t.z, t.p, t.tau]), t.s, t.exact))
            );
        }
    }

    #[test]
    fn changes_alone_are_those_of_judging_everything(
        course in courses(12), skipped in prop::collection::vec(any::<bool>(), 12),
        between in prop::sample::select(vec![Between::FirstAndLast, Between::LastTwo]),
    ) {
        let (days, scores): (Vec<i32>, Vec<f64>) = course.into_iter().unzip();
        let starts = [0, days.len() / 2, days.len() / 2, days.len()];
        let norm: Yardstick = Reference::new("x").with_sd(7.0).with_reliability(0.8).into();
        let test = ChangeTest::new(&norm, WORSE, &ChangeOptions::new()).unwrap();
        let table = ChangeColumns::new(&starts, &days, &scores).unwrap();
        for table in [table, table.with_present(&skipped[..days.len()]).unwrap()] {
            let mut changes = vec![None; 9];
            table.changes(&test, between, &mut changes).unwrap();
            let judged = table.judge(&test, between).unwrap();
            prop_assert_eq!(changes, judged.iter().map(|person| person.change).collect::<Vec<_>>());
        }
    }
}

#[test]
fn trends_of_a_table_name_the_row_that_cannot_be_used() {
    let (mut trends, mut changes) = (Vec::new(), Vec::new());
    let days = [0, 1, 2, 0, 5, 5];
    let table = ChangeColumns::new(&[0, 3, 6], &days, &[1.0; 6]).unwrap();
    let error = table.robust_trends(&mut trends).unwrap_err();
    assert!(error.to_string().starts_with("check-in 5 is not later"), "{error}");
    let norm: Yardstick = Reference::new("x").with_sd(7.0).with_reliability(0.8).into();
    let test = ChangeTest::new(&norm, WORSE, &ChangeOptions::new()).unwrap();
    assert_eq!(table.changes(&test, Between::LastTwo, &mut changes).unwrap_err(), error);
    assert_eq!(table.judge(&test, Between::LastTwo).unwrap_err(), error);
    // A row that is not counted may hold anything.
    let scores = [1.0, f64::NAN, 3.0, 4.0, 5.0, 6.0];
    let present = [true, false, true, true, true, false];
    let table = ChangeColumns::new(&[0, 3, 6], &days, &scores).unwrap();
    assert!(table.robust_trends(&mut trends).is_err());
    table.with_present(&present).unwrap().robust_trends(&mut trends).unwrap();
    assert_eq!(trends, [None, None]);
}
