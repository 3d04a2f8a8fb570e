//! What an engineer means: the intent, the entities and the references of an utterance, found by
//! rules and tables in well under a millisecond.
//!
//! [`understand`] reads one utterance by itself; [`resolve`] fills in what the conversation makes
//! plain. The crate does no IO and knows nothing of queries, stores or models: the catalog's names
//! come as a [`Vocabulary`], the time as a [`Moment`].

mod entities;
mod intent;
mod learned;
mod lexicon;
mod naming;
mod normal;
mod numbers;
mod phrases;
mod reading;
mod reference;
mod scan;
mod spelling;
mod tag;
mod text;
mod time;
#[doc(hidden)]
pub mod training;
mod vocabulary;

use model::{EntityKind, EntityValue, Family, Intent, TimeRange, Understanding};

use entities::{
    endpoint, environment, http_status, metric, service, statistic, threshold, unknown_metric,
    unknown_service, version,
};
use intent::{Feature, Features};
use scan::Scan;

use naming::Names;

pub use reading::{Problem, Reading};
pub use reference::{Focus, Memory, resolve};
pub use text::MAX_CHARS;
pub use time::Moment;
pub use vocabulary::Vocabulary;

/// So many of the likeliest intents are told.
const MAX_GUESSES: usize = 3;
/// Of a confidence: it is rather so than not.
const LIKELY: f32 = 0.5;

/// Reads one utterance by itself. Of a text longer than [`MAX_CHARS`] only the beginning is read.
pub fn understand(text: &str, vocabulary: &Vocabulary, moment: &Moment<'_>) -> Reading {
    let mut scan = scan_of(text, vocabulary, moment, None);
    let every_service = service::is_every(&scan);
    let named = naming::spans(&scan);
    let mut guesses = intent::classify(&scan, &named);
    guesses.truncate(MAX_GUESSES);
    let (intent, confidence) = guesses[0];
    let Names { mut entities, mut implied } = naming::entities(&mut scan, named, vocabulary);
    for entity in entities.iter_mut().filter(|entity| entity.kind == EntityKind::TimeRange) {
        let is_open = matches!(entity.value, EntityValue::Text(_));
        let range = time::bare_length(&scan, &entity.span, moment.now).filter(|_| is_open);
        if let Some(range) = range {
            entity.value = EntityValue::Time(range);
        }
    }
    if matches!(intent, Intent::SmallTalk | Intent::OutOfScope) && confidence > LIKELY {
        // "the traffic on the motorway" is no metric. Of "overnight?" it is not so clear.
        entities.clear();
        implied.clear();
    }
    naming::without_alerts(&mut entities, intent);
    let corrected = |token: &text::Token| Some((token.span.clone(), token.corrected?));
    let corrections = scan.tokens.iter().filter_map(corrected).collect();
    let problems = if concerns_data(intent) { scan.problems } else { Vec::new() };
    Reading {
        understanding: Understanding { intent, confidence, entities },
        task: intent,
        guesses,
        implied,
        every_service,
        corrections,
        problems,
    }
}

/// Finds the entities. Each recogniser takes the words it understands from those behind it, so the
/// order is by how sure a form is: a path before a name, a name before a general word.
fn scan_of<'a>(
    text: &'a str,
    vocabulary: &Vocabulary,
    moment: &Moment<'_>,
    main_period: Option<&TimeRange>,
) -> Scan<'a> {
    let mut scan = Scan::new(text, text::tokenise(text));
    endpoint::recognise(&mut scan);
    service::recognise_exact(&mut scan, vocabulary);
    service::recognise_misspelt(&mut scan, vocabulary);
    lexicon::correct(&mut scan.tokens, &scan.taken);
    time::recognise(&mut scan, moment, main_period);
    threshold::recognise(&mut scan);
    http_status::recognise(&mut scan);
    version::recognise(&mut scan, vocabulary);
    environment::recognise(&mut scan, vocabulary);
    metric::recognise(&mut scan);
    statistic::recognise(&mut scan);
    service::recognise_partial(&mut scan, vocabulary);
    let asks_of_services = asks_of_services(&scan);
    unknown_service::recognise(&mut scan, asks_of_services);
    unknown_metric::recognise(&mut scan);
    scan
}

/// Whether an unknown word may be a service: something that services have is asked about.
fn asks_of_services(scan: &Scan) -> bool {
    let features = Features::of(scan);
    let cues = [
        Feature::Metric,
        Feature::ErrorMetric,
        Feature::Percentile,
        Feature::ErrorStatus,
        Feature::Errors,
        Feature::Health,
        Feature::UpOrDown,
        Feature::Deployments,
    ];
    cues.iter().any(|&cue| features.has(cue)) && !features.has(Feature::OffTopic)
}

/// Whether the answer comes from measurements, so that periods and services matter.
fn concerns_data(intent: Intent) -> bool {
    matches!(intent.family(), Family::Query | Family::Analyze) || intent == Intent::Clarify
}
