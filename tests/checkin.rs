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
    let (kept, shown) = typed(History::new("pulse"), "2026-03-02", "3\n2\n1\n3\n2\n1\n");
    let note = shown.find("(The next question touches on").unwrap();
    let question = shown.find("3 of 6. What others have been through").unwrap();
    assert!(note < question);
    assert_eq!(shown.matches("(The next question").count(), 1);
    assert!(shown.contains("   4 all of the time"));
    assert!(shown.contains("[##....]") && shown.contains("[######]"));

    let kept = kept.unwrap();
    assert_eq!((value(&kept, 0, "strain"), value(&kept, 0, "resources")), (Some(2.0), Some(2.0)));
    assert!(shown.contains("2026-03-02  ==========            2.0"));
    assert!(shown.contains("With five weeks or more"));
    assert!(shown.trim_end().ends_with("is there one person you could tell?"));
}

#[test]
fn a_question_can_be_passed_and_an_answer_taken_back() {
    // b before the first question does nothing; 7 and a word are no answers; the second question is answered 4, taken back
    // together with the first, and both are answered anew; the third and fourth are passed.
    let lines = "b\n7\noften\n1\n4\nb\nb\n2\n3\np\np\n0\n4\n";
    let (kept, shown) = typed(History::new("pulse"), "2026-03-02", lines);
    assert_eq!(shown.matches("Please type one of the numbers").count(), 2);
    assert_eq!(shown.matches("1 of 6.").count(), 5);
    let kept = kept.unwrap();
    let strain = kept.entries()[0].scores().scale("strain").unwrap();
    assert_eq!((strain.status, strain.value), (Status::Prorated, Some(2.5)));
    assert_eq!(value(&kept, 0, "resources"), Some(2.0));

    // Passing everything is a check-in too: it says why there is no score, and blames nobody.
    let (kept, shown) = typed(History::new("pulse"), "2026-03-02", &"p\n".repeat(6));
    assert_eq!(value(&kept.unwrap(), 0, "strain"), None);
    assert!(shown.contains("2026-03-02  0 of 3 answered, at least 2 needed"));
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
    let (kept, _) = typed(History::new("pulse"), "2026-03-02", "4\n4\n4\n0\n0\n0\n");
    let stored = serde_json::to_string_pretty(&kept.unwrap()).unwrap();
    assert!(stored.contains("\"rules\"") && !stored.contains("\"answers\""));
    let history: History = serde_json::from_str(&stored).unwrap();
    let (kept, _) = typed(history, "2026-03-02", "1\n1\n1\n0\n0\n0\n");
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
            &format!("{week}\n{week}\n{week}\n2\n2\n2\n"),
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
