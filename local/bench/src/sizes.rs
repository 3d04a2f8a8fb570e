//! How much is measured: everything follows from the number of turns, so that two runs with the same
//! number do the same.

use crate::load::Rounds;

/// Then a speaker opens another session: the local cloud, other than AWS, takes the longer for a
/// query the larger the partition is.
const TURNS_PER_SESSION: usize = 20;

/// See the module.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sizes {
    /// Of each figure in memory.
    pub(crate) turns: usize,
    /// Of each figure on the local cloud, which takes ten times as long for one.
    pub(crate) cloud_turns: usize,
    /// While memory is watched.
    pub(crate) endurance_turns: usize,
    /// Of each session; those that warm up fill the history with as much as a turn reads.
    pub(crate) session: Rounds,
    /// For each way to count calls.
    pub(crate) counted_turns: usize,
    /// New processes that are asked for the first time.
    pub(crate) first_turns: usize,
    pub(crate) chunks_per_stream: usize,
    /// In all, of each figure.
    pub(crate) chunks: usize,
}

impl Sizes {
    pub(crate) fn of(turns: usize) -> Self {
        let fraction = |part: usize, least, most| (turns / part).clamp(least, most);
        Self {
            turns,
            cloud_turns: fraction(5, 1, usize::MAX),
            endurance_turns: turns * 5,
            session: Rounds { warm_up: fraction(100, 1, 12), length: TURNS_PER_SESSION },
            counted_turns: fraction(100, 2, 20),
            first_turns: fraction(200, 2, 10),
            chunks_per_stream: fraction(20, 4, 100),
            chunks: fraction(4, 4, 1_000),
        }
    }
}
