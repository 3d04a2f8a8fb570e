//! What was learned of references.

use std::{
    cell::RefCell,
    sync::{Arc, LazyLock},
};

use model::Intent;

use super::{Focus, evidence::Evidence, stand::Stand};
use crate::{Reading, learned::linear::Linear, tag::Tagger};

static BUILT_IN: LazyLock<Option<Arc<Models>>> = LazyLock::new(|| {
    Models::new(Trial {
        turns: include_bytes!("../../data/turns.bin"),
        stands: include_bytes!("../../data/stands.bin"),
        tasks: include_bytes!("../../data/tasks.bin"),
        kept: include_bytes!("../../data/kept.bin"),
    })
    .map(Arc::new)
});

thread_local! {
    /// Models on trial, in the place of those that are built in.
    static ON_TRIAL: RefCell<Option<Arc<Models>>> = const { RefCell::new(None) };
}

/// The models' bytes.
#[derive(Debug, Clone, Copy)]
pub struct Trial {
    /// Where entities stand in a turn.
    pub turns: &'static [u8],
    /// How a turn stands in its conversation; one class a [`Stand`].
    pub stands: &'static [u8],
    /// What is wanted, given what was before; one class an intent.
    pub tasks: &'static [u8],
    /// Whether an entity before is still meant; class 1 is yes.
    pub kept: &'static [u8],
}

/// Has this thread use other models: whether their bytes are models.
pub fn try_models(trial: Trial) -> bool {
    let models = Models::new(trial).map(Arc::new);
    let are_models = models.is_some();
    ON_TRIAL.set(models);
    are_models
}

#[derive(Debug)]
pub(super) struct Models {
    pub(super) turns: Tagger,
    stands: Linear,
    tasks: Linear,
    kept: Linear,
}

impl Models {
    fn new(trial: Trial) -> Option<Self> {
        let of = |bytes, count| Linear::new(bytes).filter(|model| model.classes == count);
        Some(Self {
            turns: Tagger::new(trial.turns)?,
            stands: of(trial.stands, Stand::ALL.len())?,
            tasks: of(trial.tasks, Intent::ALL.len())?,
            kept: of(trial.kept, 2)?,
        })
    }

    pub(super) fn in_use() -> Option<Arc<Self>> {
        ON_TRIAL.with_borrow(Option::clone).or_else(|| BUILT_IN.clone())
    }

    /// How a turn stands, and what it wants: the intent for which both models together speak most.
    pub(super) fn stand(
        &self,
        evidence: &Evidence<'_>,
        reading: &Reading,
        focus: &Focus,
    ) -> (Stand, Intent) {
        /// Of an intent that no way of standing leads to.
        const UNLED: f32 = -1.0;
        /// What the way of standing counts beside the intent.
        const LED: f32 = 0.15;
        let features = evidence.of_turn();
        let tasks = self.tasks.scores(&evidence.of_task(self.tasks.bits));
        let stands = self.stands.scores(&features.weighted(self.stands.bits));
        let guess = |at: usize| reading.guesses.get(at).map_or(reading.task, |(intent, _)| *intent);
        let mut led: Vec<(Stand, f32)> = vec![(Stand::Own, UNLED); Intent::ALL.len()];
        for (&stand, &score) in Stand::ALL.iter().zip(&stands) {
            let intent = stand.intent(guess(0), guess(1), focus.intent);
            let best = &mut led[intent as usize];
            if score > best.1 {
                *best = (stand, score);
            }
        }
        let mut best = (Stand::Own, guess(0), f32::NEG_INFINITY);
        for ((&intent, task), (stand, score)) in Intent::ALL.iter().zip(tasks).zip(led) {
            let score = task + LED * score;
            if score > best.2 {
                best = (stand, intent, score);
            }
        }
        (best.0, best.1)
    }

    pub(super) fn is_kept(
        &self,
        evidence: &Evidence<'_>,
        at: usize,
        task: Intent,
        stands: Stand,
    ) -> bool {
        if let Some(is_kept) = evidence.settled(at, task, stands) {
            return is_kept;
        }
        let features = evidence.of_entity(at, task, stands.name()).weighted(self.kept.bits);
        let scores = self.kept.scores(&features);
        scores[1] > scores[0]
    }
}
