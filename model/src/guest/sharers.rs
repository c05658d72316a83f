//! How many processes share each unit of guest memory, in memory that grows with what is shared, wherever that lies.

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use std::ops::Range;

/// Units that are counted side by side.
const BLOCK: u64 = 64;

/// Sharers beyond the first, by unit.
#[derive(Debug, Default)]
pub struct Sharers(HashMap<u64, [u32; BLOCK as usize], FixedState>);

impl Sharers {
    /// One more for each of these units.
    pub fn add(&mut self, units: Range<u64>) {
        for unit in units {
            self.0.entry(unit / BLOCK).or_insert([0; BLOCK as usize])[(unit % BLOCK) as usize] += 1;
        }
    }

    /// Whether any of these units has one.
    pub fn any(&self, units: Range<u64>) -> bool {
        !self.0.is_empty() && units.into_iter().any(|unit| self.of(unit) > 0)
    }

    fn of(&self, unit: u64) -> u32 {
        self.0.get(&(unit / BLOCK)).map_or(0, |block| block[(unit % BLOCK) as usize])
    }

    /// One fewer for a unit; false if it had none.
    pub fn remove(&mut self, unit: u64) -> bool {
        match self.0.get_mut(&(unit / BLOCK)).map(|block| &mut block[(unit % BLOCK) as usize]) {
            Some(extra @ 1..) => {
                *extra -= 1;
                true
            }
            _ => false,
        }
    }
}
