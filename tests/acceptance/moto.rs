//! The shown chain, made and not only planned: a governed identity gives a role its policy, trust, boundary and tags; the real AWS provider
//! makes the role on moto's server; somebody else reads back from there what the template says.

use std::env;
use std::io::{self, BufRead as _, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};

use super::{HEAD, apply, beside_aws, code, ok, project, state};
use tests::{Project, Workbench, skip};

/// moto's server, until it goes out of scope.
struct Moto {
    server: Child,
    port: u16,
}

impl Moto {
    /// Starts it; none where it is not installed.
    fn start() -> io::Result<Option<Self>> {
        let program = env::var_os("NHI_TEST_MOTO").unwrap_or_else(|| "moto_server".into());
        let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?.port();
        let mut command = Command::new(program);
        command.args(["-H", "127.0.0.1", "-p", &port.to_string()]);
        let mut server = match command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn() {
            Ok(server) => server,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let said = server.stderr.take().ok_or_else(|| io::Error::other("no standard error"))?;
        let moto = Self { server, port };
        let mut said = BufReader::new(said);
        let mut line = String::new();
        while !line.contains("Running on") {
            line.clear();
            if said.read_line(&mut line)? == 0 {
                return Err(io::Error::other("moto's server ended before it answered"));
            }
        }
        // It says every request, and would wait for somebody to read that.
        std::thread::spawn(move || io::copy(&mut said, &mut io::sink()));
        Ok(Some(moto))
    }

    /// Where the AWS provider finds it.
    fn provider(&self) -> String {
        format!(
            r#"
provider "aws" {{
  region                      = "eu-central-1"
  access_key                  = "test"
  secret_key                  = "test"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true

  endpoints {{
    iam = "http://127.0.0.1:{0}"
    sts = "http://127.0.0.1:{0}"
  }}
}}
"#,
            self.port
        )
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        // It holds nothing that anybody needs; that it is gone already is no failure.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

const AWS: &str = "terraform {\n  required_providers {\n    aws = {\n      source = \"hashicorp/aws\"\n    }\n  }\n}\n";

/// What the platform team has in the account before anybody makes a role.
const PLATFORM: &str = r#"
resource "aws_iam_policy" "boundary" {
  name = "nhi-boundary"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:Get*", Resource = "*" }]
  })
}
"#;

/// Two identities, each with its role.
const ROLES: &str = r#"
resource "nhi_service_account" "export" {
  name        = "invoice-export"
  owner       = nhi_owner.payments.name
  purpose     = "Nightly export of invoices to the ledger bucket"
  expiry      = "90d"
  template    = "s3-object-reader@1.2.0"
  service     = "billing"
  environment = "prod"
  parameters  = { bucket = "payments-ledger" }
}

resource "nhi_workload_identity" "viewer" {
  name        = "ledger-viewer"
  owner       = nhi_owner.payments.name
  purpose     = "Shows the ledger to the support desk"
  expiry      = "2027-06-30"
  template    = "s3-object-reader@1.2.0"
  service     = "billing"
  environment = "prod"
  parameters  = { bucket = "payments-ledger", prefix = "public/" }
  subject     = { kubernetes = { namespace = "support", service_account = "ledger-viewer" } }
}

resource "aws_iam_role" "export" {
  name                 = nhi_service_account.export.principal_name
  assume_role_policy   = nhi_service_account.export.aws.trust
  permissions_boundary = "arn:aws:iam::123456789012:policy/nhi-boundary"
  tags                 = nhi_service_account.export.tags
}

resource "aws_iam_role" "viewer" {
  name                 = nhi_workload_identity.viewer.principal_name
  assume_role_policy   = nhi_workload_identity.viewer.aws.trust
  permissions_boundary = "arn:aws:iam::123456789012:policy/nhi-boundary"
  tags                 = nhi_workload_identity.viewer.tags
}

resource "aws_iam_policy" "export" {
  name   = nhi_service_account.export.principal_name
  policy = nhi_service_account.export.aws.permissions
  tags   = nhi_service_account.export.tags
}

resource "aws_iam_policy" "viewer" {
  name   = nhi_workload_identity.viewer.principal_name
  policy = nhi_workload_identity.viewer.aws.permissions
  tags   = nhi_workload_identity.viewer.tags
}

resource "aws_iam_role_policy_attachment" "export" {
  role       = aws_iam_role.export.name
  policy_arn = aws_iam_policy.export.arn
}

resource "aws_iam_role_policy_attachment" "viewer" {
  role       = aws_iam_role.viewer.name
  policy_arn = aws_iam_policy.viewer.arn
}
"#;

/// Reads one role back, in a project that knows nothing of how it was made.
const READ: &str = r#"
variable "name" {
  type = string
}

data "aws_iam_role" "made" {
  name = var.name
}

data "aws_iam_policy" "made" {
  name = var.name
}

output "made" {
  value = {
    trust       = jsondecode(data.aws_iam_role.made.assume_role_policy)
    boundary    = data.aws_iam_role.made.permissions_boundary
    tags        = data.aws_iam_role.made.tags
    permissions = jsondecode(data.aws_iam_policy.made.policy)
  }
}
"#;

fn read_back(bench: &Workbench, moto: &Moto, name: &str) -> Value {
    let reader = bench.empty_project(&format!("reader-{name}")).expect("a folder");
    reader.write("main.tf", &format!("{AWS}{}{READ}", moto.provider())).expect("main.tf");
    ok(&reader, &["init", "-input=false", "-no-color"]);
    let name = format!("-var=name={name}");
    ok(&reader, &["apply", "-auto-approve", "-input=false", "-no-color", &name]);
    let run = ok(&reader, &["output", "-json", "made"]);
    serde_json::from_str(&run.stdout).expect("JSON")
}

/// What the template says, by hand.
fn ceiling(prefix: &str, tags: &Value) -> Value {
    json!({
        "boundary": "arn:aws:iam::123456789012:policy/nhi-boundary",
        "permissions": {
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Allow",
                "Action": ["s3:GetObject", "s3:ListBucket"],
                "Resource": ["arn:aws:s3:::payments-ledger", format!("arn:aws:s3:::payments-ledger/{prefix}*")],
            }],
        },
        "tags": tags,
        "trust": {
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Allow",
                "Principal": { "Service": "ec2.amazonaws.com" },
                "Action": "sts:AssumeRole",
            }],
        },
    })
}

fn lint(project: &Project<'_>, expected: i32) -> Value {
    code(project, &["plan", "-input=false", "-no-color", "-out=tfplan"], 0);
    let arguments = ["check", "tfplan", "--templates", "templates", "--format=json"];
    let run = project.lint(&arguments).expect("nhi-lint runs");
    assert_eq!(run.code, Some(expected), "{}", run.text());
    serde_json::from_str(&run.stdout).expect("JSON")
}

#[test]
fn a_role_is_made_as_its_template_says() {
    let Some(bench) = Workbench::or_skip() else { return };
    if env::var_os("NHI_TEST_PROVIDER_MIRROR").is_none() {
        return skip("NHI_TEST_PROVIDER_MIRROR names no mirror with the AWS provider");
    }
    let Some(moto) = Moto::start().expect("moto's server starts") else {
        return skip("there is no `moto_server`: pip install 'moto[server]', or NHI_TEST_MOTO");
    };
    let platform = bench.empty_project("platform").expect("a folder");
    platform.write("main.tf", &format!("{AWS}{}{PLATFORM}", moto.provider())).expect("main.tf");
    ok(&platform, &["init", "-input=false", "-no-color"]);
    apply(&platform);

    let project = project(&bench, "roles", "");
    let head = format!("{}{}", beside_aws(HEAD), moto.provider());
    project.write("main.tf", &format!("{head}{ROLES}")).expect("main.tf");
    ok(&project, &["init", "-input=false", "-no-color"]);
    let report = lint(&project, 0);
    assert_eq!(report["metrics"]["template_coverage"], 1.0, "{report:#}");
    ok(&project, &["apply", "-input=false", "-no-color", "tfplan"]);
    // The AWS provider counts attachments only when it reads, so that a refresh by itself finds something.
    code(&project, &["plan", "-input=false", "-no-color", "-detailed-exitcode"], 0);

    for (address, name, prefix) in [
        ("nhi_service_account.export", "nhi-invoice-export", ""),
        ("nhi_workload_identity.viewer", "nhi-ledger-viewer", "public/"),
    ] {
        let identity = state(&project, address);
        assert_eq!(identity["tags"]["nhi:owner"], "payments");
        assert_eq!(read_back(&bench, &moto, name), ceiling(prefix, &identity["tags"]), "{name}");
    }

    // One action more beside the governed policy, and the same linter names the request that it opens.
    let wider = ROLES.replace(
        "policy = nhi_service_account.export.aws.permissions",
        r#"policy = jsonencode({
    Version   = "2012-10-17"
    Statement = concat(jsondecode(nhi_service_account.export.aws.permissions).Statement, [{
      Effect   = "Allow"
      Action   = "s3:DeleteObject"
      Resource = "arn:aws:s3:::payments-ledger/*"
    }])
  })"#,
    );
    project.write("main.tf", &format!("{head}{wider}")).expect("main.tf");
    let report = lint(&project, 1);
    let found = report["findings"].as_array().into_iter().flatten().any(|finding| {
        finding["code"] == "TPL001" && finding["counterexample"]["action"] == "s3:DeleteObject"
    });
    assert!(found, "{report:#}");
}
