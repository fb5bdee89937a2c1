//! From JSON to roles and bindings.

use miette::SourceSpan;

use super::manifest::{Binding, Labels, Objects, Role};
use super::{Manifest, ManifestError, Note, Rule, Subject};
use crate::json::{self, Member, Node, Value};
use crate::problem::Problem;
use crate::text::Text;
use crate::verdict::Why;

/// The deepest list of lists of manifests that is looked into.
const MAX_LISTS: usize = 8;

pub(super) fn manifest(text: &Text) -> Result<Manifest, ManifestError> {
    let node = match json::parse(text) {
        Ok(node) => node,
        Err(error) => return Err(ManifestError { problems: vec![error.into()] }),
    };
    let mut reader = Reader::default();
    reader.document(&node, 0);
    if !reader.problems.is_empty() {
        return Err(ManifestError { problems: reader.problems });
    }
    let Reader { objects, mut notes, .. } = reader;
    let grants = objects.grants(&mut notes);
    Ok(Manifest { grants, notes })
}

#[derive(Default)]
pub(super) struct Reader {
    objects: Objects,
    notes: Vec<Note>,
    problems: Vec<Problem>,
}

impl Reader {
    fn problem(&mut self, message: impl Into<String>, span: SourceSpan) {
        self.problems.push(Problem::element(message, span));
    }

    fn note(&mut self, message: impl Into<String>, span: SourceSpan) {
        self.notes.push(Note { message: message.into(), span });
    }

    fn not(&mut self, what: &str, wanted: &str, node: &Node) {
        self.problem(format!("{what} is {wanted}, not {}", node.kind()), node.span);
    }

    fn document(&mut self, node: &Node, depth: usize) {
        if depth > MAX_LISTS {
            return self.problem("lists of lists of manifests", node.span);
        }
        if let Value::Array(items) = &node.value {
            for item in items {
                self.document(item, depth + 1);
            }
            return;
        }
        if node.as_object().is_none() {
            return self.not("a manifest", "an object", node);
        }
        let Some(kind) = node.get("kind") else {
            if node.get("verbs").is_some() {
                let rules = self.rule(node);
                return self.objects.bare.extend(rules.map(|rule| (rule, node.span)));
            }
            let problem = Problem::element("a manifest needs a `kind`", node.span).with_help(
                "give Role, ClusterRole, RoleBinding, ClusterRoleBinding, a List, or bare rules",
            );
            return self.problems.push(problem);
        };
        match kind.as_str() {
            Some(
                "List"
                | "RoleList"
                | "ClusterRoleList"
                | "RoleBindingList"
                | "ClusterRoleBindingList",
            ) => match node.get("items").map(|items| &items.value) {
                Some(Value::Array(items)) => {
                    for item in items {
                        self.document(item, depth + 1);
                    }
                }
                _ => self.problem("a `List` needs `items`", node.span),
            },
            Some(name @ ("Role" | "ClusterRole")) => self.role(node, name == "ClusterRole"),
            Some(name @ ("RoleBinding" | "ClusterRoleBinding")) => {
                self.binding(node, name == "ClusterRoleBinding");
            }
            Some(other) => {
                self.note(format!("`{other}` grants nothing: it is not looked at"), kind.span);
            }
            None => self.problem("the `kind` of a manifest is a known string", kind.span),
        }
    }

    /// Elements that are none of these are noted: they change nothing for an API server that does not know them.
    fn known(&mut self, node: &Node, names: &[&str]) {
        for Member { name, name_span, .. } in node.as_object().unwrap_or_default() {
            if !name.as_str().is_some_and(|name| names.contains(&name)) {
                self.note(format!("`{name}` is no known element here"), *name_span);
            }
        }
    }

    fn version(&mut self, node: &Node) {
        if let Some(version) = node.get("apiVersion")
            && !version.as_str().is_some_and(|it| it.starts_with("rbac.authorization.k8s.io/"))
        {
            self.problem(
                "roles and bindings have an `apiVersion` of `rbac.authorization.k8s.io`",
                version.span,
            );
        }
    }

    fn role(&mut self, node: &Node, cluster: bool) {
        self.known(node, &["apiVersion", "kind", "metadata", "rules", "aggregationRule"]);
        self.version(node);
        let (namespace, name) = metadata(node, cluster);
        let mut rules = Vec::new();
        let mut unknown = None;
        match node.get("rules").map(|rules| (&rules.value, rules)) {
            None | Some((Value::Null, _)) => {}
            Some((Value::Array(items), _)) => {
                for item in items {
                    if let Some(hole) = item.as_hole() {
                        unknown = Some(super::manifest::unknown(hole));
                    } else if let Some(rule) = self.rule(item) {
                        if !cluster && !rule.non_resource_urls.is_empty() {
                            self.problem("a `Role` cannot have `nonResourceURLs`", item.span);
                        }
                        rules.push((rule, item.span));
                    }
                }
            }
            Some((Value::Hole(hole), _)) => unknown = Some(super::manifest::unknown(hole)),
            Some((_, rules)) => self.not("`rules`", "a list", rules),
        }
        let labels = node.get("metadata").and_then(|it| it.get("labels"));
        let labels = labels.and_then(Node::as_object).unwrap_or_default();
        let pair = |member: &Member| Some((member.name.clone(), string(&member.value)?));
        let labels = labels.iter().filter_map(pair).collect();
        let aggregation = node
            .get("aggregationRule")
            .filter(|it| !matches!(it.value, Value::Null))
            .map(selectors);
        // Only a cluster says these; it also keeps the rules of a role that is made of others.
        let stored = ["uid", "resourceVersion", "creationTimestamp"];
        let metadata = node.get("metadata");
        let live = stored.iter().any(|name| metadata.and_then(|it| it.get(name)).is_some());
        let span = node.span;
        let twice = |other: &Role| {
            other.cluster == cluster && other.namespace == namespace && other.name == name
        };
        if name != Text::new() && self.objects.roles.iter().any(twice) {
            return self.problem(format!("the role `{name}` appears twice"), span);
        }
        self.objects.roles.push(Role {
            cluster,
            namespace,
            name,
            rules,
            unknown,
            labels,
            aggregation,
            live,
            span,
        });
    }

    fn rule(&mut self, node: &Node) -> Option<Rule> {
        if node.as_object().is_none() {
            self.not("a rule", "an object", node);
            return None;
        }
        self.known(node, &["apiGroups", "resources", "resourceNames", "verbs", "nonResourceURLs"]);
        let rule = Rule {
            api_groups: self.texts(node, "apiGroups"),
            resources: self.texts(node, "resources"),
            resource_names: self.texts(node, "resourceNames"),
            verbs: self.texts(node, "verbs"),
            non_resource_urls: self.texts(node, "nonResourceURLs"),
        };
        if rule.verbs.is_empty() {
            self.problem("a rule needs `verbs`", node.span);
        }
        let resources = !rule.resources.is_empty() || !rule.api_groups.is_empty();
        if resources && !rule.non_resource_urls.is_empty() {
            self.problem("a rule has resources or `nonResourceURLs`, not both", node.span);
        } else if rule.non_resource_urls.is_empty()
            && (rule.resources.is_empty() || rule.api_groups.is_empty())
        {
            let problem = Problem::element("a rule needs `apiGroups` and `resources`", node.span)
                .with_help("the core group is the empty string: `\"apiGroups\": [\"\"]`");
            self.problems.push(problem);
        }
        for resource in rule.resources.iter().filter_map(Text::as_str) {
            if resource.contains('*') && resource != "*" && !resource.starts_with("*/")
                || resource == "*/*"
            {
                self.note(
                    format!("`{resource}` matches no resource: only `*` and `*/sub` are wildcards"),
                    node.span,
                );
            }
        }
        for verb in rule.verbs.iter().filter_map(Text::as_str) {
            if verb.chars().any(char::is_uppercase) {
                self.note(
                    format!("verb `{verb}` matches no request: verbs are in lower case"),
                    node.span,
                );
            }
        }
        Some(rule)
    }

    fn texts(&mut self, node: &Node, name: &str) -> Vec<Text> {
        let Some(list) = node.get(name) else { return Vec::new() };
        match &list.value {
            Value::Null => Vec::new(),
            Value::Hole(hole) => vec![Text::from(hole.clone())],
            Value::Array(items) => {
                let mut out = Vec::new();
                for item in items {
                    match string(item) {
                        Some(text) => out.push(text),
                        None => self.not(&format!("an item of `{name}`"), "a string", item),
                    }
                }
                out
            }
            Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
                self.not(&format!("`{name}`"), "a list of strings", list);
                Vec::new()
            }
        }
    }

    fn binding(&mut self, node: &Node, cluster: bool) {
        self.known(node, &["apiVersion", "kind", "metadata", "subjects", "roleRef"]);
        self.version(node);
        let (namespace, _) = metadata(node, cluster);
        let reference = node.get("roleRef");
        let kind = reference.and_then(|it| it.get("kind")).and_then(Node::as_str);
        let role = reference.and_then(|it| it.get("name")).and_then(string);
        let (Some(kind @ ("Role" | "ClusterRole")), Some(role)) = (kind, role) else {
            return self.problem(
                "a binding needs a `roleRef` with the kind and name of a role",
                node.span,
            );
        };
        if cluster && kind == "Role" {
            return self.problem("a `ClusterRoleBinding` cannot bind a `Role`", node.span);
        }
        let mut subjects = Vec::new();
        match node.get("subjects").map(|it| (&it.value, it)) {
            None | Some((Value::Null, _)) => self.note("the binding is for nobody", node.span),
            Some((Value::Array(items), _)) => {
                for item in items {
                    subjects.extend(self.subject(item, namespace.as_ref()));
                }
            }
            Some((_, it)) => self.not("`subjects`", "a list", it),
        }
        let to_cluster = kind == "ClusterRole";
        let span = node.span;
        self.objects.bindings.push(Binding { namespace, role, to_cluster, subjects, span });
    }

    fn subject(&mut self, node: &Node, here: Option<&Text>) -> Option<Subject> {
        let kind = node.get("kind").and_then(Node::as_str);
        let Some(name) = node.get("name").and_then(string) else {
            self.problem("a subject needs a `name`", node.span);
            return None;
        };
        match kind {
            Some("ServiceAccount") => {
                let namespace = node.get("namespace").and_then(string).or_else(|| here.cloned());
                let Some(namespace) = namespace else {
                    self.problem("a service account needs its `namespace`", node.span);
                    return None;
                };
                Some(Subject::ServiceAccount { namespace, name })
            }
            Some("User") => Some(Subject::User(name)),
            Some("Group") => {
                if name.as_str() == Some("system:masters") {
                    self.note(
                        "`system:masters` passes every check, whatever is bound to it",
                        node.span,
                    );
                }
                Some(Subject::Group(name))
            }
            Some(_) | None => {
                self.problem("a subject is a `ServiceAccount`, a `User` or a `Group`", node.span);
                None
            }
        }
    }
}

/// Namespace and name.
fn metadata(node: &Node, cluster: bool) -> (Option<Text>, Text) {
    let metadata = node.get("metadata");
    let text = |name: &str| metadata.and_then(|it| it.get(name)).and_then(string);
    let namespace =
        (!cluster).then(|| text("namespace").unwrap_or_else(|| Text::literal("default")));
    (namespace, text("name").unwrap_or_default())
}

fn string(node: &Node) -> Option<Text> {
    match &node.value {
        Value::String(text) => Some(text.clone()),
        Value::Hole(hole) => Some(Text::from(hole.clone())),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            None
        }
    }
}

/// The labels of each selector; none for one that asks for more than labels.
fn selectors(node: &Node) -> Vec<Option<Labels>> {
    let selectors = node.get("clusterRoleSelectors").map(Node::one_or_many).unwrap_or_default();
    let labels = |selector: &Node| {
        let plain =
            selector.as_object()?.iter().all(|member| member.name.as_str() == Some("matchLabels"));
        let members = selector.get("matchLabels").filter(|_| plain)?.as_object()?;
        members.iter().map(|it| Some((it.name.clone(), string(&it.value)?))).collect()
    };
    selectors.iter().map(labels).collect()
}

/// Why a role that is not at hand is not known.
pub(super) fn absent(kind: &str, role: &Text) -> Why {
    Why::construct(format!("{kind} `{role}` is not part of the text"))
}
