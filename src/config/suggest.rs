//! The word that was probably meant.

/// The one of `words` that is nearest to `typed`, if any is near: at most a third of the letters
/// wrong, inserted, left out or swapped. Of equally near ones the first.
pub fn nearest<'w>(typed: &str, words: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    // What nobody types by mistake; keeps the quadratic comparison small whatever comes in.
    const LONGEST: usize = 120;
    // Nobody waits for a suggestion.
    const MOST: usize = 5_000;
    if typed.len() > LONGEST {
        return None;
    }
    let folded = fold(typed);
    let most = (folded.chars().count() / 3).max(1);
    words
        .into_iter()
        .take(MOST)
        .filter(|word| word.len() <= LONGEST)
        .map(|word| (strsim::osa_distance(&folded, &fold(word)), word))
        .filter(|(distance, word)| *distance <= most && *distance < word.chars().count())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, word)| word)
}

/// People mix up case and the signs between words.
fn fold(word: &str) -> String {
    word.chars()
        .map(|letter| if matches!(letter, '_' | ' ') { '-' } else { letter.to_ascii_lowercase() })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn near_words_are_suggested_and_far_ones_are_not() {
        let words = ["kq", "orders", "replication-factor", "retention.ms"];
        assert_eq!(nearest("kp", words), Some("kq"));
        assert_eq!(nearest("oders", words), Some("orders"));
        assert_eq!(nearest("replication_factor", words), Some("replication-factor"));
        assert_eq!(nearest("retention.msec", words), Some("retention.ms"));
        assert_eq!(nearest("zz", words), None);
        assert_eq!(nearest("", words), None);
        assert_eq!(nearest(&"k".repeat(10_000), words), None);
    }
}
