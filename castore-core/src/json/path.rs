use std::fmt::{self, Write as _};

/// A step from a value to one of its parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Segment {
    Field(&'static str),
    Variant(&'static str),
    Index(usize),
    /// A key of a map. Errors do not contain the key, because it is content.
    Key,
}

/// The path of a value, as in `payload.team[2].name`. The path contains only indexes and names that the program
/// declares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct JsonPath {
    pub(crate) root: &'static str,
    pub(crate) segments: Vec<Segment>,
}

/// The maximum number of segments that are shown. The paths of recursive types are long and repetitive.
const SHOWN: usize = 8;

impl fmt::Display for JsonPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.root)?;
        for segment in self.segments.iter().take(SHOWN) {
            match segment {
                Segment::Field(name) | Segment::Variant(name) => write!(formatter, ".{name}")?,
                Segment::Index(index) => write!(formatter, "[{index}]")?,
                Segment::Key => formatter.write_str(".*")?,
            }
        }
        if self.segments.len() > SHOWN {
            formatter.write_char('…')?;
        }
        Ok(())
    }
}
