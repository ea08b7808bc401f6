//! A `.env` file as Node's dotenv 8 reads it, on which the files of running deployments
//! rely (docs/contract.md#5-deployment).
//!
//! A line is `NAME=VALUE`. Blanks around both are removed, and then quotes around the
//! value. In double quotes `\n` is a new line. All else is as it is written: `$`, `\`,
//! quotes and `#` inside the value, JSON without quotes around it.

/// What a file sets, in its order, and what is wrong with lines that were left out:
/// their numbers, and nothing of what is in them.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Settings {
    pub(super) values: Vec<(String, String)>,
    pub(super) wrong: Vec<String>,
}

/// Reads a file; no line hinders another one.
pub(super) fn read(file: &[u8]) -> Settings {
    let file = file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file);
    let mut settings = Settings::default();
    for (index, line) in file.split(|byte| *byte == b'\n').enumerate() {
        let number = index + 1;
        // What ends with CR alone has one number.
        for line in line.split(|byte| *byte == b'\r') {
            match read_line(line) {
                Ok(value) => settings.values.extend(value),
                Err(what) => settings.wrong.push(format!("line {number} {what}")),
            }
        }
    }
    settings
}

/// What the line sets, unless it is empty or a comment.
fn read_line(line: &[u8]) -> Result<Option<(String, String)>, &'static str> {
    let line = line.trim_ascii();
    if line.is_empty() || line.starts_with(b"#") {
        return Ok(None);
    }
    let line = std::str::from_utf8(line).map_err(|_| "is left out: it is not UTF-8")?;
    if line.contains('\0') {
        return Err("is left out: it holds the character NUL; save the file as UTF-8");
    }
    let pair = line.trim().split_once('=');
    let pair = pair.map(|(name, value)| (name.trim_end(), value.trim_start()));
    match pair.filter(|(name, _)| is_name(name)) {
        Some((name, value)) => Ok(Some((name.to_owned(), without_quotes(value)))),
        None if line.starts_with("export ") => {
            Err("is left out: write NAME=VALUE, without `export`")
        }
        None => Err("is left out: it is not NAME=VALUE"),
    }
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte))
}

fn without_quotes(value: &str) -> String {
    let within = |quote: char| value.strip_prefix(quote)?.strip_suffix(quote);
    match (within('"'), within('\'')) {
        (Some(text), _) => text.replace("\\n", "\n"),
        (None, Some(text)) => text.to_owned(),
        (None, None) => value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_sets_what_is_written() {
        for (line, name, value) in [
            ("A=b", "A", "b"),
            ("  A  =  b c  ", "A", "b c"),
            ("A=", "A", ""),
            ("A==b=c", "A", "=b=c"),
            ("a.b-C_1=x", "a.b-C_1", "x"),
            ("A=\"b\"", "A", "b"),
            ("A='b'", "A", "b"),
            ("A=\" b \"  ", "A", " b "),
            (r#"A="b\nc""#, "A", "b\nc"),
            (r"A='b\nc'", "A", r"b\nc"),
            (r"A=b\nc", "A", r"b\nc"),
            (r#"A="b\tc\\n""#, "A", "b\\tc\\\n"),
            ("A=\"", "A", "\""),
            ("A='b\"", "A", "'b\""),
            ("A=\"\"", "A", ""),
            ("A=b#c # d", "A", "b#c # d"),
            ("A=p@ss$WORD${X}`ls`", "A", "p@ss$WORD${X}`ls`"),
            (r#"A="a"b"c""#, "A", r#"a"b"c"#),
            ("A=it's", "A", "it's"),
            (r#"A={"k": ["v"], "w": 1}"#, "A", r#"{"k": ["v"], "w": 1}"#),
            ("A='{\"k\": \"v\"}'", "A", "{\"k\": \"v\"}"),
            ("A=ü 中", "A", "ü 中"),
        ] {
            let expected = Settings {
                values: vec![(name.to_owned(), value.to_owned())],
                wrong: Vec::new(),
            };
            assert_eq!(read(line.as_bytes()), expected, "{line}");
        }
    }

    /// As the first marketplace's guide has it, unbalanced quotes and all.
    #[test]
    fn the_guides_line_is_taken_without_its_outer_quotes() {
        let line = r#"AZURE_STORAGE="{\"storage_account\": \"acc\", \"connection_string\": ["BlobEndpoint=x\"], \"type\": \"blob\"}""#;
        let value = &read(line.as_bytes()).values[0].1;
        let expected = r#"{\"storage_account\": \"acc\", \"connection_string\": ["BlobEndpoint=x\"], \"type\": \"blob\"}"#;
        assert_eq!(value, expected);
    }

    #[test]
    fn line_ends_and_a_byte_order_mark_are_of_any_system() {
        let expected = [("A", "1"), ("B", "2"), ("C", "3")].map(|(a, b)| (a.into(), b.into()));
        for file in [
            "A=1\nB=2\nC=3",
            "\u{feff}A=1\r\nB=\"2\"\r\n\r\nC=3\r\n",
            "A=1\rB=2\rC=3\r",
            "# A=0\nA=1\n\n  # \"\n\tB='2'\n#\nC=3\n",
        ] {
            let settings = read(file.as_bytes());
            assert_eq!(settings.values, expected, "{file:?}");
            assert_eq!(settings.wrong, [""; 0], "{file:?}");
        }
    }

    #[test]
    fn a_line_that_is_something_else_is_left_out_alone() {
        let file =
            b"A=1\nhush\n= hush\nhu sh=hush\nexport hush=hush\nB=\xff\n# \xff\nC=hush\0\n=\nD=4";
        let settings = read(file);
        let names: Vec<_> = settings.values.iter().map(|(name, _)| &**name).collect();
        assert_eq!(names, ["A", "D"]);
        assert_eq!(
            settings.wrong,
            [
                "line 2 is left out: it is not NAME=VALUE",
                "line 3 is left out: it is not NAME=VALUE",
                "line 4 is left out: it is not NAME=VALUE",
                "line 5 is left out: write NAME=VALUE, without `export`",
                "line 6 is left out: it is not UTF-8",
                "line 8 is left out: it holds the character NUL; save the file as UTF-8",
                "line 9 is left out: it is not NAME=VALUE",
            ]
        );
    }
}
