//! Role definitions: the four that everybody knows, and the user's own export of all others.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Bound;

use super::pattern::{self, Compiled};
use super::{Block, Definition};
use crate::export::{self, ExportError};
use crate::hierarchy::Holes;
use crate::json::{Member, Node, Value};
use crate::text::Text;

/// The most general built-in roles, as <https://learn.microsoft.com/azure/role-based-access-control/built-in-roles/privileged>
/// (of 2026-07-01) and `…/general` (of 2026-02-23) list them. They change once in years; an export that has them goes first.
const BUILT_IN: &[(&str, &str, &[&str], &[&str])] = &[
    ("8e3af657-a8ff-443c-a75c-2fe8c4bcb635", "Owner", &["*"], &[]),
    (
        "b24988ac-6180-42a0-ab88-20f7382dd24c",
        "Contributor",
        &["*"],
        &[
            "Microsoft.Authorization/*/Delete",
            "Microsoft.Authorization/*/Write",
            "Microsoft.Authorization/elevateAccess/Action",
            "Microsoft.Blueprint/blueprintAssignments/write",
            "Microsoft.Blueprint/blueprintAssignments/delete",
            "Microsoft.Compute/galleries/share/action",
            "Microsoft.Purview/consents/write",
            "Microsoft.Purview/consents/delete",
            "Microsoft.Resources/deploymentStacks/manageDenySetting/action",
            "Microsoft.Subscription/cancel/action",
            "Microsoft.Subscription/enable/action",
        ],
    ),
    ("acdd72a7-3385-48ef-bd42-f606fba81ae7", "Reader", &["*/read"], &[]),
    (
        "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
        "User Access Administrator",
        &["*/read", "Microsoft.Authorization/*", "Microsoft.Support/*"],
        &[],
    ),
];

/// Roles whose content is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roles {
    definitions: Vec<Known>,
    /// By name and by GUID, in lower case. None for a name that several roles have.
    index: BTreeMap<String, Option<usize>>,
    /// Operations that some role spells out, by their spelling in lower case: control plane and data plane.
    operations: [BTreeMap<String, String>; 2],
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Known {
    name: String,
    definition: Definition,
    /// None if the definition has unknown parts: these mean something only beside those of another.
    compiled: Option<Vec<Compiled>>,
}

/// Only the built-in roles that need no export: Owner, Contributor, Reader and User Access Administrator.
impl Default for Roles {
    fn default() -> Self {
        let mut roles = Self::empty();
        let texts = |all: &[&str]| all.iter().map(|one| Text::literal(*one)).collect();
        for (id, name, actions, not_actions) in BUILT_IN {
            let block = Block {
                actions: texts(actions),
                not_actions: texts(not_actions),
                ..Block::default()
            };
            roles.add(name, Some(id), Definition::of(block));
        }
        roles
    }
}

impl Roles {
    fn empty() -> Self {
        Self { definitions: Vec::new(), index: BTreeMap::new(), operations: Default::default() }
    }

    /// Reads what `az role definition list --output json` writes: a list of definitions, or one of them.
    pub fn parse(json: &str) -> Result<Self, ExportError> {
        let node = export::parse(&Text::literal(json))?;
        let mut exported = Self::empty();
        for object in export::objects(&node, "the export")? {
            let (name, id) = (role_name(object)?, guid(object)?);
            exported.add(&name, id.as_deref(), definition(object)?);
        }
        let mut roles = Self::default();
        roles.extend(exported);
        Ok(roles)
    }

    /// Adds a definition under its name and its GUID or resource id.
    pub fn add(&mut self, name: &str, id: Option<&str>, definition: Definition) {
        let at = self.definitions.len();
        let same =
            |own: usize| self.definitions.get(own).is_some_and(|it| it.definition == definition);
        for key in id.map(last_segment).into_iter().chain([name]).map(str::to_lowercase) {
            match self.index.get(&key).copied() {
                Some(Some(own)) if same(own) => {}
                Some(_) => _ = self.index.insert(key, None),
                None => _ = self.index.insert(key, Some(at)),
            }
        }
        let mut holes = Holes::default();
        let compiled = pattern::compile(&definition, &mut holes);
        for block in &compiled {
            for (lists, operations) in
                [&block.control, &block.data].into_iter().zip(&mut self.operations)
            {
                for literal in lists.plus.iter().chain(&lists.minus).filter(|it| it.is_literal()) {
                    let operation = literal.text.to_string();
                    operations.entry(operation.to_lowercase()).or_insert(operation);
                }
            }
        }
        let compiled = holes.is_empty().then_some(compiled);
        self.definitions.push(Known { name: name.to_owned(), definition, compiled });
    }

    /// Takes in the definitions of another export, which go before what is known already.
    pub fn extend(&mut self, other: Self) {
        let shift = self.definitions.len();
        self.definitions.extend(other.definitions);
        for (key, at) in other.index {
            self.index.insert(key, at.map(|at| at + shift));
        }
        for (own, more) in self.operations.iter_mut().zip(other.operations) {
            own.extend(more);
        }
    }

    /// The content of a role by name, GUID or resource id.
    pub fn get(&self, role: &str) -> Option<&Definition> {
        let at = self.position(role)?;
        self.definitions.get(at).map(|known| &known.definition)
    }

    /// The same, ready for comparison.
    pub(super) fn compiled(&self, role: &str, holes: &mut Holes) -> Option<Cow<'_, [Compiled]>> {
        let known = self.definitions.get(self.position(role)?)?;
        Some(match &known.compiled {
            Some(compiled) => Cow::Borrowed(compiled.as_slice()),
            None => Cow::Owned(pattern::compile(&known.definition, holes)),
        })
    }

    /// Operations that some role spells out and that begin like this, which is in lower case.
    pub(super) fn operations<'a>(
        &'a self,
        start: &'a str,
        data: bool,
    ) -> impl Iterator<Item = &'a str> {
        let [control, plane] = &self.operations;
        let all = if data { plane } else { control };
        let from = all.range::<str, _>((Bound::Included(start), Bound::Unbounded));
        from.take_while(move |(key, _)| key.starts_with(start)).map(|(_, name)| name.as_str())
    }

    /// Whether the two references name the same role for certain.
    pub(super) fn same(&self, one: &str, other: &str) -> bool {
        let plain = |role: &str| last_segment(role).to_lowercase();
        let several = matches!(self.index.get(&plain(one)), Some(None));
        (plain(one) == plain(other) && !several)
            || matches!((self.position(one), self.position(other)), (Some(a), Some(b)) if a == b)
    }

    fn position(&self, role: &str) -> Option<usize> {
        self.index.get(&last_segment(role).to_lowercase()).copied().flatten()
    }
}

/// `…/roleDefinitions/<guid>` and a bare GUID are the same; a name is itself, slashes and all.
fn last_segment(role: &str) -> &str {
    let role = role.trim();
    match role.rsplit_once('/') {
        Some((front, last)) if front.to_lowercase().ends_with("/roledefinitions") => last,
        _ => role,
    }
}

fn role_name(object: &Node) -> Result<String, ExportError> {
    let missing = || ExportError::Missing {
        what: "a role definition",
        field: "roleName",
        help: "write the file with `az role definition list --output json`",
        span: object.span,
    };
    match export::known(object, &["roleName", "Name", "RoleName"])? {
        Some(name) => Ok(name),
        None => export::known(object, &["name"])?.ok_or_else(missing),
    }
}

/// In the tool's own output `name` is the GUID, in a role definition file `Id` is.
fn guid(object: &Node) -> Result<Option<String>, ExportError> {
    if let Some(id) = export::known(object, &["id", "Id"])? {
        return Ok(Some(id));
    }
    export::known(object, &["name"])
}

/// The content of a role: `permissions`, here or under `properties`, or the flat form of a role definition file.
pub(super) fn definition(object: &Node) -> Result<Definition, ExportError> {
    if is_deny(object) {
        return Err(ExportError::Refused {
            what: "a deny assignment takes away what roles grant: it is not compared".to_owned(),
            help: "leave it out of the inner side, where it can only narrow; the outer side has to say what it allows",
            span: object.span,
        });
    }
    let Some(list) = export::field(object, &[export::spelling(object, "permissions")?]) else {
        let flat = [export::spelling(object, "actions")?, export::spelling(object, "dataActions")?];
        if export::field(object, &flat).is_some() {
            return Ok(Definition::of(block(object)?));
        }
        return Err(ExportError::Missing {
            what: "a role definition",
            field: "permissions",
            help: "write the file with `az role definition list --output json`",
            span: object.span,
        });
    };
    let Value::Array(items) = &list.value else {
        return Err(export::wrong(list, "permissions", "a list of objects"));
    };
    let mut blocks = Vec::with_capacity(items.len());
    for item in items {
        let Some(members) = item.as_object() else {
            return Err(export::wrong(item, "permissions", "a list of objects"));
        };
        for member in members {
            known_element(member)?;
        }
        blocks.push(block(item)?);
    }
    Ok(Definition { blocks })
}

/// What a permission block can say. Anything else could narrow or widen it.
fn known_element(member: &Member) -> Result<(), ExportError> {
    const ELEMENTS: [&str; 6] =
        ["actions", "notactions", "dataactions", "notdataactions", "condition", "conditionversion"];
    let plain = member.name.to_string().replace('_', "").to_lowercase();
    if ELEMENTS.contains(&plain.as_str()) {
        return Ok(());
    }
    Err(ExportError::Refused {
        what: format!("`{}` is no known element of a role's permissions", member.name),
        help: "there are `actions`, `notActions`, `dataActions`, `notDataActions` and `condition`",
        span: member.name_span,
    })
}

/// Whether it is a deny assignment, which lists permissions as a role does.
fn is_deny(object: &Node) -> bool {
    const OWN: [&str; 6] = [
        "denyAssignmentName",
        "DenyAssignmentName",
        "excludePrincipals",
        "ExcludePrincipals",
        "doNotApplyToChildScopes",
        "DoNotApplyToChildScopes",
    ];
    let says = |name: &&str| {
        let text = export::field(object, &[name]).and_then(Node::as_str);
        text.is_some_and(|it| it.to_lowercase().contains("/denyassignments"))
    };
    export::field(object, &OWN).is_some() || ["type", "id", "Id"].iter().any(says)
}

fn block(node: &Node) -> Result<Block, ExportError> {
    let list = |name: &str| {
        export::strings(node, &[export::spelling(node, name)?]).map(Option::unwrap_or_default)
    };
    let condition = export::text(node, &[export::spelling(node, "condition")?])?;
    Ok(Block {
        actions: list("actions")?,
        not_actions: list("notActions")?,
        data_actions: list("dataActions")?,
        not_data_actions: list("notDataActions")?,
        condition: condition.filter(|it| *it != Text::new()),
    })
}
