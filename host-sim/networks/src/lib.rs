//! The networks that the program knows, and which of them fits some data.
//!
//! All that depends on the type of a network stands here, behind function pointers: host-sim is compiled once, whatever networks there
//! are. The list is not closed: [`install`] takes another one, which [`networks!`](crate::networks!) makes.

pub mod budget;
mod desktop;
mod entry;
mod error;
pub mod fields;
pub mod int8;
pub mod learner;
pub mod mask;
pub mod modes;
pub mod optimizer;
pub mod output;
pub mod pretext;
mod ram;
pub mod settings;
pub mod stack;
pub mod tree;
pub mod weights;

pub use entry::{Network, Source};
pub use error::Error;

use std::sync::OnceLock;

use trainlet::nn::loss::Task;
use trainlet_data::Dataset;

/// The network that boards train on the data in their flash.
pub const DEFAULT: &str = "watch-12x1";

/// The networks that trainlet has built in.
pub fn builtin() -> Vec<Network> {
    macro_rules! entries {
        ($($network:ty),+) => { vec![$(Network::of::<$network>(None)),+] };
    }
    let with_pretexts = |network: Network| {
        let pretexts = pretext::of(network.name);
        network.with_pretexts(pretexts)
    };
    trainlet::builtin!(entries).into_iter().map(with_pretexts).collect()
}

/// A list of networks for [`install`] and for the `main` of host-sim: types of the crate that calls it, by their paths from the root of that crate's
/// library.
///
/// ```no_run
/// # mod gesture { pub use trainlet::networks::Watch12x1 as Gesture; }
/// fn main() -> std::process::ExitCode {
///     let networks = trainlet_desktop::networks![gesture::Gesture];
/// #   trainlet_desktop::install(networks);
/// #   std::process::ExitCode::SUCCESS
/// }
/// ```
#[macro_export]
macro_rules! networks {
    ($($network:path),+ $(,)?) => {
        ::std::vec![$($crate::Network::of::<$network>(Some($crate::Source {
            package: env!("CARGO_PKG_NAME"),
            folder: env!("CARGO_MANIFEST_DIR"),
            path: stringify!($network),
        }))),+]
    };
}

static LIST: OnceLock<Vec<Network>> = OnceLock::new();

/// Makes these the networks of this process, unless it has used another list before. Without a call it has the built-in ones.
pub fn install(networks: Vec<Network>) {
    // A later list would contradict what has been said by the first.
    LIST.get_or_init(|| networks);
}

/// All networks of this process.
pub fn all() -> &'static [Network] {
    LIST.get_or_init(|| crate::stack::large(builtin))
}

/// Their names.
pub fn names() -> impl Iterator<Item = &'static str> {
    all().iter().map(|network| network.name)
}

/// Names in a sentence.
fn listed(names: impl Iterator<Item = &'static str>) -> String {
    let names: Vec<_> = names.collect();
    if names.is_empty() { "none".into() } else { names.join(", ") }
}

/// The network of those who name none: the first of the list.
pub fn default() -> &'static str {
    all().first().map_or("", |network| network.name)
}

/// The network of that name.
///
/// # Errors
/// [`Error::Unknown`]
pub fn find(name: &str) -> Result<&'static Network, Error> {
    let unknown = || Error::Unknown { name: name.into(), there: names().collect::<Vec<_>>().join(", ") };
    all().iter().find(|network| network.name == name).ok_or_else(unknown)
}

/// The network of a file of weights, which says that it is `found`, and must be `wanted` where the user names one. `path` is that of the
/// file.
///
/// # Errors
/// No such network, or weights of another one than is wanted.
pub fn of_weights(path: &str, found: &str, wanted: Option<&str>) -> Result<&'static Network, Error> {
    match wanted.filter(|wanted| *wanted != found) {
        None => find(found),
        Some(wanted) => {
            find(wanted)?;
            Err(Error::OtherWeights { path: path.into(), found: found.into(), wanted: wanted.into() })
        }
    }
}

impl Network {
    /// Whether the network takes these samples.
    ///
    /// # Errors
    /// [`Error::Mismatch`]
    pub fn check(&self, set: &Dataset) -> Result<(), Error> {
        if self.takes(set) {
            return Ok(());
        }
        let names: Vec<_> = all().iter().filter(|network| network.takes(set)).map(|network| network.name).collect();
        Err(Error::Mismatch {
            data: set.name.clone(),
            width: set.width,
            predicts: set.target.task(),
            network: self.name,
            inputs: self.inputs,
            tells: self.task,
            fitting: match &names[..] {
                [] => "no network in the list fits; leave columns out with --drop, say with --task what is predicted, or add a network to the list".into(),
                names => format!("use --network {}", names.join(" or ")),
            },
        })
    }

    fn takes(&self, set: &Dataset) -> bool {
        self.inputs == set.width && self.task == set.target.task()
    }
}

/// What a task is about, in words.
pub fn describe(task: Task) -> String {
    match task {
        Task::Classify { classes } => format!("{classes} classes"),
        Task::Regress { values: 1 } => "1 value".into(),
        Task::Regress { values } => format!("{values} values"),
    }
}
