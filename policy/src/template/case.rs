//! The tests that templates carry: `*.nhitest.hcl` files with `test` blocks, each one identity and the answer it must get.
//!
//! ```hcl
//! test "reader cannot write" {
//!   template = "s3-object-reader@1"
//!   params   = { bucket = "payments-ledger" }
//!   platform = "aws"
//!   policy   = jsonencode({ … })
//!   expect   = "outside"
//! }
//! ```
//!
//! `policy` is what the platform itself takes, as JSON: an AWS or a Vault policy, Kubernetes manifests, role assignments of Azure, bindings of
//! Google Cloud, the permissions and repositories of a GitHub token. `params`
//! that are left out are inferred, as for a real identity. `trust` and `boundary` are judged only where the test states them.

use std::collections::BTreeMap;
use std::sync::Arc;

use hcl_edit::Span as _;
use hcl_edit::structure::{Block, Body};
use miette::NamedSource;

use super::error::{TemplateError, TemplateErrorKind as Kind};
use super::expression::Value;
use super::fit::{AwsSubject, AzureSubject, Fit, GcpSubject, Policy, Subject, fit};
use super::library::Library;
use super::model::{Place, Platform, Spanned, Template};
use super::parse::{Reader, Shape};
use super::render::json_text;
use crate::governance::Field;
use crate::text::Text;
use crate::{azure, gcp, github, kubernetes, vault};

/// One test of a template.
#[derive(Clone, Debug)]
pub struct Case {
    /// What it shows.
    pub name: String,
    /// The template, as an identity would name it.
    pub template: String,
    /// The parameters that are stated.
    pub params: BTreeMap<String, String>,
    /// What the identity may do.
    pub policy: Option<Granted>,
    /// Who may become it.
    pub trust: Option<Policy>,
    /// Its permissions boundary.
    pub boundary: Option<String>,
    /// The answer that it must get.
    pub expect: Expect,
    /// Where it stands.
    pub place: Place,
}

/// What the identity of a test may do, as its platform says it.
#[derive(Clone, Debug)]
pub enum Granted {
    /// On AWS.
    Aws(Policy),
    /// On Google Cloud, where roles go by their names.
    Gcp(Vec<gcp::Grant>),
    /// On Azure, where roles that Azure does not define go by their names.
    Azure(Vec<azure::Grant>),
    /// On Kubernetes.
    Kubernetes(Vec<kubernetes::Grant>),
    /// On Vault.
    Vault(vault::Policy),
    /// On GitHub.
    GitHub(github::Grant),
}

/// The answer that a test must get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// The identity is inside the template.
    Inside,
    /// It is outside.
    Outside,
    /// It cannot be decided.
    Undecided,
}

/// What came of a test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The answer is the expected one.
    Passed,
    /// It is another; a lowercase phrase says which, and why.
    Failed(String),
    /// There is no answer: no such template, or no such parameter. A lowercase phrase says why.
    Broken(String),
}

const FILE: Shape =
    Shape { inside: "a file of template tests", attributes: &[], single: &[], many: &["test"] };
const TEST: Shape = Shape {
    inside: "a `test` block",
    attributes: &["template", "params", "platform", "policy", "trust", "boundary", "expect"],
    single: &[],
    many: &[],
};

/// Reads the tests of one file; every mistake is in the list, and a test with a mistake is left out.
pub fn parse(name: &str, text: &str) -> (Vec<Case>, Vec<TemplateError>) {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let file = Arc::new(NamedSource::new(name, text.to_owned()));
    let mut reader = Reader::new(file, text);
    let mut cases = Vec::new();
    if let Some(body) = reader.body() {
        reader.check_shape(&body, &FILE);
        for block in body.get_blocks("test") {
            let before = reader.errors().len();
            let case = reader.case(block);
            if reader.errors().len() == before {
                cases.extend(case);
            }
        }
    }
    (cases, reader.into_errors())
}

impl Reader<'_> {
    fn case(&mut self, block: &Block) -> Option<Case> {
        let body = &block.body;
        self.check_shape(body, &TEST);
        for name in ["template", "expect"] {
            if !body.has_attribute(name) {
                let help = "a test says which template it is about and which answer it expects";
                self.missing(block, name, TEST.inside, help);
            }
        }
        let platform = match self.literal(body, "platform") {
            Some(text) => {
                let known = Platform::ALL.map(|it| (it.name(), it));
                self.word(&text, "a platform", &known)
            }
            None => Some(Platform::Aws),
        };
        let expect = self.literal(body, "expect").and_then(|text| {
            let known = [Expect::Inside, Expect::Outside, Expect::Undecided];
            self.word(&text, "an answer", &known.map(|it| (it.name(), it)))
        });
        let name = self.label(block);
        let template = self.literal(body, "template");
        let params = self.params(body);
        let policy = platform.and_then(|platform| self.granted(body, platform));
        let trust = self.case_policy(body, "trust", |text| Policy::parse(text).map_err(message));
        if platform.is_some_and(|platform| platform != Platform::Aws) {
            for attribute in
                ["trust", "boundary"].into_iter().filter_map(|it| body.get_attribute(it))
            {
                let span = self.span(attribute.span());
                let name = attribute.key.to_string();
                let inside = "a test of a platform other than `aws`";
                let help = "who may become an identity is said on AWS only".to_owned();
                self.error(span, Kind::UnknownAttribute { name, inside }, Some(help));
            }
        }
        if !body.has_attribute("policy") && !body.has_attribute("trust") {
            let help = "state what the identity may do: `policy = jsonencode({ … })`";
            self.missing(block, "policy", TEST.inside, help);
        }
        Some(Case {
            name: name?.value,
            template: template?.value,
            params,
            policy,
            trust,
            boundary: self.literal(body, "boundary").map(|text| text.value),
            expect: expect?,
            place: self.place(self.head(block)),
        })
    }

    fn params(&mut self, body: &Body) -> BTreeMap<String, String> {
        let mut params = BTreeMap::new();
        let Some(value) = body.get_attribute("params").and_then(|it| self.value(it)) else {
            return params;
        };
        if value.value.as_object().is_none() {
            self.wrong_type("params", value.span, "an object of strings", &value.value);
        }
        for member in value.value.as_object().unwrap_or_default() {
            let name = self.as_literal("params", member.name.clone());
            let value = self.as_string("params", member.value.clone());
            let value = value.and_then(|value| self.as_literal("params", value));
            if let (Some(name), Some(value)) = (name, value) {
                params.insert(name.value, value.value);
            }
        }
        params
    }

    fn granted(&mut self, body: &Body, platform: Platform) -> Option<Granted> {
        self.case_policy(body, "policy", |text| match platform {
            Platform::Vault => vault::Policy::parse(text).map(Granted::Vault).map_err(message),
            Platform::GitHub => github::Grant::parse(text).map(Granted::GitHub).map_err(message),
            Platform::Aws => Policy::parse(text).map(Granted::Aws).map_err(message),
            Platform::Gcp => match gcp::Grant::parse(text) {
                Ok(found) => Ok(Granted::Gcp(found.into_iter().map(|it| it.grant).collect())),
                Err(error) => Err(error.to_string()),
            },
            Platform::Azure => match azure::Grant::parse(text) {
                Ok(found) => Ok(Granted::Azure(found.into_iter().map(|it| it.grant).collect())),
                Err(error) => Err(error.to_string()),
            },
            Platform::Kubernetes => match kubernetes::parse(text) {
                Ok(manifest) => Ok(Granted::Kubernetes(manifest.grants)),
                Err(error) => Err(error.to_string()),
            },
        })
    }

    fn case_policy<T>(
        &mut self,
        body: &Body,
        name: &str,
        read: impl FnOnce(&Text) -> Result<T, String>,
    ) -> Option<T> {
        let value = self.value(body.get_attribute(name)?)?;
        let Value::Json(inner) = value.value else {
            self.wrong_type(name, value.span, "a `jsonencode` call", &value.value);
            return None;
        };
        let Spanned { value, span } = *inner;
        let Some(text) = json_text(&value, &BTreeMap::new()) else {
            let help = "a test is about one identity: write the values themselves".to_owned();
            self.error(span, Kind::NoParametersHere(name.to_owned()), Some(help));
            return None;
        };
        match read(&text) {
            Ok(read) => Some(read),
            Err(error) => {
                self.error(span, Kind::Policy(error), None);
                None
            }
        }
    }
}

fn message(error: impl std::fmt::Display) -> String {
    error.to_string()
}

impl Case {
    /// Asks the question of the test.
    pub fn run(&self, library: &Library) -> Outcome {
        let mut template = match library.find(&self.template) {
            Ok(template) => template.clone(),
            Err(error) => return Outcome::Broken(error.to_string()),
        };
        if self.boundary.is_none()
            && let Some(aws) = &mut template.aws
        {
            aws.boundary = None;
        }
        let boundary = match &self.boundary {
            Some(boundary) => Field::Value(Text::from(boundary.as_str())),
            None => Field::Absent,
        };
        let found = self.ask(&template, boundary);
        let (found, why) = match found {
            Fit::Inside(_) => (Expect::Inside, String::new()),
            Fit::Outside(outside) => {
                let reasons: Vec<String> = outside.gaps.into_iter().map(|gap| gap.reason).collect();
                (Expect::Outside, reasons.join("; "))
            }
            Fit::Undecided(undecided) => (Expect::Undecided, undecided.why.reason),
            Fit::Unbindable(errors) => {
                let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
                return Outcome::Broken(errors.join("; "));
            }
            Fit::Inapplicable(reason) => return Outcome::Broken(reason),
        };
        if found == self.expect {
            return Outcome::Passed;
        }
        let why = if why.is_empty() { why } else { format!(": {why}") };
        Outcome::Failed(format!("expected `{}`, found `{}`{why}", self.expect.name(), found.name()))
    }
    fn ask(&self, template: &Template, boundary: Field<Text>) -> Fit {
        let ask = |subject: Subject<'_>| fit(template, &self.params, &subject);
        let trust = self.trust.as_ref();
        match &self.policy {
            None => {
                let aws = AwsSubject { permissions: &[], trust, boundary };
                ask(Subject { aws: Some(aws), ..Subject::default() })
            }
            Some(Granted::Aws(policy)) => {
                let aws = AwsSubject { permissions: &[policy], trust, boundary };
                ask(Subject { aws: Some(aws), ..Subject::default() })
            }
            Some(Granted::Gcp(grants)) => {
                let roles = &gcp::Roles::default();
                ask(Subject { gcp: Some(GcpSubject { roles, grants }), ..Subject::default() })
            }
            Some(Granted::Azure(grants)) => {
                let roles = &azure::Roles::default();
                ask(Subject { azure: Some(AzureSubject { roles, grants }), ..Subject::default() })
            }
            Some(Granted::Kubernetes(grants)) => {
                ask(Subject { kubernetes: Some(grants), ..Subject::default() })
            }
            Some(Granted::Vault(policy)) => {
                ask(Subject { vault: Some(&[policy]), ..Subject::default() })
            }
            Some(Granted::GitHub(grant)) => {
                let grants = std::slice::from_ref(grant);
                ask(Subject { github: Some(grants), ..Subject::default() })
            }
        }
    }
}

impl Expect {
    /// The name in tests.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Inside => "inside",
            Self::Outside => "outside",
            Self::Undecided => "undecided",
        }
    }
}

#[cfg(test)]
mod tests;
