use std::{io, thread};

use tokio::sync::mpsc;

use super::Input;
use super::lines::Lines;
use crate::channels::AppBusMessage;

/// Lines that are pushed together.
#[derive(Debug, Default)]
pub struct Chunk {
    pub lines: Vec<Line>,
    /// The number of the last line in the chunk, including blank lines.
    pub last_line: u64,
    /// The position of the end of this chunk in the input, in bytes.
    pub bytes: u64,
    /// The position of the start of this chunk in the input, in bytes.
    start: u64,
}

#[derive(Debug)]
pub struct Line {
    pub number: u64,
    /// The message, or the reason why the line is not a message.
    pub message: Result<AppBusMessage, String>,
}

/// The size in bytes at which a chunk is complete.
const ENOUGH: u64 = 128 << 10;

/// The number of chunks that are read ahead.
const AHEAD: usize = 16;

/// The size in bytes at which no further chunks are merged. A chunk of this size contains some thousand events. They
/// are pushed together, so they share flushes to the disk, and still need little memory.
const ENOUGH_TOGETHER: u64 = 2 << 20;

/// The chunks of an input. A separate thread reads and parses them, because reading may wait for a slow writer and must
/// not block the runtime.
///
/// The thread ends at the end of the input. If the receiver is dropped, it ends after the next chunk.
pub struct Chunks {
    receiver: mpsc::Receiver<io::Result<Chunk>>,
    /// An error that was received while chunks were merged.
    error: Option<io::Error>,
}

impl Chunks {
    /// Waits for a chunk, and merges it with chunks that are already available. Returns `None` at the end of the input.
    pub async fn next(&mut self) -> io::Result<Option<Chunk>> {
        if let Some(error) = self.error.take() {
            return Err(error);
        }
        let Some(chunk) = self.receiver.recv().await else { return Ok(None) };
        let mut chunk = chunk?;
        while chunk.bytes - chunk.start < ENOUGH_TOGETHER {
            match self.receiver.try_recv() {
                Ok(Ok(more)) => {
                    chunk.lines.extend(more.lines);
                    (chunk.last_line, chunk.bytes) = (more.last_line, more.bytes);
                }
                Ok(Err(error)) => {
                    self.error = Some(error);
                    break;
                }
                Err(_) => break,
            }
        }
        Ok(Some(chunk))
    }
}

/// Starts the reading thread.
pub fn read(input: Input) -> Chunks {
    let (sender, receiver) = mpsc::channel(AHEAD);
    thread::spawn(move || {
        let mut lines = Lines::new(input.bytes);
        loop {
            let (chunk, end) = read_chunk(&mut lines);
            if sender.blocking_send(Ok(chunk)).is_err() {
                return;
            }
            match end {
                None => {}
                Some(Ok(())) => return,
                Some(Err(error)) => {
                    let _ = sender.blocking_send(Err(error));
                    return;
                }
            }
        }
    });
    Chunks { receiver, error: None }
}

/// Reads lines until the chunk is large enough, or until reading the next line would wait. Returns the chunk. If the
/// input has ended or failed, also returns `Ok` or the error.
fn read_chunk<R: io::Read>(lines: &mut Lines<R>) -> (Chunk, Option<io::Result<()>>) {
    let mut chunk = Chunk { start: lines.bytes(), ..Chunk::default() };
    let end = loop {
        let line = match lines.next() {
            Ok(Some(line)) => line.map_err(|why| why.to_string()).map(str::trim).and_then(parse),
            Ok(None) => break Some(Ok(())),
            Err(error) => break Some(Err(error)),
        };
        if let Some(message) = line.transpose() {
            chunk.lines.push(Line { number: lines.number(), message });
        }
        if lines.bytes() - chunk.start >= ENOUGH || !lines.has_next_at_hand() {
            break None;
        }
    };
    (Chunk { last_line: lines.number(), bytes: lines.bytes(), ..chunk }, end)
}

/// Parses a line. Returns `None` for a blank line.
fn parse(line: &str) -> Result<Option<AppBusMessage>, String> {
    if line.is_empty() {
        return Ok(None);
    }
    serde_json::from_str(line).map(Some).map_err(|error| {
        // Removes serde's "at line 1", which the user would confuse with the line number in the file.
        let place = format!(" at line {} column {}", error.line(), error.column());
        let text = error.to_string();
        match (text.strip_suffix(&place), error.column()) {
            (Some(why), 0) => why.to_owned(),
            (Some(why), column) => format!("{why} (column {column})"),
            (None, _) => text,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why(line: &str) -> String {
        parse(line).unwrap_err()
    }

    #[test]
    fn invalid_line_is_reported_with_the_reason() {
        assert_eq!(why("{}"), "missing field `eventStoreId` (column 2)");
        assert_eq!(why("[1]"), "invalid type: sequence, expected a message with an eventStoreId");
        assert_eq!(
            why(r#"{"eventStoreId":"GYMS","event":{}}"#),
            "event store GYMS is not a source of the message channel (column 22)"
        );
    }

    #[test]
    fn chunk_ends_where_reading_would_block() {
        /// A reader that returns a few bytes at a time, like a pipe.
        struct Pipe(Vec<&'static [u8]>);
        impl io::Read for Pipe {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                let Some(bytes) = self.0.pop() else { return Ok(0) };
                buffer[..bytes.len()].copy_from_slice(bytes);
                Ok(bytes.len())
            }
        }
        let mut lines = Lines::new(Pipe(vec![b"3\n", b"\n\n", b"1\n2\n"]));
        let mut chunks = Vec::new();
        loop {
            let (chunk, end) = read_chunk(&mut lines);
            chunks.push((chunk.lines.len(), chunk.last_line));
            if end.is_some() {
                break;
            }
        }
        assert_eq!(chunks, [(2, 2), (0, 4), (1, 5), (0, 5)]);
    }
}
