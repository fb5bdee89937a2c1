//! The decisions as programs see them: through public functions, with input that nobody has checked.

#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod mutate;
