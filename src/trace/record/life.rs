//! How long processes live: each holds a connection that ends with it, whatever ends it.

use super::wire::{HEADER_WORDS, Header, Kind, ROWS_SOCKET};
use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read};
use std::net::Shutdown;
use std::os::unix::net::{UnixDatagram, UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// The connections of the processes that run.
#[derive(Clone, Default)]
pub struct Lives(Arc<Mutex<BTreeMap<u64, UnixStream>>>);

impl Lives {
    /// Takes connections for as long as the program runs, and sends [`Kind::Gone`] to the rows' socket as each
    /// process ends: it then stands behind all that the process has sent.
    pub fn watch(&self, listener: UnixListener, folder: &Path) {
        let (lives, folder) = (self.clone(), folder.to_path_buf());
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (lives, folder) = (lives.clone(), folder.clone());
                // Without a thread for it, a process counts as alive until the end.
                let _ = thread::Builder::new().stack_size(1 << 16).spawn(move || lives.follow(stream, &folder));
            }
        });
    }

    /// Ends every process: the kernel kills it as its connection is shut.
    pub fn end_all(&self) {
        let lives = self.0.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        for stream in lives.values() {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    fn follow(&self, mut stream: UnixStream, folder: &Path) -> Option<()> {
        let mut name = [0; 8];
        stream.read_exact(&mut name).ok()?;
        let instance = u64::from_le_bytes(name);
        self.0.lock().ok()?.insert(instance, stream.try_clone().ok()?);
        // Nothing more is sent, so this waits for the end.
        let _ = stream.read(&mut name);
        self.0.lock().ok()?.remove(&instance);
        // A program may close what it finds open, or become another program; neither is its end.
        let mut pause = Duration::from_micros(100);
        while is_alive(instance >> 32) {
            thread::sleep(pause);
            pause = (2 * pause).min(Duration::from_millis(50));
        }
        tell(folder, Header { kind: Kind::Gone, thread: 0, instance }).ok()
    }
}

/// Sends a datagram without a body to the rows' socket.
pub fn tell(folder: &Path, header: Header) -> io::Result<()> {
    let words: [u64; HEADER_WORDS] = header.words();
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    UnixDatagram::unbound()?.send_to(&bytes, folder.join(ROWS_SOCKET)).map(drop)
}

/// Whether a process is there and no zombie.
fn is_alive(pid: u64) -> bool {
    let about = fs::read_to_string(PathBuf::from(format!("/proc/{pid}/stat"))).unwrap_or_default();
    let state = about.rsplit_once(") ").map_or("", |(_, state)| state);
    !(state.is_empty() || state.starts_with(['Z', 'X']))
}
