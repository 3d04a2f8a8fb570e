//! What the chain sees of each token.

use std::ops::Range;

use crate::{
    learned::{clusters, features::FeatureList},
    lexicon::{is_frequent, is_stop_word},
    scan::Scan,
    text::Kind,
};

/// What is beside a text.
const NOTHING: &str = "";
/// How far a token sees to both sides.
const NAMES: [&str; 5] = ["-2", "-1", "0", "+1", "+2"];

/// What is the same for all tokens' features, found once.
pub(crate) struct Evidence<'a> {
    scan: &'a Scan<'a>,
    rules: Vec<&'static str>,
    groups: Vec<Option<[&'static str; 3]>>,
    shapes: Vec<String>,
    /// The tokens that are written together with each.
    compounds: Vec<Range<usize>>,
}

impl<'a> Evidence<'a> {
    pub(crate) fn new(scan: &'a Scan<'a>) -> Self {
        let tokens = 0..scan.len();
        Self {
            rules: rules(scan),
            groups: tokens.clone().map(|at| clusters::of(scan.word(at))).collect(),
            shapes: tokens.map(|at| shape(&scan.source[scan.tokens[at].span.clone()])).collect(),
            compounds: compounds(scan),
            scan,
        }
    }

    /// Fills the list with the features of one token.
    pub(crate) fn fill(&self, at: usize, list: &mut FeatureList) {
        let word = |offset: usize| self.word(at, offset);
        list.add(&["bias"]);
        for (offset, name) in NAMES.iter().enumerate() {
            list.add(&["w", name, word(offset)]);
        }
        list.add(&["ww", "-1", word(1), word(2)]);
        list.add(&["ww", "+1", word(2), word(3)]);
        list.add(&["ww", "-2", word(0), word(1)]);
        list.add(&["ww", "+2", word(3), word(4)]);
        list.add(&["w_w", word(1), word(3)]);
        self.add_spelling(at, list);
        self.add_neighbours(at, list);
        self.add_compound(at, list);
    }

    fn word(&self, at: usize, offset: usize) -> &str {
        (at + offset).checked_sub(2).map_or(NOTHING, |place| self.scan.word(place))
    }

    fn add_spelling(&self, at: usize, list: &mut FeatureList) {
        let word = self.scan.word(at);
        let cut = |count: usize| word.char_indices().nth(count).map_or(word.len(), |(at, _)| at);
        let tail = |count: usize| word.char_indices().rev().nth(count - 1).map_or(0, |(at, _)| at);
        list.add(&["pre3", &word[..cut(3)]]);
        list.add(&["suf3", &word[tail(3)..]]);
        list.add(&["suf2", &word[tail(2)..]]);
        list.add(&["pre5", &word[..cut(5)]]);
        let class = self.class(at);
        list.add(&["class", class]);
        list.add(&["class-1", self.word(at, 1), class]);
        list.add(&["class+1", class, self.word(at, 3)]);
        for (offset, name) in NAMES.iter().enumerate().skip(1).take(3) {
            let shape = self.near(at, offset).map_or(NOTHING, |place| self.shapes[place].as_str());
            list.add(&["shape", name, shape]);
        }
    }

    /// How common a token is.
    pub(crate) fn class(&self, at: usize) -> &'static str {
        let word = self.scan.word(at);
        match self.scan.tokens[at].kind {
            Kind::Sign => "sign",
            Kind::Number => "number",
            Kind::Word if is_stop_word(word) => "stop",
            Kind::Word if is_frequent(word) => "frequent",
            Kind::Word if self.groups[at].is_some() => "known",
            Kind::Word => "strange",
        }
    }

    pub(crate) fn shape(&self, at: usize) -> &str {
        &self.shapes[at]
    }

    fn near(&self, at: usize, offset: usize) -> Option<usize> {
        (at + offset).checked_sub(2).filter(|&place| place < self.scan.len())
    }

    fn add_neighbours(&self, at: usize, list: &mut FeatureList) {
        for (offset, name) in NAMES.iter().enumerate() {
            let Some(place) = self.near(at, offset) else { continue };
            list.add(&["rule", name, self.rules[place]]);
            if let Some([_, middle, fine]) = self.groups[place] {
                list.add(&["group", name, middle]);
                if (1..4).contains(&offset) {
                    list.add(&["group+", name, fine]);
                }
            }
        }
        list.add(&["rule,w", self.rules[at], self.scan.word(at)]);
        let group = |offset| {
            self.near(at, offset).and_then(|place| self.groups[place]).map_or(NOTHING, |g| g[1])
        };
        list.add(&["groups", "-1", group(1), group(2)]);
        list.add(&["groups", "+1", group(2), group(3)]);
        list.add(&["groups", "-+", group(1), group(3)]);
        list.add(&["first", self.scan.word(0)]);
    }

    fn add_compound(&self, at: usize, list: &mut FeatureList) {
        let compound = &self.compounds[at];
        if compound.len() == 1 {
            list.add(&["single"]);
            return;
        }
        let place = match at {
            at if at == compound.start => "first",
            at if at + 1 == compound.end => "last",
            _ => "middle",
        };
        let written = self.scan.slice(compound.clone());
        let shape = shape(written);
        list.add(&["compound", place, &shape]);
        list.add(&["compound-last", place, self.scan.word(compound.end - 1)]);
        list.add(&["compound-first", place, self.scan.word(compound.start)]);
        let before = compound.start.checked_sub(1).map_or(NOTHING, |at| self.scan.word(at));
        list.add(&["compound-before", place, before]);
        list.add(&["compound-after", place, self.scan.word(compound.end)]);
        list.add(&[
            "compound-before2",
            place,
            compound.start.checked_sub(2).map_or(NOTHING, |at| self.scan.word(at)),
            before,
        ]);
    }
}

/// What the rules say of each token.
fn rules(scan: &Scan) -> Vec<&'static str> {
    let mut rules = vec!["-"; scan.len()];
    for entity in &scan.entities {
        let inside = (0..scan.len()).filter(|&at| {
            let span = &scan.tokens[at].span;
            span.start < entity.span.end && entity.span.start < span.end
        });
        for at in inside {
            rules[at] = entity.kind.name();
        }
    }
    rules
}

/// Letters as `x` and `X`, digits as `9`, runs shortened.
pub(crate) fn shape(written: &str) -> String {
    const LONGEST: usize = 14;
    let mut shape = String::new();
    for c in written.chars() {
        let class = match c {
            c if c.is_ascii_digit() => '9',
            c if c.is_uppercase() => 'X',
            c if c.is_alphabetic() => 'x',
            c => c,
        };
        if !shape.ends_with(class) || !matches!(class, 'x' | 'X' | '9') {
            shape.push(class);
        }
        if shape.len() >= LONGEST {
            break;
        }
    }
    shape
}

/// The tokens that nothing parts, and that signs join which names have in them.
pub(crate) fn compounds(scan: &Scan) -> Vec<Range<usize>> {
    const JOINS: &[&str] = &["-", "_", ".", "/", ":", "@", "#"];
    let joins = |at: usize| scan.tokens[at].kind != Kind::Sign || JOINS.contains(&scan.word(at));
    let mut compounds: Vec<Range<usize>> = Vec::with_capacity(scan.len());
    let mut start = 0;
    for at in 1..=scan.len() {
        let goes_on = at < scan.len() && scan.is_glued(at) && joins(at) && joins(at - 1);
        if !goes_on {
            compounds.extend(std::iter::repeat_n(start..at, at - start));
            start = at;
        }
    }
    compounds
}
