//! `nhi_workload_identity`: a workload that proves itself by where it runs and has no secret of its own.
//!
//! Guarantees: those of every identity, see [`identity`](super::identity); its SPIFFE ID follows from its subject alone, so that
//! one workload has one ID, and is valid by the SPIFFE-ID specification.

use policy::governance::Kind;

use super::identity::{Common, Governed, Kinded, spiffe};
use crate::attribute::Attribute;
use crate::functions::spiffe_id::check_segment;
use crate::inventory::record::{self, Identity as Record};
use crate::model::model;
use crate::path::Path;
use crate::problem::Problem;
use crate::schema::{computed, optional, required};
use crate::settings::Configured;

/// `nhi_workload_identity`.
pub(crate) type WorkloadIdentity = Kinded<WorkloadIdentityModel>;

model! {
    /// A job of a repository's pipeline.
    pub(crate) struct Github {
        /// `organisation/name`.
        repository: String = required().check(repository),
        /// The git reference that the job runs for, such as `refs/heads/main`.
        reference: String = optional(),
        /// The deployment environment that the job runs in.
        environment: String = optional(),
    }
}

model! {
    /// Pods under a service account.
    pub(crate) struct Kubernetes {
        /// The service account's namespace.
        namespace: String = required().check(check_segment),
        /// Its name.
        service_account: String = required().check(check_segment),
    }
}

model! {
    /// A path of one's own.
    pub(crate) struct Spiffe {
        /// The path below the trust domain, without a slash at either end: `billing/worker`.
        path: String = required().check(own_path),
    }
}

model! {
    /// Which workload it is: exactly one of these.
    pub(crate) struct Subject {
        /// A job of a repository's pipeline.
        github: Github = optional(),
        /// Pods that run under a service account.
        kubernetes: Kubernetes = optional(),
        /// A path of one's own.
        spiffe: Spiffe = optional(),
    }
}

model! {
    /// The attributes of `nhi_workload_identity`.
    pub(crate) struct WorkloadIdentityModel {
        ..common: Common,
        /// Which workload it is: one of `github`, `kubernetes` and `spiffe`. Without it the workload goes by the identity's name.
        subject: Subject = optional(),
        /// Its SPIFFE ID; null where the provider's `issuer` has no `trust_domain`.
        spiffe_id: String = computed(),
    }
}

impl Governed for WorkloadIdentityModel {
    const TYPE: &'static str = "nhi_workload_identity";
    const DESCRIPTION: &'static str = "A workload that proves itself by where it runs and has no secret of its own: pods of a \
        cluster, jobs of a pipeline, instances of a cloud. It has an owner, a purpose, an end date and a template, and a \
        SPIFFE ID. An active identity is not destroyed: disable it first.";
    const KIND: Kind = Kind::WorkloadIdentity;

    fn common(&self) -> &Common {
        &self.common
    }

    fn common_mut(&mut self) -> &mut Common {
        &mut self.common
    }

    fn check(&self) -> Vec<Problem> {
        self.subject.known().map(one_selector).unwrap_or_default()
    }

    fn decide(&mut self, configured: &Configured) -> Result<(), Vec<Problem>> {
        self.spiffe_id = spiffe::id(configured, self.segments(), Self::subject)?;
        Ok(())
    }

    fn subject(&self) -> Option<record::Subject> {
        let subject = self.subject.known()?;
        let text =
            |attribute: &Attribute<String>| attribute.as_str().unwrap_or_default().to_owned();
        let some = |attribute: &Attribute<String>| attribute.as_str().map(str::to_owned);
        if let Some(github) = subject.github.known() {
            Some(record::Subject::Github {
                repository: text(&github.repository),
                reference: some(&github.reference),
                environment: some(&github.environment),
            })
        } else if let Some(kubernetes) = subject.kubernetes.known() {
            Some(record::Subject::Kubernetes {
                namespace: text(&kubernetes.namespace),
                service_account: text(&kubernetes.service_account),
            })
        } else {
            subject
                .spiffe
                .known()
                .map(|spiffe| record::Subject::Spiffe { path: text(&spiffe.path) })
        }
    }

    fn spiffe_id(&self) -> Attribute<String> {
        self.spiffe_id.clone()
    }

    fn recall(&mut self, record: &Record) {
        self.spiffe_id = record.terms.spiffe_id.clone().into();
        self.subject = match &record.facts.subject {
            None => Attribute::Null,
            Some(subject) => Attribute::Known(subject_of(subject)),
        };
    }
}

fn subject_of(subject: &record::Subject) -> Subject {
    match subject {
        record::Subject::Github { repository, reference, environment } => {
            let github = Github {
                repository: repository.as_str().into(),
                reference: reference.clone().into(),
                environment: environment.clone().into(),
            };
            Subject { github: github.into(), ..Subject::default() }
        }
        record::Subject::Kubernetes { namespace, service_account } => {
            let kubernetes = Kubernetes {
                namespace: namespace.as_str().into(),
                service_account: service_account.as_str().into(),
            };
            Subject { kubernetes: kubernetes.into(), ..Subject::default() }
        }
        record::Subject::Spiffe { path } => {
            Subject { spiffe: Spiffe { path: path.as_str().into() }.into(), ..Subject::default() }
        }
    }
}

impl WorkloadIdentityModel {
    /// The path of the SPIFFE ID; none while a part of it is not known.
    fn segments(&self) -> Option<Vec<String>> {
        let own = |parts: &[&str]| parts.iter().map(|part| (*part).to_owned()).collect::<Vec<_>>();
        let subject = match &self.subject {
            Attribute::Unknown => return None,
            Attribute::Null => return spiffe::by_name(self),
            Attribute::Known(subject) => subject,
        };
        if let Some(github) = subject.github.known() {
            let mut segments = own(&["github"]);
            segments.extend(github.repository.as_str()?.split('/').map(str::to_owned));
            for (label, part) in [("ref", &github.reference), ("environment", &github.environment)]
            {
                match part {
                    Attribute::Null => {}
                    Attribute::Unknown => return None,
                    Attribute::Known(part) => {
                        segments.push(label.to_owned());
                        segments.extend(part.split('/').map(str::to_owned));
                    }
                }
            }
            Some(segments)
        } else if let Some(kubernetes) = subject.kubernetes.known() {
            // As service meshes name them.
            let (namespace, account) =
                (kubernetes.namespace.as_str()?, kubernetes.service_account.as_str()?);
            Some(own(&["ns", namespace, "sa", account]))
        } else {
            let path = subject.spiffe.known()?.path.as_str()?;
            Some(path.split('/').map(str::to_owned).collect())
        }
    }
}

/// `organisation/name`.
fn repository(text: &str) -> Result<(), String> {
    match text.split_once('/') {
        Some((organisation, name)) => {
            check_segment(organisation).and_then(|()| check_segment(name))
        }
        None => {
            Err(format!("`{text}` is not a repository. Write organisation and name: `acme/infra`."))
        }
    }
}

fn path(text: &str) -> Result<(), String> {
    text.split('/').try_for_each(check_segment)
}

/// A path of one's own keeps off the paths that follow from kinds and names.
fn own_path(text: &str) -> Result<(), String> {
    path(text)?;
    let first = text.split('/').next().unwrap_or_default();
    if spiffe::is_reserved(first) {
        return Err(format!(
            "Paths below `{first}` follow from the names of identities. Choose another first segment, such as a service."
        ));
    }
    Ok(())
}

/// Exactly one selector; an unknown one may still turn out to be absent.
fn one_selector(subject: &Subject) -> Vec<Problem> {
    let stated =
        [subject.github.is_known(), subject.kubernetes.is_known(), subject.spiffe.is_known()];
    let unknown =
        [subject.github.is_unknown(), subject.kubernetes.is_unknown(), subject.spiffe.is_unknown()];
    let stated = stated.iter().filter(|stated| **stated).count();
    let mut problems = Vec::new();
    if stated > 1 || (stated == 0 && !unknown.contains(&true)) {
        let detail =
            "A workload is one thing: state exactly one of `github`, `kubernetes` and `spiffe`.";
        problems
            .push(Problem::error("Unsuitable subject", detail).at(WorkloadIdentityModel::subject));
    }
    if let Some(github) = subject.github.known() {
        for (name, part) in
            [(Github::reference, &github.reference), (Github::environment, &github.environment)]
        {
            if let Some(Err(detail)) = part.as_str().map(path) {
                let at = Path::from(WorkloadIdentityModel::subject)
                    .attribute(Subject::github)
                    .attribute(name);
                problems.push(Problem::error("Unsuitable subject", detail).at(at));
            }
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::resource::{ImportKey, Resource as _};
    use crate::resources::owner::{Owner, OwnerModel};
    use crate::resources::testing::{self, Bench, READER, shown};

    fn viewer(subject: Subject) -> WorkloadIdentityModel {
        let parameters = [("bucket".to_owned(), "ledger".into())];
        WorkloadIdentityModel {
            common: Common {
                name: "ledger-viewer".into(),
                owner: "payments".into(),
                purpose: "Shows the ledger to the support desk".into(),
                expiry: "2027-06-30".into(),
                template: "s3-object-reader@1".into(),
                parameters: Attribute::Known(parameters.into()),
                service: "billing".into(),
                environment: "prod".into(),
                state: "active".into(),
                ..Common::default()
            },
            subject: subject.into(),
            ..WorkloadIdentityModel::default()
        }
    }

    fn in_cluster(namespace: Attribute<String>) -> Subject {
        let kubernetes = Kubernetes { namespace, service_account: "viewer".into() };
        Subject { kubernetes: kubernetes.into(), ..Subject::default() }
    }

    async fn bench() -> Bench {
        let bench = Bench::with(READER);
        let owner = OwnerModel {
            name: "payments".into(),
            accountable: "ada@example.com".into(),
            steward: "grace@example.com".into(),
            active: true.into(),
            ..OwnerModel::default()
        };
        bench.create::<Owner>(owner).await;
        bench
    }

    async fn planned_id(config: &WorkloadIdentityModel) -> String {
        let bench = bench().await;
        let plan = testing::plan::<WorkloadIdentity>(&bench.context(), None, config).await;
        let plan: serde_json::Value =
            serde_json::from_str(&plan).unwrap_or_else(|_| panic!("{plan}"));
        plan["spiffe_id"].as_str().unwrap_or("null").to_owned()
    }

    #[tokio::test]
    async fn one_workload_has_one_id() {
        let github = Github {
            repository: "acme/infra".into(),
            reference: "refs/heads/main".into(),
            environment: Attribute::Null,
        };
        let github = Subject { github: github.into(), ..Subject::default() };
        let spiffe = Spiffe { path: "billing/worker".into() };
        let spiffe = Subject { spiffe: spiffe.into(), ..Subject::default() };
        let unnamed =
            WorkloadIdentityModel { subject: Attribute::Null, ..viewer(Subject::default()) };
        for (config, id) in [
            (viewer(github), "spiffe://example.com/github/acme/infra/ref/refs/heads/main"),
            (viewer(in_cluster("support".into())), "spiffe://example.com/ns/support/sa/viewer"),
            (viewer(spiffe), "spiffe://example.com/billing/worker"),
            (unnamed, "spiffe://example.com/workload/ledger-viewer"),
            (viewer(in_cluster(Attribute::Unknown)), "(known after apply)"),
        ] {
            assert_eq!(planned_id(&config).await, id);
        }
    }

    #[test]
    fn a_workload_is_one_thing() {
        let both = Subject { spiffe: Spiffe { path: "x".into() }.into(), ..in_cluster("a".into()) };
        for subject in [both, Subject::default()] {
            insta::allow_duplicates! {
                insta::assert_snapshot!(shown(&WorkloadIdentity::validate(&viewer(subject))), @r"
                error at subject: Unsuitable subject
                  A workload is one thing: state exactly one of `github`, `kubernetes` and `spiffe`.
                ");
            }
        }
        let later = Subject { github: Attribute::Unknown, ..Subject::default() };
        assert_eq!(WorkloadIdentity::validate(&viewer(later)), []);
    }

    #[test]
    fn a_path_of_ones_own_keeps_off_those_that_follow_from_names() {
        insta::assert_snapshot!(own_path("agent/ticket-triage").unwrap_err(), @"Paths below `agent` follow from the names of identities. Choose another first segment, such as a service.");
        assert!(own_path("billing/agent").is_ok());
    }

    #[tokio::test]
    async fn it_lives_and_is_found_again() {
        let bench = bench().await;
        let made = bench.create::<WorkloadIdentity>(viewer(in_cluster("support".into()))).await;
        assert_eq!(bench.read::<WorkloadIdentity>(&made).await, Some(made.clone()));
        let key = ImportKey::Id("ledger-viewer".to_owned());
        let stub = WorkloadIdentity::import(key, &bench.context()).await.unwrap();
        assert_eq!(bench.read::<WorkloadIdentity>(&stub).await, Some(made.clone()));
        let moved = viewer(in_cluster("sales".into()));
        let moved = bench.apply::<WorkloadIdentity>(Some(&made), &moved).await.unwrap();
        assert_eq!(moved.spiffe_id.as_str(), Some("spiffe://example.com/ns/sales/sa/viewer"));
        assert_eq!(moved.common.id, made.common.id);
    }
}
