//! Results: counts × prices as a data frame, and the files that hold it.

use crate::aside::readable_by_all;
use crate::counts::{Counts, Event, Gauge, Gauges};
use crate::error::{Error, Result};
use crate::prices::{Bill, Part};
use crate::sweep::{Sweep, SweepRow};
use polars::prelude::{AnyValue, Column, DataFrame, IntoColumn, NamedFrom, ParquetWriter, Series};
use std::fmt::Display;
use std::io::Write;
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

const PARQUET: &str = "results.parquet";
const CSV: &str = "results.csv";
const MANIFEST: &str = "manifest.json";

/// What a cell of the sweep came to on one trace.
#[derive(Clone, Debug)]
pub struct Outcome<'a> {
    pub trace: &'a str,
    pub row: &'a SweepRow,
    pub counts: Counts,
    pub gauges: Gauges,
}

fn column<T, Phantom: ?Sized>(name: &str, values: T) -> Column
where
    Series: NamedFrom<T, Phantom>,
{
    Series::new(name.into(), values).into_column()
}

/// The results' table: `trace`, the axes, the counts, the memory, the bill; one row per cell and price sheet.
pub fn data_frame(sweep: &Sweep, outcomes: &[Outcome<'_>]) -> Result<DataFrame> {
    let mut columns = vec![column("trace", outcomes.iter().map(|it| it.trace).collect::<Vec<_>>())];
    for (i, axis) in sweep.columns.iter().enumerate() {
        let values = outcomes.iter().map(|it| it.row.values[i].as_deref());
        columns.push(if axis.numeric {
            column(&axis.name, values.map(|text| text?.parse::<u64>().ok()).collect::<Vec<_>>())
        } else {
            column(&axis.name, values.collect::<Vec<_>>())
        });
    }
    for event in Event::ALL {
        columns.push(column(event.name(), outcomes.iter().map(|it| it.counts[event]).collect::<Vec<_>>()));
    }
    for gauge in Gauge::ALL {
        columns.push(column(gauge.name(), outcomes.iter().map(|it| it.gauges[gauge]).collect::<Vec<_>>()));
    }
    let bills: Vec<Bill> = outcomes.iter().map(|it| sweep.sheets[it.row.sheet].1.bill(&it.counts)).collect();
    for part in Part::ALL {
        columns.push(column(part.name(), bills.iter().map(|bill| bill.part(part).to_f64()).collect::<Vec<_>>()));
    }
    columns.push(column("cycles", bills.iter().map(|bill| bill.cycles().to_f64()).collect::<Vec<_>>()));
    columns.push(column("overhead", bills.iter().map(Bill::overhead).collect::<Vec<_>>()));
    DataFrame::new(outcomes.len(), columns).map_err(|cause| Error::failed("put the results into a table", cause))
}

/// The files of a run, open before it starts, so that a folder that cannot be written is known at once.
#[derive(Debug)]
pub struct Files {
    dir: PathBuf,
    parquet: NamedTempFile,
    csv: NamedTempFile,
    manifest: NamedTempFile,
}

impl Files {
    /// Opens them aside, in the folder where they will lie; the folder is made if it is missing.
    pub fn create(dir: &Path) -> Result<Files> {
        let failed = |cause: std::io::Error| Error::failed(format!("write results in {}", dir.display()), cause);
        std::fs::create_dir_all(dir).map_err(failed)?;
        for name in [PARQUET, CSV, MANIFEST] {
            if dir.join(name).is_dir() {
                return Err(Error::failed(format!("write {}", dir.join(name).display()), "it is a folder"));
            }
        }
        let open = || tempfile::Builder::new().prefix(".partial-").tempfile_in(dir).map_err(failed);
        Ok(Files { parquet: open()?, csv: open()?, manifest: open()?, dir: dir.to_path_buf() })
    }

    /// Writes all three and then renames them, so that earlier results stay whole until the new ones are.
    pub fn write(mut self, frame: &mut DataFrame, manifest: &str) -> Result<()> {
        let dir = self.dir.clone();
        let failed =
            |name: &str, cause: &dyn Display| Error::failed(format!("write {}", dir.join(name).display()), cause);
        ParquetWriter::new(self.parquet.as_file_mut()).finish(frame).map_err(|cause| failed(PARQUET, &cause))?;
        write_csv(frame, self.csv.as_file_mut()).map_err(|cause| failed(CSV, &cause))?;
        self.manifest.write_all(manifest.as_bytes()).map_err(|cause| failed(MANIFEST, &cause))?;
        let files = [(self.parquet, PARQUET), (self.csv, CSV), (self.manifest, MANIFEST)];
        for (file, name) in &files {
            file.as_file().sync_all().map_err(|cause| failed(name, &cause))?;
            readable_by_all(file).map_err(|cause| failed(name, &cause))?;
        }
        for (file, name) in files {
            file.persist(dir.join(name)).map_err(|cause| failed(name, &cause))?;
        }
        Ok(())
    }
}

/// Numbers in their shortest exact form; nothing where there is no value.
fn write_csv(frame: &DataFrame, file: &mut std::fs::File) -> Result<(), Box<dyn std::error::Error>> {
    let mut writer = csv::Writer::from_writer(std::io::BufWriter::new(file));
    writer.write_record(frame.get_column_names().iter().map(|name| name.as_str()))?;
    for row in 0..frame.height() {
        for column in frame.columns() {
            match column.get(row)? {
                AnyValue::Null => writer.write_field("")?,
                AnyValue::Float64(number) => writer.write_field(number.to_string())?,
                AnyValue::UInt64(number) => writer.write_field(number.to_string())?,
                value => writer.write_field(value.str_value().as_ref())?,
            }
        }
        writer.write_record(None::<&[u8]>)?;
    }
    writer.flush()?;
    Ok(())
}
