//! What one stage makes and the next uses, in memory that is used again.

use crate::error::Result;

/// Things in order, and what comes behind the last of them.
pub struct Batch<T> {
    list: Vec<T>,
    made: usize,
    used: usize,
    /// Nothing comes, or an error.
    pub ended: Option<Result<()>>,
}

impl<T> Batch<T> {
    /// Room for so many.
    pub fn new(size: usize, room: impl FnMut() -> T) -> Batch<T> {
        Batch { list: std::iter::repeat_with(room).take(size).collect(), made: 0, used: 0, ended: None }
    }

    /// Where to make the next, out of one used earlier.
    pub fn room(&mut self) -> Option<&mut T> {
        self.list.get_mut(self.made)
    }

    /// It is made.
    pub fn add(&mut self) {
        self.made += 1;
    }

    pub fn all(&self) -> &[T] {
        &self.list[..self.made]
    }

    /// The first that is not used.
    pub fn first(&mut self) -> Option<&mut T> {
        self.list[..self.made].get_mut(self.used)
    }

    /// It is used.
    pub fn pass(&mut self) {
        self.used += 1;
    }

    /// Whether nothing is left to use.
    pub fn is_used(&self) -> bool {
        self.used == self.made
    }

    /// Makes room; what comes behind the last stays.
    pub fn clear(&mut self) {
        (self.made, self.used) = (0, 0);
    }
}
