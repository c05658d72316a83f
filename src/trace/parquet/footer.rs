//! The footer of a Parquet file, looked at before the library decodes it.
//!
//! *Source:* parquet.thrift, FileMetaData.

use super::fault::Fault;
use super::thrift::Shape::{self, Byte, Fields, Integer, List, Text, Truth};
use super::thrift::walk;

/// What follows the footer: its length and "PAR1".
const END: usize = 8;
/// Columns that hold columns; the library calls itself for each within another.
const MOST_GROUPS: usize = 100;

const EMPTY: Shape = Fields(&[]);
const UNIT: Shape = Fields(&[(1, EMPTY), (2, EMPTY), (3, EMPTY)]);
const TIME: Shape = Fields(&[(1, Truth), (2, UNIT)]);
const LOGICAL: Shape = Fields(&[
    (1, EMPTY),
    (2, EMPTY),
    (3, EMPTY),
    (4, EMPTY),
    (5, Fields(&[(1, Integer), (2, Integer)])),
    (6, EMPTY),
    (7, TIME),
    (8, TIME),
    (10, Fields(&[(1, Byte), (2, Truth)])),
    (11, EMPTY),
    (12, EMPTY),
    (13, EMPTY),
    (14, EMPTY),
    (15, EMPTY),
]);
const SCHEMA: Shape = Fields(&[
    (1, Integer),
    (2, Integer),
    (3, Integer),
    (4, Text),
    (5, Integer),
    (6, Integer),
    (7, Integer),
    (8, Integer),
    (9, Integer),
    (10, LOGICAL),
]);
/// Of a column chunk, and of a page.
pub const STATISTICS: Shape =
    Fields(&[(1, Text), (2, Text), (3, Integer), (4, Integer), (5, Text), (6, Text), (7, Truth), (8, Truth)]);
const COLUMN: Shape = Fields(&[
    (1, Integer),
    (2, List(&Integer)),
    (3, List(&Text)),
    (4, Integer),
    (5, Integer),
    (6, Integer),
    (7, Integer),
    (9, Integer),
    (10, Integer),
    (11, Integer),
    (12, STATISTICS),
    (14, Integer),
    (15, Integer),
]);
const CHUNK: Shape =
    Fields(&[(1, Text), (2, Integer), (3, COLUMN), (4, Integer), (5, Integer), (6, Integer), (7, Integer), (8, EMPTY)]);
const SORTING: Shape = Fields(&[(1, Integer), (2, Truth), (3, Truth)]);
const GROUP: Shape = Fields(&[
    (1, List(&CHUNK)),
    (2, Integer),
    (3, Integer),
    (4, List(&SORTING)),
    (5, Integer),
    (6, Integer),
    (7, Integer),
]);
const NOTE: Shape = Fields(&[(1, Text), (2, Text)]);
const FILE: &[(i16, Shape)] = &[
    (1, Integer),
    (2, List(&SCHEMA)),
    (3, Integer),
    (4, List(&GROUP)),
    (5, List(&NOTE)),
    (6, Text),
    (7, List(&Fields(&[(1, EMPTY), (2, EMPTY)]))),
];

/// Fields that lead to the number of columns that a column holds, to the bits of an integer, and to how a column is encrypted.
const CHILDREN: [i16; 2] = [2, 5];
const BITS: [i16; 4] = [2, 10, 10, 1];
const CIPHER: [i16; 3] = [4, 1, 8];

/// Where the footer of a file begins.
///
/// # Errors
/// [`Fault::Broken`] if it has none.
pub fn start(bytes: &[u8]) -> Result<usize, Fault> {
    let (before, end) = bytes.split_last_chunk::<END>().ok_or_else(|| Fault::Broken("no footer".into()))?;
    let [a, b, c, d, magic @ ..] = *end;
    let length = u32::from_le_bytes([a, b, c, d]) as usize;
    match &magic {
        b"PAR1" => before.len().checked_sub(length).ok_or_else(|| Fault::Broken(format!("a footer of {length} bytes"))),
        b"PARE" => Err(Fault::Encrypted),
        _ => Err(Fault::Broken("no \"PAR1\" at its end".into())),
    }
}

/// Whether the footer, which begins at `start`, is there as the library will take it.
///
/// # Errors
/// What is wrong with it.
pub fn check(bytes: &[u8], start: usize) -> Result<(), Fault> {
    let footer = &bytes[start..bytes.len() - END];
    let (mut groups, mut encrypted) = (0, false);
    let walked = walk(footer, FILE, |path, value| {
        groups += usize::from(path == CHILDREN && value > 0);
        encrypted |= path == CIPHER;
        if path == BITS && ![8, 16, 32, 64].contains(&value) {
            return Err(format!("an integer of {value} bits"));
        }
        if groups > MOST_GROUPS { Err(format!("more than {MOST_GROUPS} columns that hold columns")) } else { Ok(()) }
    });
    if encrypted {
        return Err(Fault::Encrypted);
    }
    walked.map(|_| ()).map_err(|found| Fault::Broken(format!("its footer holds {found}")))
}
