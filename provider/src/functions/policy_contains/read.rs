//! The policies of each platform, read from text and compared.

use policy::governance::Field;
use policy::template::{AwsSubject, AzureSubject, GcpSubject, Platform, Policy, Subject};
use policy::text::Text;
use policy::verdict::{Change, Verdict};
use policy::{aws, azure, gcp, github, kubernetes, vault};

use super::super::texts::wrong;
use crate::function::FunctionProblem;

/// What a text allows, on its platform.
pub(super) enum Granted {
    /// A policy document.
    Aws(Box<Policy>),
    /// Roles and their bindings.
    Gcp(Vec<gcp::Grant>),
    /// Roles and their assignments.
    Azure(Vec<azure::Grant>),
    /// Rules, bound or not.
    Kubernetes(Vec<kubernetes::Grant>),
    /// A policy.
    Vault(vault::Policy),
    /// What a token may do.
    Github(github::Grant),
}

impl Granted {
    /// Reads a policy, or says what is wrong with it and where.
    pub(super) fn read(
        argument: usize,
        source: &str,
        platform: Platform,
    ) -> Result<Self, FunctionProblem> {
        let text = Text::literal(source);
        Ok(match platform {
            Platform::Aws => Self::Aws(Box::new(
                Policy::parse(&text).map_err(|it| wrong(argument, source, &it.problems))?,
            )),
            Platform::Vault => Self::Vault(
                vault::Policy::parse(&text).map_err(|it| wrong(argument, source, &it.problems))?,
            ),
            Platform::GitHub => Self::Github(
                github::Grant::parse(&text).map_err(|it| wrong(argument, source, &it.problems))?,
            ),
            Platform::Kubernetes => {
                let manifest =
                    kubernetes::parse(&text).map_err(|it| wrong(argument, source, &it.problems))?;
                let mut grants = manifest.grants;
                // What may be done is compared, whoever it is that does it.
                for grant in &mut grants {
                    grant.subject = None;
                }
                Self::Kubernetes(grants)
            }
            Platform::Gcp => {
                let found =
                    gcp::Grant::parse(&text).map_err(|it| wrong(argument, source, &[it]))?;
                Self::Gcp(found.into_iter().map(|it| it.grant).collect())
            }
            Platform::Azure => {
                let found =
                    azure::Grant::parse(&text).map_err(|it| wrong(argument, source, &[it]))?;
                Self::Azure(found.into_iter().map(|it| it.grant).collect())
            }
        })
    }

    /// Asks a question about an identity that has this and nothing else.
    pub(super) fn ask<T>(&self, question: impl FnOnce(&Subject<'_>) -> T) -> T {
        match self {
            Self::Aws(policy) => {
                let is_trust = policy.document.names_principals();
                let permissions = [policy.as_ref()];
                let aws = AwsSubject {
                    permissions: if is_trust { &[] } else { &permissions },
                    trust: is_trust.then_some(policy),
                    boundary: Field::Absent,
                };
                question(&Subject { aws: Some(aws), ..Subject::default() })
            }
            Self::Gcp(grants) => {
                let gcp = GcpSubject { roles: &gcp::Roles::default(), grants };
                question(&Subject { gcp: Some(gcp), ..Subject::default() })
            }
            Self::Azure(grants) => {
                let azure = AzureSubject { roles: &azure::Roles::default(), grants };
                question(&Subject { azure: Some(azure), ..Subject::default() })
            }
            Self::Kubernetes(grants) => {
                question(&Subject { kubernetes: Some(grants), ..Subject::default() })
            }
            Self::Vault(policy) => {
                question(&Subject { vault: Some(&[policy]), ..Subject::default() })
            }
            Self::Github(grant) => {
                let github = Some(std::slice::from_ref(grant));
                question(&Subject { github, ..Subject::default() })
            }
        }
    }

    /// Whether it stays inside another policy, and the smallest change that would make it do so. Both are of one platform:
    /// they were read for it.
    pub(super) fn within(&self, outer: Self) -> (Verdict, Option<Change>) {
        match (self, outer) {
            (Self::Aws(inner), Self::Aws(outer)) => {
                let (outer, inner) = ([&outer.document], [&inner.document]);
                let decision = aws::contains(&outer, &inner);
                let change = aws::change(&outer, &inner, &decision);
                (decision.open, change)
            }
            (Self::Gcp(inner), Self::Gcp(outer)) => {
                let roles = gcp::Roles::default();
                let comparison = gcp::contains(&roles, &outer, inner);
                let change = gcp::change(&roles, &outer, inner, &comparison);
                (comparison.open, change)
            }
            (Self::Azure(inner), Self::Azure(outer)) => {
                let roles = azure::Roles::default();
                let comparison = azure::contains(&roles, &outer, inner);
                let change = azure::change(&roles, &outer, inner, &comparison);
                (comparison.open, change)
            }
            (Self::Kubernetes(inner), Self::Kubernetes(outer)) => {
                let comparison = kubernetes::contains(&outer, inner);
                let change = kubernetes::change(&outer, inner, &comparison);
                (comparison.open, change)
            }
            (Self::Vault(inner), Self::Vault(outer)) => {
                let comparison = vault::contains(&[&outer], &[inner]);
                let change = vault::change(&[&outer], &[inner], &comparison);
                (comparison.open, change)
            }
            (Self::Github(inner), Self::Github(outer)) => {
                let (outer, inner) = ([outer], std::slice::from_ref(inner));
                let comparison = github::contains(&outer, inner);
                let change = github::change(&outer, inner, &comparison);
                (comparison.open, change)
            }
            (
                Self::Aws(_)
                | Self::Gcp(_)
                | Self::Azure(_)
                | Self::Kubernetes(_)
                | Self::Vault(_)
                | Self::Github(_),
                _,
            ) => {
                let why = policy::verdict::Why::construct("the policies are of two platforms");
                (Verdict::Undecided(why), None)
            }
        }
    }
}
