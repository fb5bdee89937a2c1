use super::*;
use crate::data_sources::testing::{Estate, estate, read, try_read};
use crate::inventory::bindings::BindingFacts;
use crate::resources::testing::shown;

const NOW: &str = "2026-11-22T12:00:00Z";

async fn packet(estate: &Estate, name: &str, as_of: Option<&str>) -> PacketModel {
    let config = PacketModel {
        identity: estate.identity(name).await.id.into(),
        as_of: as_of.map(str::to_owned).into(),
        ..PacketModel::default()
    };
    read::<CertificationPacket>(&estate.run(NOW, "c0ffee4"), config).await
}

/// Ids are random, and so is what is hashed with them.
async fn steady(estate: &Estate, name: &str, found: &PacketModel) -> String {
    let id = estate.identity(name).await.id;
    let text = found.markdown.as_str().unwrap().replace(&id, "nhi-1");
    text.replace(found.digest.as_str().unwrap(), "sha256:…")
}

async fn lived() -> Estate {
    let estate = estate().await;
    let export = estate.identity("invoice-export").await;
    estate.issue(&export, "2026-10-20T09:00:00Z").await;
    estate.issue(&export, "2026-11-20T09:00:00Z").await;
    let now = "2026-10-02T09:00:00Z";
    let context = estate.run(now, "c0ffee2");
    let facts = BindingFacts {
        identity_id: export.id,
        platform: "aws".to_owned(),
        principal: "arn:aws:iam::123456789012:role/nhi-invoice-export".to_owned(),
        consumers: ["cron | nightly".to_owned()].into(),
        retired_by: Some("aws_iam_role.export".to_owned()),
    };
    let inventory = context.configured().unwrap().inventory().unwrap();
    inventory.bind(now.parse().unwrap(), facts).await.unwrap();
    estate
}

#[tokio::test]
async fn what_a_reviewer_reads() {
    let estate = lived().await;
    let found = packet(&estate, "invoice-export", None).await;
    insta::assert_snapshot!(steady(&estate, "invoice-export", &found).await, @r#"
    # Certification packet: service_account `invoice-export`

    As of now; state `as_of` to hold it still. Digest of the JSON form: `sha256:…`.

    | | |
    |---|---|
    | Identity | `nhi-1` |
    | Status | active |
    | Purpose | Nightly export of invoices to the ledger bucket |
    | Service | billing |
    | Environment | prod |
    | Created | 2026-10-01T09:00:00Z |
    | Ends | 2027-03-30T09:00:00Z |
    | Principal | `nhi-invoice-export` |
    | SPIFFE ID | none |

    ## Ownership

    | | |
    |---|---|
    | Owner | payments |
    | Accountable | ada@example.com |
    | Steward | grace@example.com |
    | Contacts | `#payments` |

    ## Access

    Template `s3-object-reader@1.2.0`: Read objects below one prefix of one bucket. Digest `sha256:5eed`.

    - `bucket` = `payments-ledger`

    **AWS**

    - May do `s3:GetObject` and `s3:ListBucket` on `arn:aws:s3:::payments-ledger` and `arn:aws:s3:::payments-ledger/*`.
    - `Service: ec2.amazonaws.com` may become it with `sts:AssumeRole`.
    - Never more than the permissions boundary `arn:aws:iam::*:policy/nhi-boundary` allows.

    **Google Cloud**

    - May hold the roles `roles/storage.objectViewer` on `//storage.googleapis.com/projects/_/buckets/payments-ledger`.
    - May hold the permissions `storage.objects.get` on `//storage.googleapis.com/projects/_/buckets/payments-ledger`.

    <details><summary>aws-permissions.json</summary>

    ```json
    {
      "Statement": [
        {
          "Action": [
            "s3:GetObject",
            "s3:ListBucket"
          ],
          "Effect": "Allow",
          "Resource": [
            "arn:aws:s3:::payments-ledger",
            "arn:aws:s3:::payments-ledger/*"
          ]
        }
      ],
      "Version": "2012-10-17"
    }
    ```

    </details>

    <details><summary>aws-trust.json</summary>

    ```json
    {
      "Statement": [
        {
          "Action": "sts:AssumeRole",
          "Effect": "Allow",
          "Principal": {
            "Service": "ec2.amazonaws.com"
          }
        }
      ],
      "Version": "2012-10-17"
    }
    ```

    </details>

    <details><summary>gcp-role.yaml</summary>

    ```yaml
    description: "Read objects below one prefix of one bucket (s3-object-reader@1.2.0)"
    includedPermissions:
      - "storage.objects.get"
    stage: "GA"
    title: "s3-object-reader"
    ```

    </details>

    ## Usage

    What was issued to it here. What a platform saw of it stands in the platform's own logs.

    | | |
    |---|---|
    | Last issued | 2026-11-20T09:00:00Z |
    | Issued in 30 days | 1 |
    | Issued in 90 days | 2 |
    | Issued ever | 2 |
    | Refused in 90 days | 0 |
    | Audiences | `https://ledger.example.com` |

    ## Credential

    | | |
    |---|---|
    | Sort | static: it lies with its holder and works until it is rotated |
    | Version | 1 |
    | Made | 2026-10-01T09:00:00Z (52 days ago) |
    | The one before works until | none |
    | Rotation due | 2026-10-31T09:00:00Z (overdue) |
    | Reason of the last forced rotation | none |
    | Longest session | `1h` |
    | Key | none |
    | Certificate | none |
    | Certificate ends | none |

    ## Dependencies

    | | |
    |---|---|
    | Consumers | `job:invoice-export` |
    | Derived from | none |
    | Derived from it | `workload_identity invoice-worker` |

    | Platform | Principal | Consumers | Retired by |
    |---|---|---|---|
    | aws | `arn:aws:iam::123456789012:role/nhi-invoice-export` | cron \| nightly | `aws_iam_role.export` |

    ## Lineage

    | When | What | Who | Commit | Run |
    |---|---|---|---|---|
    | 2026-10-01T09:00:00Z | identity.create | octocat | `c0ffee1` | `https://github.com/acme/infra/actions/runs/7` |
    | 2026-10-02T09:00:00Z | binding.create | octocat | `c0ffee2` | `https://github.com/acme/infra/actions/runs/7` |

    ## Incidents

    No forced rotation, no suspension, no refusal.

    ## Exceptions

    None.

    ## Reviews

    | | |
    |---|---|
    | Certified until | 2026-12-30T09:00:00Z |
    | Reviewed every | 90d |

    No review since it was created.

    ## Questions

    - [ ] Is it still needed? What stops if it is switched off today?
    - [ ] Does what it may do match what it does now, and nothing more?
    - [ ] Is its credential issued when it is needed, or does it lie somewhere? If it lies somewhere: why?
    - [ ] Is the owner still the one who answers for it, and are its people still there?
    - [ ] Is every consumer known, and has each of them an identity of its own?

    ## Decision

    One of these, with the reviewer's own name. Applied, it takes effect.

    **approve**: It stays as it is until the next review.

    ```hcl
    resource "nhi_certification" "invoice_export" {
      identity    = "nhi-1"
      outcome     = "approve"
      reviewer    = "you@example.com"
      evidence    = "sha256:…"
      next_review = "2027-02-20"
    }
    ```

    **right_size**: It moves to a template that allows less.

    ```hcl
    resource "nhi_certification" "invoice_export" {
      identity = "nhi-1"
      outcome  = "right_size"
      reviewer = "you@example.com"
      evidence = "sha256:…"
      template = "name@1.2.0"
    }
    ```

    **rotate**: It gets a new credential.

    ```hcl
    resource "nhi_certification" "invoice_export" {
      identity = "nhi-1"
      outcome  = "rotate"
      reviewer = "you@example.com"
      evidence = "sha256:…"
    }
    ```

    **reassign**: Somebody else answers for it; its credential rotates.

    ```hcl
    resource "nhi_certification" "invoice_export" {
      identity = "nhi-1"
      outcome  = "reassign"
      reviewer = "you@example.com"
      evidence = "sha256:…"
      owner    = "another-team"
    }
    ```

    **disable**: It is switched off and can be switched on again.

    ```hcl
    resource "nhi_certification" "invoice_export" {
      identity = "nhi-1"
      outcome  = "disable"
      reviewer = "you@example.com"
      evidence = "sha256:…"
    }
    ```

    **decommission**: It is switched off for good; after the observation time it can be destroyed.

    ```hcl
    resource "nhi_certification" "invoice_export" {
      identity = "nhi-1"
      outcome  = "decommission"
      reviewer = "you@example.com"
      evidence = "sha256:…"
    }
    ```

    With a decision, this packet evidences `cis-8.1:5.5`, `csa-ccm-4.0:IAM-08`, `iso27001-2022:A.5.18`, `nist-800-53r5:AC-2(j)`, `nist-800-53r5:AC-6(7)`, `nist-csf-2.0:PR.AA-05`, `pci-dss-4.0.1:7.2.5.1`, `soc2-2017:CC6.2`, `soc2-2017:CC6.3`.
    "#);
    let json: serde_json::Value = serde_json::from_str(found.json.as_str().unwrap()).unwrap();
    assert_eq!(json["usage"]["issued_30_days"], 1);
    assert_eq!(json["usage"]["issued_90_days"], 2);
    assert_eq!(json["dependencies"]["derived"][0], "workload_identity invoice-worker");
    let hash = Sha256::digest(found.json.as_str().unwrap().as_bytes());
    assert_eq!(found.digest.as_str(), Some(&*format!("sha256:{}", hex(&hash))));
}

#[tokio::test]
async fn the_packet_of_a_past_time_stays_the_same() {
    let estate = lived().await;
    let before = packet(&estate, "invoice-export", Some("2026-11-01T00:00:00Z")).await;
    let export = estate.identity("invoice-export").await;
    estate
        .change(("2026-11-21T08:00:00Z", "c0ffee3"), &export, |facts, _| {
            facts.purpose = "Something else from now on".to_owned();
            facts.disabled = true;
        })
        .await;
    assert_eq!(packet(&estate, "invoice-export", Some("2026-11-01T00:00:00Z")).await, before);
    let now = packet(&estate, "invoice-export", None).await;
    assert!(now.markdown.as_str().unwrap().contains("Something else from now on"));
    assert_ne!(now.digest, before.digest);
}

#[tokio::test]
async fn kinds_have_something_of_their_own_to_say() {
    let estate = estate().await;
    let agent = packet(&estate, "reconciler", None).await;
    assert!(agent.markdown.as_str().unwrap().contains("| Sponsor | joan@example.com |"));
    let key = packet(&estate, "ledger-key", None).await;
    let (key, json) = (key.markdown.as_str().unwrap(), key.json.as_str().unwrap());
    assert!(key.contains("| Key | `key-2` |") && key.contains("(overdue)"), "{key}");
    // A hash of a secret is of no use to a reviewer.
    assert!(!json.contains("secret_hash"), "{json}");
}

#[tokio::test]
async fn times_that_have_no_packet() {
    let estate = estate().await;
    let ask = async |as_of: &str| {
        let config = PacketModel {
            identity: estate.identity("reconciler").await.id.into(),
            as_of: as_of.into(),
            ..PacketModel::default()
        };
        let context = estate.run(NOW, "c0ffee4");
        let refused = try_read::<CertificationPacket>(&context, config).await.unwrap_err();
        shown(&refused).replace(&estate.identity("reconciler").await.id, "nhi-1")
    };
    insta::assert_snapshot!(ask("2026-11-23").await, @r"
    error at as_of: Time to come
      `2026-11-23T00:00:00Z` has not come yet, and nobody knows what will be on record then. State a time that is past, or none.
    ");
    insta::assert_snapshot!(ask("2026-09-30").await, @r"
    error at as_of: Before its time
      There was no identity `nhi-1` at that time. State a later one.
    ");
}
