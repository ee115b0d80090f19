//! Policies: what they refuse, what they flag, what they leave open, and who sees what.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(clippy::pedantic, missing_docs)]

mod support;

use serde_json::Value;
use straingauge::catalog;
use straingauge::change::History;
use straingauge::instrument::{Direction, Instrument, Keying};
use straingauge::watch::{
    Audience, Consent, ConsentError, Evidence, PersonView, Policy, PolicyError, READY, Review,
    Severity, SharedView, WhyNot, ready,
};
use straingauge::words::Words;
use support::{day, gauge, history, loads};

fn policy(rules: &str) -> Result<Policy, PolicyError> {
    Policy::parse(&format!(
        "format = 1\nid = \"test\"\ntitle = \"Test\"\naudience = \"person\"\nlooks = 12\n\
         false-alarms = 0.05\n{rules}"
    ))
}

fn rule(id: &str, rest: &str) -> String {
    format!("\n[[rules]]\nid = \"{id}\"\nseverity = \"talk\"\nmessage = \"m\"\n{rest}\n")
}

fn review(policy: &Policy, histories: &[(&Instrument, &History)], today: i32) -> Review {
    let courses: Vec<_> = histories.iter().map(|(i, h)| h.course(i).unwrap()).collect();
    policy.review(&courses, day(today))
}

fn flagged(review: &Review) -> Vec<&str> {
    review.flags.iter().map(|flag| flag.rule.as_str()).collect()
}

#[test]
fn every_mistake_in_a_policy_is_named() {
    for (rules, message) in [
        ("rules = []", "policy `test`: rules: the list of rules is empty"),
        (
            &rule("a", ""),
            "policy `test`: rule a: has none; a rule has exactly one of `band`, `score`, \
             `criterion`, `worse`, `trend`, `drift`, `overdue`, `all`, `any`",
        ),
        (
            &rule("a", "trend = {}\noverdue = { days = 3 }"),
            "policy `test`: rule a: has `trend` and `overdue`; a rule has exactly one of `band`, \
             `score`, `criterion`, `worse`, `trend`, `drift`, `overdue`, `all`, `any`",
        ),
        (
            &rule("Bad Id", "trend = {}"),
            "policy `test`: rule Bad Id: `Bad Id` is not lower-case letters and digits joined by \
             single hyphens",
        ),
        (
            &(rule("a", "trend = {}") + &rule("a", "trend = {}")),
            "policy `test`: rule a: `a` is already the id of another rule, or reserved",
        ),
        (&rule("a", "all = [\"b\"]"), "policy `test`: rule a: `b` names no rule above this one"),
        (
            &rule("a", "role = \"step\"\ntrend = {}"),
            "policy `test`: rule a: is a step, and no `all` or `any` below names it",
        ),
        (
            &rule("a", "overdue = { days = 0 }"),
            "policy `test`: rule a: days is 0; write 1 or more days",
        ),
        (
            &rule("a", "trend = {}\nat-least = 2"),
            "policy `test`: rule a: `at-least, of-last` does nothing here; it belongs to `band`, \
             `score` and `criterion`",
        ),
        (
            &rule("a", "band = { worst = 1 }\nat-least = 3\nof-last = 2"),
            "policy `test`: rule a: at-least is 3; write 1 or more, and no more than of-last",
        ),
        (
            &rule("a", "score = { at-or-above = 3.0 }"),
            "policy `test`: rule a: `instruments` or `scales`, which a line in points needs, is empty",
        ),
    ] {
        assert_eq!(policy(rules).unwrap_err().to_string(), message);
    }
    let employer = "format = 1\nid = \"x\"\ntitle = \"x\"\naudience = \"employer\"\nlooks = 1\n\
                    false-alarms = 0.05\nrules = []\n";
    let error = Policy::parse(employer).unwrap_err().to_string();
    assert!(error.contains("unknown variant `employer`"), "{error}");
    let error = policy(&rule("a", "worse = { than = \"basline\" }")).unwrap_err().to_string();
    assert!(error.contains("expected `baseline` or `previous`"), "{error}");
}

#[test]
fn persistence_as_in_the_oracle() {
    let path = format!("{}/tests/oracle/trend_py.json", env!("CARGO_MANIFEST_DIR"));
    let oracle: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let gauge = gauge();
    for case in oracle["persistence"].as_array().unwrap() {
        let (k, n) = (case["k"].as_u64().unwrap(), case["n"].as_u64().unwrap());
        let values: Vec<Option<i32>> = case["y"]
            .as_array()
            .unwrap()
            .iter()
            .map(|y| y.as_i64().map(|y| i32::try_from(y).unwrap()))
            .collect();
        let rest = format!(
            "instruments = [\"gauge\"]\nscales = [\"load\"]\nscore = {{ at-or-above = {:.1} }}\n\
             at-least = {k}\nof-last = {n}",
            case["cut"].as_f64().unwrap()
        );
        // The same cut as a band of the instrument.
        let band = format!("band = {{ worst = 1 }}\nat-least = {k}\nof-last = {n}");
        let policy = policy(&(rule("score", &rest) + &rule("band", &band))).unwrap();
        let all = loads(&values);
        for (at, flag) in case["flag"].as_array().unwrap().iter().enumerate() {
            let review = review(&policy, &[(&gauge, &all)], i32::try_from(at).unwrap() * 30);
            let expected: &[&str] = if flag.as_bool().unwrap() { &["score", "band"] } else { &[] };
            assert_eq!(flagged(&review), expected, "k {k} n {n} at {at}");
        }
    }
}

#[test]
fn a_review_says_what_it_could_not_judge_and_why() {
    let gauge = gauge();
    let rules = rule("no-scale", "scales = [\"weight\"]\nband = { worst = 1 }")
        + &rule("no-band", "band = { any-of = [\"huge\"] }")
        + &rule("no-criterion", "criterion = { id = \"nothing\" }")
        + &rule("no-norm", "scales = [\"load\"]\nworse = { than = \"baseline\", norm = \"none\" }")
        + &rule("no-history", "instruments = [\"phq-9\"]\nworse = { than = \"baseline\" }")
        + &rule("too-few", "scales = [\"load\"]\ntrend = {}")
        + &rule("parts", "all = [\"too-few\", \"no-criterion\"]");
    let policy = policy(&rules).unwrap();
    let history = loads(&[Some(20), Some(21)]);
    let review = review(&policy, &[(&gauge, &history)], 60);
    assert_eq!(flagged(&review), [""; 0]);
    let why: Vec<(String, String)> = review
        .unjudged
        .iter()
        .map(|one| (one.rule.clone(), one.why.in_words(&Words::english())))
        .collect();
    let why: Vec<(&str, &str)> = why.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    assert_eq!(
        why,
        [
            ("no-scale", "the instrument has no scale `weight`"),
            ("no-band", "the instrument has no band `huge`"),
            ("no-criterion", "the instrument has no criterion `nothing`"),
            ("no-norm", "the instrument has no norm `none`"),
            ("no-history", "`phq-9` is not followed"),
            ("too-few", "2 scored check-ins, 3 needed"),
            ("parts", "the rule `too-few` could not be judged"),
        ]
    );
    let empty = History::new("gauge");
    let nothing = policy.review(&[empty.course(&gauge).unwrap()], day(0));
    assert!(nothing.flags.is_empty());
    assert!(nothing.unjudged.iter().any(|one| one.why == WhyNot::NoCheckIn));
}

#[test]
fn a_last_check_in_without_a_score_is_not_taken_for_a_good_one() {
    let gauge = gauge();
    let policy = policy(&rule("high", "band = { worst = 1 }")).unwrap();
    let quiet = review(&policy, &[(&gauge, &loads(&[Some(10), None]))], 60);
    assert!(quiet.flags.is_empty());
    let [one] = quiet.unjudged.as_slice() else { panic!("{:?}", quiet.unjudged) };
    assert_eq!(
        one.why.in_words(&Words::english()),
        "the last check-in has no score: 0 of 1 answered, at least 1 needed"
    );
}

#[test]
fn jumps_drifts_and_trends_for_the_worse_only() {
    let gauge = gauge();
    let rules = rule("worse", "worse = { than = \"baseline\" }")
        + &rule("jump", "worse = { than = \"previous\" }")
        + &rule("trend", "trend = {}")
        + &rule("drift", "drift = {}");
    let policy = policy(&rules).unwrap();
    let found = |values: &[i32]| -> Vec<String> {
        let values: Vec<Option<i32>> = values.iter().copied().map(Some).collect();
        let history = loads(&values);
        let review = review(&policy, &[(&gauge, &history)], 400);
        assert_eq!(review.tests, 4);
        flagged(&review).into_iter().map(str::to_owned).collect()
    };
    // SEM 2; alpha .05 / 12 / 4, one-sided: z 3.08, so 8.7 points between two scores.
    assert_eq!(found(&[20, 21, 20, 20, 29]), ["worse", "jump"]);
    assert_eq!(found(&[20, 21, 20, 29, 29, 29]), ["worse", "trend", "drift"]);
    assert_eq!(found(&[20, 21, 20, 20, 28]), [""; 0]);
    assert_eq!(found(&[40, 35, 30, 25, 20, 15]), [""; 0], "better is no reason to look");
}

#[test]
fn an_overdue_check_in_and_nothing_after_today() {
    let gauge = gauge();
    let policy = policy(&rule("late", "overdue = { days = 45 }")).unwrap();
    let history = loads(&[Some(20), Some(21), Some(50)]);
    let at = |today| review(&policy, &[(&gauge, &history)], today);
    assert_eq!(flagged(&at(30 + 45)), [""; 0]);
    assert!(at(29).flags.is_empty());
    let late = at(60 + 46);
    assert_eq!(flagged(&late), ["late"]);
    assert_eq!(
        late.flags[0].explain(&Words::english()),
        "The last check-in was on 2024-03-01, 46 days ago; at most 45 days were planned."
    );
}

#[test]
fn a_safety_item_is_reported_whatever_the_rules_and_a_zero_reassures_nobody() {
    let gauge = gauge();
    let policy = policy(&rule("late", "overdue = { days = 4500 }")).unwrap();
    let told = history(&gauge, &[(0, "5 1"), (30, "5 0"), (60, "5 0")]);
    for today in [0, 30, 60] {
        let review = review(&policy, &[(&gauge, &told)], today);
        assert_eq!(flagged(&review), ["safety"], "{today}");
        let flag = &review.flags[0];
        assert_eq!((flag.severity, flag.safety), (Severity::Now, true));
        assert_eq!(flag.resources, ["helpline"]);
        let text = flag.explain(&Words::english());
        assert_eq!(
            text,
            "On 2024-01-01 an answer met the safety rule \"unsafe\". Please have a person look at \
             this answer now. An answer of zero, or none, reassures nobody."
        );
    }
    // Left out: nothing can be said, and that is said.
    let silent = history(&gauge, &[(0, "5 .")]);
    let silent = review(&policy, &[(&gauge, &silent)], 0);
    assert!(silent.flags.is_empty());
    assert_eq!(
        (silent.unjudged[0].rule.as_str(), &silent.unjudged[0].why),
        ("safety", &WhyNot::Undetermined)
    );
    // A rule of the policy's own on a safety criterion carries the note and the helpline too.
    let own = policy_with_safety_rule();
    let review = review(&own, &[(&gauge, &told)], 0);
    assert!(review.flags.iter().all(|flag| {
        flag.safety
            && flag.resources.contains(&"helpline".to_owned())
            && flag.explain(&Words::english()).ends_with("reassures nobody.")
    }));
    assert_eq!(flagged(&review), ["safety", "unsafe-answer", "both"]);
}

fn policy_with_safety_rule() -> Policy {
    policy(
        &(rule("unsafe-answer", "criterion = { id = \"unsafe\" }")
            + &rule("both", "any = [\"unsafe-answer\"]")),
    )
    .unwrap()
}

#[test]
fn several_instruments_at_once() {
    let (gauge, wsas) = (gauge(), catalog::get("wsas").unwrap());
    let rules = rule("load-high", "instruments = [\"gauge\"]\nband = { worst = 1 }")
        + &rule(
            "days-lost",
            "instruments = [\"wsas\"]\nscales = [\"total\"]\nscore = { at-or-above = 20.0 }",
        )
        + &rule("both", "all = [\"load-high\", \"days-lost\"]")
        + &rule("either", "any = [\"load-high\", \"days-lost\"]");
    let policy = policy(&rules).unwrap();
    let high = loads(&[Some(40)]);
    let low = loads(&[Some(4)]);
    let days = history(&wsas, &[(3, "5 5 5 5 5")]);
    let all = review(&policy, &[(&wsas, &days), (&gauge, &high)], 10);
    assert_eq!(flagged(&all), ["load-high", "days-lost", "both", "either"]);
    let Evidence::Together { parts } = &all.flags[2].evidence else { panic!() };
    assert_eq!(parts.len(), 2);
    let one = review(&policy, &[(&wsas, &days), (&gauge, &low)], 10);
    assert_eq!(flagged(&one), ["days-lost", "either"]);
    // Without the other instrument, `all` cannot be judged and `any` can.
    let alone = review(&policy, &[(&wsas, &days)], 10);
    assert_eq!(flagged(&alone), ["days-lost", "either"]);
    assert!(alone.unjudged.iter().any(|one| one.rule == "both"));
    // The order of the courses does not matter.
    let turned = review(&policy, &[(&gauge, &high), (&wsas, &days)], 10);
    assert_eq!(turned, all);
}

#[test]
fn flags_come_most_urgent_first_and_say_it_in_plain_words() {
    let gauge = gauge();
    let policy = ready("own-use").unwrap().unwrap();
    let history = history(&gauge, &[(0, "12 0"), (30, "33 0"), (60, "34 1")]);
    let review = review(&policy, &[(&gauge, &history)], 120);
    assert_eq!(
        flagged(&review),
        [
            "safety",
            "in-the-worst-range",
            "worse-than-at-start",
            "rising-strain",
            "check-in-overdue"
        ]
    );
    let words = Words::english();
    let texts: Vec<String> = review.flags.iter().map(|flag| flag.explain(&words)).collect();
    assert_eq!(texts[1], "The load score was in the range \"high\" at 2 of the last 3 check-ins.");
    assert_eq!(
        texts[2],
        // SEM 2 on both occasions, one of 3 tests at 12 looks: 2 sqrt(2) z(1 - .05 / 36) = 8.46.
        "The load score went from 12 on 2024-01-01 to 34 on 2024-03-01, towards more strain. A \
         difference of 8.46 or more is seldom chance alone. This scale measures one person only \
         roughly (reliability 0.75), so smaller changes go unseen. The margin is about ups and \
         downs of the moment; over 60 days ordinary life moves scores further."
    );
    // Another language is another table.
    let mut german = Words::english();
    german.replace("watch.band-repeated", "{scale}: {hits} von {of} im Bereich {band}");
    german.replace("band.high", "hoch");
    assert_eq!(review.flags[1].explain(&german), "load: 2 von 3 im Bereich hoch");
}

#[test]
fn ready_policies_are_whole_and_no_text_blames_or_diagnoses() {
    for (id, text) in READY {
        let policy = ready(id).unwrap().unwrap();
        assert_eq!(policy.id(), id);
        assert!(
            policy.why().len() >= 3
                && policy.rules().iter().all(|r| r.is_step() || r.why().is_some())
        );
        assert_eq!(policy.missing_resources(policy.resource_keys()), [""; 0]);
        assert!(policy.resource_keys().contains("helpline"));
        // JSON is the same policy.
        let json = serde_json::to_string(&policy).unwrap();
        assert_eq!(serde_json::from_str::<Policy>(&json).unwrap(), policy);
        assert!(!text.contains("employer\"") && policy.audience() != Audience::Supervisor);
    }
    let words =
        ["disorder", "diagnos", "patient", "patholog", "fail", "your fault", "weak", "abnormal"];
    for (key, text) in Words::keys() {
        let ours = ["change.", "trend.", "watch.", "view.", "audience."];
        if ours.iter().any(|prefix| key.starts_with(prefix)) {
            assert!(words.iter().all(|word| !text.to_lowercase().contains(word)), "{key}: {text}");
        }
    }
}

#[test]
fn every_sentence_of_a_verdict_or_flag_has_its_numbers_filled_in() {
    let gauge = gauge();
    let history =
        history(&gauge, &[(0, "12 0"), (30, "33 0"), (60, "44 1"), (90, "45 0"), (120, ". 0")]);
    let rules = rule(
        "line",
        "instruments = [\"gauge\"]\nscales = [\"load\"]\nscore = { at-or-above = 30.0 }\nat-least = 2\nof-last = 3",
    ) + &rule(
        "line-once",
        "instruments = [\"gauge\"]\nscales = [\"load\"]\nscore = { at-or-above = 30.0 }",
    ) + &rule("band-once", "band = { any-of = [\"high\"] }")
        + &rule("criterion", "criterion = { id = \"above-40\" }\nat-least = 2\nof-last = 2")
        + &rule("criterion-once", "criterion = { id = \"above-40\" }")
        + &rule("trend", "trend = {}")
        + &rule("drift", "drift = { baseline = 1 }")
        + &rule("any", "any = [\"line\", \"trend\"]")
        + &rule("few", "instruments = [\"phq-9\"]\ntrend = {}");
    let policy = policy(&rules).unwrap();
    let review = review(&policy, &[(&gauge, &history)], 130);
    let words = Words::english();
    assert_eq!(review.flags.len(), 9, "{:?}", flagged(&review));
    for flag in &review.flags {
        let text = flag.explain(&words);
        assert!(!text.contains('{') && !text.contains("watch.") && text.ends_with('.'), "{text}");
    }
    for one in &review.unjudged {
        let text = one.why.in_words(&words);
        assert!(!text.contains('{') && !text.contains("watch."), "{text}");
    }
}

#[test]
fn a_view_holds_what_the_consent_names_and_nothing_else() {
    let (gauge, phq9) = (gauge(), catalog::get("phq-9").unwrap());
    let load = history(&gauge, &[(0, "12 0"), (30, "33 0"), (60, "34 0")]);
    let mood = history(&phq9, &[(0, "1 1 1 0 1 0 0 0 0"), (60, "3 3 3 3 3 3 1 1 1")]);
    let courses = [load.course(&gauge).unwrap(), mood.course(&phq9).unwrap()];
    let policy = ready("peer-support").unwrap().unwrap();
    let review = policy.review(&courses, day(61));
    assert_eq!(flagged(&review)[0], "safety");
    let words = Words::english();
    let consent = Consent::new(Audience::PeerSupporter, day(0), day(200))
        .unwrap()
        .with_scale("gauge", "load")
        .with_flag("worse-than-at-start");
    let view = SharedView::new(&courses, &review, (&consent, &words)).unwrap();
    let json = serde_json::to_string(&view).unwrap();
    for hidden in ["phq-9", "total", "safety\":true", "thoughts", "severe", "in-the-worst-range"] {
        assert!(!json.contains(hidden), "{hidden} in {json}");
    }
    assert_eq!(view.scales().len(), 1);
    // Two instruments got worse; the one that is not shared gives a flag without its numbers.
    let explained: Vec<bool> = view.flags().iter().map(|f| f.explanation.is_some()).collect();
    assert_eq!(explained, [true, false]);
    assert!(view.left_out().starts_with("This shows only what the person chose to share."));
    // The sentence is there when nothing was left out too, so that it gives nothing away.
    let nothing = SharedView::new(&[], &policy.review(&[], day(61)), (&consent, &words)).unwrap();
    assert_eq!(nothing.left_out(), view.left_out());
    // The person sees everything.
    let person = PersonView::new(&courses, &review);
    assert_eq!((person.scales.len(), person.flags.len()), (2, review.flags.len()));
}

#[test]
fn a_consent_has_a_beginning_an_end_and_a_way_back() {
    let policy = ready("peer-support").unwrap().unwrap();
    let words = Words::english();
    let on = |consent: &Consent, today| {
        SharedView::new(&[], &policy.review(&[], day(today)), (consent, &words)).map(|_| ())
    };
    let consent = Consent::new(Audience::PeerSupporter, day(10), day(20)).unwrap();
    assert_eq!(on(&consent, 9), Err(ConsentError::NotYet { given: day(10), today: day(9) }));
    assert_eq!((on(&consent, 10), on(&consent, 20)), (Ok(()), Ok(())));
    assert_eq!(on(&consent, 21), Err(ConsentError::Ended { until: day(20), today: day(21) }));
    let consent = consent.revoked(day(15));
    assert_eq!(on(&consent, 14), Ok(()));
    assert_eq!(on(&consent, 15), Err(ConsentError::Revoked { revoked: day(15) }));
    assert_eq!(consent.clone().revoked(day(18)), consent, "an earlier end stays");
    let other = Consent::new(Audience::OccupationalHealth, day(0), day(20)).unwrap();
    assert!(matches!(on(&other, 5), Err(ConsentError::OtherAudience { .. })));
    assert_eq!(Consent::new(Audience::Person, day(0), day(1)), Err(ConsentError::NotForThePerson));
    assert!(Consent::new(Audience::Supervisor, day(2), day(1)).is_err());
    let json = serde_json::to_string(&consent).unwrap();
    assert_eq!(serde_json::from_str::<Consent>(&json).unwrap(), consent);
    let backwards = json.replace("2024-01-21", "2023-01-21");
    assert!(serde_json::from_str::<Consent>(&backwards).is_err());
}

/// A year of monthly check-ins, at the best for four months and at the worst for eight: every ready
/// policy says something about every built-in instrument, a flag or why it has none.
#[test]
fn no_ready_policy_is_silent_about_an_instrument() {
    let mut flagged = 0;
    for instrument in catalog::all() {
        let scorer = instrument.scorer();
        let answers = |worst: bool| -> Vec<u8> {
            let byte = |item: &straingauge::instrument::Item| {
                // The end that makes the first scale with a direction worse, as far as one item can.
                let (low, high) = item.responses().range();
                let reversed = instrument.scales().iter().any(|scale| {
                    let better = scale.direction() == Direction::HigherIsBetter;
                    let terms = scale.key().terms().iter();
                    let of_item = terms.filter(|term| {
                        instrument.items().get(term.item()).is_some_and(|i| i.id() == item.id())
                    });
                    of_item.clone().any(|t| (t.keying() == &Keying::Reversed) != better)
                });
                let code = if worst == reversed { low } else { high };
                straingauge::answers::Answer::Code(code).to_byte()
            };
            instrument.items().iter().map(byte).collect()
        };
        let mut history = History::new(instrument.id());
        for month in 0..12 {
            let scores = scorer.score_row(&answers(month >= 4)).unwrap();
            history.push(day(30 * month), scores.to_record()).unwrap();
        }
        let course = history.course(&instrument).unwrap();
        for id in ["own-use", "peer-support", "occupational-health"] {
            let policy = ready(id).unwrap().unwrap();
            let review = policy.review(std::slice::from_ref(&course), day(331));
            let said = review.flags.len() + review.unjudged.len();
            assert!(said > 0, "{id} is silent about {}", instrument.id());
            flagged += usize::from(!review.flags.is_empty());
            // What cannot be judged is said once for each rule and instrument or scale.
            let mut places: Vec<_> = review
                .unjudged
                .iter()
                .map(|one| (&one.rule, &one.instrument, &one.scale))
                .collect();
            places.sort();
            let before = places.len();
            places.dedup();
            assert_eq!(places.len(), before, "{id}, {}", instrument.id());
        }
    }
    println!("{flagged} reviews with a flag");
    // The others say which rules could not be judged: many instruments have neither bands nor a known
    // error, and ranks alone need more than a year for a verdict at twelve looks.
    assert!(flagged > 60, "{flagged}");
}

/// What a review found can be kept and read again.
#[test]
fn a_review_is_read_back_as_it_was() {
    let gauge = gauge();
    let policy = ready("own-use").unwrap().unwrap();
    let history = history(&gauge, &[(0, "12 0"), (30, "33 0"), (60, "34 1")]);
    let review = review(&policy, &[(&gauge, &history)], 120);
    let text = serde_json::to_string(&review).unwrap();
    let back: straingauge::watch::Review = serde_json::from_str(&text).unwrap();
    assert_eq!(serde_json::to_string(&back).unwrap(), text);
}
