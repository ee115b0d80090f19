use straingauge::exchange::arrow59 as door;

#[allow(clippy::duplicate_mod)]
#[path = "checks.rs"]
pub mod checks;
