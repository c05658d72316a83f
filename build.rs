//! Compiles the recorder's plugin, so that `analyze` can hold it in itself: one program to install, and never a plugin of
//! another version. The plugin uses the standard library alone, so the compiler is all that it takes.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const PLUGIN: &str = "libvmmu_recorder.so";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=recorder/src");
    println!("cargo::rerun-if-changed=src/trace/record/wire.rs");
    println!("cargo::rerun-if-changed=src/trace/record/meeting.rs");
    println!("cargo::rerun-if-changed=src/trace/record/program.rs");
    let plugin = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default()).join(PLUGIN);
    let source = Path::new("recorder/src/lib.rs");
    // Elsewhere, and from a package without the recorder, recording says why it cannot be done.
    let built =
        env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "linux") && source.is_file() && build(source, &plugin);
    if !built {
        fs::write(&plugin, []).expect("OUT_DIR can be written");
    }
}

fn build(source: &Path, plugin: &Path) -> bool {
    let mut rustc = Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    rustc.args(["--edition=2024", "--crate-name=vmmu_recorder", "--crate-type=cdylib", "--cap-lints=allow"]);
    rustc.args(["-Copt-level=3", "-Cpanic=abort", "-Cstrip=symbols"]);
    rustc.arg(format!("--target={}", env::var("TARGET").unwrap_or_default()));
    if let Some(linker) = env::var_os("RUSTC_LINKER") {
        rustc.arg("-C").arg(format!("linker={}", linker.display()));
    }
    let done = rustc.arg("-o").arg(plugin).arg(source).status();
    let built = done.as_ref().is_ok_and(|status| status.success());
    if !built {
        println!(
            "cargo::warning=the recorder's plugin was not built ({done:?}): `analyze trace record` will not record"
        );
    }
    built
}
