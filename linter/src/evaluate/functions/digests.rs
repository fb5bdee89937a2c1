//! Digests of strings and files, and UUIDs made of one.

use md5::Md5;
use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha512};

use super::arguments::{one_known, two_known};
use super::encoding::{base64, hex};
use crate::value::Value;

/// A digest and how it is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Md5,
    Sha1,
    Sha256,
    Sha512,
    Base64Sha256,
    Base64Sha512,
}

/// The digest of bytes.
pub(super) fn digest(kind: Kind, bytes: &[u8]) -> Value {
    match kind {
        Kind::Md5 => hex(&Md5::digest(bytes)).as_str().into(),
        Kind::Sha1 => hex(&Sha1::digest(bytes)).as_str().into(),
        Kind::Sha256 => hex(&Sha256::digest(bytes)).as_str().into(),
        Kind::Sha512 => hex(&Sha512::digest(bytes)).as_str().into(),
        Kind::Base64Sha256 => base64(&Sha256::digest(bytes)),
        Kind::Base64Sha512 => base64(&Sha512::digest(bytes)),
    }
}

fn of_text(kind: Kind, arguments: &[Value]) -> Option<Value> {
    Some(digest(kind, one_known(arguments)?.as_bytes()))
}

pub(super) fn md5(arguments: &[Value]) -> Option<Value> {
    of_text(Kind::Md5, arguments)
}

pub(super) fn sha1(arguments: &[Value]) -> Option<Value> {
    of_text(Kind::Sha1, arguments)
}

pub(super) fn sha256(arguments: &[Value]) -> Option<Value> {
    of_text(Kind::Sha256, arguments)
}

pub(super) fn sha512(arguments: &[Value]) -> Option<Value> {
    of_text(Kind::Sha512, arguments)
}

pub(super) fn base64sha256(arguments: &[Value]) -> Option<Value> {
    of_text(Kind::Base64Sha256, arguments)
}

pub(super) fn base64sha512(arguments: &[Value]) -> Option<Value> {
    of_text(Kind::Base64Sha512, arguments)
}

/// The bytes of a UUID in one of the forms that are read: with dashes, in braces, as a URN, or bare.
fn uuid(text: &str) -> Option<[u8; 16]> {
    let digits = match text.len() {
        38 => text.get(1..37)?,
        45 if text.get(..9)?.eq_ignore_ascii_case("urn:uuid:") => text.get(9..)?,
        32 | 36 => text,
        _ => return None,
    };
    let bare: String = if digits.len() == 32 {
        digits.to_owned()
    } else {
        let parts: Vec<&str> = digits.split('-').collect();
        if !parts.iter().map(|part| part.len()).eq([8, 4, 4, 4, 12]) {
            return None;
        }
        parts.concat()
    };
    if !bare.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    Some(u128::from_str_radix(&bare, 16).ok()?.to_be_bytes())
}

pub(super) fn uuidv5(arguments: &[Value]) -> Option<Value> {
    let (namespace, name) = two_known(arguments)?;
    // RFC 9562, section 6.6.
    let namespace = match namespace.as_str() {
        "dns" => "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
        "url" => "6ba7b811-9dad-11d1-80b4-00c04fd430c8",
        "oid" => "6ba7b812-9dad-11d1-80b4-00c04fd430c8",
        "x500" => "6ba7b814-9dad-11d1-80b4-00c04fd430c8",
        other => other,
    };
    let digest = Sha1::new().chain_update(uuid(namespace)?).chain_update(name).finalize();
    let mut bytes: [u8; 16] = digest.get(..16)?.try_into().ok()?;
    let [.., version, _, variant, _, _, _, _, _, _, _] = &mut bytes;
    *version = *version & 0x0f | 0x50;
    *variant = *variant & 0x3f | 0x80;
    let digits = hex(&bytes);
    let part = |from: usize, to: usize| digits.get(from..to);
    let parts = [part(0, 8)?, part(8, 12)?, part(12, 16)?, part(16, 20)?, part(20, 32)?];
    Some(parts.join("-").as_str().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uuids_of_names() {
        for namespace in
            ["dns", "{6ba7b810-9dad-11d1-80b4-00c04fd430c8}", "6BA7B8109dad11d180b400c04fd430c8"]
        {
            let found = uuidv5(&[namespace.into(), "x.com".into()]).unwrap();
            assert_eq!(found, "ffcf967b-74a6-5c47-8352-c1da0c75eba0".into());
        }
        assert!(uuidv5(&["bad".into(), "x".into()]).is_none());
    }
}
