//! Copies of utterances with other names in the place of theirs, so that the chain learns where names
//! stand and not which names there are.

use std::collections::BTreeMap;

use crate::{
    data::{Label, Utterance},
    random::Random,
};

/// Kinds whose names are anybody's choice.
const OPEN: &[&str] = &[
    "service", "team", "workflow_name", "cluster", "namespace", "host", "container", "region",
    "user", "code_symbol",
];

/// The names of each kind, as they were written.
pub(crate) struct Names {
    by_kind: BTreeMap<String, Vec<String>>,
    plain: Vec<String>,
}

impl Names {
    /// `plain` are words that any service may be called.
    pub(crate) fn new<'a>(utterances: impl Iterator<Item = &'a Utterance>, plain: &str) -> Self {
        let mut by_kind: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for label in utterances.flat_map(|utterance| utterance.entities.iter().flatten()) {
            if OPEN.contains(&label.kind.as_str()) {
                by_kind.entry(label.kind.clone()).or_default().push(label.text.clone());
            }
        }
        Self { by_kind, plain: plain.split_whitespace().map(str::to_owned).collect() }
    }

    /// A copy with other names; `None` where no name can be another.
    pub(crate) fn renamed(&self, utterance: &Utterance, random: &mut Random) -> Option<Utterance> {
        let labels = utterance.entities.as_ref()?;
        if !labels.iter().any(|label| OPEN.contains(&label.kind.as_str())) {
            return None;
        }
        let mut text = String::with_capacity(utterance.text.len());
        let mut at = 0;
        let mut renamed: Vec<Label> = Vec::with_capacity(labels.len());
        for label in labels {
            let start = at + utterance.text[at..].find(&label.text)?;
            text.push_str(&utterance.text[at..start]);
            let name = self.other(label, random);
            text.push_str(&name);
            at = start + label.text.len();
            renamed.push(Label { text: name, ..label.clone() });
        }
        text.push_str(&utterance.text[at..]);
        Some(Utterance { text, entities: Some(renamed), ..utterance.clone() })
    }

    fn other(&self, label: &Label, random: &mut Random) -> String {
        let Some(names) = self.by_kind.get(&label.kind).filter(|names| !names.is_empty()) else {
            return label.text.clone();
        };
        if label.kind == "service" && random.below(2) == 0 {
            let plain = self.plain[random.below(self.plain.len())].clone();
            let suffix = label.text.rsplit_once(' ').map(|(_, last)| last);
            return match suffix {
                Some(last @ ("service" | "svc")) => format!("{plain} {last}"),
                _ => plain,
            };
        }
        names[random.below(names.len())].clone()
    }
}
