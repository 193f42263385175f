//! Did you mean …: the name nearest to what the user wrote, and lists of names.

#[cfg(test)]
mod tests;

/// The candidate that `given` was probably meant to be: it starts alike, or at most a third of it is mistyped.
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
        // The first of equally near ones wins: `min_by_key` keeps it.
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// "did you mean `event`?", or else all that could have been written: "the options are `id` and `event`".
pub(crate) fn remedy(given: &str, candidates: &[&str], plural: &str) -> String {
    match (nearest(given, candidates.iter().copied()), candidates) {
        (Some(name), _) => format!("did you mean `{name}`?"),
        (None, [only]) => format!("the only {} is `{only}`", plural.trim_end_matches('s')),
        (None, _) => format!("the {plural} are {}", list(candidates.iter().copied())),
    }
}

/// "`a`, `b` and `c`".
pub(crate) fn list<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match names.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
    }
}

/// The Levenshtein distance.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, a_char) in a.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        let mut next = vec![left];
        for (b_char, above) in b.iter().zip(row.iter().skip(1)) {
            left = (left + 1).min(above + 1).min(diagonal + usize::from(a_char != *b_char));
            next.push(left);
            diagonal = *above;
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}
