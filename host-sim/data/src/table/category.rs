//! Texts as numbers, no two of which are the same.

use std::collections::{BTreeMap, HashMap};

use trainlet::data::log_frequency;

use super::feature::Encoding;

/// Numbers texts in the order in which they come, and counts them.
#[derive(Clone, Debug, Default)]
pub(super) struct Dictionary {
    numbers: HashMap<String, u32>,
    counts: Vec<u32>,
}

impl Dictionary {
    /// The number of a text, from 0.
    pub fn number(&mut self, text: &str) -> u32 {
        if let Some(&number) = self.numbers.get(text) {
            self.counts[number as usize] += 1;
            return number;
        }
        let number = self.counts.len() as u32;
        self.numbers.insert(text.into(), number);
        self.counts.push(1);
        number
    }

    /// How many texts there are.
    pub fn len(&self) -> usize {
        self.counts.len()
    }

    /// The encoding of a column by these numbers.
    pub fn into_code(self) -> Encoding {
        Encoding::Code { numbers: self.numbers.into_iter().collect() }
    }

    /// The encoding of a column by how often each text comes, and the code of each text by its number.
    pub fn into_frequency(self) -> (Encoding, Vec<f32>) {
        let Self { numbers, counts } = self;
        let rows = counts.iter().sum();
        let mut codes: Vec<f32> = counts.iter().map(|count| log_frequency(Some(*count), rows)).collect();
        let mut texts: Vec<(u32, String, usize)> =
            numbers.into_iter().map(|(text, number)| (counts[number as usize], text, number as usize)).collect();
        texts.sort_unstable();
        if texts.windows(2).all(|pair| pair[0].0 != pair[1].0) {
            let counts = texts.into_iter().map(|(count, text, _)| (text, count)).collect();
            return (Encoding::Category { rows, counts }, codes);
        }
        let unknown = log_frequency(None, rows);
        let frequencies: Vec<f32> = texts.iter().map(|(.., number)| codes[*number]).collect();
        let distinct = apart(&frequencies, unknown);
        let mut named = BTreeMap::new();
        for ((_, text, number), code) in texts.into_iter().zip(distinct) {
            codes[number] = code;
            named.insert(text, code);
        }
        (Encoding::Distinct { codes: named, unknown }, codes)
    }
}

/// Ascending codes with all that are equal spread evenly over half the way to their neighbours, the lowest of which is the code of
/// what is unknown; those that were different stay as they are.
fn apart(codes: &[f32], unknown: f32) -> Vec<f32> {
    let mut apart = Vec::<f32>::with_capacity(codes.len());
    let groups: Vec<&[f32]> = codes.chunk_by(|a, b| a == b).collect();
    for (index, group) in groups.iter().enumerate() {
        let code = f64::from(group[0]);
        let below = code - f64::from(if index == 0 { unknown } else { groups[index - 1][0] });
        let above = groups.get(index + 1).map_or(below, |next| f64::from(next[0]) - code);
        for place in 0..group.len() {
            // Between -1/2 and 1/2 of the way; 0 for the only one.
            let share = (place as f64 + 0.5) / group.len() as f64 - 0.5;
            let spread = (code + share * if share < 0.0 { below } else { above }) as f32;
            // Among very many codes two may still round to one.
            apart.push(apart.last().map_or(spread, |last| spread.max(last.next_up())));
        }
    }
    apart
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(texts: &[(&str, u32)]) -> (Encoding, Vec<f32>) {
        let mut dictionary = Dictionary::default();
        for (text, count) in texts {
            for _ in 0..*count {
                dictionary.number(text);
            }
        }
        dictionary.into_frequency()
    }

    #[test]
    fn different_counts_are_log_frequencies_as_on_a_board() {
        let (encoding, codes) = encoded(&[("tcp", 3), ("udp", 1)]);
        assert_eq!(codes, [log_frequency(Some(3), 4), log_frequency(Some(1), 4)]);
        let counts = BTreeMap::from([("tcp".to_string(), 3), ("udp".to_string(), 1)]);
        assert_eq!(encoding, Encoding::Category { rows: 4, counts });
    }

    #[test]
    fn equal_counts_are_codes_around_the_frequency() {
        let (encoding, codes) = encoded(&[("c", 40), ("b", 10), ("a", 10), ("d", 1)]);
        let frequency = |count| log_frequency(Some(count), 61);
        assert_eq!((codes[0], codes[3]), (frequency(40), frequency(1)), "as they would be without the others");
        assert!(codes[3] < codes[2] && codes[2] < frequency(10) && frequency(10) < codes[1] && codes[1] < codes[0]);
        assert!(codes[1] - codes[2] > 0.5, "a difference that a network sees: {codes:?}");
        let Encoding::Distinct { codes: named, unknown } = encoding else { panic!("{encoding:?}") };
        assert_eq!((named["a"], named["b"], unknown), (codes[2], codes[1], log_frequency(None, 61)));
    }

    #[test]
    fn no_two_texts_ever_share_a_code() {
        for (texts, count) in [(2, 5), (3, 1), (1000, 1), (300_000, 1), (20, 100_000)] {
            let mut dictionary = Dictionary::default();
            for text in 0..texts {
                for _ in 0..count {
                    dictionary.number(&format!("{text}"));
                }
            }
            let (Encoding::Distinct { unknown, .. }, mut codes) = dictionary.into_frequency() else { panic!() };
            codes.push(unknown);
            codes.sort_unstable_by(f32::total_cmp);
            assert!(codes.windows(2).all(|pair| pair[0] < pair[1]), "{texts} texts");
        }
    }
}
