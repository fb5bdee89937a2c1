//! Whole commands, and the rules about rules.
