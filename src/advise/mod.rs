//! Which technique and which pages suit a workload, and how sure that is.
//!
//! *Models:* a choice among shadow and nested paging and their page sizes by the second half of a trace, in which most memory has
//! been touched before. Memory of the VM is backed beforehand, since a VM pays for that once in its life. The guest's own work for
//! faults ([`Part::Faults`](crate::prices::Part)) is left out: it is the same for every technique, and what a fault on a huge page
//! takes to clear it has no price.
//! *Does not model:* what else a choice brings: memory that huge pages waste, hardware and kernels that it needs.

mod choice;
mod flip;
mod study;

pub use choice::{Choice, NEAR, choose};
pub use flip::Flip;
pub use study::{Case, LARGE, Little, SMALL, Scope, Settling, Study, beyond, per_thousand};

/// The sweep that advice is read from, without its traces.
///
/// `cpu` is the name of a processor or the path of its file; `interval` a number of accesses, half of those of the trace.
pub fn sweep_text(cpu: &str, interval: u64) -> String {
    format!(
        r#"[sweep]
technique = ["native", "shadow", "ept", "pv"]
guest_pages = ["4K", "thp", "2M"]
host_pages = ["4K", "2M"]
cpu = {cpu}
host_backing = ["prealloc", "lazy"]
interval = {interval}   # half of the trace: the second half is what advice goes by

[[exclude]]   # only ept backs memory by itself
technique = ["native", "shadow", "pv"]
host_backing = "lazy"
"#,
        cpu = toml::Value::from(cpu)
    )
}
