//! `catalogue` and `harmless` blocks: what an organisation knows about resource types that the table does not.

use hcl_edit::Span as _;
use hcl_edit::structure::{Attribute, Block, Structure};
use miette::SourceSpan;
use policy::template::nearest;

use crate::catalogue::{Added, Class, Ends, Refused, Stands, known_kinds};

use super::{Reader, source_span};

/// What a `catalogue` block can say.
const COLUMNS: &[&str] = &[
    "kind",
    "like",
    "name",
    "permissions",
    "expiry",
    "ends",
    "metadata",
    "stands",
    "instead",
    "defaults",
];

impl Reader<'_> {
    /// `catalogue "acme_robot" { kind = "identity" … }`
    pub(super) fn catalogue(&mut self, block: &Block) {
        let Some((kind, label)) = self.kind(block) else { return };
        let mut added = Added { kind, ..Added::default() };
        let mut like = None;
        for attribute in self.attributes("catalogue", block) {
            if attribute.key.as_str() == "like" {
                like = Some(source_span(attribute.value.span()));
            }
            self.column(&mut added, attribute);
        }
        let (kind, said) = (added.kind.clone(), added.like.clone().unwrap_or_default());
        // A type that was refused already is no reason to refuse the block once more.
        if !self.mistakes.is_empty() {
            return;
        }
        match self.catalogue.add(added) {
            Ok(()) => {}
            Err(Refused::NoSuchType) => {
                let near = nearest(&said, known_kinds());
                let help = near.map_or_else(
                    || "`like` names a type of the catalogue, or of an earlier block".to_owned(),
                    |near| format!("did you mean `{near}`?"),
                );
                let message = format!("`{said}` is not in the catalogue");
                self.mistake(message, Some(help), like.unwrap_or(label));
            }
            Err(Refused::NoClass) => {
                let help = format!("say `kind = …` ({}), or `like = \"…\"`", listed(Class::NAMES));
                let message = format!("nothing says what `{kind}` is");
                self.mistake(message, Some(help), label);
            }
        }
    }

    /// `harmless "acme_robot_arm" { reason = "…" }`
    pub(super) fn harmless(&mut self, block: &Block) {
        let Some((kind, label)) = self.kind(block) else { return };
        let mut reason = None;
        for attribute in self.attributes("harmless", block) {
            match attribute.key.as_str() {
                "reason" => reason = self.string("reason", &attribute.value),
                other => {
                    let span = source_span(attribute.key.span());
                    self.unknown("fact of a `harmless` block", other, &["reason"], span);
                }
            }
        }
        let given = reason.is_some_and(|(text, _)| text.split_whitespace().count() >= 3);
        if !given {
            let help = "add `reason = \"…\"`: why nobody can act through such a resource, in three words or more";
            self.mistake(
                format!("no reason is given why `{kind}` is harmless"),
                Some(help.to_owned()),
                label,
            );
        } else if self.catalogue.find(&kind).is_some() {
            let help = "leave the block out; where its findings are wrong, say so with `catalogue` or an exception";
            self.mistake(
                format!("`{kind}` is in the catalogue, so it is not harmless"),
                Some(help.to_owned()),
                label,
            );
        } else {
            self.catalogue.declare_harmless(kind);
        }
    }

    /// The one label of a block: a type, or a pattern of types.
    fn kind(&mut self, block: &Block) -> Option<(String, SourceSpan)> {
        let name = block.ident.as_str();
        let span = source_span(block.ident.span());
        let [label] = block.labels.as_slice() else {
            let help = format!("write `{name} \"acme_robot\" {{ … }}`");
            self.mistake(format!("`{name}` takes one resource type"), Some(help), span);
            return None;
        };
        let text = label.as_str();
        let span = source_span(label.span());
        let plain = |character: char| {
            character.is_ascii_lowercase()
                || character.is_ascii_digit()
                || "_-*".contains(character)
        };
        if text.chars().all(plain) && text.starts_with(|first: char| first.is_ascii_lowercase()) {
            return Some((text.to_owned(), span));
        }
        let help = "such as `acme_robot`; `acme_*_token` means several types".to_owned();
        self.mistake(format!("`{text}` is not a resource type"), Some(help), span);
        None
    }

    fn attributes<'b>(&mut self, name: &str, block: &'b Block) -> Vec<&'b Attribute> {
        let mut found = Vec::new();
        for structure in &block.body {
            match structure {
                Structure::Attribute(attribute) => found.push(attribute),
                Structure::Block(inner) => {
                    let span = source_span(inner.ident.span());
                    self.mistake(format!("`{name}` has no blocks"), None, span);
                }
            }
        }
        found
    }

    fn column(&mut self, added: &mut Added, attribute: &Attribute) {
        let name = attribute.key.as_str();
        let value = &attribute.value;
        match name {
            "kind" => added.class = self.word(attribute, Class::NAMES, Class::from_name),
            "ends" => added.ends = self.word(attribute, Ends::NAMES, Ends::from_name),
            "like" => added.like = self.string(name, value).map(|(text, _)| text),
            "instead" => added.instead = self.string(name, value).map(|(text, _)| text),
            "defaults" => added.defaults = self.string(name, value).map(|(text, _)| text),
            "name" => added.names = Some(self.paths_of(attribute)),
            "permissions" => added.permissions = Some(self.paths_of(attribute)),
            "expiry" => added.expiry = Some(self.paths_of(attribute)),
            "metadata" => added.metadata = Some(self.paths_of(attribute)),
            "stands" => {
                let Some((text, span)) = self.string(name, value) else { return };
                added.stands = Stands::parse(&text);
                if added.stands.is_none() {
                    let help = "there are `alone`, `if attribute`, `if attribute=value`, `holder` and `carrier`";
                    self.mistake(
                        format!("`{text}` does not say when it is judged"),
                        Some(help.to_owned()),
                        span,
                    );
                }
            }
            _ => {
                let span = source_span(attribute.key.span());
                self.unknown("column of the catalogue", name, COLUMNS, span);
            }
        }
    }

    fn word<T>(
        &mut self,
        attribute: &Attribute,
        names: &[&str],
        read: fn(&str) -> Option<T>,
    ) -> Option<T> {
        let name = attribute.key.as_str();
        let (text, span) = self.string(name, &attribute.value)?;
        let found = read(&text);
        if found.is_none() {
            self.unknown(&format!("`{name}` called"), &text, names, span);
        }
        found
    }

    /// Attributes of a resource type: names, with dots into blocks.
    fn paths_of(&mut self, attribute: &Attribute) -> Vec<String> {
        let mut found = Vec::new();
        for (text, span) in self.strings(attribute.key.as_str(), &attribute.value) {
            let plain = |name: &str| {
                !name.is_empty()
                    && name.chars().all(|it| it.is_ascii_alphanumeric() || it == '_' || it == '-')
            };
            if text.split('.').all(plain) {
                found.push(text);
            } else {
                let help =
                    "write names, with dots into blocks, such as `metadata.labels`".to_owned();
                self.mistake(format!("`{text}` is not an attribute"), Some(help), span);
            }
        }
        found
    }
}

fn listed(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::catalogue::{Catalogue, Class, Ends};

    use super::super::{NAME, parse};

    fn catalogue(text: &str) -> Catalogue {
        let config = parse(NAME, text, Path::new(".")).unwrap();
        config.catalogue.as_ref().clone()
    }

    /// Every mistake, with what is marked and the advice.
    fn mistakes(text: &str) -> String {
        let errors = parse(NAME, text, Path::new(".")).unwrap_err();
        let lines = errors.iter().map(|error| {
            let help = miette::Diagnostic::help(error).map(|help| help.to_string());
            let span = miette::Diagnostic::labels(error).unwrap().next().unwrap();
            let marked = text.get(span.offset()..span.offset() + span.len()).unwrap();
            format!("{marked} | {error} | {}", help.unwrap_or_default())
        });
        lines.collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn a_block_makes_a_row() {
        let catalogue = catalogue(
            r#"
            catalogue "acme_robot" {
              like     = "aws_iam_role"
              metadata = ["meta.labels"]
            }
            catalogue "acme_*_key" {
              kind    = "credential"
              expiry  = "valid_until"
              stands  = "if mode=static"
              instead = "an `acme_robot`"
            }
            "#,
        );
        let robot = catalogue.find("acme_robot").unwrap();
        assert_eq!(robot.class, Class::Identity);
        assert_eq!(robot.metadata().collect::<Vec<_>>(), ["meta.labels"]);
        assert_eq!(robot.names().next(), Some("name"));
        let key = catalogue.find("acme_big_key").unwrap();
        assert_eq!((key.class, key.ends), (Class::Credential, Ends::Optional));
        assert_eq!(key.instead.as_deref(), Some("an `acme_robot`"));
    }

    #[test]
    fn a_later_block_may_be_like_an_earlier_one() {
        let catalogue = catalogue(
            r#"
            catalogue "acme_robot" { kind = "identity" }
            catalogue "acme_android" { like = "acme_robot" }
            "#,
        );
        assert_eq!(catalogue.find("acme_android").map(|entry| entry.class), Some(Class::Identity));
    }

    #[test]
    fn mistakes_are_shown_where_they_are() {
        insta::assert_snapshot!(mistakes(r#"catalogue "acme_robot" { king = "identity" }"#), @"king | there is no column of the catalogue `king` | did you mean `kind`?");
        insta::assert_snapshot!(mistakes(r#"catalogue "acme_robot" { kind = "identiy" }"#), @r#""identiy" | there is no `kind` called `identiy` | did you mean `identity`?"#);
        insta::assert_snapshot!(mistakes(r#"catalogue "acme_robot" { like = "aws_iam_roll" }"#), @r#""aws_iam_roll" | `aws_iam_roll` is not in the catalogue | did you mean `aws_iam_role`?"#);
        insta::assert_snapshot!(mistakes(r#"catalogue "acme_robot" { name = ["name"] }"#), @r#""acme_robot" | nothing says what `acme_robot` is | say `kind = …` (`identity`, `credential`, `short-lived`, `grant`, `trust`), or `like = "…"`"#);
        insta::assert_snapshot!(mistakes(r#"catalogue "Acme Robot" { kind = "identity" }"#), @r#""Acme Robot" | `Acme Robot` is not a resource type | such as `acme_robot`; `acme_*_token` means several types"#);
        insta::assert_snapshot!(mistakes(r#"catalogue { kind = "identity" }"#), @r#"catalogue | `catalogue` takes one resource type | write `catalogue "acme_robot" { … }`"#);
        insta::assert_snapshot!(mistakes(r#"catalogue "acme_robot" { stands = "sometimes" }"#), @r#""sometimes" | `sometimes` does not say when it is judged | there are `alone`, `if attribute`, `if attribute=value`, `holder` and `carrier`"#);
        insta::assert_snapshot!(mistakes(r#"catalogue "acme_robot" { name = ["a b"] }"#), @r#""a b" | `a b` is not an attribute | write names, with dots into blocks, such as `metadata.labels`"#);
        insta::assert_snapshot!(mistakes(r#"catalog "acme_robot" {}"#), @"catalog | there is no block `catalog` | did you mean `catalogue`?");
    }

    #[test]
    fn what_is_harmless_says_why() {
        insta::assert_snapshot!(mistakes(r#"harmless "acme_arm" {}"#), @r#""acme_arm" | no reason is given why `acme_arm` is harmless | add `reason = "…"`: why nobody can act through such a resource, in three words or more"#);
        insta::assert_snapshot!(mistakes(r#"harmless "aws_iam_user" { reason = "we like it so" }"#), @r#""aws_iam_user" | `aws_iam_user` is in the catalogue, so it is not harmless | leave the block out; where its findings are wrong, say so with `catalogue` or an exception"#);
    }
}
