//! `docs/guides/functions.md`, written from the table.

use std::fmt::Write as _;
use std::path::Path;

use super::super::*;

/// Why a pure function is not computed.
const REASONS: &[(&str, &str)] = &[
    ("base64gzip", "the bytes that a compressor writes hang on its release"),
    ("ephemeralasnull", "which values are ephemeral is not followed"),
    ("issensitive", "providers mark values as sensitive in ways that do not show"),
    ("rsadecrypt", "needs a private key, and none is used here"),
];

fn told(name: &str, state: &State) -> String {
    let text = match state {
        State::Known(_) => "done, of known arguments",
        State::Partial(_)
        | State::Traced(_)
        | State::Engine(
            Engine::Try
            | Engine::Can
            | Engine::Convert
            | Engine::TemplateFile
            | Engine::TemplateString,
        ) => "done, parts may be unknown",
        State::Engine(_) => "done, of files below the configuration's folder",
        State::Impure(_) => "impure: another value in each run or on each machine",
        State::Constant => "impure: the time of the plan",
        State::Gone => "refused by every release since 1.0",
        State::Nature => {
            let (_, reason) = REASONS.iter().find(|(known, _)| *known == name).unwrap();
            return format!("unknown by nature: {reason}");
        }
    };
    text.to_owned()
}

fn page() -> String {
    let mut out = String::from(
        "# Functions\n\n<!-- Written by `cargo test -p nhi-lint` from the table of functions. -->\n\n\
         Which functions of Terraform (1.0 to 1.16) and OpenTofu (1.6 to 1.13) `nhi-lint` computes when it reads configuration. What it \
         does not compute is an unknown value, never an error and never nothing: a finding then says that it is not known.\n\n\
         Where releases of Terraform differ, the value is unknown. `log` and `pow` are computed as on amd64.\n\n\
         | function | state |\n|---|---|\n",
    );
    for (name, state) in table::TABLE {
        writeln!(out, "| `{name}` | {} |", told(name, state)).unwrap();
    }
    out.push_str(
        "\nFunctions of providers: `provider::nhi::spiffe_id`, `provider::nhi::expires_after`; `provider::aws::arn_build`, `arn_parse`, \
         `trim_iam_role_path`, `user_agent`; `provider::kubernetes::manifest_decode`, `manifest_decode_multi`; \
         `provider::google::project_from_id`, `location_from_id`, `region_from_id`, `zone_from_id`, `name_from_id`, `region_from_zone`. \
         Every other one is an unknown value that names the function.\n",
    );
    out
}

#[test]
fn the_page_is_fresh() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/guides/functions.md");
    let fresh = page();
    if std::fs::read_to_string(&path).ok().as_deref() != Some(fresh.as_str()) {
        std::fs::write(&path, fresh).unwrap();
        panic!(
            "docs/guides/functions.md was stale and has been written anew: look at it and commit it"
        );
    }
}
