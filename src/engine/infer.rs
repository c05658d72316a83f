//! Reads a trace ahead for what its accesses say of its mappings.

use super::Open;
use crate::address::{Gva, PageSize};
use crate::error::Result;
use crate::guest::Inferred;
use crate::trace::{Op, Touched};

/// The ranges that a trace without map rows must have had; `None` for one that has any.
pub fn inferred(open: &Open<'_>) -> Result<Option<Inferred>> {
    let (mut source, mut rows, mut touched) = (open()?, Vec::new(), Touched::default());
    loop {
        source.fill(&mut rows)?;
        if rows.is_empty() {
            return Ok(Some(Inferred::new(&touched)));
        }
        if rows.iter().any(|row| row.op == Op::Map) {
            return Ok(None);
        }
        for row in rows.iter().filter(|row| row.op.is_access()) {
            touched.touch(row.process, Gva::checked(row.address).page(PageSize::Size4K));
        }
    }
}
