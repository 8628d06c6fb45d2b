//! Shards: each runs the short rounds and a part of the jobs of the last one.

use super::Error;
use super::finish::{Results, finish};
use super::found::{Found, Part};

/// What all shards together have found: the same as one machine finds.
///
/// # Errors
/// Parts of different searches, or not all of one.
pub fn merge(parts: &[(String, Part)]) -> Result<Found, Error> {
    let Some((first, Part { draft, shards, .. })) = parts.first() else { return Err(Error::NothingToMerge) };
    let mut results = Results::new();
    for (file, part) in parts {
        if part.draft != *draft || part.shards != *shards {
            return Err(Error::OtherSearch { first: first.clone(), file: file.clone() });
        }
        results.extend(part.results.clone());
    }
    let missing: Vec<_> = (1..=*shards).filter(|shard| parts.iter().all(|(_, part)| part.shard != *shard)).collect();
    if !missing.is_empty() {
        let missing = missing.iter().map(|shard| format!("{shard}/{shards}")).collect::<Vec<_>>().join(", ");
        return Err(Error::ShardsMissing { missing });
    }
    finish(draft, &results).ok_or(Error::NothingInTime)
}
