//! The greeting between go-plugin and us: what Terraform says in the environment, and the one line that we answer on stdout.
//! Nothing else in this program writes there before or after it.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

/// The variable by which Terraform shows that it started us as a plugin.
const COOKIE_NAME: &str = "TF_PLUGIN_MAGIC_COOKIE";
const COOKIE: &str = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";
/// The version of go-plugin's own protocol.
const CORE_PROTOCOL: u8 = 1;
/// The only version of the provider protocol that we speak.
pub(crate) const PROTOCOL: u8 = 6;

/// What Terraform says when it starts a plugin.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Invitation {
    /// Terraform's certificate; without it the connection is not encrypted.
    pub(crate) client_certificate: Option<CertificateDer<'static>>,
    /// Where to make the socket, if not in the folder for temporary files.
    pub(crate) socket_folder: Option<String>,
    /// A group that may use the socket.
    pub(crate) socket_group: Option<String>,
    /// The TCP ports to choose from, where there are no sockets.
    pub(crate) ports: (u16, u16),
    /// The client asks whether we multiplex connections, which we do not.
    pub(crate) asks_for_multiplexing: bool,
    /// The versions of the provider protocol that Terraform speaks; empty if it does not say.
    pub(crate) versions: Vec<u32>,
}

/// Why the greeting came to nothing.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum HandshakeError {
    /// A person started the program.
    #[error(
        "this program is a plugin of Terraform and OpenTofu, and is not meant to be run by hand\n\n\
         put `{address}` into `required_providers` and run `terraform init`; to debug the provider, start it with \
         `-debug`; see `--help`",
        address = crate::ADDRESS
    )]
    NotAPlugin,
    /// A variable cannot be understood.
    #[error("`{0}` in the environment cannot be understood")]
    Variable(&'static str),
}

impl Invitation {
    /// Reads the environment.
    pub(crate) fn read(variable: impl Fn(&str) -> Option<String>) -> Result<Self, HandshakeError> {
        if variable(COOKIE_NAME).as_deref() != Some(COOKIE) {
            return Err(HandshakeError::NotAPlugin);
        }
        let set = |name| variable(name).filter(|text| !text.is_empty());
        let client_certificate = match set("PLUGIN_CLIENT_CERT") {
            Some(pem) => Some(
                CertificateDer::from_pem_slice(pem.as_bytes())
                    .map_err(|_| HandshakeError::Variable("PLUGIN_CLIENT_CERT"))?,
            ),
            None => None,
        };
        let port = |name: &'static str| match set(name) {
            Some(text) => text.parse::<u16>().map_err(|_| HandshakeError::Variable(name)),
            None => Ok(0),
        };
        let ports = (port("PLUGIN_MIN_PORT")?, port("PLUGIN_MAX_PORT")?);
        if ports.0 > ports.1 {
            return Err(HandshakeError::Variable("PLUGIN_MIN_PORT"));
        }
        let versions = set("PLUGIN_PROTOCOL_VERSIONS").unwrap_or_default();
        let versions = versions.split(',').filter_map(|text| text.trim().parse().ok());
        Ok(Self {
            client_certificate,
            socket_folder: set("PLUGIN_UNIX_SOCKET_DIR"),
            socket_group: set("PLUGIN_UNIX_SOCKET_GROUP"),
            ports,
            asks_for_multiplexing: variable("PLUGIN_MULTIPLEX_GRPC").is_some(),
            versions: versions.collect(),
        })
    }

    /// Whether Terraform speaks our version. It is told our version in any case, and reports the mismatch itself.
    pub(crate) fn speaks_our_version(&self) -> bool {
        self.versions.is_empty() || self.versions.contains(&u32::from(PROTOCOL))
    }
}

/// Where the plugin listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Address {
    /// The path of a unix socket.
    Unix(String),
    /// A TCP address of this machine.
    #[cfg(any(test, not(unix)))]
    Tcp(String),
}

impl Address {
    /// The name of the network and the address in it.
    pub(crate) fn parts(&self) -> (&'static str, &str) {
        match self {
            Self::Unix(path) => ("unix", path),
            #[cfg(any(test, not(unix)))]
            Self::Tcp(address) => ("tcp", address),
        }
    }
}

/// The line that tells Terraform where and how to connect.
#[derive(Clone, Debug)]
pub(crate) struct Line<'a> {
    /// Where we listen.
    pub(crate) address: &'a Address,
    /// Our certificate, by which Terraform knows us; none without encryption.
    pub(crate) certificate: Option<&'a CertificateDer<'static>>,
    /// The client asked whether we multiplex.
    pub(crate) asks_for_multiplexing: bool,
}

impl fmt::Display for Line<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (network, address) = self.address.parts();
        let certificate = self.certificate.map(|certificate| STANDARD_NO_PAD.encode(certificate));
        write!(
            formatter,
            "{CORE_PROTOCOL}|{PROTOCOL}|{network}|{address}|grpc|{}",
            certificate.unwrap_or_default()
        )?;
        if self.asks_for_multiplexing {
            formatter.write_str("|false")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(set: &[(&str, &str)]) -> Result<Invitation, HandshakeError> {
        Invitation::read(|name| {
            let cookie = (name == COOKIE_NAME).then(|| COOKIE.to_owned());
            let found = set.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| (*value).to_owned()).or(cookie)
        })
    }

    #[test]
    fn without_the_cookie_a_person_started_us() {
        assert_eq!(Invitation::read(|_| None), Err(HandshakeError::NotAPlugin));
        assert_eq!(read(&[(COOKIE_NAME, "other")]), Err(HandshakeError::NotAPlugin));
        insta::assert_snapshot!(HandshakeError::NotAPlugin, @"
        this program is a plugin of Terraform and OpenTofu, and is not meant to be run by hand

        put `registry.terraform.io/governed-nhi/nhi` into `required_providers` and run `terraform init`; to debug the provider, start it with `-debug`; see `--help`
        ");
    }

    #[test]
    fn the_environment_is_read_in_full() {
        let pem = "-----BEGIN CERTIFICATE-----\nAQID\n-----END CERTIFICATE-----\n";
        let invitation = read(&[
            ("PLUGIN_CLIENT_CERT", pem),
            ("PLUGIN_PROTOCOL_VERSIONS", "6,5"),
            ("PLUGIN_MIN_PORT", "10000"),
            ("PLUGIN_MAX_PORT", "25000"),
            ("PLUGIN_UNIX_SOCKET_DIR", "/run/x"),
            ("PLUGIN_MULTIPLEX_GRPC", "false"),
        ]);
        let invitation = invitation.expect("an invitation");
        assert_eq!(invitation.client_certificate, Some(CertificateDer::from(vec![1, 2, 3])));
        assert_eq!(
            (invitation.ports, invitation.versions.as_slice()),
            ((10000, 25000), &[6, 5][..])
        );
        assert_eq!(invitation.socket_folder.as_deref(), Some("/run/x"));
        assert!(invitation.asks_for_multiplexing);

        assert_eq!(read(&[]), Ok(Invitation::default()));
        assert!(!read(&[("PLUGIN_PROTOCOL_VERSIONS", "5")]).expect("one").speaks_our_version());
        assert!(read(&[("PLUGIN_PROTOCOL_VERSIONS", "5, 6")]).expect("one").speaks_our_version());
    }

    #[test]
    fn what_cannot_be_understood_is_refused() {
        for (name, text) in [
            ("PLUGIN_MIN_PORT", "many"),
            ("PLUGIN_MAX_PORT", "99999"),
            ("PLUGIN_CLIENT_CERT", "no certificate"),
        ] {
            assert_eq!(read(&[(name, text)]), Err(HandshakeError::Variable(name)));
        }
        let reversed = read(&[("PLUGIN_MIN_PORT", "2"), ("PLUGIN_MAX_PORT", "1")]);
        assert_eq!(reversed, Err(HandshakeError::Variable("PLUGIN_MIN_PORT")));
    }

    #[test]
    fn the_line_is_what_go_plugin_parses() {
        let unix = Address::Unix("/tmp/x/s".to_owned());
        let certificate = CertificateDer::from(vec![0xfb, 0xff, 0xfe, 0x01]);
        let line =
            Line { address: &unix, certificate: Some(&certificate), asks_for_multiplexing: false };
        assert_eq!(line.to_string(), "1|6|unix|/tmp/x/s|grpc|+//+AQ");
        let tcp = Address::Tcp("127.0.0.1:10000".to_owned());
        let plain = Line { address: &tcp, certificate: None, asks_for_multiplexing: false };
        assert_eq!(plain.to_string(), "1|6|tcp|127.0.0.1:10000|grpc|");
        let asked = Line { asks_for_multiplexing: true, ..plain };
        assert_eq!(asked.to_string(), "1|6|tcp|127.0.0.1:10000|grpc||false");
    }
}
