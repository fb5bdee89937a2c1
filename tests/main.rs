//! Both programs seen from outside.

mod acceptance;
mod architecture;
mod plans;
