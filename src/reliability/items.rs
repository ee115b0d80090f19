//! How each item is answered.

use crate::answers::{Answer, Columns, MissingKind};
use crate::instrument::Item;

/// The distribution of one item's answers, as given (before any reversal).
///
/// ```
/// # let text = include_str!("../../examples/definitions/worked-example.toml");
/// # let keepers = straingauge::Instrument::parse(text)?;
/// use straingauge::answers::{Columns, MissingKind};
/// use straingauge::reliability::ItemStatistics;
/// let tired = [3, 4, 4, 0, 254, 253]; // the last two: skipped, declined
/// let table = Columns::new(&keepers, 6).column("2", &tired)?;
/// let items = ItemStatistics::of(&table);
/// let tired = &items[0];
/// assert_eq!((tired.item(), tired.n(), tired.missing(MissingKind::Declined)), ("2", 4, 1));
/// assert_eq!((tired.mean(), tired.floor_share(), tired.ceiling_share()), (Some(2.75), Some(0.25), Some(0.5)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct ItemStatistics {
    item: String,
    options: Vec<OptionCount>,
    missing: Vec<(MissingKind, u64)>,
    n: u64,
    range: (u8, u8),
    outside: u64,
}

/// How often one option was chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct OptionCount {
    /// Code of the option.
    pub code: u8,
    /// Its label, where it has one.
    pub label: Option<String>,
    /// How many people chose it.
    pub count: u64,
}

impl ItemStatistics {
    /// Statistics of every item that has a column, in form order.
    pub fn of(table: &Columns<'_>) -> Vec<Self> {
        let items = table.instrument().items().iter().enumerate();
        items.filter_map(|(at, item)| Some(Self::count(item, table.of(at)?))).collect()
    }

    fn count(item: &Item, bytes: &[u8]) -> Self {
        let mut counts = [0_u64; 256];
        for byte in bytes {
            if let Some(count) = counts.get_mut(usize::from(*byte)) {
                *count += 1;
            }
        }
        let of = |byte: u8| counts.get(usize::from(byte)).copied().unwrap_or(0);
        let options: Vec<OptionCount> = item
            .responses()
            .options()
            .iter()
            .map(|option| OptionCount {
                code: option.code(),
                label: option.label().map(str::to_owned),
                count: of(option.code()),
            })
            .collect();
        let n = options.iter().map(|option| option.count).sum();
        let missing: Vec<(MissingKind, u64)> = MissingKind::ALL
            .iter()
            .map(|(kind, _)| (*kind, of(Answer::Missing(*kind).to_byte())))
            .collect();
        let known: u64 = n + missing.iter().map(|(_, count)| count).sum::<u64>();
        Self {
            item: item.id().to_owned(),
            options,
            missing,
            n,
            range: item.responses().range(),
            outside: bytes.len() as u64 - known,
        }
    }

    /// Id of the item.
    pub fn item(&self) -> &str {
        &self.item
    }

    /// People who answered.
    pub const fn n(&self) -> u64 {
        self.n
    }

    /// How often each option was chosen, in printed order, options that nobody chose included.
    pub fn options(&self) -> &[OptionCount] {
        &self.options
    }

    /// People without an answer for this reason.
    pub fn missing(&self, kind: MissingKind) -> u64 {
        self.missing.iter().find(|(known, _)| *known == kind).map_or(0, |(_, count)| *count)
    }

    /// People without an answer.
    pub fn missing_total(&self) -> u64 {
        self.missing.iter().map(|(_, count)| count).sum()
    }

    /// Cells with a code that the item does not offer; they enter nothing else here.
    pub const fn outside(&self) -> u64 {
        self.outside
    }

    /// Mean code; `None` where nobody answered.
    pub fn mean(&self) -> Option<f64> {
        let sum: u64 = self.options.iter().map(|o| u64::from(o.code) * o.count).sum();
        (self.n > 0).then(|| sum as f64 / self.n as f64)
    }

    /// Standard deviation with n - 1; `None` below two answers.
    pub fn sd(&self) -> Option<f64> {
        (self.n > 1).then_some(())?;
        Some((self.central(2)? * self.n as f64 / (self.n - 1) as f64).sqrt())
    }

    /// Skewness g1 (divisor n throughout); `None` where answers do not differ.
    pub fn skewness(&self) -> Option<f64> {
        let variance = self.central(2).filter(|v| *v > 0.0)?;
        Some(self.central(3)? / variance.powf(1.5))
    }

    /// Excess kurtosis g2 (divisor n throughout); `None` where answers do not differ.
    pub fn kurtosis(&self) -> Option<f64> {
        let variance = self.central(2).filter(|v| *v > 0.0)?;
        Some(self.central(4)? / (variance * variance) - 3.0)
    }

    /// Share of answers at the lowest code; above 15 % is usually called a floor (Terwee and others
    /// 2007, Journal of Clinical Epidemiology 60:34-42, doi:10.1016/j.jclinepi.2006.03.012).
    pub fn floor_share(&self) -> Option<f64> {
        self.share_of(self.range.0)
    }

    /// Share of answers at the highest code.
    pub fn ceiling_share(&self) -> Option<f64> {
        self.share_of(self.range.1)
    }

    fn share_of(&self, code: u8) -> Option<f64> {
        let count = self.options.iter().find(|option| option.code == code)?.count;
        (self.n > 0).then(|| count as f64 / self.n as f64)
    }

    /// Central moment with divisor n, from the counts: as many terms as options.
    fn central(&self, power: i32) -> Option<f64> {
        let mean = self.mean()?;
        let sum: f64 = self
            .options
            .iter()
            .map(|option| (f64::from(option.code) - mean).powi(power) * option.count as f64)
            .sum();
        Some(sum / self.n as f64)
    }
}
