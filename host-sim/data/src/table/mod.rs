//! Tables of the user's own: from the bytes of a file to the inputs of a network.
//!
//! Bytes (`input`, `lines`, `separator`) become rows of cells (`file`). What a cell says by itself (`cell`, `number`, `dates`) is
//! gathered by column (`profile`, `plain`, `evidence`), and a column decides what it is (`column`). `learning` does this with a training file
//! and leaves a [`Transform`] of [`Feature`]s, by which other files are prepared.

mod asked;
mod category;
mod cell;
mod column;
mod dates;
mod evidence;
mod feature;
mod file;
mod folder;
mod groups;
mod input;
mod label;
mod learning;
mod lines;
mod missing;
mod number;
mod plain;
mod plan;
mod profile;
mod raw;
mod row;
mod separator;
mod summary;
mod target;
mod transform;
mod windows;

pub use asked::TaskName;
pub use dates::{DateFormat, DateOrder};
pub use feature::{Encoding, Feature, Reading};
pub use file::Table;
pub use label::ClassLabel;
pub use learning::{Learnt, learn, read};
pub use missing::Missing;
pub use number::{Decimal, NumberFormat};
pub use raw::Raw;
pub use separator::Separator;
pub use summary::{ColumnSummary, Kind, Style, Summary};
pub use target::Label;
pub use transform::{Options, Transform};
pub use windows::Windowing;

use super::scaling::Scaling;
use super::{Dataset, Error, Measure, Place, Target};
