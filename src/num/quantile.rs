//! Sample quantiles and the median.

/// Quantile of values in ascending order by linear interpolation at `(n - 1) p`: type 7 of Hyndman
/// and Fan (1996, doi:10.2307/2684934), the default of R and NumPy.
///
/// `p` may be 0 (smallest) to 1 (largest). `None` for no values, values that are not finite or not
/// in order, or `p` outside 0..=1.
///
/// ```
/// use straingauge::num::quantile::quantile_type7;
///
/// assert_eq!(quantile_type7(&[1.0, 2.0, 3.0, 4.0], 0.25), Some(1.75));
/// ```
pub fn quantile_type7(sorted: &[f64], p: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let ready = sorted.is_sorted() && sorted.iter().all(|value| value.is_finite());
    if !ready || !(0.0..=1.0).contains(&p) {
        return None;
    }
    let place = last as f64 * p;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to last")]
    let below = place.floor() as usize;
    let low = *sorted.get(below)?;
    let high = sorted.get(below + 1).copied().unwrap_or(low);
    let part = place - below as f64;
    // Rounding must not carry it past its neighbours.
    Some(((1.0 - part) * low + part * high).clamp(low, high))
}

/// Median; `None` for no values or values that are not finite. Reorders the slice.
///
/// ```
/// use straingauge::num::quantile::median;
///
/// assert_eq!(median(&mut [3.0, 1.0, 2.0, 10.0]), Some(2.5));
/// ```
pub fn median(values: &mut [f64]) -> Option<f64> {
    if !values.iter().all(|value| value.is_finite()) {
        return None;
    }
    median_finite(values)
}

/// [`median`] of values known to be finite.
pub(super) fn median_finite(values: &mut [f64]) -> Option<f64> {
    let n = values.len();
    if n == 0 {
        return None;
    }
    let (below, middle, _) = values.select_nth_unstable_by(n / 2, f64::total_cmp);
    if n % 2 == 1 {
        return Some(*middle);
    }
    let under = below.iter().copied().max_by(f64::total_cmp)?;
    Some(f64::midpoint(under, *middle))
}
