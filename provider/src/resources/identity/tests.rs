//! Plans of identities.
