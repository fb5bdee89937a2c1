//! What the subject and the rule of an exception look like: one of each, never a pattern.

use crate::inventory::exceptions::IDENTITY_PREFIX;

/// One identity or one resource.
pub(super) fn subject(text: &str) -> Result<(), String> {
    let wrong = if text.contains('*') {
        "It is a pattern: except each subject by itself."
    } else if text.starts_with(IDENTITY_PREFIX) || is_address(text) {
        return Ok(());
    } else {
        "Name the `id` of an identity, or the address of one resource."
    };
    Err(format!("`{}` is not the subject of an exception. {wrong}", text.escape_debug()))
}

/// `module.a["x"].aws_iam_role.r[0]`: names with dots between them, each with an index behind it or none.
fn is_address(text: &str) -> bool {
    let (mut names, mut rest) = (0, text);
    loop {
        let fits = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
        let end = rest.find(|c| !fits(c)).unwrap_or(rest.len());
        let Some((name, behind)) = rest.split_at_checked(end) else { return false };
        if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
            return false;
        }
        names += 1;
        let behind = match behind.strip_prefix('[') {
            Some(index) => match index.split_once(']') {
                Some((key, behind)) if is_key(key) => behind,
                Some(_) | None => return false,
            },
            None => behind,
        };
        if behind.is_empty() {
            return names >= 2;
        }
        let Some(next) = behind.strip_prefix('.') else { return false };
        rest = next;
    }
}

fn is_key(key: &str) -> bool {
    let quoted = key.strip_prefix('"').and_then(|key| key.strip_suffix('"'));
    let number = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_digit());
    number || quoted.is_some_and(|key| !key.is_empty() && !key.contains('"'))
}

/// A code of the linter, or a control of a framework.
pub(super) fn rule(text: &str) -> Result<(), String> {
    let code = text.len() == 6
        && text.chars().take(3).all(|c| c.is_ascii_uppercase())
        && text.chars().skip(3).all(|c| c.is_ascii_digit());
    let control = text.split_once(':').is_some_and(|(framework, control)| {
        let name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-".contains(c);
        let fits = |c: char| c.is_ascii_alphanumeric() || ".-(): ".contains(c);
        framework.starts_with(|c: char| c.is_ascii_lowercase())
            && framework.chars().all(name)
            && !control.is_empty()
            && control.trim() == control
            && control.chars().all(fits)
    });
    if code || control {
        return Ok(());
    }
    Err(format!(
        "`{}` is not a rule. Name one rule by its code, such as `TPL001`, or a control as `framework:control`, such as \
         `pci-dss-4.0.1:8.6.3`.",
        text.escape_debug()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn subjects_and_rules() {
        for fine in [
            "nhi-01",
            "aws_iam_user.legacy",
            "module.a[\"x.y\"].aws_iam_role.r[0]",
            "data.aws_iam_policy_document.p",
        ] {
            assert_eq!(subject(fine), Ok(()), "{fine}");
        }
        for wrong in
            ["", "aws_iam_user", "a.b.", "a..b", "a.b[", "a.b[x]", "a.b[*]", "a b.c", "1a.b"]
        {
            assert!(subject(wrong).is_err(), "{wrong}");
        }
        for fine in [
            "TPL001",
            "owasp-nhi:NHI5:2025",
            "nist-csf-2.0:PR.AA-05",
            "nist-800-53r5:IA-5(7)",
            "nist-ai-rmf-1.0:GOVERN 1.6",
        ] {
            assert_eq!(rule(fine), Ok(()), "{fine}");
        }
        for wrong in ["", "tpl001", "TPL1", "TPL0012", "TPL*", "A:b", "pci:", ":x", "pci: a"] {
            assert!(rule(wrong).is_err(), "{wrong}");
        }
    }
}
