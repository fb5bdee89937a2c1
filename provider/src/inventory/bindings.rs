//! Bindings of identities to principals on platforms, in the database.
