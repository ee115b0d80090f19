//! Group reports against cases solved by exhaustion and numbers from other software.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use straingauge::group::{GroupReport, Measures, Plan, ScaleMeasure, ScaleValue, Tallies};

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
