//! Every decision that both programs make, and nothing else: governance facts, identity templates, containment.
//!
//! Pure: no I/O, no async, no clock, no globals. The caller passes in text and the current time; what comes back is a
//! value. Reading order: [`text`] (strings that may have unknown parts), [`verdict`] (the three answers), [`json`]
//! (policy documents with spans), [`problem`] (what is wrong with them), [`aws`], [`azure`], [`gcp`], [`github`],
//! [`kubernetes`] and [`vault`] (containment), [`export`] (what the clouds' own tools write about roles), [`governance`]
//! (owner, purpose, expiry), [`template`] (the template language) and [`catalogue`] (what is known about each platform
//! today).

pub mod text;
pub mod verdict;

pub mod aws;
pub mod azure;
pub mod catalogue;
pub mod export;
pub mod gcp;
pub mod github;
mod glob;
pub mod governance;
mod hierarchy;
pub mod json;
pub mod kubernetes;
pub mod problem;
pub mod template;
pub mod vault;
