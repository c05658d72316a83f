//! The page sizes of a row.

use crate::address::PageSize;
use crate::guest::GuestPages;
use std::fmt;

/// The guest's pages, and the host's for the techniques to which they mean anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pages {
    pub guest: GuestPages,
    pub host: Option<PageSize>,
}

/// `2M on 4K`, or `2M` where there are no host pages.
impl fmt::Display for Pages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.host {
            Some(host) => write!(f, "{} on {host}", self.guest.name()),
            None => f.write_str(self.guest.name()),
        }
    }
}
