//! Suggestions for error texts: the valid name that is nearest to the name that the user wrote, and lists of names.

#[cfg(test)]
mod tests;

/// Returns the candidate that the user probably meant: its first four letters are those of `given`, or at most a third
/// of its letters are different. Returns `None` if there is no such candidate.
pub(crate) fn nearest<'a>(given: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let given = given.to_lowercase();
    candidates
        .into_iter()
        .filter_map(|candidate| {
            let wanted = candidate.to_lowercase();
            let distance = distance(&given, &wanted);
            let longest = given.chars().count().max(wanted.chars().count());
            let alike = given.chars().zip(wanted.chars()).take_while(|(given, wanted)| given == wanted).count();
            (distance <= longest / 3 || alike >= 4).then_some((distance, candidate))
        })
        // `min_by_key` returns the first of equally near names.
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Returns "did you mean `event`?", or else the list of all valid names: "the options are `id` and `event`".
pub(crate) fn remedy(given: &str, candidates: &[&str], plural: &str) -> String {
    match (nearest(given, candidates.iter().copied()), candidates) {
        (Some(name), _) => format!("did you mean `{name}`?"),
        (None, [only]) => format!("the only {} is `{only}`", plural.trim_end_matches('s')),
        (None, _) => format!("the {plural} are {}", list(candidates.iter().copied())),
    }
}

/// Formats names as a list: "`a`, `b` and `c`".
pub(crate) fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match names.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
    }
}

/// Returns the edit distance of two names: the number of letters that are inserted, deleted, replaced, or swapped with
/// their neighbor.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let (mut before, mut row): (Vec<usize>, Vec<usize>) = (Vec::new(), (0..=b.len()).collect());
    for (i, a_char) in a.iter().enumerate() {
        let mut next = vec![i + 1];
        for (j, b_char) in b.iter().enumerate() {
            let mut best = (row[j] + usize::from(a_char != b_char)).min(row[j + 1] + 1).min(next[j] + 1);
            if i > 0 && j > 0 && *a_char == b[j - 1] && a[i - 1] == *b_char {
                best = best.min(before[j - 1] + 1);
            }
            next.push(best);
        }
        before = std::mem::replace(&mut row, next);
    }
    row.last().copied().unwrap_or_default()
}
