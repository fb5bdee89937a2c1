//! Templates drafted from identities: the least that takes in all of them, for a person to review and to publish.
//!
//! Actions are grouped by what they are allowed on, under which conditions. Where the identities differ in a name, and differ everywhere in
//! the same way, the name becomes a parameter whose pattern admits what was seen; what is the same in all of them stays as it is. Unknown
//! values become parameters as well. A draft never allows less than its identities; what a template cannot say stands in comments.
//!
//! Reading order: [`suggest`], `collect` (identities taken apart), `vary` (what differs), `merge` (many as one), `blocks` and `write` (as text).

use std::collections::{BTreeMap, BTreeSet};

use super::Library;
use super::fit::{Fit, Subject, decide};
use crate::governance::{Baseline, Caps, Kind, Lifetime};
use crate::text::Text;

use collect::Collected;
use vary::{Common, Variable};
use write::{Item, attribute, string, strings};

mod blocks;
mod collect;
mod merge;
mod vary;
mod write;

/// More alternatives make a pattern that nobody reads; then it says which characters there may be.
const MOST_ALTERNATIVES: usize = 8;

/// The draft of a template that every one of these identities is inside of, as far as a template can say what they may do.
///
/// The same identities in the same order give the same text.
pub fn suggest(name: &str, identities: &[Subject<'_>]) -> String {
    let collected: Vec<Collected> = identities.iter().map(Collected::of).collect();
    let common = vary::common(&collected);
    let draft = |denies| write::file(&template(name, identities, &common, denies));
    let text = draft(true);
    // What all of them are refused a ceiling may refuse as well, if that can be decided.
    let refusing = common.each.iter().any(|it| it.permissions.iter().any(|it| it.denies));
    if refusing && !holds(&text, identities) { draft(false) } else { text }
}

/// Tests for the draft, as `*.nhitest.hcl` has them: each identity on AWS that is known in full is inside.
pub fn suggest_tests(name: &str, identities: &[Subject<'_>]) -> String {
    let mut items: Vec<Item> = Vec::new();
    for (index, identity) in identities.iter().enumerate() {
        let own = Collected::of(identity);
        let known = own.strings().iter().all(|(_, text)| !text.has_holes());
        if !known || (own.permissions.is_empty() && own.trust.is_empty()) {
            continue;
        }
        let mut body = vec![
            attribute("template", string(&format!("{name}@0"))),
            attribute("platform", string("aws")),
        ];
        for (name, statements) in [("policy", &own.permissions), ("trust", &own.trust)] {
            if !statements.is_empty() {
                body.push(attribute(name, blocks::policy(statements)));
            }
        }
        if let Some(boundary) = &own.boundary {
            body.push(attribute("boundary", write::Value::String(boundary.clone())));
        }
        body.push(attribute("expect", string("inside")));
        if !items.is_empty() {
            items.push(Item::Blank);
        }
        let head = format!("test \"identity {} is inside\"", index + 1);
        items.push(Item::Block(head, body));
    }
    write::file(&items)
}

/// Whether every identity is inside.
fn holds(text: &str, identities: &[Subject<'_>]) -> bool {
    let (library, errors) = Library::parse(&[("draft.nhi.hcl", text)]);
    errors.is_empty()
        && library.templates().next().is_some_and(|template| {
            let inside = |identity: &Subject<'_>| {
                matches!(decide(template, &BTreeMap::new(), identity), Fit::Inside(_))
            };
            identities.iter().all(inside)
        })
}

fn template(name: &str, identities: &[Subject<'_>], common: &Common, denies: bool) -> Vec<Item> {
    let ceiling = merge::merge(&common.each, denies);
    let platforms = blocks::platforms(&ceiling);
    let count = identities.len();
    let from = if count == 1 { "one identity".to_owned() } else { format!("{count} identities") };
    let mut body = vec![
        attribute("version", string("0.1.0")),
        attribute(
            "description",
            string(&format!("What {from} may do: narrow it, then publish it")),
        ),
    ];
    body.extend(applies_to(identities));
    let text = write::file(&platforms);
    for variable in &common.variables {
        // A name that turned out to stand nowhere is not declared.
        if text.contains(&format!("${{param.{}}}", variable.name)) {
            body.extend(parameter(variable));
        }
    }
    body.extend(require(identities));
    body.extend(platforms);
    let mut out: Vec<Item> = ceiling.notes.into_iter().map(Item::Comment).collect();
    let label = write::quoted(&Text::literal(name));
    out.push(Item::Block(format!("template {label}"), body));
    out
}

fn applies_to(identities: &[Subject<'_>]) -> Vec<Item> {
    let kinds: Option<BTreeSet<Kind>> = identities.iter().map(|it| it.kind).collect();
    let environments: Option<BTreeSet<&str>> = identities.iter().map(|it| it.environment).collect();
    let texts = |names: Vec<&str>| strings(&names.into_iter().map(Text::from).collect::<Vec<_>>());
    let mut body = Vec::new();
    if let Some(kinds) = kinds.filter(|kinds| !kinds.is_empty()) {
        let names = kinds.iter().map(|kind| kind.name()).collect();
        body.push(attribute("kinds", texts(names)));
    }
    if let Some(environments) = environments.filter(|it| !it.is_empty()) {
        body.push(attribute("environments", texts(environments.into_iter().collect())));
    }
    if body.is_empty() {
        return body;
    }
    vec![Item::Blank, Item::Block("applies_to".to_owned(), body)]
}

fn parameter(variable: &Variable) -> Vec<Item> {
    let Variable { name, values } = variable;
    let known: Option<BTreeSet<&str>> = values.iter().map(Text::as_str).collect();
    let unknown = || {
        let origins: Vec<String> =
            values.iter().flat_map(Text::holes).map(|it| it.origin.to_string()).collect();
        Item::Comment(format!(
            "not known before apply ({}): add a pattern once it is",
            origins.join(", ").replace(char::is_control, " ")
        ))
    };
    let pattern = known.map(|values| attribute("pattern", string(&pattern(&values))));
    let body = vec![pattern.unwrap_or_else(unknown)];
    vec![Item::Blank, Item::Block(format!("parameter \"{name}\""), body)]
}

/// A pattern that admits these values, and few others.
fn pattern(values: &BTreeSet<&str>) -> String {
    let all = |holds: &dyn Fn(char) -> bool| values.iter().all(|it| it.chars().all(holds));
    let length = |value: &&str| value.chars().count();
    let shortest = values.iter().map(length).min().unwrap_or_default();
    let longest = values.iter().map(length).max().unwrap_or_default();
    if all(&|it| it.is_ascii_digit()) && shortest == 12 && longest == 12 {
        return "[0-9]{12}".to_owned();
    }
    if values.len() <= MOST_ALTERNATIVES {
        let alternatives: Vec<String> = values.iter().map(|it| escape(it)).collect();
        return alternatives.join("|");
    }
    let mut class = String::new();
    for (range, holds) in [
        ("A-Z", char::is_ascii_uppercase as fn(&char) -> bool),
        ("a-z", char::is_ascii_lowercase),
        ("0-9", char::is_ascii_digit),
    ] {
        if values.iter().any(|it| it.chars().any(|it| holds(&it))) {
            class.push_str(range);
        }
    }
    let others: BTreeSet<char> =
        values.iter().flat_map(|it| it.chars()).filter(|it| !it.is_ascii_alphanumeric()).collect();
    for it in &others {
        class.push_str(&escape(&it.to_string()));
    }
    if shortest == longest {
        format!("[{class}]{{{longest}}}")
    } else {
        format!("[{class}]{{{shortest},{longest}}}")
    }
}

fn escape(text: &str) -> String {
    // A hyphen alone is a range only inside brackets, where it is last or escaped.
    let escaped = regex::escape(text);
    if text == "-" { escaped } else { escaped.replace("\\-", "-") }
}

/// What the built-in baseline asks of the kinds.
fn require(identities: &[Subject<'_>]) -> Vec<Item> {
    let kinds: BTreeSet<Kind> = identities.iter().filter_map(|it| it.kind).collect();
    let baseline = Baseline::default();
    // Each kind has its own caps besides, so the longest is enough here.
    let longest = |of: fn(Caps) -> Option<Lifetime>| {
        kinds.iter().filter_map(|kind| of(baseline.caps(*kind))).max()
    };
    let caps = [
        ("max_lifetime", longest(|it| it.max_lifetime)),
        ("max_session", longest(|it| it.max_session)),
        ("review_every", longest(|it| it.review_every)),
    ];
    let facts = [Text::literal("service"), Text::literal("environment")];
    let mut body = vec![attribute("metadata", strings(&facts))];
    for (name, cap) in caps {
        body.extend(cap.map(|cap| attribute(name, string(&cap.to_string()))));
    }
    let fetches = |kind: &Kind| matches!(kind, Kind::WorkloadIdentity | Kind::Agent);
    if !kinds.is_empty() && kinds.iter().all(fetches) {
        body.push(attribute("static_credential", write::Value::Bool(false)));
    }
    vec![Item::Blank, Item::Block("require".to_owned(), body)]
}

#[cfg(test)]
mod tests;
