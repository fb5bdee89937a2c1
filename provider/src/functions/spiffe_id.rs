//! `spiffe_id`: a SPIFFE ID out of its parts, refused where the SPIFFE-ID specification refuses it.

use crate::function::{Function, FunctionProblem, Parameter, Rest};

/// `provider::nhi::spiffe_id`.
#[derive(Debug)]
pub(crate) struct SpiffeId;

/// The longest trust domain and the longest ID, in bytes (SPIFFE-ID, sections 2.1 and 2.3).
const LONGEST_DOMAIN: usize = 255;
pub(super) const LONGEST_ID: usize = 2048;

impl Function for SpiffeId {
    const NAME: &'static str = "spiffe_id";
    const SUMMARY: &'static str = "A SPIFFE ID from a trust domain and the segments of a path";
    const DESCRIPTION: &'static str = "Puts a [SPIFFE ID](https://github.com/spiffe/spiffe/blob/main/standards/SPIFFE-ID.md) \
        together and refuses what the specification refuses: trust domains of other characters than lowercase letters, \
        digits, `.`, `-` and `_`, and path segments that are empty, `.`, `..` or hold other characters than letters, \
        digits, `.`, `-` and `_`.";
    const PARAMETERS: &'static [Parameter] = &[Parameter {
        name: "trust_domain",
        description: "The trust domain, such as `example.com`.",
    }];
    const VARIADIC: Option<Parameter> = Some(Parameter {
        name: "segments",
        description: "The segments of the path, in order, without slashes.",
    });

    type Arguments = (String, Rest<String>);
    type Output = String;

    fn call((trust_domain, Rest(segments)): Self::Arguments) -> Result<String, FunctionProblem> {
        check_trust_domain(&trust_domain).map_err(|text| FunctionProblem::at(0, text))?;
        for (index, segment) in segments.iter().enumerate() {
            check_segment(segment).map_err(|text| FunctionProblem::at(index + 1, text))?;
        }
        assemble(&trust_domain, segments.iter().map(String::as_str))
            .map_err(|text| FunctionProblem { argument: None, text })
    }
}

/// The ID of parts that have been checked one by one.
pub(crate) fn assemble<'a>(
    trust_domain: &str,
    segments: impl Iterator<Item = &'a str>,
) -> Result<String, String> {
    let id =
        segments.fold(format!("spiffe://{trust_domain}"), |id, segment| format!("{id}/{segment}"));
    if id.len() > LONGEST_ID {
        return Err(format!(
            "A SPIFFE ID has at most {LONGEST_ID} bytes, and this one would have {}.",
            id.len()
        ));
    }
    Ok(id)
}

/// What is wrong with a trust domain, as a sentence.
pub(crate) fn check_trust_domain(text: &str) -> Result<(), String> {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-_".contains(c);
    if text.is_empty() {
        Err("The trust domain is empty.".to_owned())
    } else if let Some(odd) = text.chars().find(|c| !fits(*c)) {
        Err(format!(
            "The trust domain `{text}` holds `{odd}`: it has lowercase letters, digits, `.`, `-` and `_` only, no scheme \
             and no port."
        ))
    } else if text.len() > LONGEST_DOMAIN {
        Err(format!("A trust domain has at most {LONGEST_DOMAIN} bytes."))
    } else {
        Ok(())
    }
}

/// What is wrong with a path segment, as a sentence.
pub(crate) fn check_segment(text: &str) -> Result<(), String> {
    let fits = |c: char| c.is_ascii_alphanumeric() || ".-_".contains(c);
    if text.is_empty() {
        Err("A path segment is empty.".to_owned())
    } else if text == "." || text == ".." {
        Err(format!("`{text}` cannot be a path segment."))
    } else if let Some(odd) = text.chars().find(|c| !fits(*c)) {
        Err(format!(
            "The path segment `{text}` holds `{odd}`: it has letters, digits, `.`, `-` and `_` only."
        ))
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn call(trust_domain: &str, segments: &[&str]) -> String {
        let segments = segments.iter().map(|segment| (*segment).to_owned()).collect();
        SpiffeId::call((trust_domain.to_owned(), Rest(segments))).unwrap_or_else(|problem| {
            format!(
                "{}: {}",
                problem.argument.map_or("-".into(), |at| at.to_string()),
                problem.text
            )
        })
    }

    #[test]
    fn ids() {
        assert_eq!(
            call("example.com", &["billing", "invoice-export"]),
            "spiffe://example.com/billing/invoice-export"
        );
        assert_eq!(call("example.com", &[]), "spiffe://example.com");
        assert_eq!(call("a_b-1", &["...", "A"]), "spiffe://a_b-1/.../A");
    }

    #[test]
    fn what_the_specification_refuses() {
        insta::assert_snapshot!(call("Example.com", &[]), @"0: The trust domain `Example.com` holds `E`: it has lowercase letters, digits, `.`, `-` and `_` only, no scheme and no port.");
        insta::assert_snapshot!(call("", &[]), @"0: The trust domain is empty.");
        insta::assert_snapshot!(call("a", &["b", ".."]), @"2: `..` cannot be a path segment.");
        insta::assert_snapshot!(call("a", &["b/c"]), @"1: The path segment `b/c` holds `/`: it has letters, digits, `.`, `-` and `_` only.");
        insta::assert_snapshot!(call("a", &[""]), @"1: A path segment is empty.");
        insta::assert_snapshot!(call(&"a".repeat(256), &[]), @"0: A trust domain has at most 255 bytes.");
        insta::assert_snapshot!(call("a", &["b".repeat(2048).as_str()]), @"-: A SPIFFE ID has at most 2048 bytes, and this one would have 2059.");
    }

    proptest! {
        #[test]
        fn what_is_accepted_splits_into_its_parts(domain in "[a-z0-9._-]{1,20}", segments in proptest::collection::vec("[ -~]{0,6}", 0..5)) {
            let parts: Vec<&str> = segments.iter().map(String::as_str).collect();
            let id = call(&domain, &parts);
            if let Some(rest) = id.strip_prefix("spiffe://") {
                let mut expected = vec![domain.as_str()];
                expected.extend(parts);
                prop_assert_eq!(rest.split('/').collect::<Vec<_>>(), expected);
            }
        }
    }
}
