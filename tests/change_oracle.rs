//! Change and trend against numbers of other programs: mpmath 1.3.0, scipy 1.17.1,
//! pymannkendall 1.4.3, numpy 2.4.6 and R 4.2.2, as written in `tests/oracle/*.json`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::pedantic, missing_docs)]

use serde_json::Value;
use straingauge::change::{
    AtTheLine, Baseline, ChangeNumbers, ChangeOptions, ChangeTest, ChartOptions, CourseClass,
    CutLines, Errors, Method, Reading, Reference, ReferenceGroup, Series, Smoothing, ewma,
    ols_trend, reliable_trend, robust_trend,
};
use straingauge::date::Date;
use straingauge::instrument::Direction;

/// Closed forms.
const CLOSED: f64 = 1e-12;
/// p-values and intervals that rest on a quantile.
const QUANTILE: f64 = 1e-10;
/// R prints fifteen digits.
const R_DIGITS: f64 = 1e-12;

fn oracle(name: &str) -> Value {
    let path = format!("{}/tests/oracle/{name}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn number(case: &Value, key: &str) -> f64 {
    case[key].as_f64().unwrap_or_else(|| panic!("{key} in {case}"))
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
}

#[track_caller]
fn close(found: f64, expected: f64, tolerance: f64) {
    // Relative, and absolute below one, so that a difference of nearly equal scores is judged by
    // the digits that the scores have.
    let room = tolerance * expected.abs().max(1.0);
    assert!((found - expected).abs() <= room, "{found} is not {expected}");
}

fn judge(case: &Value, method: Method, reference: Reference) -> ChangeNumbers {
    let options = ChangeOptions::new().with_method(method);
    let test = ChangeTest::new(&reference.into(), Direction::HigherIsWorse, &options).unwrap();
    test.judge(Reading::new(number(case, "pre")), Reading::new(number(case, "post"))).unwrap()
}

#[test]
fn every_published_index_of_reliable_change() {
    let all = oracle("change.json");
    let mut compared = 0;
    for case in all["rci"].as_array().unwrap() {
        let base = Reference::new("oracle")
            .with_sd(number(case, "sd_pre"))
            .with_reliability(number(case, "reliability"));
        close(base.sem().unwrap(), number(case, "sem"), CLOSED);
        let jt = judge(case, Method::JacobsonTruax, base.clone());
        close(jt.change, number(case, "change"), CLOSED);
        close(jt.standard_error.unwrap(), number(case, "s_diff"), CLOSED);
        close(jt.index.unwrap(), number(case, "rci_jt"), CLOSED);
        close(jt.p.unwrap(), number(case, "p_two_sided_jt"), QUANTILE);
        close(jt.smallest_change, number(case, "mdc95"), QUANTILE);
        let interval = jt.interval.unwrap();
        close(interval.low, case["abs_change_ci"][0].as_f64().unwrap(), QUANTILE);
        close(interval.high, case["abs_change_ci"][1].as_f64().unwrap(), QUANTILE);
        let ninety = ChangeOptions::new().with_confidence(0.90);
        let ninety =
            ChangeTest::new(&base.clone().into(), Direction::HigherIsWorse, &ninety).unwrap();
        let ninety = ninety.judge(Reading::new(0.0), Reading::new(0.0)).unwrap();
        close(ninety.smallest_change, number(case, "mdc90"), QUANTILE);
        let Some(mean) = case.get("mean_ref").and_then(Value::as_f64) else { continue };
        let full = base.with_mean(mean);
        close(
            judge(case, Method::GulliksenLordNovick, full.clone()).index.unwrap(),
            number(case, "rci_gln"),
            CLOSED,
        );
        let speer = judge(case, Method::Speer, full.clone());
        close(speer.expected, number(case, "kelley_true_score"), CLOSED);
        close(speer.index.unwrap(), number(case, "rci_edwards_nunnally_speer"), CLOSED);
        let gln = judge(case, Method::GulliksenLordNovick, full.clone());
        close(gln.standard_error.unwrap(), number(case, "se_prediction"), CLOSED);
        let retest = &case["ci_predicted_retest"];
        close(gln.expected - gln.smallest_change, retest[0].as_f64().unwrap(), QUANTILE);
        close(gln.expected + gln.smallest_change, retest[1].as_f64().unwrap(), QUANTILE);
        let Some(shift) = case.get("practice_effect").and_then(Value::as_f64) else { continue };
        let full = full
            .with_retest(mean + shift, number(case, "sd_post"))
            .with_shift(shift)
            .with_retest_reliability(number(case, "reliability_post"))
            .with_correlation(number(case, "r12"));
        for (method, index, error) in [
            (Method::HsuLinnLord, "rci_hsu_hll_style_shifted_prediction", "se_prediction"),
            (Method::Iverson, "rci_iverson_2001", "s_diff_iverson"),
            (Method::Chelune, "rci_chelune_1993_jt_error", "s_diff"),
            (Method::ChristensenMendoza, "rci_christensen_mendoza", "s_diff_christensen_mendoza"),
            (Method::Temkin, "rci_temkin_practice_sd_of_differences", "s_diff_christensen_mendoza"),
            (Method::Srb, "srb_z_population", "srb_see_population"),
            (Method::NunnallyKotsch, "rci_nunnally_kotsch", "s_diff_nunnally_kotsch"),
        ] {
            let found = judge(case, method, full.clone());
            close(found.index.unwrap(), number(case, index), CLOSED);
            close(found.standard_error.unwrap(), number(case, error), CLOSED);
            compared += 1;
        }
        close(judge(case, Method::Srb, full).expected, number(case, "srb_predicted"), CLOSED);
    }
    assert_eq!(compared, 14);
}

#[test]
fn a_change_of_exactly_the_threshold_is_not_yet_reliable() {
    // The oracle's case lies at 1.96, above the exact quantile 1.95996...
    let exact = Reference::new("x").with_published_sem(2.0).with_mean(0.0).with_reliability(0.5);
    let options = ChangeOptions::new().with_method(Method::Speer).with_critical_value(2.0);
    let test = ChangeTest::new(&exact.into(), Direction::HigherIsWorse, &options).unwrap();
    let at = test.judge(Reading::new(0.0), Reading::new(4.0)).unwrap();
    assert_eq!(at.index.unwrap().to_bits(), 2.0_f64.to_bits());
    assert_eq!(at.verdict.word(), "no-reliable-change");
    let all = oracle("change.json");
    let case = &all["rci"][3];
    assert_eq!(case["case"], "exactly_at_threshold");
    let reference = Reference::new("x").with_sd(5.0).with_reliability(0.8);
    assert_eq!(judge(case, Method::JacobsonTruax, reference).verdict.word(), "worse");
}

#[test]
fn regression_on_a_control_sample() {
    let path = format!("{}/tests/oracle/data/syn_retest.csv", env!("CARGO_MANIFEST_DIR"));
    let (mut first, mut second) = (Vec::new(), Vec::new());
    for line in std::fs::read_to_string(path).unwrap().lines().skip(1) {
        let cells: Vec<f64> = line.split(',').map(|cell| cell.trim().parse().unwrap()).collect();
        first.push(cells[1]);
        second.push(cells[2]);
    }
    let srb = &oracle("change.json")["srb"];
    let reference = Reference::from_pairs("control people", &first, &second).unwrap();
    for case in srb["cases"].as_array().unwrap() {
        let simple = judge(case, Method::SrbSample, reference.clone());
        close(simple.expected, number(case, "predicted"), CLOSED);
        close(simple.standard_error.unwrap(), number(srb, "see"), CLOSED);
        close(simple.index.unwrap(), number(case, "z_simple_see"), CLOSED);
        let new_case = judge(case, Method::SrbNewCase, reference.clone());
        close(new_case.standard_error.unwrap(), number(case, "se_prediction_new_case"), CLOSED);
        close(new_case.index.unwrap(), number(case, "t_crawford_garthwaite_2006"), CLOSED);
        close(new_case.p.unwrap(), number(case, "p_two_sided"), QUANTILE);
        let low = new_case.expected - new_case.smallest_change;
        let high = new_case.expected + new_case.smallest_change;
        close(low, case["pi95"][0].as_f64().unwrap(), QUANTILE);
        close(high, case["pi95"][1].as_f64().unwrap(), QUANTILE);
    }
    let differences = judge(&srb["cases"][0], Method::ChristensenMendoza, reference.clone());
    close(differences.standard_error.unwrap(), number(&srb["difference_scores"], "sd"), CLOSED);
    let temkin = judge(&srb["cases"][0], Method::Temkin, reference);
    let shift = temkin.expected - temkin.first;
    close(shift, number(&srb["difference_scores"], "mean"), CLOSED);
}

#[test]
fn a_score_against_a_small_norm() {
    for case in oracle("change.json")["crawford_howell"].as_array().unwrap() {
        let reference = Reference::new("small")
            .with_mean(number(case, "mean"))
            .with_sd(number(case, "sd"))
            .with_people(u32::try_from(case["n"].as_u64().unwrap()).unwrap());
        let options = ChangeOptions::new().with_method(Method::CrawfordHowell);
        let test = ChangeTest::new(&reference.into(), Direction::HigherIsWorse, &options).unwrap();
        let found = test.judge(Reading::new(0.0), Reading::new(number(case, "x"))).unwrap();
        close(found.standard_error.unwrap(), number(case, "se"), CLOSED);
        close(found.index.unwrap(), number(case, "t"), CLOSED);
        close(found.p.unwrap(), number(case, "p_two_sided"), QUANTILE);
    }
}

fn direction(case: &Value) -> Direction {
    if case["higher_is_worse"].as_bool().unwrap() {
        Direction::HigherIsWorse
    } else {
        Direction::HigherIsBetter
    }
}

#[test]
fn cut_lines_by_the_published_formulas() {
    for case in oracle("change.json")["cutoffs"].as_array().unwrap() {
        let group = |name: &str, mean: &str, sd: &str| {
            ReferenceGroup::new(name, number(case, mean), number(case, sd)).unwrap()
        };
        let strained = group("strained", "mean_clinical", "sd_clinical");
        let well = group("well", "mean_functional", "sd_functional");
        let lines = CutLines::between(Some(&strained), Some(&well), direction(case)).unwrap();
        close(lines.a.unwrap(), number(case, "a"), CLOSED);
        close(lines.b.unwrap(), number(case, "b_jacobson_truax"), CLOSED);
        close(lines.c.unwrap(), number(case, "c"), CLOSED);
        assert_eq!(lines.advised, lines.c.unwrap());
    }
}

#[test]
fn the_truth_table_of_classes() {
    let all = oracle("change.json");
    let cases = all["classification"].as_array().unwrap();
    assert_eq!(cases.len(), 23);
    let ours = [
        ("recovered", "better-across-line"),
        ("improved", "better"),
        ("unchanged", "no-reliable-change"),
        ("deteriorated", "worse"),
        ("harmed", "worse-across-line"),
    ];
    let ours = |word: &Value| ours.iter().find(|pair| *word == pair.0).unwrap().1;
    for case in cases {
        let direction = direction(case);
        let sd = number(case, "s_diff") / 2.0_f64.sqrt() / 0.2_f64.sqrt();
        let reference = Reference::new("x").with_sd(sd).with_reliability(0.8);
        let test = ChangeTest::new(&reference.into(), direction, &ChangeOptions::new()).unwrap();
        let change = test
            .judge(Reading::new(number(case, "pre")), Reading::new(number(case, "post")))
            .unwrap();
        let line = number(case, "cutoff");
        let as_coded = CourseClass::of(&change, (line, AtTheLine::Neither), direction).unwrap();
        assert_eq!(as_coded.four(), ours(&case["four_way"]), "{case}");
        assert_eq!(as_coded.five(), ours(&case["five_way_clinicalsignificance"]), "{case}");
        assert_eq!(as_coded.began_strained, case["clinical_pre"].as_bool().unwrap());
        assert_eq!(as_coded.ended_well, case["functional_post"].as_bool().unwrap());
        // Ours puts the line on the strained side; nothing changes off the line.
        let default = CourseClass::of(&change, (line, AtTheLine::Strained), direction).unwrap();
        if number(case, "pre") != line && number(case, "post") != line {
            assert_eq!(default, as_coded);
        }
    }
}

#[test]
fn reliable_trend_in_closed_form() {
    for (name, case) in oracle("trend_py.json")["reliable_trend"].as_object().unwrap() {
        let (times, values) = (numbers(&case["t"]), numbers(&case["y"]));
        let sem = number(case, "sem");
        let line = reliable_trend(&times, &values, Errors::Same(sem)).unwrap();
        close(line.slope, number(case, "slope"), CLOSED);
        close(line.standard_error, number(case, "se"), CLOSED);
        close(line.z, number(case, "z"), CLOSED);
        close(line.p, number(case, "p_two_sided"), QUANTILE);
        close(line.q, number(case, "Q_residual"), CLOSED);
        assert_eq!(u64::from(line.q_df), case["Q_df"].as_u64().unwrap(), "{name}");
        match case["Q_p"].as_f64() {
            Some(p) => close(line.q_p.unwrap(), p, QUANTILE),
            None => assert_eq!(line.q_p, None),
        }
        let span = times.last().unwrap() - times[0];
        close(line.slope * span, number(case, "total_change_over_span"), CLOSED);
        // One error for each value, all the same, is the same line.
        let each = vec![sem; times.len()];
        let weighted = reliable_trend(&times, &values, Errors::Each(&each)).unwrap();
        close(weighted.z, line.z, CLOSED);
        close(weighted.q, line.q, CLOSED);
    }
}

#[test]
fn ordinary_least_squares_as_in_r() {
    let series = oracle("data/trend_series.json");
    let mut compared = 0;
    for (name, case) in oracle("trend_r.json").as_object().unwrap() {
        let (Some(ols), Some(data)) = (case.get("ols"), series.get(name)) else { continue };
        let (times, values) = (numbers(&data["t"]), numbers(&data["y"]));
        let Some(found) = ols_trend(&times, &values, 0.95) else {
            assert!(times.len() < 4, "{name}");
            continue;
        };
        close(found.slope_per_30_days, number(ols, "slope") * 30.0, R_DIGITS);
        close(found.standard_error_per_30_days, number(ols, "se_slope") * 30.0, 2e-12);
        close(found.t, number(ols, "t"), 1e-11);
        close(found.p, number(ols, "p"), QUANTILE);
        close(found.residual_sd, number(ols, "sigma"), R_DIGITS);
        close(found.interval.low, ols["ci95"][0].as_f64().unwrap() * 30.0, QUANTILE);
        close(found.interval.high, ols["ci95"][1].as_f64().unwrap() * 30.0, QUANTILE);
        close(found.lag1, number(ols, "lag1_autocorrelation"), 1e-11);
        close(found.durbin_watson, number(ols, "durbin_watson"), 1e-11);
        compared += 1;
    }
    assert_eq!(compared, 8);
}

#[test]
fn robust_slope_and_test_as_in_scipy() {
    let series = oracle("data/trend_series.json");
    let all = oracle("trend_py.json");
    let mut compared = 0;
    for (name, data) in series.as_object().unwrap() {
        let (times, values) = (numbers(&data["t"]), numbers(&data["y"]));
        let (sen, mk) = (&all[name]["theil_sen"], &all[name]["mann_kendall"]);
        let Some(found) = robust_trend(&times, &values, 0.95) else {
            assert!(times.len() < 5, "{name}");
            continue;
        };
        close(found.slope_per_30_days, number(sen, "slope") * 30.0, CLOSED);
        close(found.interval.low, sen["ci95"][0].as_f64().unwrap() * 30.0, CLOSED);
        close(found.interval.high, sen["ci95"][1].as_f64().unwrap() * 30.0, CLOSED);
        if name == "same_day_duplicates" {
            continue; // a course has one check-in a day; S would order those of one day
        }
        assert_eq!(found.s, mk["S"].as_i64().unwrap(), "{name}");
        close(found.z, number(mk, "z_continuity"), CLOSED);
        close(found.tau, number(mk, "tau_a"), CLOSED);
        let exact = mk.get("p_exact_permutation_two_sided").and_then(Value::as_f64);
        let exact = exact.or_else(|| mk.get("p_exact_scipy_kendalltau").and_then(Value::as_f64));
        let expected = match (exact, found.exact) {
            (Some(exact), true) => exact,
            (None, true) => 1.0, // all values equal
            (_, false) => number(mk, "p_normal_continuity"),
        };
        close(found.p, expected, QUANTILE);
        compared += 1;
    }
    assert_eq!(compared, 7);
}

#[test]
fn moving_average_with_exact_limits() {
    for name in ["ewma_nist", "ewma_synthetic"] {
        let case = &oracle("trend_py.json")[name];
        let (mu, sd, limit) = (number(case, "mu"), number(case, "sd"), number(case, "L"));
        let weight = number(case, "lambda");
        let points = case["points"].as_array().unwrap();
        let values = points.iter().map(|point| (weight, number(point, "x")));
        for (step, point) in ewma(values, mu, (sd, 0)).zip(points) {
            close(step.average, number(point, "z"), CLOSED);
            close(mu + limit * step.deviation, number(point, "ucl_exact"), CLOSED);
            close(mu - limit * step.deviation, number(point, "lcl_exact"), CLOSED);
        }
        // The same as a chart of a course, on days.
        let mut course = Series::new("x", Direction::HigherIsWorse);
        for (day, point) in (0_i32..).zip(points) {
            let date = Date::new(2024, 1, 1).unwrap().plus_days(7 * day).unwrap();
            course.push(date, Reading::new(number(point, "x"))).unwrap();
        }
        let options = ChartOptions::new()
            .with_baseline(Baseline::Known(mu))
            .with_smoothing(Smoothing::PerCheckIn(weight))
            .with_limit(limit)
            .with_sigma(sd);
        let chart = course.chart(None, &options).unwrap();
        for (found, point) in chart.points.iter().zip(points) {
            close(found.high, number(point, "ucl_exact"), CLOSED);
            assert_eq!(found.signal.is_some(), point["signal_exact"].as_bool().unwrap());
        }
    }
}

#[test]
fn moving_average_on_irregular_days() {
    let case = &oracle("trend_py.json")["ewma_irregular"];
    let mut course = Series::new("x", Direction::HigherIsWorse);
    let points = case["points"].as_array().unwrap();
    for point in points {
        let day = i32::try_from(point["t"].as_i64().unwrap()).unwrap();
        let date = Date::new(2024, 1, 1).unwrap().plus_days(day).unwrap();
        course.push(date, Reading::new(number(point, "x"))).unwrap();
    }
    let options = ChartOptions::new()
        .with_baseline(Baseline::FirstPoints(1))
        .with_smoothing(Smoothing::PerDays(number(case, "tau")))
        .with_sigma(1.5);
    let chart = course.chart(None, &options).unwrap();
    assert_eq!(chart.points.len(), points.len() - 1);
    let mut kept = 1.0;
    for (found, point) in chart.points.iter().zip(&points[1..]) {
        close(found.average, number(point, "z"), CLOSED);
        kept *= 1.0 - number(point, "weight");
        // Forgotten weight of an estimated centre comes on top.
        assert!(found.high - chart.centre >= 2.7 * 1.5 * (1.0 - kept));
    }
}
