//! How good the models are on utterances that they have not seen.

use model::Intent;
use nlp::training::tags;

use crate::{Example, labelled};

/// The class with the highest score; of several the first.
pub(crate) fn best(scores: &[f32]) -> usize {
    (0..scores.len()).fold(0, |best, at| if scores[at] > scores[best] { at } else { best })
}

/// Prints accuracy and the F1 of where entities stand and of what kind they are.
pub(crate) fn print<'a>(
    name: &str,
    read: impl Iterator<Item = (&'a Example, &'a [f32], &'a [usize])>,
    show: bool,
) {
    let (mut count, mut right, mut near) = (0, 0, 0);
    let (mut hits, mut spurious, mut missed) = (0_u32, 0_u32, 0_u32);
    for (example, scores, found) in read {
        let best = best(scores);
        let guess = Intent::ALL[best].name();
        let also = example.utterance.also_ok.iter().any(|other| other == guess);
        count += 1;
        right += u32::from(best == example.intent);
        near += u32::from(best == example.intent || also);
        if show && best != example.intent {
            println!(
                "  {} not {guess}{}: {}",
                example.utterance.intent,
                if also { " (fair)" } else { "" },
                example.utterance.text
            );
        }
        let (Ok(gold), Ok(optional)) =
            (labelled(&example.utterance, false), labelled(&example.utterance, true))
        else {
            continue;
        };
        let mut used = vec![false; gold.len()];
        for (kind, tokens) in tags::spans(found) {
            let span = example.tokens[tokens.start].start..example.tokens[tokens.end - 1].end;
            let meets =
                |other: &std::ops::Range<usize>| other.start < span.end && span.start < other.end;
            match gold
                .iter()
                .enumerate()
                .position(|(at, (other, place))| !used[at] && *other == kind && meets(place))
            {
                Some(at) => {
                    used[at] = true;
                    hits += 1;
                }
                None if optional.iter().any(|(_, place)| meets(place)) => {}
                None => {
                    spurious += 1;
                    if show {
                        println!(
                            "  spurious {} `{}`: {}",
                            kind.name(),
                            &example.utterance.text[span],
                            example.utterance.text
                        );
                    }
                }
            }
        }
        for ((kind, place), used) in gold.iter().zip(used) {
            missed += u32::from(!used);
            if show && !used {
                println!(
                    "  missed {} `{}`: {}",
                    kind.name(),
                    &example.utterance.text[place.clone()],
                    example.utterance.text
                );
            }
        }
    }
    let share = |part: u32| f64::from(part) / f64::from(count.max(1));
    let f1 = f64::from(2 * hits) / f64::from((2 * hits + spurious + missed).max(1));
    println!(
        "{name:>6}  {count:4} utterances  intents {:.3}  with fair ones {:.3}  entities F1 {f1:.3}",
        share(right),
        share(near)
    );
}
