//! A Unix domain socket behind which somebody signs: one connection for each signature, one line each way.

use std::io::{BufRead as _, BufReader, ErrorKind, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::time::Duration;

use super::LONGEST;

/// What is answered; else what went wrong, as the rest of a sentence about the socket.
pub(super) fn ask(path: &Path, request: &[u8], timeout: Duration) -> Result<Vec<u8>, String> {
    let failed = |error: std::io::Error| {
        if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) {
            format!("gave no answer within {} s", timeout.as_secs())
        } else {
            format!("cannot be used: {error}")
        }
    };
    let mut stream = UnixStream::connect(path).map_err(failed)?;
    stream.set_read_timeout(Some(timeout)).map_err(failed)?;
    stream.set_write_timeout(Some(timeout)).map_err(failed)?;
    stream.write_all(request).map_err(failed)?;
    let mut answer = Vec::new();
    BufReader::new(stream.take(LONGEST)).read_until(b'\n', &mut answer).map_err(failed)?;
    Ok(answer)
}
