//! The tables of a folder, which are the parts of one table.

use std::path::{Path, PathBuf};
use std::{fs, io};

use super::Error;
use super::input::unreadable;

/// The CSV files of a folder in the order of their names.
pub(super) fn files(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let name = || folder.display().to_string();
    let entries = fs::read_dir(folder).map_err(|source| unreadable(&name(), source))?;
    let paths: Vec<_> =
        entries.map(|entry| Ok(entry?.path())).collect::<io::Result<_>>().map_err(|e| unreadable(&name(), e))?;
    let is_table = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        name.ends_with(".csv") || name.ends_with(".csv.gz")
    };
    let mut files: Vec<_> = paths.into_iter().filter(is_table).collect();
    files.sort_unstable();
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::super::Table;
    use super::*;

    #[test]
    fn the_files_of_a_folder_are_one_table() {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in [("b.csv", "a,b\n3,4\n"), ("a.csv", "a,b\n1,2\n\n5,6\n"), ("notes.txt", "no table")] {
            fs::write(folder.path().join(name), text).unwrap();
        }
        let table = Table::read(folder.path()).unwrap();
        let mut places = Vec::new();
        table
            .scan(|row| {
                let place = row.cell(1).place();
                places.push((row.cell(1).text.to_string(), place.path.ends_with("b.csv"), place.line));
                Ok(())
            })
            .unwrap();
        assert_eq!(places, [("2".into(), false, 2), ("6".into(), false, 4), ("4".into(), true, 2)]);
        fs::write(folder.path().join("c.csv"), "a,c\n1,2\n").unwrap();
        let other = Table::read(folder.path()).unwrap_err().to_string();
        assert!(other.contains("c.csv: has the columns a, c") && other.contains("a.csv"), "{other}");
    }
}
