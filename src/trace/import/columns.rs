//! Which column of a CSV file is what.

use crate::trace::check::Unsound;

/// The columns of a trace, by the names that a header gives them.
pub const NAMES: [&str; 6] = ["op", "address", "length", "process", "thread", "time"];
/// Those that no trace does without.
const NEEDED: usize = 2;

/// Where each column of a trace is, as the user says it: `op=2,address=0:hex`, or `op=kind,address=vaddr`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CsvColumns {
    /// What was said.
    text: String,
    /// In the order of [`NAMES`].
    columns: [Option<Column>; NAMES.len()],
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Column {
    at: At,
    hexadecimal: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum At {
    /// Counted from 0; the file has no header.
    Position(usize),
    /// What the header calls it.
    Name(String),
}

/// Where a column is in a file, and whether its numbers are hexadecimal even without 0x.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FoundColumn {
    pub index: usize,
    pub hexadecimal: bool,
}

/// The place of each column, in the order of [`NAMES`].
#[derive(Clone, Copy, Debug)]
pub struct FoundColumns(pub [Option<FoundColumn>; NAMES.len()]);

impl CsvColumns {
    /// Reads `op=2,address=0:hex,…`: for each column its position, counted from 0, or its name in the header.
    ///
    /// # Errors
    /// What was expected, ready to be shown.
    pub fn parse(text: &str) -> Result<CsvColumns, String> {
        let mut columns: [Option<Column>; NAMES.len()] = Default::default();
        for part in text.split(',') {
            let (name, at) = part.split_once('=').ok_or("COLUMN=POSITION or COLUMN=NAME, separated by commas")?;
            let index = NAMES.iter().position(|known| *known == name.trim());
            let index = index.ok_or_else(|| format!("one of the columns {}, not {name:?}", NAMES.join(", ")))?;
            let (at, hexadecimal) = at.strip_suffix(":hex").map_or((at, false), |at| (at, true));
            let at = at.parse().map_or_else(|_| At::Name(at.to_string()), At::Position);
            if columns[index].replace(Column { at, hexadecimal }).is_some() {
                return Err(format!("the column {name} once"));
            }
        }
        if let Some(missing) = (0..NEEDED).find(|&index| columns[index].is_none()) {
            return Err(format!("the column {} too", NAMES[missing]));
        }
        let columns = CsvColumns { text: text.to_string(), columns };
        let positions = columns.given().filter(|column| matches!(column.at, At::Position(_))).count();
        if positions != 0 && positions != columns.given().count() {
            return Err("positions for all columns, or names for all".to_string());
        }
        Ok(columns)
    }

    /// The columns by their own names.
    pub fn by_own_names() -> CsvColumns {
        let own = |name: &str| Some(Column { at: At::Name(name.to_string()), hexadecimal: false });
        CsvColumns { text: String::new(), columns: NAMES.map(own) }
    }

    /// What was said on the command line.
    pub fn text(&self) -> &str {
        &self.text
    }

    fn given(&self) -> impl Iterator<Item = &Column> {
        self.columns.iter().flatten()
    }

    /// Whether the file must have a header.
    pub fn need_header(&self) -> bool {
        self.given().any(|column| matches!(column.at, At::Name(_)))
    }

    /// Finds the columns in the first line. Those that were not asked for by name may be missing, unless needed.
    ///
    /// # Errors
    /// A column that is missing or there twice.
    pub fn find(&self, first: &[&[u8]]) -> Result<FoundColumns, Unsound> {
        let mut places = [None; NAMES.len()];
        for (place, (column, own)) in places.iter_mut().zip(self.columns.iter().zip(NAMES)) {
            let Some(Column { at, hexadecimal }) = column else {
                continue;
            };
            let index = match at {
                At::Position(index) if *index < first.len() => Some(*index),
                At::Position(index) => {
                    return Err(missing(format!("{} fields, and none at position {index}", first.len())));
                }
                At::Name(name) => by_name(first, name)?,
            };
            if index.is_none() && (!self.text.is_empty() || NAMES[..NEEDED].contains(&own)) {
                return Err(missing(match at {
                    At::Name(name) => format!("no column `{name}`"),
                    At::Position(index) => format!("no field {index}"),
                }));
            }
            *place = index.map(|index| FoundColumn { index, hexadecimal: *hexadecimal });
        }
        Ok(FoundColumns(places))
    }
}

fn missing(found: String) -> Unsound {
    let expected = "a header that names the columns op and address and, where known, length, process, thread, time; \
                    --columns says where they are in other files";
    Unsound { found, expected }
}

fn by_name(header: &[&[u8]], name: &str) -> Result<Option<usize>, Unsound> {
    let mut named = (0..header.len()).filter(|&index| header[index].eq_ignore_ascii_case(name.as_bytes()));
    let first = named.next();
    match named.next() {
        None => Ok(first),
        Some(_) => Err(Unsound {
            found: format!("two columns `{name}`"),
            expected: "each column once; --columns takes positions where names do not tell",
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(columns: &str, first: &str) -> Option<Vec<Option<usize>>> {
        let fields: Vec<&[u8]> = first.split(',').map(str::as_bytes).collect();
        let FoundColumns(places) = CsvColumns::parse(columns).unwrap().find(&fields).ok()?;
        Some(places.iter().map(|place| place.map(|place| place.index)).collect())
    }

    #[test]
    fn columns_are_found_by_position_or_by_name() {
        assert_eq!(places("op=2,address=0", "1,x,load"), Some(vec![Some(2), Some(0), None, None, None, None]));
        assert_eq!(places("op=kind,address=va", "VA,kind"), Some(vec![Some(1), Some(0), None, None, None, None]));
        assert_eq!(places("op=2,address=0", "1,x"), None, "no third field");
        assert_eq!(places("op=kind,address=va,thread=t", "va,kind"), None, "no column t");
        assert_eq!(places("op=kind,address=va", "va,kind,va"), None, "va twice");
    }

    #[test]
    fn what_is_no_mapping_is_refused() {
        for text in ["", "op", "op=1", "address=0", "op=1,address=0,op=2", "op=1,address=va", "operation=1,address=0"] {
            assert!(CsvColumns::parse(text).is_err(), "{text:?}");
        }
        assert!(CsvColumns::parse("op=1,address=0:hex").is_ok_and(|columns| !columns.need_header()));
    }
}
