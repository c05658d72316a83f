//! Does a recording end as it should, whatever ends it, and is it invisible to the program?

use super::*;

#[test]
fn pipelines_scripts_and_exit_codes_pass_through() {
    if !ready(&["cc", "qemu-x86_64"]) {
        return;
    }
    let place = Place::new();
    let steps = program("steps.static");
    let script = format!("{steps} | cat; head -c 3 | wc -c; exit 7");
    let run = place.command(&[], &["sh", "-c", &script]).stdin(Stdio::null()).output().unwrap();
    assert_eq!(run.status.code(), Some(7), "{}", text(&run.stderr));
    assert_eq!(text(&run.stdout), format!("{REGION:#x}\n0\n"));
    let rows = place.rows();
    let processes = rows.iter().map(|row| row.process).max().unwrap();
    assert!(processes >= 6, "{processes}: the shell, four commands, and the child of one");
    let forks = rows.iter().filter(|row| row.op == Op::Fork).count();
    let exits = rows.iter().filter(|row| row.op == Op::Exit).count();
    assert!(exits > forks, "each process exits, and again where it became another program: {exits}, {forks}");
    let in_region = rows.iter().filter(|row| row.op == Op::Store && row.address == REGION);
    assert_eq!(in_region.count(), 3, "a program run by the shell is recorded");
    assert!(place.note("command").starts_with("sh -c "));

    let file = place.0.path().join("script");
    fs::write(&file, "#!/bin/sh -e\nkill -9 $$\n").unwrap();
    assert!(Command::new("chmod").arg("+x").arg(&file).status().unwrap().success());
    let run = place.record(&[], &["./script"]);
    assert_eq!(run.status.code(), Some(128 + 9), "{}", text(&run.stderr));
    assert!(text(&run.stderr).contains("signal: 9"), "{}", text(&run.stderr));
}

#[test]
fn a_killed_analyze_leaves_neither_a_trace_nor_processes() {
    if !ready(&["cc", "qemu-x86_64"]) {
        return;
    }
    let place = Place::new();
    let (mut analyze, ids) = endless(&place, &[]);
    kill("-KILL", analyze.id());
    analyze.wait().unwrap();
    for id in ids {
        eventually(|| !is_alive(id), "recorded processes end with their recorder");
    }
    assert!(!place.trace().exists());
    // What it could not remove, the next recording does, once it is old enough to be nobody's beginning.
    let scratch = place.0.path().join("scratch");
    let left = |folder: &Path, prefix: &str| -> Vec<PathBuf> {
        let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        paths.filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with(prefix)).collect()
    };
    let both = || [left(place.0.path(), ".partial-"), left(&scratch, "vmmu-")].concat();
    assert_eq!(both().len(), 2);
    for path in both() {
        File::open(path).unwrap().set_modified(SystemTime::now() - Duration::from_secs(3600)).unwrap();
    }
    assert!(place.record(&[], &[&program("known")]).status.success());
    assert!(both().is_empty(), "{:?}", both());
}

#[test]
fn standard_input_output_and_error_are_the_programs_own() {
    if !ready(&["cc", "qemu-x86_64"]) {
        return;
    }
    let place = Place::new();
    let mut command = place.command(&[], &["sh", "-c", "read line; echo \"got $line\"; echo oops >&2"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut analyze = command.spawn().unwrap();
    analyze.stdin.take().unwrap().write_all(b"a line\n").unwrap();
    let run = analyze.wait_with_output().unwrap();
    assert_eq!(text(&run.stdout), "got a line\n");
    assert!(run.status.success() && text(&run.stderr).starts_with("oops\n"), "{}", text(&run.stderr));
}

#[test]
fn a_killed_program_leaves_a_sound_trace() {
    if !ready(&["cc", "qemu-x86_64"]) {
        return;
    }
    let place = Place::new();
    let (mut analyze, [parent, child]) = endless(&place, &[]);
    // QEMU and the program are one process. The child goes on alone, and is recorded until it ends.
    kill("-KILL", parent);
    sleep(Duration::from_millis(200));
    assert!(analyze.try_wait().unwrap().is_none() && is_alive(child));
    kill("-KILL", child);
    assert_eq!(analyze.wait().unwrap().code(), Some(128 + 9));
    let rows = place.rows();
    assert_eq!(rows.iter().filter(|row| row.op == Op::Exit).count(), 2);
}

#[test]
fn an_interrupt_ends_the_recording_with_what_there_is() {
    if !ready(&["cc", "qemu-x86_64"]) {
        return;
    }
    for signal in ["-INT", "-TERM"] {
        let place = Place::new();
        let (mut analyze, ids) = endless(&place, &[]);
        sleep(Duration::from_millis(100));
        kill(signal, analyze.id());
        assert_eq!(analyze.wait().unwrap().code(), Some(0));
        for id in ids {
            eventually(|| !is_alive(id), "recorded processes end with the recording");
        }
        assert!(place.rows().len() > 100_000);
        assert!(place.note("ended").starts_with("interrupted"));
        let left = |folder: &Path| fs::read_dir(folder).unwrap().count();
        assert_eq!(left(place.0.path()), 3, "the trace, the program's own file, and the scratch folder");
        assert_eq!(left(&place.0.path().join("scratch")), 0);
    }
}

#[test]
fn what_cannot_be_recorded_is_said_with_a_remedy() {
    let place = Place::new();
    let said = |options: &[&str], command: &[&str]| {
        let run = place.record(options, command);
        assert_eq!(run.status.code(), Some(2), "{}", text(&run.stderr));
        assert!(!place.trace().exists());
        text(&run.stderr)
    };
    let missing = said(&["--qemu", "/nowhere/qemu-x86_64"], &["true"]);
    assert!(missing.contains("apt install qemu-user") && missing.contains("--with lackey"), "{missing}");
    fs::write(place.0.path().join("plain"), "#!/bin/sh\necho qemu-x86_64 version 9.9\n").unwrap();
    assert!(Command::new("chmod").arg("+x").arg(place.0.path().join("plain")).status().unwrap().success());
    let bare = said(&["--qemu", "./plain"], &["true"]);
    assert!(bare.contains("version 9.9 was built without plugins") && bare.contains("--qemu"), "{bare}");
    assert!(said(&["--limit", "0"], &["true"]).contains("at least 1"));
    if !ready(&["cc", "qemu-x86_64"]) {
        return;
    }
    assert!(said(&[], &["no-such-program"]).contains("not found on the path"));
    assert!(said(&[], &["/"]).contains("cannot be run"));
    fs::write(place.0.path().join("plain"), "echo").unwrap();
    assert!(Command::new("chmod").arg("-x").arg(place.0.path().join("plain")).status().unwrap().success());
    assert!(said(&[], &["./plain"]).contains("cannot be run"));
    assert!(Command::new("chmod").arg("+x").arg(place.0.path().join("plain")).status().unwrap().success());
    assert!(said(&[], &["./plain"]).contains("-- sh FILE"));
    assert!(said(&["--with", "lackey", "--limit", "5"], &["true"]).contains("leave them out"));
    assert!(said(&["--skip", "1G"], &["true"]).contains("--skip"));
}
