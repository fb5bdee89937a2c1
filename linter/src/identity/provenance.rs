//! Where a value comes from, and why one is unknown, in words that say what to do about it.
//!
//! Nothing is kept while a plan is read: what is unknown carries its origin with it, and where a known value comes from is
//! read from its own place in the sources when somebody asks.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "expressions have many forms, and only names matter here"
)]

use std::collections::BTreeSet;

use crate::hcl::{Expr, ExprKind, Piece, parse_expression};
use crate::locate;
use crate::model::{Model, Resource};

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Provenance {
    /// It is written out.
    Literal,
    /// It uses these: `var.team`, `local.tags`, `aws_iam_role.export.arn`, `module.names.owner`.
    From(Vec<String>),
    /// It is not known before apply.
    Unknown(Reason),
    /// The plan or state says so; there are no sources to ask.
    Planned,
}

/// Why a value is unknown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reason {
    /// The first thing that is unknown: `var.team`, `aws_s3_bucket.ledger.arn`.
    pub(crate) origin: String,
    /// A lowercase phrase: `` `var.team` has no value ``.
    pub(crate) why: String,
    /// What to do about it, where something can be done.
    pub(crate) way_out: Option<String>,
}

impl Provenance {
    /// Of a known value at a path of a resource.
    pub(crate) fn of(model: &Model, resource: &Resource, path: &str) -> Self {
        let written = locate::span(resource, path, &model.sources)
            .filter(|span| Some(*span) != resource.span)
            .and_then(|span| {
                let text = model.sources.text(span.file).get(span.start..span.end)?;
                parse_expression(text, span.file).ok()
            });
        if let Some(expr) = written {
            let names = names(&expr);
            return if names.is_empty() { Self::Literal } else { Self::From(names) };
        }
        let top = path.split(['.', '[']).next().unwrap_or(path);
        let references = resource.references.get(top).into_iter().flatten();
        let names: Vec<String> = references
            .map(|reference| match reference.attribute.as_str() {
                "" => reference.address.clone(),
                attribute => format!("{}.{attribute}", reference.address),
            })
            .collect();
        if names.is_empty() { Self::Planned } else { Self::From(names) }
    }

    /// Of an unknown value.
    pub(crate) fn unknown(origin: &str) -> Self {
        Self::Unknown(Reason::of(origin))
    }

    /// `literal`, `variable`, `local`, `output`, `reference`, `expression`, `unknown` or `plan`.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Literal => "literal",
            Self::Planned => "plan",
            Self::Unknown(_) => "unknown",
            Self::From(names) => match names.as_slice() {
                [name] => match name.split('.').next() {
                    Some("var") => "variable",
                    Some("local") => "local",
                    Some("module") => "output",
                    Some("each" | "count" | "path" | "terraform" | "self") => "expression",
                    _ => "reference",
                },
                _ => "expression",
            },
        }
    }
}

impl Reason {
    /// What an origin says.
    pub(crate) fn of(origin: &str) -> Self {
        let origin = plain(origin);
        let (why, way_out) = explain(&origin);
        Self { origin, why, way_out }
    }
}

/// Functions that give another value in each run.
const IMPURE: &[&str] =
    &["timestamp(", "plantimestamp(", "uuid(", "bcrypt(", "abspath(", "pathexpand("];

/// Functions that read files.
const READERS: &[&str] =
    &["file(", "filebase64(", "filesha256(", "templatefile(", "fileexists(", "fileset("];

fn explain(origin: &str) -> (String, Option<String>) {
    if let Some((module, name)) = variable(origin) {
        return if module.is_empty() {
            let way_out =
                format!("give it with `--var {name}=…` or a tfvars file, or write it out");
            (format!("`var.{name}` has no value"), Some(way_out))
        } else {
            let way_out = format!("set `{name}` where `{module}` is called");
            (format!("`{module}` is called without `{name}`"), Some(way_out))
        };
    }
    if let Some(function) = IMPURE.iter().find(|function| origin.starts_with(**function)) {
        let why = format!("`{function})` gives another value in each run");
        return (why, Some("write the value out".to_owned()));
    }
    if READERS.iter().any(|function| origin.starts_with(function)) {
        let way_out = "keep the file below the root module, and give the folder".to_owned();
        return (format!("`{origin}` cannot be read here"), Some(way_out));
    }
    if let Some(condition) = origin.strip_suffix(" ? … : …") {
        let (why, way_out) = explain(condition);
        return (format!("it depends on a condition, and {why}"), way_out);
    }
    for repeated in ["each.value of ", "each.key of ", "count.index of "] {
        if let Some(block) = origin.strip_prefix(repeated) {
            let why = format!("which instances of `{block}` there are is not known before apply");
            return (why, Some("make `for_each` or `count` known".to_owned()));
        }
    }
    if is_attribute(origin) {
        let way_out = "write it out, or apply what makes it first".to_owned();
        return (format!("`{origin}` is known only after apply"), Some(way_out));
    }
    (format!("`{origin}` is not known before apply"), None)
}

/// Module and name of a variable: `module.a.var.x`.
fn variable(origin: &str) -> Option<(&str, &str)> {
    let (module, rest) = match origin.rsplit_once(".var.") {
        Some((module, rest)) if module.starts_with("module.") => (module, rest),
        _ => ("", origin.strip_prefix("var.")?),
    };
    let name = rest.split(['.', '[']).next().unwrap_or(rest);
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || "_-".contains(c));
    is_name.then_some((module, name))
}

/// Whether an origin is an attribute of a resource or data source, whatever module it is in.
fn is_attribute(origin: &str) -> bool {
    let plain = super::links::base(origin);
    let mut steps = plain.split('.').peekable();
    while steps.next_if_eq(&"module").is_some() {
        steps.next();
    }
    let _ = steps.next_if_eq(&"data");
    let kind = steps.next().unwrap_or_default();
    let is_name = |text: &str| {
        !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-')
    };
    kind.contains('_')
        && is_name(kind)
        && steps.next().is_some_and(is_name)
        && steps.next().is_some()
}

/// An origin without the marks that tell apart two unknown expressions of the same form: `x ? … : …#ed6c6fd5`.
pub(crate) fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('#') {
        out.push_str(before);
        let mark = after.get(..8).filter(|_| before.ends_with(['…', ')', ']', '}']));
        if mark.is_some_and(|mark| mark.bytes().all(|byte| byte.is_ascii_hexdigit())) {
            rest = after.get(8..).unwrap_or_default();
        } else {
            out.push('#');
            rest = after;
        }
    }
    out + rest
}

/// The names that an expression uses, as plan JSON lists them, without those that `for` binds: `var.x`,
/// `aws_iam_role.export.arn`.
pub(crate) fn names(expr: &Expr) -> Vec<String> {
    let mut found = BTreeSet::new();
    collect(expr, &mut Vec::new(), &mut found);
    found.into_iter().collect()
}

fn collect(expr: &Expr, bound: &mut Vec<String>, out: &mut BTreeSet<String>) {
    match &expr.kind {
        ExprKind::Name(name) if bound.contains(name) => {}
        ExprKind::Name(name) => {
            out.insert(name.clone());
        }
        ExprKind::Attr(..) | ExprKind::Index(..) => traversal(expr, bound, out),
        ExprKind::For(form) => {
            collect(&form.collection, bound, out);
            let before = bound.len();
            bound.extend(form.key.iter().chain([&form.value]).cloned());
            let inner = [Some(&form.result), form.result_key.as_ref(), form.condition.as_ref()];
            for inner in inner.into_iter().flatten() {
                collect(inner, bound, out);
            }
            bound.truncate(before);
        }
        ExprKind::Template(pieces) => {
            for piece in pieces {
                from_piece(piece, bound, out);
            }
        }
        ExprKind::Splat(source, rest) => {
            collect(source, bound, out);
            collect(rest, bound, out);
        }
        ExprKind::Call { arguments, .. } | ExprKind::List(arguments) => {
            for argument in arguments {
                collect(argument, bound, out);
            }
        }
        ExprKind::Object(items) => {
            for (key, value) in items {
                // A bare word is a key.
                if !matches!(key.kind, ExprKind::Name(_)) {
                    collect(key, bound, out);
                }
                collect(value, bound, out);
            }
        }
        ExprKind::Conditional(parts) => parts.iter().for_each(|part| collect(part, bound, out)),
        ExprKind::Binary(_, left, right) => {
            collect(left, bound, out);
            collect(right, bound, out);
        }
        ExprKind::Not(inner) | ExprKind::Negate(inner) | ExprKind::Parens(inner) => {
            collect(inner, bound, out);
        }
        _ => {}
    }
}

fn traversal(expr: &Expr, bound: &mut Vec<String>, out: &mut BTreeSet<String>) {
    let mut steps = Vec::new();
    let mut root = expr;
    loop {
        match &root.kind {
            ExprKind::Attr(inner, name) => {
                steps.push(format!(".{name}"));
                root = inner;
            }
            ExprKind::Index(inner, key) => {
                match (&key.kind, key.as_literal()) {
                    (_, Some(text)) => steps.push(format!("[\"{text}\"]")),
                    (ExprKind::Number(number), None) => steps.push(format!("[{number}]")),
                    (_, None) => {
                        collect(key, bound, out);
                        steps.clear();
                    }
                }
                root = inner;
            }
            _ => break,
        }
    }
    let ExprKind::Name(name) = &root.kind else { return collect(root, bound, out) };
    if !bound.contains(name) {
        steps.reverse();
        out.insert(format!("{name}{}", steps.concat()));
    }
}

fn from_piece(piece: &Piece, bound: &mut Vec<String>, out: &mut BTreeSet<String>) {
    match piece {
        Piece::Literal(_) => {}
        Piece::Value(expr) => collect(expr, bound, out),
        Piece::If(condition, yes, no) => {
            collect(condition, bound, out);
            yes.iter().chain(no).for_each(|piece| from_piece(piece, bound, out));
        }
        Piece::For(form) => {
            collect(&form.collection, bound, out);
            let before = bound.len();
            bound.extend(form.key.iter().chain([&form.value]).cloned());
            form.body.iter().for_each(|piece| from_piece(piece, bound, out));
            bound.truncate(before);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_value_says_why_and_what_to_do() {
        let said = [
            "var.purpose",
            "var.tags.owner",
            "module.robot[\"a\"].var.purpose",
            "aws_s3_bucket.ledger.arn",
            "module.a.data.aws_iam_role.x[0].arn",
            "timestamp()#01234567",
            "file(\"policy.json\")",
            "var.wide ? … : …#01234567",
            "each.value of aws_iam_role.many",
            "module.remote.arn",
            "account",
        ]
        .map(|origin| {
            let Reason { why, way_out, .. } = Reason::of(origin);
            format!("{why}; {}", way_out.unwrap_or_default())
        });
        insta::assert_snapshot!(said.join("\n"), @r#"
        `var.purpose` has no value; give it with `--var purpose=…` or a tfvars file, or write it out
        `var.tags` has no value; give it with `--var tags=…` or a tfvars file, or write it out
        `module.robot["a"]` is called without `purpose`; set `purpose` where `module.robot["a"]` is called
        `aws_s3_bucket.ledger.arn` is known only after apply; write it out, or apply what makes it first
        `module.a.data.aws_iam_role.x[0].arn` is known only after apply; write it out, or apply what makes it first
        `timestamp()` gives another value in each run; write the value out
        `file("policy.json")` cannot be read here; keep the file below the root module, and give the folder
        it depends on a condition, and `var.wide` has no value; give it with `--var wide=…` or a tfvars file, or write it out
        which instances of `aws_iam_role.many` there are is not known before apply; make `for_each` or `count` known
        `module.remote.arn` is not known before apply; 
        `account` is not known before apply;
        "#);
    }

    #[test]
    fn names_are_those_of_plan_json() {
        let names = |text: &str| {
            let mut sources = crate::source::Sources::default();
            let file = sources.add("x", text);
            names(&parse_expression(text, file).unwrap()).join(" ")
        };
        assert_eq!(
            names("{ a = var.x, (local.k) = \"${each.value}-${aws_iam_role.r[0].arn}\" }"),
            "aws_iam_role.r[0].arn each.value local.k var.x"
        );
        assert_eq!(
            names("[for k, v in var.m : \"${k}${v.name}\" if v.on && var.y]"),
            "var.m var.y"
        );
        assert_eq!(names("{ for v in local.m : v => module.a[v].out... }"), "local.m module.a");
        assert_eq!(names("var.a ? 1 : -var.b"), "var.a var.b");
    }
}
