//! Manifests: what a text gives is what the provider's own resources give.

use super::{all, planned};

const ACCOUNT: &str = r#"
resource "kubernetes_manifest" "web" {
  manifest = {
    apiVersion = "v1"
    kind       = "ServiceAccount"
    metadata = {
      name      = "web"
      namespace = "shop"
      annotations = {
        "nhi.dev/owner"    = "payments"
        "nhi.dev/purpose"  = "Serves the shop to its customers"
        "nhi.dev/expiry"   = "2027-06-30"
        "nhi.dev/template" = "config-reader@1"
      }
    }
  }
}
"#;

fn role(verbs: &str) -> String {
    format!(
        r#"
resource "kubernetes_manifest" "role" {{
  manifest = {{
    apiVersion = "rbac.authorization.k8s.io/v1"
    kind       = "Role"
    metadata   = {{ name = "web", namespace = "shop" }}
    rules      = [{{ apiGroups = [""], resources = ["configmaps"], verbs = [{verbs}] }}]
  }}
}}

resource "kubernetes_manifest" "binding" {{
  manifest = {{
    apiVersion = "rbac.authorization.k8s.io/v1"
    kind       = "RoleBinding"
    metadata   = {{ name = "web", namespace = "shop" }}
    roleRef    = {{ apiGroup = "rbac.authorization.k8s.io", kind = "Role", name = "web" }}
    subjects   = [{{ kind = "ServiceAccount", name = "web", namespace = "shop" }}]
  }}
}}
"#
    )
}

#[test]
fn objects_are_service_accounts_roles_and_bindings() {
    insta::assert_snapshot!(all(&(ACCOUNT.to_owned() + &role("\"get\""))), @"--- exit 0");
    insta::assert_snapshot!(all(&(ACCOUNT.to_owned() + &role("\"get\", \"delete\""))), @r"
    main.tf:24:83: TPL001[outside-template] `kubernetes_manifest.web` may do `delete` on `configmaps` with name = example and namespace = shop, which template `config-reader@1.0.0` does not allow (kubernetes_manifest.role.manifest)
    --- exit 1
    ");
}

const STREAM: &str = r#"
variable "namespace" {}

resource "kubectl_manifest" "all" {
  yaml_body = <<-YAML
    apiVersion: v1
    kind: ServiceAccount
    metadata:
      name: web
      namespace: shop
    ---
    apiVersion: rbac.authorization.k8s.io/v1
    kind: ClusterRoleBinding
    metadata:
      name: web
    roleRef:
      apiGroup: rbac.authorization.k8s.io
      kind: ClusterRole
      name: cluster-admin
    subjects:
      - kind: ServiceAccount
        name: web
        namespace: shop
    ---
    apiVersion: v1
    kind: Secret
    metadata:
      name: web-token
      annotations:
        kubernetes.io/service-account.name: web
    type: kubernetes.io/service-account-token
    ---
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: web
  YAML
}
"#;

#[test]
fn every_document_of_a_stream_counts() {
    insta::assert_snapshot!(all(STREAM), @r"
    main.tf:5:15: OWN001[ungoverned-identity] no governance record answers for `kubectl_manifest.all/ServiceAccount/shop/web`
    main.tf:5:15: TPL001[outside-template] `kubectl_manifest.all/ServiceAccount/shop/web` may do `get` on `secrets` with name = example and namespace = example, which no template allows; the nearest is `config-reader@1.0.0`
    main.tf:5:15: PRV001[admin-grant] the role allows every verb on every resource in the whole cluster (kubectl_manifest.all.yaml_body)
    main.tf:5:15: OWN001[ungoverned-identity] no governance record answers for `kubectl_manifest.all/Secret/web-token`
    main.tf:5:15: CRE001[long-lived-credential] `kubectl_manifest.all/Secret/web-token` is a credential that never expires
    --- exit 1
    ");
}

#[test]
fn what_a_person_sees() {
    insta::assert_snapshot!(super::found(STREAM, "--format pretty --select OWN001,PRV001"), @r#"
    OWN001[ungoverned-identity]

      × no governance record answers for
      │ `kubectl_manifest.all/ServiceAccount/shop/web`
       ╭─[main.tf:5:15]
     4 │ resource "kubectl_manifest" "all" {
     5 │   yaml_body = <<-YAML
       ·               ───┬───
       ·                  ╰── this identity has no owner, purpose, end date or template
     6 │     apiVersion: v1
       ╰────
      help: derive it from an `nhi_*` resource, or add `nhi.dev/owner`,
            `nhi.dev/purpose`, `nhi.dev/expiry` and `nhi.dev/template` to its
            `metadata.annotations`

    PRV001[admin-grant]

      × the role allows every verb on every resource in the whole cluster
       ╭─[main.tf:5:15]
     4 │ resource "kubectl_manifest" "all" {
     5 │   yaml_body = <<-YAML
       ·               ───┬───
       ·                  ╰── this allows everything
     6 │     apiVersion: v1
       ╰────
      help: grant the actions that the workload needs on the resources that it
            needs; a template names them

    OWN001[ungoverned-identity]

      × no governance record answers for `kubectl_manifest.all/Secret/web-token`
       ╭─[main.tf:5:15]
     4 │ resource "kubectl_manifest" "all" {
     5 │   yaml_body = <<-YAML
       ·               ───┬───
       ·                  ╰── this credential has no owner, purpose, end date or template
     6 │     apiVersion: v1
       ╰────
      help: derive it from an `nhi_*` resource, or add `nhi.dev/owner`,
            `nhi.dev/purpose`, `nhi.dev/expiry` and `nhi.dev/template` to its
            `metadata.annotations`

    --- exit 1
    "#);
}

/// A manifest, with something unknown in every place where it can stand.
#[test]
fn what_is_not_known_is_undecided() {
    let manifest = |value: &str| {
        format!(
            "variable \"u\" {{}}\nresource \"kubernetes_manifest\" \"m\" {{\n  manifest = {value}\n}}\n"
        )
    };
    let text = |value: &str| {
        format!(
            "variable \"u\" {{}}\nresource \"kubectl_manifest\" \"m\" {{\n  yaml_body = {value}\n}}\n"
        )
    };
    for main in [
        manifest("var.u"),
        manifest("yamldecode(var.u)"),
        manifest("{ apiVersion = var.u, kind = \"Role\", metadata = { name = \"x\" } }"),
        manifest("{ apiVersion = \"v1\", kind = var.u, metadata = { name = \"x\" } }"),
        manifest("{ apiVersion = \"v1\", kind = \"List\", items = var.u }"),
        manifest("{ apiVersion = \"v1\", kind = \"List\", items = [var.u] }"),
        manifest("merge(var.u, { kind = \"ServiceAccount\" })"),
        text("var.u"),
        text("\"{{ .Values.x }}: {{\""),
        text("\"kind: ConfigMap\\napiVersion: v1\\nmetadata:\\n  name: ${var.u}\\n\""),
        text("templatefile(var.u, {})"),
        text("file(\"missing.yaml\")"),
    ] {
        let found = all(&main);
        assert!(found.contains("TPL005") && found.ends_with("exit 1"), "{main}{found}");
    }
    let grant = |rules: &str, subject: &str, reference: &str| {
        manifest(&format!(
            "{{ apiVersion = \"rbac.authorization.k8s.io/v1\", kind = \"ClusterRoleBinding\", metadata = {{ name = \"x\" }}, roleRef = {reference}, subjects = {subject} }}"
        )) + &format!(
            "resource \"kubernetes_manifest\" \"r\" {{\n  manifest = {{ apiVersion = \"rbac.authorization.k8s.io/v1\", kind = \"ClusterRole\", metadata = {{ name = \"r\" }}, rules = {rules} }}\n}}\n"
        )
    };
    let (subject, reference) = (
        "[{ kind = \"ServiceAccount\", name = \"a\", namespace = \"b\" }]",
        "{ kind = \"ClusterRole\", name = \"r\", apiGroup = \"rbac.authorization.k8s.io\" }",
    );
    for main in [
        grant("var.u", subject, reference),
        grant("[var.u]", subject, reference),
        grant(
            "[{ apiGroups = var.u, resources = [\"pods\"], verbs = [\"get\"] }]",
            subject,
            reference,
        ),
        grant(
            "[{ apiGroups = [\"\"], resources = [\"pods\"], verbs = var.u }]",
            subject,
            reference,
        ),
        grant(
            "[{ apiGroups = [\"\"], resources = [\"pods\"], verbs = [\"get\"] }]",
            subject,
            "var.u",
        ),
        grant(
            "[{ apiGroups = [\"\"], resources = [\"pods\"], verbs = [\"get\"] }]",
            "var.u",
            reference,
        ),
        grant(
            "[{ apiGroups = [\"\"], resources = [\"pods\"], verbs = [\"get\"] }]",
            "[var.u]",
            reference,
        ),
        grant(
            "[{ apiGroups = [\"\"], resources = [\"pods\"], verbs = [\"get\"] }]",
            "[{ kind = var.u, name = \"a\" }]",
            reference,
        ),
    ] {
        let found = all(&main);
        assert!(found.contains("TPL00") && found.ends_with("exit 1"), "{main}{found}");
    }
}

#[test]
fn identities_of_clouds_that_are_custom_resources() {
    let main = r#"
resource "kubectl_manifest" "role" {
  yaml_body = yamlencode({
    apiVersion = "iam.services.k8s.aws/v1alpha1"
    kind       = "Role"
    metadata   = { name = "export" }
    spec = {
      name                     = "export"
      assumeRolePolicyDocument = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = "*" }, Action = "sts:AssumeRole" }] })
      policies                 = ["arn:aws:iam::aws:policy/AdministratorAccess"]
      tags                     = [{ key = "nhi:owner", value = "payments" }]
    }
  })
}

resource "kubectl_manifest" "crossplane" {
  yaml_body = <<-YAML
    apiVersion: iam.aws.upbound.io/v1beta1
    kind: Role
    metadata:
      name: import
    spec:
      forProvider:
        assumeRolePolicy: '{"Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}'
        inlinePolicy:
          - name: all
            policy: '{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'
    ---
    apiVersion: iam.aws.upbound.io/v1beta1
    kind: RolePolicyAttachment
    metadata:
      name: import
    spec:
      forProvider:
        roleRef:
          name: import
        policyArn: arn:aws:iam::aws:policy/IAMFullAccess
  YAML
}

resource "kubernetes_manifest" "account" {
  manifest = {
    apiVersion = "iam.cnrm.cloud.google.com/v1beta1"
    kind       = "IAMServiceAccount"
    metadata   = { name = "robot" }
    spec       = { displayName = "robot" }
  }
}

resource "kubernetes_manifest" "member" {
  manifest = {
    apiVersion = "iam.cnrm.cloud.google.com/v1beta1"
    kind       = "IAMPolicyMember"
    metadata   = { name = "robot" }
    spec = {
      memberFrom  = { serviceAccountRef = { name = "robot" } }
      role        = "roles/owner"
      resourceRef = { kind = "Project", external = "projects/acme" }
    }
  }
}
"#;
    insta::assert_snapshot!(all(main), @r"
    main.tf:3:15: PUR001[missing-purpose] `kubectl_manifest.role` has no purpose
    main.tf:3:15: EXP001[missing-expiry] `kubectl_manifest.role` has no end date
    main.tf:3:15: TPL001[outside-template] `kubectl_manifest.role` may do `s3:PutObject` on `arn:aws:s3:::example-bucket/example-object`, which no template allows; the nearest is `app-reader@1.0.0`
    main.tf:3:15: PRV001[admin-grant] `AdministratorAccess` allows every action on every resource (kubectl_manifest.role.yaml_body)
    main.tf:17:15: OWN001[ungoverned-identity] no governance record answers for `kubectl_manifest.crossplane/Role/import`
    main.tf:17:15: TPL001[outside-template] `kubectl_manifest.crossplane/Role/import` may do `s3:PutObject` on `arn:aws:s3:::example-bucket/example-object`, which no template allows; the nearest is `app-reader@1.0.0`
    main.tf:17:15: PRV001[admin-grant] the policy allows every action on every resource (kubectl_manifest.crossplane.yaml_body)
    main.tf:42:14: OWN001[ungoverned-identity] no governance record answers for `kubernetes_manifest.account`
    main.tf:51:14: TPL005[undecided-grant] permissions in `kubernetes_manifest.member` cannot be compared with template `viewer@1.0.0`: the permissions of the role `roles/owner` are not known: give them with `--gcp-roles FILE`
    main.tf:51:14: PRV001[admin-grant] `roles/owner` is an administrator's role of `//cloudresourcemanager.googleapis.com/projects/acme` (kubernetes_manifest.member.manifest)
    --- exit 1
    ");
}

#[test]
fn a_plan_says_the_same() {
    let manifest = |kind: &str, body: serde_json::Value| {
        let mut manifest = serde_json::json!({ "apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind, "metadata": { "name": "web", "namespace": "shop" } });
        manifest.as_object_mut().unwrap().extend(body.as_object().unwrap().clone());
        manifest
    };
    let resources = [
        (
            "kubernetes_manifest.role",
            serde_json::json!({ "manifest": manifest("Role", serde_json::json!({ "rules": [{ "apiGroups": ["*"], "resources": ["*"], "verbs": ["*"] }] })) }),
            serde_json::json!({}),
        ),
        (
            "kubernetes_manifest.binding",
            serde_json::json!({ "manifest": manifest("RoleBinding", serde_json::json!({ "roleRef": { "kind": "Role", "name": "web" }, "subjects": [{ "kind": "ServiceAccount", "name": "web", "namespace": "shop" }] })) }),
            serde_json::json!({}),
        ),
        (
            "kubectl_manifest.account",
            serde_json::json!({ "yaml_body": "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: web, namespace: shop}\n" }),
            serde_json::json!({}),
        ),
        (
            "kubectl_manifest.unknown",
            serde_json::json!({}),
            serde_json::json!({ "yaml_body": true }),
        ),
    ];
    insta::assert_snapshot!(planned(&resources), @r"
    kubectl_manifest.account.yaml_body: OWN001[ungoverned-identity] no governance record answers for `kubectl_manifest.account`
    kubectl_manifest.unknown.yaml_body: TPL005[undecided-grant] permissions in `kubectl_manifest.unknown` cannot be compared with template `app-reader@1.0.0`: what `yaml_body` makes is not known before apply
    kubernetes_manifest.role.manifest: TPL001[outside-template] `kubectl_manifest.account` may do `get` on `secrets` with name = example and namespace = shop, which no template allows; the nearest is `config-reader@1.0.0`
    kubernetes_manifest.role.manifest: PRV001[admin-grant] the role allows every verb on every resource in namespace `shop`
    --- exit 1
    ");
}
