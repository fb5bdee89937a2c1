//! Addresses of resource instances: `module.robot["x.y"].data.aws_region.here[0]`.

use crate::model::Mode;

/// An address taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address {
    /// `module.robot["x.y"]`, empty for the root module.
    pub(crate) module: String,
    /// Managed or data.
    pub(crate) mode: Mode,
    /// `aws_region`
    pub(crate) kind: String,
    /// `here`
    pub(crate) name: String,
    /// The instance key as it is written: `0`, `"blue"`; none for a single instance.
    pub(crate) key: Option<String>,
}

impl Address {
    /// Takes an instance's address apart; none if it is not one.
    pub(crate) fn parse(address: &str) -> Option<Self> {
        let steps = steps(address)?;
        let mut module = Vec::new();
        let mut rest = steps.as_slice();
        while let [("module", None), name, later @ ..] = rest {
            module.push(match name.1 {
                Some(key) => format!("module.{}[{key}]", name.0),
                None => format!("module.{}", name.0),
            });
            rest = later;
        }
        let (mode, rest) = match rest {
            [("data", None), later @ ..] => (Mode::Data, later),
            _ => (Mode::Managed, rest),
        };
        let [(kind, None), (name, key)] = rest else { return None };
        Some(Self {
            module: module.join("."),
            mode,
            kind: (*kind).to_owned(),
            name: (*name).to_owned(),
            key: key.map(str::to_owned),
        })
    }

    /// The address without instance keys anywhere: how plan JSON names the resource in its configuration.
    pub(crate) fn configured(&self) -> (Vec<String>, String) {
        let module = steps(&self.module).unwrap_or_default();
        let module = module.iter().skip(1).step_by(2).map(|(name, _)| (*name).to_owned()).collect();
        let data = if self.mode == Mode::Data { "data." } else { "" };
        (module, format!("{data}{}.{}", self.kind, self.name))
    }
}

/// A key of `for_each` as addresses spell it: `"blue"`.
pub(super) fn quoted(key: &str) -> String {
    let text = serde_json::Value::from(key).to_string();
    text.replace("${", "$${").replace("%{", "%%{")
}

/// The names between dots, each with its key.
fn steps(address: &str) -> Option<Vec<(&str, Option<&str>)>> {
    let mut steps = Vec::new();
    let mut rest = address;
    while !rest.is_empty() {
        let end = rest.find(['.', '[']).unwrap_or(rest.len());
        let (name, later) = rest.split_at_checked(end)?;
        let (key, later) = match later.strip_prefix('[') {
            Some(inside) => {
                let end = key_end(inside)?;
                let (key, later) = inside.split_at_checked(end)?;
                (Some(key), later.strip_prefix(']')?)
            }
            None => (None, later),
        };
        if name.is_empty() {
            return None;
        }
        steps.push((name, key));
        rest = match later.strip_prefix('.') {
            Some("") => return None,
            Some(later) => later,
            None if later.is_empty() => later,
            None => return None,
        };
    }
    Some(steps)
}

/// Where a key ends: at the bracket, which a quoted key may contain.
fn key_end(inside: &str) -> Option<usize> {
    let Some(quoted) = inside.strip_prefix('"') else { return inside.find(']') };
    let mut escaped = false;
    for (index, byte) in quoted.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return Some(index + 2),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(address: &str, module: &str, mode: Mode, kind: &str, name: &str, key: Option<&str>) {
        let expected = Address {
            module: module.into(),
            mode,
            kind: kind.into(),
            name: name.into(),
            key: key.map(str::to_owned),
        };
        assert_eq!(Address::parse(address), Some(expected));
    }

    #[test]
    fn addresses_come_apart() {
        check("aws_iam_user.this", "", Mode::Managed, "aws_iam_user", "this", None);
        check("data.aws_region.here[0]", "", Mode::Data, "aws_region", "here", Some("0"));
        check(
            r#"module.a["x.y]\"z"].module.b[3].aws_iam_role.r["k.[1]"]"#,
            r#"module.a["x.y]\"z"].module.b[3]"#,
            Mode::Managed,
            "aws_iam_role",
            "r",
            Some(r#""k.[1]""#),
        );
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in
            ["", "a", "a.b.c", "a.b[", "a.b[\"x", "a..b", "module.a", "a.b.", "a.b[0]c", "[0].a"]
        {
            assert_eq!(Address::parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_configured_address_has_no_keys() {
        let address = Address::parse(r#"module.a["x"].module.b[3].data.aws_region.r[1]"#);
        let configured = address.expect("an address").configured();
        assert_eq!(configured, (vec!["a".into(), "b".into()], "data.aws_region.r".into()));
    }
}
