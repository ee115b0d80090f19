//! Dates as SPSS stores them.

/// A moment as SPSS counts it, in seconds since 14 October 1582.
pub(super) fn date(seconds: f64) -> String {
    const DAY: f64 = 86_400.0;
    let days = (seconds / DAY).floor();
    if !(0.0..=3_000_000.0).contains(&days) {
        return seconds.to_string();
    }
    // Within bounds by the line above.
    #[expect(clippy::cast_possible_truncation)]
    let (days, rest) = (days as i64, (seconds - days * DAY).floor() as i64);
    // Days since 1 March of year 0 in the Gregorian calendar; then the usual civil arithmetic.
    let days = days + 578_040;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let date = format!("{year:04}-{month:02}-{day:02}");
    if rest == 0 {
        return date;
    }
    format!("{date}T{:02}:{:02}:{:02}", rest / 3600, rest / 60 % 60, rest % 60)
}
