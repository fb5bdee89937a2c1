//! API keys: derived when they are asked for, so that none is ever kept.
//!
//! A key is `nhi_`, its id, `_`, its secret and a checksum: `nhi_[0-9A-Za-z]{17}_[0-9A-Za-z]{49}`. The prefix is what scanners
//! for leaked secrets look for; the checksum (CRC-32 of all that stands before it, as GitHub's tokens have it) tells them, and
//! any program that is handed one, a real key from a mistyped or invented one without asking anybody. The id names the key in
//! logs, and says nothing about the secret.
//!
//! Id and secret come out of HKDF with SHA-256 (RFC 5869) over the master key, the identity's id and the version of its
//! credential: two outputs under labels of their own, so that neither tells anything about the other. What is recorded is the
//! SHA-256 of the whole key. A slow hash would add nothing: it makes guessing expensive, and 256 random bits cannot be guessed.

use std::fmt::Write as _;

use ring::hkdf::{HKDF_SHA256, KeyType, Prk, Salt};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::master::MasterKey;
use crate::inventory::record::{self, Credential};
use crate::problem::Problem;
use crate::secret::Secret;

/// Separates this use of the master key from every other.
const SALT: &[u8] = b"governed-nhi api key 1";
const LETTERS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// 96 bits: no two keys of an inventory ever share an id. 62^17 is above 2^96.
const ID: Width = Width { bytes: 12, letters: 17 };
/// 256 bits. 62^43 is above 2^256.
const SECRET: Width = Width { bytes: 32, letters: 43 };
/// 32 bits. 62^6 is above 2^32.
const CHECKSUM: Width = Width { bytes: 4, letters: 6 };

/// How long a number is in bytes, and in letters.
#[derive(Clone, Copy)]
struct Width {
    bytes: usize,
    letters: usize,
}

impl KeyType for Width {
    fn len(&self) -> usize {
        self.bytes
    }
}

/// An API key. There is no `Debug`: nothing shows it by accident.
pub(crate) struct ApiKey {
    key_id: String,
    version: i64,
    text: Zeroizing<String>,
}

impl ApiKey {
    /// The key of that version of an identity's credential.
    pub(crate) fn derive(master: &MasterKey, id: &str, version: i64) -> Result<Self, Vec<Problem>> {
        let key = Salt::new(HKDF_SHA256, SALT).extract(master.bytes());
        let key_id = output(&key, (b"id", ID), (id, version))?;
        let secret = output(&key, (b"secret", SECRET), (id, version))?;
        // As long as it gets, so that no copy is left behind by growing.
        let mut text = Zeroizing::new(String::with_capacity(80));
        text.push_str("nhi_");
        text.push_str(&key_id);
        text.push('_');
        text.push_str(&secret);
        let checksum = crc32fast::hash(text.as_bytes());
        text.push_str(&base62(&checksum.to_be_bytes(), CHECKSUM));
        Ok(Self { key_id: key_id.to_string(), version, text })
    }

    /// The key itself.
    pub(crate) fn secret(&self) -> Secret {
        Secret::from(self.text.to_string())
    }

    /// What may be written down about it.
    pub(crate) fn record(&self) -> record::ApiKey {
        let mut secret_hash = "sha256:".to_owned();
        for byte in Sha256::digest(self.text.as_bytes()) {
            // Writing to a string does not fail.
            let _ = write!(secret_hash, "{byte:02x}");
        }
        record::ApiKey { version: self.version, key_id: self.key_id.clone(), secret_hash }
    }
}

/// The credential of that version: its key, and the one that it follows. There are two slots: the one before that goes.
pub(crate) fn credential(
    master: &MasterKey,
    (id, version): (&str, i64),
    previous: Option<&Credential>,
) -> Result<Credential, Vec<Problem>> {
    let previous = match previous {
        Some(Credential::ApiKey { current, .. }) => Some(current.clone()),
        Some(Credential::Certificate { .. }) | None => None,
    };
    Ok(Credential::ApiKey { current: ApiKey::derive(master, id, version)?.record(), previous })
}

/// One output of HKDF, as text.
fn output(
    key: &Prk,
    (label, width): (&[u8], Width),
    (id, version): (&str, i64),
) -> Result<Zeroizing<String>, Vec<Problem>> {
    // The label has no zero byte and the version has eight bytes: no two inputs read alike.
    let info = [label, &[0], &version.to_be_bytes(), id.as_bytes()];
    let mut bytes = Zeroizing::new(vec![0; width.bytes]);
    key.expand(&info, width)
        .and_then(|output| output.fill(&mut bytes))
        .map_err(|_| vec![Problem::bug("an API key is longer than HKDF makes them")])?;
    Ok(base62(&bytes, width))
}

/// A number in base 62 with leading zeros.
fn base62(bytes: &[u8], width: Width) -> Zeroizing<String> {
    // Least significant first.
    let mut digits = Zeroizing::new(vec![0_u8; width.letters]);
    for byte in bytes {
        let mut carry = u32::from(*byte);
        for digit in digits.iter_mut() {
            carry += u32::from(*digit) * 256;
            // A remainder of 62 fits.
            *digit = u8::try_from(carry % 62).unwrap_or_default();
            carry /= 62;
        }
    }
    let mut text = Zeroizing::new(String::with_capacity(width.letters));
    for digit in digits.iter().rev() {
        text.push(LETTERS.get(usize::from(*digit)).copied().map_or('0', char::from));
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What a program that is handed a key does: the key's id, if it is a key.
    fn read(text: &str) -> Option<&str> {
        let rest = text.strip_prefix("nhi_")?;
        let (id, secret) = rest.split_once('_')?;
        let letters = id.bytes().chain(secret.bytes()).all(|letter| LETTERS.contains(&letter));
        let (body, checksum) = text.split_at_checked(text.len().checked_sub(6)?)?;
        let right = *base62(&crc32fast::hash(body.as_bytes()).to_be_bytes(), CHECKSUM) == checksum;
        (letters && id.len() == 17 && secret.len() == 49 && right).then_some(id)
    }

    fn master(byte: u8) -> MasterKey {
        use base64::Engine as _;
        let text = base64::engine::general_purpose::STANDARD.encode([byte; 32]);
        MasterKey::from_text(&text, "it").unwrap()
    }

    fn derive(master: &MasterKey, id: &str, version: i64) -> ApiKey {
        ApiKey::derive(master, id, version).unwrap_or_else(|problems| panic!("{problems:?}"))
    }

    #[test]
    fn a_key_is_the_same_every_time() {
        // As Python's hmac, hashlib and zlib make it. A change here takes every key away that was ever handed out.
        let key = derive(&master(7), "nhi-0123456789abcdefghjkmnpqrs", 1);
        insta::assert_snapshot!(key.secret().reveal(), @"nhi_0sR3G2njUOEhVUkAC_Yfqbe5cErm3qhXm3ZC7XJXtmIuzHV8t2Ikq45CsP1no1PyRDF");
        let hash = "sha256:cc7d0552b31002a4b7976106d9e7b2a2408b9d3c9ec13bfd08cb1b39ce28a8f5";
        assert_eq!((key.record().version, key.record().secret_hash.as_str()), (1, hash));
    }

    #[test]
    fn numbers_keep_their_leading_zeros() {
        assert_eq!(*base62(&[0; 4], CHECKSUM), "000000");
        assert_eq!(*base62(&61_u32.to_be_bytes(), CHECKSUM), "00000z");
        assert_eq!(*base62(&62_u32.to_be_bytes(), CHECKSUM), "000010");
        assert_eq!(*base62(&u32::MAX.to_be_bytes(), CHECKSUM), "4gfFC3");
        // The widest fit.
        assert_eq!(base62(&[255; 32], SECRET).len(), 43);
        assert!(!base62(&[255; 32], SECRET).starts_with('0'));
    }

    #[test]
    fn the_one_before_the_one_before_goes() {
        let master = master(1);
        let mut last = None;
        for version in 1..=3 {
            last = credential(&master, ("nhi-1", version), last.as_ref()).ok();
        }
        let Some(Credential::ApiKey { current, previous }) = last else { panic!("an API key") };
        assert_eq!((current.version, previous.map(|key| key.version)), (3, Some(2)));
    }

    proptest! {
        #[test]
        fn no_two_credentials_share_a_key(
            one in ("[a-z0-9-]{1,12}", 1_i64..1000, 0_u8..3),
            other in ("[a-z0-9-]{1,12}", 1_i64..1000, 0_u8..3),
        ) {
            let key = |(id, version, byte): &(String, i64, u8)| derive(&master(*byte), id, *version);
            let same = one == other;
            prop_assert_eq!(key(&one).text == key(&other).text, same);
            prop_assert_eq!(key(&one).key_id == key(&other).key_id, same);
            prop_assert_eq!(key(&one).record().secret_hash == key(&other).record().secret_hash, same);
        }

        #[test]
        fn a_key_reads_back_and_one_changed_letter_is_seen(
            id in "[a-z0-9-]{1,30}",
            version in 1_i64..,
            at in 0_usize..71,
            letter in 0_usize..62,
        ) {
            let key = derive(&master(9), &id, version);
            let text = key.secret().reveal().to_owned();
            prop_assert_eq!(text.len(), 71);
            prop_assert_eq!(read(&text), Some(key.key_id.as_str()));
            let mut changed = text.clone().into_bytes();
            changed[at] = LETTERS[letter];
            let changed = String::from_utf8(changed).unwrap();
            prop_assert_eq!(read(&changed).is_some(), changed == text);
        }
    }
}
