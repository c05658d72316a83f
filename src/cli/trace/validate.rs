use crate::bytes::parse_count;
use crate::cli::output::{many, print, rows_bar};
use crate::error::{Defect, Error, Result};
use crate::trace::parquet::{DIGEST_KEY, Digest};
use crate::trace::summary::{Summary, TimeSpan};
use crate::trace::{ParquetSource, Source, check};
use clap::Args;
use std::path::{Path, PathBuf};

/// Check every row of a trace, and the digest of its rows
///
/// Rows that cannot be replayed, accesses that cross a 4 KiB boundary, and rows that are not those the file was written
/// with are defects. Ends with exit code 2 if there are any.
#[derive(Debug, Args)]
pub struct ValidateArguments {
    /// Parquet traces
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// How many defects to list for each file
    #[arg(long, default_value = "20", value_name = "N", value_parser = parse_count)]
    limit: u64,
}

impl ValidateArguments {
    pub fn run(self) -> Result<()> {
        let mut defects = Vec::new();
        for path in &self.files {
            match validate(path, self.limit) {
                Ok(verdict) => print(|out| writeln!(out, "{}: {verdict}", path.display()))?,
                Err(Error::Input(found)) => defects.extend(found),
                Err(failed) => return Err(failed),
            }
        }
        if defects.is_empty() { Ok(()) } else { Err(Error::Input(defects)) }
    }
}

/// What is wrong with a file: the first defects, and how many more there are.
struct Findings {
    limit: u64,
    listed: Vec<Defect>,
    more: u64,
}

impl Findings {
    fn add(&mut self, defect: Defect) {
        if (self.listed.len() as u64) < self.limit {
            self.listed.push(defect);
        } else {
            self.more += 1;
        }
    }
}

fn validate(path: &Path, limit: u64) -> Result<String> {
    let mut source = ParquetSource::open(path)?;
    let bar = rows_bar(source.expected_rows(), "validating");
    let (mut rows, mut digest, mut first) = (Vec::new(), Digest::default(), 0);
    let mut times = Summary::default();
    let mut findings = Findings { limit, listed: Vec::new(), more: 0 };
    loop {
        let unsound = match source.fill(&mut rows) {
            Ok(()) => Vec::new(),
            Err(Error::Input(defects)) => defects,
            Err(failed) => return Err(failed),
        };
        for (number, row) in (first..).zip(&rows).filter(|(_, row)| check::crosses_page(row)) {
            let found =
                format!("{} of {} bytes at {:#x} crosses a 4 KiB boundary", row.op.name(), row.length, row.address);
            findings.add(
                Defect::new(path, format!("row {number}"), found)
                    .expected("an access within one page")
                    .remedy("split it in two rows; as it stands it is counted once, at its address"),
            );
        }
        digest.update(&rows);
        times.add_times(source.times().unwrap_or_default());
        if rows.is_empty() && unsound.is_empty() {
            break;
        }
        first += (rows.len() + unsound.len()) as u64;
        unsound.into_iter().for_each(|defect| findings.add(defect));
        bar.set_position(first);
    }
    bar.finish_and_clear();
    let digest = match source.notes().get(DIGEST_KEY) {
        // Rows that are unsound have no digest.
        _ if !findings.listed.is_empty() || findings.more > 0 => "",
        Some(written) if *written == digest.finish() => ", as written (the digest of the rows agrees)",
        Some(written) => {
            findings.add(digest_differs(path, written, &digest.finish()));
            ""
        }
        None => ", no digest of the rows to compare",
    };
    let times = match times.times() {
        None => String::new(),
        Some(TimeSpan { late: 0, .. }) => ", times in order".to_string(),
        Some(TimeSpan { late, .. }) => format!(", {} before that of a row ahead", many(late, "time")),
    };
    verdict(path, findings).map(|()| format!("{}{times}{digest}", many(first, "sound row")))
}

fn digest_differs(path: &Path, written: &str, found: &str) -> Defect {
    Defect::new(path, format!("metadata key `{DIGEST_KEY}`"), format!("the digest of the rows is {found}"))
        .expected(written)
        .remedy("the rows were changed after the trace was written: make it again, or drop the key")
}

fn verdict(path: &Path, Findings { mut listed, more, .. }: Findings) -> Result<()> {
    if more > 0 {
        listed.push(Defect::new(path, "", many(more, "more defect")).remedy("--limit lists more"));
    }
    if listed.is_empty() { Ok(()) } else { Err(Error::Input(listed)) }
}
