//! Which technique and which pages suit a workload, and how sure that is.
//!
//! *Models:* a choice among shadow and nested paging and their page sizes. The steady state decides: the second half of a trace, in
//! which most memory has been touched before, less its last sixteenth, in which programs clean up; memory of the VM is backed
//! beforehand. Where it does not tell candidates apart, the whole run does, with memory of the VM backed when it is first touched.
//! *Does not model:* what else a choice brings: memory that huge pages waste, hardware and kernels that it needs.

mod choice;
mod cost;
mod flip;
mod growth;
mod study;

pub use choice::{Choice, choose};
pub use cost::{Cost, SMALL_SHARE};
pub use flip::Flip;
pub use growth::Growth;
pub use study::{Case, LARGE, Little, SMALL, Settling, Study, per_million};

/// The sweep that advice is read from, without its traces.
///
/// `cpu` is the name of a processor or the path of its file; `accesses` those of the trace, whose addresses need so many `levels`.
pub fn sweep_text(cpu: &str, accesses: u64, levels: u8) -> String {
    format!(
        r#"[sweep]
technique = ["native", "shadow", "ept", "pv"]
guest_pages = ["4K", "thp", "2M"]
host_pages = ["4K", "2M"]
cpu = {cpu}
host_backing = ["prealloc", "lazy"]
{levels}warm = "1/2"   # the second half is what advice goes by,
interval = {interval}   # less the last of these: a sixteenth of the trace, in which programs clean up

[[exclude]]   # the host's backing means nothing to them
technique = ["native", "pv"]
host_backing = "lazy"
"#,
        cpu = toml::Value::from(cpu),
        levels = if levels == 4 { String::new() } else { format!("guest_levels = {levels}\n") },
        interval = accesses.div_ceil(16).max(1),
    )
}
