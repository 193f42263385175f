/// The target that a rule should have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum WantedTarget {
    /// A target that exists, with this ARN.
    Existing(String),
    /// A target that will be created, with this name.
    New(String),
}

impl WantedTarget {
    /// Returns whether the ARN is that of the target. The account and the region of a new target are not known yet, so
    /// only its name is compared, which is the last part of its ARN.
    pub(super) fn has_arn(&self, arn: &str) -> bool {
        match self {
            Self::Existing(wanted) => arn == wanted,
            Self::New(name) => arn.rsplit(':').next() == Some(name),
        }
    }

    /// Returns the ARN, or the name of a new target.
    pub(super) fn arn_or_name(&self) -> &str {
        match self {
            Self::Existing(text) | Self::New(text) => text,
        }
    }

    /// Returns whether the target is a FIFO queue. The names of all FIFO queues end with `.fifo`.
    pub(super) fn is_fifo(&self) -> bool {
        self.arn_or_name().ends_with(".fifo")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn new_target_is_compared_by_its_name() {
        let arn = "arn:aws:sqs:eu-west-1:123456789012:mails";
        let existing = WantedTarget::Existing(arn.to_owned());
        assert!(existing.has_arn(arn) && !existing.has_arn("arn:aws:sqs:us-east-1:123456789012:mails"));
        let new = WantedTarget::New("mails".to_owned());
        assert!(new.has_arn(arn) && !new.has_arn("arn:aws:sqs:eu-west-1:123456789012:more-mails"));
        assert!(!new.is_fifo() && WantedTarget::New("mails.fifo".to_owned()).is_fifo());
    }
}
