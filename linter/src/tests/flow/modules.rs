//! What derives from a governed resource through modules.

use super::{GOVERNED, verdicts};

/// Through modules: inputs, outputs, a module in a module, providers that are handed down.
const MODULES: &[(&str, &str, &str, &str, &str, &str)] = &[
    (
        "an input",
        "module \"m\" {\n  source = \"./m\"\n  tags = nhi_workload_identity.x.tags\n}\n",
        "variable \"tags\" {}\nresource \"aws_iam_role\" \"t\" {\n  assume_role_policy = \"{}\"\n  tags = var.tags\n}\n",
        "",
        "by x",
        "",
    ),
    (
        "a whole resource as input",
        "module \"m\" {\n  source = \"./m\"\n  identity = nhi_workload_identity.x\n}\n",
        "variable \"identity\" {}\nresource \"aws_iam_role\" \"t\" {\n  assume_role_policy = \"{}\"\n  tags = var.identity.tags\n}\n",
        "",
        "by x",
        "",
    ),
    (
        "an object of inputs stays apart",
        "module \"m\" {\n  source = \"./m\"\n  in = { a = nhi_workload_identity.x.tags, b = { Team = \"free\" } }\n}\n",
        "variable \"in\" {}\nresource \"aws_iam_role\" \"t1\" {\n  assume_role_policy = \"{}\"\n  tags = var.in.a\n}\nresource \"aws_iam_role\" \"t2\" {\n  assume_role_policy = \"{}\"\n  tags = var.in.b\n}\n",
        "",
        "by x, no",
        "",
    ),
    (
        "an output",
        "module \"m\" {\n  source = \"./m\"\n}\nresource \"aws_iam_role\" \"t\" {\n  assume_role_policy = \"{}\"\n  tags = module.m.tags\n}\n",
        "resource \"nhi_workload_identity\" \"in\" {\n  name = \"in\"\n  owner = \"payments\"\n  purpose = \"Exports the invoices of the night\"\n  expiry = \"2027-06-30\"\n  template = \"r@1\"\n}\noutput \"tags\" {\n  value = merge(nhi_workload_identity.in.tags, { a = \"b\" })\n}\n",
        "",
        "by in",
        "undecided",
    ),
    (
        "another output of the same module",
        "module \"m\" {\n  source = \"./m\"\n}\nresource \"aws_iam_role\" \"t\" {\n  assume_role_policy = \"{}\"\n  tags = module.m.free\n}\n",
        "resource \"nhi_workload_identity\" \"in\" {\n  name = \"in\"\n}\noutput \"tags\" {\n  value = nhi_workload_identity.in.tags\n}\noutput \"free\" {\n  value = { a = \"b\" }\n}\n",
        "",
        "no",
        "",
    ),
    (
        "a module in a module, in and out again",
        "module \"m\" {\n  source = \"./m\"\n  tags = nhi_workload_identity.x.tags\n}\nresource \"aws_iam_role\" \"t\" {\n  assume_role_policy = \"{}\"\n  tags = module.m.out\n}\n",
        "variable \"tags\" {}\nmodule \"n\" {\n  source = \"./n\"\n  tags = var.tags\n}\noutput \"out\" {\n  value = module.n.out\n}\n",
        "variable \"tags\" {}\noutput \"out\" {\n  value = var.tags\n}\nresource \"aws_iam_role\" \"tn\" {\n  assume_role_policy = \"{}\"\n  tags = var.tags\n}\n",
        "by x, by x",
        "undecided, by x",
    ),
    (
        "providers that are handed down",
        "provider \"aws\" {\n  alias = \"tagged\"\n  default_tags {\n    tags = { \"nhi:owner\" = \"payments\" }\n  }\n}\nmodule \"m\" {\n  source = \"./m\"\n  providers = { aws = aws.tagged }\n}\n",
        "resource \"aws_iam_role\" \"t\" {\n  assume_role_policy = \"{}\"\n}\n",
        "",
        "own",
        "",
    ),
];

#[test]
fn modules() {
    for (what, root, inner, innermost, expected, alone) in MODULES {
        let files =
            [("main.tf", GOVERNED), ("more.tf", root), ("m/m.tf", inner), ("m/n/n.tf", innermost)];
        let alone = if alone.is_empty() { expected } else { alone };
        assert_eq!(verdicts(&files), [*expected, *expected, *alone], "{what}");
    }
}
