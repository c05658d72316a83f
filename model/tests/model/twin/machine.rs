//! Guest memory and its events (sections 3, 9, 10), one row at a time. What each technique does about them is in
//! `section4.rs`; the TLB and the walks are in `translate.rs`.

use std::collections::{BTreeMap, BTreeSet};

use vmmu_model::program::{Op, Row};

use super::array::Array;
use super::config::{Backing, Config, GuestPages, OnSwitch, PageSize, Technique};
use super::memory::GuestMemory;
use super::processor::Processor;
use super::ranges::Ranges;
use super::shadow::ShadowLeaf;
use super::table::Node;
use super::{COLUMNS, References};

/// "Process ids in tags are made unique over all VMs", and "a copy's processes are its own".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pid {
    pub vm: usize,
    pub copy: usize,
    pub id: u32,
}

#[derive(Clone, Copy)]
pub struct GuestLeaf {
    pub start: u64,
    pub size: PageSize,
    pub frame: u64,
    pub dirty: bool,
    pub cow: bool,
}

impl GuestLeaf {
    pub fn end(&self) -> u128 {
        u128::from(self.start) + u128::from(self.size.bytes())
    }

    pub fn lies_inside(&self, (start, end): (u128, u128)) -> bool {
        start <= u128::from(self.start) && self.end() <= end
    }

    pub fn meets(&self, (start, end): (u128, u128)) -> bool {
        u128::from(self.start) < end && start < self.end()
    }
}

pub struct Process {
    pub guest: Node<GuestLeaf>,
    pub shadow: Option<Node<ShadowLeaf>>,
    /// Map rows minus unmap rows (section 10).
    pub mapped: Ranges,
    /// Nodes of 4K leaves that are out of sync (section 12), by the 2 MiB that they map.
    pub out_of_sync: BTreeSet<u64>,
    /// The mask of section 13: processors on which a row of it ran since it began.
    pub ran_on: BTreeSet<usize>,
}

pub struct Vm {
    pub memory: GuestMemory,
    pub host: Option<Node<()>>,
    /// Host pages that are backed where there is no host table to say so.
    pub backed: BTreeSet<u64>,
}

/// Nodes alive, by kind.
#[derive(Default)]
pub struct Alive {
    pub guest: u64,
    pub shadow: u64,
    pub host: u64,
}

#[derive(Clone, Copy, PartialEq)]
pub struct TlbTag {
    pub pid: Pid,
    pub size: PageSize,
    pub number: u64,
}

pub struct Machine<'a> {
    pub config: &'a Config,
    pub counts: BTreeMap<&'static str, u64>,
    pub references: References,
    pub vms: Vec<Vm>,
    pub processes: BTreeMap<Pid, Process>,
    /// Section 7: nodes get consecutive frame numbers in order of creation, one numbering per run.
    pub nodes_created: u64,
    pub alive: Alive,
    pub mapped_bytes: u64,
    /// (process, 4 KiB page) pairs accessed. "A process is known by its VM, its copy and its id, also when the id is used
    /// again."
    pub touched: BTreeSet<(Pid, u64)>,
    /// PTE writes of the current row.
    pub row_pte_writes: u64,
    /// Other processors that the current row interrupts (section 13).
    pub row_interrupts: u64,
    /// By VM and copy: the (process, thread) pairs in the order of their first rows.
    pub threads: BTreeMap<(usize, usize), Vec<(u32, u32)>>,
    pub processors: Vec<Processor>,
    /// The processor that runs the current row.
    pub on: usize,
    /// "`llc` is shared."
    pub llc: Option<Array<u64, ()>>,
}

impl<'a> Machine<'a> {
    pub fn new(config: &'a Config) -> Machine<'a> {
        let granule = match config.guest_pages {
            GuestPages::One(size) => size,
            GuestPages::Thp => PageSize::K4,
        };
        let vm = |_| Vm { memory: GuestMemory::new(granule), host: None, backed: BTreeSet::new() };
        Machine {
            config,
            counts: COLUMNS.into_iter().map(|column| (column, 0)).collect(),
            references: References::new(),
            vms: (0..config.vms).map(vm).collect(),
            processes: BTreeMap::new(),
            nodes_created: 0,
            alive: Alive::default(),
            mapped_bytes: 0,
            touched: BTreeSet::new(),
            row_pte_writes: 0,
            row_interrupts: 0,
            threads: BTreeMap::new(),
            processors: (0..config.cpus).map(|_| Processor::new(config)).collect(),
            on: 0,
            llc: config.caches.map(|[_, _, llc]| Array::new(llc)),
        }
    }

    pub fn count(&mut self, column: &'static str, n: u64) {
        *self.counts.get_mut(column).unwrap_or_else(|| panic!("no column {column}")) += n;
    }

    pub fn process(&mut self, pid: Pid) -> &mut Process {
        self.processes.get_mut(&pid).unwrap()
    }

    /// One row of the trace, run by one copy in one VM.
    pub fn row(&mut self, vm: usize, copy: usize, row: &Row) {
        let pid = Pid { vm, copy, id: row.process };
        self.row_pte_writes = 0;
        self.run_on_its_processor(pid, row);
        self.switch(pid);
        // "A process comes into being at its first row."
        if !self.processes.contains_key(&pid) {
            self.be_born(pid);
        }
        let on = self.on;
        self.process(pid).ran_on.insert(on);
        let range = (u128::from(row.address), u128::from(row.address) + u128::from(row.length));
        match row.op {
            Op::Load | Op::Store | Op::Fetch => self.access(pid, row),
            Op::Map => self.process(pid).mapped.add(range.0, range.1),
            Op::Unmap => {
                self.unmap(pid, range);
                self.process(pid).mapped.remove(range.0, range.1);
            }
            Op::Protect => self.protect(pid, range),
            Op::Fork => {
                self.count("forks", 1);
                self.fork(pid, Pid { id: row.length as u32, ..pid });
            }
            Op::Exit => {
                self.count("process_exits", 1);
                self.exit(pid);
            }
        }
        self.end_of_row();
    }

    /// Section 8: "sampled after each row".
    fn end_of_row(&mut self) {
        self.row_of_pte_writes_ends();
        self.row_of_shootdowns_ends();
        let Alive { guest, shadow, host } = self.alive;
        self.peak("peak_guest_nodes", guest);
        self.peak("peak_shadow_nodes", shadow);
        self.peak("peak_host_nodes", host);
        self.peak("peak_total_nodes", guest + shadow + host);
        self.peak("peak_mapped_bytes", self.mapped_bytes);
    }

    fn peak(&mut self, column: &'static str, now: u64) {
        let peak = self.counts.get_mut(column).unwrap();
        *peak = now.max(*peak);
    }

    /// The columns that are known at the end.
    pub fn finish(mut self) -> BTreeMap<&'static str, u64> {
        self.check_the_books();
        self.count("end_guest_nodes", self.alive.guest);
        self.count("end_shadow_nodes", self.alive.shadow);
        self.count("end_host_nodes", self.alive.host);
        // "roots alive at the end"
        self.count("guest_tables", self.processes.len() as u64);
        self.count("shadow_tables", self.processes.values().filter(|p| p.shadow.is_some()).count() as u64);
        self.count("host_tables", self.vms.iter().filter(|vm| vm.host.is_some()).count() as u64);
        self.count("touched_bytes", self.touched.len() as u64 * 4096);
        // "`vm_exits` is the sum of the `exit_*` columns; `hypercalls` the sum of the `hypercall_*` columns."
        let sum = |prefix: &str| self.counts.iter().filter(|(c, _)| c.starts_with(prefix)).map(|(_, n)| n).sum();
        let (vm_exits, hypercalls) = (sum("exit_"), sum("hypercall_"));
        self.count("vm_exits", vm_exits);
        self.count("hypercalls", hypercalls);
        self.counts
    }

    /// What was added up along the way is what the trees hold.
    fn check_the_books(&self) {
        let guest: u64 = self.processes.values().map(|p| p.guest.count()).sum();
        let shadow: u64 = self.processes.values().flat_map(|p| &p.shadow).map(Node::count).sum();
        let host: u64 = self.vms.iter().flat_map(|vm| &vm.host).map(Node::count).sum();
        assert_eq!((guest, shadow, host), (self.alive.guest, self.alive.shadow, self.alive.host));
        let leaves = self.processes.values().flat_map(|p| p.guest.leaves());
        assert_eq!(leaves.map(|leaf| leaf.size.bytes()).sum::<u64>(), self.mapped_bytes);
        if self.processes.is_empty() {
            assert!(self.vms.iter().all(|vm| vm.memory.in_use() == 0));
        }
    }

    /// "When a row's process differs from the previous row's process (there was one): `switches += 1`", that is, from "the previous
    /// row on the same processor". "Between VMs:
    /// `vm_switches += 1` instead, with the TLB effect of a switch; it costs no `exit_cr3`/`hypercall_cr3`."
    fn switch(&mut self, pid: Pid) {
        let Some(previous) = self.processor().previous.replace(pid) else { return };
        if previous == pid {
            return;
        }
        if previous.vm == pid.vm {
            self.count("switches", 1);
            self.switch_happens();
            // "A switch between VMs (section 9) writes no CR3 of the guest's, so it discards nothing."
            if self.config.technique == Technique::Shadow && self.config.shadow_on_switch == OnSwitch::Drop {
                self.discard_shadow(previous);
            }
            self.resync_all(pid);
        } else {
            self.count("vm_switches", 1);
        }
        // "`tags = false`: a switch empties every TLB array and every guest-dimension paging-structure cache (not the
        // nested TLB)."
        if !self.config.tags {
            self.processor().switch_untagged();
        }
    }

    /// "A new process takes one node for its root." "A process's guest root comes before its shadow root, and the shadow
    /// root before the nodes of the process's first access, or of the fork that made it."
    pub fn be_born(&mut self, pid: Pid) {
        // "One root per VM at the VM's first allocation (before the first guest root)."
        if self.config.technique == Technique::Ept && self.vms[pid.vm].host.is_none() {
            let root = self.new_host_node(self.config.host_levels);
            self.vms[pid.vm].host = Some(root);
        }
        let guest = self.new_guest_node(pid.vm, self.config.guest_levels);
        // "Each process has one, with as many levels as the guest's table and leaves of size E."
        let has_shadow = self.config.technique == Technique::Shadow;
        let shadow = has_shadow.then(|| self.new_shadow_node(self.config.guest_levels));
        let (mapped, out_of_sync, ran_on) = (Ranges::default(), BTreeSet::new(), BTreeSet::new());
        self.processes.insert(pid, Process { guest, shadow, mapped, out_of_sync, ran_on });
    }

    /// The next frame number of section 7.
    pub fn number_node(&mut self) -> u64 {
        self.nodes_created += 1;
        self.nodes_created - 1
    }

    /// A guest node: numbered before the host nodes that its frame needs.
    pub fn new_guest_node(&mut self, vm: usize, level: u32) -> Node<GuestLeaf> {
        let gpa = self.vms[vm].memory.allocate_node();
        let number = self.number_node();
        self.alive.guest += 1;
        self.node_was_allocated();
        self.back(vm, gpa, 4096);
        Node::new(level, number, gpa)
    }

    pub fn free_guest_node(&mut self, vm: usize, node: &Node<GuestLeaf>) {
        self.alive.guest -= 1;
        self.vms[vm].memory.free_node(node.gpa);
    }

    fn new_host_node(&mut self, level: u32) -> Node<()> {
        self.alive.host += 1;
        Node::new(level, self.number_node(), 0)
    }

    pub fn allocate_data(&mut self, vm: usize, size: PageSize) -> u64 {
        let frame = self.vms[vm].memory.allocate_data(size);
        self.back(vm, frame, size.bytes());
        frame
    }

    /// "Every host page (size H) that overlaps it and has no backing yet is backed now: `host_faults += 1` for each, in
    /// ascending order." "Under shadow every host page that is backed counts at the same moment as under
    /// ept, without an exit of its own."
    fn back(&mut self, vm: usize, gpa: u64, bytes: u64) {
        let size = self.config.host_pages;
        let first = gpa >> size.shift();
        let last = (gpa + bytes - 1) >> size.shift();
        for page in first..=last {
            match self.config.technique {
                Technique::Native | Technique::Pv => continue,
                Technique::Shadow => {
                    if self.vms[vm].backed.insert(page) && self.config.host_backing == Backing::Lazy {
                        self.count("host_faults", 1);
                    }
                    continue;
                }
                Technique::Ept => {}
            }
            let address = page << size.shift();
            if self.vms[vm].host.as_ref().unwrap().find(address).is_some() {
                continue;
            }
            for level in self.vms[vm].host.as_ref().unwrap().missing(address, size.leaf_level()) {
                let node = self.new_host_node(level);
                self.vms[vm].host.as_mut().unwrap().attach(address, node);
            }
            self.vms[vm].host.as_mut().unwrap().put(address, size.leaf_level(), ());
            // "With `host_backing = "prealloc"` the same host nodes are made at the same moments but no fault is counted."
            if self.config.host_backing == Backing::Lazy {
                self.count("host_faults", 1);
                self.host_fault_happens();
            }
        }
    }

    /// A row of op 0, 1, 2. "In one access the order is: switch effects, guest events of section 3 with their
    /// invalidations, hidden fault, then the TLB lookup and the walk."
    fn access(&mut self, pid: Pid, row: &Row) {
        self.count("accesses", 1);
        self.count(
            match row.op {
                Op::Load => "loads",
                Op::Store => "stores",
                Op::Fetch | Op::Map | Op::Unmap | Op::Protect | Op::Fork | Op::Exit => "fetches",
            },
            1,
        );
        self.touched.insert((pid, row.address / 4096));

        self.guest_events(pid, row.address, row.op == Op::Store);
        self.hidden_fault(pid, row.address);
        self.translate(pid, row);
    }
}
