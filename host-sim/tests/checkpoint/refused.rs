//! Files that are no checkpoint of the run, or damaged, or forged.

use super::*;

fn refusal(path: &str) -> String {
    match Saved::read(path) {
        Ok(saved) => {
            let options = saved.options().unwrap();
            let keeping = Keeping { path: Some(path.into()), saved: Some(saved), ..Keeping::default() };
            train_kept(&options, Target::Desktop, keeping, &mut |_| ()).unwrap_err().to_string()
        }
        Err(error) => error.to_string(),
    }
}

/// With the checksum that belongs to it.
fn sealed(mut bytes: Vec<u8>) -> Vec<u8> {
    let crc = Crc::<u32>::new(&CRC_32_ISO_HDLC).checksum(&bytes);
    bytes.extend(crc.to_le_bytes());
    bytes
}

fn go_on_for_a_step(path: &str) -> Result<Record, Error> {
    let saved = Saved::read(path)?;
    // Where its results would go is its own business.
    let options = Options { save: None, json: None, ..saved.options()? };
    let stop = AtomicBool::new(true);
    let keeping = Keeping { saved: Some(saved), stop: Some(&stop), ..Keeping::default() };
    train_kept(&options, Target::Desktop, keeping, &mut |_| ())
}

#[test]
fn cut_and_flipped_files_are_refused() {
    let Kept { path, folder, .. } = kept("");
    let whole = fs::read(&path).unwrap();
    let other = folder.path().join("other.ckpt").display().to_string();
    let header = learner(&whole);
    let near = |place: &usize| *place < 32 || place.abs_diff(header) < 16 || whole.len() - place < 8;
    for place in (0..whole.len()).filter(|place| place % 61 == 0 || near(place)) {
        fs::write(&other, &whole[..place]).unwrap();
        let message = refusal(&other);
        let expected = ["its end is missing", "is not a checkpoint", "is a trainer without its run"];
        assert!(expected.iter().any(|part| message.contains(part)), "cut at {place}: {message}");
        let mut flipped = whole.clone();
        flipped[place] ^= 1 << (place % 8);
        fs::write(&other, &flipped).unwrap();
        let message = refusal(&other);
        let expected = ["is damaged", "its end is missing", "is not a checkpoint", "is of version"];
        assert!(expected.iter().any(|part| message.contains(part)), "flipped at {place}: {message}");
        assert!((4..8).contains(&place) || !message.contains("version"), "flipped at {place}: {message}");
    }
    fs::write(&other, &whole[..header]).unwrap();
    assert!(refusal(&other).contains("is a trainer without its run, such as a board keeps"));
    fs::write(&other, [&whole[..], b"more"].concat()).unwrap();
    assert!(refusal(&other).contains("is damaged"));
}

#[test]
fn files_of_something_else_are_refused_by_name() {
    let Kept { folder, path, options } = kept("");
    let whole = fs::read(&path).unwrap();
    let header = learner(&whole);
    let (trainer, run) = (&whole[..header], &whole[header..whole.len() - 4]);
    assert_eq!(sealed([trainer, run].concat()), whole, "the format is as documented");
    let made = |bytes: Vec<u8>| {
        let path = folder.path().join("made.ckpt").display().to_string();
        fs::write(&path, bytes).unwrap();
        refusal(&path)
    };
    let mut newer = run.to_vec();
    newer[4] = 2;
    assert!(
        made(sealed([trainer, &newer].concat()))
            .contains("is of version 2 of the format, and this program reads version 1")
    );
    for (network, said, steps, message) in [
        ("watch-12x1", "", 3, "its parts do not belong together"),
        ("watch-12x1", "--state 8bit", 2, "of the same network, but of another trainer"),
        ("watch-16x2", "", 2, "is of another network"),
    ] {
        let other = folder.path().join(format!("{network}{said}{steps}.ckpt")).display().to_string();
        assert!(is_interrupted(&advance(&self::options(folder.path(), network, said), &other, None, steps)));
        let other = fs::read(&other).unwrap();
        let found = made(sealed([&other[..learner(&other)], run].concat()));
        assert!(found.contains(message), "{network} {said}: {found}");
    }
    let broken = [&run[..8], &3_u32.to_le_bytes(), b"abc"].concat();
    assert!(made(sealed([trainer, &broken].concat())).contains("not what this program writes"));
    assert!(!is_interrupted(&advance(&options, &path, None, u32::MAX)), "the file itself goes on");
}

/// Whatever somebody writes into a file with the right checksum: it is refused, or goes on for a step.
#[test]
fn forged_files_do_no_harm() {
    let Kept { path, folder, .. } = kept("--validation 0.3 --rollback 0.5");
    let whole = fs::read(&path).unwrap();
    let header = learner(&whole) + 12;
    let forged = folder.path().join("forged.ckpt").display().to_string();
    let key = Key::new(3, Purpose::Mask);
    let (mut refused, mut gone_on) = (0, 0);
    for number in 0..1500 {
        let mut random = key.child(number).stream();
        let mut bytes = whole[..whole.len() - 4].to_vec();
        let length = (bytes.len() - header) as u32;
        // Half of them within the options, which stand first.
        let reach = if random.below(2) == 0 { 600 } else { length };
        for _ in 0..1 + random.below(3) {
            let place = header + random.below(reach.min(length)) as usize;
            bytes[place] =
                if random.below(2) == 0 { random.bits() as u8 } else { bytes[place] ^ (1 << random.below(8)) };
        }
        fs::write(&forged, sealed(bytes)).unwrap();
        match go_on_for_a_step(&forged) {
            Err(error) if !matches!(error, Error::Interrupted { .. }) => {
                assert!(!error.to_string().is_empty());
                refused += 1;
            }
            _ => gone_on += 1,
        }
    }
    assert!(refused > 100 && gone_on > 10, "{refused} {gone_on}");
}

#[test]
fn other_data_and_other_options_are_named() {
    let Kept { path, options, folder: _folder } = kept("--validation 0.3 --lr 0.01");
    let saved = Saved::read(&path).unwrap();
    assert_eq!(saved.options().unwrap(), options);
    let given = |line: &str, names: &[&str]| {
        let given = Options::try_parse_from(["train"].into_iter().chain(line.split_whitespace())).unwrap();
        let names: Vec<String> = names.iter().map(|name| name.to_string()).collect();
        saved.options_with(&given, &names).map_err(|error| error.to_string())
    };
    // A default that is asked for is asked for.
    let message = given("--lr 0.005", &["lr"]).unwrap_err();
    assert!(message.contains("its run has --lr 0.01, not 0.005"), "{message}");
    let message = given("--sam sam --json x", &["sam", "json"]).unwrap_err();
    assert!(message.contains("its run has --sam left out, not sam"), "{message}");
    let resumed = given("--lr 0.01 --json x --save y", &["lr", "json", "save"]).unwrap();
    assert_eq!(resumed, Options { json: Some("x".into()), save: Some("y".into()), ..options.clone() });

    let data = options.data.data.file().unwrap();
    let before = fs::read_to_string(data).unwrap();
    for (changed, what) in [
        (before.replacen("0.", "0.1", 1), "the training data have changed: they were 8 samples with CRC-32 "),
        (before.lines().take(11).map(|line| format!("{line}\n")).collect(), "now they are 7 samples"),
    ] {
        fs::write(data, changed).unwrap();
        let message = refusal(&path);
        assert!(message.contains(what), "{message}");
    }
    fs::write(data, before).unwrap();
    advance(&options, &path, None, u32::MAX).unwrap();
}

#[test]
fn another_run_is_not_written_over() {
    let Kept { path, options, folder: _folder } = kept("");
    let before = fs::read(&path).unwrap();
    let keeping = Keeping { path: Some(path.clone()), ..Keeping::default() };
    let message = train_kept(&options, Target::Desktop, keeping, &mut |_| ()).unwrap_err().to_string();
    assert!(message.contains("is there already: `host-sim train --resume"), "{message}");
    assert_eq!(fs::read(&path).unwrap(), before);
}
