//! Reviews of identities and what they decided, in the database.
