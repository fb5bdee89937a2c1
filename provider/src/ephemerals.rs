//! The table of ephemeral resources: one line each, in the order of their names.
