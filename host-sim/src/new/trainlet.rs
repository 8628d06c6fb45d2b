//! Where a project finds trainlet.

use std::path::{Path, PathBuf};

use super::Error;
use crate::board::firmware::Board;
use crate::board::sources;

/// The crates that a project depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sources {
    /// The folder of the repository.
    Folder(PathBuf),
    /// A released version.
    Version(String),
}

const REPOSITORY: &str = "https://github.com/trainlet/trainlet";

impl Sources {
    /// What the user says, or the sources that this program is from.
    pub fn find(said: Option<&str>) -> Result<Self, Error> {
        let is_version = |text: &str| text.starts_with(|c: char| c.is_ascii_digit()) && !Path::new(text).exists();
        let folder = match said {
            Some(version) if is_version(version) => return Ok(Self::Version(version.into())),
            Some(path) => PathBuf::from(path),
            None => sources::host_sim().join(".."),
        };
        let is_there = folder.join("host-sim/Cargo.toml").is_file() && folder.join("boards").is_dir();
        let folder = folder.canonicalize().unwrap_or(folder);
        if is_there { Ok(Self::Folder(folder)) } else { Err(Error::NoTrainlet { path: folder.display().to_string() }) }
    }

    /// The repository, for what is copied from it.
    pub fn folder(&self) -> PathBuf {
        match self {
            Self::Folder(folder) => folder.clone(),
            Self::Version(_) => sources::host_sim().join(".."),
        }
    }

    /// How a manifest names the library.
    pub fn library(&self) -> String {
        match self {
            Self::Folder(folder) => format!("path = {:?}", folder.display().to_string()),
            Self::Version(version) => format!("version = {version:?}"),
        }
    }

    /// How a manifest names a crate in a folder of the repository.
    pub fn in_folder(&self, below: &str) -> String {
        match self {
            Self::Folder(folder) => format!("path = {:?}", folder.join(below).display().to_string()),
            Self::Version(version) => format!("git = {REPOSITORY:?}, tag = \"v{version}\""),
        }
    }

    /// How a manifest names the crate of a board.
    pub fn board(&self, board: Board) -> String {
        self.in_folder(&format!("boards/{}", board.folder()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sources_are_a_folder_or_a_version() {
        let Ok(Sources::Folder(folder)) = Sources::find(None) else { panic!("the sources are here") };
        assert!(folder.join("host-sim/src/new").is_dir());
        assert_eq!(Sources::find(Some("0.1.0")).unwrap(), Sources::Version("0.1.0".into()));
        assert_eq!(Sources::Version("0.1.0".into()).library(), "version = \"0.1.0\"");
        assert!(Sources::Version("0.1.0".into()).board(Board::Stm32f405).ends_with("tag = \"v0.1.0\""));
        assert!(matches!(Sources::find(Some("/nowhere")), Err(Error::NoTrainlet { .. })));
    }
}
