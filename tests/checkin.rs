//! The embedded check-in, driven by what somebody might type.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::pedantic,
    missing_docs
)]

use straingauge::{change::History, score::Status};

#[path = "../examples/embed_checkin.rs"]
#[allow(dead_code)]
mod embed_checkin;

use embed_checkin::{Terminal, check_in};

/// The same person with the question on others' trauma answered, left out, declined and not applicable: one strain.
#[test]
fn the_question_on_others_trauma_decides_nothing_silently() {
    let pulse = straingauge::catalog::get("pulse").unwrap();
    for trauma in ["0", "4", ".", "d", "na"] {
        let line = format!("1 1 2 2 2 {trauma} 2 2");
        let sheet = straingauge::Sheet::from_text(&pulse, &line).unwrap();
        let scores = pulse.score(&sheet).unwrap();
        for (scale, expected) in [("strain", 1.0), ("work", 2.0), ("resources", 2.0)] {
            let view = scores.get(scale).unwrap();
            assert_eq!(view.status(), Status::Complete, "{trauma}");
            assert_eq!(view.value().unwrap().to_f64(), expected, "{trauma}");
        }
        let carried = scores.get("carried").unwrap();
        assert_eq!(carried.value().is_ok(), trauma.parse::<u8>().is_ok(), "{trauma}");
    }
}

/// What somebody kept under the first edition is not drawn into one line with the second: the file is refused as it is.
#[test]
fn a_history_of_the_first_edition_is_not_mixed_with_the_second() {
    let first = straingauge::catalog::get("pulse@1.0.0").unwrap();
    let sheet = straingauge::Sheet::from_text(&first, "4 4 4 0 0 0").unwrap();
    let mut history = History::new("pulse");
    let record = first.score(&sheet).unwrap().to_record();
    history.replace("2026-02-23".parse().unwrap(), record).unwrap();
    let mut terminal = Terminal("1\n1\n1\n0\n0\n0\n0\n0\n".as_bytes(), Vec::new());
    let error = check_in(history, "2026-03-02".parse().unwrap(), &mut terminal).unwrap_err();
    assert!(error.to_string().contains("pulse-2-history.json"), "{error}");
}

/// One check-in: the history after it, and everything that was shown.
fn typed(history: History, day: &str, lines: &str) -> (Option<History>, String) {
    let mut terminal = Terminal(lines.as_bytes(), Vec::new());
    let kept = check_in(history, day.parse().unwrap(), &mut terminal).unwrap();
    (kept, String::from_utf8(terminal.1).unwrap())
}

fn value(history: &History, entry: usize, scale: &str) -> Option<f64> {
    history.entries()[entry].scores().scale(scale).unwrap().value
}

#[test]
fn asks_in_its_own_words_with_a_note_before_the_hard_question() {
    let lines = "3\n2\n1\n3\n2\n1\n3\n4\n";
    let (kept, shown) = typed(History::new("pulse"), "2026-03-02", lines);
    let note = shown.find("(The next question touches on").unwrap();
    let question = shown.find("6 of 8. What others have been through").unwrap();
    assert!(note < question);
    assert_eq!(shown.matches("(The next question").count(), 1);
    assert!(shown.contains("   4 all the time"));
    assert!(shown.contains("   n I have no such contact in my work"));
    assert_eq!(shown.matches("\n   n ").count(), 1);
    assert!(shown.contains("[##......]") && shown.contains("[########]"));
    // The app has said who sees the answers; no place of a slot is left open.
    assert!(shown.contains("Only you see this") && !shown.contains(['{', '}']));

    let kept = kept.unwrap();
    // (3 + 2) / 2, (1 + 3 + 2) / 3, 1, (3 + 4) / 2; twelve of twenty signs are 2.4 of 4.
    let values = ["strain", "work", "carried", "resources"].map(|scale| value(&kept, 0, scale));
    assert_eq!(values, [2.5, 2.0, 1.0, 3.5].map(Some));
    assert!(shown.contains("2026-03-02  ============          2.5"));
    assert!(shown.contains("With five weeks or more"));
    assert!(shown.trim_end().ends_with("choose whom you want to tell, and how much."));
}

#[test]
fn a_question_can_be_passed_and_an_answer_taken_back() {
    // b before the first question does nothing; 7 and a word are no answers; the second question is answered 4, taken back
    // together with the first, and both are answered anew; the third and fourth are passed; the sixth does not apply. The
    // fifth offers no such answer.
    let lines = "b\n7\noften\n1\n4\nb\nb\n2\n3\np\np\nn\n0\nn\n4\n1\n";
    let (kept, shown) = typed(History::new("pulse"), "2026-03-02", lines);
    assert_eq!(shown.matches("Please type one of the numbers").count(), 3);
    assert_eq!(shown.matches("1 of 8.").count(), 5);
    let kept = kept.unwrap();
    let of = |scale: &str| {
        let record = kept.entries()[0].scores().scale(scale).unwrap();
        (record.status, record.value)
    };
    assert_eq!(of("strain"), (Status::Complete, Some(2.5)));
    assert_eq!(of("work"), (Status::TooFewAnswered, None));
    assert_eq!(of("carried"), (Status::NotApplicable, None));
    assert_eq!(of("resources"), (Status::Complete, Some(2.5)));

    // Passing everything is a check-in too: it says why there is no score, and blames nobody.
    let (kept, shown) = typed(History::new("pulse"), "2026-03-02", &"p\n".repeat(8));
    assert_eq!(value(&kept.unwrap(), 0, "strain"), None);
    assert!(shown.contains("2026-03-02  0 of 2 answered, at least 2 needed"));
}

#[test]
fn stopping_keeps_nothing() {
    for lines in ["q\n", "1\n2\nq\n", "1\n2\n", ""] {
        let (kept, shown) = typed(History::new("pulse"), "2026-03-02", lines);
        assert_eq!(kept, None, "{lines:?}");
        assert!(shown.ends_with("Stopped. Nothing was kept, and that is fine.\n"));
    }
}

#[test]
fn the_file_holds_scores_and_a_day_counts_once() {
    let (kept, _) = typed(History::new("pulse"), "2026-03-02", "4\n4\n4\n0\n0\n0\n0\n0\n");
    let stored = serde_json::to_string_pretty(&kept.unwrap()).unwrap();
    assert!(stored.contains("\"rules\"") && !stored.contains("\"answers\""));
    let history: History = serde_json::from_str(&stored).unwrap();
    let (kept, _) = typed(history, "2026-03-02", "1\n1\n1\n0\n0\n0\n0\n0\n");
    let kept = kept.unwrap();
    assert_eq!(kept.entries().len(), 1);
    assert_eq!(value(&kept, 0, "strain"), Some(1.0));
}

#[test]
fn from_five_weeks_on_the_course_is_put_into_words() {
    let mut history = History::new("pulse");
    let mut shown = String::new();
    for (week, day) in ["02", "09", "16", "23", "30"].iter().enumerate() {
        let kept;
        (kept, shown) = typed(
            history,
            &format!("2026-03-{day}"),
            &format!("{week}\n{week}\n2\n2\n2\n2\n2\n2\n"),
        );
        history = kept.unwrap();
        assert_eq!(shown.contains("With five weeks or more"), week < 4, "{week}");
    }
    assert!(shown.contains(
        "Over 5 check-ins from 2026-03-02 to 2026-03-30, the strain score moved by about 4.29 in 30 days, towards more strain."
    ));
    assert!(shown.contains("the resources score shows no steady movement beyond chance."));
    for hard in ["you are", "depress", "burnout", "abnormal", "severe", "risk"] {
        assert!(!shown.to_lowercase().contains(hard), "{hard}");
    }
}
