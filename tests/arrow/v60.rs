use straingauge::exchange::arrow60 as door;

#[allow(clippy::duplicate_mod)]
#[path = "checks.rs"]
pub mod checks;
