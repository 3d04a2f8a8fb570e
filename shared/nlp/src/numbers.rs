//! Numbers as people write them: `1.5`, `500ms` (a number with its unit), `twenty`.

/// A token such as `500ms` as its number and the letters behind it.
pub(crate) fn split(word: &str) -> Option<(f64, &str)> {
    let end = word.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(word.len());
    let (digits, unit) = word.split_at(end);
    if digits.is_empty() || digits.matches('.').count() > 1 {
        return None;
    }
    Some((digits.parse().ok()?, unit))
}

/// A number in words.
pub(crate) fn spelled(word: &str) -> Option<u32> {
    Some(match word {
        "one" => 1,
        "two" | "couple" => 2,
        "three" | "few" | "several" => 3,
        "four" => 4,
        "five" => 5,
        "six" => 6,
        "seven" => 7,
        "eight" => 8,
        "nine" => 9,
        "ten" => 10,
        "eleven" => 11,
        "twelve" | "dozen" => 12,
        "fifteen" => 15,
        "twenty" => 20,
        "thirty" => 30,
        "forty" => 40,
        "fifty" => 50,
        "sixty" => 60,
        "ninety" => 90,
        _ => return None,
    })
}

/// `5`, `five`.
pub(crate) fn whole(word: &str) -> Option<u32> {
    word.parse().ok().or_else(|| spelled(word))
}
