//! What a resource type that nobody knows gives itself away by: the words of its name, the attributes that it has, the API
//! that it calls.
//!
//! Names are looked at for every provider. Attributes count for providers whose schemas the table was never compared
//! with: of the others every type was looked at, and what has such an attribute is in the table or harmless.

use std::sync::LazyLock;

use policy::text::Part;

use crate::model::{Reference, Resource};
use crate::value::Value;

use super::matches;

/// Types that only look like identities, as patterns.
static HARMLESS: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let text = include_str!("../../data/harmless_types.tsv");
    let rows = text.lines().filter(|line| !line.starts_with('#'));
    rows.filter_map(|line| line.split('\t').next()).collect()
});

/// Providers whose resource types were all looked at; `data/identity_types.tsv` says against what.
const COMPARED: &[&str] = &[
    "aws",
    "azuread",
    "azurerm",
    "cloudflare",
    "databricks",
    "datadog",
    "digitalocean",
    "github",
    "gitlab",
    "google",
    "kubernetes",
    "launchdarkly",
    "mongodbatlas",
    "newrelic",
    "nhi",
    "okta",
    "pagerduty",
    "postgresql",
    "random",
    "snowflake",
    "tfe",
    "tls",
    "vault",
];

/// Why a resource looks like something that the catalogue should know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Suspicion {
    /// `an identity`, `a credential`, `a grant`, `a trust`.
    pub(crate) noun: &'static str,
    /// ``its type has `api_key` in its name``
    pub(crate) sign: String,
    /// The attribute that gives it away, if one does.
    pub(crate) attribute: Option<String>,
    /// Whether it tells of this resource alone, and not of all of its type.
    pub(crate) alone: bool,
}

const IDENTITY: &str = "an identity";
const CREDENTIAL: &str = "a credential";
const GRANT: &str = "a grant";
const TRUST: &str = "a trust";

/// Words that tell wherever they stand in a name.
const ANYWHERE: &[(&str, &str)] = &[
    ("service_account", IDENTITY),
    ("serviceaccount", IDENTITY),
    ("service_principal", IDENTITY),
    ("machine_user", IDENTITY),
    ("managed_identity", IDENTITY),
    ("workload_identity", IDENTITY),
    ("api_key", CREDENTIAL),
    ("apikey", CREDENTIAL),
    ("access_key", CREDENTIAL),
    ("access_token", CREDENTIAL),
    ("personal_access", CREDENTIAL),
    ("credential", CREDENTIAL),
    ("deploy_key", CREDENTIAL),
    ("deploy_token", CREDENTIAL),
    ("app_role", GRANT),
    ("rbac", GRANT),
];

/// Words that tell at the end of a name.
const AT_THE_END: &[(&str, &str)] = &[
    ("identity_provider", TRUST),
    ("oidc_provider", TRUST),
    ("saml_provider", TRUST),
    ("trust_policy", TRUST),
    ("oauth_client", CREDENTIAL),
    ("policy_attachment", GRANT),
    ("policy_assignment", GRANT),
    ("role_assignment", GRANT),
    ("role_binding", GRANT),
    ("role_mapping", GRANT),
    ("role_attachment", GRANT),
    ("access_policy", GRANT),
    ("access_rule", GRANT),
    ("user", IDENTITY),
    ("users", IDENTITY),
    ("identity", IDENTITY),
    ("identities", IDENTITY),
    ("principal", IDENTITY),
    ("principals", IDENTITY),
    ("robot", IDENTITY),
    ("bot", IDENTITY),
    ("role", GRANT),
    ("roles", GRANT),
    ("permission", GRANT),
    ("permissions", GRANT),
    ("privilege", GRANT),
    ("privileges", GRANT),
    ("grant", GRANT),
    ("grants", GRANT),
    ("token", CREDENTIAL),
    ("tokens", CREDENTIAL),
    ("secret", CREDENTIAL),
    ("secrets", CREDENTIAL),
    ("password", CREDENTIAL),
    ("passwords", CREDENTIAL),
    ("certificate", CREDENTIAL),
    ("certificates", CREDENTIAL),
    ("cert", CREDENTIAL),
    ("certs", CREDENTIAL),
];

/// What a `key` at the end of a name opens something for.
const KEYS: &[&str] = &[
    "account",
    "api",
    "app",
    "application",
    "auth",
    "client",
    "hmac",
    "ingest",
    "integration",
    "license",
    "machine",
    "private",
    "role",
    "sas",
    "secret",
    "service",
    "shared",
    "signing",
    "ssh",
];

/// Attributes that only something has which proves or trusts an identity.
const TELLING: &[(&str, &str)] = &[
    ("assume_role_policy", IDENTITY),
    ("assume_role_policy_document", IDENTITY),
    ("access_key", CREDENTIAL),
    ("access_key_id", CREDENTIAL),
    ("access_token", CREDENTIAL),
    ("api_key", CREDENTIAL),
    ("api_token", CREDENTIAL),
    ("auth_token", CREDENTIAL),
    ("bearer_token", CREDENTIAL),
    ("client_secret", CREDENTIAL),
    ("private_key", CREDENTIAL),
    ("private_key_pem", CREDENTIAL),
    ("refresh_token", CREDENTIAL),
    ("secret_access_key", CREDENTIAL),
    ("secret_key", CREDENTIAL),
    ("service_account_key", CREDENTIAL),
];

/// Attributes that are a credential where the platform makes them, or something else uses them.
const MADE: &[&str] =
    &["token", "secret", "password", "credentials", "primary_key", "shared_key", "key"];

/// Types that call any API, with the argument that says which.
const CALLS: &[(&str, &str)] = &[
    ("azapi_data_plane_resource", "type"),
    ("azapi_resource", "type"),
    ("azapi_resource_action", "type"),
    ("azapi_update_resource", "type"),
    ("restapi_object", "path"),
    ("restful_resource", "path"),
    ("restful_operation", "path"),
];

/// What the address of an API ends in where it makes something that acts or proves.
const CALLED: &[(&str, &str)] = &[
    ("accesskey", CREDENTIAL),
    ("accesspolicie", GRANT),
    ("accesstoken", CREDENTIAL),
    ("apikey", CREDENTIAL),
    ("authorizationrule", CREDENTIAL),
    ("credential", CREDENTIAL),
    ("federatedidentitycredential", TRUST),
    ("identitie", IDENTITY),
    ("permission", GRANT),
    ("robot", IDENTITY),
    ("roleassignment", GRANT),
    ("roledefinition", GRANT),
    ("role", GRANT),
    ("secret", CREDENTIAL),
    ("serviceaccount", IDENTITY),
    ("serviceprincipal", IDENTITY),
    ("token", CREDENTIAL),
    ("userassignedidentitie", IDENTITY),
    ("user", IDENTITY),
];

/// Whether the table says that a type is none.
pub(super) fn is_harmless(kind: &str) -> bool {
    HARMLESS.iter().any(|pattern| matches(pattern, kind))
}

/// Whether a type calls any API, so that only its arguments tell what it is.
pub(super) fn calls(kind: &str) -> bool {
    CALLS.iter().any(|(known, _)| *known == kind)
}

/// Whether all types of its provider were looked at.
pub(super) fn is_compared(kind: &str) -> bool {
    kind.split_once('_').is_some_and(|(provider, _)| COMPARED.contains(&provider))
}

/// What the name of a type gives away.
pub(super) fn of_name(kind: &str) -> Option<Suspicion> {
    let (_, name) = without_version(kind).split_once('_')?;
    let suspicion = |word: &str, noun| Suspicion {
        noun,
        sign: format!("its type has `{word}` in its name"),
        attribute: None,
        alone: false,
    };
    if name.split('_').any(|word| word == "iam") {
        return Some(suspicion("iam", GRANT));
    }
    if let Some((word, noun)) = ANYWHERE.iter().find(|(word, _)| name.contains(word)) {
        return Some(suspicion(word, noun));
    }
    let ends = |word: &str| {
        name.strip_suffix(word).is_some_and(|before| before.is_empty() || before.ends_with('_'))
    };
    if let Some((word, noun)) = AT_THE_END.iter().find(|(word, _)| ends(word)) {
        return Some(suspicion(word, noun));
    }
    let (before, last) = name.rsplit_once('_')?;
    let opens = before.rsplit('_').next().filter(|word| KEYS.contains(word))?;
    matches!(last, "key" | "keys").then(|| suspicion(&format!("{opens}_{last}"), CREDENTIAL))
}

/// `kubernetes_secret_v1` -> `kubernetes_secret`; `acme_token_v2beta1` -> `acme_token`.
fn without_version(kind: &str) -> &str {
    let Some((before, last)) = kind.rsplit_once('_') else { return kind };
    let digits =
        last.strip_prefix('v').is_some_and(|rest| rest.starts_with(|it: char| it.is_ascii_digit()));
    if digits { before } else { kind }
}

/// What the attributes of a resource give away, if its provider is not one whose types were all looked at.
pub(super) fn of_attributes(kind: &str, value: &Value) -> Option<Suspicion> {
    if is_compared(kind) {
        return None;
    }
    let Value::Object(fields) = value else { return None };
    let set = |name: &str| fields.get(name).is_some_and(|value| !value.is_null());
    if let Some((name, noun)) = TELLING.iter().find(|(name, _)| set(name)) {
        return Some(Suspicion {
            noun,
            sign: format!("it has `{name}`"),
            attribute: Some((*name).to_owned()),
            alone: false,
        });
    }
    let policy = fields.iter().find(|(_, value)| is_policy(value))?.0;
    Some(Suspicion {
        noun: GRANT,
        sign: format!("its `{policy}` says who may do what"),
        attribute: Some(policy.clone()),
        alone: false,
    })
}

/// What the platform makes and hides: unknown before apply, and sensitive.
pub(super) fn of_made(resource: &Resource) -> Option<Suspicion> {
    if is_compared(&resource.kind) {
        return None;
    }
    let made = |name: &&&str| {
        matches!(resource.after.get(name), Value::Unknown(_)) && resource.sensitive.contains(**name)
    };
    let name = MADE.iter().find(made)?;
    Some(Suspicion {
        noun: CREDENTIAL,
        sign: format!("the platform makes a `{name}` with it"),
        attribute: None,
        alone: false,
    })
}

/// What others use of a resource: an attribute that only a credential has.
pub(super) fn of_use(reference: &Reference) -> Option<Suspicion> {
    let name = reference.attribute.split(['.', '[']).next().unwrap_or_default();
    let telling = TELLING.iter().find(|(known, _)| *known == name).map(|(_, noun)| *noun);
    let noun = telling.or_else(|| MADE.contains(&name).then_some(CREDENTIAL))?;
    Some(Suspicion {
        noun,
        sign: format!("something uses its `{name}`"),
        attribute: None,
        alone: false,
    })
}

/// What the call of an API gives away.
pub(super) fn of_call(kind: &str, value: &Value) -> Option<Suspicion> {
    let (_, argument) = CALLS.iter().find(|(known, _)| *known == kind)?;
    let text = value.get(argument).text()?;
    let attribute = Some((*argument).to_owned());
    let Some(text) = text.as_str() else {
        return Some(Suspicion {
            noun: IDENTITY,
            sign: format!("what it calls, its `{argument}`, is not known before apply"),
            attribute,
            alone: true,
        });
    };
    let path = text.split(['@', '?']).next().unwrap_or(text);
    let words = path.split('/').map(|step| {
        let letters = step.chars().filter(char::is_ascii_alphanumeric);
        letters.map(|letter| letter.to_ascii_lowercase()).collect::<String>()
    });
    let known = |word: String| {
        let singular = word.strip_suffix('s').unwrap_or(&word);
        let singular =
            singular.strip_suffix('y').map_or(singular.to_owned(), |stem| format!("{stem}ie"));
        CALLED.iter().find(|(known, _)| *known == singular || *known == word).map(|(_, noun)| *noun)
    };
    let noun = words.filter_map(known).next_back()?;
    Some(Suspicion { noun, sign: format!("it calls `{path}`"), attribute, alone: true })
}

/// Whether a text is a policy document: statements with actions, or with principals.
fn is_policy(value: &Value) -> bool {
    let Value::String(text) = value else { return false };
    let Some(Part::Literal(first)) = text.parts().first() else { return false };
    if !first.trim_start().starts_with('{') {
        return false;
    }
    let text = text.to_string();
    let has = |key: &str| text.contains(&format!("\"{key}\""));
    has("Statement") && (has("Action") || has("Principal"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noun(kind: &str) -> Option<&'static str> {
        of_name(kind).map(|suspicion| suspicion.noun)
    }

    #[test]
    fn names_give_themselves_away() {
        let found = [
            ("acme_user", IDENTITY),
            ("acme_service_account_binding", IDENTITY),
            ("acme_ci_bot", IDENTITY),
            ("acme_api_key", CREDENTIAL),
            ("acme_access_key_v2", CREDENTIAL),
            ("acme_ssh_key", CREDENTIAL),
            ("acme_team_token_v1beta1", CREDENTIAL),
            ("acme_signing_keys", CREDENTIAL),
            ("acme_project_iam_thing", GRANT),
            ("acme_role_binding", GRANT),
            ("acme_oidc_provider", TRUST),
        ];
        for (kind, expected) in found {
            assert_eq!(noun(kind), Some(expected), "{kind}");
        }
        let none = [
            "acme_robotics",
            "acme_user_pool_domain",
            "acme_key",
            "acme_kms_key",
            "acme",
            "acme_network_acl",
            "acme_usergrant",
            "acme_tokenizer",
        ];
        for kind in none {
            assert_eq!(noun(kind), None, "{kind}");
        }
    }

    #[test]
    fn every_harmless_type_looks_like_something_and_has_a_reason() {
        let text = include_str!("../../data/harmless_types.tsv");
        let rows: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
        for row in &rows {
            let (kind, reason) = row.split_once('\t').unwrap();
            assert!(reason.split_whitespace().count() >= 3, "{kind}: {reason}");
        }
        let kinds = rows.iter().filter_map(|row| row.split('\t').next());
        let mut unique: Vec<&str> = kinds.collect();
        unique.sort_unstable();
        unique.dedup();
        assert_eq!(unique.len(), rows.len());
    }

    #[test]
    fn calls_are_read_by_their_last_telling_step() {
        let call = |kind: &str, argument: &str, text: &str| {
            let value = Value::Object([(argument.to_owned(), Value::from(text))].into());
            of_call(kind, &value).map(|suspicion| suspicion.noun)
        };
        let arm = |text: &str| call("azapi_resource", "type", text);
        assert_eq!(arm("Microsoft.Authorization/roleAssignments@2022-04-01"), Some(GRANT));
        let federated = "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials@2023-01-31";
        assert_eq!(arm(federated), Some(TRUST));
        assert_eq!(arm("Microsoft.Storage/storageAccounts@2023-01-01"), None);
        let rest = |text: &str| call("restapi_object", "path", text);
        assert_eq!(rest("/api/v2/service-accounts/7/tokens"), Some(CREDENTIAL));
        assert_eq!(rest("/api/identities"), Some(IDENTITY));
        assert_eq!(rest("/api/bookings"), None);
    }
}
