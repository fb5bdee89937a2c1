//! Credentials that were issued or refused: events of the audit trail, and the public keys that signed them.
