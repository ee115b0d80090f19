//! Group reports against cases solved by exhaustion and numbers from other software.
#![allow(clippy::pedantic)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use straingauge::group::stats::{
    Sample, hedges_g, mean_interval, nonresponse_bounds, rwg, rwg_j, uniform_null, unit_icc, welch,
};
use straingauge::group::{
    GroupError, GroupReport, ItemMeasure, Ledger, Matched, Measures, Plan, Salt, ScaleMeasure,
    ScaleValue, ShareInterval, Tallies,
};
use straingauge::num::moments;

fn oracle(name: &str) -> Value {
    let path = format!("{}/tests/oracle/{name}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn measures() -> Measures {
    Measures::new("demo").with_scale(ScaleMeasure::new("strain", 0.0, 100.0))
}

/// Units with so many people each, whose values are never alike.
fn organisation(leaves: &[(Vec<String>, u64)], plan: &Plan) -> GroupReport {
    let mut tallies = Tallies::new(measures(), ["unit"]).unwrap();
    let mut person = tallies.measures().person();
    for (path, people) in leaves {
        let unit = tallies.unit("unit", path).unwrap();
        for at in 0..*people {
            let value = (at * 7 % 5) as f64 * 10.0;
            person.clear();
            person.scale(0, ScaleValue { value, band: None, prorated: false });
            tallies.add(&[unit], &person).unwrap();
        }
    }
    tallies.publish(plan).unwrap()
}

fn strings(value: &Value) -> BTreeSet<String> {
    value.as_array().unwrap().iter().map(|v| v.as_str().unwrap().to_owned()).collect()
}

#[test]
fn as_little_is_hidden_as_exhaustive_search_finds() {
    let cases = oracle("suppression_tree.json");
    let mut seen = 0;
    for case in cases["cases"].as_array().unwrap() {
        let name = case["case"].as_str().unwrap();
        let mut above = BTreeMap::new();
        for (parent, children) in case["children"].as_object().unwrap() {
            for child in children.as_array().unwrap() {
                above.insert(child.as_str().unwrap(), parent.as_str());
            }
        }
        let path = |unit: &str| {
            let mut path = Vec::new();
            let mut at = unit;
            while at != "T" {
                path.insert(0, at.to_owned());
                at = above[at];
            }
            path
        };
        let leaves: Vec<(Vec<String>, u64)> = case["leaf_n"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(leaf, n)| (path(leaf), n.as_u64().unwrap()))
            .collect();
        let k = u32::try_from(case["k"].as_u64().unwrap()).unwrap();
        let report = organisation(&leaves, &Plan::default().with_threshold(k).unwrap());
        let primary = strings(&case["primary"]);
        let empty = strings(&case["empty"]);
        let hidden: BTreeSet<String> = case["node_n"]
            .as_object()
            .unwrap()
            .keys()
            .filter(|unit| report.unit("unit", &path(unit)).unwrap().scale("strain").is_none())
            .cloned()
            .collect();
        assert!(primary.is_subset(&hidden), "{name}");
        let secondary: BTreeSet<String> =
            hidden.difference(&primary).filter(|unit| !empty.contains(*unit)).cloned().collect();
        let optima: Vec<BTreeSet<String>> =
            case["all_min_count_sets"].as_array().unwrap().iter().map(strings).collect();
        assert!(optima.contains(&secondary), "{name}: {secondary:?} is not among {optima:?}");
        let people: u64 = secondary.iter().map(|unit| case["node_n"][unit].as_u64().unwrap()).sum();
        assert_eq!(people, case["fewest_people_among_those"].as_u64().unwrap(), "{name}");
        seen += 1;
    }
    assert_eq!(seen, 14);
}

fn close(found: f64, expected: f64, tolerance: f64, what: &str) {
    let scale = expected.abs().max(1e-300);
    assert!(
        (found - expected).abs() <= tolerance * scale.max(1.0),
        "{what}: {found} for {expected}"
    );
}

/// syn_org.csv: unit and five items with codes 1 to 5.
fn syn_org() -> Vec<(String, Vec<u8>)> {
    let path = format!("{}/tests/oracle/data/syn_org.csv", env!("CARGO_MANIFEST_DIR"));
    csv::Reader::from_path(path)
        .unwrap()
        .records()
        .map(|row| {
            let row = row.unwrap();
            (row[1].to_owned(), (2..7).map(|item| row[item].parse().unwrap()).collect())
        })
        .collect()
}

#[test]
fn agreement_as_in_r_multilevel() {
    let oracle = oracle("agreement.json");
    let org = &oracle["syn_org"];
    let people = syn_org();
    let null = uniform_null(&[1.0, 2.0, 3.0, 4.0, 5.0]).unwrap();
    assert_eq!(null, org["expected_variance_uniform"].as_f64().unwrap());
    let mut samples = Vec::new();
    for group in org["per_group"].as_array().unwrap() {
        let name = group["grp"].as_str().unwrap();
        let rows: Vec<&Vec<u8>> =
            people.iter().filter(|(g, _)| g == name).map(|(_, r)| r).collect();
        assert_eq!(rows.len() as u64, group["n"].as_u64().unwrap());
        let item = |at: usize| rows.iter().map(|row| f64::from(row[at])).collect::<Vec<_>>();
        let variances: Option<Vec<f64>> = (0..5).map(|at| moments::variance(&item(at))).collect();
        let found = variances.as_ref().and_then(|variances| rwg_j(variances, null));
        match group["rwg_j"].as_f64() {
            None => assert_eq!(found, None, "{name}"),
            Some(expected) => close(found.unwrap(), expected, 1e-12, name),
        }
        if let Some(variances) = variances {
            let expected = group["rwg_j_lindell_star"].as_f64().unwrap();
            close(rwg(moments::mean(&variances).unwrap(), null).unwrap(), expected, 1e-12, name);
        }
        let means: Vec<f64> =
            rows.iter().map(|row| row.iter().map(|c| f64::from(*c)).sum::<f64>() / 5.0).collect();
        samples.push(Sample {
            n: means.len() as u64,
            mean: moments::mean(&means).unwrap(),
            variance: moments::variance(&means).unwrap_or(0.0),
        });
    }
    let icc = unit_icc(&samples).unwrap();
    close(icc.icc1, org["ICC1_anova_n0"].as_f64().unwrap(), 1e-12, "ICC(1)");
    close(icc.icc2, org["ICC2_multilevel"].as_f64().unwrap(), 1e-12, "ICC(2)");
    close(icc.size, org["group_size"]["anova_n0"].as_f64().unwrap(), 1e-12, "group size");
    close(icc.f, org["anova"]["F"].as_f64().unwrap(), 1e-12, "F");
    let p = org["anova"]["p"].as_f64().unwrap();
    assert!((icc.p.unwrap() - p).abs() < 1e-10, "p");
    assert!(icc.units_may_be_compared());
}

/// The same through a report: numbers of the units that are shown, and the item means beside them.
#[test]
fn a_report_shows_the_numbers_of_other_software() {
    let oracle = oracle("agreement.json");
    let items = ["i1", "i2", "i3", "i4", "i5"];
    let scale = ScaleMeasure::new("mean", 1.0, 5.0).with_items(items);
    let measures = items.iter().fold(Measures::new("syn").with_scale(scale), |measures, id| {
        measures.with_item(ItemMeasure::new(*id, 1..=5))
    });
    let mut tallies = Tallies::new(measures, ["unit"]).unwrap();
    let mut person = tallies.measures().person();
    for (unit, row) in syn_org() {
        let unit = tallies.unit("unit", &[unit]).unwrap();
        tallies.invite("unit", unit, 60).unwrap();
        let value = row.iter().map(|code| f64::from(*code)).sum::<f64>() / 5.0;
        person.clear();
        person.scale(0, ScaleValue { value, band: None, prorated: false });
        for (at, code) in row.iter().enumerate() {
            person.item(at, *code);
        }
        tallies.add(&[unit], &person).unwrap();
    }
    let plan = Plan::default().with_threshold(5).unwrap();
    let report = tallies.publish(&plan).unwrap();
    let (mut shown, mut agreements) = (0, 0);
    for group in oracle["syn_org"]["per_group"].as_array().unwrap() {
        let name = group["grp"].as_str().unwrap();
        let unit = report.unit("unit", &[name]).unwrap();
        let n = group["n"].as_u64().unwrap();
        let Some(scale) = unit.scale("mean") else { continue };
        assert!(n >= 5, "{name}");
        shown += 1;
        assert_eq!((scale.n(), scale.complete(), scale.prorated()), (n, Some(n), Some(0)));
        // As on the page: two decimals for a scale as narrow as this, six for agreement.
        close(scale.mean(), group["mean"].as_f64().unwrap(), 0.005_000_1, name);
        close(scale.sd().unwrap(), group["sd"].as_f64().unwrap(), 0.005_000_1, name);
        if let Some(agreement) = scale.agreement() {
            close(agreement.rwg_j(), group["rwg_j"].as_f64().unwrap(), 5.1e-7, name);
            close(agreement.ad_mean(), group["ad_mean"].as_f64().unwrap(), 5.1e-7, name);
            close(agreement.ad_limit(), 5.0 / 6.0, 5.1e-7, name);
            agreements += 1;
        }
        let share = n as f64 / 60.0;
        close(unit.participation().unwrap().rate().unwrap(), share, 0.005_000_1, name);
        assert!(scale.floor().is_none(), "shares at an end are for everybody together");
    }
    // Units of 1 to 4 people are ten together, so nothing else has to be hidden; of the others one
    // or the other may be too much alike in an item.
    assert_eq!(shown, 10);
    assert!(agreements > 2, "{agreements}");
}

fn sample(values: &[f64]) -> Sample {
    Sample {
        n: values.len() as u64,
        mean: moments::mean(values).unwrap(),
        variance: moments::variance(values).unwrap(),
    }
}

#[test]
fn two_groups_as_in_r() {
    let oracle = oracle("twogroup.json");
    for (name, case) in oracle.as_object().unwrap() {
        let numbers = |key: &str| -> Option<Vec<f64>> {
            case[key].as_array().map(|list| list.iter().map(|v| v.as_f64().unwrap()).collect())
        };
        let (Some(x), Some(y)) = (numbers("x"), numbers("y")) else { continue };
        let (x, y) = (sample(&x), sample(&y));
        for (key, confidence) in [("welch_90", 0.90), ("welch_95", 0.95), ("welch_99", 0.99)] {
            let expected = &case[key];
            if expected.is_null() {
                continue;
            }
            let found = welch(&x, &y, confidence).unwrap();
            let number = |key: &str| expected[key].as_f64().unwrap();
            close(found.t, number("t"), 1e-12, name);
            close(found.df, number("df"), 1e-12, name);
            close(found.difference, number("diff"), 1e-12, name);
            assert!((found.p - number("p")).abs() < 1e-10, "{name}");
            close(found.interval.low, number("lower"), 1e-10, name);
            close(found.interval.high, number("upper"), 1e-10, name);
        }
        if let Some(expected) = case["hedges_g_exact_gamma"]["value"].as_f64() {
            close(hedges_g(&x, &y, 0.95).unwrap().g, expected, 1e-12, name);
        }
    }
}

#[test]
fn finite_populations_and_nonresponse_as_computed_elsewhere() {
    let oracle = oracle("misc.json");
    for case in oracle["finite_population_mean"].as_array().unwrap() {
        let number = |key: &str| case[key].as_f64().unwrap();
        let sd = number("sd");
        let sample =
            Sample { n: case["n"].as_u64().unwrap(), mean: number("mean"), variance: sd * sd };
        for (population, key) in [(case["N"].as_u64(), "ci95_fpc"), (None, "ci95_no_fpc")] {
            let interval = mean_interval(&sample, population, 0.95).unwrap();
            close(interval.low, case[key][0].as_f64().unwrap(), 1e-10, key);
            close(interval.high, case[key][1].as_f64().unwrap(), 1e-10, key);
        }
        assert_eq!(mean_interval(&sample, Some(sample.n - 1), 0.95), None);
    }
    let strata = &oracle["stratified"];
    let sum = |key: &str| -> u64 {
        strata["strata"].as_array().unwrap().iter().map(|s| s[key].as_u64().unwrap()).sum()
    };
    let bounds = nonresponse_bounds(sum("positives"), sum("n"), sum("N")).unwrap();
    close(bounds.low, strata["nonresponse_bounds_prevalence"][0].as_f64().unwrap(), 1e-12, "low");
    close(bounds.high, strata["nonresponse_bounds_prevalence"][1].as_f64().unwrap(), 1e-12, "high");
    for (options, variance) in oracle["agreement_null_variance"]["uniform"].as_object().unwrap() {
        let options: u32 = options.parse().unwrap();
        let codes: Vec<f64> = (1..=options).map(f64::from).collect();
        close(uniform_null(&codes).unwrap(), variance.as_f64().unwrap(), 1e-12, "null");
    }
}

/// Every row of the table of proportions that a report could show: a unit of n with k in the
/// upper of two bands.
#[test]
fn shares_in_a_report_as_computed_elsewhere() {
    let path = format!("{}/tests/oracle/proportions.csv", env!("CARGO_MANIFEST_DIR"));
    let mut rows = csv::Reader::from_path(path).unwrap();
    let header = rows.headers().unwrap().clone();
    let at = |name: &str| header.iter().position(|column| column == name).unwrap();
    let mut seen = 0;
    for row in rows.records().map(Result::unwrap) {
        let number = |name: &str| row[at(name)].parse::<f64>().unwrap();
        let (k, n) = (number("k") as u64, number("n") as u64);
        if n < 10 || k < 5 || n - k < 5 || n > 2_000 {
            continue;
        }
        let bands = [(0.0, "lower"), (5.0, "upper")];
        let measures =
            Measures::new("demo").with_scale(ScaleMeasure::new("s", 0.0, 10.0).with_bands(bands));
        let mut tallies = Tallies::new(measures, ["unit"]).unwrap();
        let whole = tallies.unit("unit", &[] as &[&str]).unwrap();
        let mut person = tallies.measures().person();
        for member in 0..n {
            let upper = member < k;
            let value = if upper { 6.0 } else { 1.0 } + (member % 3) as f64;
            person.scale(0, ScaleValue { value, band: Some(usize::from(upper)), prorated: false });
            tallies.add(&[whole], &person).unwrap();
        }
        let plan = Plan::default().with_confidence(number("conf")).unwrap();
        for (plan, low, high) in [
            (plan.clone(), "wilson_lo", "wilson_hi"),
            (plan.with_share_interval(ShareInterval::ClopperPearson), "cp_lo", "cp_hi"),
        ] {
            let report = tallies.publish(&plan).unwrap();
            let scale = report.breakdowns()[0].units()[0].scale("s").unwrap();
            let share = scale.bands()[1].share();
            assert_eq!((share.count(), share.of()), (k, n));
            // Whole per cent, as on the page.
            let close = |found: f64, name: &str| (found - number(name)).abs() < 0.005_000_1;
            assert!(close(share.interval().low, low), "{k} of {n}: {low}");
            assert!(close(share.interval().high, high), "{k} of {n}: {high}");
        }
        seen += 1;
    }
    // Of 5 and more, and of all but 5: what a report may show.
    assert!(seen > 80, "{seen}");
}

#[test]
fn shards_in_any_order_give_the_same_report() {
    let people: Vec<(Vec<String>, f64, Option<usize>)> = (0..700_u64)
        .map(|at| {
            let unit = vec![format!("D{}", at % 3), format!("T{}", at * 7 % 11)];
            // Thirds, as proration makes them: sums would depend on the order in floating point.
            let value = (at * 31 % 61) as f64 / 3.0;
            (unit, value, (at % 13 > 0).then_some(usize::from(value >= 10.0)))
        })
        .collect();
    let count = |people: &[&(Vec<String>, f64, Option<usize>)]| {
        let bands = [(0.0, "low"), (10.0, "high")];
        let measures =
            Measures::new("demo").with_scale(ScaleMeasure::new("s", 0.0, 20.0).with_bands(bands));
        let mut tallies = Tallies::new(measures, ["unit"]).unwrap();
        let mut person = tallies.measures().person();
        for (unit, value, band) in people {
            let unit = tallies.unit("unit", unit).unwrap();
            person.scale(0, ScaleValue { value: *value, band: *band, prorated: band.is_none() });
            tallies.add(&[unit], &person).unwrap();
        }
        tallies
    };
    let all: Vec<_> = people.iter().collect();
    let whole = count(&all).publish(&Plan::default()).unwrap();
    for parts in [2, 5] {
        let mut merged = count(&[]);
        for part in (0..parts).rev() {
            let shard: Vec<_> = people.iter().skip(part).step_by(parts).rev().collect();
            merged.merge(&count(&shard)).unwrap();
        }
        let report = merged.publish(&Plan::default()).unwrap();
        assert_eq!(report, whole);
        let json = |report: &GroupReport| serde_json::to_string(report).unwrap();
        assert_eq!(json(&report), json(&whole), "to the last bit");
    }
}

fn hostile() -> GroupReport {
    let names = [
        "=HYPERLINK(\"http://x\",\"y\")",
        "<script>alert(1)</script>",
        "a,b \"quoted\"",
        "\u{1b}[31mred",
        "@SUM(A1)",
        "two\nlines",
    ];
    let leaves: Vec<(Vec<String>, u64)> =
        names.iter().map(|n| (vec![(*n).to_owned()], 20)).collect();
    organisation(&leaves, &Plan::default())
}

#[test]
fn names_of_units_stay_names() {
    let csv = hostile().to_csv();
    let rows: Vec<csv::StringRecord> =
        csv::Reader::from_reader(csv.as_bytes()).records().map(Result::unwrap).collect();
    let units: Vec<&str> = rows.iter().map(|row| &row[0]).collect();
    assert_eq!(
        units,
        [
            "",
            "\u{1b}[31mred",
            "<script>alert(1)</script>",
            "'=HYPERLINK(\"http://x\",\"y\")",
            "'@SUM(A1)",
            "a,b \"quoted\"",
            "two\nlines",
        ]
    );
    let text = hostile().to_text();
    assert!(!text.contains('\u{1b}'), "a name cannot steer the terminal");
    assert_eq!(text.matches("two\u{fffd}lines").count(), 2);
}

#[cfg(feature = "html")]
#[test]
fn a_page_has_no_script_and_loads_nothing() {
    let page = hostile().to_html();
    assert!(!page.contains("<script"), "{page}");
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    for loads in ["src=", "href=", "url(http", "@import", "<link", "<iframe", "<img"] {
        assert!(!page.contains(loads), "{loads}");
    }
    // Every tag that is opened is closed, in order.
    let mut open: Vec<&str> = Vec::new();
    for tag in page.split('<').skip(1) {
        let (tag, _) = tag.split_once('>').unwrap();
        let name = tag.trim_start_matches('/').split([' ', '\n']).next().unwrap();
        if tag.starts_with('/') {
            assert_eq!(open.pop(), Some(name));
        } else if !tag.ends_with('/') && !tag.starts_with('!') && name != "meta" {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

#[test]
fn the_floor_holds_and_refusals_say_what_to_do() {
    assert_eq!(
        Plan::default().with_threshold(4).unwrap_err().to_string(),
        "a threshold of 4 people was asked for; the lowest that any report may use is 5"
    );
    assert_eq!(
        Plan::default().with_confidence(1.0).unwrap_err().to_string(),
        "confidence is 1; give a number between 0 and 1, such as 0.95"
    );
    let mut tallies = Tallies::new(measures(), ["unit"]).unwrap();
    let person = tallies.measures().person();
    assert_eq!(
        tallies.unit("team", &["x"]).unwrap_err().to_string(),
        "there is no breakdown `team`; there are unit"
    );
    assert_eq!(
        tallies.add(&[], &person).unwrap_err().to_string(),
        "0 units were given for a person; give one for each of the 1 breakdowns"
    );
    let unit = tallies.unit("unit", &["x"]).unwrap();
    let mut wrong = person.clone();
    wrong.scale(0, ScaleValue { value: f64::NAN, band: None, prorated: false });
    assert_eq!(
        tallies.add(&[unit], &wrong).unwrap_err().to_string(),
        "a value of `strain` is NaN; leave out who has no score"
    );
    tallies.unit("unit", &["a/b"]).unwrap();
    tallies.unit("unit", &["a", "b"]).unwrap();
    assert_eq!(
        tallies.publish(&Plan::default()).unwrap_err().to_string(),
        "two units read `a/b`; a name that contains `/` must not repeat another path"
    );
}

#[test]
fn nobody_and_nothing_are_reports_too() {
    let report = organisation(&[], &Plan::default());
    assert_eq!(
        report.to_csv(),
        "unit,scale,status,n,mean,ci_low,ci_high,sd\n,strain,suppressed,,,,,\n"
    );
    let few = organisation(&[(vec!["a".into()], 9)], &Plan::default());
    assert!(few.to_csv().lines().skip(1).all(|row| row.ends_with(",suppressed,,,,,")));
    assert!(few.to_text().contains("hidden"));
    // Everybody alike: a large number does not help.
    let mut tallies = Tallies::new(measures(), ["unit"]).unwrap();
    let unit = tallies.unit("unit", &["a"]).unwrap();
    let mut person = tallies.measures().person();
    for at in 0..500 {
        let value = if at == 0 { 3.0 } else { 7.0 };
        person.scale(0, ScaleValue { value, band: None, prorated: false });
        tallies.add(&[unit], &person).unwrap();
    }
    let alike = tallies.publish(&Plan::default()).unwrap();
    assert!(alike.unit("unit", &["a"]).unwrap().scale("strain").is_none());
    assert_eq!(alike.unit("unit", &["a"]).unwrap().participation().unwrap().answered(), 500);
}

#[test]
fn a_ledger_refuses_what_does_not_belong_to_it() {
    let salt = Salt::new("one").unwrap();
    let mut ledger = Ledger::new(&salt);
    assert_eq!(ledger.expect_salt(&Salt::new("two").unwrap()), Err(GroupError::OtherSalt));
    assert_eq!(Salt::new(""), Err(GroupError::EmptySalt));
    assert!(!format!("{salt:?}").contains("one"), "a secret is not printed");
    let plain = Tallies::new(measures(), ["unit"]).unwrap();
    assert_eq!(ledger.publish(&plain, &Plan::default()).unwrap_err(), GroupError::OtherLedger);
    let mut tallies = ledger.tallies("1", measures(), ["unit"]).unwrap();
    let unit = tallies.unit("unit", &["x"]).unwrap();
    let mut person = tallies.measures().person();
    person.scale(0, ScaleValue { value: 1.0, band: None, prorated: false });
    assert_eq!(tallies.add(&[unit], &person).unwrap_err(), GroupError::NoKey);
    assert_eq!(tallies.publish(&Plan::default()).unwrap_err(), GroupError::LedgerFirst);
    let stale = tallies.clone();
    for at in 0..30_u8 {
        person.scale(0, ScaleValue { value: f64::from(at), band: None, prorated: false });
        tallies.add_known(&[unit], salt.key(&at.to_string()), &person).unwrap();
    }
    let first = ledger.publish(&tallies, &Plan::default()).unwrap();
    assert_eq!(ledger.waves().collect::<Vec<_>>(), ["1"]);
    assert_eq!(ledger.publish(&stale, &Plan::default()).unwrap_err(), GroupError::OtherLedger);
    let lower = Plan::default().with_threshold(5).unwrap();
    let again = ledger.tallies("1", measures(), ["unit"]).unwrap();
    assert_eq!(
        ledger.publish(&again, &lower).unwrap_err().to_string(),
        "a threshold of 5 people was asked for; this ledger has released with 10, and later \
         releases may not ask for less"
    );
    let mut twice = ledger.tallies("1", measures(), ["unit"]).unwrap();
    let unit = twice.unit("unit", &["x"]).unwrap();
    for _ in 0..2 {
        twice.add_known(&[unit], salt.key("7"), &person).unwrap();
    }
    assert_eq!(
        ledger.publish(&twice, &Plan::default()).unwrap_err(),
        GroupError::Twice { people: 1, rows: 1 }
    );
    // The same again is the same release, and a report of another ledger has no change here.
    let mut same = ledger.tallies("1", measures(), ["unit"]).unwrap();
    let unit = same.unit("unit", &["x"]).unwrap();
    for at in 0..30_u8 {
        person.scale(0, ScaleValue { value: f64::from(at), band: None, prorated: false });
        same.add_known(&[unit], salt.key(&at.to_string()), &person).unwrap();
    }
    assert_eq!(ledger.publish(&same, &Plan::default()).unwrap(), first);
    assert_eq!(ledger.waves().count(), 1);
    let other = Ledger::new(&Salt::new("two").unwrap());
    assert_eq!(other.change(&first, &first).unwrap_err(), GroupError::NotReleased);
    assert_eq!(
        ledger.change(&plain.publish(&Plan::default()).unwrap(), &first).unwrap_err(),
        GroupError::NotReleased
    );
}

#[test]
fn a_stored_ledger_reads_for_ever() {
    let path = format!("{}/tests/golden/0.1/group.ledger.json", env!("CARGO_MANIFEST_DIR"));
    let salt = Salt::new("a salt for the golden file").unwrap();
    let mut ledger = Ledger::new(&salt);
    for (wave, ids) in [("spring", 0..24_u8), ("autumn", 12..36)] {
        let mut tallies = ledger.tallies(wave, measures(), ["unit", "profession"]).unwrap();
        let mut person = tallies.measures().person();
        for id in ids {
            let unit =
                tallies.unit("unit", &["North", if id % 2 == 0 { "Ward 1" } else { "Ward 2" }]);
            let profession =
                tallies.unit("profession", &[if id % 3 == 0 { "nurse" } else { "other" }]);
            person.scale(0, ScaleValue { value: f64::from(id), band: None, prorated: false });
            let key = salt.key(&format!("S{id}"));
            tallies.add_known(&[unit.unwrap(), profession.unwrap()], key, &person).unwrap();
        }
        ledger.publish(&tallies, &Plan::default()).unwrap();
    }
    let stored = std::fs::read_to_string(&path).unwrap();
    let read: Ledger = serde_json::from_str(&stored).unwrap();
    let back = format!("{}\n", serde_json::to_string_pretty(&read).unwrap());
    assert_eq!(stored, back, "it is written back as it was");
    // The first wave has nothing before it, and is what it was then. Version 0.1 hid more of the
    // second: it took another wave for a release of the same answers.
    let first =
        |ledger: &Ledger| serde_json::to_value(ledger).unwrap()["releases"][0]["cuts"].clone();
    assert_eq!(first(&read), first(&ledger));
    // Today's ledgers also keep what was shown of each family.
    let path =
        format!("{}/tests/golden/0.1/group.ledger.families.json", env!("CARGO_MANIFEST_DIR"));
    let today = format!("{}\n", serde_json::to_string_pretty(&ledger).unwrap());
    if std::env::var_os("WRITE_GOLDEN").is_some() && !std::path::Path::new(&path).exists() {
        std::fs::write(&path, &today).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap(), today);
    assert_eq!(serde_json::from_str::<Ledger>(&today).unwrap(), ledger);
    assert_eq!(read.waves().collect::<Vec<_>>(), ["spring", "autumn"]);
    read.expect_salt(&salt).unwrap();
    for (from, to, what) in [
        ("\"format\": 1", "\"format\": 2", "it has format 2; this version reads format 1"),
        ("\"wave\"", "\"wvae\"", "unknown field `wvae`"),
    ] {
        let broken: Result<Ledger, _> = serde_json::from_str(&stored.replacen(from, to, 1));
        let error = broken.unwrap_err().to_string();
        assert!(error.contains(what), "{error}");
    }
}

#[test]
fn the_change_of_the_same_people() {
    let salt = Salt::new("pepper").unwrap();
    let mut ledger = Ledger::new(&salt);
    let measures = measures();
    // Twenty stay in each team, fifteen of `a` leave, fifteen join it; `b` stays as it is.
    let wave = |wave: u64| -> Vec<(u64, &'static str, f64)> {
        let a = (0..20).chain(if wave == 0 { 100..115 } else { 200..215 });
        let value = |id: u64| (id * 7 % 50) as f64 + wave as f64 * (1.0 + (id % 4) as f64);
        a.map(|id| (id, "a", value(id))).chain((40..60).map(|id| (id, "b", value(id)))).collect()
    };
    let mut reports = Vec::new();
    let mut people: BTreeMap<u64, [Option<(&str, f64)>; 2]> = BTreeMap::new();
    for at in 0..2_u64 {
        let mut tallies = ledger.tallies(&at.to_string(), measures.clone(), ["unit"]).unwrap();
        let mut person = measures.person();
        for (id, team, value) in wave(at) {
            people.entry(id).or_default()[at as usize] = Some((team, value));
            let unit = tallies.unit("unit", &[team]).unwrap();
            person.scale(0, ScaleValue { value, band: None, prorated: false });
            tallies.add_known(&[unit], salt.key(&id.to_string()), &person).unwrap();
        }
        reports.push(ledger.publish(&tallies, &Plan::default()).unwrap());
    }
    let mut matched = Matched::new(&measures);
    let mut differences = Vec::new();
    for waves in people.values() {
        let mut persons = [measures.person(), measures.person()];
        for (person, wave) in persons.iter_mut().zip(waves) {
            if let Some((_, value)) = wave {
                person.scale(0, ScaleValue { value: *value, band: None, prorated: false });
            }
        }
        let path = |wave: usize| waves[wave].map(|(team, _)| [team]);
        let paths = [path(0), path(1)];
        let given = |wave: usize| paths[wave].as_ref().map(|path| (&path[..], &persons[wave]));
        matched.add(given(0), given(1)).unwrap();
        if let [Some((team, then)), Some((_, now))] = waves {
            differences.push((*team, now - then));
        }
    }
    let change = ledger.change(&reports[0], &reports[1]).unwrap().with_matched(&matched);
    let of = |path: &[String]| -> Vec<f64> {
        let is = |team: &str| path.is_empty() || path[0] == team;
        differences.iter().filter(|(team, _)| is(team)).map(|(_, d)| *d).collect()
    };
    let mut seen = 0;
    for unit in change.units() {
        let shown = unit.scales()[0].shown().unwrap();
        let expected = sample(&of(unit.path()));
        let matched = shown.matched().unwrap();
        assert_eq!(matched.n(), expected.n);
        // One decimal, as on the page.
        let shown_as = |value: f64| (value * 10.0).round() / 10.0;
        close(matched.mean(), shown_as(expected.mean), 1e-12, "mean");
        let interval = mean_interval(&expected, None, 0.95).unwrap();
        close(matched.interval().unwrap().low, shown_as(interval.low), 1e-12, "low");
        close(shown.difference(), shown.after() - shown.before(), 1e-12, "difference");
        seen += 1;
    }
    assert_eq!(seen, 3);
    let report = reports.pop().unwrap().with_change(change).unwrap();
    assert!(report.to_text().contains("Change from wave 0 to wave 1"));
}

#[test]
fn what_leaves_the_house_can_cross_threads() {
    fn sends<T: Send + Sync>() {}
    sends::<GroupReport>();
    sends::<Tallies>();
    sends::<Ledger>();
    sends::<Matched>();
}
