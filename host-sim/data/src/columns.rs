//! An order of the columns of a table that puts side by side what belongs together: patches and convolutions take
//! neighbours to have something to do with each other, and the columns of a file stand as its author liked.

use super::Dataset;

/// Numbers of the inputs, so ordered that those with a large |correlation| are neighbours: the two most correlated ones are
/// joined to a chain, then again and again the two ends of chains that are, until there is one. Of equals those come first that
/// stand closer together, so that columns without any correlation stay as they are.
pub fn by_correlation(set: &Dataset) -> Vec<usize> {
    let mut chains: Vec<Vec<usize>> = (0..set.width).map(|column| vec![column]).collect();
    for (a, b) in pairs(set) {
        let end_of =
            |column| chains.iter().position(|chain| chain.first() == Some(&column) || chain.last() == Some(&column));
        let (Some(first), Some(second)) = (end_of(a), end_of(b)) else { continue };
        if first != second {
            let mut tail = chains[second].clone();
            let head = &mut chains[first];
            if head.last() != Some(&a) {
                head.reverse();
            }
            if tail.first() != Some(&b) {
                tail.reverse();
            }
            head.append(&mut tail);
            chains.remove(second);
        }
    }
    let mut order = chains.concat();
    if order.first() > order.last() {
        order.reverse();
    }
    order
}

/// All pairs, the most correlated ones first.
fn pairs(set: &Dataset) -> Vec<(usize, usize)> {
    let columns: Vec<_> = (0..set.width).map(|column| Standardised::of(set, column)).collect();
    let mut pairs = Vec::new();
    for a in 0..set.width {
        pairs.extend((a + 1..set.width).map(|b| (inner(columns[a].values(), columns[b].values()).abs(), a, b)));
    }
    pairs.sort_by(|(x, a, b), (y, c, d)| y.total_cmp(x).then((b - a).cmp(&(d - c))).then(a.cmp(c)));
    pairs.into_iter().map(|(_, a, b)| (a, b)).collect()
}

/// A column with mean 0 and length 1, or 0 throughout if all values are equal: inner products are Pearson's correlations. The
/// values are computed when they are needed; to keep them would take twice the memory of the set.
struct Standardised<'a> {
    set: &'a Dataset,
    column: usize,
    mean: f64,
    scale: f64,
}

impl<'a> Standardised<'a> {
    fn of(set: &'a Dataset, column: usize) -> Self {
        let raw = || set.rows().map(|row| row[column]);
        let mean = raw().map(f64::from).sum::<f64>() / set.len() as f64;
        let centred = Self { set, column, mean, scale: 1.0 };
        // Of equal values the mean may be off by a rounding.
        let constant = raw().zip(raw().skip(1)).all(|(value, next)| value == next);
        let scale = if constant { 0.0 } else { inner(centred.values(), centred.values()).sqrt().recip() };
        Self { scale, ..centred }
    }

    fn values(&self) -> impl Iterator<Item = f64> + '_ {
        self.set.rows().map(|row| self.scale * (f64::from(row[self.column]) - self.mean))
    }
}

fn inner(a: impl Iterator<Item = f64>, b: impl Iterator<Item = f64>) -> f64 {
    a.zip(b).map(|(a, b)| a * b).sum()
}

#[cfg(test)]
mod tests {
    use super::super::Target;
    use super::*;
    use proptest::prelude::*;

    fn set(width: usize, values: Vec<f32>) -> Dataset {
        Dataset {
            name: "t".into(),
            target: Target::Classes(Vec::new()),
            width,
            values,
            labels: Vec::new(),
            frames: 1,
            groups: Vec::new(),
            group_names: Vec::new(),
            recordings: Vec::new(),
        }
    }

    /// Columns 0 and 3 say the same, 1 and 4 the opposite of each other, and 2 is constant.
    #[test]
    fn what_says_the_same_stands_side_by_side() {
        let signs = [(1.0, 1.0), (1.0, -1.0), (-1.0, 1.0), (-1.0, -1.0)];
        let values = signs.into_iter().flat_map(|(a, b): (f32, f32)| [a, b, 0.0, a, -b]).collect();
        let order = by_correlation(&set(5, values));
        let place = |column| order.iter().position(|c| *c == column).unwrap();
        assert_eq!((place(0).abs_diff(place(3)), place(1).abs_diff(place(4))), (1, 1));
    }

    /// Neighbours of a chain of columns, each the mean of two independent signs, correlate by half: the chain comes back.
    #[test]
    fn a_chain_comes_back_from_any_order() {
        let shuffled = [2, 0, 3, 1];
        let mut values = Vec::new();
        for bits in 0..32u32 {
            let sign = |index: usize| if bits >> index & 1 == 1 { 1.0 } else { -1.0 };
            let weight = |c: usize| [0.5, 0.6, 0.7, 0.8][c];
            values.extend(shuffled.map(|c| weight(c) * sign(c) + 0.5 * sign(c + 1)));
        }
        let order: Vec<_> = by_correlation(&set(4, values)).into_iter().map(|i| shuffled[i]).collect();
        assert!(order.is_sorted() || order.is_sorted_by(|a, b| a > b), "{order:?}");
    }

    #[test]
    fn equals_stay_as_they_are() {
        assert_eq!(by_correlation(&set(5, vec![0.0; 10])), [0, 1, 2, 3, 4]);
        assert_eq!(by_correlation(&set(1, vec![0.0; 10])), [0]);
    }

    proptest! {
        #[test]
        fn it_is_an_order_of_all_columns(values in prop::collection::vec(-3.0f32..3.0, 7 * 4..=7 * 4)) {
            let mut order = by_correlation(&set(7, values));
            order.sort_unstable();
            prop_assert_eq!(order, (0..7).collect::<Vec<_>>());
        }
    }
}
