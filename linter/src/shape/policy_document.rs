//! `data.aws_iam_policy_document`: the document that the AWS provider renders from the blocks.
//!
//! Source: `internal/service/iam/policy_document_data_source.go` and `policy_model.go` of the provider: fields in this
//! order, single values without brackets, several ones sorted backwards, `&{` for `${`.

mod node;

use std::collections::{BTreeMap, BTreeSet};

use policy::text::Text;

use crate::evaluate::unknown;
use crate::hcl::json::{Json, JsonKind};
use crate::value::Value;
use node::{Node, node, parse_with_holes, restore, write};

/// A statement, with the id by which another one may replace it.
#[derive(Clone, Debug)]
struct Statement {
    sid: Option<Text>,
    node: Node,
}

/// A document while it is put together.
#[derive(Debug, Default)]
struct Document {
    version: Option<Text>,
    id: Option<Text>,
    statements: Vec<Statement>,
}

/// Adds `json` and `minified_json` where they are not known yet.
pub(super) fn complete(fields: &mut BTreeMap<String, Value>, address: &str) {
    if !super::is_open(fields.get("json")) {
        return;
    }
    let (json, minified) = match document(fields) {
        Some(document) => {
            let node = document.into_node();
            let (mut pretty, mut compact) = (Text::new(), Text::new());
            write(&node, Some(0), &mut pretty);
            write(&node, None, &mut compact);
            (Value::String(pretty), Value::String(compact))
        }
        // A document of which not even the number of statements is known.
        None => (unknown(format!("{address}.json")), unknown(format!("{address}.minified_json"))),
    };
    fields.insert("json".to_owned(), json);
    fields.insert("minified_json".to_owned(), minified);
}

fn document(fields: &BTreeMap<String, Value>) -> Option<Document> {
    let null = Value::Null;
    let field = |name: &str| fields.get(name).unwrap_or(&null);
    let mut merged = Document::default();
    for source in sources(field("source_json"), field("source_policy_documents"))? {
        merged.merge(source);
    }
    let version = match field("version") {
        Value::Null => Text::literal("2012-10-17"),
        version => version.text()?,
    };
    let mut own =
        Document { version: Some(version), id: field("policy_id").text(), statements: Vec::new() };
    let blocks = field("statement");
    if matches!(blocks, Value::Unknown(_)) {
        return None;
    }
    for block in blocks.elements() {
        own.statements.push(statement(block)?);
    }
    let mut several = !merged.statements.is_empty();
    merged.merge(own);
    for source in sources(field("override_json"), field("override_policy_documents"))? {
        several = true;
        merged.merge(source);
    }
    // Whether one statement takes the place of another hangs on ids that are not known.
    let open = |statement: &Statement| statement.sid.as_ref().is_some_and(Text::has_holes);
    (!several || !merged.statements.iter().any(open)).then_some(merged)
}

/// The documents that are given as text; None where one cannot be read before apply.
fn sources(single: &Value, several: &Value) -> Option<Vec<Document>> {
    if matches!(several, Value::Unknown(_)) {
        return None;
    }
    let texts = [single].into_iter().chain(several.elements()).filter(|value| !value.is_null());
    texts.map(|value| parse(&value.text()?)).collect()
}

fn statement(block: &Value) -> Option<Statement> {
    if matches!(block, Value::Unknown(_)) {
        return None;
    }
    let mut node = Vec::new();
    let sid = match block.get("sid") {
        Value::Null => None,
        sid => Some(sid.text()?).filter(|sid| sid.as_str() != Some("")),
    };
    if let Some(sid) = &sid {
        node.push(("Sid".to_owned(), Node::Text(sid.clone())));
    }
    let effect = match block.get("effect") {
        Value::Null => Text::literal("Allow"),
        effect => effect.text()?,
    };
    node.push(("Effect".to_owned(), Node::Text(effect)));
    let lists = [
        ("actions", "Action"),
        ("not_actions", "NotAction"),
        ("resources", "Resource"),
        ("not_resources", "NotResource"),
    ];
    for (argument, key) in lists {
        if let Some(list) = strings(block.get(argument))? {
            node.push((key.to_owned(), list));
        }
    }
    for (argument, key) in [("principals", "Principal"), ("not_principals", "NotPrincipal")] {
        if let Some(principals) = principals(block.get(argument))? {
            node.push((key.to_owned(), principals));
        }
    }
    if let Some(conditions) = conditions(block.get("condition"))? {
        node.push(("Condition".to_owned(), conditions));
    }
    Some(Statement { sid, node: Node::Object(node) })
}

/// A list of strings as the document has it. The outer None: not known at all; the inner one: not there.
#[expect(clippy::option_option, reason = "not known and not there are different answers")]
fn strings(value: &Value) -> Option<Option<Node>> {
    match value {
        Value::Unknown(hole) => Some(Some(Node::Open(Text::from(hole.clone())))),
        Value::Null => Some(None),
        value => {
            let mut texts: Vec<Text> = value
                .elements()
                .iter()
                .map(|item| item.text().map(|text| variables(&text)))
                .collect::<Option<_>>()?;
            texts.sort();
            texts.dedup();
            texts.reverse();
            Some(match <[Text; 1]>::try_from(texts) {
                Ok([only]) => Some(Node::Text(only)),
                Err(texts) if texts.is_empty() => None,
                Err(texts) => Some(Node::List(texts.into_iter().map(Node::Text).collect())),
            })
        }
    }
}

/// `&{aws:username}` stands for what Terraform would take for its own template.
fn variables(text: &Text) -> Text {
    text.map_literals(|literal| literal.replace("&{", "${"))
}

#[expect(clippy::option_option, reason = "not known and not there are different answers")]
fn principals(blocks: &Value) -> Option<Option<Node>> {
    if matches!(blocks, Value::Unknown(_)) {
        return None;
    }
    let mut kinds: BTreeMap<String, Vec<Node>> = BTreeMap::new();
    for block in blocks.elements() {
        let kind = block.get("type").text()?.as_str()?.to_owned();
        let identifiers = strings(block.get("identifiers"))?.unwrap_or(Node::List(Vec::new()));
        let list = kinds.entry(kind).or_default();
        match identifiers {
            Node::List(items) => list.extend(items),
            node => list.push(node),
        }
    }
    if kinds.is_empty() {
        return Some(None);
    }
    if kinds.len() == 1
        && let Some([Node::Text(only)]) = kinds.get("*").map(Vec::as_slice)
        && only.as_str() == Some("*")
    {
        return Some(Some(Node::Text("*".into())));
    }
    Some(Some(Node::Object(kinds.into_iter().map(|(kind, items)| (kind, single(items))).collect())))
}

#[expect(clippy::option_option, reason = "not known and not there are different answers")]
fn conditions(blocks: &Value) -> Option<Option<Node>> {
    if matches!(blocks, Value::Unknown(_)) {
        return None;
    }
    let mut tests: BTreeMap<String, BTreeMap<String, Vec<Node>>> = BTreeMap::new();
    for block in blocks.elements() {
        let test = block.get("test").text()?.as_str()?.to_owned();
        let variable = block.get("variable").text()?.as_str()?.to_owned();
        let values = strings(block.get("values"))?.unwrap_or(Node::List(Vec::new()));
        let list = tests.entry(test).or_default().entry(variable).or_default();
        match values {
            Node::List(items) => list.extend(items),
            node => list.push(node),
        }
    }
    if tests.is_empty() {
        return Some(None);
    }
    let tests = tests.into_iter().map(|(test, variables)| {
        let variables = variables.into_iter().map(|(variable, values)| (variable, single(values)));
        (test, Node::Object(variables.collect()))
    });
    Some(Some(Node::Object(tests.collect())))
}

fn single(items: Vec<Node>) -> Node {
    match <[Node; 1]>::try_from(items) {
        Ok([only]) => only,
        Err(items) => Node::List(items),
    }
}

impl Document {
    /// Adds another document: a statement with an id that is there already takes its place.
    fn merge(&mut self, other: Document) {
        if other.id.is_some() {
            self.id = other.id;
        }
        if other.version > self.version {
            self.version = other.version;
        }
        for statement in other.statements {
            let same =
                |known: &&mut Statement| statement.sid.is_some() && known.sid == statement.sid;
            match self.statements.iter_mut().find(same) {
                Some(known) => *known = statement,
                None => self.statements.push(statement),
            }
        }
    }

    fn into_node(self) -> Node {
        let mut node = Vec::new();
        if let Some(version) = self.version {
            node.push(("Version".to_owned(), Node::Text(version)));
        }
        if let Some(id) = self.id {
            node.push(("Id".to_owned(), Node::Text(id)));
        }
        let statements: Vec<Node> =
            self.statements.into_iter().map(|statement| statement.node).collect();
        node.push(("Statement".to_owned(), Node::List(statements)));
        Node::Object(node)
    }
}

/// Reads a document that may have holes inside its strings, or in the place of values.
fn parse(text: &Text) -> Option<Document> {
    let (json, holes) = parse_with_holes(text)?;
    let JsonKind::Object(members) = json.kind else { return None };
    let mut document = Document::default();
    let mut seen = BTreeSet::new();
    for (key, _, value) in members {
        // Of repeated keys the provider takes the last; nobody means that.
        if !seen.insert(key.clone()) {
            return None;
        }
        match (key.as_str(), value.kind) {
            ("Version", JsonKind::String(text)) => document.version = Some(restore(&text, &holes)?),
            ("Id", JsonKind::String(text)) => document.id = Some(restore(&text, &holes)?),
            ("Statement", kind) => {
                let statements = match kind {
                    JsonKind::Array(items) => items,
                    kind => vec![Json { kind, span: value.span }],
                };
                for statement in statements {
                    let sid = match &statement.kind {
                        JsonKind::Object(members) => {
                            members.iter().find(|(key, _, _)| key == "Sid")
                        }
                        _ => return None,
                    };
                    let sid = match sid.map(|(_, _, value)| &value.kind) {
                        Some(JsonKind::String(sid)) if !sid.is_empty() => {
                            Some(restore(sid, &holes)?)
                        }
                        _ => None,
                    };
                    document.statements.push(Statement { sid, node: node(statement, &holes)? });
                }
            }
            _ => return None,
        }
    }
    Some(document)
}

#[cfg(test)]
mod tests {
    use policy::text::{Hole, Shape};

    use super::*;

    fn object(fields: &[(&str, Value)]) -> Value {
        Value::Object(
            fields.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect(),
        )
    }

    fn list(items: &[Value]) -> Value {
        Value::List(items.to_vec())
    }

    fn rendered(fields: &[(&str, Value)]) -> String {
        let Value::Object(mut fields) = object(fields) else { return String::new() };
        complete(&mut fields, "data.aws_iam_policy_document.d");
        fields.get("minified_json").and_then(Value::text).unwrap_or_default().to_string()
    }

    #[test]
    fn a_document_is_rendered_as_the_provider_does() {
        let statement = object(&[
            ("actions", list(&["s3:GetObject".into(), "s3:PutObject".into()])),
            ("resources", list(&["arn:aws:s3:::x/&{aws:username}".into()])),
            (
                "principals",
                list(&[object(&[("type", "AWS".into()), ("identifiers", list(&["*".into()]))])]),
            ),
            (
                "condition",
                list(&[object(&[
                    ("test", "StringLike".into()),
                    ("variable", "a:b".into()),
                    ("values", list(&[Value::String(Text::hole("var.x", Shape::Any))])),
                ])]),
            ),
        ]);
        assert_eq!(
            rendered(&[("statement", list(&[statement]))]),
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:PutObject","s3:GetObject"],"Resource":"arn:aws:s3:::x/${aws:username}","Principal":{"AWS":"*"},"Condition":{"StringLike":{"a:b":"<var.x>"}}}]}"#
        );
    }

    #[test]
    fn documents_merge_by_statement_id() {
        let statement = |sid: &str, action: &str| {
            object(&[
                ("sid", sid.into()),
                ("actions", list(&[action.into()])),
                ("resources", list(&["*".into()])),
            ])
        };
        let base = r#"{"Version":"2008-10-17","Statement":{"Sid":"a","Effect":"Deny","Action":"x:1","Resource":"*"}}"#;
        assert_eq!(
            rendered(&[
                ("source_policy_documents", list(&[base.into()])),
                ("statement", list(&[statement("a", "x:2"), statement("b", "x:3")])),
                (
                    "override_policy_documents",
                    list(&[r#"{"Statement":[{"Sid":"b","Effect":"Deny"}]}"#.into()])
                ),
            ]),
            r#"{"Version":"2012-10-17","Statement":[{"Sid":"a","Effect":"Allow","Action":"x:2","Resource":"*"},{"Sid":"b","Effect":"Deny"}]}"#
        );
    }

    #[test]
    fn what_is_unknown_stays_a_hole() {
        let statement =
            object(&[("actions", unknown("var.actions")), ("resources", list(&["*".into()]))]);
        assert_eq!(
            rendered(&[("statement", list(&[statement]))]),
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":<var.actions>,"Resource":"*"}]}"#
        );
        assert_eq!(
            rendered(&[("statement", unknown("x"))]),
            "<data.aws_iam_policy_document.d.minified_json>"
        );
        let hole = |origin: &str| Hole { origin: origin.into(), shape: Shape::Any };
        let mut source = Text::literal(r#"{"Statement":[{"Sid":"s","Resource":"arn:"#);
        source.push_escaped(&hole("h"));
        source.push_str(r#"/*","Action":"#);
        source.push_escaped(&hole("g"));
        source.push_str("}]}");
        assert_eq!(
            rendered(&[("source_policy_documents", list(&[Value::String(source)]))]),
            r#"{"Version":"2012-10-17","Statement":[{"Sid":"s","Resource":"arn:<h>/*","Action":<g>}]}"#
        );
    }
}
