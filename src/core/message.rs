//! Messages with numbers in them, for what the compiler refuses.

/// A text that grows in a constant: `panic!` there takes no numbers.
pub(crate) struct Message {
    bytes: [u8; Self::CAPACITY],
    length: usize,
}

impl Message {
    const CAPACITY: usize = 512;

    /// Begins with `text`.
    pub(crate) const fn new(text: &str) -> Self {
        Self { bytes: [0; Self::CAPACITY], length: 0 }.text(text)
    }

    /// Goes on with `text`.
    pub(crate) const fn text(mut self, text: &str) -> Self {
        let (text, mut index) = (text.as_bytes(), 0);
        while index < text.len() {
            self.bytes[self.length] = text[index];
            self.length += 1;
            index += 1;
        }
        self
    }

    /// Goes on with a number, in decimal.
    pub(crate) const fn number(mut self, number: usize) -> Self {
        let mut unit = 1;
        while number / unit >= 10 {
            unit *= 10;
        }
        while unit > 0 {
            self.bytes[self.length] = b'0' + (number / unit % 10) as u8;
            self.length += 1;
            unit /= 10;
        }
        self
    }

    /// Stops the compiler with this message.
    pub(crate) const fn panic(self) -> ! {
        match core::str::from_utf8(self.bytes.split_at(self.length).0) {
            Ok(text) => panic!("{}", text),
            Err(_) => panic!(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Message;

    #[test]
    #[should_panic(expected = "0 of 1203 and 10")]
    fn it_says_numbers() {
        Message::new("").number(0).text(" of ").number(1203).text(" and ").number(10).panic()
    }
}
