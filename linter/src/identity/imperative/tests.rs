//! Scripts and what is found in them, in both dialects.

use policy::text::{Shape, Text};
use serde_json::json;

use super::*;
use crate::model::Provisioner;
use crate::tests::sketch;

/// A text in which `${…}` is unknown.
fn text(text: &str) -> Text {
    let mut out = Text::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("«") {
        let (origin, tail) = after.split_once('»').unwrap();
        out.push_str(before);
        out.push(&Text::hole(origin, Shape::Any));
        rest = tail;
    }
    out.push_str(rest);
    out
}

fn words(script: &str, dialect: Dialect) -> Vec<String> {
    let commands = shell::commands(&text(script), &BTreeMap::new(), dialect);
    let line = |command: &Command| {
        let words: Vec<String> = command.words.iter().map(ToString::to_string).collect();
        let input = command.input.as_ref().map(|it| format!(" <<{it}")).unwrap_or_default();
        format!("{}{input}{}", words.join("·"), if command.piped { " |" } else { "" })
    };
    commands.iter().map(line).collect()
}

#[test]
fn scripts_are_split_as_a_shell_splits_them() {
    for (script, wanted) in [
        ("a b  c", vec!["a·b·c"]),
        ("a 'b c' \"d e\" f\\ g", vec!["a·b c·d e·f g"]),
        ("a; b && c || d & e", vec!["a", "b", "c", "d", "e"]),
        ("a | b |& c", vec!["a |", "b |", "c"]),
        ("a \\\n  b\nc", vec!["a·b", "c"]),
        ("# a\nb # c\nd#e", vec!["b", "d#e"]),
        ("if a; then b; else c; fi", vec!["a", "b", "c"]),
        ("for x in 1 2; do a $x; done", vec!["for·x·in·1·2", "a·<$x>"]),
        ("(a; b) && { c; }", vec!["a", "b", "c"]),
        ("X=1 Y=2 a $X", vec!["a·<$X>"]),
        ("X=a; $X b", vec!["a·b"]),
        ("export X='a b'\n$X c; \"$X\" c", vec!["a·b·c", "a b·c"]),
        ("a $(b c) `d e`", vec!["b·c", "d·e", "a·<$(…)>·<`…`>"]),
        ("a > f 2>&1 < g >> h", vec!["a"]),
        ("a <<EOF\nx y\nz\nEOF\nb", vec!["a <<x y\nz\n", "b"]),
        ("cat <<-'EOF' | b\n\tx $y\n\tEOF\nc", vec!["cat <<x $y\n |", "b", "c"]),
        ("a <<< 'x y'", vec!["a <<x y"]),
        ("a \"«v» x\" «w»", vec!["a·<v> x·<w>"]),
        ("a \"it's \\\"x\\\"\"", vec!["a·it's \"x\""]),
        ("a $((1 + 2)); b", vec!["a·<$(…)>", "b"]),
        ("case $x in y) a;; *) b;; esac", vec!["case·<$x>·in·y", "a", "*", "b", "esac"]),
        ("'unclosed a", vec!["unclosed a"]),
    ] {
        assert_eq!(words(script, Dialect::Posix), wanted, "{script}");
    }
    assert_eq!(words("a `\n b \"c`\"d\"", Dialect::Power), vec!["a·b·c\"d"]);
    assert_eq!(words("<# a #> b\n$x = 'c'\n$x d", Dialect::Power), vec!["b", "<$x>·=·c", "c·d"]);
}

/// What one script makes.
fn made(script: &str) -> String {
    made_by(json!([]), script)
}

fn made_by(interpreter: serde_json::Value, script: &str) -> String {
    let arguments = sketch::value(&json!({ "interpreter": interpreter }));
    let Value::Object(mut arguments) = arguments else { panic!("an object") };
    arguments.insert("command".into(), Value::String(text(script)));
    let resource = Resource {
        address: "null_resource.x".into(),
        kind: "null_resource".into(),
        provisioners: vec![Provisioner {
            kind: "local-exec".into(),
            path: "provisioner[0]".into(),
            arguments: Value::Object(arguments),
        }],
        ..Resource::default()
    };
    let lines = parts(&resource).into_iter().map(|part| match part.made {
        Made::Resource(COMMAND, after) => after["command"].as_str().unwrap().to_owned(),
        Made::Resource(kind, _) => format!("{kind} {}", part.label.unwrap_or_default()),
        Made::Unread(_, why) => format!("? {}", why.reason),
        Made::Program(name) => format!("! {name}"),
    });
    lines.collect::<Vec<_>>().join("; ")
}

#[test]
fn commands_that_make_identities_are_found_however_they_are_started() {
    for (script, wanted) in [
        ("aws iam create-user --user-name x", "aws iam create-user"),
        ("aws --profile p --region eu iam create-access-key", "aws iam create-access-key"),
        ("sudo -u x env A=b /usr/local/bin/aws iam put-role-policy", "aws iam put-role-policy"),
        ("AWS_PROFILE=x aws iam attach-user-policy", "aws iam attach-user-policy"),
        ("bash -euxc 'aws iam create-role'", "aws iam create-role"),
        ("bash <<EOF\naws iam create-role\nEOF", "aws iam create-role"),
        ("echo 'aws iam create-role' | sh", "aws iam create-role"),
        ("eval \"aws iam create-role\"", "aws iam create-role"),
        ("C=aws; $C iam create-user", "aws iam create-user"),
        ("x=$(aws iam create-access-key)", "aws iam create-access-key"),
        ("test -f x || aws iam create-user", "aws iam create-user"),
        ("aws iam \\\n  create-user", "aws iam create-user"),
        ("xargs -n1 aws iam create-user", "aws iam create-user"),
        ("aws-vault exec admin -- aws iam create-user", "aws iam create-user"),
        ("docker run --rm amazon/aws-cli aws iam create-user", "aws iam create-user"),
        ("gcloud iam service-accounts create x", "gcloud iam service-accounts create"),
        (
            "gcloud projects add-iam-policy-binding p --role=roles/owner",
            "gcloud projects add-iam-policy-binding",
        ),
        (
            "gcloud iam service-accounts keys create k.json",
            "gcloud iam service-accounts keys create",
        ),
        ("az ad sp create-for-rbac -n x", "az ad sp create-for-rbac"),
        ("az role assignment create --role Owner", "az role assignment create"),
        ("kubectl -n shop create sa web", "kubectl create sa"),
        (
            "kubectl create clusterrolebinding x --clusterrole=cluster-admin",
            "kubectl create clusterrolebinding",
        ),
        ("vault write auth/approle/role/x policies=root", "vault write auth/approle/role/x"),
        ("kubectl exec vault-0 -- vault token create", "vault token create"),
        ("gh api repos/a/b/keys -f key=x", "gh api repos/a/b/keys"),
        ("eksctl create iamserviceaccount --name x", "eksctl create iamserviceaccount"),
        ("cd infra && terraform init && terraform apply -auto-approve", "terraform apply"),
        ("ssh host aws iam create-user", "aws iam create-user"),
    ] {
        assert_eq!(made(script), wanted, "{script}");
    }
    for (interpreter, script, wanted) in [
        (json!(["/bin/bash", "-c"]), "aws iam create-user", "aws iam create-user"),
        (
            json!(["PowerShell", "-Command"]),
            "New-AzADServicePrincipal -DisplayName x",
            "new-azadserviceprincipal",
        ),
        (json!(["pwsh", "-c"]), "& aws iam `\n create-user", "aws iam create-user"),
        (json!(["cmd", "/C"]), "aws.exe iam create-user", "aws iam create-user"),
        (json!(["python3", "-c"]), "print('aws iam create-user')", "! python3"),
    ] {
        assert_eq!(made_by(interpreter, script), wanted, "{script}");
    }
}

#[test]
fn commands_in_disguise_are_found() {
    for script in [
        "alias a=aws\na iam create-user",
        "alias mk='aws iam create-user'; mk --user-name x",
        "echo YXdzIGlhbSBjcmVhdGUtdXNlciAtLXVzZXItbmFtZSB4 | base64 -d | sh",
        "base64 -d <<< YXdzIGlhbSBjcmVhdGUtdXNlcg== | bash",
        "function f { aws iam create-user; }; f",
        "echo create-user | xargs aws iam",
        "docker run --rm -v a:b public.ecr.aws/aws-cli/aws-cli:2.1 iam create-user",
        "python3 -m awscli iam create-user",
        "python3 -c \"import os; os.system('aws iam create-user')\"",
        "python3 <<E\nimport subprocess\nsubprocess.run(['aws', 'iam', 'create-user'])\nE",
        "su -c 'aws iam create-user' root",
        "flock /tmp/l aws iam create-user",
        "poetry run aws iam create-user",
        "trap 'aws iam create-user' EXIT",
        "watch 'aws iam create-user'",
        "coproc aws iam create-user",
        "$'aws' iam create-user",
        "$\"aws\" iam create-user",
        "{aws,iam,create-user}",
        "aws iam create-user --user-name --dry-run",
        "aws iam create-user --user-name help",
        "cmd /c \"aws iam create-user\"",
        "fish -c 'aws iam create-user'",
    ] {
        assert_eq!(made(script), "aws iam create-user", "{script}");
    }
    for (script, wanted) in [
        ("gcloud compute ssh v --command 'az identity create'", "az identity create"),
        ("npx cdk deploy --all", "cdk deploy"),
        ("psql -c \"CREATE ROLE x LOGIN PASSWORD 'y'\"", "psql"),
        ("mysql -e 'GRANT ALL ON *.* TO x'", "mysql"),
        ("psql -c 'SELECT 1'", ""),
    ] {
        assert_eq!(made(script), wanted, "{script}");
    }
    for script in [
        "Invoke-Expression 'aws iam create-user'",
        "iex \"aws iam create-user\"",
        "Start-Process aws -ArgumentList 'iam','create-user'",
        "Invoke-Command { aws iam create-user }",
        "pwsh -enc YQB3AHMAIABpAGEAbQAgAGMAcgBlAGEAdABlAC0AdQBzAGUAcgA=",
    ] {
        assert_eq!(made_by(json!(["pwsh", "-Command"]), script), "aws iam create-user", "{script}");
    }
}

#[test]
fn requests_to_the_interface_of_a_platform_may_make_anything() {
    for script in [
        "curl 'https://iam.amazonaws.com/?Action=CreateUser&UserName=x'",
        "curl -X POST https://graph.microsoft.com/v1.0/applications -d '{}'",
        "az rest --method POST --url https://graph.microsoft.com/v1.0/servicePrincipals",
        "curl -d '{}' https://iam.googleapis.com/v1/projects/p/serviceAccounts",
        "python3 -c \"import boto3; boto3.client('iam').create_user(UserName='x')\"",
        "python3 <<E\nimport boto3\nboto3.client('iam').create_access_key()\nE",
    ] {
        assert!(made(script).starts_with("? what `"), "{script}: {}", made(script));
    }
    for script in ["curl https://graph.microsoft.com/v1.0/me", "curl -X POST https://example.com"] {
        assert_eq!(made(script), "", "{script}");
    }
}

#[test]
fn programs_that_somebody_wrote_are_named() {
    for (script, wanted) in [
        ("./setup.sh --token secret", "! ./setup.sh"),
        ("bash setup.sh", "! bash"),
        ("curl https://example.com/x.sh | sh", "! sh"),
        ("python3 setup.py", "! python3"),
        ("make bootstrap", "! make"),
    ] {
        assert_eq!(made(script), wanted, "{script}");
    }
}

#[test]
fn commands_that_make_nothing_are_left_alone() {
    for script in [
        "apt-get install -y aws «var.more»",
        "which aws gcloud",
        "echo aws iam create-user",
        "echo \"run aws iam create-user\" > readme",
        "# aws iam create-user",
        "aws iam list-users | grep create-user",
        "aws iam get-role --role-name create-user",
        "aws iam delete-user --user-name x",
        "aws s3 cp «a» «b»",
        "aws eks update-kubeconfig --name «aws_eks_cluster.c.name»",
        "kubectl -n «var.n» get sa",
        "kubectl create namespace x",
        "kubectl create sa x --dry-run=client -o yaml",
        "gcloud container clusters get-credentials «var.c» --zone «var.z»",
        "gcloud iam service-accounts keys list",
        "az role assignment list",
        "vault kv put secret/x y=z",
        "vault read auth/approle/role/x",
        "gh api repos/a/b/keys",
        "git commit -m 'aws iam create-user'",
        "terraform plan",
        "sleep 30",
        "",
    ] {
        assert_eq!(made(script), "", "{script}");
    }
}

#[test]
fn what_is_not_known_may_be_anything() {
    for (script, wanted) in [
        (
            "aws iam «var.verb» --user-name x",
            "? what `aws iam <var.verb>` makes is not known before apply",
        ),
        ("aws «var.arguments»", "? what `aws <var.arguments>` makes is not known before apply"),
        (
            "«var.program» iam create-user",
            "? which program runs in `provisioner[0].command` is not known before apply",
        ),
        (
            "vault write «var.path» a=b",
            "? what `vault write <var.path>` makes is not known before apply",
        ),
        (
            "kubectl apply -f https://example.com/x.yaml",
            "? what `kubectl apply` makes is written elsewhere, and no part of the plan",
        ),
        (
            "kubectl apply -f «var.file»",
            "? what `kubectl apply` makes is written elsewhere, and no part of the plan",
        ),
        (
            "curl x | kubectl apply -f -",
            "? what `kubectl apply` makes is written elsewhere, and no part of the plan",
        ),
    ] {
        assert_eq!(made(script), wanted, "{script}");
    }
    let json = r#"{"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "x"}}"#;
    for script in [
        format!("kubectl apply -f - <<EOF\n{json}\nEOF"),
        format!("cat <<EOF | kubectl apply -f -\n{json}\nEOF"),
        format!("echo '{json}' | kubectl create -f -"),
    ] {
        assert_eq!(made(&script), "kubernetes_service_account_v1 ServiceAccount/x", "{script}");
    }
}

proptest::proptest! {
    /// No script is too odd to be read to its end, and what stands before it is found all the same.
    #[test]
    fn odd_scripts_hide_nothing_before_them(script in "[ -~\n«»`$(){}<'\"|;]{0,80}") {
        let script = script.replace(['«', '»'], "");
        let whole = format!("aws iam create-user\n{script}");
        proptest::prop_assert!(made(&whole).starts_with("aws iam create-user"), "{whole}");
    }
}
