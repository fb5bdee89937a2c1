//! For Graphviz: identities, what answers for them, who uses them, what proves them, what they may do.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::view::{Entry, View};
use crate::plain::plain_lines;

/// All of it.
pub(super) fn render(view: &View) -> String {
    let mut drawing = Drawing::default();
    for entry in &view.identities {
        drawing.identity(entry);
    }
    for user in &view.consumers {
        let from = drawing.node(&user.address, "box", "white");
        let to = drawing.node(&user.identity, "ellipse", "lightgrey");
        drawing.edge(from, to, "runs as");
    }
    let mut out = String::from("digraph identities {\n  rankdir=LR;\n  node [style=filled];\n");
    for (label, (number, shape, colour)) in &drawing.nodes {
        // Writing to a string cannot fail, here and below.
        let _ = writeln!(
            out,
            "  n{number} [label={}, shape={shape}, fillcolor={colour}];",
            quoted(label)
        );
    }
    for (from, to, label) in &drawing.edges {
        let _ = writeln!(out, "  n{from} -> n{to} [label={}];", quoted(label));
    }
    out.push_str("}\n");
    out
}

/// From, to, and what it says.
type Edge = (usize, usize, &'static str);

#[derive(Default)]
struct Drawing {
    /// By label: number, shape, colour.
    nodes: BTreeMap<String, (usize, &'static str, &'static str)>,
    edges: Vec<Edge>,
    /// The same, to tell which are there.
    drawn: BTreeSet<Edge>,
}

impl Drawing {
    fn node(&mut self, label: &str, shape: &'static str, colour: &'static str) -> usize {
        let next = self.nodes.len();
        self.nodes.entry(label.to_owned()).or_insert((next, shape, colour)).0
    }

    fn edge(&mut self, from: usize, to: usize, label: &'static str) {
        if self.drawn.insert((from, to, label)) {
            self.edges.push((from, to, label));
        }
    }

    fn identity(&mut self, entry: &Entry) {
        let colour = match entry.governance.source {
            "own" | "derived" => "palegreen",
            "undecided" => "khaki",
            _ => "salmon",
        };
        let label = match (entry.made, &entry.name) {
            ("elsewhere", Some(name)) => name,
            _ => &entry.address,
        };
        let identity = self.node(label, "ellipse", colour);
        if let Some(by) = &entry.governance.by {
            let by = self.node(by, "ellipse", "palegreen");
            self.edge(by, identity, "governs");
        }
        for user in &entry.consumers {
            let who = user.subject.as_ref().unwrap_or(&user.address);
            let from = self.node(who, "box", "white");
            self.edge(from, identity, "runs as");
        }
        for proof in &entry.credentials {
            let from = self.node(&proof.address, "hexagon", "white");
            self.edge(from, identity, "proves");
        }
        for grant in &entry.grants {
            let to = self.node(&grant.text, "note", "white");
            self.edge(identity, to, "may");
        }
    }
}

fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for character in plain_lines(text.to_owned()).chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' | '\r' => out.push(' '),
            other => out.push(other),
        }
    }
    out.push('"');
    out
}
