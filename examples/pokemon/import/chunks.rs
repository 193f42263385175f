use std::{io, thread};

use tokio::sync::mpsc;

use super::Input;
use super::lines::Lines;
use crate::channels::AppBusMessage;

/// Lines that are pushed together.
#[derive(Debug, Default)]
pub struct Chunk {
    pub lines: Vec<Line>,
    /// The number of the last line read so far, blank ones included.
    pub last_line: u64,
    /// How many bytes were read so far, and how many before this chunk.
    pub bytes: u64,
    start: u64,
}

#[derive(Debug)]
pub struct Line {
    pub number: u64,
    /// What it says, or why that is not known.
    pub message: Result<AppBusMessage, String>,
}

/// When a chunk is long enough to be handed over.
const ENOUGH: u64 = 128 << 10;

/// How many chunks are read ahead.
const AHEAD: usize = 16;

/// When chunks together are long enough to be pushed: some thousand events, which share flushes of the disk and take
/// little memory.
const ENOUGH_TOGETHER: u64 = 2 << 20;

/// The chunks of an input, read and parsed in a thread of its own: reading may wait for a slow writer, and must not
/// hold up the runtime.
///
/// The thread ends with the input, or with the next chunk after this is gone.
pub struct Chunks {
    receiver: mpsc::Receiver<io::Result<Chunk>>,
    /// What came while chunks were put together.
    error: Option<io::Error>,
}

impl Chunks {
    /// Waits for a chunk, and takes with it those that are there already. `None` at the end.
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

/// Starts to read.
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

/// Reads lines until they are enough, or until the next would have to be waited for. Answers the end, too, if it came.
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

/// `None` for a blank line.
fn parse(line: &str) -> Result<Option<AppBusMessage>, String> {
    if line.is_empty() {
        return Ok(None);
    }
    serde_json::from_str(line).map(Some).map_err(|error| {
        // "at line 1" would be taken for the line of the file.
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
    fn says_why_a_line_is_no_message() {
        assert_eq!(why("{}"), "missing field `eventStoreId` (column 2)");
        assert_eq!(why("[1]"), "invalid type: sequence, expected a message with an eventStoreId");
        assert_eq!(
            why(r#"{"eventStoreId":"GYMS","event":{}}"#),
            "event store GYMS is no source of the message channel (column 22)"
        );
    }

    #[test]
    fn a_chunk_ends_where_reading_would_have_to_wait() {
        /// Gives a few bytes at a time, as a pipe does.
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
