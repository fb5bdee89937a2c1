//! PEM (RFC 7468): the text around DER. Reading says in which line something is wrong.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The label of a certificate.
pub(crate) const CERTIFICATE: &str = "CERTIFICATE";
/// The label of a revocation list.
pub(crate) const CRL: &str = "X509 CRL";

/// Characters in a line (RFC 7468, 2).
const WIDTH: usize = 64;

/// Bytes as PEM.
pub(crate) fn write(label: &str, content: &[u8]) -> String {
    let encoded = STANDARD.encode(content);
    let mut text = format!("-----BEGIN {label}-----\n");
    let mut rest = encoded.as_str();
    while !rest.is_empty() {
        let (line, more) = rest.split_at_checked(WIDTH).unwrap_or((rest, ""));
        text.push_str(line);
        text.push('\n');
        rest = more;
    }
    text.push_str("-----END ");
    text.push_str(label);
    text.push_str("-----\n");
    text
}

/// One block of PEM.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Section {
    /// What it says it is.
    pub(crate) label: String,
    /// The line of its beginning, from 1.
    pub(crate) line: usize,
    /// What is in it.
    pub(crate) content: Vec<u8>,
}

/// Why a text is no PEM.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PemError {
    /// Not a character of the alphabet, or the padding is wrong.
    #[error("line {line} is not base64")]
    Base64 {
        /// From 1.
        line: usize,
    },
    /// The end is missing or is that of something else.
    #[error("the block that begins in line {line} does not end with `-----END {label}-----`")]
    Unended {
        /// Where it begins.
        line: usize,
        /// What it says it is.
        label: String,
    },
}

/// Every block of a text. What stands around them is commentary.
pub(crate) fn read(text: &str) -> Result<Vec<Section>, PemError> {
    let mut sections = Vec::new();
    let mut lines = (1..).zip(text.lines().map(str::trim));
    while let Some((line, text)) = lines.next() {
        let Some(label) = boundary(text, "BEGIN") else { continue };
        let unended = || PemError::Unended { line, label: label.to_owned() };
        let mut encoded = String::new();
        let mut last = line;
        let end = loop {
            let (at, text) = lines.next().ok_or_else(unended)?;
            if let Some(end) = boundary(text, "END") {
                break end;
            }
            if !text.chars().all(|c| c.is_ascii_alphanumeric() || "+/=".contains(c)) {
                return Err(PemError::Base64 { line: at });
            }
            encoded.push_str(text);
            last = at;
        };
        if end != label {
            return Err(unended());
        }
        let content = STANDARD.decode(&encoded).map_err(|_| PemError::Base64 { line: last })?;
        sections.push(Section { label: label.to_owned(), line, content });
    }
    Ok(sections)
}

/// The label of a boundary.
fn boundary<'a>(line: &'a str, word: &str) -> Option<&'a str> {
    line.strip_prefix("-----")?.strip_prefix(word)?.strip_prefix(' ')?.strip_suffix("-----")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(content in proptest::collection::vec(any::<u8>(), 0..300)) {
            let text = format!("a comment\n{}", write(CERTIFICATE, &content));
            prop_assert!(text.lines().all(|line| line.len() <= WIDTH));
            let section = Section { label: CERTIFICATE.to_owned(), line: 2, content };
            prop_assert_eq!(read(&text), Ok(vec![section]));
        }

        #[test]
        fn no_text_breaks_the_reader(text in "(-----(BEGIN|END) [AB]-----\n|[A-Za-z=!]{0,9}\n){0,9}") {
            let _ = read(&text);
        }
    }

    #[test]
    fn what_is_wrong_has_a_line() {
        let of = |text: &str| {
            read(text).map(|sections| sections.len()).map_err(|error| error.to_string())
        };
        assert_eq!(
            of("-----BEGIN A-----\nAAAA\nA!AA\n-----END A-----"),
            Err("line 3 is not base64".to_owned())
        );
        assert_eq!(
            of("-----BEGIN A-----\nAAAAA\n-----END A-----"),
            Err("line 2 is not base64".to_owned())
        );
        let unended = "the block that begins in line 1 does not end with `-----END A-----`";
        assert_eq!(of("-----BEGIN A-----\nAAAA\n"), Err(unended.to_owned()));
        assert_eq!(of("-----BEGIN A-----\nAAAA\n-----END B-----"), Err(unended.to_owned()));
        assert_eq!(of("nothing"), Ok(0));
    }
}
