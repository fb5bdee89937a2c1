//! Programs and sockets that sign, and that do everything else.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixListener;
use std::path::Path;

use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::super::local::LocalKey;
use super::*;

fn pem_of(der: &[u8]) -> String {
    format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", STANDARD.encode(der))
}

fn local() -> LocalKey {
    LocalKey::from_pem(&LocalKey::generate().unwrap(), "it").unwrap()
}

fn remote(place: Place, key: &LocalKey, seconds: u64) -> RemoteKey {
    let public_key = pem_of(key.public_key());
    RemoteKey::new(&Remote { place, public_key, timeout: Duration::from_secs(seconds) }).unwrap()
}

/// A command that runs a script.
fn script(folder: &Path, text: &str) -> Place {
    let path = folder.join("sign");
    fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
    Place::Command(vec!["/bin/sh".to_owned(), path.to_str().unwrap().to_owned()])
}

fn refusal(text: &str, seconds: u64) -> String {
    let folder = tempfile::tempdir().unwrap();
    let key = remote(script(folder.path(), text), &local(), seconds);
    key.sign(b"the message").unwrap_err().reason
}

#[test]
fn a_command_gets_the_message_and_signs_it() {
    let (folder, key) = (tempfile::tempdir().unwrap(), local());
    // It writes down what it was asked; the answer was made before.
    let signature = STANDARD.encode(key.sign(b"the message").unwrap());
    let asked = folder.path().join("asked");
    let text = format!("cat > {}; echo '{{\"signature\":\"{signature}\"}}'", asked.display());
    let remote = remote(script(folder.path(), &text), &key, 10);
    let made = remote.sign(b"the message").unwrap();
    assert_eq!(STANDARD.encode(&made), signature);
    assert_eq!((remote.algorithm(), remote.public_key()), (key.algorithm(), key.public_key()));
    let asked: serde_json::Value = serde_json::from_slice(&fs::read(asked).unwrap()).unwrap();
    assert_eq!(asked["message"], STANDARD.encode(b"the message"));
    assert_eq!(asked["algorithm"], "ES256");
    assert_eq!(asked["key_id"], remote.key.key_id());
    assert_eq!(asked["sha256"], STANDARD.encode(Sha256::digest(b"the message")));
}

#[test]
fn what_goes_wrong_is_said_without_the_message() {
    let message = STANDARD.encode(b"the message");
    let echo = "read -r line; echo \"got $line and the message\" >&2; exit 3";
    let all = [
        refusal(echo, 10),
        refusal("exit 1", 10),
        refusal("echo no", 10),
        refusal("echo '{\"error\":\"the key is  disabled\"}'", 10),
        refusal("echo '{\"signature\":\"???\"}'", 10),
        refusal("echo '{\"signature\":\"AAAA\"}'", 10),
        refusal("kill -9 $$", 10),
    ];
    let all: Vec<String> = all
        .into_iter()
        .map(|reason| {
            assert!(!reason.contains(&message) && !reason.contains("the message"), "{reason}");
            reason.replace("the signing command `/bin/sh`", "it")
        })
        .collect();
    assert!(all[0].starts_with("it ended with exit code 3: got "), "{}", all[0]);
    insta::assert_snapshot!(all[1..].join("\n"), @r"
    it ended with exit code 1
    it answered something else than one line of JSON
    it refused: the key is disabled
    it answered a signature that is not base64
    it answered a signature that is not one of `public_key`
    it ended with a signal
    ");
    let missing = remote(Place::Command(vec!["/nowhere/sign".to_owned()]), &local(), 1);
    let reason = missing.sign(b"x").unwrap_err().reason;
    assert!(
        reason.starts_with("the signing command `/nowhere/sign` cannot be started"),
        "{reason}"
    );
}

#[test]
fn a_command_that_hangs_is_ended_with_what_it_started() {
    let began = std::time::Instant::now();
    let reason = refusal("sleep 600 & sleep 600", 1);
    assert_eq!(reason, "the signing command `/bin/sh` gave no answer within 1 s");
    assert!(began.elapsed() < Duration::from_secs(30));
}

/// ECDSA in DER form, as most key services answer, without padding in base64, as some do.
#[test]
fn a_socket_may_answer_in_der() {
    let (folder, key) = (tempfile::tempdir().unwrap(), local());
    let path = folder.path().join("socket");
    let listener = UnixListener::bind(&path).unwrap();
    let remote = remote(Place::Socket(path), &key, 10);
    let server = std::thread::spawn(move || {
        for _ in 0..20 {
            let (mut stream, _) = listener.accept().unwrap();
            let mut line = String::new();
            BufReader::new(&stream).read_line(&mut line).unwrap();
            let asked: serde_json::Value = serde_json::from_str(&line).unwrap();
            let message = STANDARD.decode(asked["message"].as_str().unwrap()).unwrap();
            let signature = der_of(&key.sign(&message).unwrap());
            let answer = serde_json::json!({ "signature": URL_SAFE_NO_PAD.encode(signature) });
            writeln!(stream, "{answer}").unwrap();
        }
    });
    for round in 0..20_u8 {
        let made = remote.sign(&[round]).unwrap();
        assert!(made.len() == 64 && remote.key.verifies(&[round], &made));
    }
    server.join().unwrap();
    let reason = remote.sign(b"x").unwrap_err().reason;
    assert!(reason.contains("cannot be used"), "{reason}");
}

/// `r` and `s` as two integers, written by hand.
fn der_of(signature: &[u8]) -> Vec<u8> {
    let integer = |half: &[u8]| {
        let mut number: Vec<u8> = half.iter().copied().skip_while(|byte| *byte == 0).collect();
        if number.first().is_none_or(|byte| *byte > 0x7f) {
            number.insert(0, 0);
        }
        [vec![2, u8::try_from(number.len()).unwrap()], number].concat()
    };
    let both = [integer(&signature[..32]), integer(&signature[32..])].concat();
    [vec![0x30, u8::try_from(both.len()).unwrap()], both].concat()
}

#[test]
fn a_key_without_a_public_half_is_refused() {
    let remote = Remote {
        place: Place::Command(Vec::new()),
        public_key: "no".to_owned(),
        timeout: Duration::from_secs(1),
    };
    assert_eq!(RemoteKey::new(&remote).err(), Some(KeyError::NotPublic));
}

#[test]
fn the_guide_shows_the_program_that_is_run_by_the_oracle() {
    let guide = include_str!("../../../../docs/guides/issuer-keys.md");
    assert!(guide.contains(include_str!("../../../../examples/issuer-signer/sign.sh")));
}
