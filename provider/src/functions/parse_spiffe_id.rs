//! `parse_spiffe_id`: a SPIFFE ID taken apart, refused where the SPIFFE-ID specification refuses it.

use super::spiffe_id::{LONGEST_ID, check_segment, check_trust_domain};
use crate::function::{Function, FunctionProblem, Parameter};
use crate::model::model;
use crate::schema::computed;

/// `provider::nhi::parse_spiffe_id`.
#[derive(Debug)]
pub(crate) struct ParseSpiffeId;

model! {
    /// The parts of a SPIFFE ID.
    pub(crate) struct Parts {
        /// The trust domain.
        trust_domain: String = computed(),
        /// The path with its leading slash; empty for the ID of the trust domain itself.
        path: String = computed(),
        /// The segments of the path, in order.
        segments: Vec<String> = computed(),
    }
}

impl Function for ParseSpiffeId {
    const NAME: &'static str = "parse_spiffe_id";
    const SUMMARY: &'static str = "The trust domain and the path of a SPIFFE ID";
    const DESCRIPTION: &'static str = "Takes a [SPIFFE ID](https://github.com/spiffe/spiffe/blob/main/standards/SPIFFE-ID.md) \
        apart into an object of `trust_domain`, `path` (with its leading slash, or empty) and `segments`. What is not a SPIFFE \
        ID is refused: another scheme, a port, a query, a fragment, an empty segment, a slash at the end, characters \
        that the specification does not allow, more than 2048 bytes.";
    const PARAMETERS: &'static [Parameter] = &[Parameter {
        name: "id",
        description: "A SPIFFE ID: `spiffe://example.com/billing/worker`.",
    }];

    type Arguments = (String,);
    type Output = Parts;

    fn call((id,): Self::Arguments) -> Result<Parts, FunctionProblem> {
        parse(&id).map_err(|text| FunctionProblem::at(0, text))
    }
}

fn parse(id: &str) -> Result<Parts, String> {
    let Some(rest) = id.strip_prefix("spiffe://") else {
        return Err(format!("`{id}` is not a SPIFFE ID: it does not begin with `spiffe://`."));
    };
    if id.len() > LONGEST_ID {
        return Err(format!(
            "A SPIFFE ID has at most {LONGEST_ID} bytes, and this one has {}.",
            id.len()
        ));
    }
    let (trust_domain, path) = match rest.find('/') {
        Some(at) => rest.split_at(at),
        None => (rest, ""),
    };
    check_trust_domain(trust_domain)?;
    let segments: Vec<&str> = match path.strip_prefix('/') {
        Some(path) => path.split('/').collect(),
        None => Vec::new(),
    };
    if path.ends_with('/') {
        return Err(format!("`{id}` ends with a slash. Leave it out."));
    }
    segments.iter().try_for_each(|segment| check_segment(segment))?;
    Ok(Parts {
        trust_domain: trust_domain.into(),
        path: path.into(),
        segments: segments.into_iter().map(str::to_owned).collect::<Vec<_>>().into(),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::spiffe_id;
    use super::*;

    fn call(id: &str) -> String {
        match parse(id) {
            Ok(Parts { trust_domain, path, segments }) => format!(
                "{} | {} | {}",
                trust_domain.as_str().unwrap(),
                path.as_str().unwrap(),
                segments.known().unwrap().join(", ")
            ),
            Err(text) => text,
        }
    }

    #[test]
    fn parts() {
        assert_eq!(
            call("spiffe://example.com/ns/billing/sa/worker"),
            "example.com | /ns/billing/sa/worker | ns, billing, sa, worker"
        );
        assert_eq!(call("spiffe://example.com"), "example.com |  | ");
        assert_eq!(call("spiffe://a_b-1/.../A"), "a_b-1 | /.../A | ..., A");
    }

    #[test]
    fn what_the_specification_refuses() {
        insta::assert_snapshot!(call("https://example.com/a"), @"`https://example.com/a` is not a SPIFFE ID: it does not begin with `spiffe://`.");
        insta::assert_snapshot!(call("SPIFFE://example.com/a"), @"`SPIFFE://example.com/a` is not a SPIFFE ID: it does not begin with `spiffe://`.");
        insta::assert_snapshot!(call("spiffe:///a"), @"The trust domain is empty.");
        insta::assert_snapshot!(call("spiffe://example.com:8443/a"), @"The trust domain `example.com:8443` holds `:`: it has lowercase letters, digits, `.`, `-` and `_` only, no scheme and no port.");
        insta::assert_snapshot!(call("spiffe://example.com/"), @"`spiffe://example.com/` ends with a slash. Leave it out.");
        insta::assert_snapshot!(call("spiffe://example.com/a//b"), @"A path segment is empty.");
        insta::assert_snapshot!(call("spiffe://example.com/a/../b"), @"`..` cannot be a path segment.");
        insta::assert_snapshot!(call("spiffe://example.com/a?b=c"), @"The path segment `a?b=c` holds `?`: it has letters, digits, `.`, `-` and `_` only.");
        insta::assert_snapshot!(call("spiffe://example.com/%41"), @"The path segment `%41` holds `%`: it has letters, digits, `.`, `-` and `_` only.");
        insta::assert_snapshot!(call(&format!("spiffe://a/{}", "b".repeat(2048))), @"A SPIFFE ID has at most 2048 bytes, and this one has 2059.");
    }

    proptest! {
        /// What one function puts together, the other takes apart, and nothing else.
        #[test]
        fn the_reverse_of_spiffe_id(id in "(spiffe://)?[a-c./:%_-]{0,12}") {
            if let Ok(Parts { trust_domain, segments, .. }) = parse(&id) {
                let segments = segments.known().cloned().unwrap_or_default();
                let again = spiffe_id::assemble(trust_domain.as_str().unwrap(), segments.iter().map(String::as_str));
                prop_assert_eq!(again, Ok(id));
            }
        }

        #[test]
        fn what_spiffe_id_makes_is_accepted(domain in "[a-z0-9._-]{1,20}", segments in proptest::collection::vec("[A-Za-z0-9_-]{1,6}", 0..5)) {
            let id = spiffe_id::assemble(&domain, segments.iter().map(String::as_str)).unwrap();
            let parts = parse(&id).unwrap();
            prop_assert_eq!(parts.trust_domain.as_str(), Some(domain.as_str()));
            prop_assert_eq!(parts.segments.known(), Some(&segments));
        }
    }
}
