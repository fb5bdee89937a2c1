//! The AWS policy documents of a template: whether AWS would take them, and take them as the author means them.

use hcl_edit::structure::Body;
use miette::SourceSpan;

use super::{Reader, did_you_mean};
use crate::aws;
use crate::template::error::TemplateErrorKind as Kind;
use crate::template::expression::{Member, Value};
use crate::template::model::{Spanned, Template};
use crate::template::nearest::nearest;
use crate::template::render::json_text;
use crate::text::{Shape, Text};

/// Which of the two documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Document {
    /// What may be done.
    Permissions,
    /// Who may become the identity.
    Trust,
}

const ELEMENTS: [&str; 9] = [
    "Sid",
    "Effect",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Principal",
    "NotPrincipal",
    "Condition",
];

impl Reader<'_> {
    /// The policy document of an attribute, without the `jsonencode` around it.
    pub(super) fn document(
        &mut self,
        body: &Body,
        name: &str,
        document: Document,
    ) -> Option<Spanned<Value>> {
        let attribute = body.get_attribute(name)?;
        let value = self.value(attribute)?;
        let Value::Json(inner) = value.value else {
            let expected = "a `jsonencode` call";
            let kind =
                Kind::WrongType { name: name.to_owned(), expected, found: value.value.kind() };
            let help = format!(
                "write `{name} = jsonencode({{ … }})`: a parameter fills a string, never a piece of JSON"
            );
            self.error(value.span, kind, Some(help));
            return None;
        };
        self.policy(&inner, document);
        Some(*inner)
    }

    /// What containment will read has to be readable whatever the parameters are.
    pub(super) fn check_documents(&mut self, template: &Template) {
        let Some(aws) = &template.aws else { return };
        let open = |name: &String| (name.clone(), Text::hole(format!("param.{name}"), Shape::Word));
        let values = template.parameters.keys().map(open).collect();
        for document in [&aws.permissions, &aws.trust].into_iter().flatten() {
            let Some(text) = json_text(&document.value, &values) else { continue };
            if let Err(error) = aws::Document::parse(&text) {
                self.wrong(document.span, &error.to_string(), "");
            }
        }
    }

    fn policy(&mut self, policy: &Spanned<Value>, document: Document) {
        let Value::Object(members) = &policy.value else {
            return self.wrong(
                policy.span,
                "a policy is an object with `Version` and `Statement`",
                "",
            );
        };
        for member in members {
            self.known_name(member, &["Version", "Id", "Statement"], "a policy");
        }
        match policy.value.get("Version") {
            None => {
                let help =
                    "write `Version = \"2012-10-17\"`; without it AWS reads an older language";
                self.wrong(policy.span, "the policy has no `Version`", help);
            }
            Some(version) => {
                if literal(&version.value) != Some("2012-10-17") {
                    let help =
                        "write `Version = \"2012-10-17\"`; the older one has no policy variables";
                    self.wrong(version.span, "the policy's `Version` is not `2012-10-17`", help);
                }
            }
        }
        match policy.value.get("Statement") {
            None => self.wrong(
                policy.span,
                "the policy has no `Statement`",
                "write `Statement = [{ … }]`",
            ),
            Some(Spanned { value: Value::List(statements), .. }) => {
                for statement in statements {
                    self.statement(statement, document);
                }
            }
            Some(statement) => self.statement(statement, document),
        }
    }

    fn statement(&mut self, statement: &Spanned<Value>, document: Document) {
        let Value::Object(members) = &statement.value else {
            return self.wrong(
                statement.span,
                "a statement is an object",
                "write `{ Effect = \"Allow\" … }`",
            );
        };
        for member in members {
            self.known_name(member, &ELEMENTS, "a statement");
            match member.name.value.as_literal().unwrap_or_default() {
                "Action" | "NotAction" => self.actions(&member.value),
                "Resource" | "NotResource" => self.some_strings(&member.value, "a resource"),
                "Principal" | "NotPrincipal" => self.principal(&member.value),
                "Condition" => self.condition(&member.value),
                _ => {}
            }
        }
        let effect = statement.value.get("Effect");
        if !effect.is_some_and(|it| matches!(literal(&it.value), Some("Allow" | "Deny"))) {
            let span = effect.map_or(statement.span, |it| it.span);
            self.wrong(span, "a statement's `Effect` is `Allow` or `Deny`", "");
        }
        self.one_of(statement, "Action", "NotAction");
        match document {
            Document::Permissions => {
                self.one_of(statement, "Resource", "NotResource");
                let help = "who may become the identity stands in `trust`";
                self.none_of(statement, &["Principal", "NotPrincipal"], "permissions", help);
            }
            Document::Trust => {
                self.one_of(statement, "Principal", "NotPrincipal");
                let help = "the identity itself is the resource of its trust policy";
                self.none_of(statement, &["Resource", "NotResource"], "a trust policy", help);
            }
        }
    }

    fn one_of(&mut self, statement: &Spanned<Value>, one: &str, other: &str) {
        let message = match (statement.value.get(one), statement.value.get(other)) {
            (Some(_), Some(_)) => format!("a statement has `{one}` or `{other}`, not both"),
            (None, None) => format!("the statement has no `{one}`"),
            _ => return,
        };
        self.wrong(statement.span, &message, "");
    }

    fn none_of(&mut self, statement: &Spanned<Value>, names: &[&str], inside: &str, help: &str) {
        for name in names {
            if let Some(found) = statement.value.get(name) {
                self.wrong(found.span, &format!("`{name}` has no place in {inside}"), help);
            }
        }
    }

    fn actions(&mut self, value: &Spanned<Value>) {
        self.some_strings(value, "an action");
        for action in value.items() {
            let Value::String(text) = &action.value else { continue };
            let Some(text) = text.as_literal() else { continue };
            if !is_action(text) {
                let help = "write service and action, such as `s3:GetObject` or `s3:Get*`";
                self.wrong(action.span, &format!("`{text}` is not an action"), help);
            }
        }
    }

    fn some_strings(&mut self, value: &Spanned<Value>, what: &str) {
        let items = value.items();
        if items.is_empty() {
            self.wrong(value.span, &format!("an empty list where {what} must stand"), "");
        }
        for item in items {
            if !matches!(item.value, Value::String(_)) {
                self.wrong(
                    item.span,
                    &format!("{what} is a string, not {}", item.value.kind()),
                    "",
                );
            }
        }
    }

    fn principal(&mut self, value: &Spanned<Value>) {
        match &value.value {
            Value::String(text) if text.as_literal() == Some("*") => {}
            Value::Object(members) => {
                for member in members {
                    let known = ["AWS", "Service", "Federated", "CanonicalUser"];
                    self.known_name(member, &known, "a principal");
                    self.some_strings(&member.value, "a principal");
                }
            }
            Value::String(_)
            | Value::Number(_)
            | Value::Bool(_)
            | Value::List(_)
            | Value::Json(_) => {
                let help = "write `{ Service = \"ec2.amazonaws.com\" }`, `{ AWS = \"arn:…\" }` or `{ Federated = \"arn:…\" }`";
                self.wrong(
                    value.span,
                    "a principal is an object that says of which sort it is",
                    help,
                );
            }
        }
    }

    fn condition(&mut self, value: &Spanned<Value>) {
        let help =
            "write `Condition = { StringEquals = { \"aws:SourceAccount\" = \"111122223333\" } }`";
        let Value::Object(operators) = &value.value else {
            return self.wrong(value.span, "a condition is an object of operators", help);
        };
        for operator in operators {
            if operator.name.value.as_literal().is_none() {
                self.wrong(operator.name.span, "a condition operator has no parameters", help);
            }
            let Value::Object(keys) = &operator.value.value else {
                self.wrong(
                    operator.value.span,
                    "a condition operator holds an object of keys",
                    help,
                );
                continue;
            };
            for key in keys {
                let plain = |value: &Value| {
                    matches!(value, Value::String(_) | Value::Bool(_) | Value::Number(_))
                };
                let fine = key.value.items().iter().all(|item| plain(&item.value));
                if !fine {
                    self.wrong(
                        key.value.span,
                        "a condition key holds a string or a list of strings",
                        "",
                    );
                }
            }
        }
    }

    fn known_name(&mut self, member: &Member, known: &[&'static str], inside: &str) {
        let Some(name) = member.name.value.as_literal() else {
            let help = "only the keys of a condition can have parameters";
            return self.wrong(member.name.span, "the name of an element has a parameter", help);
        };
        if !known.contains(&name) {
            let help = known
                .iter()
                .copied()
                .find(|it| it.eq_ignore_ascii_case(name))
                .or_else(|| nearest(name, known.iter().copied()))
                .map(did_you_mean);
            self.wrong(
                member.name.span,
                &format!("{inside} has no `{name}`"),
                &help.unwrap_or_default(),
            );
        }
    }

    fn wrong(&mut self, span: SourceSpan, message: &str, help: &str) {
        let help = (!help.is_empty()).then(|| help.to_owned());
        self.error(span, Kind::Policy(message.to_owned()), help);
    }
}

/// Whether it is `*`, or a service and a name, in which wildcards may stand.
pub(in crate::template) fn is_action(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-*?_".contains(c);
    text == "*"
        || text.split_once(':').is_some_and(|(service, name)| {
            !service.is_empty()
                && !name.is_empty()
                && (service == "*" || !service.contains(['*', '?']))
                && service.chars().all(plain)
                && name.chars().all(plain)
        })
}

fn literal(value: &Value) -> Option<&str> {
    match value {
        Value::String(text) => text.as_literal(),
        Value::Number(_) | Value::Bool(_) | Value::List(_) | Value::Object(_) | Value::Json(_) => {
            None
        }
    }
}
