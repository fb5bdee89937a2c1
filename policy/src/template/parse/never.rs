//! Strings of the platform blocks that no request could ever match: a template with one allows less than it reads, and somebody would widen it
//! for the wrong reason.

use super::{Reader, did_you_mean};
use crate::template::error::TemplateErrorKind as Kind;
use crate::template::expression::{Interpolated, Piece};
use crate::template::model::{Azure, Gcp, GitHub, Kubernetes, Spanned, Template, Vault};
use crate::template::nearest::nearest;
use crate::text::{Shape, Text};
use crate::{azure, gcp, github, vault};

type Strings = [Spanned<Interpolated>];

impl Reader<'_> {
    /// Every string that could never match is a mistake.
    pub(super) fn check_strings(&mut self, template: &Template) {
        if let Some(block) = &template.kubernetes {
            self.kubernetes_strings(block);
        }
        if let Some(block) = &template.vault {
            self.vault_strings(block);
        }
        if let Some(block) = &template.azure {
            self.azure_strings(block);
        }
        if let Some(block) = &template.gcp {
            self.gcp_strings(block);
        }
        if let Some(block) = &template.github {
            self.github_strings(block);
        }
    }

    fn kubernetes_strings(&mut self, block: &Kubernetes<Spanned<Interpolated>>) {
        let help = "write the name, or `*` alone for all of them";
        self.refuse_all(&block.namespaces, help, |text| {
            (text != "*" && text.contains('*')).then(|| "a namespace has no wildcards".to_owned())
        });
        let capital = |what: &str| format!("{what} has no capital letters");
        for rule in &block.rules {
            self.refuse_all(&rule.verbs, "write it in lower case: `get`", |text| {
                text.contains(|it: char| it.is_uppercase()).then(|| capital("a verb"))
            });
            let help = "write it in lower case and plural: `configmaps`";
            self.refuse_all(&rule.resources, help, |text| {
                text.contains(|it: char| it.is_uppercase()).then(|| capital("a resource"))
            });
            let help = "leave `resource_names` out for every object";
            self.refuse_all(&rule.resource_names, help, |text| {
                text.contains('*').then(|| "the name of an object has no wildcards".to_owned())
            });
        }
    }

    fn vault_strings(&mut self, block: &Vault<Spanned<Interpolated>>) {
        for rule in &block.rules {
            let path = &rule.path;
            if let Err(reason) = vault::check_path(&with_holes(&path.value)) {
                let help = "a path is exact, ends in `*`, or has `+` as whole segments";
                self.unmatchable(path, reason, help);
            }
        }
    }

    fn azure_strings(&mut self, block: &Azure<Spanned<Interpolated>>) {
        let help = "write an operation such as `Microsoft.Storage/storageAccounts/read`";
        let lists =
            [&block.actions, &block.not_actions, &block.data_actions, &block.not_data_actions];
        for action in lists.into_iter().flatten() {
            if let Err(reason) = azure::check_action(&with_holes(&action.value)) {
                self.unmatchable(action, reason, help);
            }
        }
        let help = "write a scope such as `/subscriptions/…/resourceGroups/…`";
        for scope in &block.scopes {
            if let Some(Piece::Literal(text)) = scope.value.pieces().first()
                && !text.starts_with('/')
            {
                self.unmatchable(scope, "a scope begins with `/`".to_owned(), help);
            }
        }
    }

    fn gcp_strings(&mut self, block: &Gcp<Spanned<Interpolated>>) {
        let help = "list each permission, or name a role";
        for permission in &block.permissions {
            if let Err(reason) = gcp::check_permission(&with_holes(&permission.value)) {
                self.unmatchable(permission, reason, help);
            }
        }
        self.refuse_all(&block.roles, "write it in full: `roles/storage.objectViewer`", |text| {
            text.contains('*').then(|| "roles of Google Cloud have no wildcards".to_owned())
        });
        for role in &block.roles {
            if let Some(Piece::Literal(text)) = role.value.pieces().first()
                && !["roles/", "projects/", "organizations/"].iter().any(|it| text.starts_with(it))
            {
                let reason =
                    "a role begins with `roles/`, `projects/` or `organizations/`".to_owned();
                self.unmatchable(role, reason, "write it in full: `roles/storage.objectViewer`");
            }
        }
    }

    /// A scope that is not known may be new; one that is almost known is a slip.
    fn github_strings(&mut self, block: &GitHub<Spanned<Interpolated>>) {
        for (name, level) in &block.permissions {
            let Some(text) = level.value.as_literal() else { continue };
            let meant = match github::scope(name) {
                Some(_) => None,
                None => nearest(name, github::scopes().map(|scope| scope.name)),
            };
            let wrong = github::check_level(name, text).err();
            if let Some(near) = meant {
                let kind = Kind::Value { text: name.clone(), expected: "a permission of GitHub" };
                self.error(level.span, kind, Some(did_you_mean(near)));
            } else if let Some(reason) = wrong {
                let help = "write a level that the permission has, or leave it out for `none`";
                self.unmatchable(level, reason, help);
            }
        }
        for repository in &block.repositories {
            let alone = repository.value.as_literal();
            let ownerless = alone.is_some_and(|text| text != "*" && !text.contains('/'));
            let wrong = match github::check_repository(&with_holes(&repository.value)) {
                Ok(()) => ownerless.then(|| "a repository has an owner".to_owned()),
                Err(reason) => Some(reason),
            };
            if let Some(reason) = wrong {
                self.unmatchable(
                    repository,
                    reason,
                    "write `owner/name`, or `owner/*` for all of an owner",
                );
            }
        }
    }

    /// Asks about each string, with a letter in the place of a parameter, whose value is looked at when it is stated.
    fn refuse_all(&mut self, list: &Strings, help: &str, reason: impl Fn(&str) -> Option<String>) {
        for string in list {
            let pieces = string.value.pieces().iter().map(|piece| match piece {
                Piece::Literal(text) => text.as_str(),
                Piece::Parameter(_) => "x",
            });
            if let Some(reason) = reason(&pieces.collect::<String>()) {
                self.unmatchable(string, reason, help);
            }
        }
    }

    fn unmatchable(&mut self, string: &Spanned<Interpolated>, reason: String, help: &str) {
        let text = self.text_at(string.span).trim_matches('"').to_owned();
        self.error(string.span, Kind::Unmatchable { text, reason }, Some(help.to_owned()));
    }
}

/// The string with a name of unknown text for each parameter.
fn with_holes(string: &Interpolated) -> Text {
    let mut out = Text::new();
    for piece in string.pieces() {
        match piece {
            Piece::Literal(text) => out.push_str(text),
            Piece::Parameter(name) => {
                out.push(&Text::hole(format!("param.{}", name.value), Shape::Word));
            }
        }
    }
    out
}
