//! The text of a test: `"<id> <op> <number>"`.

use super::model::Comparison;

/// The three parts of a test; `None` where it is none (a criterion's id, for instance).
pub(super) fn split_test(text: &str) -> Option<(&str, Comparison, f64)> {
    let (op, sign) = Comparison::ALL.into_iter().find(|(_, sign)| text.contains(sign))?;
    let (name, number) = text.split_once(sign)?;
    let number: f64 = number.trim().parse().ok().filter(|number: &f64| number.is_finite())?;
    Some((name.trim(), op, number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn longer_signs_win() {
        assert_eq!(split_test("total >= 10"), Some(("total", Comparison::AtLeast, 10.0)));
        assert_eq!(split_test("a-b<2.5"), Some(("a-b", Comparison::Below, 2.5)));
        assert_eq!(split_test("gate != 0"), Some(("gate", Comparison::NotEqual, 0.0)));
        for bad in ["total", "total >=", "total >= x", "total >= nan", ""] {
            assert_eq!(split_test(bad), None, "{bad}");
        }
    }
}
