//! The room `num` against independent software, and properties that hold for any input.
//!
//! `oracle/distributions.csv` and `oracle/large_df.csv`: mpmath 1.3.0 at 34 and 60 digits.
//! `oracle/proportions.csv`, `oracle/misc.json`: mpmath and statsmodels 0.15.0.
//! `oracle/trend_py.json`: SciPy 1.17.1 and pymannkendall 1.4.3; `oracle/trend_r.json`: R 4.2.2;
//! both on the series of our own in `oracle/data/trend_series.json`.
#![allow(clippy::pedantic)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]

use proptest::prelude::*;
use serde_json::Value;
use std::collections::BTreeMap;
use straingauge::num::{dist, moments, moments::Moments, proportion, quantile, robust};

const DISTRIBUTIONS: &str = include_str!("oracle/distributions.csv");
const LARGE_DF: &str = include_str!("oracle/large_df.csv");
const PROPORTIONS: &str = include_str!("oracle/proportions.csv");
const MISC: &str = include_str!("oracle/misc.json");
const SERIES: &str = include_str!("oracle/data/trend_series.json");
const TREND_PY: &str = include_str!("oracle/trend_py.json");
const TREND_R: &str = include_str!("oracle/trend_r.json");

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

/// Relative difference; subnormal references carry fewer digits than the bound asks for.
fn off(found: f64, expected: f64) -> f64 {
    if found == expected {
        return 0.0;
    }
    (found - expected).abs() / expected.abs().max(f64::MIN_POSITIVE)
}

#[track_caller]
fn close(found: f64, expected: f64, bound: f64) {
    assert!(off(found, expected) <= bound, "found {found:e}, expected {expected:e}");
}

/// Function in the table, the bound that its documentation states.
const BOUNDS: &[(&str, f64)] = &[
    ("norm_cdf", 1e-13),
    ("norm_sf", 1e-13),
    ("norm_ppf", 1e-15),
    ("t_cdf", 1e-13),
    ("t_sf", 1e-13),
    ("t_ppf", 1e-14),
    ("chi2_sf", 1e-13),
    ("chi2_ppf", 1e-14),
    ("f_cdf", 1e-13),
    ("f_ppf", 1e-14),
    ("beta_ppf", 1e-14),
    ("ln_gamma", 1e-15),
];

#[test]
fn distributions_reach_their_stated_accuracy() {
    let mut worst: BTreeMap<String, (f64, String)> = BTreeMap::new();
    let mut rows = 0;
    for row in csv::Reader::from_reader(DISTRIBUTIONS.as_bytes()).records() {
        let row = row.unwrap();
        let name = row[0].to_owned();
        let number = |i: usize| row[i].parse::<f64>().unwrap_or(f64::NAN);
        let (a, b, x, expected) = (number(1), number(2), number(4), number(5));
        let found = match name.as_str() {
            "norm_cdf" => dist::normal_cdf(x),
            "norm_sf" => dist::normal_sf(x),
            "norm_ppf" => dist::normal_quantile(x).unwrap(),
            "t_cdf" => dist::t_cdf(x, a).unwrap(),
            "t_sf" => {
                if x >= 0.0 {
                    close(dist::t_two_sided_p(x, a).unwrap(), 2.0 * expected, 1e-13);
                }
                dist::t_cdf(-x, a).unwrap()
            }
            "t_ppf" => dist::t_quantile(x, a).unwrap(),
            "chi2_sf" => dist::chi2_sf(x, a).unwrap(),
            "chi2_ppf" => dist::chi2_quantile(x, a).unwrap(),
            "f_cdf" => dist::f_cdf(x, a, b).unwrap(),
            "f_ppf" => dist::f_quantile(x, a, b).unwrap(),
            "beta_ppf" => dist::beta_quantile(x, a, b).unwrap(),
            "ln_gamma" => dist::ln_gamma(x),
            _ => continue,
        };
        rows += 1;
        let entry = worst.entry(name).or_insert_with(|| (0.0, String::new()));
        let error = off(found, expected);
        if error > entry.0 || !found.is_finite() {
            *entry = (error, format!("({a}, {b}; {x:e}): {found:e}, not {expected:e}"));
        }
    }
    for (name, (error, place)) in &worst {
        println!("{name:9} {error:9.1e}  {place}");
    }
    assert!(rows > 900, "only {rows} rows were compared");
    for (name, bound) in BOUNDS {
        let (error, place) = worst.get(*name).expect("a function without rows");
        assert!(error <= bound, "{name} {place}: off by {error:e}");
    }
    assert_eq!(worst.len(), BOUNDS.len());
}

/// Where the usual formulas lose digits: many degrees of freedom.
#[test]
fn digits_do_not_fall_with_the_degrees_of_freedom() {
    for row in csv::Reader::from_reader(LARGE_DF.as_bytes()).records() {
        let row = row.unwrap();
        let number = |i: usize| row[i].parse::<f64>().unwrap_or(f64::NAN);
        let (a, b, x, lower, upper) = (number(1), number(2), number(3), number(4), number(5));
        match &row[0] {
            "t_outside" => {
                close(dist::t_two_sided_p(x, a).unwrap(), upper, 1e-14);
                close(dist::t_quantile(0.5 * upper, a).unwrap(), -x, 1e-14);
            }
            "chi2" => {
                close(dist::chi2_sf(x, a).unwrap(), upper, 1e-13);
                close(dist::chi2_quantile(lower, a).unwrap(), x, 1e-13);
            }
            "f" => {
                close(dist::f_quantile(lower, a, b).unwrap(), x, 1e-13);
                match dist::f_cdf(x, a, b) {
                    Some(found) => close(found, lower, 1e-12),
                    None => assert!(a.max(b) > 1e5),
                }
            }
            other => panic!("no function {other}"),
        }
    }
}

/// Abramowitz and Stegun 26.7.5, an independent road to the same quantile.
#[test]
fn t_quantile_meets_the_expansion_of_the_normal_quantile() {
    for df in [1e3, 3e3, 1e4, 1e5, 1e6, 1e7, 1e9] {
        for p in [0.9, 0.975, 0.995, 0.4] {
            let z = dist::normal_quantile(p).unwrap();
            let w = z * z;
            let terms = [
                (z, 1.0),
                (z * (w + 1.0), 4.0),
                (z * ((5.0 * w + 16.0) * w + 3.0), 96.0),
                (z * (((3.0 * w + 19.0) * w + 17.0) * w - 15.0), 384.0),
                (z * ((((79.0 * w + 776.0) * w + 1482.0) * w - 1920.0) * w - 945.0), 92_160.0),
            ];
            let sum = terms.iter().rev().fold(0.0, |sum, (term, scale)| sum / df + term / scale);
            close(dist::t_quantile(p, df).unwrap(), sum, 1e-14);
        }
    }
}

#[test]
fn distributions_have_no_answer_outside_their_domain() {
    let bad = [0.0, -1.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY];
    for df in bad {
        assert_eq!(dist::t_cdf(1.0, df), None);
        assert_eq!(dist::t_two_sided_p(1.0, df), None);
        assert_eq!(dist::t_quantile(0.9, df), None);
        assert_eq!(dist::chi2_sf(1.0, df), None);
        assert_eq!(dist::chi2_quantile(0.9, df), None);
        for (a, b) in [(df, 3.0), (3.0, df)] {
            assert_eq!(dist::f_cdf(1.0, a, b), None);
            assert_eq!(dist::f_quantile(0.9, a, b), None);
            assert_eq!(dist::beta_quantile(0.9, a, b), None);
        }
    }
    for p in [0.0, 1.0, -0.1, 1.1, f64::NAN, f64::INFINITY] {
        assert_eq!(dist::normal_quantile(p), None);
        assert_eq!(dist::t_quantile(p, 5.0), None);
        assert_eq!(dist::chi2_quantile(p, 5.0), None);
        assert_eq!(dist::f_quantile(p, 5.0, 5.0), None);
        assert_eq!(dist::beta_quantile(p, 5.0, 5.0), None);
        assert_eq!(proportion::wilson(1, 2, p), None);
        assert_eq!(proportion::clopper_pearson(1, 2, p), None);
        assert_eq!(robust::theil_sen(&[0., 1., 2., 3., 4.], &[0., 1., 2., 3., 4.], p), None);
    }
    assert_eq!(dist::t_cdf(f64::NAN, 5.0), None);
    assert_eq!(dist::t_two_sided_p(f64::NAN, 5.0), None);
    assert_eq!(dist::chi2_sf(f64::NAN, 5.0), None);
    assert_eq!(dist::f_cdf(f64::NAN, 5.0, 5.0), None);
    assert_eq!(dist::f_cdf(1.0, 100_001.0, 5.0), None);
    // Infinite points are the ends of the line, not undefined.
    let far = f64::INFINITY;
    assert_eq!((dist::normal_cdf(far), dist::normal_sf(far)), (1.0, 0.0));
    assert_eq!((dist::t_cdf(far, 3.0), dist::t_cdf(-far, 3.0)), (Some(1.0), Some(0.0)));
    assert_eq!(
        (dist::t_two_sided_p(-far, 3.0), dist::t_two_sided_p(0.0, 3.0)),
        (Some(0.0), Some(1.0))
    );
    assert_eq!((dist::chi2_sf(far, 3.0), dist::chi2_sf(-1.0, 3.0)), (Some(0.0), Some(1.0)));
    assert_eq!((dist::f_cdf(far, 3.0, 4.0), dist::f_cdf(-1.0, 3.0, 4.0)), (Some(1.0), Some(0.0)));
}

#[test]
fn shares_have_the_reference_intervals() {
    let mut worst = [0.0_f64; 2];
    let mut rows = 0;
    for row in csv::Reader::from_reader(PROPORTIONS.as_bytes()).records() {
        let row = row.unwrap();
        let number = |i: usize| row[i].parse::<f64>().unwrap();
        let (x, n) = (row[0].parse().unwrap(), row[1].parse().unwrap());
        let wilson = proportion::wilson(x, n, number(2)).unwrap();
        let exact = proportion::clopper_pearson(x, n, number(2)).unwrap();
        let pairs = [(wilson, number(3), number(4)), (exact, number(7), number(8))];
        for (worst, (interval, low, high)) in worst.iter_mut().zip(pairs) {
            *worst = worst.max(off(interval.low, low)).max(off(interval.high, high));
        }
        rows += 1;
    }
    println!("wilson {:.1e}, clopper_pearson {:.1e}", worst[0], worst[1]);
    assert_eq!(rows, 424);
    assert!(worst[0] <= 1e-12 && worst[1] <= 1e-12, "{worst:?}");
    for case in json(MISC)["statsmodels_confint"].as_array().unwrap() {
        let (x, n) = (case["k"].as_u64().unwrap(), case["n"].as_u64().unwrap());
        let confidence = case["conf"].as_f64().unwrap();
        let found = [
            (proportion::wilson(x, n, confidence).unwrap(), "wilson"),
            (proportion::clopper_pearson(x, n, confidence).unwrap(), "beta_clopper_pearson"),
        ];
        for (interval, name) in found {
            let ends = numbers(&case[name]);
            assert!((interval.low - ends[0]).abs() <= 1e-12, "{case} {interval:?}");
            assert!((interval.high - ends[1]).abs() <= 1e-12, "{case} {interval:?}");
        }
    }
    assert_eq!(proportion::wilson(0, 0, 0.95), None);
    assert_eq!(proportion::clopper_pearson(3, 2, 0.95), None);
}

fn series() -> Vec<(String, Vec<f64>, Vec<f64>)> {
    let series = json(SERIES);
    let series = series.as_object().unwrap();
    series.iter().map(|(name, s)| (name.clone(), numbers(&s["t"]), numbers(&s["y"]))).collect()
}

#[test]
fn trends_meet_scipy_and_pymannkendall() {
    let reference = json(TREND_PY);
    for (name, t, y) in series() {
        let expected = &reference[&name]["theil_sen"];
        if t.len() < 5 {
            assert_eq!(robust::theil_sen(&t, &y, 0.95), None, "{name}");
        } else {
            for (key, confidence) in [("ci90", 0.90), ("ci95", 0.95), ("ci99", 0.99)] {
                let line = robust::theil_sen(&t, &y, confidence).unwrap();
                let ends = numbers(&expected[key]);
                close(line.slope, expected["slope"].as_f64().unwrap(), 1e-12);
                let intercept = expected["intercept_median_y_minus_slope_median_t"].as_f64();
                close(line.intercept, intercept.unwrap(), 1e-12);
                close(line.low, ends[0], 1e-12);
                close(line.high, ends[1], 1e-12);
            }
        }
        if name == "same_day_duplicates" {
            continue; // the test knows an order, not dates
        }
        let expected = &reference[&name]["mann_kendall"];
        let trend = robust::mann_kendall(&y).unwrap();
        assert_eq!(trend.s, expected["S"].as_i64().unwrap(), "{name}");
        close(trend.var_s, expected["var_S_tie_corrected"].as_f64().unwrap(), 1e-12);
        close(trend.z, expected["z_continuity"].as_f64().unwrap(), 1e-12);
        close(trend.tau, expected["tau_a"].as_f64().unwrap(), 1e-12);
        let normal = (2.0 * dist::normal_sf(trend.z.abs())).min(1.0);
        close(normal, expected["p_normal_continuity"].as_f64().unwrap(), 1e-10);
        let ties = trend.var_s * 18.0 < (y.len() * (y.len() - 1) * (2 * y.len() + 5)) as f64;
        assert_eq!(trend.exact, y.len() <= if ties { 8 } else { 10 }, "{name}");
        if !trend.exact {
            assert_eq!(trend.p, normal, "{name}");
        }
        for key in ["p_exact_permutation_two_sided", "p_exact_scipy_kendalltau"] {
            if let (Some(p), true) = (expected[key].as_f64(), trend.exact) {
                close(trend.p, p, 1e-12);
            }
        }
    }
}

#[test]
fn least_squares_from_moments_meets_r() {
    let reference = json(TREND_R);
    for (name, t, y) in series() {
        let expected = &reference[&name]["ols"];
        let (Some(slope), Some(p)) = (expected["slope"].as_f64(), expected["p"].as_f64()) else {
            continue;
        };
        if name == "constant_n6" {
            assert_eq!(moments::pearson(&t, &y), None);
            continue;
        }
        let found = moments::covariance(&t, &y).unwrap() / moments::variance(&t).unwrap();
        close(found, slope, 1e-12);
        close(moments::pearson(&t, &y).unwrap().powi(2), expected["r2"].as_f64().unwrap(), 1e-12);
        let (t, df) = (expected["t"].as_f64().unwrap(), expected["df"].as_f64().unwrap());
        close(dist::t_two_sided_p(t, df).unwrap(), p, 1e-12);
    }
}

/// Every order of the values, by Heap's algorithm.
fn each_order(values: &mut [f64], k: usize, visit: &mut impl FnMut(&[f64])) {
    if k <= 1 {
        return visit(values);
    }
    for i in 0..k {
        each_order(values, k - 1, visit);
        values.swap(if k.is_multiple_of(2) { i } else { 0 }, k - 1);
    }
}

#[test]
fn exact_p_is_the_share_of_all_orders() {
    let patterns: &[&[f64]] = &[
        &[1., 2., 3.],
        &[1., 2., 2.],
        &[1., 2., 3., 4.],
        &[1., 1., 2., 2.],
        &[1., 2., 3., 4., 5.],
        &[1., 2., 2., 2., 5.],
        &[1., 2., 3., 4., 5., 6.],
        &[1., 1., 2., 3., 3., 3.],
        &[1., 2., 3., 4., 5., 6., 7.],
        &[1., 1., 1., 2., 2., 2., 3.],
        &[4., 4., 4., 4., 4., 4., 4.],
    ];
    for pattern in patterns {
        let mut found: BTreeMap<i64, (u64, f64)> = BTreeMap::new();
        each_order(&mut pattern.to_vec(), pattern.len(), &mut |order| {
            let trend = robust::mann_kendall(order).unwrap();
            assert!(trend.exact);
            let entry = found.entry(trend.s).or_insert((0, trend.p));
            entry.0 += 1;
            assert_eq!(entry.1, trend.p, "p depends on more than S and ties");
        });
        let all: u64 = found.values().map(|(count, _)| count).sum();
        for (s, (_, p)) in &found {
            let far: u64 =
                found.iter().filter(|(t, _)| t.abs() >= s.abs()).map(|(_, (count, _))| count).sum();
            assert_eq!(*p, far as f64 / all as f64, "{pattern:?}, S = {s}");
        }
    }
}

#[test]
fn p_meets_the_exact_table() {
    let mut cells = 0;
    for (n, row) in json(TREND_PY)["mk_exact_two_sided_table"].as_object().unwrap() {
        let n: usize = n.parse().unwrap();
        for (s, p) in row.as_object().unwrap() {
            // Falling pairs wanted; each value put before the larger ones already placed.
            let mut falls = (n * (n - 1) / 2 - s.parse::<usize>().unwrap()) / 2;
            let mut order = Vec::new();
            for value in (0..n).rev() {
                let place = falls.min(order.len());
                falls -= place;
                order.insert(place, value as f64);
            }
            let trend = robust::mann_kendall(&order).unwrap();
            assert_eq!((trend.s.to_string(), trend.exact), (s.clone(), n <= 10));
            let exact = p.as_f64().unwrap();
            if trend.exact {
                close(trend.p, exact, 1e-13);
            } else {
                assert!((trend.p - exact).abs() < 0.02, "{n} {s}: {} for {exact}", trend.p);
            }
            cells += 1;
        }
    }
    assert!(cells > 90, "{cells} cells");
}

#[test]
fn moments_and_quantiles_have_no_answer_for_too_little_or_for_what_is_no_number() {
    let one: Moments = [3.0].into_iter().collect();
    assert_eq!((one.n(), one.mean(), one.variance(), one.sd()), (1, Some(3.0), None, None));
    assert_eq!((one.skewness(), one.kurtosis()), (None, None));
    let same: Moments = [3.1; 7].into_iter().collect();
    assert_eq!((same.variance(), same.skewness(), same.kurtosis()), (Some(0.0), None, None));
    assert_eq!(Moments::new().skewness(), None);
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let values = [1.0, 2.0, bad, 5.0, 4.0];
        for shift in 0..values.len() {
            let mut turned = values;
            turned.rotate_left(shift);
            let moments: Moments = turned.into_iter().collect();
            let answers =
                [moments.mean(), moments.variance(), moments.skewness(), moments.kurtosis()];
            assert_eq!(answers, [None; 4]);
        }
        assert_eq!(moments::mean(&values), None);
        assert_eq!(moments::variance(&values), None);
        assert_eq!(moments::pearson(&values, &[1.0, 2.0, 3.0, 4.0, 5.0]), None);
        assert_eq!(quantile::median(&mut values.clone()), None);
        assert_eq!(quantile::quantile_type7(&values, 0.5), None);
        assert_eq!(robust::mann_kendall(&values), None);
        assert_eq!(robust::theil_sen(&values, &[1.0, 2.0, 3.0, 4.0, 5.0], 0.9), None);
        assert_eq!(robust::theil_sen(&[1.0, 2.0, 3.0, 4.0, 5.0], &values, 0.9), None);
    }
    assert!(moments::sum_compensated(&[f64::INFINITY, 1.0]) == f64::INFINITY);
    assert_eq!(moments::sum_compensated(&[1.0, 1e100, 1.0, -1e100]), 2.0);
    assert_eq!(moments::sum_compensated(&[]), 0.0);
    assert_eq!(moments::mean(&[]), None);
    assert_eq!(moments::covariance(&[1.0, 2.0], &[1.0]), None);
    assert_eq!(moments::variance(&[1.0]), None);
    assert_eq!(quantile::median(&mut []), None);
    assert_eq!(quantile::quantile_type7(&[], 0.5), None);
    assert_eq!(quantile::quantile_type7(&[2.0, 1.0], 0.5), None);
    assert_eq!(quantile::quantile_type7(&[1.0], 1.5), None);
    assert_eq!(robust::mann_kendall(&[1.0, 2.0]), None);
    assert_eq!(robust::theil_sen(&[1.0; 6], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 0.9), None);
    // A large mean does not eat the spread.
    let lifted: Vec<f64> = [4.0, 7.0, 13.0, 16.0].iter().map(|x| x + 1e9).collect();
    close(moments::variance(&lifted).unwrap(), 30.0, 1e-15);
}

fn scores(n: impl Into<proptest::collection::SizeRange>) -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec((-40_i32..=40).prop_map(|x| f64::from(x) / 4.0), n)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn quantiles_undo_their_distributions(p in 1e-12..1.0_f64, a in 0.2..3e3_f64, b in 0.2..3e3_f64) {
        let near = |found: f64, wanted: f64| off(found, wanted) < 1e-10;
        prop_assert!(near(dist::normal_cdf(dist::normal_quantile(p).unwrap()), p));
        prop_assert!(near(dist::t_cdf(dist::t_quantile(p, a).unwrap(), a).unwrap(), p));
        let chi2 = dist::chi2_sf(dist::chi2_quantile(p, a).unwrap(), a).unwrap();
        prop_assert!(off(1.0 - chi2, p).min(off(chi2, 1.0 - p)) < 1e-9);
        prop_assert!(near(dist::f_cdf(dist::f_quantile(p, a, b).unwrap(), a, b).unwrap(), p));
        // Mirror: the shares of yes and of no are one less the other.
        let (yes, no) = (dist::beta_quantile(p, a, b).unwrap(), dist::beta_quantile(1.0 - p, b, a).unwrap());
        prop_assert!((yes + no - 1.0).abs() < 1e-9, "{yes} {no}");
        let odds = dist::f_quantile(p, 2.0 * a, 2.0 * b).unwrap() * a / b;
        prop_assert!(near(yes, odds / (1.0 + odds)));
    }

    #[test]
    fn every_domain_point_has_an_answer_in_range(
        ln_a in -2.0..14.0_f64, ln_b in -2.0..14.0_f64, p in 0.0..1.0_f64, t in -1e3..1e3_f64
    ) {
        let (a, b) = (ln_a.exp(), ln_b.exp());
        prop_assume!(p > 0.0);
        for tail in [p, p * p * p, 1.0 - p * p * p] {
            prop_assume!(tail > 1e-15 && tail < 1.0);
            prop_assert!((0.0..=1.0).contains(&dist::beta_quantile(tail, a, b).unwrap()));
            prop_assert!(dist::chi2_quantile(tail, a).unwrap() >= 0.0);
            prop_assert!((dist::t_quantile(tail, a).unwrap() > 0.0) == (tail > 0.5));
        }
        let outside = dist::t_two_sided_p(t, a).unwrap();
        prop_assert!((0.0..=1.0).contains(&outside));
        prop_assert!(dist::t_two_sided_p(t * 1.01, a).unwrap() <= outside);
        close(dist::t_cdf(t, a).unwrap() + dist::t_cdf(-t, a).unwrap(), 1.0, 1e-14);
        prop_assert!((0.0..=1.0).contains(&dist::chi2_sf(t.abs(), a).unwrap()));
    }

    #[test]
    fn intervals_of_shares_hold_the_share(n in 1_u64..5_000, part in 0.0..=1.0_f64, confidence in 0.01..0.9999_f64) {
        let x = (part * n as f64).round() as u64;
        let share = x as f64 / n as f64;
        for interval in [proportion::wilson, proportion::clopper_pearson] {
            let found = interval(x, n, confidence).unwrap();
            prop_assert!(0.0 <= found.low && found.high <= 1.0);
            prop_assert!(found.contains(share), "{found:?} {share}");
            let mirror = interval(n - x, n, confidence).unwrap();
            prop_assert!((mirror.low - (1.0 - found.high)).abs() < 1e-12);
            prop_assert!((mirror.high - (1.0 - found.low)).abs() < 1e-12);
            prop_assert_eq!(found.low == 0.0, x == 0);
            prop_assert_eq!(found.high == 1.0, x == n);
        }
    }

    #[test]
    fn merged_moments_are_the_moments_of_all(values in scores(2..60), cut in 0.0..1.0_f64) {
        let (left, right) = values.split_at((cut * values.len() as f64) as usize);
        let mut merged: Moments = left.iter().copied().collect();
        merged.merge(&right.iter().copied().collect());
        let n = values.len() as f64;
        let mean = moments::mean(&values).unwrap();
        let power = |k: i32| values.iter().map(|x| (x - mean).powi(k)).sum::<f64>();
        let near = |found: Option<f64>, wanted: f64| (found.unwrap() - wanted).abs() < 1e-9 * wanted.abs().max(1.0);
        prop_assert_eq!(merged.n(), values.len() as u64);
        prop_assert!(near(merged.mean(), mean));
        prop_assert!(near(merged.variance(), moments::variance(&values).unwrap()));
        prop_assert!(near(merged.sd(), moments::variance(&values).unwrap().sqrt()));
        if power(2) > 0.01 {
            prop_assert!(near(merged.skewness(), n.sqrt() * power(3) / power(2).powf(1.5)));
            prop_assert!(near(merged.kurtosis(), n * power(4) / power(2).powi(2) - 3.0));
        }
    }

    #[test]
    fn correlation_keeps_its_range_and_takes_affine_changes(
        pairs in prop::collection::vec((-40_i32..=40, -40_i32..=40), 2..40), shift in -9.0..9.0_f64
    ) {
        let (x, y): (Vec<f64>, Vec<f64>) = pairs.iter().map(|(x, y)| (f64::from(*x), f64::from(*y))).unzip();
        if let Some(r) = moments::pearson(&x, &y) {
            prop_assert!((-1.0..=1.0).contains(&r));
            let turned: Vec<f64> = y.iter().map(|y| shift - 2.0 * y).collect();
            prop_assert!((moments::pearson(&x, &turned).unwrap() + r).abs() < 1e-12);
            prop_assert_eq!(moments::pearson(&y, &x), Some(r));
        }
    }

    #[test]
    fn the_middle_does_not_depend_on_order(mut values in scores(1..50), p in 0.0..=1.0_f64) {
        let median = quantile::median(&mut values.clone()).unwrap();
        values.sort_by(f64::total_cmp);
        prop_assert_eq!(quantile::quantile_type7(&values, 0.5), Some(median));
        let found = quantile::quantile_type7(&values, p).unwrap();
        prop_assert!(values[0] <= found && found <= values[values.len() - 1]);
        prop_assert_eq!(quantile::quantile_type7(&values, 0.0), Some(values[0]));
        prop_assert_eq!(quantile::quantile_type7(&values, 1.0), values.last().copied());
    }

    #[test]
    fn trends_turn_with_the_series(y in scores(5..30)) {
        let x: Vec<f64> = (0..y.len()).map(|i| i as f64).collect();
        let line = robust::theil_sen(&x, &y, 0.95).unwrap();
        prop_assert!(line.low <= line.slope && line.slope <= line.high);
        let down: Vec<f64> = y.iter().map(|y| -y).collect();
        let mirror = robust::theil_sen(&x, &down, 0.95).unwrap();
        prop_assert_eq!(mirror.slope, -line.slope);
        let (trend, turned) = (robust::mann_kendall(&y).unwrap(), robust::mann_kendall(&down).unwrap());
        prop_assert_eq!((turned.s, turned.p, turned.tau), (-trend.s, trend.p, -trend.tau));
        prop_assert!(trend.p > 0.0 && trend.p <= 1.0);
        let raised: Vec<f64> = y.iter().map(|y| y.exp()).collect();
        prop_assert_eq!(robust::mann_kendall(&raised), Some(trend));
    }
}
