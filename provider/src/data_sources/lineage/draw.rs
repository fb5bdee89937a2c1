//! The graph in the languages of Graphviz and Mermaid. Whatever a name holds, it stays text.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::graph::{Graph, Kind};

/// In the language of Graphviz.
pub(super) fn dot(graph: &Graph) -> String {
    let mut out = String::from(
        "digraph lineage {\n  rankdir=LR;\n  node [shape=box, style=\"rounded,filled\", fontname=\"Helvetica\", \
         fontsize=11];\n  edge [fontname=\"Helvetica\", fontsize=9];\n",
    );
    // Writing to a string does not fail.
    for node in graph.nodes() {
        let label = format!("{}\n{}", node.kind.name(), node.label);
        let label = quoted(&label);
        let _ = writeln!(
            out,
            "  {} [label={label}, fillcolor=\"{}\"];",
            quoted(&node.id),
            colour(node.kind)
        );
    }
    for edge in graph.edges() {
        let (from, to, label) = (quoted(&edge.from), quoted(&edge.to), quoted(&edge.label));
        let _ = writeln!(out, "  {from} -> {to} [label={label}];");
    }
    out.push_str("}\n");
    out
}

/// As a Mermaid flowchart.
pub(super) fn mermaid(graph: &Graph) -> String {
    let mut out = String::from("flowchart LR\n");
    let mut numbers = BTreeMap::new();
    let mut classes: BTreeMap<Kind, Vec<String>> = BTreeMap::new();
    for (number, node) in graph.nodes().enumerate() {
        numbers.insert(node.id.as_str(), number);
        let (kind, label) = (entities(node.kind.name()), entities(&node.label));
        let _ = writeln!(out, "  n{number}[\"{kind}<br/>{label}\"]");
        classes.entry(node.kind).or_default().push(format!("n{number}"));
    }
    for edge in graph.edges() {
        if let (Some(from), Some(to)) =
            (numbers.get(edge.from.as_str()), numbers.get(edge.to.as_str()))
        {
            let _ = writeln!(out, "  n{from} -->|\"{}\"| n{to}", entities(&edge.label));
        }
    }
    for (kind, nodes) in classes {
        let name = kind.name();
        let _ = writeln!(out, "  classDef {name} fill:{},stroke:#555,color:#111", colour(kind));
        let _ = writeln!(out, "  class {} {name}", nodes.join(","));
    }
    out
}

const fn colour(kind: Kind) -> &'static str {
    match kind {
        Kind::Person | Kind::Owner => "#fde7c3",
        Kind::Configuration | Kind::Commit | Kind::Run => "#e3e8ef",
        Kind::Template | Kind::Exception => "#d9ead3",
        Kind::Identity => "#cfe2f3",
        Kind::Credential | Kind::Key => "#f4cccc",
        Kind::Principal | Kind::Consumer | Kind::Tool => "#e6dcf2",
    }
}

/// A quoted string of Graphviz. Control characters other than line breaks have no place in a label.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            character if character.is_control() => out.push(' '),
            character => out.push(character),
        }
    }
    out.push('"');
    out
}

/// Text of Mermaid: whatever is neither a letter, a digit nor harmless is written by its number.
fn entities(text: &str) -> String {
    text.chars().fold(String::new(), |mut out, character| {
        let harmless = matches!(
            character,
            ' ' | '.' | ',' | ':' | '/' | '-' | '_' | '@' | '(' | ')' | '+' | '='
        );
        if character.is_alphanumeric() || harmless {
            out.push(character);
        } else if character.is_control() {
            out.push(' ');
        } else {
            // Writing to a string does not fail.
            let _ = write!(out, "#{};", u32::from(character));
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_a_name_holds_stays_text() {
        assert_eq!(quoted("a\"];\\n\n\u{1b}[2J"), r#""a\"];\\n\n [2J""#);
        assert_eq!(entities("a\"]-->b`<i>#é\n"), "a#34;#93;--#62;b#96;#60;i#62;#35;é ");
    }
}
