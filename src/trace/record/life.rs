//! How long processes live: each holds a connection that ends with it, whatever ends it.

use super::wire::{HEADER_WORDS, Header, Kind, ROWS_SOCKET};
use crate::error::{Error, Result};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::fs;
use std::io::{self, ErrorKind, Read};
use std::net::Shutdown;
use std::os::unix::net::{UnixDatagram, UnixListener, UnixStream};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::thread;
use std::time::Duration;

/// How often to ask whether a process is there that has lost its connection: at first, and at last.
const PAUSES: [Duration; 2] = [Duration::from_micros(200), Duration::from_millis(50)];

/// The connections of the processes that run.
#[derive(Clone, Default)]
pub struct Lives(Arc<Known>);

#[derive(Default)]
struct Known {
    connections: Mutex<Vec<Arc<UnixStream>>>,
    /// Why no further connection can be taken.
    failed: OnceLock<io::Error>,
}

impl Lives {
    /// Takes connections for as long as the program runs, and sends [`Kind::Gone`] to the rows' socket as each
    /// process ends: it then stands behind all that the process has sent.
    ///
    /// # Errors
    /// [`Error::Failed`] if the rows' socket cannot be reached.
    pub fn watch(&self, listener: UnixListener, folder: &Path) -> Result<()> {
        let to_rows = sender(folder)?;
        let mut watch = Watch { known: self.0.clone(), listener, to_rows, lives: Vec::new(), ending: Vec::new() };
        thread::spawn(move || watch.run());
        Ok(())
    }

    /// Ends every process: the kernel kills it as its connection is shut.
    pub fn end_all(&self) {
        for stream in self.0.connections().iter() {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    /// Why a process is not heard of and never will be, if that has happened.
    pub fn failure(&self) -> Option<Error> {
        let cause = self.0.failed.get()?;
        let limit = getrlimit(Resource::Nofile).current.map_or("unlimited".into(), |limit| limit.to_string());
        Some(Error::failed(
            format!("record {} processes at the same time and one more", self.0.connections().len()),
            format!(
                "{cause}\n  expected: an open file for each, and a few\n  remedy: raise the limit of open files, {limit}: ulimit -n"
            ),
        ))
    }
}

impl Known {
    fn connections(&self) -> MutexGuard<'_, Vec<Arc<UnixStream>>> {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Lets this process, and none that it has started, open as many files as it may: it needs one for each that it records.
pub fn raise_limit() {
    let limit = getrlimit(Resource::Nofile);
    // Where it cannot be raised, fewer processes can be recorded.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit });
}

/// All connections, followed by one thread: nothing but descriptors bounds how many there are.
struct Watch {
    known: Arc<Known>,
    listener: UnixListener,
    to_rows: UnixDatagram,
    lives: Vec<Life>,
    /// Instances whose connections have ended, and how long to wait before their processes are looked at again.
    ending: Vec<u64>,
}

/// A connection, and the instance at its other end once it has told.
struct Life {
    stream: Arc<UnixStream>,
    instance: Option<u64>,
}

impl Watch {
    fn run(&mut self) {
        let mut pause = PAUSES[0];
        while self.known.failed.get().is_none() {
            let ended = self.ending.len();
            self.wait(pause);
            // A program may close what it finds open, or become another program; neither is its end.
            pause = if self.ending.len() > ended { PAUSES[0] } else { PAUSES[1].min(2 * pause) };
            let to_rows = &self.to_rows;
            self.ending.retain(|&instance| {
                is_alive(instance >> 32) || tell(to_rows, Header { kind: Kind::Gone, thread: 0, instance }).is_err()
            });
        }
    }

    /// Waits for a connection, or the end of one, and no longer than `pause` while processes are ending.
    fn wait(&mut self, pause: Duration) {
        let pause = Timespec { tv_sec: 0, tv_nsec: pause.subsec_nanos().into() };
        let mut all = vec![PollFd::new(&self.listener, PollFlags::IN)];
        all.extend(self.lives.iter().map(|life| PollFd::new(&*life.stream, PollFlags::IN)));
        if poll(&mut all, Some(&pause).filter(|_| !self.ending.is_empty())).is_err() {
            return thread::sleep(PAUSES[1]);
        }
        let mut ready = all.iter().map(|it| !it.revents().is_empty()).collect::<Vec<_>>().into_iter();
        let more = ready.next() == Some(true);
        let (known, ending) = (&self.known, &mut self.ending);
        self.lives.retain_mut(|life| {
            let lives = ready.next() == Some(false) || life.goes_on();
            if !lives {
                known.connections().retain(|stream| !Arc::ptr_eq(stream, &life.stream));
                ending.extend(life.instance);
            }
            lives
        });
        if more {
            self.accept();
        }
    }

    fn accept(&mut self) {
        match self.listener.accept() {
            Ok((stream, _)) => {
                let stream = Arc::new(stream);
                self.known.connections().push(stream.clone());
                self.lives.push(Life { stream, instance: None });
            }
            Err(error) if matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::ConnectionAborted) => {}
            Err(error) => {
                let _ = self.known.failed.set(error);
            }
        }
    }
}

impl Life {
    /// Takes the instance's name, the only thing that is said. `false` at the end.
    fn goes_on(&mut self) -> bool {
        let mut name = [0; 8];
        let told = (&*self.stream).read(&mut name).is_ok_and(|count| count == name.len());
        self.instance = self.instance.or(told.then(|| u64::from_le_bytes(name)));
        told
    }
}

/// A socket that sends to the rows' socket.
pub fn sender(folder: &Path) -> Result<UnixDatagram> {
    let socket = UnixDatagram::unbound().and_then(|socket| socket.connect(folder.join(ROWS_SOCKET)).map(|()| socket));
    socket.map_err(|error| Error::failed("reach the recorder's socket", error))
}

/// Sends a datagram without a body.
pub fn tell(to_rows: &UnixDatagram, header: Header) -> io::Result<()> {
    let words: [u64; HEADER_WORDS] = header.words();
    let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
    to_rows.send(&bytes).map(drop)
}

/// Whether a process is there and no zombie. One that cannot be looked at is there.
fn is_alive(pid: u64) -> bool {
    match fs::read_to_string(format!("/proc/{pid}/stat")) {
        Ok(about) => about.rsplit_once(") ").is_none_or(|(_, state)| !state.starts_with(['Z', 'X'])),
        // ESRCH: it ended in between.
        Err(error) => error.kind() != ErrorKind::NotFound && error.raw_os_error() != Some(3),
    }
}
