//! The options of the data again, for the commands of the project.

use serde_json::Value;

use crate::data::source::DataOptions;

/// All that are not what they are without saying, with the data in another place. Options are named as their fields are.
pub fn of(options: &DataOptions, data: &str) -> Vec<String> {
    let [given, usual] = [options, &DataOptions::default()].map(|options| serde_json::to_value(options).ok());
    let (Some(Value::Object(given)), Some(Value::Object(usual))) = (given, usual) else { return Vec::new() };
    let mut arguments = vec!["--data".to_string(), data.into()];
    for (name, value) in given.iter().filter(|(name, value)| *name != "data" && usual.get(*name) != Some(value)) {
        let option = format!("--{}", name.replace('_', "-"));
        match value {
            Value::Bool(_) => arguments.push(option),
            Value::Array(values) => values.iter().for_each(|value| arguments.extend([option.clone(), text(value)])),
            value => arguments.extend([option, text(value)]),
        }
    }
    arguments
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}

/// An argument as a shell reads it.
pub fn for_shell(argument: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=,:".contains(c);
    if !argument.is_empty() && argument.chars().all(plain) {
        argument.into()
    } else {
        format!("'{}'", argument.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        data: DataOptions,
    }

    #[test]
    fn options_are_read_again() {
        let line =
            "new --data a.csv --label x --label y --drop p,q --missing mean --one-hot --window 16 --hop 8 --by run";
        let options = Line::parse_from(line.split(' ')).data;
        let again = of(&options, "data/b.csv");
        assert_eq!(again[..2], ["--data", "data/b.csv"]);
        let mut read = Line::parse_from([&["new".to_string()], &again[..]].concat()).data;
        read.data = options.data.clone();
        assert_eq!(read, options);
        assert_eq!(for_shell("a b's"), "'a b'\\''s'");
    }
}
