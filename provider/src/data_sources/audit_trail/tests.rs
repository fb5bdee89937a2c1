use super::*;
use crate::data_sources::testing::{estate, read, try_read};
use crate::resources::testing::shown;

const NOW: &str = "2026-11-22T12:00:00Z";

fn line(event: &Event) -> String {
    let text = |attribute: &Attribute<String>| attribute.as_str().unwrap_or("-").to_owned();
    let changes: Vec<String> = event
        .changes
        .known()
        .into_iter()
        .flatten()
        .map(|it| {
            format!("\n  {}: {} -> {}", text(&it.attribute), text(&it.before), text(&it.after))
        })
        .collect();
    let head = [&event.at, &event.actor, &event.action, &event.because, &event.revision].map(text);
    head.join(" ") + &changes.join("")
}

#[tokio::test]
async fn an_identity_tells_its_story() {
    let estate = estate().await;
    let export = estate.identity("invoice-export").await;
    let export = estate
        .change(("2026-10-20T08:00:00Z", "c0ffee2"), &export, |facts, _| {
            facts.purpose = "Hourly export of invoices to the ledger bucket".to_owned();
            facts.consumers.push("job:invoice-report".to_owned());
        })
        .await;
    estate
        .change(("2026-10-21T08:00:00Z", "c0ffee3"), &export, |facts, _| facts.disabled = true)
        .await;
    estate.issue(&export, "2026-10-20T09:00:00Z").await;
    let context = estate.run(NOW, "c0ffee4");
    let config =
        AuditTrailModel { identity: export.id.as_str().into(), ..AuditTrailModel::default() };
    let found = read::<AuditTrail>(&context, config.clone()).await;
    let lines: Vec<_> = found.events.known().unwrap().iter().map(line).collect();
    insta::assert_snapshot!(lines.join("\n"), @r"
    2026-10-01T09:00:00Z octocat identity.create - c0ffee1
    2026-10-20T08:00:00Z octocat identity.update - c0ffee2
      consumers: job:invoice-export -> job:invoice-export, job:invoice-report
      purpose: Nightly export of invoices to the ledger bucket -> Hourly export of invoices to the ledger bucket
    2026-10-21T08:00:00Z octocat identity.disable - c0ffee3
      disabled: false -> true
      disabled_at: - -> 2026-10-21T08:00:00Z
      standing: active -> disabled
    2026-10-20T09:00:00Z octocat token.issue - c0ffee9
    ");
    assert_eq!((found.verified, found.breaks), (true.into(), Vec::new().into()));

    let later =
        AuditTrailModel { since: "2026-10-20".into(), until: "2026-10-21".into(), ..config };
    let found = read::<AuditTrail>(&context, later).await;
    let lines: Vec<_> = found.events.known().unwrap().iter().map(|it| it.action.clone()).collect();
    assert_eq!(lines, ["identity.update".into(), "token.issue".into()]);
    let issued = found.events.known().unwrap()[1].details.known().unwrap();
    assert_eq!(issued["audience"], "https://ledger.example.com");
}

#[tokio::test]
async fn everything_is_told_to_who_asks_for_everything() {
    let estate = estate().await;
    let context = estate.run(NOW, "c0ffee2");
    let found = read::<AuditTrail>(&context, AuditTrailModel::default()).await;
    assert_eq!(found.events.known().unwrap().len(), 7);
    assert_eq!(found.verified, true.into());

    estate.tamper("UPDATE identities SET purpose = 'mining' WHERE name = 'old-job'");
    let found = read::<AuditTrail>(&estate.run(NOW, "c0ffee2"), AuditTrailModel::default()).await;
    assert_eq!((found.verified, found.breaks.known().unwrap().len()), (false.into(), 1));
}

#[tokio::test]
async fn what_cannot_be_asked() {
    let estate = estate().await;
    let context = estate.run(NOW, "c0ffee2");
    let ask = async |identity: Option<&str>, since: &str, until: &str| {
        let config = AuditTrailModel {
            identity: identity.map(str::to_owned).into(),
            since: since.into(),
            until: until.into(),
            ..AuditTrailModel::default()
        };
        shown(&try_read::<AuditTrail>(&context, config).await.unwrap_err())
    };
    insta::assert_snapshot!(ask(None, "2026-11-21", "2026-11-21").await, @r"
    error at until: No time in between
      Nothing lies between `since` and `until`: the first must be before the second.
    ");
    insta::assert_snapshot!(ask(None, "yesterday", "2026-11-21").await, @r"
    error at since: Unsuitable value
      `yesterday` is not a time. Write it as RFC 3339 does, `2026-11-21T12:00:00Z`, or a day: `2026-11-21`.
    ");
    insta::assert_snapshot!(ask(Some("nhi-x"), "2026-11-20", "2026-11-21").await, @r"
    error at identity: Unknown identity
      There is no identity `nhi-x` in the inventory. Is it the inventory that you mean?
    ");
}
