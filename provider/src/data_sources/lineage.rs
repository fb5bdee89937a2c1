//! `nhi_lineage`: the chain from the people behind an identity to what it is used for, as a graph and as pictures of it.

mod draw;
mod graph;
mod story;

use std::collections::BTreeMap;

use super::known;
use crate::attribute::Attribute;
use crate::context::Context;
use crate::data_source::DataSource;
use crate::model::model;
use crate::problem::Problem;
use crate::resource::Done;
use crate::schema::{computed, required};
use graph::Graph;

/// `nhi_lineage`.
#[derive(Debug)]
pub(crate) struct Lineage;

model! {
    /// A node of the graph.
    pub(crate) struct Node {
        /// What edges call it, such as `person:ada@example.com`.
        id: String = computed(),
        /// What it is: `person`, `owner`, `configuration`, `commit`, `run`, `template`, `identity`, `credential`, `key`,
        /// `principal`, `consumer`, `tool` or `exception`.
        kind: String = computed(),
        /// What it is called.
        label: String = computed(),
        /// What is known about it.
        facts: BTreeMap<String, String> = computed(),
    }
}

model! {
    /// An edge of the graph, from cause to effect.
    pub(crate) struct Edge {
        /// The node that it leaves.
        from: String = computed(),
        /// The node that it leads to.
        to: String = computed(),
        /// How the one led to the other.
        label: String = computed(),
    }
}

model! {
    /// What is looked up, and what is found.
    pub(crate) struct LineageModel {
        /// The `id` of the identity.
        identity: String = required(),
        /// The nodes, people first, consumers last.
        nodes: Vec<Node> = computed(),
        /// The edges, in the order of the nodes that they leave.
        edges: Vec<Edge> = computed(),
        /// The graph in the language of Graphviz.
        dot: String = computed(),
        /// The graph as a Mermaid flowchart, for Markdown.
        mermaid: String = computed(),
    }
}

impl DataSource for Lineage {
    const TYPE: &'static str = "nhi_lineage";
    const DESCRIPTION: &'static str = "The lineage of an identity: the people who answer for it, asked for it, changed and reviewed \
         it; the commits and pipeline runs that did so; its template; the identity, what it was derived from and what from it; \
         its credentials; the principals and consumers that use it.";

    type Model = LineageModel;

    async fn read(
        config: LineageModel,
        context: &Context,
    ) -> Result<Done<LineageModel>, Vec<Problem>> {
        let id = config.identity.as_str().unwrap_or_default();
        let identity = known::identity(context, id, LineageModel::identity).await?;
        let story = story::gather(identity, context).await?;
        let graph = Graph::of(&story, context.now());
        let (dot, mermaid) = (draw::dot(&graph), draw::mermaid(&graph));
        let nodes = graph.nodes().map(|node| Node {
            id: node.id.as_str().into(),
            kind: node.kind.name().into(),
            label: node.label.as_str().into(),
            facts: Attribute::Known(node.facts.clone()),
        });
        let edges = graph.edges().into_iter().map(|edge| Edge {
            from: edge.from.as_str().into(),
            to: edge.to.as_str().into(),
            label: edge.label.as_str().into(),
        });
        Ok(LineageModel {
            identity: config.identity,
            nodes: nodes.collect::<Vec<_>>().into(),
            edges: edges.collect::<Vec<_>>().into(),
            dot: dot.into(),
            mermaid: mermaid.into(),
        }
        .into())
    }
}

#[cfg(test)]
mod tests;
