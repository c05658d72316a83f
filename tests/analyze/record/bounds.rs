//! Does a recording hold where there is much of something, and where others are about?

use super::*;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::net::UnixListener;
use std::process::ExitStatus;

/// How `analyze` ended, which it must.
fn ended(analyze: &mut Child) -> ExitStatus {
    let mut status = None;
    eventually(
        || {
            status = analyze.try_wait().unwrap();
            status.is_some()
        },
        "the recording ends",
    );
    status.unwrap()
}

#[test]
fn threads_never_share_what_they_have_not_yet_sent() {
    if !ready(&["cc"]) {
        return;
    }
    let place = Place::new();
    let mut cc = Command::new("cc");
    cc.args(["-O1", "-pthread", "-rdynamic", "-o"]).arg(place.0.path().join("emulator"));
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/emulator.c");
    assert!(cc.arg(source).arg("-ldl").status().unwrap().success());
    let run = place.record(&["--qemu", "./emulator"], &["true"]);
    assert!(run.status.success(), "{}", text(&run.stderr));
    let threads = [0, 1].map(|page| {
        let of_page: Vec<_> = place.rows().into_iter().filter(|row| row.address == REGION + page * PAGE).collect();
        assert_eq!(of_page.len(), 100_000);
        assert!(of_page.iter().all(|row| row.thread == of_page[0].thread));
        of_page[0].thread
    });
    assert_ne!(threads[0], threads[1]);
}

#[test]
fn more_processes_than_open_files_end_the_recording_with_a_remedy() {
    if !ready(&["cc", "qemu-x86_64"]) {
        return;
    }
    let limited = |limit: &str| {
        let place = Place::new();
        let analyze = place.command(&[], &[&program("crowd"), "60"]);
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(format!("{limit}; exec \"$@\"")).arg("sh");
        shell.arg(analyze.get_program()).args(analyze.get_args()).current_dir(place.0.path());
        shell.env("TMPDIR", place.0.path().join("scratch"));
        let mut shell = shell.stdin(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let status = ended(&mut shell);
        (status.code(), text(&shell.wait_with_output().unwrap().stderr), place)
    };
    let (code, said, place) = limited("ulimit -S -n 48");
    assert_eq!(code, Some(0), "the limit is raised as far as it may be: {said}");
    assert_eq!(place.rows().iter().map(|row| row.process).max(), Some(61));
    let (code, said, place) = limited("ulimit -n 48");
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("processes at the same time") && said.contains("ulimit -n"), "{said}");
    assert!(!place.trace().exists());
}

#[test]
fn no_other_user_can_enter_and_strange_folders_are_left() {
    if !ready(&["cc", "qemu-x86_64"]) {
        return;
    }
    let place = Place::new();
    let scratch = place.0.path().join("scratch");
    let fifo = scratch.join("vmmu-fifo");
    fs::create_dir_all(&fifo).unwrap();
    assert!(Command::new("mkfifo").arg(fifo.join("lock")).status().unwrap().success());
    let listened = scratch.join("vmmu-listened");
    fs::create_dir(&listened).unwrap();
    let _listener = UnixListener::bind(listened.join("life")).unwrap();
    for folder in [&fifo, &listened] {
        File::open(folder).unwrap().set_modified(SystemTime::now() - Duration::from_secs(3600)).unwrap();
    }
    let ids = place.0.path().join("ids");
    let mut analyze = place.command(&[], &[&program("forever"), ids.to_str().unwrap()]);
    let mut analyze = analyze.stderr(Stdio::piped()).spawn().unwrap();
    eventually(|| ids.exists(), "the program runs");
    let folders: Vec<_> = fs::read_dir(&scratch).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert_eq!(folders.len(), 3, "{folders:?}");
    let own = folders.iter().find(|folder| **folder != fifo && **folder != listened).unwrap();
    assert_eq!(own.metadata().unwrap().permissions().mode() & 0o777, 0o700);
    // One that goes on for long is not taken for one that was abandoned.
    File::open(own).unwrap().set_modified(SystemTime::now() - Duration::from_secs(3600)).unwrap();
    assert!(place.record(&[], &[&program("known")]).status.success());
    assert!(own.exists());
    kill("-TERM", analyze.id());
    assert!(ended(&mut analyze).success());
}

#[test]
fn a_program_that_becomes_another_user_goes_on_being_recorded() {
    if !ready(&["cc", "qemu-x86_64"]) || !fs::metadata("/proc/self").is_ok_and(|own| MetadataExt::uid(&own) == 0) {
        return;
    }
    fs::set_permissions(programs(), fs::Permissions::from_mode(0o755)).unwrap();
    let place = Place::new();
    let run = place.record(&[], &[&program("drops")]);
    assert!(run.status.success(), "{:?} {}", run.status, text(&run.stderr));
    let rows = place.rows();
    let pages =
        rows.iter().filter(|row| row.op == Op::Store && row.address >= REGION && row.address < REGION + 4 * PAGE);
    assert_eq!(pages.map(|row| (row.address - REGION) / PAGE).collect::<Vec<_>>(), [1, 2]);
}

#[test]
fn an_interrupt_ends_valgrind_too() {
    if !ready(&["cc", "valgrind"]) {
        return;
    }
    let interrupted = |signal: &str| {
        let place = Place::new();
        let (mut analyze, ids) = endless(&place, &["--with", "lackey"]);
        kill(signal, analyze.id());
        assert_eq!(ended(&mut analyze).code(), Some(0));
        for id in ids {
            eventually(|| !is_alive(id), "Valgrind and what it has forked end with the recording");
        }
        assert!(place.rows().len() > 10_000);
    };
    std::thread::scope(|scope| {
        for signal in ["-INT", "-TERM"] {
            scope.spawn(move || interrupted(signal));
        }
    });
}
