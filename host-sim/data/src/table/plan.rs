//! An input of a network while a training file is being read.

use trainlet::data::{Scaler, ScalerFit, quantiles, signed_log1p};

use super::Error;
use super::Scaling;
use super::category::Dictionary;
use super::evidence::Range;
use super::feature::{Encoding, Feature, Reading};
use super::summary::{Kind, Style};

/// How many quantiles a column is mapped to.
const QUANTILES: usize = 65;

/// An input on its way.
#[derive(Clone, Debug)]
pub(super) struct Input {
    pub column: usize,
    pub feature: Feature,
    /// Of a text, whose codes are known when all have passed by.
    pub dictionary: Option<Dictionary>,
}

impl Input {
    pub fn value(column: usize, name: &str, reading: Reading, encoding: Encoding) -> Self {
        let feature = Feature { column: name.into(), reading, encoding, quantiles: Vec::new(), mean: 0.0, std: 1.0 };
        Self { column, feature, dictionary: None }
    }

    pub fn text(column: usize, name: &str) -> Self {
        // For now.
        let encoding = Encoding::OneHot { value: String::new() };
        Self { dictionary: Some(Dictionary::default()), ..Self::value(column, name, Reading::Number, encoding) }
    }

    pub fn one_hot(column: usize, name: &str, value: String) -> Self {
        Self::value(column, name, Reading::Number, Encoding::OneHot { value })
    }

    /// Numbers of texts become their codes.
    pub fn encode<'a>(&mut self, dictionary: Dictionary, values: impl Iterator<Item = &'a mut f32>, scaling: Scaling) {
        self.feature.encoding = match scaling {
            Scaling::Table => dictionary.into_code(),
            Scaling::Column | Scaling::Quantile => {
                let (encoding, codes) = dictionary.into_frequency();
                values.for_each(|value| *value = codes[*value as usize]);
                encoding
            }
        };
    }

    /// Learns the quantiles of `values[offset]` and every `width`th after it, as far as they are learnt from, and maps all of them to
    /// their places; what is not a number becomes the middle.
    pub fn rank(&mut self, values: &mut [f32], (offset, width): (usize, usize), is_learnt: impl Fn(usize) -> bool) {
        let learnt = (offset..values.len()).step_by(width).filter(|place| is_learnt(*place)).map(|place| values[place]);
        let mut sorted: Vec<_> = learnt.filter(|value| !value.is_nan()).collect();
        sorted.sort_unstable_by(f32::total_cmp);
        let mut edges = vec![0.0; QUANTILES];
        quantiles(&sorted, &mut edges);
        // A column without two different values says nothing.
        if edges.first() == edges.last() {
            self.feature.std = 0.0;
        } else {
            self.feature.quantiles = edges;
        }
        for value in values.iter_mut().skip(offset).step_by(width) {
            let mut input = [self.feature.place(*value)];
            Scaler { mean: [0.0], std: [self.feature.std] }.apply(&mut input);
            *value = if value.is_nan() { 0.0 } else { input[0] };
        }
    }

    /// Learns mean and deviation of `values[offset]` and every `width`th after it, as far as they are learnt from, and standardises all
    /// of them; what is not a number becomes the mean.
    pub fn standardise(
        &mut self,
        values: &mut [f32],
        (offset, width): (usize, usize),
        is_learnt: impl Fn(usize) -> bool,
        path: &str,
    ) -> Result<(), Error> {
        let mut fit = ScalerFit::ZERO;
        let column = || (offset..values.len()).step_by(width);
        column()
            .filter(|place| is_learnt(*place))
            .map(|place| values[place])
            .filter(|value| !value.is_nan())
            .for_each(|value| fit.push(&[value]));
        let scaler = fit.finish();
        let Scaler { mean: [mean], std: [std] } = scaler;
        let too_far = || Error::SpreadTooFar { path: path.into(), column: self.feature.column.clone() };
        if !(mean.is_finite() && std.is_finite()) {
            return Err(too_far());
        }
        for value in values.iter_mut().skip(offset).step_by(width) {
            let mut input = [*value];
            scaler.apply(&mut input);
            *value = if value.is_nan() { 0.0 } else { input[0] };
            if !value.is_finite() {
                return Err(too_far());
            }
        }
        (self.feature.mean, self.feature.std) = (mean, std);
        Ok(())
    }
}

/// The encoding of values in a range with this span.
pub(super) fn encoding(range: Range, span: f64, linear: bool, plain: bool, scaling: Scaling) -> Encoding {
    let log = !(linear || plain);
    if scaling == Scaling::Table || span == 0.0 {
        return Encoding::Plain;
    }
    if linear && range != Range::BOOLEAN || is_lost(range, log) {
        return Encoding::Centred { centre: range.least + span / 2.0, scale: span / 2.0 };
    }
    if log { Encoding::SignedLog } else { Encoding::Plain }
}

/// Fewer than 2^14 steps of numbers of 32 bits between the ends: what rounding takes from such values would be seen.
fn is_lost(Range { least, largest }: Range, log: bool) -> bool {
    let [least, largest] = [least, largest].map(|end| if log { signed_log1p(end as f32) } else { end as f32 });
    let magnitude = least.abs().max(largest.abs());
    largest - least < (magnitude.next_up() - magnitude) * 16_384.0
}

/// What to say of a column with values of such a kind.
pub(super) fn kind(reading: &Reading, encoding: &Encoding, linear: bool) -> Kind {
    let written = match reading {
        Reading::Formatted(format) => Some(format.describe()),
        Reading::Date(format) => Some(format.describe()),
        Reading::Number if linear => Some("milliseconds since 1970".into()),
        _ => None,
    };
    match (reading, encoding) {
        (Reading::Boolean, _) => Kind::Boolean,
        (Reading::Date(_), _) => Kind::Date(Style { written }),
        (Reading::Number, _) if linear => Kind::Date(Style { written }),
        (_, Encoding::SignedLog) => Kind::NumberWithLogarithm(Style { written }),
        (_, Encoding::Centred { .. }) => Kind::NumberCentred(Style { written }),
        _ => Kind::Number(Style { written }),
    }
}

#[cfg(test)]
mod tests {
    use super::super::learning::tests::{learnt, names, options, table};
    use super::super::{Learnt, Missing, Options, Transform, learn};
    use super::*;

    /// The bits that this project's figures were made with: the scaler's and the library's, value by value.
    #[test]
    fn ordinary_columns_have_the_bits_of_the_library() {
        let lines: String =
            (0..500).map(|i| format!("{},{},{}\n", (i * 7919) % 10_007, 0.1 * f64::from(i), i % 2)).collect();
        let text = format!("a,b,label\n{lines}");
        let set = learnt(&text, &options(&[], &["b"])).unwrap().set;
        let mut fit = ScalerFit::<2>::ZERO;
        let rows: Vec<[f32; 2]> = text
            .lines()
            .skip(1)
            .map(|line| {
                let cells: Vec<f32> = line.split(',').map(|cell| cell.parse().unwrap()).collect();
                [signed_log1p(cells[0]), cells[1]]
            })
            .collect();
        rows.iter().for_each(|row| fit.push(row));
        for (mut row, input) in rows.into_iter().zip(set.rows()) {
            fit.finish().apply(&mut row);
            assert_eq!(row, input);
        }
    }

    /// `1700000000 + i` differs by less than numbers of 32 bits can say.
    #[test]
    fn large_offsets_keep_their_differences() {
        let lines: String =
            (0..2000).map(|i| format!("{},{},{}\n", 1_700_000_000 + i, 0.1 + 1e-9 * f64::from(i), i % 2)).collect();
        let text = format!("a,b,label\n{lines}");
        for plain in [&[][..], &["a", "b"]] {
            let Learnt { transform, set, summary } = learnt(&text, &options(&[], plain)).unwrap();
            let [mean, std] = [999.5, (f64::from(2000 * 2000 - 1) / 12.0).sqrt()];
            for (i, row) in set.rows().enumerate() {
                for input in row {
                    assert!((f64::from(*input) - (i as f64 - mean) / std).abs() < 1e-5, "{i}: {row:?}");
                }
            }
            assert_eq!(summary.columns[0].kind, Kind::NumberCentred(Style::default()));
            let saved = serde_json::to_string(&transform).unwrap();
            let loaded: Transform = serde_json::from_str(&saved).unwrap();
            assert_eq!(loaded.labelled(&table(&text)).unwrap(), set);
        }
        // Nanoseconds, which numbers of 64 bits round to 256 of them.
        let lines: String = (0..200).map(|i| format!("{},{}\n", 1_700_000_000_000_000_000_i64 + i, i % 2)).collect();
        let Learnt { set, .. } = learnt(&format!("a,label\n{lines}"), &options(&[], &[])).unwrap();
        let steps: Vec<f32> = set.values.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!(steps.iter().all(|step| (step - steps[0]).abs() < 1e-5), "{steps:?}");
        let two = learnt("a,label\n9007199254740992,0\n9007199254740993,1\n", &options(&[], &[])).unwrap();
        assert_eq!(two.set.values, [-1.0, 1.0]);
    }

    /// Whatever the values are, and whatever became of them before, their ranks spread evenly; a file of other rows and a saved
    /// transform say the same.
    #[test]
    fn quantiles_spread_columns_evenly() {
        let lines: String =
            (0..1000).map(|i| format!("{},{},7,{},{}\n", i * i * i, i % 10 / 9, ["a", "b"][i % 2], i % 2)).collect();
        let text = format!("a,rare,same,kind,label\n,1,7,a,1\n{lines}");
        let missing = Options { missing: Missing::Mean, ..options(&[], &[]) };
        let [log, plain] = [&[][..], &["a"]].map(|plain| {
            let of = Options { plain: plain.iter().map(|name| name.to_string()).collect(), ..missing.clone() };
            learn(&table(&text), &of, Scaling::Quantile).unwrap()
        });
        let root = 3.0_f32.sqrt();
        assert_eq!((log.set.row(0)[0], log.set.row(0)[2]), (0.0, 0.0), "missing, and always the same");
        for (i, (log, plain)) in log.set.rows().zip(plain.set.rows()).skip(1).enumerate() {
            let expected = (i as f32 / 999.0 * 2.0 - 1.0) * root;
            assert!((log[0] - expected).abs() < 0.04 && (plain[0] - expected).abs() < 0.04, "{i}: {log:?} {plain:?}");
            let rank = if i % 10 == 9 { 0.9 } else { -0.1 };
            assert!((log[1] / root - rank).abs() < 0.03, "{i}: {log:?}");
        }
        assert_eq!(log.summary.columns[2].kind, Kind::Constant);
        let saved = serde_json::to_string(&log.transform).unwrap();
        let loaded: Transform = serde_json::from_str(&saved).unwrap();
        assert_eq!(loaded.labelled(&table(&text)).unwrap(), log.set);
        let far = loaded.unlabelled(&table("a,rare,same,kind\n1e30,0,8,c\n")).unwrap();
        assert_eq!((far.row(0)[0], far.row(0)[2]), (root, 0.0));
    }

    #[test]
    fn few_texts_can_have_an_input_each() {
        let text = "n,kind,label\n1,a,0\n2,b,1\n3,c,0\n4,a,1\n";
        let one_hot = Options { one_hot: true, ..options(&[], &[]) };
        let Learnt { transform, set, summary } = learnt(text, &one_hot).unwrap();
        assert_eq!(
            (names(&transform), &summary.columns[1].kind),
            (vec!["n", "kind", "kind", "kind"], &Kind::OneHot { values: 3 })
        );
        let sign = |row: &[f32]| row[1..].iter().map(|input| *input > 0.0).collect::<Vec<_>>();
        assert_eq!(sign(set.row(1)), [false, true, false]);
        let unknown = transform.unlabelled(&table("n,kind\n1,d\n")).unwrap();
        assert_eq!(sign(unknown.row(0)), [false; 3]);
        let many: String = (0..17).map(|i| format!("k{i},{}\n", i % 2)).collect();
        let wide = learnt(&format!("kind,label\n{many}"), &one_hot).unwrap();
        assert_eq!(wide.set.width, 1);
    }
}
