//! Rows shared out among the threads of the caller's pool.

use std::ops::Range;

use super::block::Block;
use super::buffers::{FrameError, ScaleBuffers};
use super::kernel::LANES;
use crate::answers::{AnswerError, Frame};
use crate::score::scorer::Scorer;

/// Rows that one thread takes at least: some hundred microseconds of work.
const SHARE: usize = 1 << 16;

impl Scorer {
    /// [`Self::score_frame_into`] on the threads of the `rayon` pool that it is called from, or of
    /// the global one. The same bits, and of several wrong numbers the error names the same one.
    ///
    /// # Errors
    /// Those of [`Self::score_frame_into`].
    pub fn score_frame_into_parallel(
        &self,
        frame: &Frame<'_>,
        rows: Range<usize>,
        out: &mut [ScaleBuffers<'_>],
    ) -> Result<u64, FrameError> {
        self.check_frame(frame, &rows)?;
        self.check_buffers(rows.len(), out)?;
        let all = 0..rows.len();
        let out = out.iter_mut().map(|out| out.part(all.clone())).collect();
        Ok(halves(self, frame, rows, out)?)
    }
}

fn halves(
    scorer: &Scorer,
    frame: &Frame<'_>,
    rows: Range<usize>,
    mut out: Vec<ScaleBuffers<'_>>,
) -> Result<u64, AnswerError> {
    if rows.len() <= SHARE {
        return Block::new(scorer, frame).run(rows, &mut out);
    }
    // The left half without a rest, which would be counted in the general lane.
    let half = rows.len() / 2 / LANES * LANES;
    let (left, right): (Vec<_>, Vec<_>) = out.into_iter().map(|out| out.split_at(half)).unzip();
    let middle = rows.start + half;
    let (left, right) = rayon::join(
        || halves(scorer, frame, rows.start..middle, left),
        || halves(scorer, frame, middle..rows.end, right),
    );
    Ok(left? + right?)
}
