//! Which DNS names a certificate may hold: those that the identity states in its template's parameter `dns_names`, separated
//! by commas. The parameter's pattern is the platform team's ceiling; where a template has no such parameter, no certificate
//! has a DNS name.

use std::collections::BTreeMap;

use policy::template::DNS_NAMES;

/// Longest label and longest name (RFC 1035, 2.3.4).
const LONGEST_LABEL: usize = 63;
const LONGEST_NAME: usize = 253;

/// A name that a certificate may not hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NameError {
    /// Not a DNS name.
    #[error("`{0}` is not a DNS name")]
    Malformed(String),
    /// Not stated.
    #[error("the identity does not state the DNS name `{0}`")]
    NotStated(String),
}

impl NameError {
    /// What to do about it.
    pub(crate) fn help(&self) -> String {
        match self {
            Self::Malformed(_) => {
                "write labels of letters, digits and hyphens with dots between them; only the first may be `*`".to_owned()
            }
            Self::NotStated(name) => format!(
                "state it in the template's parameter: `parameters = {{ {DNS_NAMES} = \"{name}\" }}`; a template without a \
                 parameter `{DNS_NAMES}` allows none"
            ),
        }
    }
}

/// Every name must be stated by the identity.
pub(crate) fn check(
    names: &[String],
    parameters: &BTreeMap<String, String>,
) -> Result<(), NameError> {
    let stated = parameters.get(DNS_NAMES).map_or("", String::as_str);
    let is_stated =
        |name: &str| stated.split(',').any(|stated| stated.trim().eq_ignore_ascii_case(name));
    names.iter().try_for_each(|name| {
        if !is_dns_name(name) {
            Err(NameError::Malformed(name.clone()))
        } else if !is_stated(name) {
            Err(NameError::NotStated(name.clone()))
        } else {
            Ok(())
        }
    })
}

/// Labels of letters, digits and inner hyphens; the first may be `*` before at least two others.
pub(crate) fn is_dns_name(name: &str) -> bool {
    let fits = |label: &str| {
        (1..=LONGEST_LABEL).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let labels = match name.strip_prefix("*.") {
        Some(rest) if rest.contains('.') => rest,
        Some(_) => return false,
        None => name,
    };
    name.len() <= LONGEST_NAME && labels.split('.').all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_that_are_stated() {
        let stated =
            BTreeMap::from([(DNS_NAMES.to_owned(), "a.example.com, *.b.example.com".to_owned())]);
        let of = |names: &[&str], stated: &BTreeMap<String, String>| {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            check(&names, stated).map_err(|error| error.to_string())
        };
        assert_eq!(of(&["a.example.com", "*.b.example.com", "A.example.com"], &stated), Ok(()));
        for (name, error) in [
            ("x.b.example.com", "the identity does not state the DNS name `x.b.example.com`"),
            ("example.com", "the identity does not state the DNS name `example.com`"),
            ("a_b", "`a_b` is not a DNS name"),
            ("*.com", "`*.com` is not a DNS name"),
            ("a..b", "`a..b` is not a DNS name"),
            ("", "`` is not a DNS name"),
        ] {
            assert_eq!(of(&[name], &stated), Err(error.to_owned()));
        }
        assert!(of(&["a.example.com"], &BTreeMap::new()).is_err());
        assert_eq!(of(&[], &BTreeMap::new()), Ok(()));
    }
}
