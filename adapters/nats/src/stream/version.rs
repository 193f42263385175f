use crate::NatsError;

/// The first version whose consumers support several subject filters.
const NEEDED: (u64, u64, u64) = (2, 10, 0);

/// Rejects servers that are too old or whose version is unknown.
pub(crate) fn check_version(found: &str) -> Result<(), NatsError> {
    match parse(found) {
        // A pre-release of 2.10.0 is older than 2.10.0.
        Some((version, pre_release)) if version > NEEDED || (version == NEEDED && !pre_release) => Ok(()),
        _ => Err(NatsError::ServerTooOld { found: found.to_owned() }),
    }
}

/// Returns the major, minor and patch version, and whether the version is a pre-release.
fn parse(version: &str) -> Option<((u64, u64, u64), bool)> {
    let version = version.strip_prefix('v').unwrap_or(version);
    // The build metadata after a plus is ignored.
    let version = version.split('+').next()?;
    let (numbers, pre_release) = match version.split_once('-') {
        Some((numbers, _)) => (numbers, true),
        None => (version, false),
    };
    let mut numbers = numbers.split('.').map(|number| number.parse().ok());
    let parsed = (numbers.next()??, numbers.next()??, numbers.next().unwrap_or(Some(0))?);
    numbers.next().is_none().then_some((parsed, pre_release))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_2_10_and_newer() {
        for version in
            ["2.10.0", "2.10.26", "2.15.1", "v2.11.0", "3.0.0", "2.12.0-RC.1", "2.10.1+build.7", "10.0.0", "2.11"]
        {
            check_version(version).unwrap();
        }
    }

    #[test]
    fn refuses_what_is_older_or_unknown() {
        for version in
            ["2.9.25", "2.9.10", "1.99.99", "2.10.0-beta.38", "2.1.10", "", "two", "2", "2.x.0", "2.10.0.1", "-2.10.0"]
        {
            let error = check_version(version).unwrap_err();
            assert!(matches!(&error, NatsError::ServerTooOld { found } if found == version), "{error}");
        }
        assert!(check_version("2.9.10").unwrap_err().to_string().contains("\"2.9.10\""));
    }
}
