//! Statistics on plain numbers: the only room that touches a distribution library.

mod item_sums;
pub(crate) mod matrix;
mod table;

pub use item_sums::ItemSums;
pub(crate) use item_sums::{Covariances, Spread};
pub(crate) use table::MISSING;
pub use table::{ItemTable, TableError};
