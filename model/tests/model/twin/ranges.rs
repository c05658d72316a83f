//! The ranges that a process has mapped: map rows minus unmap rows, adjacent ranges merged (section 10).

/// Disjoint half-open ranges in ascending order, no two of them adjacent. Ends may be 2^64, hence u128.
#[derive(Clone, Default)]
pub struct Ranges(Vec<(u128, u128)>);

impl Ranges {
    pub fn remove(&mut self, start: u128, end: u128) {
        let mut left = vec![];
        for &(s, e) in &self.0 {
            left.push((s, e.min(start)));
            left.push((s.max(end), e));
        }
        left.retain(|(s, e)| s < e);
        self.0 = left;
    }

    pub fn add(&mut self, start: u128, end: u128) {
        self.remove(start, end);
        self.0.push((start, end));
        self.0.retain(|(s, e)| s < e);
        self.0.sort();
        let mut merged: Vec<(u128, u128)> = vec![];
        for &(s, e) in &self.0 {
            match merged.last_mut() {
                Some(last) if last.1 == s => last.1 = e,
                _ => merged.push((s, e)),
            }
        }
        self.0 = merged;
    }

    /// Does it lie wholly inside one range?
    pub fn hold(&self, start: u128, end: u128) -> bool {
        self.0.iter().any(|&(s, e)| s <= start && end <= e)
    }
}
