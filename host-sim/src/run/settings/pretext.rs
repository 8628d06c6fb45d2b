//! From options to a pretext.

use super::error::Error;
use crate::networks::pretext::Pretext;
use crate::networks::{self, Network};
use crate::run::options::Options;

/// The pretext that the options name.
///
/// # Errors
/// The network has none, or none with that number of visible tokens.
pub fn pretext<'a>(options: &Options, network: &'a Network) -> Result<&'a Pretext, Error> {
    let masking = options.pretraining.masking.unwrap_or_default();
    let target = options.pretraining.pretrain_target.unwrap_or_default();
    let is_meant = |pretext: &&Pretext| pretext.masking == masking && pretext.target == target;
    let meant: Vec<_> = network.pretexts.iter().filter(is_meant).collect();
    let usual = meant.get(meant.len() / 2).map_or(0, |pretext| pretext.visible);
    let visible = options.pretraining.visible.unwrap_or(usual);
    meant.iter().copied().find(|pretext| pretext.visible == visible).ok_or_else(|| {
        let network = network.name.into();
        if meant.is_empty() {
            let maskable = networks::all().iter().filter(|network| !network.pretexts.is_empty());
            return Error::NoPretext {
                network,
                there: list(&maskable.map(|network| network.name).collect::<Vec<_>>()),
            };
        }
        let there = list(&meant.iter().map(|pretext| pretext.visible).collect::<Vec<_>>());
        Error::Visible { visible, network, there }
    })
}

/// `a, b or c`
fn list(names: &[impl ToString]) -> String {
    let names: Vec<_> = names.iter().map(ToString::to_string).collect();
    match &names[..] {
        [others @ .., last] if !others.is_empty() => format!("{} or {last}", others.join(", ")),
        names => names.concat(),
    }
}
