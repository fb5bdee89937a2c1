//! Exceptions from rules, in the database.
