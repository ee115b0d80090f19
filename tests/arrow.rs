//! Columns of Arrow against the same people one by one: the same bits, for each version of Arrow.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::pedantic)]
#![allow(missing_docs, unreachable_pub)]

#[path = "arrow/v59.rs"]
mod arrow59;
#[path = "arrow/v60.rs"]
mod arrow60;
#[path = "arrow/people.rs"]
mod people;

use people::{Person, sample};

/// One table through every door: one by one, a frame, Arrow 59, Arrow 60.
#[test]
fn every_door_gives_the_same_bits_on_the_sample() {
    for (id, prefix) in [("proqol-5", "pq"), ("cbi", "cbi_")] {
        let instrument = straingauge::catalog::get(id).unwrap();
        let (file, rows) = sample(&instrument, prefix);
        let one_by_one = Person::one_by_one(&instrument.scorer(), &rows);
        assert!(one_by_one.len() > 500);
        assert_eq!(Person::in_a_frame(&instrument.scorer(), &rows), one_by_one);
        assert_eq!(arrow59::checks::from_texts(&instrument, prefix, &file), one_by_one);
        assert_eq!(arrow60::checks::from_texts(&instrument, prefix, &file), one_by_one);
        assert_eq!(arrow59::checks::from_numbers(&instrument, prefix, &file), one_by_one);
        assert_eq!(arrow60::checks::from_numbers(&instrument, prefix, &file), one_by_one);
    }
}
