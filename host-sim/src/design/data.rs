//! What a user leaves open about the data, decided by the data: a search is to need nothing but a file.

use std::path::Path;

use crate::data::source::{DataOptions, DataSource, Scaling};
use crate::data::table::{Encoding, Kind, Missing};
use crate::data::{self, Table, learn, read};

/// Where the logarithm of a column is taken: its values are more skewed than an exponential distribution's,
const SKEWED: f64 = 2.0;
/// and their logarithms less than half as much.
const CURED: f64 = 0.5;

/// The options with all that is left open: values that are missing are the mean of their column, texts have an input each where there are
/// few of them, and the logarithm is taken where it helps. What the user has said stays.
///
/// # Errors
/// Bad data.
pub fn decided(options: &DataOptions) -> Result<DataOptions, data::Error> {
    let DataSource::File(path) = &options.data else { return Ok(options.clone()) };
    let mut options = options.clone();
    if options.missing == Missing::Refuse {
        options.missing = Missing::Mean;
    }
    if options.scaling != Scaling::Column {
        return Ok(options);
    }
    options.one_hot = true;
    if options.window.is_none() && options.plain.is_empty() {
        options.plain = plain(&Table::open(Path::new(path), options.separator)?, &options)?;
    }
    Ok(options)
}

/// The columns of numbers that are better without the logarithm.
fn plain(table: &Table, options: &DataOptions) -> Result<Vec<String>, data::Error> {
    let columns = learn(table, &options.columns(), Scaling::Column)?.summary.columns;
    let has_logarithm = |kind: &Kind| matches!(kind, Kind::NumberWithLogarithm(_));
    let numbers: Vec<_> =
        columns.into_iter().filter(|column| has_logarithm(&column.kind)).map(|column| column.column).collect();
    let with = |plain: &[String], encoding| {
        let options = DataOptions { plain: plain.to_vec(), ..options.clone() };
        Ok::<_, data::Error>(read(table, &options.columns(), Scaling::Column)?.skewness(encoding))
    };
    let [plain, logarithms] = [with(&numbers, &Encoding::Plain)?, with(&[], &Encoding::SignedLog)?];
    let of = |skewness: &[(String, f64)], name: &String| {
        skewness.iter().find(|(column, _)| column == name).map_or(0.0, |(_, skewness)| skewness.abs())
    };
    let is_cured = |name: &String| {
        let before = of(&plain, name);
        before > SKEWED && of(&logarithms, name) < CURED * before
    };
    Ok(numbers.into_iter().filter(|name| !is_cured(name)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_numbers_with_a_long_tail_have_a_logarithm() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("t.csv");
        let rows: String = (1..200)
            .map(|i| {
                format!("{},{},{},{}\n", i, (f64::from(i) / 20.0).exp(), if i % 9 == 0 { "" } else { "7.5" }, i % 2)
            })
            .collect();
        std::fs::write(&path, format!("even,tail,gaps,label\n{rows}")).unwrap();
        let data = DataSource::File(path.display().to_string());
        let options = decided(&DataOptions { data, ..DataOptions::default() }).unwrap();
        assert_eq!((options.missing, options.one_hot), (Missing::Mean, true));
        assert!(
            options.plain.contains(&"even".into()) && !options.plain.contains(&"tail".into()),
            "{:?}",
            options.plain
        );
        assert_eq!(decided(&options).unwrap(), options, "what is said stays");
        assert_eq!(decided(&DataOptions::default()).unwrap(), DataOptions::default());
    }
}
