//! Real operations: which are worth showing, and which open a way to more privileges.

use super::pattern::Pattern;
use super::roles::Roles;

/// How operations end.
pub(super) const VERBS: [&str; 4] = ["read", "write", "delete", "action"];

/// Operations of the control plane that give more than they say, and how. Public knowledge of Azure's attack paths.
const ESCALATIONS: &[(&str, &str)] = &[
    ("Microsoft.Authorization/roleAssignments/write", "assigns any role to anyone"),
    ("Microsoft.Authorization/elevateAccess/action", "makes itself administrator of all access"),
    ("Microsoft.Authorization/roleDefinitions/write", "rewrites a role that it holds"),
    (
        "Microsoft.Authorization/roleAssignmentScheduleRequests/write",
        "activates or assigns any role",
    ),
    (
        "Microsoft.Authorization/roleEligibilityScheduleRequests/write",
        "makes anyone eligible for any role",
    ),
    (
        "Microsoft.ManagedIdentity/userAssignedIdentities/assign/action",
        "runs its own code as a managed identity",
    ),
    (
        "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials/write",
        "lets an outside token become a managed identity",
    ),
    (
        "Microsoft.Compute/virtualMachines/runCommand/action",
        "runs commands as the identity of a machine",
    ),
    (
        "Microsoft.Compute/virtualMachines/extensions/write",
        "runs code as the identity of a machine",
    ),
    ("Microsoft.Compute/virtualMachines/write", "gives a machine a managed identity"),
    (
        "Microsoft.Automation/automationAccounts/jobs/write",
        "runs a runbook as the identity of its account",
    ),
    (
        "Microsoft.Automation/automationAccounts/runbooks/write",
        "rewrites a runbook that runs as the identity of its account",
    ),
    ("Microsoft.Resources/deploymentScripts/write", "runs a script as a managed identity"),
    (
        "Microsoft.ContainerService/managedClusters/listClusterAdminCredential/action",
        "takes the administrator's credential of a cluster",
    ),
    ("Microsoft.KeyVault/vaults/accessPolicies/write", "gives itself the secrets of a vault"),
    ("Microsoft.KeyVault/vaults/write", "gives itself the secrets of a vault"),
    (
        "Microsoft.Storage/storageAccounts/listKeys/action",
        "takes the keys that open all data of a storage account",
    ),
    ("Microsoft.Web/sites/publishxml/action", "takes the credentials that deploy an application"),
    ("Microsoft.Web/sites/host/listkeys/action", "takes the keys of a function application"),
    ("Microsoft.Logic/workflows/write", "rewrites a workflow that runs as an identity"),
    (
        "Microsoft.Authorization/policyAssignments/write",
        "makes a policy deploy what it likes with its own identity",
    ),
];

/// More operations that say at once what is at stake.
const CONTROL: &[&str] = &[
    "Microsoft.Authorization/roleAssignments/delete",
    "Microsoft.Authorization/locks/delete",
    "Microsoft.Compute/virtualMachines/delete",
    "Microsoft.Storage/storageAccounts/write",
    "Microsoft.Storage/storageAccounts/delete",
    "Microsoft.Network/networkSecurityGroups/write",
    "Microsoft.Resources/subscriptions/resourceGroups/write",
    "Microsoft.Resources/subscriptions/resourceGroups/delete",
    "Microsoft.Resources/deployments/write",
    "Microsoft.Storage/storageAccounts/read",
    "Microsoft.Compute/virtualMachines/read",
    "Microsoft.Authorization/roleAssignments/read",
];

const DATA: &[&str] = &[
    "Microsoft.KeyVault/vaults/secrets/getSecret/action",
    "Microsoft.KeyVault/vaults/keys/sign/action",
    "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/write",
    "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/delete",
    "Microsoft.Storage/storageAccounts/blobServices/containers/blobs/read",
    "Microsoft.Storage/storageAccounts/queueServices/queues/messages/read",
    "Microsoft.ServiceBus/namespaces/messages/receive/action",
];

/// How many operations of an export are tried.
const TRIES: usize = 256;

/// The way to more privileges that an operation opens.
pub(super) fn escalation(operation: &str, data: bool) -> Option<&'static str> {
    let known = |(name, _): &&(&str, &str)| name.eq_ignore_ascii_case(operation);
    ESCALATIONS.iter().filter(|_| !data).find(known).map(|(_, how)| *how)
}

/// Operations that a pattern may stand for, the most telling first. Whether it does is for the caller to see.
pub(super) fn candidates<'a>(
    roles: &'a Roles,
    pattern: &'a Pattern,
    nearby: &[&Pattern],
    data: bool,
) -> Vec<String> {
    let Some(known) = pattern.text.as_str() else { return Vec::new() };
    if pattern.is_literal() {
        return vec![known.to_owned()];
    }
    let start = known.split('*').next().unwrap_or_default().to_lowercase();
    let listed: &[&str] = if data { DATA } else { CONTROL };
    let escalating = ESCALATIONS.iter().filter(|_| !data).map(|(name, _)| *name);
    let telling = escalating.chain(listed.iter().copied());
    let telling = telling.filter(|name| name.to_lowercase().starts_with(&start));
    let mut out: Vec<String> = telling.map(str::to_owned).collect();
    // What the outer side takes away again is where the gap is, most often.
    for other in nearby {
        if let Some(known) = other.text.as_str() {
            out.extend(instances(known));
        }
    }
    out.extend(roles.operations(&start, data).take(TRIES).map(str::to_owned));
    out.extend(instances(known));
    out
}

/// Plain operations of a pattern: each star is a likely word.
fn instances(pattern: &str) -> Vec<String> {
    if pattern == "*" {
        return VERBS
            .iter()
            .rev()
            .map(|verb| format!("Microsoft.Example/examples/{verb}"))
            .collect();
    }
    let ends = |verb: &&str| pattern.to_lowercase().ends_with(&format!("/{verb}"));
    let rest = match pattern.strip_prefix('*') {
        Some(rest) => format!("Microsoft.Example/examples{rest}"),
        None => pattern.to_owned(),
    };
    if VERBS.iter().any(ends) || !rest.ends_with('*') {
        return vec![rest.replace('*', "examples")];
    }
    let front = rest.trim_end_matches('*').replace('*', "examples");
    let between = match front.chars().filter(|letter| *letter == '/').count() {
        _ if !front.ends_with('/') => "s/",
        0 | 1 => "examples/",
        _ => "",
    };
    ["write", "delete", "action", "read"].map(|verb| format!("{front}{between}{verb}")).into()
}
