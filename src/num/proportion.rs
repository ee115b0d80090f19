//! Intervals for a share: `x` of `n` people.
//!
//! ```
//! use straingauge::num::proportion::{clopper_pearson, wilson};
//!
//! let share = wilson(6, 30, 0.95).unwrap();
//! assert!((share.low - 0.09505).abs() < 1e-5 && (share.high - 0.37306).abs() < 1e-5);
//! assert!(clopper_pearson(6, 30, 0.95).unwrap().width() > share.width());
//! assert_eq!(wilson(0, 0, 0.95), None); // nobody answered: not a share of 0 %
//! ```

use super::{Interval, dist, incomplete::Tail};

/// Half of what the interval leaves out, where the question makes sense.
fn side(x: u64, n: u64, confidence: f64) -> Option<f64> {
    (n > 0 && x <= n && confidence > 0.0 && confidence < 1.0).then_some(0.5 * (1.0 - confidence))
}

/// Score interval (E. B. Wilson 1927, doi:10.1080/01621459.1927.10502953): close to its stated
/// confidence on average, and good at small `n`. Inside 0..=1; exactly 0 at `x = 0` and 1 at
/// `x = n`. `None` for `n = 0`, `x > n` or `confidence` outside (0, 1).
pub fn wilson(x: u64, n: u64, confidence: f64) -> Option<Interval> {
    let z = -dist::normal_quantile(side(x, n, confidence)?)?;
    let (x, n) = (x as f64, n as f64);
    // The ends are the roots of (n + z²) q² - (2 x + z²) q + x²/n. The upper one is a sum of
    // positive terms; the lower one follows from their product, without cancellation.
    let root = (z * z + 4.0 * x * (1.0 - x / n)).sqrt();
    let high = ((2.0 * x + z * z + z * root) / (2.0 * (n + z * z))).min(1.0);
    let low = x * (x / n) / ((n + z * z) * high);
    Some(Interval { low, high: if x == n { 1.0 } else { high } })
}

/// Exact binomial interval (Clopper and Pearson 1934, doi:10.1093/biomet/26.4.404): covers at
/// least as often as stated, so it is wider. Same ends and same undefined cases as [`wilson`].
pub fn clopper_pearson(x: u64, n: u64, confidence: f64) -> Option<Interval> {
    let side = side(x, n, confidence)?;
    let (yes, no) = (x as f64, (n - x) as f64);
    let low = if x == 0 { 0.0 } else { dist::beta_with_tail(Tail::Lower(side), yes, no + 1.0)? };
    let high = if x == n { 1.0 } else { dist::beta_with_tail(Tail::Upper(side), yes + 1.0, no)? };
    Some(Interval { low, high })
}
