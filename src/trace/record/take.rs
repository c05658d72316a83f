//! A recording, from the program's start to the trace's last row.

use super::draft::Draft;
use super::emulator::Emulator;
use super::folder::Folder;
use super::life::{self, Lives};
use super::processes::Processes;
use super::window::WindowPosition;
use super::wire::{Header, Kind, MOST_BYTES};
use super::{ASSUMED, ASSUMED_OF_FETCHES, Recording, TIMES, typed};
use crate::error::{Defect, Error, Result};
use crate::trace::parquet::{Encoded, Encoder, ParquetSink, Written};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::os::unix::net::UnixDatagram;
use std::process::{Child, ExitStatus};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// How often to look for a signal while nothing comes in.
pub const TICK: Duration = Duration::from_millis(50);
/// How long programs may take to end by themselves after a signal, and children to be heard of after the program's end.
pub const GRACE: Duration = Duration::from_secs(1);

/// Why a recording ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The program ended, and all that it had started.
    Over(ExitStatus),
    /// The window did; the program was killed.
    Full,
    /// A signal to `analyze` did.
    Interrupted,
}

/// What a recording made.
#[derive(Clone, Debug)]
pub struct Recorded {
    pub written: Written,
    pub accesses: u64,
    pub processes: u32,
    /// Accesses that crossed a 4 KiB boundary and became two rows.
    pub split: u64,
    /// Programs that were run and not recorded, with the reason.
    pub left: Vec<String>,
    pub ending: Ending,
    /// From the program's start to the trace's last byte.
    pub took: Duration,
}

/// Records a program to `recording.output`, which appears only if all went well.
///
/// # Errors
/// [`Error::Input`] if the program cannot be run under QEMU; [`Error::Failed`] if it ended before its first
/// instruction or the output cannot be written.
pub fn record(recording: &Recording, emulator: &Emulator) -> Result<Recorded> {
    let folder = Folder::new()?;
    let sink = ParquetSink::create(&recording.output, notes(recording, emulator))?;
    let mut sink = if recording.quick { sink.quick() } else { sink };
    let signals = signals()?;
    let lives = Lives::default();
    let listener = folder.life.try_clone().map_err(|error| Error::failed("listen to the recorder", error))?;
    lives.watch(listener, &folder.meeting.folder)?;
    let to_rows = life::sender(&folder.meeting.folder)?;
    let begun = Instant::now();
    let child = emulator.start(&recording.command, &folder.meeting, recording.fetch)?;
    life::raise_limit();
    let status = wait_for(child, to_rows);
    let (to_writer, batches) = sync_channel(1);
    let (encoded, groups) = sync_channel(0);
    let (used, from_writer) = channel();
    let writer = if recording.times {
        thread::spawn(move || write_timed(sink, &batches, &used))
    } else {
        let encoder = sink.encoder()?;
        thread::spawn(move || encode(&encoder, &batches, &encoded));
        thread::spawn(move || write(sink, &groups, &used))
    };
    let processes = Processes::new(WindowPosition::new(recording.window));
    let mut taker = Taker { folder: &folder, lives: &lives, signals, status, processes, to_writer, from_writer };
    let taken = taker.take();
    lives.end_all();
    let Taker { processes, to_writer, .. } = taker;
    drop(to_writer);
    let sink = writer.join().map_err(|_| Error::failed("write the trace", "the writer ended early"))??;
    let ending = taken?;
    let accesses = processes.accesses();
    if accesses == 0 {
        return Err(nothing(recording, processes.skipped(), ending));
    }
    let written = finish(sink, &processes, ending)?;
    let took = begun.elapsed();
    let (processes, split, left) = (processes.count(), processes.split, processes.left);
    Ok(Recorded { written, accesses, processes, split, left, ending, took })
}

fn notes(recording: &Recording, emulator: &Emulator) -> BTreeMap<String, String> {
    let (only, more) = if recording.fetch { ("every access", ASSUMED_OF_FETCHES) } else { ("loads and stores", "") };
    let times = recording.times.then(|| ("times", TIMES.to_string()));
    let notes = [
        ("source", format!("recorded by vmmu {} with {}", env!("CARGO_PKG_VERSION"), emulator.version)),
        ("command", typed(&recording.command)),
        ("only", only.to_string()),
        ("window", recording.window.text()),
        ("assumed", format!("{ASSUMED}{more}")),
    ];
    notes.into_iter().chain(times).map(|(key, value)| (key.to_string(), value)).collect()
}

/// What to note once the run is over.
fn finish(mut sink: ParquetSink, processes: &Processes, ending: Ending) -> Result<Written> {
    let ended = match ending {
        Ending::Over(status) => format!("the program ended: {status}"),
        Ending::Full => "the window ended, and the program was ended with it".into(),
        Ending::Interrupted => "interrupted: what there was".into(),
    };
    sink.note("ended", ended);
    if !processes.left.is_empty() {
        sink.note("not_recorded", processes.left.join("; "));
    }
    sink.finish()
}

fn nothing(recording: &Recording, skipped: u64, ending: Ending) -> Error {
    let program = recording.command.first().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let ended = match ending {
        Ending::Over(status) => status.to_string(),
        Ending::Full | Ending::Interrupted => "stopped".into(),
    };
    let defect = |found: String| Defect::new(program, "", found);
    if skipped == 0 {
        return defect(format!("no access was recorded ({ended})"))
            .expected("a program that runs under QEMU")
            .remedy("see what QEMU said above; `qemu-x86_64 PROGRAM` runs it without recording")
            .into();
    }
    defect(format!("no access was recorded: the run had {skipped} ({ended})"))
        .expected(format!("a run of more than the {} that are to be skipped", recording.window.skip))
        .remedy("a smaller --skip")
        .into()
}

/// Set when `analyze` is told to stop.
pub fn signals() -> Result<Arc<AtomicBool>> {
    let flag = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        signal_hook::flag::register(signal, flag.clone()).map_err(|error| Error::failed("watch for signals", error))?;
    }
    Ok(flag)
}

/// The program's exit status, once it has one; then [`Kind::Ended`] is sent.
fn wait_for(mut child: Child, to_rows: UnixDatagram) -> Arc<Mutex<Option<ExitStatus>>> {
    let status = Arc::new(Mutex::new(None));
    let known = status.clone();
    thread::spawn(move || {
        let ended = child.wait().ok();
        *known.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) = ended;
        let _ = life::tell(&to_rows, Header { kind: Kind::Ended, thread: 0, instance: 0 });
    });
    status
}

/// Encodes batches until there are no more, or the writer has ended: while it writes one, the next is encoded.
fn encode(encoder: &Encoder, batches: &Receiver<Draft>, encoded: &SyncSender<(Draft, Encoded)>) {
    for batch in batches {
        let group = encoder.encode(batch.rows());
        if encoded.send((batch, group)).is_err() {
            return;
        }
    }
}

/// Writes row groups until there are no more, gives their batches' memory back, and the trace unfinished.
fn write(mut sink: ParquetSink, groups: &Receiver<(Draft, Encoded)>, used: &Sender<Draft>) -> Result<ParquetSink> {
    for (mut batch, group) in groups {
        sink.push_encoded(batch.rows(), group)?;
        batch.clear();
        // At the end nobody wants it.
        let _ = used.send(batch);
    }
    Ok(sink)
}

/// The same with times, on one thread.
fn write_timed(mut sink: ParquetSink, batches: &Receiver<Draft>, used: &Sender<Draft>) -> Result<ParquetSink> {
    for mut batch in batches {
        sink.extend_at(batch.rows(), Some(&batch.times()))?;
        batch.clear();
        let _ = used.send(batch);
    }
    Ok(sink)
}

/// Between the plugins and the writer.
struct Taker<'a> {
    folder: &'a Folder,
    lives: &'a Lives,
    signals: Arc<AtomicBool>,
    status: Arc<Mutex<Option<ExitStatus>>>,
    processes: Processes,
    to_writer: SyncSender<Draft>,
    from_writer: Receiver<Draft>,
}

impl Taker<'_> {
    fn take(&mut self) -> Result<Ending> {
        let failed = |error| Error::failed("listen to the recorder", error);
        self.folder.rows.set_read_timeout(Some(TICK)).map_err(failed)?;
        let (mut bytes, mut words) = (vec![0; MOST_BYTES], Vec::new());
        let (mut over, mut told) = (None, None);
        loop {
            match self.folder.rows.recv(&mut bytes) {
                Ok(count) => {
                    words.clear();
                    words.extend(bytes[..count].as_chunks().0.iter().map(|&word| u64::from_le_bytes(word)));
                    if let Some((header, body)) = Header::parse(&words) {
                        over = over.or((header.kind == Kind::Ended).then(Instant::now));
                        self.processes.take(header, body);
                    }
                }
                Err(error)
                    if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted) => {
                }
                Err(error) => return Err(failed(error)),
            }
            if let Some(failure) = self.lives.failure() {
                return Err(failure);
            }
            let ending = self.ending(over, &mut told);
            if self.processes.rows.is_full() || ending.is_some() {
                self.hand_over()?;
            }
            if let Some(ending) = ending {
                return Ok(ending);
            }
        }
    }

    /// Whether it is time to end. `over` is when the program ended, `told` when a signal told to stop.
    fn ending(&self, over: Option<Instant>, told: &mut Option<Instant>) -> Option<Ending> {
        if self.processes.full {
            return Some(Ending::Full);
        }
        if self.signals.load(Relaxed) && told.is_none() {
            *told = Some(Instant::now());
        }
        let is_over = over.is_some_and(|over| {
            self.processes.alive() == 0 && (self.processes.expected() == 0 || over.elapsed() > GRACE)
        });
        if is_over {
            let status = self.status.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
            return Some(status.filter(|_| told.is_none()).map_or(Ending::Interrupted, Ending::Over));
        }
        // A signal from the terminal went to the program too, which may still have something to say.
        let waited = told.is_some_and(|told| told.elapsed() > GRACE);
        waited.then(|| self.lives.end_all()).map(|()| Ending::Interrupted)
    }

    fn hand_over(&mut self) -> Result<()> {
        let empty = self.from_writer.try_recv().unwrap_or_else(|_| Draft::new());
        let rows = std::mem::replace(&mut self.processes.rows, empty);
        self.to_writer.send(rows).map_err(|_| Error::failed("write the trace", "the writer ended early"))
    }
}
