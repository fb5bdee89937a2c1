//! Permissions that say at once what is at stake, and those that open a way to more privileges.

/// Permissions that give more than they say, and how; the most telling first. Public knowledge of Google Cloud's attack paths.
const ESCALATIONS: &[(&str, &str)] = &[
    ("iam.serviceAccounts.getAccessToken", "becomes any service account by minting its token"),
    ("iam.serviceAccountKeys.create", "makes a key for any service account"),
    ("iam.serviceAccounts.actAs", "runs its own code as any service account"),
    ("iam.serviceAccounts.implicitDelegation", "becomes a service account through another one"),
    ("iam.serviceAccounts.signJwt", "signs tokens as any service account"),
    ("iam.serviceAccounts.signBlob", "signs tokens as any service account"),
    ("iam.serviceAccounts.getOpenIdToken", "becomes any service account towards other systems"),
    ("resourcemanager.organizations.setIamPolicy", "grants itself any role on the organization"),
    ("resourcemanager.folders.setIamPolicy", "grants itself any role on the folder"),
    ("resourcemanager.projects.setIamPolicy", "grants itself any role on the project"),
    ("iam.serviceAccounts.setIamPolicy", "lets itself act as any service account"),
    ("iam.roles.update", "adds permissions to a role that it holds"),
    ("orgpolicy.policy.set", "lifts the constraints of the organization"),
    ("deploymentmanager.deployments.create", "deploys as the service agent, an editor"),
    ("cloudbuild.builds.create", "runs a build as the build service account"),
    ("cloudfunctions.functions.create", "runs code as a service account, with actAs"),
    ("cloudfunctions.functions.update", "rewrites code that runs as a service account"),
    (
        "cloudfunctions.functions.setIamPolicy",
        "lets itself call code that runs as a service account",
    ),
    ("run.services.create", "runs code as a service account, with actAs"),
    ("run.services.update", "rewrites code that runs as a service account"),
    ("run.jobs.update", "rewrites code that runs as a service account"),
    ("cloudscheduler.jobs.create", "calls services as a service account, with actAs"),
    ("compute.instances.create", "runs a machine as a service account, with actAs"),
    ("compute.instances.setMetadata", "logs in to a machine that runs as a service account"),
    ("compute.instances.setServiceAccount", "gives a machine another service account, with actAs"),
    ("compute.projects.setCommonInstanceMetadata", "logs in to every machine of the project"),
    ("compute.instances.osAdminLogin", "logs in to machines as an administrator"),
    ("composer.environments.create", "runs workflows as a service account, with actAs"),
    ("dataflow.jobs.create", "runs a job as a service account, with actAs"),
    ("dataproc.clusters.create", "runs a cluster as a service account, with actAs"),
    ("notebooks.instances.create", "runs a notebook as a service account, with actAs"),
    ("storage.hmacKeys.create", "makes a key for a service account"),
    ("serviceusage.apiKeys.create", "makes a key of the project"),
    ("container.clusters.getCredentials", "logs in to a cluster"),
    ("secretmanager.versions.access", "reads secrets"),
];

/// The way to more privileges that a permission opens.
pub(super) fn escalation(permission: &str) -> Option<&'static str> {
    if let Some((_, how)) = ESCALATIONS.iter().find(|(name, _)| *name == permission) {
        return Some(how);
    }
    permission.ends_with(".setIamPolicy").then_some("grants itself any role on the resource")
}

/// How soon a permission is shown among others, the smaller the sooner.
pub(super) fn rank(permission: &str) -> usize {
    if let Some(place) = ESCALATIONS.iter().position(|(name, _)| *name == permission) {
        return place;
    }
    let verbs = ["setIamPolicy", "delete", "create", "update", "get", "list"];
    let verb = permission.rsplit('.').next().unwrap_or_default();
    let place = verbs.iter().position(|one| *one == verb).unwrap_or(verbs.len());
    ESCALATIONS.len() + place
}
