use std::io::{self, BufRead, BufReader, Read};

/// The maximum number of bytes of a line. Message brokers limit messages to a similar size, so a longer line is not a
/// message.
pub const LONGEST: usize = 1 << 20;

/// The size of the read buffer.
const BUFFER: usize = 128 << 10;

/// A reader of lines that accepts any bytes and keeps only one line in memory.
pub struct Lines<R> {
    reader: BufReader<R>,
    line: Vec<u8>,
    /// The number of the last line, from 1.
    number: u64,
    /// The number of bytes that were read so far.
    bytes: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadLine {
    #[error("longer than {LONGEST} bytes")]
    TooLong,
    #[error("not UTF-8")]
    NotUtf8,
}

impl<R: Read> Lines<R> {
    pub fn new(reader: R) -> Self {
        Self { reader: BufReader::with_capacity(BUFFER, reader), line: Vec::new(), number: 0, bytes: 0 }
    }

    /// Returns the next line without its end, or `None` after the last line.
    pub fn next(&mut self) -> io::Result<Option<Result<&str, BadLine>>> {
        self.line.clear();
        let read = (&mut self.reader).take(LONGEST as u64 + 2).read_until(b'\n', &mut self.line)?;
        if read == 0 {
            return Ok(None);
        }
        self.number += 1;
        self.bytes += read as u64;
        let cut_off = self.line.last() != Some(&b'\n') && read > LONGEST;
        if cut_off {
            self.bytes += self.reader.skip_until(b'\n')? as u64;
        }
        let mut line = self.line.as_slice();
        line = line.strip_suffix(b"\n").unwrap_or(line);
        line = line.strip_suffix(b"\r").unwrap_or(line);
        if self.number == 1 {
            line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
        }
        if cut_off || line.len() > LONGEST {
            return Ok(Some(Err(BadLine::TooLong)));
        }
        Ok(Some(str::from_utf8(line).map_err(|_| BadLine::NotUtf8)))
    }

    pub fn number(&self) -> u64 {
        self.number
    }

    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Returns whether the buffer contains the complete next line, so that reading this line does not wait.
    pub fn has_next_at_hand(&self) -> bool {
        self.reader.buffer().contains(&b'\n')
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(bytes: &[u8]) -> Vec<Result<String, BadLine>> {
        let mut lines = Lines::new(bytes);
        let mut all = Vec::new();
        while let Some(line) = lines.next().unwrap() {
            all.push(line.map(str::to_owned));
        }
        assert_eq!((lines.number(), lines.bytes()), (all.len() as u64, bytes.len() as u64));
        all
    }

    #[test]
    fn all_line_ends_and_byte_order_marks_are_accepted() {
        assert_eq!(all(b"\xef\xbb\xbfa\r\n\nb\n c"), ["a", "", "b", " c"].map(|line| Ok(line.to_owned())));
        assert_eq!(all(b""), []);
    }

    #[test]
    fn reading_continues_after_invalid_utf8() {
        assert_eq!(all(b"a\xff\nb\n"), [Err(BadLine::NotUtf8), Ok("b".to_owned())]);
    }

    #[test]
    fn reading_continues_after_a_line_that_is_too_long() {
        let longest = "x".repeat(LONGEST);
        assert_eq!(all(format!("{longest}\r\nb").as_bytes()), [Ok(longest.clone()), Ok("b".to_owned())]);
        assert_eq!(all(format!("{longest}x\nb").as_bytes()), [Err(BadLine::TooLong), Ok("b".to_owned())]);
        assert_eq!(all(format!("{longest}xx{longest}\nb").as_bytes()), [Err(BadLine::TooLong), Ok("b".to_owned())]);
        assert_eq!(all(format!("{longest}{longest}").as_bytes()), [Err(BadLine::TooLong)]);
    }
}
