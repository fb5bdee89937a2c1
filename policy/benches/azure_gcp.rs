//! What it costs to compare roles of Azure and Google Cloud: all pairs of an export of 900 made-up roles each, of the sizes
//! and shapes that the clouds' own have, and conditions of bindings.
//!
//! `cargo bench -p policy --bench azure_gcp`. [`percentiles`] prints the figures over all pairs.

#![expect(clippy::expect_used, reason = "a benchmark that cannot read its input should stop")]
#![expect(clippy::print_stdout, reason = "figures are for people")]

use std::time::{Duration, Instant};

use divan::Bencher;
use policy::text::Text;
use policy::verdict::Verdict;
use policy::{azure, gcp};

const ROLES: usize = 900;
const SCOPE: &str = "/subscriptions/0b1f6471-1bf0-4dda-aec3-111122223333";

fn main() {
    // With a filter only the benchmarks that it names.
    if std::env::args().skip(1).all(|argument| argument.starts_with('-')) {
        percentiles();
    }
    divan::main();
}

/// Numbers that look random and are the same on every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or_default() % end.max(1)
    }

    fn of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all.get(self.below(all.len())).copied().unwrap_or_default()
    }
}

const PROVIDERS: [&str; 8] =
    ["Storage", "Compute", "Network", "KeyVault", "Web", "Sql", "Authorization", "Insights"];
const KINDS: [&str; 6] =
    ["accounts", "accounts/blobs", "machines", "groups/rules", "vaults", "sites/slots"];
const VERBS: [&str; 4] = ["read", "write", "delete", "start/action"];

fn operation(dice: &mut Dice) -> String {
    let provider = format!("Microsoft.{}", dice.of(&PROVIDERS));
    let kind = dice.of(&KINDS);
    let verb = dice.of(&VERBS);
    match dice.below(10) {
        0 => format!("{provider}/*"),
        1 => format!("{provider}/*/read"),
        2 => format!("{provider}/{kind}/*"),
        _ => format!("{provider}/{kind}/{verb}"),
    }
}

fn azure_export() -> String {
    let mut dice = Dice(7);
    let list = |dice: &mut Dice, most: usize| {
        let all: Vec<String> =
            (0..dice.below(most)).map(|_| format!("{:?}", operation(dice))).collect();
        all.join(",")
    };
    let roles: Vec<String> = (0..ROLES)
        .map(|index| {
            let size = if index % 30 == 0 { 120 } else { 10 };
            let (actions, not_actions) = (list(&mut dice, size), list(&mut dice, 2));
            let (data, not_data) = (list(&mut dice, 4), list(&mut dice, 2));
            let wide = if index % 100 == 0 { "\"*\"," } else { "" };
            let actions = format!("{wide}{actions}").trim_end_matches(',').to_owned();
            format!(
                r#"{{"roleName":"Role {index}","name":"{index:08}-0000-0000-0000-000000000000","permissions":[{{"actions":[{actions}],
                "notActions":[{not_actions}],"dataActions":[{data}],"notDataActions":[{not_data}]}}]}}"#
            )
        })
        .collect();
    format!("[{}]", roles.join(","))
}

fn gcp_export() -> String {
    let mut dice = Dice(11);
    let roles: Vec<String> = (0..ROLES)
        .map(|index| {
            let size = if index % 30 == 0 { 3_000 } else { 60 };
            let first = dice.below(12_000);
            let permissions: Vec<String> = (0..=dice.below(size))
                .map(|_| {
                    let number = (first + dice.below(size)) % 13_000;
                    format!("\"service{}.kind{number}.get\"", number / 100)
                })
                .collect();
            format!(
                r#"{{"name":"roles/made.up{index}","includedPermissions":[{}]}}"#,
                permissions.join(",")
            )
        })
        .collect();
    format!("[{}]", roles.join(","))
}

fn assignments() -> (azure::Roles, Vec<azure::Grant>) {
    let roles = azure::Roles::parse(&azure_export()).expect("an export");
    let grants = (0..ROLES).map(|index| azure::Grant {
        what: azure::Assigned::Role(Text::literal(format!("Role {index}"))),
        scope: Text::literal(SCOPE),
        condition: None,
    });
    (roles, grants.collect())
}

fn bindings() -> (gcp::Roles, Vec<gcp::Grant>) {
    let roles = gcp::Roles::parse(&gcp_export()).expect("an export");
    let grants = (0..ROLES).map(|index| gcp::Grant {
        what: gcp::Assigned::Role(Text::literal(format!("roles/made.up{index}"))),
        resource: Some(Text::literal("projects/payments")),
        condition: None,
    });
    (roles, grants.collect())
}

/// Each pair once, by the clock.
fn percentiles() {
    let (roles, grants) = assignments();
    pairs("azure, all pairs", &grants, |outer, inner| azure::contains(&roles, outer, inner).open);
    let (roles, grants) = bindings();
    pairs("gcp, all pairs", &grants, |outer, inner| gcp::contains(&roles, outer, inner).open);
}

fn pairs<G>(name: &str, grants: &[G], contains: impl Fn(&[G], &[G]) -> Verdict) {
    let mut times: Vec<Duration> = Vec::with_capacity(grants.len() * grants.len());
    let (mut inside, mut undecided) = (0, 0);
    let all = Instant::now();
    for inner in grants {
        for outer in grants {
            let start = Instant::now();
            let verdict = contains(std::slice::from_ref(outer), std::slice::from_ref(inner));
            times.push(start.elapsed());
            inside += usize::from(verdict.is_inside());
            undecided += usize::from(matches!(verdict, Verdict::Undecided(_)));
        }
    }
    let all = all.elapsed();
    times.sort_unstable();
    let at = |share: usize| times.get(times.len() * share / 1000).copied().unwrap_or_default();
    let most = times.last().copied().unwrap_or_default();
    println!(
        "{name}: {} in {all:.1?}, {inside} inside, {undecided} undecided; p50 {:.1?}, p90 {:.1?}, p99 {:.1?}, p99.9 {:.1?}, most {most:.1?}",
        times.len(),
        at(500),
        at(900),
        at(990),
        at(999)
    );
}

#[divan::bench]
fn azure_reads_an_export(bencher: Bencher<'_, '_>) {
    let json = azure_export();
    bencher.bench(|| azure::Roles::parse(&json));
}

#[divan::bench]
fn gcp_reads_an_export(bencher: Bencher<'_, '_>) {
    let json = gcp_export();
    bencher.bench(|| gcp::Roles::parse(&json));
}

#[divan::bench]
fn azure_contributor_in_owner(bencher: Bencher<'_, '_>) {
    let roles = azure::Roles::default();
    let grant = |role: &str| azure::Grant {
        what: azure::Assigned::Role(Text::literal(role)),
        scope: Text::literal(SCOPE),
        condition: None,
    };
    let (outer, inner) = ([grant("Owner")], [grant("Contributor")]);
    bencher.bench(|| azure::contains(&roles, &outer, &inner));
}

#[divan::bench]
fn gcp_conditions(bencher: Bencher<'_, '_>) {
    let roles = gcp::Roles::default();
    let grant = |condition: &str| gcp::Grant {
        what: gcp::Assigned::Permissions(vec!["storage.objects.get".into()]),
        resource: Some("projects/payments".into()),
        condition: Some(Text::literal(condition)),
    };
    let inner = [grant(
        "request.time < timestamp('2026-12-01T00:00:00Z') && resource.name.startsWith('projects/_/buckets/ledger/objects/in')",
    )];
    let outer = [grant(
        "request.time < timestamp('2027-01-01T00:00:00Z') && resource.name.startsWith('projects/_/buckets/ledger/')",
    )];
    bencher.bench(|| gcp::contains(&roles, &outer, &inner));
}
