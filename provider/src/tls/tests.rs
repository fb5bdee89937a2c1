//! Who gets in. A provider that checks nothing looks just the same from Terraform, so only these tests can tell.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use p521::ecdsa::SigningKey as P521Key;
use p521::ecdsa::signature::Signer as _;
use p521::pkcs8::DecodePrivateKey as _;
use rustls::client::ResolvesClientCert;
use rustls::client::danger::{ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::ServerName;
use rustls::pki_types::pem::PemObject as _;
use rustls::sign::{CertifiedKey, Signer, SigningKey};
use rustls::{ClientConfig, SignatureAlgorithm};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_rustls::{TlsAcceptor, TlsConnector};

use super::*;

/// A certificate and key as go-plugin makes them.
#[derive(Debug, Clone)]
struct Identity {
    certificate: CertificateDer<'static>,
    key: Arc<Key>,
}

/// Makes them with the system's openssl, because ring has no P-521. None (and a loud line) where there is no openssl.
fn identity(folder: &Path) -> Option<Identity> {
    let (key, certificate) = (folder.join("key.pem"), folder.join("cert.pem"));
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:secp521r1"])
        .args(["-nodes", "-sha512", "-days", "3650", "-subj", "/O=HashiCorp/CN=localhost"])
        .args(["-addext", "subjectAltName=DNS:localhost"])
        .args(["-addext", "basicConstraints=critical,CA:TRUE"])
        .args(["-addext", "keyUsage=digitalSignature,keyEncipherment,keyAgreement,keyCertSign"])
        .args(["-addext", "extendedKeyUsage=clientAuth,serverAuth"])
        .arg("-keyout")
        .arg(&key)
        .arg("-out")
        .arg(&certificate)
        .output();
    let made = match made {
        Ok(made) => made,
        Err(error) => {
            let required = std::env::var("NHI_TEST_REQUIRE_ALL").is_ok_and(|text| text == "1");
            assert!(!required, "openssl is needed: {error}");
            let line = "SKIPPED: who may connect to the provider is not tested, because there is no openssl\n";
            std::io::Write::write_all(&mut std::io::stderr(), line.as_bytes()).expect("stderr");
            return None;
        }
    };
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let pem = std::fs::read_to_string(key).expect("a key");
    let key = P521Key::from_pkcs8_der(
        PrivatePkcs8KeyDer::from_pem_slice(pem.as_bytes())
            .expect("a PKCS#8 key")
            .secret_pkcs8_der(),
    );
    let certificate = CertificateDer::from_pem_file(certificate).expect("a certificate");
    Some(Identity { certificate, key: Arc::new(Key(key.expect("a P-521 key"))) })
}

#[derive(Debug, Clone)]
struct Key(P521Key);

impl SigningKey for Key {
    fn choose_scheme(&self, offered: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        // Like Go: without a scheme for its key the client sends no certificate.
        let offered = offered.contains(&SignatureScheme::ECDSA_NISTP521_SHA512);
        offered.then(|| Box::new(self.clone()) as Box<dyn Signer>)
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        SignatureAlgorithm::ECDSA
    }
}

impl Signer for Key {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, Error> {
        let signature: Signature = self.0.sign(message);
        Ok(signature.to_der().as_bytes().to_vec())
    }

    fn scheme(&self) -> SignatureScheme {
        SignatureScheme::ECDSA_NISTP521_SHA512
    }
}

/// The client's certificate and key, whether or not they belong together.
#[derive(Debug)]
struct Shown(Arc<CertifiedKey>);

impl ResolvesClientCert for Shown {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }

    fn has_certs(&self) -> bool {
        true
    }
}

/// Knows the server by its certificate, as Terraform does from the handshake line.
#[derive(Debug)]
struct KnownServer(CertificateDer<'static>);

impl ServerCertVerifier for KnownServer {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        assert_eq!(*end_entity, self.0);
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Err(Error::General("TLS 1.2".to_owned()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = ring::default_provider().signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, &algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        ring::default_provider().signature_verification_algorithms.supported_schemes()
    }
}

/// Connects to a server pinned to `pinned`, showing `shown` and signing with its key; what the server says.
async fn connect(
    pinned: &Identity,
    shown: Option<(&CertificateDer<'static>, &Arc<Key>)>,
) -> String {
    let tls = Tls::pinned_to(pinned.certificate.clone()).expect("a server");
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[&rustls::version::TLS13])
        .expect("TLS 1.3")
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(KnownServer(tls.certificate.clone())));
    let mut client = match shown {
        None => builder.with_no_client_auth(),
        Some((certificate, key)) => {
            let key = CertifiedKey::new(
                vec![certificate.clone()],
                Arc::clone(key) as Arc<dyn SigningKey>,
            );
            builder.with_client_cert_resolver(Arc::new(Shown(Arc::new(key))))
        }
    };
    client.alpn_protocols = vec![b"h2".to_vec()];
    let (near, far) = tokio::io::duplex(1 << 16);
    let server = async {
        let mut stream = TlsAcceptor::from(tls.config).accept(near).await?;
        let (_, connection) = stream.get_ref();
        assert_eq!(connection.alpn_protocol(), Some(&b"h2"[..]));
        assert_eq!(connection.peer_certificates().map(<[_]>::len), Some(1));
        stream.write_all(b"in").await?;
        stream.shutdown().await
    };
    let client = async {
        let name = ServerName::try_from("localhost").expect("a name");
        let mut text = String::new();
        let stream = TlsConnector::from(Arc::new(client)).connect(name, far).await;
        // In TLS 1.3 a client learns that it was refused when it reads.
        let read = match stream {
            Ok(mut stream) => stream.read_to_string(&mut text).await,
            Err(error) => Err(error),
        };
        read.map(|_| text)
    };
    let (server, client) = tokio::join!(server, client);
    match server {
        Ok(()) => client.expect("the server's greeting"),
        Err(error) => {
            assert!(client.is_err(), "the client is refused as well");
            error.to_string()
        }
    }
}

#[tokio::test]
async fn only_the_holder_of_the_pinned_certificate_gets_in() {
    let folders = [(); 2].map(|()| tempfile::tempdir().expect("a folder"));
    let [Some(terraform), Some(stranger)] =
        folders.each_ref().map(|folder| identity(folder.path()))
    else {
        return;
    };
    let pinned = &terraform.certificate;
    assert_eq!(connect(&terraform, Some((pinned, &terraform.key))).await, "in");
    insta::assert_snapshot!(connect(&terraform, None).await, @"peer sent no certificates");
    insta::assert_snapshot!(
        connect(&terraform, Some((&stranger.certificate, &stranger.key))).await,
        @"invalid peer certificate: ApplicationVerificationFailure"
    );
    // A stolen certificate without its key.
    insta::assert_snapshot!(
        connect(&terraform, Some((pinned, &stranger.key))).await,
        @"invalid peer certificate: BadSignature"
    );
}
