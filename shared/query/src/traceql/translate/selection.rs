//! What is shown of each span: "with their tenant and route", "list the URL too".

use std::ops::Range;

use super::conditions::Reader;
use crate::traceql::ast::Reference;

/// Words that announce what is shown.
struct Lead {
    patterns: &'static [&'static str],
    /// How well a name must fit: the vaguer the lead, the better.
    least: f64,
    /// A verb asks for something only where a clause begins.
    is_verb: bool,
}

const LEADS: &[Lead] = &[
    Lead {
        patterns: &[
            "with|plus|and|including|include|showing? also|me|us? their|its|his|her",
            "show|list|return|listing|giving|give|tell? also|me|us? their|its|his|her",
            "me|display|see|alongside|or|add? also|me|us? their|its|his|her",
            "adding|report|reporting|want|need|of|by? also|me|us? their|its|his|her",
        ],
        least: 0.75,
        is_verb: false,
    },
    Lead {
        patterns: &[
            "along|together with|by the|a|their|its?",
            "as well as the|a|their|its",
            "alongside the|a|their|its?",
        ],
        least: 0.8,
        is_verb: false,
    },
    Lead {
        patterns: &[
            "show|list|return|returning|include me|us|back? also|just|only? the|a|all?",
            "including|display|print|output|give me|us|back? also|just|only? the|a|all?",
            "tell|add|report|select|selecting me|us|back? also|just|only? the|a|all?",
            "want|need|see|fetch|get|project me|us|back? also|just|only? the|a|all?",
            "showing|listing|giving|displaying|reporting|telling|adding me|us? also? the|a?",
        ],
        least: 0.9,
        is_verb: true,
    },
    Lead {
        patterns: &["with|plus|carrying the", "and? what|which", "with"],
        least: 0.9,
        is_verb: false,
    },
];
/// What a clause may begin with before its verb.
const OPENERS: &[&str] = &["and", "also", "please", "then", "to", "just", "me", "you", "by"];
/// What follows a name that is compared, or is part of another.
const COMPARED: &[&str] =
    &["=", "is", "equals", "!=", ">", "<", ">=", "<=", "span", "spans", "call", "calls"];

impl Reader<'_, '_> {
    /// What is to be shown, with its words used up.
    pub(super) fn read_selection(&mut self, leaning: &[String]) -> Vec<Reference> {
        let mut found: Vec<Reference> = Vec::new();
        for at in 0..self.words.len() {
            let lead = LEADS.iter().find_map(|lead| Some((lead, self.fits(at, lead.patterns)?)));
            let Some((lead, taken)) = lead.filter(|(_, taken)| self.is_free(at..at + taken)) else {
                continue;
            };
            let begins = at == 0 || self.words[at].breaks || OPENERS.contains(&self.before(at, 1));
            if lead.is_verb && taken == 1 && !begins {
                continue;
            }
            let (names, end) = self.names_from(at + taken, leaning, lead.least);
            if names.is_empty()
                || self.is_compared(at + taken..end)
                || self.dangles(at + taken..end)
            {
                continue;
            }
            self.take(at..end);
            for name in names {
                if !found.contains(&name) {
                    found.push(name);
                }
            }
        }
        found
    }

    /// Whether a name is followed by its value, or is part of what is looked for: "with status code
    /// 500", "show the route /cart".
    fn is_compared(&self, names: Range<usize>) -> bool {
        let Some(next) = self.words.get(names.end) else { return false };
        if self.is_measured(&(names.end..names.end + 2)) {
            return true;
        }
        if next.breaks {
            return false;
        }
        let value = next.text.starts_with('/') || next.text.contains(|c: char| c.is_ascii_digit());
        let hits = self.ground.hits(&self.words[names.end..names.end + 1]);
        let known = hits.iter().any(|hit| hit.strength > 2.0) && !next.possessive;
        next.quoted || value || known || COMPARED.contains(&next.lower.as_str())
    }

    /// After a bare "with" the name stands alone: "with the model used" asks for nothing.
    fn dangles(&self, names: Range<usize>) -> bool {
        let bare = matches!(self.before(names.start, 1), "with" | "carrying");
        let next = self.words.get(names.end).filter(|next| !next.breaks);
        bare && next.is_some_and(|next| !["and", "of", "for", "in"].contains(&next.lower.as_str()))
    }
}
