//! One row of a trace: what a process did to its address space.

/// What a row does. The numbers are those of the trace file's `op` column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Op {
    Load = 0,
    Store = 1,
    Fetch = 2,
    Map = 3,
    Unmap = 4,
    Protect = 5,
    Fork = 6,
    Exit = 7,
}

impl Op {
    pub const ALL: [Op; 8] = [Op::Load, Op::Store, Op::Fetch, Op::Map, Op::Unmap, Op::Protect, Op::Fork, Op::Exit];

    pub const fn name(self) -> &'static str {
        match self {
            Op::Load => "load",
            Op::Store => "store",
            Op::Fetch => "fetch",
            Op::Map => "map",
            Op::Unmap => "unmap",
            Op::Protect => "protect",
            Op::Fork => "fork",
            Op::Exit => "exit",
        }
    }

    /// The operation with this number in the file, if there is one.
    pub fn from_number(number: u8) -> Option<Op> {
        Op::ALL.get(number as usize).copied()
    }

    /// The operation of an access, whose number is 0, 1 or 2. No other number is ever taken for one.
    pub fn of_access(number: u8) -> Op {
        match number {
            0 => Op::Load,
            1 => Op::Store,
            2 => Op::Fetch,
            other => unreachable!("op {other} is no access"),
        }
    }

    /// Loads, stores and fetches.
    pub const fn is_access(self) -> bool {
        match self {
            Op::Load | Op::Store | Op::Fetch => true,
            Op::Map | Op::Unmap | Op::Protect | Op::Fork | Op::Exit => false,
        }
    }

    /// Rows whose address and length are a range of memory.
    pub const fn is_range(self) -> bool {
        match self {
            Op::Map | Op::Unmap | Op::Protect => true,
            Op::Load | Op::Store | Op::Fetch | Op::Fork | Op::Exit => false,
        }
    }
}

/// One row, in program order. Numbers are as in the file; [`super::check`] says which are sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    pub op: Op,
    /// gVA of the access, or the page-aligned start of the range; 0 for exit.
    pub address: u64,
    /// Bytes accessed or bytes of the range; for fork the child's process id; 0 for exit.
    pub length: u64,
    /// The address space that the row belongs to.
    pub process: u32,
    /// Thread id, 0 where unknown.
    pub thread: u32,
}
