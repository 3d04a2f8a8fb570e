//! What turns cost when there are many: CPU time, and whether memory stays what it was.

use serde::Serialize;

use crate::{
    copilot::{Copilot, Speaker},
    machine::{cpu, resident_mib},
    sizes::Sizes,
    stats::rounded,
};

/// Then the session is deleted: the store in memory must not grow, or nothing could be said of the
/// rest.
const TURNS_PER_SESSION: usize = 10;
/// How often memory is looked at.
const SAMPLES: usize = 10;

/// Of one turn, on average, with what asking and reading the answer takes in this process.
#[derive(Debug, Serialize)]
pub(crate) struct CpuPerTurn {
    n: usize,
    user_ms: Option<f64>,
    system_ms: Option<f64>,
    pub(crate) total_ms: Option<f64>,
}

/// Resident memory after so many turns, every other one streamed.
#[derive(Debug, Serialize)]
pub(crate) struct Memory {
    turns: Vec<usize>,
    resident_mib: Vec<Option<f64>>,
    /// From the first tenth, when pools and caches are full, to the end.
    pub(crate) growth_percent: Option<f64>,
}

/// See [`CpuPerTurn`].
pub(crate) async fn cpu_per_turn(sizes: &Sizes, streamed: bool) -> anyhow::Result<CpuPerTurn> {
    let copilot = Copilot::in_memory(Vec::new())?;
    let mut speaker = copilot.speaker().await?;
    for _ in 0..sizes.session.warm_up {
        speaker.ask().await?;
    }
    let before = cpu();
    for _ in 0..sizes.turns {
        if streamed {
            speaker.ask_streaming().await?
        } else {
            speaker.ask().await?
        };
    }
    let after = cpu();
    let n = sizes.turns;
    let used = before.zip(after).map(|(before, after)| {
        let each = |ms: f64| ms / n as f64;
        (each(after.user_ms - before.user_ms), each(after.system_ms - before.system_ms))
    });
    Ok(CpuPerTurn {
        n,
        user_ms: used.map(|(user, _)| rounded(user)),
        system_ms: used.map(|(_, system)| rounded(system)),
        total_ms: used.map(|(user, system)| rounded(user + system)),
    })
}

/// See [`Memory`].
pub(crate) async fn memory(sizes: &Sizes) -> anyhow::Result<Memory> {
    let copilot = Copilot::in_memory(Vec::new())?;
    let mut speaker = copilot.speaker().await?;
    one_session(&mut speaker).await?;
    let mut memory =
        Memory { turns: vec![0], resident_mib: vec![resident_mib()], growth_percent: None };
    let between = sizes.endurance_turns.div_ceil(SAMPLES).next_multiple_of(TURNS_PER_SESSION);
    for sample in 1..=SAMPLES {
        for _ in 0..between / TURNS_PER_SESSION {
            one_session(&mut speaker).await?;
        }
        memory.turns.push(sample * between);
        memory.resident_mib.push(resident_mib());
    }
    let (early, late) = (memory.resident_mib[1], memory.resident_mib[SAMPLES]);
    memory.growth_percent =
        early.zip(late).map(|(early, late)| rounded((late - early) / early * 100.0));
    Ok(memory)
}

async fn one_session(speaker: &mut Speaker) -> anyhow::Result<()> {
    for turn in 0..TURNS_PER_SESSION {
        // The first one is buffered, because its answer names the session.
        if turn % 2 == 0 {
            speaker.ask().await?
        } else {
            speaker.ask_streaming().await?
        };
    }
    speaker.delete_session().await
}
