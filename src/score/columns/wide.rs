//! Which instructions run the loops.

use super::kernel::{Points, Work};

/// Those that the crate is compiled for.
#[cfg(not(feature = "dispatch"))]
pub(super) struct Wide;

#[cfg(not(feature = "dispatch"))]
impl Wide {
    pub(super) const fn new() -> Self {
        Self
    }

    #[allow(clippy::unused_self)] // its twin chooses
    pub(super) fn run<T: Points>(&self, work: Work<'_, '_, T>) -> bool {
        work.run()
    }
}

/// The widest that the processor has.
#[cfg(feature = "dispatch")]
pub(super) struct Wide(pulp::Arch);

#[cfg(feature = "dispatch")]
impl Wide {
    pub(super) fn new() -> Self {
        Self(pulp::Arch::new())
    }

    pub(super) fn run<T: Points>(&self, work: Work<'_, '_, T>) -> bool {
        self.0.dispatch(work)
    }
}

#[cfg(feature = "dispatch")]
impl<T: Points> pulp::WithSimd for Work<'_, '_, T> {
    type Output = bool;

    // Else the loops would be compiled for every processor, and the choice have no effect.
    #[allow(clippy::inline_always)]
    #[inline(always)]
    fn with_simd<S: pulp::Simd>(self, _: S) -> bool {
        self.run()
    }
}
