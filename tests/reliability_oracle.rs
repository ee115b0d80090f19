//! Reliability against independent software: R 4.2.2 with psych 2.2.9 and lavaan 0.6-14, and a
//! 40-digit one-factor solver on mpmath 1.3.0 (`tests/oracle/`).
#![allow(clippy::pedantic)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use serde_json::Value;
use straingauge::num::{Deletion, Interval, ItemTable};
use straingauge::reliability::{IccForm, ReliabilityError, Retest, ScaleReliability};

fn folder() -> std::path::PathBuf {
    std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle")
}

fn json(name: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(folder().join(name)).unwrap()).unwrap()
}

fn items(name: &str) -> ItemTable {
    let mut reader =
        csv::Reader::from_path(folder().join("data").join(format!("{name}.csv"))).unwrap();
    let names: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let mut table = ItemTable::new();
    for (at, name) in names.iter().enumerate().skip(1) {
        // The files hold answers as given: items 4 and 9 are reverse-keyed, 1 to 5.
        let reversed = matches!(name.as_str(), "i4" | "i9");
        let keyed = |answer: i16| if reversed { 6 - answer } else { answer };
        table.push(name, rows.iter().map(|row| row[at].parse().ok().map(keyed))).unwrap();
    }
    table
}

#[track_caller]
fn close(found: f64, expected: &Value, tolerance: f64) {
    let expected = expected.as_f64().expect("a number");
    assert!(
        (found - expected).abs() <= tolerance * expected.abs().max(1.0),
        "found {found}, expected {expected}"
    );
}

/// The printed figures have 15 digits.
const PRINTED: f64 = 2e-14;

#[test]
fn coefficients_under_both_missing_rules() {
    let oracle = json("reliability.json");
    for set in ["syn_items_complete", "syn_items_missing"] {
        for (name, deletion) in [("listwise", Deletion::Listwise), ("pairwise", Deletion::Pairwise)]
        {
            let expected = &oracle[set][name];
            let scale = ScaleReliability::of(&items(set), deletion).unwrap();
            let alpha = scale.alpha();
            close(alpha.raw(), &expected["alpha_raw"], PRINTED);
            close(alpha.standardized(), &expected["alpha_std"], PRINTED);
            for (at, item) in scale.items().iter().enumerate() {
                let dropped = alpha.if_dropped()[at].unwrap();
                close(dropped, &expected["alpha_if_deleted"][item], PRINTED);
                let rest = scale.item_rest()[at].unwrap();
                close(rest, &expected["item_total_corrected_r"][item], PRINTED);
                close(scale.item_means()[at], &expected["item_mean"][item], PRINTED);
            }
            let guttman = &expected["guttman_covariance_metric"];
            close(scale.guttman_lambda2(), &guttman["lambda2"], PRINTED);
            close(scale.guttman_lambda6().unwrap(), &guttman["lambda6"], PRINTED);
            let (halves, odd_even) =
                (scale.split_half_odd_even().unwrap(), &expected["split_half"]["odd_even"]);
            close(halves.r, &odd_even["r"], PRINTED);
            close(halves.spearman_brown, &odd_even["spearman_brown"], PRINTED);
            close(halves.flanagan_rulon, &odd_even["rulon_flanagan_guttman_l4"], PRINTED);
        }
    }
}

#[test]
fn feldt_intervals_count_the_people_who_were_used() {
    let oracle = json("reliability.json");
    for set in ["syn_items_complete", "syn_items_missing"] {
        let scale = ScaleReliability::of(&items(set), Deletion::Listwise).unwrap();
        for interval in oracle[set]["listwise"]["feldt_ci"].as_array().unwrap() {
            assert_eq!(scale.n(), interval["n"].as_u64().unwrap());
            let Interval { low, high } =
                scale.alpha().interval(interval["conf"].as_f64().unwrap()).unwrap();
            close(low, &interval["lower"], 1e-10);
            close(high, &interval["upper"], 1e-10);
        }
    }
    // Pairwise: psych counts all 199 rows; here the smallest pair counts, so the interval is wider.
    let scale = ScaleReliability::of(&items("syn_items_missing"), Deletion::Pairwise).unwrap();
    let psych = &oracle["syn_items_missing"]["pairwise"]["feldt_ci"][1];
    let own = scale.alpha().interval(0.95).unwrap();
    assert!(scale.n() < psych["n"].as_u64().unwrap() && scale.n() < scale.n_most());
    assert!(
        own.low < psych["lower"].as_f64().unwrap() && own.high > psych["upper"].as_f64().unwrap()
    );
    for confidence in [0.0, 1.0, f64::NAN, -3.0] {
        assert_eq!(scale.alpha().interval(confidence), None);
    }
}

#[test]
fn spread_and_error_of_the_sum() {
    let oracle = json("reliability.json");
    for set in ["syn_items_complete", "syn_items_missing"] {
        let scale = ScaleReliability::of(&items(set), Deletion::Listwise).unwrap();
        let expected = &oracle[set]["scale_listwise"];
        close(scale.mean(), &expected["mean"], PRINTED);
        close(scale.sd(), &expected["sd"], PRINTED);
        let alpha = oracle[set]["listwise"]["alpha_raw"].as_f64().unwrap();
        let sem = expected["sd"].as_f64().unwrap() * (1.0 - alpha).sqrt();
        close(scale.sem().unwrap(), &Value::from(sem), PRINTED);
    }
}

#[test]
fn omega_against_forty_digits_and_against_lavaan() {
    let (polished, oracle) = (json("factor_polished.json"), json("reliability.json"));
    for set in ["syn_items_complete", "syn_items_missing"] {
        for (name, deletion) in [("listwise", Deletion::Listwise), ("pairwise", Deletion::Pairwise)]
        {
            let scale = ScaleReliability::of(&items(set), deletion).unwrap();
            let omega = scale.omega().unwrap();
            let expected = &polished[set][name]["ml"];
            for (at, item) in scale.items().iter().enumerate() {
                close(omega.loadings()[at], &expected["loadings"][item], 1e-9);
                close(omega.uniquenesses()[at], &expected["uniquenesses"][item], 1e-9);
            }
            close(omega.discrepancy(), &expected["F_ml"], 1e-9);
            close(omega.total(), &expected["omega_raw_model_implied"], 1e-9);
            close(omega.standardized(), &expected["omega_std_model_implied"], 1e-9);
            close(omega.of_observed_variance(), &expected["omega_raw_observed_variance"], 1e-9);
            if deletion == Deletion::Listwise {
                let (cfa, fit) = (&oracle[set]["cfa_ml_covariance_listwise"], omega.fit());
                close(omega.total(), &cfa["omega_total_model_implied"], 3e-7);
                close(fit.chi_square, &cfa["chisq"], 1e-8);
                assert_eq!(fit.df, cfa["df"].as_u64().unwrap());
                close(fit.rmsea.unwrap(), &cfa["rmsea"], 1e-8);
                close(fit.cfi.unwrap(), &cfa["cfi"], 1e-8);
            }
        }
    }
}

#[test]
fn icc_in_six_forms() {
    let oracle = json("icc.json");
    for set in ["shrout_fleiss", "shrout_fleiss_90", "syn_retest"] {
        let occasions: Vec<Vec<Option<f64>>> = if set == "syn_retest" {
            let mut reader = csv::Reader::from_path(folder().join("data/syn_retest.csv")).unwrap();
            let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
            (1..3).map(|at| rows.iter().map(|row| row[at].parse().ok()).collect()).collect()
        } else {
            let matrix = oracle[set]["matrix"].as_array().unwrap();
            (0..4).map(|at| matrix.iter().map(|row| row[at].as_f64()).collect()).collect()
        };
        let retest = Retest::of(&occasions).unwrap();
        let results = oracle[set]["results"].as_array().unwrap();
        for (form, expected) in IccForm::ALL.into_iter().zip(results) {
            let icc = retest.icc(form);
            close(icc.value, &expected["icc"], 2e-14);
            close(icc.f.unwrap(), &expected["F"], 2e-14);
            close(icc.df.0, &expected["df1"], 0.0);
            close(icc.df.1, &expected["df2"], 0.0);
            let p = expected["p"].as_f64().unwrap();
            assert!((icc.p.unwrap() / p - 1.0).abs() < 1e-10, "{set} {form:?}");
            let interval = icc.interval(oracle[set]["conf"].as_f64().unwrap()).unwrap();
            close(interval.low, &expected["lower"], 1e-10);
            close(interval.high, &expected["upper"], 1e-10);
        }
        if set == "syn_retest" {
            close(retest.pearson().unwrap(), &oracle[set]["pearson_r"], 2e-14);
            let plot = retest.bland_altman(0.95).unwrap();
            assert!((retest.sem_consistency() - plot.sd / 2.0_f64.sqrt()).abs() < 1e-13);
            assert!((retest.mean_shift() - plot.bias).abs() < 1e-13);
            assert!(plot.bias_interval.contains(plot.bias));
            assert!(plot.limits.low < plot.bias_interval.low);
        }
    }
}

#[test]
fn published_example_of_limits_of_agreement() {
    // Bland and Altman 1986, table 1, first measurement by each peak flow meter: they print a mean
    // difference, large minus mini, of -2.1 with a standard deviation of 38.8.
    let wright = [
        494.0, 395.0, 516.0, 434.0, 476.0, 557.0, 413.0, 442.0, 650.0, 433.0, 417.0, 656.0, 267.0,
        478.0, 178.0, 423.0, 427.0,
    ];
    let mini = [
        512.0, 430.0, 520.0, 428.0, 500.0, 600.0, 364.0, 380.0, 658.0, 445.0, 432.0, 626.0, 260.0,
        477.0, 259.0, 350.0, 451.0,
    ];
    let retest = Retest::of(&[mini.map(Some).to_vec(), wright.map(Some).to_vec()]).unwrap();
    let plot = retest.bland_altman(0.95).unwrap();
    assert_eq!(plot.n, 17);
    assert!((plot.bias - -2.1).abs() < 0.05, "{}", plot.bias);
    assert!((plot.sd - 38.8).abs() < 0.05, "{}", plot.sd);
}

#[test]
fn what_is_undefined_is_an_error_that_says_what_to_look_at() {
    let mut table = ItemTable::new();
    table.push("calm", [1, 2, 3, 4, 2].map(Some)).unwrap();
    let error = ScaleReliability::of(&table, Deletion::Listwise).unwrap_err();
    assert_eq!(error.to_string(), "1 items, at least 2 needed");

    let mut flat = table.clone();
    flat.push("rested", [3, 3, 3, 3, 3].map(Some)).unwrap();
    assert_eq!(
        ScaleReliability::of(&flat, Deletion::Listwise).unwrap_err(),
        ReliabilityError::NoSpread { items: vec!["rested".into()] }
    );

    let mut two = table.clone();
    two.push("rested", [2, 2, 3, 4, 1].map(Some)).unwrap();
    let scale = ScaleReliability::of(&two, Deletion::Listwise).unwrap();
    assert_eq!(scale.alpha().if_dropped(), [None, None]);
    assert_eq!(scale.omega().unwrap_err(), ReliabilityError::TooFewItems { found: 2, needed: 3 });

    let mut opposed = table.clone();
    opposed.push("tired", [4, 3, 2, 1, 3].map(Some)).unwrap();
    assert_eq!(
        ScaleReliability::of(&opposed, Deletion::Listwise).unwrap_err(),
        ReliabilityError::NoTotalSpread
    );

    let mut gaps = table.clone();
    gaps.push("rested", [Some(1), None, None, Some(2), None]).unwrap();
    for deletion in [Deletion::Listwise, Deletion::Pairwise] {
        assert_eq!(
            ScaleReliability::of(&gaps, deletion).unwrap_err(),
            ReliabilityError::TooFewPeople { found: 2, needed: 3, deletion }
        );
    }

    let mut repeated = two;
    repeated.push("again", [1, 2, 3, 4, 2].map(Some)).unwrap();
    let scale = ScaleReliability::of(&repeated, Deletion::Listwise).unwrap();
    assert_eq!(scale.omega().unwrap_err(), ReliabilityError::NotPositiveDefinite);
    assert_eq!(scale.guttman_lambda6().unwrap_err(), ReliabilityError::NotPositiveDefinite);

    assert_eq!(
        Retest::of(&[vec![Some(1.0)]]).unwrap_err().to_string(),
        "1 occasions, at least 2 needed"
    );
    assert_eq!(
        Retest::of(&[vec![Some(1.0); 4], vec![Some(1.0), None, Some(f64::NAN), None]])
            .unwrap_err()
            .to_string(),
        "occasion 2, person 3: NaN is not a number; leave a gap where there is no score"
    );
    assert_eq!(
        Retest::of(&[vec![Some(1.0); 4], vec![Some(2.0); 4]]).unwrap_err(),
        ReliabilityError::NoTotalSpread
    );
    // Nothing but people varies: perfect agreement, and no interval.
    let same = [1.0, 2.0, 4.0].map(Some).to_vec();
    let icc = Retest::of(&[same.clone(), same]).unwrap().icc(IccForm::Agreement);
    assert_eq!((icc.value, icc.f, icc.interval(0.95)), (1.0, None, None));
}

/// People with one trait behind `items` five-point answers; `loading` per item.
fn one_factor(people: usize, loadings: &[f64], seed: u64) -> ItemTable {
    let mut state = seed;
    let mut uniform = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((state >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    };
    let mut normal = || {
        let (u, v) = (uniform(), uniform());
        (-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()
    };
    let traits: Vec<f64> = (0..people).map(|_| normal()).collect();
    let mut table = ItemTable::new();
    for (at, loading) in loadings.iter().enumerate() {
        let column: Vec<Option<i16>> = traits
            .iter()
            .map(|t| {
                let answer = loading * t + (1.0 - loading * loading).sqrt() * normal();
                let cuts = [0.5, 1.5, 2.5, 3.5].map(|cut| answer * 1.2 + 2.0 >= cut);
                Some(cuts.map(i16::from).iter().sum())
            })
            .collect();
        table.push(format!("i{at}"), column).unwrap();
    }
    table
}

#[test]
fn omega_refuses_what_one_factor_cannot_say() {
    // An item that counts the other way.
    let table = one_factor(300, &[0.7, 0.7, 0.7, 0.7, -0.6], 3);
    let scale = ScaleReliability::of(&table, Deletion::Listwise).unwrap();
    assert_eq!(
        scale.omega().unwrap_err(),
        ReliabilityError::MixedSigns { items: vec!["i4".into()] }
    );
    assert!(scale.item_rest()[4].unwrap() < 0.0);
    // Two items that belong together far more than to the rest.
    let mut heywood = one_factor(400, &[0.3, 0.3, 0.3], 11);
    let twin: Vec<Option<i16>> = (0..400)
        .map(|row| heywood.value(row, 0).map(|v| if row % 40 == 0 { 4 - v } else { v }))
        .collect();
    heywood.push("twin", twin).unwrap();
    let error = ScaleReliability::of(&heywood, Deletion::Listwise).unwrap().omega().unwrap_err();
    assert!(matches!(error, ReliabilityError::Heywood { .. }), "{error}");
    // Three items: any single factor fits, so there is no fit index.
    let three = one_factor(200, &[0.7, 0.6, 0.5], 5);
    let omega = ScaleReliability::of(&three, Deletion::Listwise).unwrap().omega().unwrap();
    assert_eq!((omega.fit().df, omega.fit().p, omega.fit().rmsea), (0, None, None));
    assert!(omega.discrepancy() < 1e-12);
    // With three items the loadings have a closed form: l1² = r12 r13 / r23.
    let r = |i: usize, j: usize| {
        let ids = three.ids();
        let pair = three.select(&[&ids[i], &ids[j]]).unwrap();
        ScaleReliability::of(&pair, Deletion::Listwise).unwrap().split_half_odd_even().unwrap().r
    };
    let square = r(0, 1) * r(0, 2) / r(1, 2);
    assert!((omega.loadings()[0].powi(2) - square).abs() < 1e-9);
}

#[test]
fn order_of_people_and_affine_changes_leave_coefficients_alone() {
    let table = one_factor(257, &[0.8, 0.6, 0.5, 0.7, 0.4], 17);
    let shuffled: Vec<usize> = (0..257).map(|row| row * 100 % 257).collect();
    let mut other = ItemTable::new();
    let mut doubled = ItemTable::new();
    for (at, id) in table.ids().iter().enumerate() {
        other.push(id, shuffled.iter().map(|row| table.value(*row, at))).unwrap();
        doubled.push(id, (0..257).map(|row| table.value(row, at).map(|v| 7 * v - 30))).unwrap();
    }
    let of = |table: &ItemTable| ScaleReliability::of(table, Deletion::Listwise).unwrap();
    assert_eq!(of(&table), of(&other), "bit for bit");
    let (a, b) = (of(&table), of(&doubled));
    assert!((a.alpha().raw() - b.alpha().raw()).abs() < 1e-13);
    assert!((a.omega().unwrap().total() - b.omega().unwrap().total()).abs() < 1e-12);
    assert!((b.sem().unwrap() - 7.0 * a.sem().unwrap()).abs() < 1e-11);
}

#[test]
fn a_long_scale_is_fitted_and_a_longer_one_refused() {
    let loadings: Vec<f64> = (0..60).map(|i| 0.35 + 0.4 * f64::from(i) / 60.0).collect();
    let scale = ScaleReliability::of(&one_factor(600, &loadings, 23), Deletion::Listwise).unwrap();
    let omega = scale.omega().unwrap();
    assert!(omega.total() > scale.alpha().raw());
    assert!(omega.fit().rmsea.unwrap() < 0.02);
    let wide = one_factor(30, &[0.5; 201], 29);
    assert_eq!(
        ScaleReliability::of(&wide, Deletion::Listwise).unwrap().omega().unwrap_err(),
        ReliabilityError::TooManyItems { found: 201, limit: 200 }
    );
}
