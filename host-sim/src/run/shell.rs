//! Commands as a person types them.

/// An argument, in quotes where a shell would read it otherwise.
pub fn for_shell(argument: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./=,:".contains(c);
    if !argument.is_empty() && argument.chars().all(plain) {
        argument.into()
    } else {
        format!("'{}'", argument.replace('\'', "'\\''"))
    }
}

/// Arguments with spaces between them.
pub fn line(arguments: &[String]) -> String {
    arguments.iter().map(|argument| for_shell(argument)).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_shell_would_divide_is_quoted() {
        assert_eq!(line(&["a/b,c", "a b's", ""].map(String::from)), "a/b,c 'a b'\\''s' ''");
    }
}
