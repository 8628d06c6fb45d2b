//! Which line of a file a byte stands in, and whether a quote is still open, while the bytes pass by.

use std::collections::VecDeque;
use std::io::{self, Read};

/// Passes bytes on and remembers the ends of lines among them: `\n`, `\r\n` and, as old programs write it, `\r` alone.
#[derive(Debug)]
pub(super) struct Lines<R> {
    inner: R,
    separator: u8,
    /// Bytes passed on.
    offset: u64,
    /// The line in which the next byte stands.
    line: u64,
    after_return: bool,
    ended: bool,
    quote: Quote,
    /// The line of the last quote that was opened.
    opened: u64,
    /// Ends of lines not asked about yet: never more than the reader behind has in its buffer.
    ends: VecDeque<End>,
    /// The line of what was asked about last.
    asked: u64,
}

/// First and last byte of the end of a line; the second half of a `\r\n` that came late ends no line of its own.
#[derive(Clone, Copy, Debug)]
struct End {
    first: u64,
    last: u64,
    lines: u64,
}

/// Where in a cell the last byte was; quotes count as the csv crate counts them.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Quote {
    Start,
    Bare,
    Open,
    Closed,
}

const BYTE_ORDER_MARK: [u8; 3] = [0xef, 0xbb, 0xbf];

impl<R: Read> Lines<R> {
    /// From line 1.
    pub fn new(inner: R, separator: u8) -> Self {
        let (ends, quote) = (VecDeque::new(), Quote::Start);
        Self {
            inner,
            separator,
            offset: 0,
            line: 1,
            after_return: false,
            ended: false,
            quote,
            opened: 0,
            ends,
            asked: 1,
        }
    }

    /// The line in which the cells start that the reader behind says to begin at byte `at`, which may still be the end of the
    /// line before or blank lines. Questions must come in order.
    pub fn line_of(&mut self, mut at: u64) -> u64 {
        while let Some(end) = self.ends.front().filter(|end| end.first <= at) {
            at = at.max(end.last + 1);
            self.asked += end.lines;
            self.ends.pop_front();
        }
        self.asked
    }

    /// The line of a quote that nothing has closed when the bytes are at their end.
    pub fn open_quote(&self) -> Option<u64> {
        (self.ended && self.quote == Quote::Open).then_some(self.opened)
    }

    fn pass(&mut self, byte: u8) {
        let at = self.offset;
        self.offset += 1;
        if BYTE_ORDER_MARK.get(at as usize) == Some(&byte) {
            return;
        }
        match byte {
            b'\n' if self.after_return => match self.ends.back_mut().filter(|end| end.last + 1 == at) {
                Some(end) => end.last = at,
                None => self.ends.push_back(End { first: at, last: at, lines: 0 }),
            },
            b'\n' | b'\r' => {
                self.ends.push_back(End { first: at, last: at, lines: 1 });
                self.line += 1;
            }
            _ => (),
        }
        self.after_return = byte == b'\r';
        self.quote = match (self.quote, byte) {
            (Quote::Start, b'"') => {
                self.opened = self.line;
                Quote::Open
            }
            (Quote::Closed, b'"') => Quote::Open,
            (Quote::Open, b'"') => Quote::Closed,
            (Quote::Open, _) => Quote::Open,
            (_, b'\r' | b'\n') => Quote::Start,
            (_, byte) if byte == self.separator => Quote::Start,
            _ => Quote::Bare,
        };
    }
}

impl<R: Read> Read for Lines<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer)?;
        self.ended |= count == 0 && !buffer.is_empty();
        buffer[..count].iter().for_each(|byte| self.pass(*byte));
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bytes come one by one, or all at once: the lines are the same.
    #[test]
    fn every_end_of_a_line_counts_once() {
        for (text, starts) in [
            ("a\nb\n\nc", [(0, 1), (2, 2), (4, 4)]),
            ("a\r\nb\r\n\r\nc", [(0, 1), (2, 2), (5, 4)]),
            ("a\rb\r\rc", [(0, 1), (2, 2), (4, 4)]),
        ] {
            let mut whole = Lines::new(text.as_bytes(), b',');
            whole.read_to_end(&mut Vec::new()).unwrap();
            for (at, line) in starts {
                assert_eq!(whole.line_of(at), line, "{text:?} {at}");
            }
            let mut slow = Lines::new(text.as_bytes(), b',');
            let mut next = 0;
            for (at, line) in starts {
                while next <= at + 3 && slow.read(&mut [0]).unwrap() > 0 {
                    next += 1;
                }
                assert_eq!(slow.line_of(at), line, "{text:?} {at}, byte by byte");
            }
        }
    }

    #[test]
    fn quotes_count_at_the_start_of_a_cell() {
        let open = |text: &str| {
            let mut lines = Lines::new(text.as_bytes(), b',');
            lines.read_to_end(&mut Vec::new()).unwrap();
            lines.open_quote()
        };
        for text in ["a,5\" pipe\n", "\"a\nb\",\"c\"\"d\"\n", "\u{feff}\"a\"\n", "\"a\" b\"\n"] {
            assert_eq!(open(text), None, "{text:?}");
        }
        for (text, line) in [("a\n\"b\nc", 2), ("\u{feff}\"a\n", 1), ("a,\"b\"\"\nc", 1), ("\"a\nb\"\n\n\"c\n", 4)] {
            assert_eq!(open(text), Some(line), "{text:?}");
        }
    }
}
