//! A program that signs. It gets the request on its standard input and answers on its standard output; what it says on standard
//! error is repeated when it fails. It and what it started are gone when it has taken too long.

use std::io::{self, Read, Write as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use super::{LONGEST, tail};

/// How often it is looked whether the program has ended: a fraction of what starting one takes.
const PAUSE: Duration = Duration::from_millis(2);

/// What the program answers; else what went wrong, as the rest of a sentence about it.
pub(super) fn ask(words: &[String], request: &[u8], timeout: Duration) -> Result<Vec<u8>, String> {
    let (program, arguments) = words.split_first().ok_or("is empty")?;
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    // A Ctrl-C is Terraform's to answer: what is being signed is finished.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    let mut child = command.spawn().map_err(|error| format!("cannot be started: {error}"))?;
    let deadline = Instant::now() + timeout;
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let request = request.to_vec();
    // On threads of their own, so that neither side waits for the other to read. A program may answer without reading.
    thread::spawn(move || stdin.map(|mut stdin| stdin.write_all(&request)));
    let (output, said) = (read(stdout), read(stderr));
    let Some(status) = ended(&mut child, deadline) else {
        stop(&mut child);
        return Err(format!("gave no answer within {} s", timeout.as_secs()));
    };
    let rest = || deadline.saturating_duration_since(Instant::now()).max(PAUSE * 50);
    if !status.success() {
        let said = said.recv_timeout(rest()).unwrap_or_default();
        let said = tail(&String::from_utf8_lossy(&said), "");
        let code = status.code().map_or("a signal".to_owned(), |code| format!("exit code {code}"));
        return Err(if said.is_empty() {
            format!("ended with {code}")
        } else {
            format!("ended with {code}: {said}")
        });
    }
    output.recv_timeout(rest()).map_err(|_| "ended and left its output open".to_owned())
}

/// Reads to the end, on a thread.
fn read(from: Option<impl Read + Send + 'static>) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(mut from) = from {
            // What was read before an error counts; what is too long is read and dropped, so that nobody is stuck writing it.
            let _partly = from.by_ref().take(LONGEST).read_to_end(&mut bytes);
            let _rest = io::copy(&mut from, &mut io::sink());
        }
        // Nobody waits for it any more when time was up.
        let _late = sender.send(bytes);
    });
    receiver
}

fn ended(child: &mut Child, deadline: Instant) -> Option<ExitStatus> {
    loop {
        // A child that cannot be asked about has no status that could be trusted.
        if let Some(status) = child.try_wait().ok()? {
            return Some(status);
        }
        if Instant::now() >= deadline {
            return None;
        }
        thread::sleep(PAUSE);
    }
}

/// Ends the program and what it started.
fn stop(child: &mut Child) {
    #[cfg(unix)]
    {
        use rustix::process::{Pid, Signal, kill_process_group};
        // It may have ended by itself just now.
        let _gone = kill_process_group(Pid::from_child(child), Signal::KILL);
    }
    let _gone = child.kill();
    let _reaped = child.wait();
}
