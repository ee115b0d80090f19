//! The generated pages are current, nothing is read as wording, and the catalog answers what an app asks.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::pedantic,
    missing_docs
)]

use std::{fs, path::PathBuf};

use straingauge::{
    catalog,
    form::{Form, Review, WordingPack},
    instrument::{Construct, Grade, LicenceClass, Role, Standing, Use},
};

#[path = "../examples/write_catalogue.rs"]
#[allow(dead_code)]
mod write_catalogue;

fn instruments() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("instruments")
}

#[test]
fn the_pages_are_what_the_files_say() {
    let pages = write_catalogue::pages();
    assert_eq!(pages.len(), 1 + catalog::all().count());
    let mut stale = Vec::new();
    for (name, text) in pages {
        let path = instruments().join(&name);
        if std::env::var_os("UPDATE_CATALOGUE").is_some() {
            fs::write(&path, &text).unwrap();
        } else if fs::read_to_string(&path).ok().as_ref() != Some(&text) {
            stale.push(name);
        }
    }
    assert!(stale.is_empty(), "stale: {stale:?}; run `cargo run --example write_catalogue`");
}

#[test]
fn the_catalogue_names_everything_that_it_must() {
    let text = &write_catalogue::pages()[0].1;
    for known in catalog::all() {
        let heading = format!("\n## `{}`: {}\n", known.id(), known.title());
        let (_, rest) = text.split_once(&heading).unwrap_or_else(|| panic!("{heading}"));
        let section = rest.split("\n## ").next().unwrap();
        let ids = known.scales().iter().map(|scale| scale.id());
        let ids = ids.chain(known.band_sets().iter().map(|set| set.id()));
        let ids = ids.chain(known.norms().iter().map(|norm| norm.id()));
        for id in ids {
            assert!(section.contains(&format!("`{id}`")), "{}: {id}", known.id());
        }
        for source in known.sources() {
            assert!(section.contains(&source.citation()), "{}: {}", known.id(), source.key());
        }
        assert!(section.contains(known.licence().class().as_str()), "{}", known.id());
    }
}

/// Steps of a criterion are written out where they are used, so that a reader sees the whole rule.
#[test]
fn a_page_writes_out_rules_bands_and_keys() {
    let pages = write_catalogue::pages();
    let page =
        |id: &str| &pages.iter().find(|(name, _)| *name == format!("{id}/README.md")).unwrap().1;
    let phq9 = page("phq-9");
    assert!(phq9.contains("(item 1 >= 2 or item 2 >= 2) and (at least 5 of: item 1 >= 2, "));
    assert!(phq9.contains("| moderately severe | 15 | below 20 |\n| severe | 20 | 27 |"));
    assert!(phq9.contains("Somebody must be there to look at once when `thoughts-of-death`"));
    assert!(page("cbi").contains("work-6, work-7; reversed: work-7 |"));
    assert!(page("swemwbs").contains("29 → 26.02, "));
    assert!(page("mbi-hss").contains("(deprecated)*"));
    let pulse = page("pulse");
    assert!(pulse.contains("[English](wording/en.toml), "));
    assert!(pulse.contains("[German](wording/de.toml) (translation not reviewed)"));
    assert!(pulse.contains("straingauge: ours, untested |") && !pulse.contains("author, A"));
    assert!(page("practice-environment").contains("cannot tell: I do not know"));
    assert!(page("pulse").contains("No change can be told from measurement error yet"));
}

/// The terms as a person read them, use by use, written by hand and not from the files: who must be asked.
/// C commercial, K clinical, W workplace, R research, S resale, A adaptation.
const ASK_FIRST: &[(&str, &[&str])] = &[
    ("CKWRSA", &["ambi-9", "mbi-es", "mbi-gs", "mbi-hss", "mbi-hss-mp", "mbi-two-item"]),
    ("CKWRSA", &["bms-10", "brs", "ies-r", "keds", "lass", "mios", "miss-hp", "olbi", "pfi"]),
    ("CKWRSA", &["psychological-safety-7", "smbm-12", "smbm-14", "stsi-oa", "stss", "swemwbs"]),
    ("CKWRSA", &["ucla-3", "vts", "was", "wemwbs", "wsas"]),
    ("CKWRSA", &["promis-anxiety-4a", "promis-depression-4a", "promis-fatigue-4a"]),
    ("CKWRSA", &["promis-global-10", "promis-sleep-disturbance-4a", "promis-social-4a"]),
    ("CKWRSA", &["eri-short"]),
    ("CKWSA", &["pss-10", "pss-4", "uwes-3", "uwes-9"]),
    ("CWSA", &["who-5", "dass-21"]),
    ("CKSA", &["mini-z-2"]),
    ("CA", &["bat-4", "bat-12", "bat-23"]),
    ("CS", &["spos-8"]),
    ("SA", &["proqol-5", "short-proqol"]),
    ("A", &["itq"]),
    (
        "",
        &[
            "cbi",
            "gad-2",
            "gad-7",
            "hse-msit",
            "k10",
            "k6",
            "mids",
            "pc-ptsd-5",
            "pcl-5",
            "phq-2",
            "phq-4",
        ],
    ),
    (
        "",
        &[
            "phq-8",
            "phq-9",
            "practice-environment",
            "pulse",
            "scs-sf",
            "single-item-burnout",
            "swls",
        ],
    ),
];

#[test]
fn the_licence_gate_says_what_the_terms_say_for_every_use() {
    let letters = [
        ('C', Use::Commercial),
        ('K', Use::Clinical),
        ('W', Use::Workplace),
        ('R', Use::Research),
        ('S', Use::Resale),
        ('A', Use::Adaptation),
    ];
    let by_hand =
        |id: &str| ASK_FIRST.iter().find(|(_, ids)| ids.contains(&id)).map(|(ask, _)| *ask);
    for known in catalog::all() {
        let asks =
            by_hand(known.id()).unwrap_or_else(|| panic!("{} is not in the table", known.id()));
        for (letter, used) in letters {
            let must_ask = asks.contains(letter);
            assert_eq!(known.may_be_used_unasked(&[used]), !must_ask, "{} {used}", known.id());
            let listed = known.needs().permission_for(&[used]) == [used];
            assert_eq!(listed, must_ask, "{} {used}", known.id());
        }
    }
}

/// The class alone decides where a file says nothing, and a file that contradicts its class is refused.
#[test]
fn the_class_of_the_terms_implies_what_must_be_asked() {
    let text = include_str!("../instruments/who-5/1.0.0.toml");
    let old = "class   = \"free-non-commercial\"";
    assert!(text.contains(old));
    let with = |lines: &str| {
        let ask = text.lines().find(|line| line.starts_with("ask-first-for")).unwrap();
        straingauge::Instrument::parse(&text.replace(old, lines).replace(ask, ""))
    };
    let asked = |lines: &str| with(lines).unwrap().licence().ask_first_for().len();
    assert_eq!(asked("class = \"permission\""), 6);
    assert_eq!(asked("class = \"proprietary\""), 6);
    assert_eq!(asked("class = \"permission\"\nfree-for = [\"research\"]"), 5);
    assert_eq!(asked("class = \"free-non-commercial\""), 2);
    assert_eq!(asked("class = \"free-with-credit\""), 0);
    let refused = |lines: &str| with(lines).unwrap_err().to_string();
    let both = "class = \"permission\"\nfree-for = [\"research\"]\nask-first-for = [\"research\"]";
    assert!(refused(both).contains("both free and to be asked for"));
    assert!(refused("class = \"free\"\nfree-for = [\"research\"]").contains("does not ask for"));
    let nobody = "class = \"public-domain\"\nask-first-for = [\"research\"]";
    assert!(refused(nobody).contains("no holder to ask"));
}

#[test]
fn an_app_learns_what_it_must_bring() {
    for known in catalog::all() {
        let needs = known.needs();
        if known.licence().class() == LicenceClass::FreeWithCredit {
            assert!(!needs.credit.is_empty(), "{}", known.id());
        }
        assert_eq!(needs.item_texts, known.items().len());
        assert!(needs.option_texts.is_empty(), "{}: every option has a label", known.id());
        for item in needs.sensitive {
            assert!(
                item.note().is_some(),
                "{} {}: sensitive without a note",
                known.id(),
                item.id()
            );
        }
    }
}

/// The lists of three published pages; the file of 1.0.0 had item 14 elsewhere.
#[test]
fn a_withdrawn_version_stays_readable_and_says_why() {
    let newest = catalog::get("ies-r").unwrap();
    assert_eq!(newest.version().to_string(), "2.0.0");
    assert!(newest.withdrawn().is_none());
    let sheet = |known: &straingauge::Instrument| {
        let answers: Vec<&str> = (1..=22).map(|item| if item == 14 { "4" } else { "0" }).collect();
        let sheet = straingauge::answers::Sheet::from_text(known, &answers.join(" ")).unwrap();
        let scores = known.score(&sheet).unwrap();
        ["intrusion", "hyperarousal", "total"]
            .map(|id| scores.get(id).unwrap().value().unwrap().to_f64())
    };
    assert_eq!(sheet(&newest), [4.0, 0.0, 4.0]);
    let old = catalog::get("ies-r@1.0.0").unwrap();
    let withdrawn = old.withdrawn().unwrap();
    assert_eq!(withdrawn.instead(), "2.0.0");
    assert!(withdrawn.reason().contains("intrusion"));
    let page = fs::read_to_string(instruments().join("ies-r/README.md")).unwrap();
    assert!(page.contains(&withdrawn.to_string()));
    for withdrawn in catalog::withdrawals() {
        let id = format!("{}@{}", withdrawn.id(), withdrawn.version());
        assert!(catalog::get(&id).is_ok(), "{id}");
        let instead = format!("{}@{}", withdrawn.id(), withdrawn.instead());
        assert!(catalog::get(&instead).unwrap().withdrawn().is_none(), "{instead}");
    }
    let withdrawn: Vec<&str> = catalog::withdrawals().iter().map(|old| old.id()).collect();
    assert_eq!(withdrawn, ["ies-r", "pulse", "practice-environment"]);
}

#[test]
fn filters_by_construct_and_length() {
    let about = |construct| catalog::all().filter(move |known| known.is_about(construct));
    let short_burnout: Vec<String> = about(Construct::Burnout)
        .filter(|known| known.items().len() <= 4)
        .map(|known| known.id().to_owned())
        .collect();
    assert_eq!(short_burnout, ["bat-4", "mbi-two-item", "single-item-burnout"]);
    for construct in [
        Construct::SecondaryTraumaticStress,
        Construct::CompassionSatisfaction,
        Construct::VicariousTrauma,
        Construct::PostTraumaticStress,
        Construct::MoralInjury,
        Construct::Depression,
        Construct::Anxiety,
        Construct::Supervision,
        Construct::PsychologicalSafety,
        Construct::TraumaInformedPractice,
        Construct::PracticeEnvironment,
    ] {
        assert!(about(construct).next().is_some(), "{construct}");
    }
}

/// No default set is disputed or outdated; what is folklore is there to be recognised, and no more.
#[test]
fn nothing_doubtful_is_used_unasked() {
    for known in catalog::all() {
        for set in known.band_sets().iter().filter(|set| set.is_default()) {
            assert_eq!(set.basis().standing(), Standing::Current, "{} {}", known.id(), set.id());
        }
        let own = ["pulse", "practice-environment"].contains(&known.id());
        if own {
            let judged = known.criteria().iter().any(|c| c.role() != Some(Role::Step));
            assert!(!judged && known.band_sets().is_empty() && known.norms().is_empty());
            assert!(known.cautions().iter().any(|line| line.starts_with("Not validated")));
            assert!(known.scales().iter().all(|scale| scale.basis().grade() == Grade::Own));
            assert!(!known.is_about(Construct::SecondaryTraumaticStress));
            assert!(
                known.may_be_used_unasked(&Use::ALL.iter().map(|(of, _)| *of).collect::<Vec<_>>())
            );
        }
        assert_eq!(known.needs().own_wording.is_some(), own, "{}", known.id());
    }
}

#[test]
fn our_own_wording_is_free_and_covers_its_instrument() {
    for id in ["pulse", "practice-environment"] {
        let known = catalog::get(id).unwrap();
        let packs = known.needs().own_wordings;
        let locales: Vec<&str> = packs.iter().map(|pack| pack.locale).collect();
        assert_eq!(locales, ["en", "es", "fr", "de"]);
        for own in packs {
            let pack = WordingPack::parse(own.text).unwrap();
            assert_eq!((pack.locale(), pack.licence()), (own.locale, "CC0-1.0"));
            let original = own.locale == "en";
            let review = if original { Review::Original } else { Review::Unreviewed };
            assert_eq!(pack.review(), Some(review));
            let form = Form::new(&known, &pack).unwrap();
            let shown = format!("{} {}", form.intro().unwrap(), form.closing().unwrap());
            assert!(!shown.contains(['{', '}']), "{shown}"); // each slot has words of the pack
            let filled = form.clone().slot("who-sees", "XX").slot("contact", "YY");
            assert!(filled.intro().unwrap().contains("XX"));
            assert!(filled.closing().unwrap().contains("YY"));
            for question in form.questions() {
                let item = question.item();
                assert_ne!(question.text(), item.topic());
                assert!(question.text().split_whitespace().count() <= 16, "{}", question.text());
                assert_eq!(item.is_sensitive(), pack_note(own.text, item.id()), "{id}");
                // Every label is put into words of this language, the two without a code too.
                let set = item.responses();
                for option in set.options() {
                    let word = pack.option(set.name(), option.code());
                    assert!(word.is_some_and(|word| original || Some(word) != option.label()));
                }
                let words = [
                    (set.not_applicable(), pack.not_applicable(set.name())),
                    (set.do_not_know(), pack.do_not_know(set.name())),
                ];
                for (label, word) in words {
                    assert_eq!(label.is_some(), word.is_some());
                    assert!(label.is_none() || original || label != word);
                }
            }
        }
        // The first edition keeps its own words.
        let first = catalog::get(&format!("{id}@1.0.0")).unwrap();
        let needs = first.needs();
        assert_eq!(needs.own_wordings.len(), 1);
        Form::new(&first, &WordingPack::parse(needs.own_wording.unwrap()).unwrap()).unwrap();
    }
    // Nobody else's wording lies here.
    for folder in fs::read_dir(instruments()).unwrap().map(Result::unwrap) {
        let name = folder.file_name().into_string().unwrap();
        if folder.path().join("wording").exists() {
            assert!(["pulse", "practice-environment"].contains(&name.as_str()), "{name}");
        }
    }
}

/// Whether a pack has a note of its own for an item.
fn pack_note(text: &str, item: &str) -> bool {
    let notes = text.split("[notes]").nth(1).unwrap();
    let notes = notes.split("\n[").next().unwrap();
    notes.lines().any(|line| line.starts_with(&format!("{item} = ")))
}

/// Topics name what an item is about. The loader refuses sentences; these words would still tell one.
#[test]
fn no_topic_reads_like_a_question_or_a_statement() {
    const VERBS: [&str; 22] = [
        "is", "are", "was", "were", "am", "have", "has", "had", "do", "does", "did", "feel",
        "feels", "felt", "can", "cannot", "could", "would", "should", "makes", "seem", "seems",
    ];
    const PERSONS: [&str; 9] = ["i", "me", "my", "you", "your", "we", "our", "he", "she"];
    for known in catalog::all() {
        for item in known.items() {
            for word in item.topic().split(|c: char| !c.is_alphanumeric()) {
                let word = word.to_lowercase();
                let telling = VERBS.contains(&word.as_str()) || PERSONS.contains(&word.as_str());
                assert!(!telling, "{} {}: {}", known.id(), item.id(), item.topic());
            }
        }
        for set in known.response_sets() {
            for label in set.options().iter().filter_map(|option| option.label()) {
                assert!(label.split_whitespace().count() <= 5, "{}: {label}", known.id());
            }
        }
    }
}
