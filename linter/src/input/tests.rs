//! Inputs of every form as models, and what is refused.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::*;
use crate::hcl::tests::Noise;
use crate::value::Value;

/// Real plans of the real AWS provider, with their configurations.
fn captured(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/plans").join(name)
}

fn read_one(path: PathBuf, options: &Options, files: &dyn Files) -> Model {
    let mut stdin = || Err(io::Error::other("not asked for"));
    read(&[path], &mut stdin, options, files).remove(0)
}

fn disk(path: PathBuf) -> Model {
    let model = read_one(path, &Options::default(), &Disk);
    assert!(model.problems.is_empty(), "{:?}", model.problems);
    model
}

fn memory(files: &[(&str, &str)]) -> Memory {
    Memory(files.iter().map(|(path, text)| ((*path).into(), text.as_bytes().to_vec())).collect())
}

fn problems(model: &Model) -> Vec<&str> {
    model.problems.iter().map(|problem| problem.message.as_str()).collect()
}

fn resource<'a>(model: &'a Model, address: &str) -> &'a crate::model::Resource {
    model.resources.iter().find(|resource| resource.address == address).unwrap_or_else(|| {
        let known: Vec<&str> =
            model.resources.iter().map(|resource| resource.address.as_str()).collect();
        panic!("no {address} in {known:?}")
    })
}

fn text(model: &Model, address: &str, argument: &str) -> String {
    resource(model, address).after.get(argument).text().unwrap_or_default().to_string()
}

/// `file:line: text` of an argument.
fn place(model: &Model, address: &str, argument: &str) -> String {
    let span = resource(model, address).places[argument];
    let line = model.sources.position(span.file, span.start).line;
    let first = model
        .sources
        .text(span.file)
        .get(span.start..span.end)
        .unwrap()
        .lines()
        .next()
        .unwrap_or_default();
    format!("{}:{line}: {first}", model.sources.name(span.file))
}

#[test]
fn the_policy_of_a_bucket_that_is_not_there_yet_is_known_from_every_input() {
    for input in ["", "tfplan", "plan.json"] {
        let model = disk(captured("new-bucket-role").join(input));
        assert_eq!(
            text(&model, "aws_iam_role_policy.export", "policy"),
            r#"{"Statement":[{"Action":["s3:GetObject","s3:PutObject"],"Effect":"Allow","Resource":"arn:aws:s3:::payments-ledger/*"}],"Version":"2012-10-17"}"#,
            "{input}"
        );
        assert_eq!(
            place(&model, "aws_iam_role_policy.export", "policy"),
            "main.tf:37: jsonencode({"
        );
        assert_eq!(place(&model, "aws_iam_role.export", "tags"), "main.tf:30: local.governance");
        assert_eq!(text(&model, "aws_iam_role_policy.export", "role"), "payments-invoice-export");
        let role = resource(&model, "aws_iam_role.export");
        assert_eq!(role.after.get("tags").get("nhi:owner").as_str(), Some("payments"));
        assert_eq!(role.after.get("inline_policy"), &Value::Null);
        assert_eq!(role.after.get("managed_policy_arns"), &Value::Null);
        let policy = resource(&model, "aws_iam_role_policy.export");
        let used: Vec<&str> =
            policy.references.values().flatten().map(|used| used.address.as_str()).collect();
        assert_eq!(used, ["aws_s3_bucket.ledger", "aws_iam_role.export"]);
        let addresses: Vec<&str> =
            model.resources.iter().map(|resource| resource.address.as_str()).collect();
        assert_eq!(addresses, ["aws_iam_role.export", "aws_iam_role_policy.export"]);
        assert_eq!(model.others, [("aws_s3_bucket".to_owned(), 1)].into());
    }
}

#[test]
fn deferred_policy_documents_are_rebuilt() {
    let document = |subject: &str| {
        format!(
            "{{\n  \"Version\": \"2012-10-17\",\n  \"Statement\": [\n    {{\n      \"Effect\": \"Allow\",\n      \"Action\": \"sts:AssumeRoleWithWebIdentity\",\n      \
             \"Principal\": {{\n        \"Federated\": \"arn:aws:iam::<account>:oidc-provider/token.actions.githubusercontent.com\"\n      }},\n      \
             \"Condition\": {{\n        \"StringLike\": {{\n          \"token.actions.githubusercontent.com:sub\": \"{subject}\"\n        }}\n      }}\n    }}\n  ]\n}}"
        )
    };
    for input in ["", "tfplan", "plan.json"] {
        let model = disk(captured("ci-oidc").join(input));
        for (key, subject) in [("api", "repo:acme/api:*"), ("web", "repo:acme/*:*")] {
            let address = format!("aws_iam_role.ci[\"{key}\"]");
            assert_eq!(text(&model, &address, "assume_role_policy"), document(subject), "{input}");
            assert!(resource(&model, &address).assumed.is_empty());
            let trust: Vec<&str> = resource(&model, &address).references["assume_role_policy"]
                .iter()
                .map(|used| used.address.as_str())
                .collect();
            let data = format!("data.aws_iam_policy_document.trust[\"{key}\"]");
            assert_eq!(trust, ["aws_iam_openid_connect_provider.github", data.as_str()]);
            let attachment = format!("aws_iam_role_policy_attachment.ci[\"{key}\"]");
            assert_eq!(text(&model, &attachment, "role"), format!("ci-{key}"));
            let used = resource(&model, &attachment).references["role"].iter().next().unwrap();
            assert_eq!(
                (used.address.as_str(), used.attribute.as_str()),
                (address.as_str(), "name")
            );
        }
    }
}

#[test]
fn modules_have_instances_with_places_in_their_files() {
    for input in ["", "tfplan", "plan.json"] {
        let model = disk(captured("users-and-keys").join(input));
        for number in [0, 1] {
            let user = format!("module.robot[{number}].aws_iam_user.this");
            assert_eq!(text(&model, &user, "name"), format!("robot-{number}"));
            assert_eq!(place(&model, &user, "name"), "modules/robot/main.tf:6: var.name");
            assert_eq!(
                text(&model, &user, "arn"),
                format!("arn:aws:iam::<account>:user/robots/robot-{number}")
            );
            let policy = format!("module.robot[{number}].aws_iam_user_policy.this");
            assert!(text(&model, &policy, "policy").contains("iam:PassRole"), "{input}");
            assert_eq!(
                place(&model, &policy, "policy"),
                "modules/robot/main.tf:17: file(\"${path.module}/policy.json\")"
            );
            let key = format!("module.robot[{number}].aws_iam_access_key.this");
            let holder = resource(&model, &key).references["user"].iter().next().unwrap();
            assert_eq!(holder.address, user);
        }
    }
}

/// Plan JSON with no configuration beside it.
fn alone(name: &str) -> Model {
    let bytes = Disk.read(&captured(name).join("plan.json"), u64::MAX).unwrap();
    let files = Memory([(PathBuf::from("plan.json"), bytes)].into());
    let model = read_one("plan.json".into(), &Options::default(), &files);
    assert!(model.problems.is_empty(), "{:?}", model.problems);
    model
}

#[test]
fn plan_json_alone_joins_what_it_can_and_says_so() {
    let model = alone("new-bucket-role");
    let policy = resource(&model, "aws_iam_role_policy.export");
    assert!(policy.span.is_none());
    assert_eq!(
        text(&model, "aws_iam_role_policy.export", "policy"),
        "<aws_s3_bucket.ledger.arn in aws_iam_role_policy.export.policy>"
    );
    assert_eq!(resource(&model, "aws_iam_role.export").after.get("inline_policy"), &Value::Null);
    let role = policy.references["role"].iter().next().unwrap();
    assert_eq!((role.address.as_str(), role.attribute.as_str()), ("aws_iam_role.export", "id"));

    let model = alone("ci-oidc");
    let role = resource(&model, "aws_iam_role.ci[\"web\"]");
    assert!(role.assumed.contains("assume_role_policy"));
    let trust = text(&model, "aws_iam_role.ci[\"web\"]", "assume_role_policy");
    assert!(
        trust.contains("repo:acme/*:*") && trust.contains("sts:AssumeRoleWithWebIdentity"),
        "{trust}"
    );

    let model = alone("users-and-keys");
    let key = resource(&model, "module.robot[1].aws_iam_access_key.this");
    assert_eq!(
        key.references["user"].iter().next().unwrap().address,
        "module.robot[1].aws_iam_user.this"
    );
}

#[test]
fn plan_json_is_read_in_utf_16_and_wrapped() {
    let json = String::from_utf8(
        Disk.read(&captured("new-bucket-role").join("plan.json"), u64::MAX).unwrap(),
    )
    .unwrap();
    let wide: Vec<u8> =
        [0xff, 0xfe].into_iter().chain(json.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let wrapped = format!("{{\"plan\":{json}}}").into_bytes();
    for bytes in [wide, wrapped] {
        let files = Memory([(PathBuf::from("p"), bytes)].into());
        let model = read_one("p".into(), &Options::default(), &files);
        assert_eq!(model.resources.len(), 2, "{:?}", model.problems);
    }
}

#[test]
fn a_configuration_that_the_plan_was_not_made_from_is_not_used() {
    let json = String::from_utf8(
        Disk.read(&captured("new-bucket-role").join("plan.json"), u64::MAX).unwrap(),
    )
    .unwrap();
    let main = String::from_utf8(
        Disk.read(&captured("new-bucket-role").join("main.tf"), u64::MAX).unwrap(),
    )
    .unwrap();
    let other = main.replace("aws_s3_bucket", "aws_s3_store");
    let files = memory(&[("a/plan.json", &json), ("a/main.tf", &other), ("b/main.tf", &main)]);
    let model = read_one("a/plan.json".into(), &Options::default(), &files);
    assert!(
        problems(&model).is_empty()
            && model.resources.iter().all(|resource| resource.span.is_none())
    );
    let named = |folder: &str| Options { config_dir: Some(folder.into()), ..Options::default() };
    let model = read_one("a/plan.json".into(), &named("a"), &files);
    assert_eq!(
        problems(&model),
        [
            "the configuration in `a` is not the one that the plan was made from: it lacks `aws_s3_bucket.ledger`"
        ]
    );
    let model = read_one("a/plan.json".into(), &named("b"), &files);
    assert!(
        problems(&model).is_empty()
            && model.resources.iter().all(|resource| resource.span.is_some())
    );
}

#[test]
fn a_state_says_what_exists() {
    let state = r#"{"version":4,"terraform_version":"1.11.4","serial":1,"lineage":"x","outputs":{},"resources":[
        {"mode":"managed","type":"aws_iam_user","name":"u","provider":"p","instances":[
            {"index_key":0,"schema_version":0,"attributes":{"name":"a","arn":"arn:aws:iam::1:user/a"}}]}]}"#;
    let files = memory(&[("terraform.tfstate", state)]);
    let model = read_one("terraform.tfstate".into(), &Options::default(), &files);
    assert!(problems(&model).is_empty(), "{:?}", model.problems);
    assert_eq!(resource(&model, "aws_iam_user.u[0]").action, crate::model::Action::Exists);
    assert_eq!(text(&model, "aws_iam_user.u[0]", "arn"), "arn:aws:iam::1:user/a");
}

#[test]
fn nothing_is_judged_by_accident() {
    let cases: &[(&str, &str)] = &[
        ("", "`x` is empty"),
        ("hello", "`x` is no plan, no state and no configuration"),
        ("{\"a\":1}", "`x` is no plan, no state and no configuration"),
        (
            "{\"format_version\":\"9.0\",\"resource_changes\":[]}",
            "cannot read `x`: the plan has format version `9.0`, which is not known",
        ),
        (
            "{\"format_version\":\"1.2\",\"resource_changes\":[],\"errored\":true}",
            "cannot read `x`: the plan ended in an error, so it does not say everything that would happen",
        ),
    ];
    for (content, expected) in cases {
        let model = read_one("x".into(), &Options::default(), &memory(&[("x", content)]));
        assert_eq!(problems(&model), [*expected]);
    }
    let model = read_one(
        "x".into(),
        &Options::default(),
        &memory(&[("x", "{\"format_version\":\"1.2\",")]),
    );
    assert!(
        problems(&model)[0].starts_with("cannot read `x`: the JSON ends too early"),
        "{:?}",
        model.problems
    );
    let model = read_one(
        "d".into(),
        &Options::default(),
        &memory(&[("d/readme.md", "x"), ("d/.hidden.tf", "x {}")]),
    );
    assert_eq!(problems(&model), ["`d` holds no configuration"]);
    let empty = Options { allow_empty: true, ..Options::default() };
    assert!(problems(&read_one("d".into(), &empty, &memory(&[("d/readme.md", "x")]))).is_empty());
    let plan = Disk.read(&captured("new-bucket-role").join("tfplan"), u64::MAX).unwrap();
    let files = Memory([(PathBuf::from("x"), plan[..plan.len() / 2].to_vec())].into());
    let model = read_one("x".into(), &Options::default(), &files);
    assert!(
        problems(&model)[0].starts_with("cannot read `x`: the plan file is broken"),
        "{:?}",
        model.problems
    );
}

#[test]
fn a_broken_file_costs_no_other() {
    let files = memory(&[
        (
            "d/a.tf",
            "resource \"aws_iam_user\" \"a\" {\n  name = \n}\nresource \"aws_iam_user\" \"b\" {}\n",
        ),
        ("d/c.tf", "resource \"aws_iam_user\" \"c\" {}\n"),
    ]);
    let model = read_one("d".into(), &Options::default(), &files);
    assert_eq!(problems(&model), ["cannot parse `a.tf`: expected an expression"]);
    assert!(model.problems[0].span.is_some());
    let addresses: Vec<&str> =
        model.resources.iter().map(|resource| resource.address.as_str()).collect();
    assert_eq!(addresses, ["aws_iam_user.b", "aws_iam_user.c"]);
}

#[test]
fn the_files_are_those_that_terraform_reads() {
    let files = memory(&[
        (
            "d/main.tf",
            "resource \"a\" \"main\" {\n  x = 1\n  y = 1\n  b { z = 1 }\n}\nlocals {\n  l = 1\n}\n",
        ),
        (
            "d/x_override.tf",
            "resource \"a\" \"main\" {\n  x = local.l\n  b { z = 2 }\n  b { z = 3 }\n}\nlocals {\n  l = 2\n}\n",
        ),
        ("d/override.tf.json", "{\"resource\":{\"a\":{\"only\":{}}}}"),
        ("d/.hidden.tf", "resource \"a\" \"hidden\" {}"),
        ("d/x.tf~", "resource \"a\" \"backup\" {}"),
        ("d/#e.tf#", "resource \"a\" \"lock\" {}"),
        ("d/X.TF", "resource \"a\" \"upper\" {}"),
        ("d/y.tofu", "resource \"a\" \"tofu\" {}"),
        ("d/y.tf", "resource \"a\" \"tf\" {}\nresource \"a\" \"tofu\" { x = 1 }"),
    ]);
    let model = read_one("d".into(), &Options::default(), &files);
    let mut addresses: Vec<&str> =
        model.resources.iter().map(|resource| resource.address.as_str()).collect();
    addresses.sort_unstable();
    assert_eq!(addresses, ["a.main", "a.only", "a.tf", "a.tofu"]);
    assert_eq!(
        problems(&model),
        [
            "an override file changes `resource.a.only`, which no other file declares",
            "resource `a.tofu` is one thing to Terraform and another to OpenTofu"
        ]
    );
    let main = resource(&model, "a.main");
    assert_eq!(main.after.get("x"), &Value::Number(2.into()));
    assert_eq!(main.after.get("y"), &Value::Number(1.into()));
    assert_eq!(main.after.get("b").elements().len(), 2);
}

#[test]
fn variables_come_in_order_of_precedence() {
    let variables: String = ["a", "b", "c", "d", "e"]
        .map(|name| format!("variable \"{name}\" {{\n  default = \"default\"\n}}\n"))
        .concat();
    let text = format!(
        "{variables}variable \"l\" {{\n  type = list(string)\n}}\n\
         resource \"x\" \"y\" {{\n  v = \"${{var.a}} ${{var.b}} ${{var.c}} ${{var.d}} ${{var.e}} ${{var.l[0]}}\"\n}}\n"
    );
    let files = memory(&[
        ("d/main.tf", &text),
        ("d/terraform.tfvars", "b = \"file\"\nc = \"file\"\nd = \"file\"\n"),
        ("d/z.auto.tfvars.json", "{\"c\":\"auto\",\"d\":\"auto\"}"),
        ("extra.tfvars", "d = \"extra\"\n"),
    ]);
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let value = |name: &str, text: &str| Given::Value(name.to_owned(), text.to_owned());
    let options = Options {
        given: vec![
            value("e", "line"),
            value("d", "before"),
            Given::File("extra.tfvars".into()),
            value("l", "[\"first\"]"),
            value("nope", "x"),
        ],
        environment: vec![pair("b", "environment"), pair("a", "environment"), pair("other", "x")],
        ..Options::default()
    };
    let model = read_one("d".into(), &options, &files);
    assert_eq!(text_of(&model), "environment file auto extra line first");
    assert_eq!(problems(&model), ["`--var` names the variable `nope`, which is not declared"]);
}

fn text_of(model: &Model) -> String {
    text(model, "x.y", "v")
}

#[test]
fn modules_are_found_where_init_put_them() {
    let call =
        "module \"m\" {\n  source = \"org/m/aws\"\n}\nmodule \"n\" {\n  source = \"./n\"\n}\n";
    let manifest = r#"{"Modules":[{"Key":"","Source":"","Dir":"."},{"Key":"m","Source":"registry.terraform.io/org/m/aws","Version":"1.0.0","Dir":".terraform/modules/m"}]}"#;
    let files = memory(&[
        ("d/main.tf", call),
        ("d/n/main.tf", "module \"loop\" {\n  source = \"../n\"\n}\nresource \"a\" \"n\" {}\n"),
        ("d/.terraform/modules/modules.json", manifest),
        ("d/.terraform/modules/m/main.tf", "resource \"a\" \"m\" {}\n"),
    ]);
    let model = read_one("d".into(), &Options::default(), &files);
    let addresses: Vec<&str> =
        model.resources.iter().map(|resource| resource.address.as_str()).collect();
    assert_eq!(addresses, ["module.m.a.m", "module.n.a.n"]);
    assert_eq!(problems(&model), ["module `n.loop` calls itself"]);
    let files = memory(&[("d/main.tf", call)]);
    assert_eq!(
        problems(&read_one("d".into(), &Options::default(), &files)),
        [
            "module `m` is not installed, so what it creates cannot be seen",
            "module `n` has no configuration in `n`"
        ]
    );
}

#[test]
fn spoiled_plans_never_panic_or_hang() {
    let mut noise = Noise(0x0bad_cafe_dead_beef);
    for name in ["new-bucket-role", "ci-oidc", "users-and-keys"] {
        let plan = Disk.read(&captured(name).join("tfplan"), u64::MAX).unwrap();
        let json = Disk.read(&captured(name).join("plan.json"), u64::MAX).unwrap();
        for _ in 0..40 {
            for original in [&plan, &json, &spoil_inside(&plan, &mut noise)] {
                let mut bytes = original.clone();
                for _ in 0..=noise.below(3) {
                    let at = noise.below(bytes.len());
                    bytes[at] = u8::try_from(noise.below(256)).unwrap();
                }
                bytes.truncate(bytes.len() - noise.below(2) * noise.below(bytes.len() / 4));
                let files = Memory([(PathBuf::from("x"), bytes)].into());
                read_one("x".into(), &Options::default(), &files);
            }
        }
    }
}

/// The plan file with a byte of its protobuf changed, so that the zip's checksums still hold.
fn spoil_inside(plan: &[u8], noise: &mut Noise) -> Vec<u8> {
    let mut archive = zip::ZipArchive::new(io::Cursor::new(plan)).unwrap();
    let mut out = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).unwrap();
        let name = entry.name().unwrap().into_owned();
        let mut bytes = Vec::new();
        io::Read::read_to_end(&mut entry, &mut bytes).unwrap();
        if name == "tfplan" {
            let at = noise.below(bytes.len());
            bytes[at] ^= 1 << noise.below(8);
        }
        out.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        out.write_all(&bytes).unwrap();
    }
    out.finish().unwrap().into_inner()
}
