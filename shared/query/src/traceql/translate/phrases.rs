//! What people say of how spans stand to one another.

pub(super) const SIBLINGS: &[&str] = &[
    "same parent", "sibling", "siblings", "side by side", "beside it", "alongside",
    "shared parent", "common parent", "one parent", "next to a", "next to an",
];
pub(super) const CHILDREN: &[&str] = &[
    "direct child", "immediate child", "direct children", "directly underneath", "directly below",
    "directly beneath", "directly under", "right beneath", "right below", "right underneath",
    "right under", "direct client child", "directly calls", "directly called", "calling directly",
    "directly", "direct parent of", "parent of", "child span", "child spans", "child", "children",
    "immediately below", "immediately under",
];
pub(super) const ANCESTORS: &[&str] = &[
    "above it", "above them", "above that", "ancestor of it", "ancestors of it", "upstream of it",
    "further up", "higher up", "up the tree", "up the trace", "somewhere above",
];
pub(super) const DESCENDANTS: &[&str] = &[
    "somewhere below", "somewhere beneath", "somewhere under", "somewhere underneath", "below it",
    "beneath it", "under it", "underneath it", "further down", "deeper down", "downstream",
    "somewhere down", "down into", "down the trace", "at any depth", "underneath", "beneath",
    "below", "descendant", "descendants", "descendant of", "lower down", "down to",
    "further below", "later in the trace", "ends up at", "ends up in", "end up at", "end up in",
    "reaching", "eventually", "deep down", "down the line", "under", "somewhere in",
    "somewhere inside", "leads to", "led to", "inside", "however deep", "at whatever depth",
    "whatever the depth", "and later", "later", "later on",
];
/// That the span behind it is the one above.
pub(super) const PARENTS: &[&str] = &[
    "parent is", "parent was", "parents are", "parents were", "parent span is", "parent span was",
];
pub(super) const ANCESTOR_IS: &[&str] =
    &["ancestor is", "ancestor was", "ancestors are", "ancestor span is"];
/// That there is nothing below.
pub(super) const CHILDLESS: &[&str] = &[
    "no children",
    "no child",
    "no child span",
    "no child spans",
    "without children",
    "without child spans",
    "without any children",
    "without a child",
    "without any child spans",
    "childless",
    "leaf spans",
    "leaf span",
    "leaves of the trace",
    "leaf calls",
    "leaf nodes",
    "calls nothing",
    "call nothing",
    "called nothing",
    "calling nothing",
    "nothing below",
    "nothing beneath",
    "nothing underneath",
    "nothing under",
    "n't have children",
    "n't have any children",
    "not have children",
    "not have any children",
    "n't call anything",
    "not call anything",
    "n't called anything",
    "never call anything",
    "never called anything",
    "never calls anything",
    "without calling anything",
    "no further calls",
    "no spans below",
    "no spans under",
    "no spans beneath",
    "no spans underneath",
    "not followed by anything",
];
pub(super) const SPANS_OF: &[&str] = &["span", "spans", "calls", "requests"];
pub(super) const CLAUSES: &[&str] = &["where", "whose", "because", "when", "while", "and"];
pub(super) const CONNECTORS: &[&str] = &[
    "where", "whose", "with", "that", "which", "because", "when", "while", "and", "had", "has",
    "have", "having", "then", "calling", "calls", "in", "to", "into", "through",
];
