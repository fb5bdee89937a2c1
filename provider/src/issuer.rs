//! Who vouches for workloads: the key that signs tokens and certificates, wherever it is kept.

pub(crate) mod signer;
