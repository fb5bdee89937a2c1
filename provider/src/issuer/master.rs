//! The master key: 32 secret bytes that API keys are derived from, so that no API key has to be kept.

use std::fmt;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use ring::rand::{SecureRandom as _, SystemRandom};
use zeroize::Zeroizing;

use super::error::KeyError;

const LENGTH: usize = 32;

/// Base64 as people paste it: with or without padding.
const STANDARD: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The key that API keys are derived from.
pub(crate) struct MasterKey(Zeroizing<[u8; LENGTH]>);

impl fmt::Debug for MasterKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("MasterKey")
    }
}

impl MasterKey {
    /// The bytes, for deriving. They go nowhere else.
    pub(crate) fn bytes(&self) -> &[u8; LENGTH] {
        &self.0
    }

    /// Reads it from base64, from a place that `origin` names.
    pub(crate) fn from_text(text: &str, origin: &str) -> Result<Self, KeyError> {
        let wrong = || KeyError::NotMaster { origin: origin.to_owned() };
        // Never larger than this, so never reallocated.
        let mut buffer = Zeroizing::new([0_u8; LENGTH + 16]);
        let length =
            STANDARD.decode_slice(text.trim(), buffer.as_mut_slice()).map_err(|_| wrong())?;
        let bytes =
            buffer.get(..length).and_then(|bytes| bytes.try_into().ok()).ok_or_else(wrong)?;
        Ok(Self(Zeroizing::new(bytes)))
    }

    /// A new one, as text.
    pub(crate) fn generate() -> Result<Zeroizing<String>, KeyError> {
        let mut bytes = Zeroizing::new([0_u8; LENGTH]);
        SystemRandom::new().fill(bytes.as_mut_slice()).map_err(|_| KeyError::Random)?;
        let mut text = Zeroizing::new(String::with_capacity(LENGTH * 2));
        STANDARD.encode_string(bytes.as_slice(), &mut text);
        text.push('\n');
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_made_reads_back_and_is_not_shown() {
        let text = MasterKey::generate().unwrap();
        let key = MasterKey::from_text(&text, "it").unwrap();
        let unpadded = MasterKey::from_text(text.trim().trim_end_matches('='), "it").unwrap();
        assert_eq!(key.bytes(), unpadded.bytes());
        assert_eq!(format!("{key:?}"), "MasterKey");
        assert_ne!(*MasterKey::generate().unwrap(), *text);
    }

    #[test]
    fn other_lengths_are_refused() {
        for text in ["", "hunter2", "AAAA", &"A".repeat(64), &"A".repeat(400)] {
            let error = MasterKey::from_text(text, "`master_key`").unwrap_err();
            assert_eq!(error.to_string(), "`master_key` holds no master key");
        }
    }
}
