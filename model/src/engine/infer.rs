//! Reads a trace ahead for what its accesses say of its mappings.

use super::Open;
use crate::address::{Gva, PageSize};
use crate::error::Result;
use crate::guest::Inferred;
use crate::program::{Columns, Op, Touched};

/// The ranges that a trace without map rows must have had; `None` for one that has any.
pub fn inferred(open: &Open<'_>) -> Result<Option<Inferred>> {
    let (mut source, mut columns, mut touched) = (open()?, Columns::default(), Touched::default());
    loop {
        source.fill_columns(&mut columns)?;
        let rows = columns.all();
        if rows.rows() == 0 {
            return Ok(Some(Inferred::new(&touched)));
        }
        if rows.calls().any(|(_, call)| call.op == Op::Map) {
            return Ok(None);
        }
        for (process, address) in rows.processes.iter().zip(rows.addresses) {
            touched.touch(*process, Gva::checked(*address).page(PageSize::Size4K));
        }
    }
}
