//! The `issuer` block of the provider's configuration: who vouches for workloads, and where its keys are kept.

use std::path::Path;

use super::Settings;
use crate::attribute::Attribute;
use crate::issuer::{self, KeyFile, Source};
use crate::model::model;
use crate::path::Path as At;
use crate::problem::Problem;
use crate::schema::optional;
use crate::secret::Secret;

const KEY_FILE: &str = ".nhi/issuer.pem";
const MASTER_KEY_FILE: &str = ".nhi/master.key";

model! {
    /// Who vouches for workloads.
    pub(crate) struct Issuer {
        /// The address that tokens name as their issuer (`iss`), and below which relying parties find its keys, such as
        /// `https://identity.example.com`.
        url: String = optional().check(check_url),
        /// The SPIFFE trust domain of workload identities, such as `example.com`.
        trust_domain: String = optional().check(crate::functions::spiffe_id::check_trust_domain),
        /// The file with the private key that signs, P-256 or Ed25519 in PEM form, relative to the folder that Terraform runs in.
        /// Defaults to `.nhi/issuer.pem`, which is made with mode 0600 when it is first needed; any other file has to exist. A
        /// file that others can read is refused.
        key_file: String = optional(),
        /// The private key itself, in place of `key_file`. Defaults to the environment variable `NHI_ISSUER_KEY`.
        key: Secret = optional().sensitive(),
        /// The file with the master key that API keys are derived from: 32 random bytes in base64. Defaults to
        /// `.nhi/master.key`, which is made like the key file.
        master_key_file: String = optional(),
        /// The master key itself, in place of `master_key_file`. Defaults to the environment variable `NHI_MASTER_KEY`.
        master_key: Secret = optional().sensitive(),
    }
}

/// What is wrong with the address of an issuer, as a sentence. OpenID Connect Discovery, section 3: https, no query, no fragment; what
/// is appended begins with a slash.
fn check_url(text: &str) -> Result<(), String> {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://").filter(|rest| is_local(rest)));
    let Some(rest) = rest else {
        return Err(format!("The address `{text}` does not begin with `https://`."));
    };
    if rest.is_empty() || rest.starts_with('/') {
        Err(format!("The address `{text}` has no host."))
    } else if rest.ends_with('/') {
        Err(format!(
            "The address `{text}` ends with `/`. Relying parties compare it letter by letter: leave it out."
        ))
    } else if rest.contains(['?', '#', ' ']) {
        Err(format!(
            "The address `{text}` has a query, a fragment or a space, which an issuer has not."
        ))
    } else {
        Ok(())
    }
}

fn is_local(rest: &str) -> bool {
    let host = rest.split(['/', ':']).next().unwrap_or_default();
    ["localhost", "127.0.0.1"].contains(&host)
}

/// What is wrong with the block on its own; with unknowns anywhere.
pub(super) fn validate(issuer: &Issuer) -> Vec<Problem> {
    let both = |one: bool, other: bool, names: [&'static str; 2]| {
        (one && other).then(|| {
            let [one, other] = names;
            let detail = format!("Set `{one}` or `{other}`, not both: there is one key.");
            Problem::error("Two keys", detail).at(At::from(Settings::issuer).attribute(other))
        })
    };
    let key =
        both(issuer.key_file.is_known(), issuer.key.is_known(), [Issuer::key_file, Issuer::key]);
    let master = both(
        issuer.master_key_file.is_known(),
        issuer.master_key.is_known(),
        [Issuer::master_key_file, Issuer::master_key],
    );
    key.into_iter().chain(master).collect()
}

/// The issuer that the block describes; none where the block itself is not known.
pub(super) fn configure(
    block: Attribute<Issuer>,
    folder: &Path,
    variable: &dyn Fn(&str) -> Option<String>,
) -> issuer::Issuer {
    let Issuer { url, trust_domain, key_file, key, master_key_file, master_key } = match block {
        Attribute::Known(block) => block,
        Attribute::Null => Issuer::default(),
        Attribute::Unknown => {
            let unknown = || Attribute::Unknown;
            return issuer::Issuer::new(unknown(), unknown(), Source::Unknown, Source::Unknown);
        }
    };
    let source =
        |text: Attribute<Secret>, file: Attribute<String>, place: &Place| match (text, file) {
            (Attribute::Unknown, _) | (_, Attribute::Unknown) => Source::Unknown,
            (Attribute::Known(text), _) => Source::Text(text, place.attribute),
            (Attribute::Null, Attribute::Known(path)) => Source::File(place.file(folder, &path)),
            (Attribute::Null, Attribute::Null) => match variable(place.variable) {
                Some(text) => Source::Text(text.into(), place.shown),
                None => Source::File(place.file(folder, place.default)),
            },
        };
    let key = source(key, key_file, &SIGNING);
    let master = source(master_key, master_key_file, &MASTER);
    issuer::Issuer::new(trust_domain, url, key, master)
}

/// Where a key may come from.
struct Place {
    attribute: &'static str,
    variable: &'static str,
    shown: &'static str,
    default: &'static str,
    how: &'static str,
}

const SIGNING: Place = Place {
    attribute: "`key` of the provider's `issuer`",
    variable: "NHI_ISSUER_KEY",
    shown: "the environment variable `NHI_ISSUER_KEY`",
    default: KEY_FILE,
    how: "(umask 077; openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out FILE)",
};

const MASTER: Place = Place {
    attribute: "`master_key` of the provider's `issuer`",
    variable: "NHI_MASTER_KEY",
    shown: "the environment variable `NHI_MASTER_KEY`",
    default: MASTER_KEY_FILE,
    how: "(umask 077; openssl rand -base64 -out FILE 32)",
};

impl Place {
    fn file(&self, folder: &Path, written: &str) -> KeyFile {
        KeyFile {
            written: written.to_owned(),
            path: folder.join(written),
            embedded: written == self.default,
            how: self.how,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_issuers() {
        for fits in ["https://a.example", "https://a.example/nhi", "http://localhost:8080"] {
            assert_eq!(check_url(fits), Ok(()), "{fits}");
        }
        for wrong in [
            "a.example",
            "http://a.example",
            "https://",
            "https:///x",
            "https://a/",
            "https://a?b",
            "http://localhost.evil",
        ] {
            assert!(check_url(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_key_has_one_place() {
        let issuer = Issuer {
            key_file: "a".into(),
            key: Secret::from("b".to_owned()).into(),
            master_key: Attribute::Unknown,
            master_key_file: "c".into(),
            ..Issuer::default()
        };
        let problems = validate(&issuer);
        let places: Vec<_> = problems
            .iter()
            .map(|it| it.attribute.clone().unwrap_or_default().to_string())
            .collect();
        assert_eq!(places, ["issuer.key"]);
    }

    #[tokio::test]
    async fn the_default_keys_are_made_in_the_folder_when_they_are_first_needed() {
        let folder = tempfile::tempdir().unwrap();
        let issuer = configure(Attribute::Null, folder.path(), &|_| None);
        assert!(!folder.path().join(".nhi").exists());
        issuer.signer().await.unwrap();
        issuer.master_key().await.unwrap();
        assert!(
            folder.path().join(KEY_FILE).exists() && folder.path().join(MASTER_KEY_FILE).exists()
        );
    }

    #[tokio::test]
    async fn the_environment_gives_a_key_where_the_block_does_not() {
        let variable = |name: &str| (name == "NHI_ISSUER_KEY").then(|| "hunter2".to_owned());
        let issuer = configure(Attribute::Null, Path::new("/nowhere"), &variable);
        let problems = issuer.signer().await.unwrap_err();
        assert!(
            problems[0].detail.starts_with("The environment variable `NHI_ISSUER_KEY` holds no")
        );
        let block = Issuer { key_file: "gone.pem".into(), ..Issuer::default() };
        let issuer = configure(block.into(), Path::new("/nowhere"), &variable);
        let problems = issuer.signer().await.unwrap_err();
        assert!(problems[0].detail.starts_with("There is no file `gone.pem`"));
    }
}
