//! What is known about each platform today: data that ages, unlike the semantics.

pub mod actions;
mod bytes;
mod managed;

pub use managed::{aws_managed_policies, aws_managed_policy};
