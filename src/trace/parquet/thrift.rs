//! Thrift's compact protocol as Parquet uses it, walked through without taking anything from it but numbers. The library
//! reserves memory on the word of the lists that it reads, and a program without memory ends, so what it is given is
//! looked at first: every list and text must be there, and of the kind that the library takes it for.
//!
//! *Source:* the Thrift compact protocol.

/// What a field holds.
pub enum Shape {
    /// An integer of 16 to 64 bits.
    Integer,
    Byte,
    Truth,
    Text,
    List(&'static Shape),
    /// Fields by number. What is not listed may hold anything.
    Fields(&'static [(i16, Shape)]),
}

/// Structures and lists within each other.
const DEEPEST: usize = 32;

struct Walk<'a, F> {
    bytes: &'a [u8],
    at: usize,
    /// Numbers of the fields that are open. A list adds none.
    path: Vec<i16>,
    depth: usize,
    found: F,
}

/// Walks through the structure that the bytes begin with, and gives its length. `found` gets every integer, byte and truth value
/// with the fields that lead to it, and for each structure a zero before what is in it.
///
/// # Errors
/// What is wrong with it, and what `found` says.
pub fn walk(
    bytes: &[u8],
    fields: &'static [(i16, Shape)],
    found: impl FnMut(&[i16], i64) -> Result<(), String>,
) -> Result<usize, String> {
    let mut walk = Walk { bytes, at: 0, path: Vec::new(), depth: 0, found };
    walk.fields(fields)?;
    Ok(walk.at)
}

impl<F: FnMut(&[i16], i64) -> Result<(), String>> Walk<'_, F> {
    fn fields(&mut self, fields: &'static [(i16, Shape)]) -> Result<(), String> {
        let mut number = 0_i16;
        loop {
            let head = self.byte()?;
            if head & 15 == 0 {
                return Ok(());
            }
            let next = match head >> 4 {
                0 => i16::try_from(self.integer()?).ok(),
                step => number.checked_add(step.into()),
            };
            number = next.ok_or_else(|| self.broken("a field of a number beyond 16 bits"))?;
            let shape = fields.iter().find(|(of, _)| *of == number).map(|(_, shape)| shape);
            self.path.push(number);
            self.value(head & 15, shape)?;
            self.path.pop();
        }
    }

    fn value(&mut self, kind: u8, shape: Option<&'static Shape>) -> Result<(), String> {
        match (kind, shape) {
            (1 | 2, None | Some(Shape::Truth)) => (self.found)(&self.path, i64::from(kind == 1)),
            (3, None | Some(Shape::Byte)) => {
                let byte = self.byte()?;
                (self.found)(&self.path, byte.into())
            }
            (4..=6, None | Some(Shape::Integer)) => {
                let integer = self.integer()?;
                (self.found)(&self.path, integer)
            }
            (7, None) => self.pass(8),
            (8, None | Some(Shape::Text)) => {
                let length = self.varint()?;
                self.pass(length)
            }
            (9, None) => self.within(|walk| walk.list(None)),
            (9, Some(Shape::List(of))) => self.within(|walk| walk.list(Some(of))),
            (12, None) => self.within(|walk| walk.fields(&[])),
            (12, Some(Shape::Fields(fields))) => {
                (self.found)(&self.path, 0)?;
                self.within(|walk| walk.fields(fields))
            }
            (kind, _) => Err(self.broken(&format!("a value of kind {kind} where it has no place"))),
        }
    }

    fn list(&mut self, of: Option<&'static Shape>) -> Result<(), String> {
        let head = self.byte()?;
        let count = match head >> 4 {
            15 => self.varint()?,
            count => count.into(),
        };
        let left = self.bytes.len() - self.at;
        if count > left as u64 {
            return Err(self.broken(&format!("a list of {count} elements in {left} bytes")));
        }
        // Readers do not agree on how they stand in the bytes, and Parquet has no such list here.
        if count > 0 && matches!(head & 15, 1 | 2) {
            return Err(self.broken("a list of truth values"));
        }
        (0..count).try_for_each(|_| self.value(head & 15, of))
    }

    fn within(&mut self, walk: impl FnOnce(&mut Self) -> Result<(), String>) -> Result<(), String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.broken("too many structures within each other"));
        }
        walk(self)?;
        self.depth -= 1;
        Ok(())
    }

    fn byte(&mut self) -> Result<u8, String> {
        let byte = *self.bytes.get(self.at).ok_or_else(|| self.broken("its end"))?;
        self.at += 1;
        Ok(byte)
    }

    fn varint(&mut self) -> Result<u64, String> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 127) << shift;
            if byte < 128 {
                return Ok(value);
            }
        }
        Err(self.broken("an integer beyond 64 bits"))
    }

    fn integer(&mut self) -> Result<i64, String> {
        let value = self.varint()?;
        Ok((value >> 1) as i64 ^ -((value & 1) as i64))
    }

    fn pass(&mut self, length: u64) -> Result<(), String> {
        let left = self.bytes.len() - self.at;
        if length > left as u64 {
            return Err(self.broken(&format!("a text of {length} bytes in {left}")));
        }
        self.at += length as usize;
        Ok(())
    }

    fn broken(&self, found: &str) -> String {
        format!("{found} at its byte {}", self.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIELDS: &[(i16, Shape)] =
        &[(1, Shape::Integer), (2, Shape::List(&Shape::Text)), (3, Shape::Fields(&[(20, Shape::Truth)]))];

    /// Integers with the fields that lead to them.
    type Found = Vec<(Vec<i16>, i64)>;

    fn walked(bytes: &[u8]) -> Result<(usize, Found), String> {
        let mut all = Vec::new();
        let length = walk(bytes, FIELDS, |path, value| {
            all.push((path.to_vec(), value));
            Ok(())
        })?;
        Ok((length, all))
    }

    #[test]
    fn numbers_come_with_the_fields_that_lead_to_them() {
        // -3; two texts; a structure with field 20, whose number does not fit a step; an unknown field of each other kind.
        let bytes =
            b"\x15\x05\x19\x28\x01a\x00\x1c\x01\x28\x00\x17\0\0\0\0\0\0\0\0\x19\x15\x02\x1c\x14\x02\0\x13\x09\0rest";
        let (length, all) = walked(bytes).unwrap();
        assert_eq!(length, bytes.len() - 4);
        let expected: &[(&[i16], i64)] = &[(&[1], -3), (&[3], 0), (&[3, 20], 1), (&[5], 1), (&[6, 1], 1), (&[7], 9)];
        assert!(all.iter().map(|(path, value)| (path.as_slice(), *value)).eq(expected.iter().copied()), "{all:?}");
    }

    #[test]
    fn what_claims_more_than_there_is_or_is_of_another_kind_is_refused() {
        let refused = |bytes: &[u8], part: &str| {
            let message = walked(bytes).unwrap_err();
            assert!(message.contains(part), "{part} in {message}");
        };
        refused(b"\x29\xf8\xff\xff\xff\xff\x07", "a list of 2147483647 elements in 0 bytes");
        refused(b"\x49\xf1\x02\x01\x01\0", "a list of truth values");
        refused(b"\x28\x04abcd\0", "a value of kind 8");
        refused(b"\x48\x05abcd", "a text of 5 bytes in 4");
        refused(b"\x15", "its end");
        refused(b"\x15\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", "beyond 64 bits");
        refused(&[0x4c; 100], "too many structures");
        refused(&[&b"\x49"[..], &[0x19; 100]].concat(), "too many structures");
    }
}
