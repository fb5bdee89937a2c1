//! Who runs Terraform, from which configuration, commit and pipeline: read once from the environment, kept with every change.

use std::fs;
use std::path::Path;

use crate::inventory::fresh_id;
use crate::inventory::record::Lineage;
use crate::problem::Problem;
use crate::wording;

/// The variables of delivery pipelines that name the person or bot behind a run, best first.
const ACTORS: &[&str] = &[
    "GITHUB_ACTOR",
    "GITLAB_USER_LOGIN",
    "BUILD_REQUESTEDFOREMAIL",
    "BITBUCKET_STEP_TRIGGERER_UUID",
    "CIRCLE_USERNAME",
    "BUILDKITE_BUILD_CREATOR_EMAIL",
    "ATLANTIS_USER_NAME",
    "USER",
    "LOGNAME",
    "USERNAME",
];

/// The repository that is applied, and the folder that it is checked out in.
const REPOSITORIES: &[(&str, &str)] = &[
    ("GITHUB_REPOSITORY", "GITHUB_WORKSPACE"),
    ("CI_PROJECT_PATH", "CI_PROJECT_DIR"),
    ("BUILD_REPOSITORY_NAME", "BUILD_SOURCESDIRECTORY"),
    ("BITBUCKET_REPO_FULL_NAME", "BITBUCKET_CLONE_DIR"),
    ("CIRCLE_PROJECT_REPONAME", "CIRCLE_WORKING_DIRECTORY"),
];

const REVISIONS: &[&str] = &[
    "TFC_CONFIGURATION_VERSION_GIT_COMMIT_SHA",
    "GITHUB_SHA",
    "CI_COMMIT_SHA",
    "BUILD_SOURCEVERSION",
    "BITBUCKET_COMMIT",
    "CIRCLE_SHA1",
    "BUILDKITE_COMMIT",
];

const PIPELINES: &[&str] = &[
    "TFC_RUN_ID",
    "CI_PIPELINE_URL",
    "BUILD_BUILDURI",
    "CIRCLE_BUILD_URL",
    "BUILDKITE_BUILD_URL",
    "BUILD_URL",
];

/// The lineage of this process, run in `folder`.
pub(crate) fn read(
    folder: &Path,
    variable: &dyn Fn(&str) -> Option<String>,
) -> Result<Lineage, Problem> {
    let first = |names: &[&str]| names.iter().find_map(|name| variable(name));
    let run = fresh_id("run").map_err(|error| {
        wording::problem("No random numbers", &error.to_string(), &error.help())
    })?;
    Ok(Lineage {
        actor: first(ACTORS).unwrap_or_else(|| "unknown".to_owned()),
        origin: origin(folder, variable),
        revision: first(REVISIONS),
        pipeline: github_run(variable).or_else(|| first(PIPELINES)),
        run,
    })
}

/// A lineage for handles that never change anything.
pub(crate) fn nobody() -> Lineage {
    Lineage::default()
}

/// Two runs of one configuration have the same origin, wherever the pipeline checked it out. HCP Terraform runs in folders
/// without a meaning and names the workspace instead.
fn origin(folder: &Path, variable: &dyn Fn(&str) -> Option<String>) -> String {
    if let Some(workspace) = variable("TFC_WORKSPACE_SLUG") {
        return workspace;
    }
    let place = REPOSITORIES.iter().find_map(|(repository, root)| {
        let repository = variable(repository)?;
        let root = variable(root)?;
        let within = folder.strip_prefix(root).ok()?;
        Some(Path::new(&repository).join(within))
    });
    let place = place.unwrap_or_else(|| folder.to_owned());
    let place = place.display().to_string();
    let place = place.trim_end_matches('/');
    match workspace(folder, variable) {
        Some(workspace) => format!("{place} (workspace {workspace})"),
        None => place.to_owned(),
    }
}

/// The selected workspace, unless it is the default one.
fn workspace(folder: &Path, variable: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let selected = variable("TF_WORKSPACE").or_else(|| {
        let data = variable("TF_DATA_DIR").unwrap_or_else(|| ".terraform".to_owned());
        fs::read_to_string(folder.join(data).join("environment")).ok()
    })?;
    let selected = selected.trim();
    (!selected.is_empty() && selected != "default").then(|| selected.to_owned())
}

fn github_run(variable: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let (server, repository) = (variable("GITHUB_SERVER_URL")?, variable("GITHUB_REPOSITORY")?);
    Some(format!("{server}/{repository}/actions/runs/{}", variable("GITHUB_RUN_ID")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lineage(folder: &str, variables: &[(&str, &str)]) -> Lineage {
        let variable = |name: &str| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        };
        read(Path::new(folder), &variable).unwrap()
    }

    #[test]
    fn a_person_at_a_terminal() {
        let lineage = lineage("/home/ada/infra", &[("USER", "ada"), ("TF_WORKSPACE", "prod")]);
        assert_eq!((lineage.actor.as_str(), lineage.revision), ("ada", None));
        assert_eq!(lineage.origin, "/home/ada/infra (workspace prod)");
    }

    #[test]
    fn a_pipeline_is_the_same_wherever_it_checks_out() {
        let run = |root: &str| {
            lineage(
                &format!("{root}/envs/prod"),
                &[
                    ("GITHUB_REPOSITORY", "acme/infra"),
                    ("GITHUB_WORKSPACE", root),
                    ("GITHUB_ACTOR", "octocat"),
                    ("GITHUB_SHA", "c0ffee"),
                    ("GITHUB_SERVER_URL", "https://github.com"),
                    ("GITHUB_RUN_ID", "7"),
                    ("USER", "runner"),
                ],
            )
        };
        let (first, second) = (run("/runner/1"), run("/runner/2"));
        assert_eq!(first.origin, "acme/infra/envs/prod");
        assert_eq!(first.origin, second.origin);
        assert_ne!(first.run, second.run);
        assert_eq!(first.actor, "octocat");
        assert_eq!(first.pipeline.as_deref(), Some("https://github.com/acme/infra/actions/runs/7"));
        assert_eq!(first.revision.as_deref(), Some("c0ffee"));
    }

    #[test]
    fn hcp_terraform_names_its_workspace() {
        let lineage = lineage("/tmp/run-1", &[("TFC_WORKSPACE_SLUG", "acme/infra-prod")]);
        assert_eq!(lineage.origin, "acme/infra-prod");
    }
}
