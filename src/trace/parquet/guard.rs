//! Damaged files make the Parquet library panic in places; here that becomes an error like any other.

use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe};
use std::sync::Once;

thread_local! {
    static SILENT: Cell<bool> = const { Cell::new(false) };
}

/// Runs `read`, turning a panic on this thread into an error and keeping its message off the screen.
pub fn guarded<T, E: std::fmt::Display>(read: impl FnOnce() -> Result<T, E>) -> Result<T, String> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let previous = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if !SILENT.get() {
                previous(panic);
            }
        }));
    });
    let silent = SILENT.replace(true);
    let outcome = panic::catch_unwind(AssertUnwindSafe(read));
    SILENT.set(silent);
    match outcome {
        Ok(result) => result.map_err(|error| first_line(&error.to_string())),
        Err(panic) => {
            let message = panic.downcast_ref::<String>().map(String::as_str);
            let message = message.or_else(|| panic.downcast_ref::<&str>().copied());
            Err(first_line(message.unwrap_or("the file contradicts itself")))
        }
    }
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_error_with_its_first_line() {
        let outcome = guarded(|| -> Result<(), String> { panic!("out of range\nat column {}", 3) });
        assert_eq!(outcome, Err("out of range".into()));
    }
}
