//! What a verdict costs on Vault, GitHub and Kubernetes: an application against its template, and sides with many rules.
//!
//! `cargo bench -p policy --bench platforms`.

#![expect(clippy::expect_used, reason = "a benchmark that cannot read its input should stop")]

use divan::Bencher;
use policy::text::Text;
use policy::{github, kubernetes, vault};

fn main() {
    divan::main();
}

fn policy(text: &str) -> vault::Policy {
    vault::Policy::parse(&Text::from(text)).expect("a policy")
}

/// Rules as an application has them, one set for each of its parts.
fn application(parts: usize) -> String {
    (0..parts)
        .map(|at| {
            format!(
                "path \"secret/data/app{at}/*\" {{ capabilities = [\"read\"] }}\n\
                 path \"secret/metadata/app{at}/+/versions\" {{ capabilities = [\"list\"] }}\n\
                 path \"transit/encrypt/app{at}\" {{ capabilities = [\"update\"] }}\n"
            )
        })
        .collect()
}

const CEILING: &str = r#"
path "secret/data/*" { capabilities = ["read", "list"] }
path "secret/metadata/*" { capabilities = ["read", "list"] }
path "transit/encrypt/+" { capabilities = ["update"] }
path "sys/*" { capabilities = ["deny"] }
"#;

#[divan::bench(args = [1, 10, 100])]
fn vault_inside(bencher: Bencher<'_, '_>, parts: usize) {
    let (outer, inner) = (policy(CEILING), policy(&application(parts)));
    bencher.bench_local(|| vault::contains(&[&outer], &[&inner]));
}

#[divan::bench(args = [1, 10, 100])]
fn vault_outside(bencher: Bencher<'_, '_>, parts: usize) {
    let (outer, inner) = (policy(&CEILING.replace("update", "read")), policy(&application(parts)));
    bencher.bench_local(|| vault::contains(&[&outer], &[&inner]));
}

#[divan::bench]
fn vault_reading(bencher: Bencher<'_, '_>) {
    let text = Text::from(application(10));
    bencher.bench_local(|| vault::Policy::parse(&text));
}

/// A role for each of many namespaces.
fn roles(count: usize, verbs: &str) -> Vec<kubernetes::Grant> {
    let role = |at: usize| {
        format!(
            r#"{{"kind": "Role", "metadata": {{"name": "r", "namespace": "n{at}"}}, "rules": [
                {{"apiGroups": ["", "apps"], "resources": ["pods", "pods/log", "deployments"], "verbs": [{verbs}]}}]}}"#
        )
    };
    let text = format!("[{}]", (0..count).map(role).collect::<Vec<_>>().join(","));
    kubernetes::parse(&Text::from(text)).expect("roles").grants
}

#[divan::bench(args = [1, 10, 100])]
fn kubernetes_inside(bencher: Bencher<'_, '_>, count: usize) {
    let (outer, inner) =
        (roles(count, r#""get", "list", "watch""#), roles(count, r#""get", "list""#));
    bencher.bench_local(|| kubernetes::contains(&outer, &inner));
}

#[divan::bench(args = [1, 10, 100])]
fn kubernetes_outside(bencher: Bencher<'_, '_>, count: usize) {
    let (outer, inner) = (roles(count, r#""get""#), roles(count, r#""get", "list""#));
    bencher.bench_local(|| kubernetes::contains(&outer, &inner));
}

fn token(level: &str, repositories: usize) -> github::Grant {
    let list: Vec<String> = (0..repositories).map(|at| format!("\"acme/r{at}\"")).collect();
    let text = format!(
        r#"{{"permissions": {{"contents": "{level}", "issues": "read", "id-token": "write"}}, "repositories": [{}]}}"#,
        list.join(",")
    );
    github::Grant::parse(&Text::from(text)).expect("a grant")
}

#[divan::bench(args = [1, 10, 100])]
fn github_inside(bencher: Bencher<'_, '_>, repositories: usize) {
    let (outer, inner) = ([token("write", repositories)], [token("read", repositories)]);
    bencher.bench_local(|| github::contains(&outer, &inner));
}

#[divan::bench(args = [1, 10, 100])]
fn github_outside(bencher: Bencher<'_, '_>, repositories: usize) {
    let (outer, inner) = ([token("read", repositories)], [token("write", repositories)]);
    bencher.bench_local(|| github::contains(&outer, &inner));
}
