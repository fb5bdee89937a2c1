//! Both programs seen from outside.

// The attribute says nothing new to the compiler; it tells clippy that a panic in here is a failed test.
#[cfg(test)]
mod acceptance;
#[cfg(test)]
mod agreement;
#[cfg(test)]
mod architecture;
#[cfg(test)]
mod guides;
#[cfg(test)]
mod plans;
