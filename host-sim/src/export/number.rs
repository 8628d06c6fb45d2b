//! Numbers, texts and names as source text. Numbers have as few digits as read back to the same bits.

use std::fmt::Write as _;

/// A number of 32 bits as Rust writes it.
pub fn rust(value: f32) -> String {
    format!("{value:?}")
}

/// A number of 32 bits as C writes it.
pub fn c(value: f32) -> String {
    format!("{value:?}f")
}

/// How a language writes an array.
#[derive(Clone, Copy)]
pub struct Style {
    /// Before and behind it.
    pub brackets: [char; 2],
    /// A number in it.
    pub number: fn(f32) -> String,
    /// How deep the statement is indented.
    pub depth: usize,
}

/// Nested arrays of these lengths, an innermost array per line.
pub fn nested(values: &[f32], shape: &[usize], style: Style) -> String {
    let mut text = String::new();
    write_nested(&mut text, values, shape, style);
    text
}

fn write_nested(text: &mut String, values: &[f32], shape: &[usize], style: Style) {
    let Style { brackets: [open, close], number, depth } = style;
    match shape {
        [] | [_] => {
            let numbers: Vec<_> = values.iter().map(|value| number(*value)).collect();
            let _ = write!(text, "{open}{}{close}", numbers.join(", "));
        }
        [outer, rest @ ..] => {
            let indent = "    ".repeat(depth);
            let _ = writeln!(text, "{open}");
            for part in values.chunks(values.len().div_ceil(*outer).max(1)) {
                let _ = write!(text, "{indent}    ");
                write_nested(text, part, rest, Style { depth: depth + 1, ..style });
                let _ = writeln!(text, ",");
            }
            let _ = write!(text, "{indent}{close}");
        }
    }
}

/// A text in quotes that Rust and C read alike.
pub fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted += "\\n",
            '\r' => quoted += "\\r",
            '\t' => quoted += "\\t",
            _ => quoted.push(c),
        }
    }
    quoted + "\""
}

/// A text for a comment: in one line, and without what would end the comment.
pub fn in_comment(text: &str) -> String {
    text.replace("*/", "* /").chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Names of variables for these texts: small letters, digits and underscores, no two alike, and none that a language keeps to itself.
pub fn identifiers<'a>(texts: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for text in texts {
        let name = identifier(text);
        let numbered = (2..).map(|number| format!("{name}_{number}"));
        let free = [name.clone()].into_iter().chain(numbered).find(|name| !names.contains(name));
        names.push(free.unwrap_or(name));
    }
    names
}

/// A name of a variable for a text.
pub fn identifier(text: &str) -> String {
    let mut name = String::new();
    for c in text.chars() {
        match c.to_ascii_lowercase() {
            c if c.is_ascii_alphanumeric() => name.push(c),
            _ if name.is_empty() || name.ends_with('_') => {}
            _ => name.push('_'),
        }
    }
    let name = name.trim_end_matches('_');
    match name.chars().next() {
        None => "column".into(),
        Some(first) if first.is_ascii_digit() => format!("column_{name}"),
        _ if KEYWORDS.contains(&name) => format!("{name}_"),
        _ => name.into(),
    }
}

/// Of Rust and C.
const KEYWORDS: [&str; 76] = [
    "abstract", "as", "async", "auto", "await", "become", "bool", "box", "break", "case", "char", "const", "continue",
    "crate", "default", "do", "double", "dyn", "else", "enum", "extern", "false", "final", "float", "fn", "for", "gen",
    "goto", "if", "impl", "in", "inline", "int", "let", "long", "loop", "macro", "match", "mod", "move", "mut",
    "override", "priv", "pub", "ref", "register", "restrict", "return", "self", "short", "signed", "sizeof", "static",
    "struct", "super", "switch", "trait", "true", "try", "type", "typedef", "typeof", "union", "unsafe", "unsigned",
    "unsized", "use", "virtual", "void", "volatile", "where", "while", "yield", "f32", "f64", "str",
];

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn arrays_are_nested() {
        let values = [1.0, -0.0, 1e-7, 2.5, 1e20, 3.0];
        let [rust, c] = [(['[', ']'], rust as fn(f32) -> String), (['{', '}'], c)].map(|(brackets, number)| Style {
            brackets,
            number,
            depth: 0,
        });
        assert_eq!(nested(&values, &[6], rust), "[1.0, -0.0, 1e-7, 2.5, 1e20, 3.0]");
        let text = nested(&values, &[3, 2], c);
        assert_eq!(text, "{\n    {1.0f, -0.0f},\n    {1e-7f, 2.5f},\n    {1e20f, 3.0f},\n}");
    }

    #[test]
    fn texts_become_names() {
        let texts = ["Sepal length (cm)", "type", "2nd", "ÄÖ", "a b", "a-b", "_x_"];
        assert_eq!(identifiers(texts), ["sepal_length_cm", "type_", "column_2nd", "column", "a_b", "a_b_2", "x"]);
        assert_eq!(quoted("a\"b\\\n"), r#""a\"b\\\n""#);
        assert_eq!(in_comment("a */ b\nc"), "a * / b c");
    }

    proptest! {
        #[test]
        fn numbers_keep_their_bits(bits in any::<u32>()) {
            let value = f32::from_bits(bits);
            prop_assume!(value.is_finite());
            prop_assert_eq!(rust(value).parse::<f32>().unwrap().to_bits(), bits);
        }
    }
}
