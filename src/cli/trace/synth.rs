use super::chunks::each_chunk;
use crate::cli::output::{many, print};
use crate::cli::paths::file;
use crate::error::{Defect, Error, Result};
use crate::trace::synth::{KEYS, Synthetic, Workload};
use crate::trace::{ParquetSink, Source};
use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgMatches, Args, Command, FromArgMatches};
use std::fmt::Write;
use std::path::PathBuf;

/// Invent a trace: a known access pattern
///
/// Equal parameters and seeds give equal rows on every machine. A sweep file can name the same workloads and parameters
/// in place of a file: { synthetic = "uniform", footprint = "1G", accesses = 5_000_000 }.
#[derive(Debug, Args)]
#[command(after_long_help = workloads())]
pub struct SynthArguments {
    /// The access pattern
    #[arg(value_parser = PossibleValuesParser::new(Workload::ALL.map(Workload::name)), hide_possible_values = true)]
    workload: String,
    /// The Parquet file to write
    #[arg(short, long, value_name = "OUT.parquet", value_parser = file())]
    output: PathBuf,
    #[command(flatten)]
    parameters: Parameters,
}

/// The workloads, each with its parameters and their defaults.
fn workloads() -> String {
    let mut text = "Workloads, with their parameters and defaults:\n".to_string();
    for workload in Workload::ALL {
        let defaults: Vec<String> =
            workload.keys().map(|key| format!("--{} {}", key.name, key.default(workload))).collect();
        let _ = write!(text, "\n  {}: {}\n    {}\n", workload.name(), workload.meaning(), defaults.join(" "));
    }
    text
}

/// The parameters given, one option for each of [`KEYS`].
#[derive(Clone, Debug)]
struct Parameters(Vec<(&'static str, String)>);

impl FromArgMatches for Parameters {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Parameters, clap::Error> {
        let given = |name: &'static str| Some((name, matches.get_one::<String>(name)?.clone()));
        Ok(Parameters(KEYS.iter().filter_map(|key| given(key.name)).collect()))
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Parameters::from_arg_matches(matches)?;
        Ok(())
    }
}

impl Args for Parameters {
    fn augment_args(command: Command) -> Command {
        KEYS.iter().fold(command, |command, key| {
            let text = match key.workloads {
                all if all == Workload::ALL => key.meaning.to_string(),
                some => {
                    let names: Vec<_> = some.iter().map(|workload| workload.name()).collect();
                    format!("{} ({})", key.meaning, names.join(", "))
                }
            };
            command.arg(Arg::new(key.name).long(key.name).value_name(key.kind()).help(text))
        })
    }

    fn augment_args_for_update(command: Command) -> Command {
        Parameters::augment_args(command)
    }
}

impl SynthArguments {
    pub fn run(self) -> Result<()> {
        let synthetic = self.synthetic()?;
        let notes = [
            ("source".to_string(), format!("synthetic {}", synthetic.workload.name())),
            ("command".to_string(), command(&synthetic)),
        ];
        let mut sink = ParquetSink::create(&self.output, notes.into())?;
        let mut source: Box<dyn Source> = synthetic.source();
        each_chunk(source.as_mut(), "inventing", |rows, _| sink.extend(rows))?;
        let written = sink.finish()?;
        print(|out| {
            let (path, rows, bytes) = (self.output.display(), many(written.rows, "row"), many(written.bytes, "byte"));
            writeln!(out, "{path}: {rows} in {bytes}\n  {}\n  rows {}", command(&synthetic), written.digest)
        })
    }

    /// What was asked for, or everything that is wrong with it.
    fn synthetic(&self) -> Result<Synthetic> {
        let defect = |place: String, found: String| Defect::new("analyze trace synth", place, found);
        let Some(workload) = Workload::by_name(&self.workload) else {
            return Err(defect(String::new(), format!("no workload {:?}", self.workload)).into());
        };
        let mut synthetic = Synthetic::new(workload);
        let mut defects = Vec::new();
        for (name, value) in &self.parameters.0 {
            if let Err(expected) = synthetic.set(name, value) {
                defects.push(defect(format!("--{name}"), value.clone()).expected(expected));
            }
        }
        if defects.is_empty() {
            defects.extend(synthetic.check().err().map(|expected| {
                defect(String::new(), format!("{} with these parameters", workload.name())).expected(expected)
            }));
        }
        if defects.is_empty() { Ok(synthetic) } else { Err(Error::Input(defects)) }
    }
}

/// The command that makes the same rows.
fn command(of: &Synthetic) -> String {
    let parameters = of.workload.keys().map(|key| format!(" --{} {}", key.name, key.value(of)));
    format!("analyze trace synth {}{}", of.workload.name(), parameters.collect::<String>())
}
