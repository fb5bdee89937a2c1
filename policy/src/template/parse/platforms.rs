//! The platform blocks of a template.

use std::collections::BTreeMap;

use hcl_edit::structure::Block;

use super::document::Document;
use super::{Reader, Shape};
use crate::template::expression::Interpolated;
use crate::template::model::{
    Aws, Azure, Gcp, GitHub, Kubernetes, KubernetesRule, Spanned, Vault, VaultRule,
};

type Text = Spanned<Interpolated>;

const AWS: Shape = Shape {
    inside: "an `aws` block",
    attributes: &["permissions", "trust", "boundary"],
    single: &[],
    many: &[],
};
const GCP: Shape = Shape {
    inside: "a `gcp` block",
    attributes: &["roles", "permissions", "resources"],
    single: &[],
    many: &[],
};
const AZURE: Shape = Shape {
    inside: "an `azure` block",
    attributes: &["actions", "not_actions", "data_actions", "not_data_actions", "scopes"],
    single: &[],
    many: &[],
};
const KUBERNETES: Shape = Shape {
    inside: "a `kubernetes` block",
    attributes: &["namespaces"],
    single: &[],
    many: &["rule"],
};
const KUBERNETES_RULE: Shape = Shape {
    inside: "a `rule` block",
    attributes: &["api_groups", "resources", "resource_names", "verbs"],
    single: &[],
    many: &[],
};
const VAULT: Shape =
    Shape { inside: "a `vault` block", attributes: &[], single: &[], many: &["rule"] };
const VAULT_RULE: Shape = Shape {
    inside: "a `rule` block",
    attributes: &["path", "capabilities"],
    single: &[],
    many: &[],
};
const GITHUB: Shape = Shape {
    inside: "a `github` block",
    attributes: &["permissions", "repositories"],
    single: &[],
    many: &[],
};

const VAULT_CAPABILITIES: [&str; 9] =
    ["create", "read", "update", "patch", "delete", "list", "sudo", "deny", "subscribe"];
const GITHUB_LEVELS: [&str; 4] = ["none", "read", "write", "admin"];

impl Reader<'_> {
    pub(super) fn aws(&mut self, block: &Block) -> Aws {
        let body = &block.body;
        self.check_shape(body, &AWS);
        Aws {
            permissions: self.document(body, "permissions", Document::Permissions),
            trust: self.document(body, "trust", Document::Trust),
            boundary: self.string(body, "boundary"),
        }
    }

    pub(super) fn gcp(&mut self, block: &Block) -> Gcp<Text> {
        let body = &block.body;
        self.check_shape(body, &GCP);
        Gcp {
            roles: self.strings(body, "roles"),
            permissions: self.strings(body, "permissions"),
            resources: self.strings(body, "resources"),
        }
    }

    pub(super) fn azure(&mut self, block: &Block) -> Azure<Text> {
        let body = &block.body;
        self.check_shape(body, &AZURE);
        Azure {
            actions: self.strings(body, "actions"),
            not_actions: self.strings(body, "not_actions"),
            data_actions: self.strings(body, "data_actions"),
            not_data_actions: self.strings(body, "not_data_actions"),
            scopes: self.strings(body, "scopes"),
        }
    }

    pub(super) fn kubernetes(&mut self, block: &Block) -> Kubernetes<Text> {
        self.check_shape(&block.body, &KUBERNETES);
        let namespaces = self.strings(&block.body, "namespaces");
        let rules = block.body.get_blocks("rule").map(|rule| self.kubernetes_rule(rule)).collect();
        Kubernetes { namespaces, rules }
    }

    fn kubernetes_rule(&mut self, block: &Block) -> KubernetesRule<Text> {
        let body = &block.body;
        self.no_label(block);
        self.check_shape(body, &KUBERNETES_RULE);
        for name in ["api_groups", "resources", "verbs"] {
            if !body.has_attribute(name) {
                let help = "a rule says api_groups (`\"\"` is the core group), resources and verbs";
                self.missing(block, name, KUBERNETES_RULE.inside, help);
            }
        }
        KubernetesRule {
            api_groups: self.strings(body, "api_groups"),
            resources: self.strings(body, "resources"),
            resource_names: self.strings(body, "resource_names"),
            verbs: self.strings(body, "verbs"),
        }
    }

    pub(super) fn vault(&mut self, block: &Block) -> Vault<Text> {
        self.check_shape(&block.body, &VAULT);
        Vault {
            rules: block.body.get_blocks("rule").filter_map(|rule| self.vault_rule(rule)).collect(),
        }
    }

    fn vault_rule(&mut self, block: &Block) -> Option<VaultRule<Text>> {
        let body = &block.body;
        self.no_label(block);
        self.check_shape(body, &VAULT_RULE);
        for name in ["path", "capabilities"] {
            if !body.has_attribute(name) {
                self.missing(
                    block,
                    name,
                    VAULT_RULE.inside,
                    "a rule says a path and what may be done there",
                );
            }
        }
        let known = VAULT_CAPABILITIES.map(|name| (name, ()));
        let capabilities = self.strings(body, "capabilities");
        for capability in &capabilities {
            if let Some(capability) = self.as_literal("capabilities", capability.clone()) {
                self.word(&capability, "a capability", &known);
            }
        }
        Some(VaultRule { path: self.string(body, "path")?, capabilities })
    }

    pub(super) fn github(&mut self, block: &Block) -> GitHub<Text> {
        let body = &block.body;
        self.check_shape(body, &GITHUB);
        let mut permissions = BTreeMap::new();
        let known = GITHUB_LEVELS.map(|name| (name, ()));
        if let Some(value) = body.get_attribute("permissions").and_then(|it| self.value(it)) {
            if value.value.as_object().is_none() {
                self.wrong_type("permissions", value.span, "an object of strings", &value.value);
            }
            for member in value.value.as_object().unwrap_or_default() {
                let level = self.as_string("permissions", member.value.clone());
                let literal = level.clone().and_then(|it| self.as_literal("permissions", it));
                if let Some(literal) = literal {
                    self.word(&literal, "a level of access", &known);
                }
                let name = self.as_literal("permissions", member.name.clone());
                if let (Some(name), Some(level)) = (name, level) {
                    permissions.insert(name.value, level);
                }
            }
        }
        GitHub { permissions, repositories: self.strings(body, "repositories") }
    }
}
