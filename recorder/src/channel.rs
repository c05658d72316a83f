//! To `analyze`: datagrams, and one connection whose end tells that the process has ended.
//!
//! The program shares this process's descriptors and may close any of them. So a descriptor is looked at before it is
//! used, and opened again if it is no longer ours.

use crate::libc;
use crate::settings::Settings;
use crate::wire::{HEADER_WORDS, Header, Kind, LIFE_SOCKET, ROWS_SOCKET};
use std::ffi::c_int;
use std::io::{self, Error, ErrorKind, Write};
use std::mem::ManuallyDrop;
use std::os::fd::{AsRawFd, FromRawFd, IntoRawFd, OwnedFd, RawFd};
use std::os::unix::net::{UnixDatagram, UnixStream};
use std::path::Path;
use std::sync::atomic::{AtomicI32, Ordering::Relaxed};

/// Descriptors from here on are seldom the program's.
const FIRST_DESCRIPTOR: c_int = 700;
static SEND_BYTES: c_int = 1 << 20;

static ROWS: AtomicI32 = AtomicI32::new(-1);
static LIFE: AtomicI32 = AtomicI32::new(-1);

/// Sends a datagram whose first words are left for the header. Waits while `analyze` is busy; if it is gone, this
/// process ends too.
pub fn send(header: Header, words: &mut [u64]) {
    words[..HEADER_WORDS].copy_from_slice(&header.words());
    // SAFETY: any initialized memory may be read as bytes.
    let bytes = unsafe { std::slice::from_raw_parts(words.as_ptr().cast::<u8>(), size_of_val(words)) };
    loop {
        let socket = rows();
        match socket.send(bytes) {
            Ok(_) => return,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            // The kernel has no memory just now.
            Err(error) if error.raw_os_error() == Some(libc::ENOBUFS) => std::thread::yield_now(),
            Err(error) => die(&error),
        }
    }
}

/// Sends a datagram with a short body.
pub fn tell(kind: Kind, instance: u64, body: &[u64]) {
    let mut words = vec![0; HEADER_WORDS];
    words.extend_from_slice(body);
    send(Header { kind, thread: 0, instance }, &mut words);
}

/// Sends a text.
pub fn tell_text(kind: Kind, instance: u64, text: &[u8]) {
    let words: Vec<u64> = text
        .chunks(8)
        .map(|chunk| {
            let mut bytes = [0; 8];
            bytes[..chunk.len()].copy_from_slice(chunk);
            u64::from_le_bytes(bytes)
        })
        .collect();
    tell(kind, instance, &words);
}

/// The socket for datagrams, never closed by its drop.
fn rows() -> ManuallyDrop<UnixDatagram> {
    let meeting = &Settings::get().meeting;
    let known = ROWS.load(Relaxed);
    if known >= 0 {
        // SAFETY: a descriptor that may have been closed or taken by the program is only looked at; it is not dropped.
        let socket = ManuallyDrop::new(unsafe { UnixDatagram::from_raw_fd(known) });
        let path = meeting.folder.join(ROWS_SOCKET);
        if socket.peer_addr().is_ok_and(|peer| peer.as_pathname() == Some(&path)) {
            return socket;
        }
    }
    let way = meeting.way().join(ROWS_SOCKET);
    let socket = UnixDatagram::unbound()
        .and_then(|socket| socket.connect(way).map(|()| socket))
        .unwrap_or_else(|error| die(&error));
    let raised = raised(socket.into());
    // SAFETY: setsockopt reads one c_int. That the kernel grants less is no matter.
    unsafe {
        libc::setsockopt(
            raised,
            libc::SOL_SOCKET,
            libc::SO_SNDBUF,
            (&raw const SEND_BYTES).cast(),
            size_of::<c_int>() as u32,
        )
    };
    ROWS.store(raised, Relaxed);
    // SAFETY: `raised` is ours and stays open: nobody drops it.
    ManuallyDrop::new(unsafe { UnixDatagram::from_raw_fd(raised) })
}

/// Opens the connection that lasts as long as this process, which the kernel kills when `analyze` ends: nothing
/// recorded outlives its recorder. The parent's connection, if this is a fork, is given up.
pub fn connect_life(instance: u64) {
    let meeting = &Settings::get().meeting;
    give_up(LIFE.swap(-1, Relaxed), &meeting.folder.join(LIFE_SOCKET));
    let connected = UnixStream::connect(meeting.way().join(LIFE_SOCKET));
    let stream = connected.and_then(|mut stream| stream.write_all(&instance.to_le_bytes()).map(|()| stream));
    let stream = stream.unwrap_or_else(|error| die(&error));
    let raised = raised(stream.into());
    let process = std::process::id() as c_int;
    // SAFETY: these commands take an int and change only what the descriptor does. Nothing is ever written to it again,
    // and `analyze` writes nothing, so its end is the only event that the signal can stand for.
    unsafe {
        libc::fcntl(raised, libc::F_SETOWN, process);
        libc::fcntl(raised, libc::F_SETSIG, libc::SIGKILL);
        libc::fcntl(raised, libc::F_SETFL, libc::O_ASYNC);
    }
    LIFE.store(raised, Relaxed);
}

fn give_up(descriptor: RawFd, path: &Path) {
    if descriptor < 0 {
        return;
    }
    // SAFETY: only looked at, and dropped, that is closed, only if it is still ours.
    let stream = ManuallyDrop::new(unsafe { UnixStream::from_raw_fd(descriptor) });
    if stream.peer_addr().is_ok_and(|peer| peer.as_pathname() == Some(path)) {
        drop(ManuallyDrop::into_inner(stream));
    }
}

/// The same under a number that the program does not expect to be free, if there is one.
fn raised(descriptor: OwnedFd) -> RawFd {
    // SAFETY: duplicates a descriptor that we own.
    let high = unsafe { libc::fcntl(descriptor.as_raw_fd(), libc::F_DUPFD_CLOEXEC, FIRST_DESCRIPTOR) };
    if high < 0 { descriptor.into_raw_fd() } else { high }
}

/// Ends a process whose recorder has gone; or, which it then says, cannot be reached: a program that has changed its user
/// may have closed the way there, and one that has no descriptor left cannot open any.
fn die(why: &Error) -> ! {
    if why.kind() == ErrorKind::PermissionDenied || why.raw_os_error() == Some(libc::EMFILE) {
        let process = std::process::id();
        // Its standard error may be closed.
        let _ =
            writeln!(io::stderr(), "analyze: process {process} was ended, since it cannot reach its recorder: {why}");
    }
    // SAFETY: kill has no memory to mistreat.
    unsafe { libc::kill(std::process::id() as c_int, libc::SIGKILL) };
    std::process::abort()
}
