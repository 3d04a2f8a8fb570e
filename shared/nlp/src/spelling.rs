//! Words that are nearly another word: an index that finds the nearest in microseconds.
//!
//! Knows nothing of what the words mean.

/// Longer words are not looked up; nobody mistypes them recognisably.
const MAX_WORD_CHARS: usize = 40;

/// Words with a bit set of their characters each, which rules out nearly all of them before the
/// edit distance is computed.
#[derive(Debug, Default)]
pub(crate) struct SpellingIndex<T> {
    entries: Vec<Entry<T>>,
}

#[derive(Debug)]
struct Entry<T> {
    signature: u64,
    chars: Vec<char>,
    value: T,
}

/// The outcome of a look-up: all values at the smallest distance, in the order they were added.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Nearest<T> {
    pub(crate) distance: usize,
    pub(crate) values: Vec<T>,
}

impl<T: Copy> SpellingIndex<T> {
    pub(crate) fn new(words: impl Iterator<Item = (String, T)>) -> Self {
        let entries = words
            .map(|(word, value)| {
                let chars: Vec<char> = word.chars().collect();
                Entry { signature: signature(&chars), chars, value }
            })
            .filter(|entry| entry.chars.len() <= MAX_WORD_CHARS)
            .collect();
        Self { entries }
    }

    /// The values whose words are nearest to `word`, within what its length allows.
    pub(crate) fn nearest(&self, word: &str) -> Option<Nearest<T>> {
        let chars: Vec<char> = word.chars().take(MAX_WORD_CHARS + 1).collect();
        let mut limit = allowed_distance(chars.len());
        if limit == 0 || chars.len() > MAX_WORD_CHARS {
            return None;
        }
        let wanted = signature(&chars);
        let mut best: Option<Nearest<T>> = None;
        for entry in &self.entries {
            // A replaced character changes at most two bits of the set.
            if entry.chars.len().abs_diff(chars.len()) > limit
                || (entry.signature ^ wanted).count_ones() as usize > 2 * limit
                || allowed_distance(entry.chars.len()) == 0
            {
                continue;
            }
            let Some(distance) = edit_distance(&entry.chars, &chars, limit) else { continue };
            match &mut best {
                Some(nearest) if nearest.distance == distance => nearest.values.push(entry.value),
                _ => best = Some(Nearest { distance, values: vec![entry.value] }),
            }
            limit = distance.max(1);
            if distance == 0 {
                break;
            }
        }
        best
    }
}

/// How many slips a word of this many characters may have and still be recognised.
pub(crate) fn allowed_distance(chars: usize) -> usize {
    match chars {
        0..=3 => 0,
        4..=7 => 1,
        _ => 2,
    }
}

/// People rarely get the first letter wrong, save by swapping it with the second.
pub(crate) fn plausible_slip(slip: &str, word: &str) -> bool {
    let mut slip = slip.chars();
    let mut word = word.chars();
    let (a, b) = (slip.next(), slip.next());
    let (c, d) = (word.next(), word.next());
    a == c || (a == d && b == c)
}

fn signature(chars: &[char]) -> u64 {
    chars.iter().fold(0, |bits, &c| bits | 1 << (u32::from(c) % 64))
}

/// The optimal string alignment distance (insert, delete, replace, swap neighbours), if it is at
/// most `limit`.
fn edit_distance(a: &[char], b: &[char], limit: usize) -> Option<usize> {
    const WIDTH: usize = MAX_WORD_CHARS + 1;
    let mut before_last = [0_usize; WIDTH];
    let mut last: [usize; WIDTH] = std::array::from_fn(|column| column);
    for (i, &left) in a.iter().enumerate() {
        let mut row = [0_usize; WIDTH];
        row[0] = i + 1;
        let mut smallest = row[0];
        for (j, &right) in b.iter().enumerate() {
            let replace = last[j] + usize::from(left != right);
            let mut cost = replace.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && left == b[j - 1] && a[i - 1] == right {
                cost = cost.min(before_last[j - 1] + 1);
            }
            row[j + 1] = cost;
            smallest = smallest.min(cost);
        }
        if smallest > limit {
            return None;
        }
        before_last = last;
        last = row;
    }
    Some(last[b.len()]).filter(|&distance| distance <= limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn distance(a: &str, b: &str) -> Option<usize> {
        let (a, b): (Vec<_>, Vec<_>) = (a.chars().collect(), b.chars().collect());
        edit_distance(&a, &b, 3)
    }

    #[test]
    fn distances_are_those_of_the_definition() {
        for (a, b, expected) in [
            ("payment", "payment", Some(0)),
            ("paymnet", "payment", Some(1)),
            ("paymet", "payment", Some(1)),
            ("paymants", "payment", Some(2)),
            ("kitten", "sitting", Some(3)),
            ("short", "unrelated", None),
        ] {
            assert_eq!(distance(a, b), expected, "{a} {b}");
        }
    }

    #[test]
    fn the_nearest_words_are_found_in_order() {
        let words = ["orders", "order", "checkout", "cart"];
        let index = SpellingIndex::new(words.iter().map(|word| ((*word).to_owned(), *word)));
        let find = |word| index.nearest(word).map(|nearest| nearest.values);
        assert_eq!(find("chekcout"), Some(vec!["checkout"]));
        assert_eq!(find("orderz"), Some(vec!["orders", "order"]));
        assert_eq!(find("crat"), Some(vec!["cart"]));
        assert_eq!(find("cat"), None);
        assert_eq!(find("payment"), None);
        assert_eq!(find(&"x".repeat(1000)), None);
    }
}
