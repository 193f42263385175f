use std::fmt;

use serde::{Deserialize, Serialize};

/// An amount of money, which is never negative.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Amount {
    cents: u64,
}

impl Amount {
    pub const ZERO: Self = Self::from_cents(0);

    pub const fn from_cents(cents: u64) -> Self {
        Self { cents }
    }

    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.cents.checked_add(other.cents).map(Self::from_cents)
    }

    /// Subtracts `other`. Returns `None` if `other` is greater than this amount.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.cents.checked_sub(other.cents).map(Self::from_cents)
    }

    pub fn checked_mul(self, times: u64) -> Option<Self> {
        self.cents.checked_mul(times).map(Self::from_cents)
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{:02}", self.cents / 100, self.cents % 100)
    }
}
