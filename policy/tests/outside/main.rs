//! The decisions as programs see them: through public functions, with input that nobody has checked and questions that are
//! hard on purpose.

#[cfg(test)]
#[path = "../../benches/stress/families.rs"]
mod families;
#[cfg(test)]
mod fuzz;
#[cfg(test)]
mod matrix;
#[cfg(test)]
mod mutate;
#[cfg(test)]
mod stress;
#[cfg(test)]
#[path = "../../examples/matrix/verdicts.rs"]
mod verdicts;
