//! What the provider offers, by name.

use std::collections::BTreeMap;

use crate::problem::Problem;
use crate::schema::Schema;
use crate::{action, data_source, ephemeral, function, list, resource};

/// Everything that the provider offers.
#[derive(Debug)]
pub(crate) struct Tables {
    /// The provider's own configuration.
    pub(crate) provider: Schema,
    /// Managed resources by type name.
    pub(crate) resources: BTreeMap<&'static str, resource::adapter::Entry>,
    /// Data sources by type name.
    pub(crate) data_sources: BTreeMap<&'static str, data_source::adapter::Entry>,
    /// Ephemeral resources by type name.
    pub(crate) ephemerals: BTreeMap<&'static str, ephemeral::adapter::Entry>,
    /// List resources by the type name of their resource.
    pub(crate) lists: BTreeMap<&'static str, list::adapter::Entry>,
    /// Actions by type name.
    pub(crate) actions: BTreeMap<&'static str, action::adapter::Entry>,
    /// Functions by name.
    pub(crate) functions: BTreeMap<&'static str, function::adapter::Entry>,
}

/// What the tables are made of.
#[derive(Debug, Default)]
pub(crate) struct Entries {
    /// Managed resources.
    pub(crate) resources: Vec<resource::adapter::Entry>,
    /// Data sources.
    pub(crate) data_sources: Vec<data_source::adapter::Entry>,
    /// Ephemeral resources.
    pub(crate) ephemerals: Vec<ephemeral::adapter::Entry>,
    /// List resources.
    pub(crate) lists: Vec<list::adapter::Entry>,
    /// Actions.
    pub(crate) actions: Vec<action::adapter::Entry>,
    /// Functions.
    pub(crate) functions: Vec<function::adapter::Entry>,
}

impl Tables {
    /// The tables of these entries.
    pub(crate) fn new(provider: Schema, entries: Entries) -> Self {
        let Entries { resources, data_sources, ephemerals, lists, actions, functions } = entries;
        Self {
            provider,
            resources: resources.into_iter().map(|entry| (entry.name, entry)).collect(),
            data_sources: data_sources.into_iter().map(|entry| (entry.name, entry)).collect(),
            ephemerals: ephemerals.into_iter().map(|entry| (entry.name, entry)).collect(),
            lists: lists.into_iter().map(|entry| (entry.name, entry)).collect(),
            actions: actions.into_iter().map(|entry| (entry.name, entry)).collect(),
            functions: functions.into_iter().map(|entry| (entry.name, entry)).collect(),
        }
    }

    /// The resource of a type.
    pub(crate) fn resource(&self, name: &str) -> Result<&resource::adapter::Entry, Vec<Problem>> {
        self.resources.get(name).ok_or_else(|| unknown("resource", name))
    }

    /// The data source of a type.
    pub(crate) fn data_source(
        &self,
        name: &str,
    ) -> Result<&data_source::adapter::Entry, Vec<Problem>> {
        self.data_sources.get(name).ok_or_else(|| unknown("data source", name))
    }

    /// The ephemeral resource of a type.
    pub(crate) fn ephemeral(&self, name: &str) -> Result<&ephemeral::adapter::Entry, Vec<Problem>> {
        self.ephemerals.get(name).ok_or_else(|| unknown("ephemeral resource", name))
    }

    /// The list resource of a type.
    pub(crate) fn list(&self, name: &str) -> Result<&list::adapter::Entry, Vec<Problem>> {
        self.lists.get(name).ok_or_else(|| unknown("list resource", name))
    }

    /// The action of a type.
    pub(crate) fn action(&self, name: &str) -> Result<&action::adapter::Entry, Vec<Problem>> {
        self.actions.get(name).ok_or_else(|| unknown("action", name))
    }
}

fn unknown(kind: &str, name: &str) -> Vec<Problem> {
    let detail = format!("this version of the provider has no {kind} `{name}`");
    vec![Problem::error(format!("Unknown {kind}"), detail)]
}
