//! "Did you mean": the known name that a mistyped one is closest to.

/// The candidate with the fewest single-character changes, if these are few for a word of that length. The first of several.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = (name.chars().count() / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| (distance(name, candidate), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment).
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=right.len()).collect();
    let mut last_left = None;
    for (row, a) in left.chars().enumerate() {
        let mut line = vec![row + 1];
        let mut last_right = None;
        for (column, b) in right.iter().copied().enumerate() {
            let at =
                |line: &[usize], index: usize| line.get(index).copied().unwrap_or(usize::MAX / 2);
            let mut cost = (at(&above, column) + usize::from(a != b))
                .min(at(&above, column + 1) + 1)
                .min(at(&line, column) + 1);
            if column > 0 && last_left == Some(b) && last_right == Some(a) {
                cost = cost.min(at(&before, column - 1) + 1);
            }
            line.push(cost);
            last_right = Some(b);
        }
        before = std::mem::replace(&mut above, line);
        last_left = Some(a);
    }
    above.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_and_far() {
        let known = ["permissions", "trust", "boundary"];
        assert_eq!(nearest("permission", known), Some("permissions"));
        assert_eq!(nearest("turst", known), Some("trust"));
        assert_eq!(nearest("bondary", known), Some("boundary"));
        assert_eq!(nearest("roles", known), None);
        assert_eq!(nearest("", known), None);
    }
}
