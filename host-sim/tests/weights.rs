//! Weights on their way into a file and back, and files that are not weights of this network.

use std::collections::HashMap;
use std::path::PathBuf;

use host_sim::data::preprocessing::Preparation;
use host_sim::networks::tree::{Weights, leaves, read};
use host_sim::networks::weights::{Error, File, Manifest, numpy, to_bytes};
use safetensors::Dtype;
use safetensors::tensor::TensorView;
use tempfile::TempDir;
use trainlet::core::params::Params;
use trainlet::core::rng::{Key, Purpose};
use trainlet::networks::{Network, Watch12x1, Watch16x2};

fn random<M: Params>(seed: u64) -> Weights {
    let mut weights = M::ZERO;
    weights.init(Key::new(seed, Purpose::Init));
    Weights { leaves: leaves::<M>(), values: read(&weights) }
}

fn manifest() -> Manifest {
    let preparation = Preparation::Watch { mean: [0.1, -0.2, 1.0 / 3.0, 0.0, 5e-8, 1e7], std: [1.0; 6] };
    Manifest::new("watch-12x1", preparation)
}

struct Scratch {
    folder: TempDir,
}

impl Scratch {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    fn file(&self, bytes: &[u8]) -> PathBuf {
        let path = self.folder.path().join("weights.safetensors");
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// Writes the bytes and loads them as `watch-12x1`.
    fn load(&self, bytes: &[u8]) -> Result<Weights, Error> {
        let mut weights = Weights::zero(leaves::<Watch12x1>());
        File::read(self.file(bytes).to_str().unwrap())?.load(Watch12x1::NAME, &mut weights)?;
        Ok(weights)
    }

    fn message(&self, bytes: &[u8]) -> String {
        let message = self.load(bytes).err().unwrap().to_string();
        let path = self.folder.path().join("weights.safetensors");
        assert!(message.starts_with(&format!("{}: ", path.display())), "{message}");
        message
    }
}

/// Name, shape, type and bytes of each tensor.
type Tensors = HashMap<String, (Vec<usize>, Dtype, Vec<u8>)>;

/// As another program would write them, without our metadata, after `change`.
fn foreign(change: impl FnOnce(&mut Tensors)) -> Vec<u8> {
    let mut tensors = Tensors::new();
    for (leaf, values) in random::<Watch12x1>(1).iter() {
        let bytes = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        tensors.insert(leaf.name.clone(), (leaf.shape.clone(), Dtype::F32, bytes));
    }
    change(&mut tensors);
    let views = tensors
        .iter()
        .map(|(name, (shape, dtype, bytes))| (name, TensorView::new(*dtype, shape.clone(), bytes).unwrap()));
    safetensors::serialize(views, None).unwrap()
}

#[test]
fn every_bit_comes_back() {
    let (scratch, weights) = (Scratch::new(), random::<Watch12x1>(3));
    let bytes = to_bytes(&weights, Some(&manifest())).unwrap();
    assert_eq!(scratch.load(&bytes).unwrap().crc32(), weights.crc32());
    assert_eq!(File::read(scratch.file(&bytes).to_str().unwrap()).unwrap().manifest, Some(manifest()));
    assert_eq!(bytes, to_bytes(&weights, Some(&manifest())).unwrap(), "one file for one network");
    assert_ne!(weights.crc32(), random::<Watch12x1>(4).crc32());
}

#[test]
fn files_of_other_programs_are_read() {
    let scratch = Scratch::new();
    let bytes = foreign(|_| ());
    assert_eq!(scratch.load(&bytes).unwrap().crc32(), random::<Watch12x1>(1).crc32());
    assert!(File::read(scratch.file(&bytes).to_str().unwrap()).unwrap().manifest.is_none());
}

#[test]
fn names_are_pytorchs() {
    let mut names = Vec::new();
    Watch12x1::ZERO.read(&mut |leaf, _| names.push(format!("{} {:?}", leaf.path, leaf.shape)));
    let block = |name: &str| format!("blocks.0.{name}");
    assert_eq!(
        names,
        [
            "embed.weight [12, 6]".into(),
            "embed.bias [12]".into(),
            block("token_norm.weight [12]"),
            block("token_norm.bias [12]"),
            block("token_mixing.0.weight [16, 16]"),
            block("token_mixing.0.bias [16]"),
            block("token_mixing.1.weight [16, 16]"),
            block("token_mixing.1.bias [16]"),
            block("channel_norm.weight [12]"),
            block("channel_norm.bias [12]"),
            block("channel_mixing.0.weight [24, 12]"),
            block("channel_mixing.0.bias [24]"),
            block("channel_mixing.1.weight [12, 24]"),
            block("channel_mixing.1.bias [12]"),
            "norm.weight [12]".into(),
            "norm.bias [12]".into(),
            "head.weight [7, 12]".into(),
            "head.bias [7]".into(),
        ]
    );
}

#[test]
fn tensors_that_do_not_fit_are_named() {
    let scratch = Scratch::new();
    let message = |change: fn(&mut Tensors)| scratch.message(&foreign(change));
    let missing = message(|tensors| drop(tensors.remove("norm.bias")));
    assert!(missing.contains("does not fit `watch-12x1`: missing: `norm.bias`; is it"), "{missing}");
    let additional = message(|tensors| drop(tensors.insert("extra".into(), (vec![1], Dtype::F32, vec![0; 4]))));
    assert!(additional.contains("does not fit `watch-12x1`: unexpected: `extra`"), "{additional}");
    let transposed = message(|tensors| tensors.get_mut("head.weight").unwrap().0.reverse());
    assert!(
        transposed.contains("does not fit `watch-12x1`: `head.weight` has shape [12, 7] and needs [7, 12]"),
        "{transposed}"
    );
    let half = message(|tensors| drop(tensors.insert("head.bias".into(), (vec![7], Dtype::F16, vec![0; 14]))));
    assert!(half.contains("`head.bias` holds F16 numbers, but F32 are needed"), "{half}");
    let nan = message(|tensors| tensors.get_mut("head.bias").unwrap().2[8..12].copy_from_slice(&[0, 0, 192, 127]));
    assert!(nan.contains("value 2 of `head.bias` is NaN"), "{nan}");
    let other = scratch.message(&to_bytes(&random::<Watch16x2>(0), Some(&manifest())).unwrap());
    assert!(other.contains("`embed.weight` has shape [16, 6] and needs [12, 6]"), "{other}");
}

/// Names as `DataParallel` and `torch.compile` change them, one within the other.
#[test]
fn names_of_wrappers_do_not_count() {
    let scratch = Scratch::new();
    let wrapped = |prefix: &'static str| {
        foreign(|tensors| {
            *tensors = tensors.drain().map(|(name, tensor)| (format!("{prefix}{name}"), tensor)).collect()
        })
    };
    for prefix in ["module.", "_orig_mod.", "module._orig_mod.", "_orig_mod.module."] {
        assert_eq!(scratch.load(&wrapped(prefix)).unwrap().crc32(), random::<Watch12x1>(1).crc32(), "{prefix}");
    }
    assert!(scratch.message(&wrapped("model.")).contains("missing: `embed.weight`, `embed.bias`"));
    let one = foreign(|tensors| {
        drop(tensors.remove("norm.bias").map(|bias| tensors.insert("module.norm.bias".into(), bias)))
    });
    let message = scratch.message(&one);
    assert!(message.contains("missing: `norm.bias`; unexpected: `module.norm.bias`; is it"), "{message}");
}

#[test]
fn arrays_of_numpy_are_read_from_a_file_or_a_folder() {
    let (scratch, weights) = (Scratch::new(), random::<Watch12x1>(3));
    let archive = numpy::to_bytes(&weights).unwrap();
    assert_eq!(scratch.load(&archive).unwrap().crc32(), weights.crc32());
    let folder = scratch.folder.path().join("arrays");
    zip::ZipArchive::new(std::io::Cursor::new(&archive)).unwrap().extract(&folder).unwrap();
    let load = |folder: &std::path::Path| {
        let mut loaded = Weights::zero(leaves::<Watch12x1>());
        File::read(folder.to_str().unwrap())?.load(Watch12x1::NAME, &mut loaded).map(|()| loaded)
    };
    assert_eq!(load(&folder).unwrap().crc32(), weights.crc32());
    std::fs::remove_file(folder.join("head.bias.npy")).unwrap();
    assert!(load(&folder).err().unwrap().to_string().contains("missing: `head.bias`"));
    let nothing = load(scratch.folder.path().join("arrays/..").as_path()).err().unwrap().to_string();
    assert!(nothing.contains("the folder has no .npy file"), "{nothing}");
    assert!(scratch.message(&archive[..200]).contains("cannot be read as arrays of numpy"));
}

#[test]
fn files_of_torch_save_are_refused_with_the_way_out() {
    let scratch = Scratch::new();
    let old = scratch.message(b"\x80\x02}q\x00.");
    assert!(old.contains("safetensors.torch.save_file(torch.load("), "{old}");
    let path = scratch.folder.path().join("model.pth");
    std::fs::write(&path, b"PK").unwrap();
    assert!(matches!(File::read(path.to_str().unwrap()), Err(Error::Pickle { .. })));
}

#[test]
fn files_that_are_no_safetensors_are_named() {
    let scratch = Scratch::new();
    let whole = to_bytes(&random::<Watch12x1>(0), Some(&manifest())).unwrap();
    for bytes in [&b""[..], b"a,b\n1,2\n", &[255; 64], &whole[..whole.len() - 1], &whole[..100]] {
        let message = scratch.message(bytes);
        assert!(message.contains("is not a safetensors file"), "{message}");
    }
    let mut later = manifest();
    later.format += 1;
    let later = to_bytes(&random::<Watch12x1>(0), Some(&later)).unwrap();
    assert!(scratch.message(&later).contains("is of format 3, and this program reads up to 2"));
    let missing = File::read("nowhere.safetensors").err().unwrap().to_string();
    assert!(missing.starts_with("nowhere.safetensors: cannot be read"), "{missing}");
}

/// Whichever bit of a file is flipped: it is refused, or what it says is the same.
#[test]
fn no_flipped_bit_goes_through_silently() {
    let (scratch, weights) = (Scratch::new(), random::<Watch12x1>(3));
    let whole = to_bytes(&weights, Some(&manifest())).unwrap();
    for bit in (0..8 * whole.len()).step_by(101) {
        let mut bytes = whole.clone();
        bytes[bit / 8] ^= 1 << (bit % 8);
        let Ok(file) = File::read(scratch.file(&bytes).to_str().unwrap()) else { continue };
        // Without a manifest nothing but --init takes it, as another program's.
        assert!(file.manifest.is_none() || file.manifest == Some(manifest()), "bit {bit}");
        let mut loaded = Weights::zero(leaves::<Watch12x1>());
        if file.load(Watch12x1::NAME, &mut loaded).is_ok() {
            assert_eq!(loaded.crc32(), weights.crc32(), "bit {bit}");
        }
    }
}

/// The header of a file and all that follows it, which begin with the header's length.
fn with_header(bytes: &[u8], change: impl FnOnce(String) -> String) -> Vec<u8> {
    let length = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    let header = change(String::from_utf8(bytes[8..8 + length].to_vec()).unwrap());
    [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), &bytes[8 + length..]].concat()
}

#[test]
fn files_that_say_impossible_things_are_named() {
    let scratch = Scratch::new();
    let twice = with_header(&foreign(|_| ()), |header| {
        let first = header.find("\"norm.bias\"").unwrap();
        let end = first + header[first..].find('}').unwrap() + 1;
        format!("{},{}", &header[..end], &header[first..])
    });
    assert!(scratch.message(&twice).contains("its header cannot be trusted (`norm.bias` is there twice"));
    let large = foreign(|tensors| {
        tensors.get_mut("head.bias").unwrap().2[8..12].copy_from_slice(&2e19f32.to_le_bytes());
    });
    let large = scratch.message(&large);
    assert!(large.contains("value 2 of `head.bias` is 20000000000000000000; weights must be between"), "{large}");
    let of_deviation = |deviation: f32| {
        let preparation = Preparation::Watch { mean: [0.0; 6], std: [1.0, 1.0, deviation, 1.0, 1.0, 1.0] };
        let bytes = to_bytes(&random::<Watch12x1>(0), Some(&Manifest::new("watch-12x1", preparation))).unwrap();
        File::read(scratch.file(&bytes).to_str().unwrap())
    };
    assert!(of_deviation(f32::MAX).is_ok());
    for deviation in [-1.0, 0.0] {
        let message = of_deviation(deviation).err().unwrap().to_string();
        let says = format!("says that `axis 3` has mean 0 and deviation {deviation}, which no data have");
        assert!(message.contains(&says), "{message}");
    }
}

/// What a file said of its table before inputs could have another order, and says still.
#[test]
fn tables_of_older_files_are_read() {
    let text = concat!(
        r#"{"format":1,"config":"flow-7x6","preparation":{"table":{"#,
        r#""label":{"column":"label","classes":["no","yes"],"numeric":false},"features":["#,
        r#"{"column":"port","encoding":"plain","mean":443.0,"std":2.0},"#,
        r#"{"column":"size","encoding":"signed_log","mean":0.5,"std":0.0},"#,
        r#"{"column":"kind","encoding":{"category":{"rows":4,"counts":{"tcp":3,"udp":1}}},"mean":-0.5,"std":1.0}]}}}"#
    );
    let manifest: Manifest = serde_json::from_str(text).unwrap();
    let Preparation::Table(transform) = &manifest.preparation else { panic!("{manifest:?}") };
    assert!(transform.features.iter().map(|feature| feature.column.as_str()).eq(["port", "size", "kind"]));
    assert_eq!(serde_json::to_string(&manifest).unwrap(), text);
}

/// A training as a client of a federation makes it, and the weights that it saves.
fn client(folder: &std::path::Path, person: u32, save: &str, more: &str) -> (File, Vec<f32>) {
    use clap::Parser as _;
    let save = folder.join(save).display().to_string();
    let more = more.replace("ALL", &folder.join("all.safetensors").display().to_string());
    let line = format!("train --only-subjects {person} --test-subjects {person} --part early --save {save} {more}");
    let options = host_sim::run::options::Options::try_parse_from(line.split_whitespace()).unwrap();
    host_sim::run::train(&options).unwrap();
    let file = File::read(&save).unwrap();
    let weights = host_sim::run::read(&file, host_sim::networks::find(&options.network).unwrap()).unwrap();
    (file, weights.values)
}

#[test]
fn a_client_goes_on_from_the_weights_of_all_and_gives_away_a_limited_delta() {
    let folder = tempfile::tempdir().unwrap();
    let (all, start) = client(folder.path(), 3, "all.safetensors", "--steps 2");
    let distance = |more: &str| {
        let (file, learnt) = client(folder.path(), 4, "own.safetensors", &format!("--init ALL --init-scaling {more}"));
        assert_eq!(file.manifest.unwrap().preparation, all.manifest.as_ref().unwrap().preparation);
        learnt.iter().zip(&start).map(|(own, all)| f64::from(own - all).powi(2)).sum::<f64>().sqrt()
    };
    let (whole, clipped) = (distance("--steps 9"), distance("--steps 9 --delta-clip 0.01"));
    assert!(whole > 0.1 && (clipped / 0.01 - 1.0).abs() < 1e-3, "{whole} {clipped}");
    let noisy = distance("--steps 9 --delta-clip 0.01 --delta-noise 0.5");
    let expected = 0.01 * f64::sqrt(1.0 + 0.25 * start.len() as f64);
    assert!((noisy / expected - 1.0).abs() < 0.1, "{noisy} {expected}");
    // The pull is towards the weights of --init: a step undoes all but the last one.
    let held = distance("--steps 40 --optimizer sgd --lr 1e-3 --schedule constant --warmup 0 --proximal 1000");
    assert!(held < 2e-3, "{held}");
    let own = client(folder.path(), 4, "own.safetensors", "--steps 1").0;
    assert_ne!(own.manifest.unwrap().preparation, all.manifest.unwrap().preparation);
}
