//! The engine as other programs see it: JSON lines in, one JSON line out for each.
//!
//! The oracles in `tests/oracles` ask their questions here, so that each of them is held against the same engine through
//! its public functions. Three kinds of line, told apart by what they hold:
//!
//! - `{"inner": [document…], "outer": [document…]}`, with `boundary`, `session` and `scps` where the inner side is a
//!   composition: the verdict in both worlds, its counterexample, and the time that it took;
//! - `{"documents": [document…], "request": {"action", "resource", "principal", "context"}}`, likewise: what one concrete
//!   request gets;
//! - `{"managed": true}`: every managed policy of AWS, a line each.
//!
//! A document is an object, or a string that holds its text.

use std::collections::BTreeMap;
use std::io::{BufRead as _, Write as _};
use std::time::Instant;

use policy::aws::{
    Access, Composition, Document, PrincipalKind, Request, StatementRef, contains, contains_within,
    evaluate_within,
};
use policy::catalogue::aws_managed_policies;
use policy::text::Text;
use policy::verdict::Verdict;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Question {
    #[serde(default)]
    inner: Vec<Value>,
    #[serde(default)]
    outer: Vec<Value>,
    #[serde(default)]
    documents: Vec<Value>,
    boundary: Option<Value>,
    #[serde(default)]
    session: Vec<Value>,
    #[serde(default)]
    scps: Vec<Vec<Value>>,
    request: Option<Asked>,
    #[serde(default)]
    managed: bool,
    /// How often to decide; the shortest time is given.
    repeat: Option<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    action: String,
    resource: Option<String>,
    /// `["AWS", "arn:…"]`.
    principal: Option<(String, String)>,
    #[serde(default)]
    context: BTreeMap<String, Vec<String>>,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let question: Question = serde_json::from_str(&line?)?;
        if question.managed {
            for (arn, text) in aws_managed_policies() {
                writeln!(out, "{}", json!({"arn": arn, "text": text}))?;
            }
            continue;
        }
        let answer = answer(&question).unwrap_or_else(|error| json!({"error": error}));
        writeln!(out, "{answer}")?;
        out.flush()?;
    }
    Ok(())
}

fn answer(question: &Question) -> Result<Value, String> {
    let inner =
        documents(if question.request.is_some() { &question.documents } else { &question.inner })?;
    let outer = documents(&question.outer)?;
    let boundary = question.boundary.as_ref().map(document).transpose()?;
    let session = documents(&question.session)?;
    let scps: Vec<Vec<Document>> =
        question.scps.iter().map(|level| documents(level)).collect::<Result<_, _>>()?;
    let plain = boundary.is_none() && session.is_empty() && scps.is_empty();
    let composition = Composition {
        policies: inner.iter().collect(),
        boundary: boundary.as_ref(),
        session: session.iter().collect(),
        scps: scps.iter().map(|level| level.iter().collect()).collect(),
    };
    if let Some(asked) = &question.request {
        return Ok(match evaluate_within(&composition, &request(asked)?) {
            Access::Allowed => json!({"access": "allowed"}),
            Access::Denied => json!({"access": "denied"}),
            Access::Unclear(why) => json!({"access": "unclear", "reason": why.reason}),
        });
    }
    let outer: Vec<&Document> = outer.iter().collect();
    let mut best = None;
    for _ in 0..question.repeat.unwrap_or(1).max(1) {
        let start = Instant::now();
        let decision = if plain {
            contains(&outer, &composition.policies)
        } else {
            contains_within(&outer, &composition)
        };
        let took = start.elapsed();
        if best.as_ref().is_none_or(|(shortest, _)| took < *shortest) {
            best = Some((took, decision));
        }
    }
    let (took, decision) = best.ok_or("not decided")?;
    let (counterexample, reason) = match &decision.open {
        Verdict::Inside => (None, None),
        Verdict::Outside(found) => (Some(found), None),
        Verdict::Undecided(why) => (None, Some(&why.reason)),
    };
    Ok(json!({
        "open": decision.open.name(),
        "catalogue": decision.catalogue.name(),
        "counterexample": counterexample,
        "reason": reason,
        "inner_statement": decision.inner_statement.as_ref().map(place),
        "outer_statement": decision.outer_statement.as_ref().map(place),
        "micros": took.as_secs_f64() * 1e6,
    }))
}

fn place(statement: &StatementRef) -> Value {
    json!([statement.document, statement.statement])
}

fn documents(all: &[Value]) -> Result<Vec<Document>, String> {
    all.iter().map(document).collect()
}

fn document(value: &Value) -> Result<Document, String> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            value.to_string()
        }
    };
    Document::parse(&Text::from(text)).map_err(|error| error.to_string())
}

fn request(asked: &Asked) -> Result<Request, String> {
    let kind = |name: &str| {
        Ok(match name {
            "AWS" => PrincipalKind::Aws,
            "Service" => PrincipalKind::Service,
            "Federated" => PrincipalKind::Federated,
            "CanonicalUser" => PrincipalKind::CanonicalUser,
            other => return Err(format!("`{other}` is no kind of principal")),
        })
    };
    let principal = match &asked.principal {
        Some((name, id)) => Some((kind(name)?, id.clone())),
        None => None,
    };
    let lower = |(key, values): (&String, &Vec<String>)| (key.to_ascii_lowercase(), values.clone());
    Ok(Request {
        action: asked.action.clone(),
        resource: asked.resource.clone(),
        principal,
        context: asked.context.iter().map(lower).collect(),
    })
}
