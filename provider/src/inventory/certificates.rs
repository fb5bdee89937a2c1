//! Certificates that were signed, by serial number: what a revocation list is made of.
