//! From JSON to grants.

use std::collections::BTreeMap;

use miette::SourceSpan;

use super::scopes::{self, Level};
use super::{Grant, GrantError, Permissions};
use crate::json::{self, JsonError, Member, Node, Value};
use crate::problem::Problem;
use crate::text::{Part, Text};

pub(super) fn grant(text: &Text) -> Result<Grant, GrantError> {
    let node = json::parse(text).map_err(|error| {
        let syntax = if let JsonError::Syntax { span, .. } = &error { Some(*span) } else { None };
        let problem = match syntax {
            Some(span) if !looks_like_json(text) => {
                Problem::element("not a JSON document", span).with_help(
                    "a grant is `{\"permissions\": {\"contents\": \"read\"}, \"repositories\": [\"owner/name\"]}`; the YAML of a workflow file is not read",
                )
            }
            Some(_) | None => error.into(),
        };
        GrantError { problems: vec![problem] }
    })?;
    let mut reader = Reader::default();
    let grant = reader.grant(&node);
    if reader.problems.is_empty() {
        Ok(grant)
    } else {
        Err(GrantError { problems: reader.problems })
    }
}

fn looks_like_json(text: &Text) -> bool {
    match text.parts().first() {
        Some(Part::Literal(known)) => known.trim_start().starts_with(['{', '[', '"']),
        Some(Part::Hole(_)) | None => true,
    }
}

#[derive(Default)]
struct Reader {
    problems: Vec<Problem>,
}

impl Reader {
    fn problem(&mut self, message: impl Into<String>, span: SourceSpan) {
        self.problems.push(Problem::element(message, span));
    }

    fn not(&mut self, what: &str, wanted: &str, node: &Node) {
        self.problem(format!("{what} is {wanted}, not {}", node.kind()), node.span);
    }

    fn grant(&mut self, node: &Node) -> Grant {
        let mut grant = Grant {
            permissions: Permissions::Unspecified,
            repositories: vec![Text::literal("*")],
            span: Some(node.span),
        };
        let Some(members) = node.as_object() else {
            self.not("a grant", "an object", node);
            return grant;
        };
        let (mut classic, mut places, mut selected) = (None, None, None);
        for Member { name, name_span, value } in members {
            match name.as_str() {
                Some("permissions") => {
                    grant.permissions = self.permissions(value);
                    classic = classic.or(Some(false));
                }
                Some("scopes") => {
                    grant.permissions = Permissions::Classic(self.classic(value));
                    if classic == Some(false) {
                        self.problem("a token has `permissions` or `scopes`, not both", *name_span);
                    }
                    classic = Some(true);
                }
                Some("repositories") => {
                    grant.repositories = self.repositories(value);
                    places = Some(*name_span);
                }
                Some("repository_selection") => match value.as_str() {
                    Some(known @ ("all" | "selected")) => {
                        selected = Some((known == "selected", value.span));
                    }
                    _ => self.problem("`repository_selection` is `all` or `selected`", value.span),
                },
                _ => {
                    let problem = Problem::element(
                        format!("`{name}` is no element of a grant"),
                        *name_span,
                    )
                    .with_help(
                        "there are `permissions`, `scopes` (of a classic token) and `repositories`",
                    );
                    self.problems.push(problem);
                }
            }
        }
        match (selected, places) {
            (Some((true, span)), None) => {
                self.problem("the selected repositories are not listed in `repositories`", span);
            }
            (Some((false, span)), Some(_)) => {
                self.problem("`all` repositories, and some in `repositories`", span);
            }
            _ => {}
        }
        if let (Some(true), Some(span)) = (classic, places) {
            let message = "a classic token reaches every repository of its owner: it cannot have `repositories`";
            self.problem(message, span);
        }
        grant
    }

    fn permissions(&mut self, node: &Node) -> Permissions {
        match &node.value {
            Value::Null | Value::Hole(_) => Permissions::Unspecified,
            Value::String(text) => match text.as_str() {
                Some("read-all") => Permissions::ReadAll,
                Some("write-all") => Permissions::WriteAll,
                Some(other) => {
                    let problem =
                        Problem::element(format!("`{other}` is no set of permissions"), node.span)
                            .with_help("write `read-all`, `write-all` or an object of scopes");
                    self.problems.push(problem);
                    Permissions::Unspecified
                }
                None => Permissions::Unspecified,
            },
            Value::Object(members) => Permissions::Levels(self.levels(members)),
            Value::Bool(_) | Value::Number(_) | Value::Array(_) => {
                self.not("`permissions`", "an object or a string", node);
                Permissions::Unspecified
            }
        }
    }

    fn levels(&mut self, members: &[Member]) -> BTreeMap<Text, Text> {
        let mut levels = BTreeMap::new();
        for Member { name, name_span, value } in members {
            let level = match &value.value {
                Value::String(level) => level.clone(),
                Value::Hole(hole) => Text::from(hole.clone()),
                Value::Null
                | Value::Bool(_)
                | Value::Number(_)
                | Value::Array(_)
                | Value::Object(_) => {
                    self.not(&format!("the level of `{name}`"), "a string", value);
                    continue;
                }
            };
            if let Some(known) = level.as_str() {
                let checked = match name.as_str() {
                    Some(name) => scopes::check_level(name, known),
                    None => Level::from_name(known)
                        .map(|_| ())
                        .ok_or_else(|| format!("`{known}` is no level")),
                };
                if let Err(message) = checked {
                    self.problem(message, value.span);
                }
            }
            let name =
                name.as_str().map_or_else(|| name.clone(), |it| Text::literal(scopes::normal(it)));
            if levels.insert(name.clone(), level).is_some() {
                self.problem(format!("scope `{name}` appears twice"), *name_span);
            }
        }
        levels
    }

    fn texts(&mut self, what: &str, node: &Node) -> Vec<(Text, SourceSpan)> {
        let items = match &node.value {
            Value::Array(items) => items.as_slice(),
            Value::Hole(_) => std::slice::from_ref(node),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Object(_) => {
                self.not(&format!("`{what}`"), "a list of strings", node);
                return Vec::new();
            }
        };
        let mut out = Vec::new();
        for item in items {
            match &item.value {
                Value::String(text) => out.push((text.clone(), item.span)),
                Value::Hole(hole) => out.push((Text::from(hole.clone()), item.span)),
                Value::Null
                | Value::Bool(_)
                | Value::Number(_)
                | Value::Array(_)
                | Value::Object(_) => self.not(&format!("an item of `{what}`"), "a string", item),
            }
        }
        out
    }

    fn classic(&mut self, node: &Node) -> Vec<Text> {
        self.texts("scopes", node).into_iter().map(|(text, _)| text).collect()
    }

    fn repositories(&mut self, node: &Node) -> Vec<Text> {
        let texts = self.texts("repositories", node);
        for (text, span) in &texts {
            if let Err(message) = super::check_repository(text) {
                self.problem(message, *span);
            }
        }
        texts.into_iter().map(|(text, _)| text).collect()
    }
}
