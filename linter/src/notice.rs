//! A word on the terminal when a run takes longer than a moment, gone before anything else is said.

use std::io::{self, IsTerminal as _, Write};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// Whoever waits longer than this wonders.
const PATIENCE: Duration = Duration::from_secs(1);

const WORDS: &[u8] = b"nhi-lint is reading and judging \xe2\x80\xa6";

/// Back to the beginning of the line, and nothing on it.
const ERASE: &[u8] = b"\r\x1b[2K";

/// The word, shared by everything that writes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Notice(Arc<(Mutex<State>, Condvar)>);

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Waiting,
    Shown,
    Over,
}

impl Notice {
    /// One that shows itself on standard error in a while, if a person looks at it.
    pub(crate) fn start() -> Self {
        let notice = Self::default();
        if io::stderr().is_terminal() {
            let shared = notice.clone();
            // Without a thread there is no word, and nothing else is missing.
            let _ = thread::Builder::new().spawn(move || shared.wait(PATIENCE, &mut io::stderr()));
        }
        notice
    }

    fn wait(&self, patience: Duration, errors: &mut dyn Write) {
        let (state, changed) = &*self.0;
        let guard = state.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting = changed.wait_timeout_while(guard, patience, |it| *it == State::Waiting);
        let (mut guard, _) = waiting.unwrap_or_else(PoisonError::into_inner);
        if *guard == State::Waiting && errors.write_all(WORDS).and_then(|()| errors.flush()).is_ok()
        {
            *guard = State::Shown;
        }
    }

    /// Takes the word back, and shows none from now on.
    fn end(&self, errors: &mut dyn Write) -> io::Result<()> {
        let (state, changed) = &*self.0;
        let mut guard = state.lock().unwrap_or_else(PoisonError::into_inner);
        let was = std::mem::replace(&mut *guard, State::Over);
        changed.notify_all();
        if was == State::Shown {
            errors.write_all(ERASE).and_then(|()| errors.flush())
        } else {
            Ok(())
        }
    }
}

/// A stream of the program, before which the word goes away.
pub(crate) struct Speaking<W>(pub(crate) W, pub(crate) Notice);

impl<W: Write> Write for Speaking<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.1.end(&mut io::stderr())?;
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.1.end(&mut io::stderr())?;
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_run_has_a_word_and_takes_it_back_once() {
        let notice = Notice::default();
        let mut errors = Vec::new();
        notice.wait(Duration::ZERO, &mut errors);
        assert_eq!(errors, WORDS);
        notice.end(&mut errors).unwrap();
        notice.end(&mut errors).unwrap();
        assert_eq!(errors, [WORDS, ERASE].concat());
    }

    #[test]
    fn a_short_run_has_none() {
        let notice = Notice::default();
        let mut errors = Vec::new();
        notice.end(&mut errors).unwrap();
        notice.wait(Duration::ZERO, &mut errors);
        assert_eq!(errors, b"");
    }
}
