//! The `template` block and what stands in it beside the platforms.

use std::collections::{BTreeMap, BTreeSet};

use hcl_edit::Span as _;
use hcl_edit::structure::{Block, Body};
use miette::Diagnostic as _;
use semver::Version;

use super::{Reader, Shape};
use crate::governance::{self, Fact};
use crate::template::bind::unfit;
use crate::template::digest;
use crate::template::error::TemplateErrorKind as Kind;
use crate::template::model::{
    AppliesTo, DNS_NAMES, Parameter, Pattern, Platform, Require, Spanned, Status, Template,
};
use crate::template::nearest::nearest;
use crate::template::reference::{Reference, is_name};

const TEMPLATE: Shape = Shape {
    inside: "a `template` block",
    attributes: &["version", "description", "owner", "status", "replaces"],
    single: &["applies_to", "require", "aws", "gcp", "azure", "kubernetes", "vault", "github"],
    many: &["parameter"],
};
const APPLIES_TO: Shape = Shape {
    inside: "an `applies_to` block",
    attributes: &["kinds", "environments"],
    single: &[],
    many: &[],
};
const PARAMETER: Shape = Shape {
    inside: "a `parameter` block",
    attributes: &["pattern", "default", "description"],
    single: &[],
    many: &[],
};
const REQUIRE: Shape = Shape {
    inside: "a `require` block",
    attributes: &[
        "metadata",
        "max_lifetime",
        "max_session",
        "rotate_every",
        "review_every",
        "observation",
        "static_credential",
    ],
    single: &[],
    many: &[],
};

impl Reader<'_> {
    pub(super) fn template(&mut self, block: &Block) -> Option<Template> {
        let body = &block.body;
        self.check_shape(body, &TEMPLATE);
        let name = self.label(block);
        if let Some(name) = &name
            && !is_name(&name.value)
        {
            let help =
                "use lowercase letters, digits and hyphens, 50 at most, no hyphen at the ends";
            let kind = Kind::Value { text: name.value.clone(), expected: "a template name" };
            self.error(name.span, kind, Some(help.to_owned()));
        }
        let version = self.version(block);
        let status = match self.literal(body, "status") {
            Some(text) => {
                let known = [Status::Active, Status::Deprecated, Status::Revoked];
                self.word(&text, "a status", &known.map(|status| (status.name(), status)))?
            }
            None => Status::default(),
        };
        let description = self.literal(body, "description").map(|text| text.value);
        let owner = self.literal(body, "owner").map(|text| text.value);
        let replaces = self.references(body, "replaces");
        let applies_to = self.single(body, "applies_to", Self::applies_to).unwrap_or_default();
        let require = self.single(body, "require", Self::require).unwrap_or_default();
        let parameters = self.parameters(body);
        let errors_before = self.errors.len();
        let aws = self.single(body, "aws", Self::aws);
        let gcp = self.single(body, "gcp", Self::gcp);
        let azure = self.single(body, "azure", Self::azure);
        let kubernetes = self.single(body, "kubernetes", Self::kubernetes);
        let vault = self.single(body, "vault", Self::vault);
        let github = self.single(body, "github", Self::github);
        let readable = self.errors.len() == errors_before;
        let mut template = Template {
            place: self.place(self.head(block)),
            name: name?.value,
            version: version?,
            description,
            owner,
            status,
            replaces,
            applies_to,
            parameters,
            require,
            aws,
            gcp,
            azure,
            kubernetes,
            vault,
            github,
            digest: String::new(),
        };
        self.check_uses(&mut template, readable);
        if readable {
            self.check_documents(&template);
            self.check_strings(&template);
        }
        template.digest = digest::of(&template);
        Some(template)
    }

    fn version(&mut self, block: &Block) -> Option<Version> {
        if !block.body.has_attribute("version") {
            let help = "write `version = \"1.0.0\"`; a published version never changes";
            self.missing(block, "version", TEMPLATE.inside, help);
        }
        let text = self.literal(&block.body, "version")?;
        match Version::parse(&text.value) {
            Ok(version) => Some(version),
            Err(error) => {
                let help = "write three numbers, such as `1.2.0`, without a `v`".to_owned();
                let kind = Kind::Version { text: text.value, reason: error.to_string() };
                self.error(text.span, kind, Some(help));
                None
            }
        }
    }

    fn references(&mut self, body: &Body, name: &str) -> Vec<Reference> {
        let mut references = Vec::new();
        for text in self.literals(body, name) {
            match Reference::parse(&text.value) {
                Ok(reference) => references.push(reference),
                Err(error) => {
                    let help = error.help().map(|help| help.to_string());
                    let kind = Kind::Value { text: text.value, expected: "a template reference" };
                    self.error(text.span, kind, help);
                }
            }
        }
        references
    }

    /// Reads a block that stands at most once; more than one has been reported.
    fn single<T>(
        &mut self,
        body: &Body,
        name: &str,
        read: fn(&mut Self, &Block) -> T,
    ) -> Option<T> {
        let block = body.get_blocks(name).next()?;
        self.no_label(block);
        Some(read(self, block))
    }

    fn applies_to(&mut self, block: &Block) -> AppliesTo {
        self.check_shape(&block.body, &APPLIES_TO);
        let known = governance::Kind::ALL.map(|kind| (kind.name(), kind));
        let kinds = self.literals(&block.body, "kinds");
        let environments = self.literals(&block.body, "environments");
        AppliesTo {
            kinds: kinds
                .iter()
                .filter_map(|kind| self.word(kind, "a kind of identity", &known))
                .collect(),
            environments: environments.into_iter().map(|environment| environment.value).collect(),
        }
    }

    fn require(&mut self, block: &Block) -> Require {
        let body = &block.body;
        self.check_shape(body, &REQUIRE);
        let known = [Fact::Service, Fact::Environment].map(|fact| (fact.name(), fact));
        let metadata: Vec<_> = self.literals(body, "metadata");
        Require {
            metadata: metadata
                .iter()
                .filter_map(|fact| self.word(fact, "a fact that a template can ask for", &known))
                .collect::<BTreeSet<_>>(),
            max_lifetime: self.lifetime(body, "max_lifetime"),
            max_session: self.lifetime(body, "max_session"),
            rotate_every: self.lifetime(body, "rotate_every"),
            review_every: self.lifetime(body, "review_every"),
            observation: self.lifetime(body, "observation"),
            static_credential: self.boolean(body, "static_credential"),
        }
    }

    fn parameters(&mut self, body: &Body) -> BTreeMap<String, Parameter> {
        let mut parameters = BTreeMap::new();
        for block in body.get_blocks("parameter") {
            self.check_shape(&block.body, &PARAMETER);
            let Some(name) = self.label(block) else { continue };
            let plain = name.value.starts_with(|first: char| first.is_ascii_lowercase())
                && name
                    .value
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
            if !plain {
                let help =
                    "use lowercase letters, digits and underscores, a letter first".to_owned();
                let kind = Kind::Value { text: name.value.clone(), expected: "a parameter name" };
                self.error(name.span, kind, Some(help));
            }
            let pattern = self.pattern(&block.body);
            let default = self.literal(&block.body, "default");
            if let (Some(Some(pattern)), Some(default)) = (&pattern, &default)
                && !pattern.matches(&default.value)
            {
                let reason = format!("does not match its pattern `{}`", pattern.as_str());
                self.bad_default(&name.value, default, reason);
            }
            let parameter = Parameter {
                name: name.value.clone(),
                pattern: pattern.flatten(),
                default: default.map(|text| text.value),
                description: self.literal(&block.body, "description").map(|text| text.value),
                platforms: BTreeSet::new(),
                span: self.head(block),
            };
            if parameters.insert(name.value.clone(), parameter).is_some() {
                let name = format!("parameter \"{}\"", name.value);
                let kind = Kind::Repeated { name, inside: TEMPLATE.inside };
                self.error(self.head(block), kind, Some("keep one of the two".to_owned()));
            }
        }
        parameters
    }

    /// None: there is one, and it cannot be read.
    #[expect(clippy::option_option, reason = "absent and unreadable differ")]
    fn pattern(&mut self, body: &Body) -> Option<Option<Pattern>> {
        let Some(attribute) = body.get_attribute("pattern") else { return Some(None) };
        let text = self.literal(body, "pattern")?;
        match Pattern::new(&text.value) {
            Ok(pattern) => Some(Some(pattern)),
            Err(error) => {
                let reason = last_line(&error.to_string());
                let span = self.span(attribute.value.span());
                let help = "a backslash is written twice in a string; the pattern always has to match the whole value";
                let kind = Kind::Pattern { pattern: text.value, reason };
                self.error(span, kind, Some(help.to_owned()));
                None
            }
        }
    }

    fn bad_default(&mut self, name: &str, default: &Spanned<String>, reason: String) {
        let kind = Kind::Default { name: name.to_owned(), default: default.value.clone(), reason };
        let help = "a default must be a value that an identity could state itself".to_owned();
        self.error(default.span, kind, Some(help));
    }

    /// Every parameter that is used is declared, every one that is declared is used, and defaults are literal where they stand.
    fn check_uses(&mut self, template: &mut Template, readable: bool) {
        let mut uses: Vec<(Platform, Spanned<String>)> = Vec::new();
        template.visit_strings(|platform, string| {
            uses.extend(string.uses().map(|name| (platform, name.clone())));
        });
        for (platform, name) in uses {
            if let Some(parameter) = template.parameters.get_mut(&name.value) {
                parameter.platforms.insert(platform);
                continue;
            }
            let known = template.parameters.keys().map(String::as_str);
            let help = nearest(&name.value, known).map_or_else(
                || format!("declare it: `parameter \"{}\" {{ pattern = \"…\" }}`", name.value),
                super::did_you_mean,
            );
            self.error(name.span, Kind::UndeclaredParameter(name.value), Some(help));
        }
        for parameter in template.parameters.values() {
            let is_used = !parameter.platforms.is_empty() || parameter.name == DNS_NAMES;
            if !is_used && readable {
                let name = parameter.name.clone();
                let help =
                    format!("use it as `${{param.{name}}}` in a platform block, or remove it");
                self.error(parameter.span, Kind::UnusedParameter(name), Some(help));
            }
            let Some(default) = &parameter.default else { continue };
            let reason = parameter.platforms.iter().find_map(|platform| unfit(*platform, default));
            if let Some(reason) = reason {
                let default = Spanned { value: default.clone(), span: parameter.span };
                self.bad_default(&parameter.name, &default, reason);
            }
        }
    }
}

/// The regex crate explains itself in several lines with a drawing; the last one is the sentence.
fn last_line(message: &str) -> String {
    message.lines().last().unwrap_or_default().trim().trim_start_matches("error: ").to_owned()
}
