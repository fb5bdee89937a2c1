//! Looking for many identities at once.
