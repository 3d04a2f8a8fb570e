//! Groups of like words, so that what was learned of one word is known of its neighbours.
//!
//! The table is `data/clusters.txt`, which says where it comes from in `clusters.py`.

/// Sorted by word: `word coarse middle fine`.
static TABLE: &str = include_str!("../../data/clusters.txt");

/// The numbers of a word's groups, coarse to fine, as they stand in the table.
pub(crate) fn of(word: &str) -> Option<[&'static str; 3]> {
    let table = TABLE.as_bytes();
    let (mut low, mut high) = (0, table.len());
    while low < high {
        let middle = low + (high - low) / 2;
        let start = table[low..middle]
            .iter()
            .rposition(|&byte| byte == b'\n')
            .map_or(low, |at| low + at + 1);
        let end = table[middle..]
            .iter()
            .position(|&byte| byte == b'\n')
            .map_or(table.len(), |at| middle + at);
        let mut fields = TABLE[start..end].split(' ');
        match word.cmp(fields.next().unwrap_or_default()) {
            std::cmp::Ordering::Equal => {
                return Some([fields.next()?, fields.next()?, fields.next()?]);
            }
            std::cmp::Ordering::Less => high = start,
            std::cmp::Ordering::Greater => low = end + 1,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_of_the_table_is_found_and_no_other() {
        for line in TABLE.lines() {
            let (word, groups) = line.split_once(' ').unwrap();
            assert_eq!(of(word).unwrap().join(" "), groups, "{word}");
        }
        for word in ["", "aaaaaa", "zzzzzzz", "Show", "show "] {
            assert_eq!(of(word), None, "{word}");
        }
    }
}
