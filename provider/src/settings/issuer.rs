//! The `issuer` block of the provider's configuration: who vouches for workloads, and where its keys are kept.

use std::path::Path;
use std::time::Duration;

use policy::governance::Lifetime;

use super::Settings;
use crate::attribute::Attribute;
use crate::issuer::public::PublicKey;
use crate::issuer::{self, KeyFile, Source, remote};
use crate::model::{Block, model};
use crate::path::Path as At;
use crate::problem::Problem;
use crate::schema::{optional, required};
use crate::secret::Secret;
use crate::wording;

const KEY_FILE: &str = ".nhi/issuer.pem";
const MASTER_KEY_FILE: &str = ".nhi/master.key";
/// How long a signature may take that somebody else makes.
const TIMEOUT: Duration = Duration::from_secs(10);

model! {
    /// Somebody else who signs.
    pub(crate) struct Signing {
        /// A program and its arguments. It gets one line of JSON on its standard input and answers with one on its standard output,
        /// as the guide on issuer keys says. No shell is in between.
        command: Vec<String> = optional(),
        /// The path of a Unix domain socket that speaks the same, in place of `command`.
        socket: String = optional(),
        /// The public key that belongs to what signs, P-256 or Ed25519 in PEM form. Each signature is checked with it.
        public_key: String = required(),
        /// How long an answer may take. Defaults to `10s`.
        timeout: String = optional().check(timeout),
    }
}

/// What is wrong with a timeout, as sentences.
fn timeout(text: &str) -> Result<(), String> {
    Lifetime::parse(text).map(drop).map_err(|error| wording::diagnosed("", &error).detail)
}

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
        /// Somebody else who signs, in place of `key_file`: a program or a socket, on behalf of a KMS, an HSM or Vault.
        signer: Block<Signing> = optional(),
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
    let at = || At::from(Settings::issuer).attribute(Issuer::signer);
    let own = issuer.key_file.is_known() || issuer.key.is_known();
    let elsewhere = both(own, issuer.signer.is_known(), ["key_file` or `key", Issuer::signer]);
    let mut problems: Vec<Problem> = key.into_iter().chain(master).chain(elsewhere).collect();
    let Some(Block(signer)) = issuer.signer.known() else { return problems };
    let empty = signer.command.known().is_some_and(Vec::is_empty);
    let open = signer.command.is_unknown() || signer.socket.is_unknown();
    if !open && signer.command.is_known() == signer.socket.is_known() {
        let detail = "State either `command` or `socket`.";
        problems.push(Problem::error("Not one signer", detail).at(at()));
    } else if empty {
        let detail = "Name a program, and its arguments after it.";
        let at = at().attribute(Signing::command);
        problems.push(Problem::error("Empty command", detail).at(at));
    }
    if let Some(pem) = signer.public_key.as_str()
        && let Err(error) = PublicKey::from_pem(pem)
    {
        let at = at().attribute(Signing::public_key);
        problems.push(wording::diagnosed("Unsuitable public key", &error).at(at));
    }
    problems
}

/// Somebody else who signs; a part that is not known leaves all of it open.
fn remote(signer: Signing, folder: &Path) -> Source {
    let Signing { command, socket, public_key, timeout } = signer;
    let seconds = timeout
        .as_str()
        .and_then(|text| Lifetime::parse(text).ok())
        .map_or(TIMEOUT, |timeout| Duration::from_secs(timeout.as_seconds().into()));
    let place = match (command, socket) {
        (Attribute::Known(command), _) => remote::Place::Command(command),
        (Attribute::Null, Attribute::Known(path)) => remote::Place::Socket(folder.join(path)),
        _ => return Source::Unknown,
    };
    match (public_key, timeout.is_unknown()) {
        (Attribute::Known(public_key), false) => {
            Source::Remote(remote::Remote { place, public_key, timeout: seconds })
        }
        _ => Source::Unknown,
    }
}

/// The issuer that the block describes; none where the block itself is not known.
pub(super) fn configure(
    block: Attribute<Issuer>,
    folder: &Path,
    variable: &dyn Fn(&str) -> Option<String>,
) -> issuer::Issuer {
    let Issuer { url, trust_domain, key_file, key, signer, master_key_file, master_key } =
        match block {
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
    let key = match signer {
        Attribute::Known(Block(signer)) => remote(signer, folder),
        Attribute::Unknown => Source::Unknown,
        Attribute::Null => source(key, key_file, &SIGNING),
    };
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
    use crate::resources::testing::shown;

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

    #[test]
    fn somebody_else_who_signs_is_one() {
        let problems = |signer: Signing, key_file: Attribute<String>| {
            let issuer = Issuer { signer: Block(signer).into(), key_file, ..Issuer::default() };
            shown(&validate(&issuer))
        };
        let both = Signing {
            command: Vec::new().into(),
            socket: "s".into(),
            public_key: "no".into(),
            ..Signing::default()
        };
        insta::assert_snapshot!(problems(both, "k".into()), @r"
        error at issuer.signer: Two keys
          Set `key_file` or `key` or `signer`, not both: there is one key.
        error at issuer.signer: Not one signer
          State either `command` or `socket`.
        error at issuer.signer.public_key: Unsuitable public key
          `public_key` holds no P-256 or Ed25519 public key in PEM form. It begins with `-----BEGIN PUBLIC KEY-----`; `openssl pkey -pubout` writes it.
        ");
        let empty = Signing { command: Vec::new().into(), ..Signing::default() };
        insta::assert_snapshot!(problems(empty, Attribute::Null), @r"
        error at issuer.signer.command: Empty command
          Name a program, and its arguments after it.
        ");
        let later = Signing { command: Attribute::Unknown, ..Signing::default() };
        assert_eq!(problems(later, Attribute::Null), "");
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
