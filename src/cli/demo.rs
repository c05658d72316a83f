//! `analyze demo`: a first picture, from workloads that need no files.

use super::output::print;
use super::paths::folder;
use super::summary::label;
use super::sweep::SweepArguments;
use crate::error::Result;
use crate::numerals::{short, spaced};
use crate::outcome::Outcome;
use crate::report::answer;
use crate::sweep::Sweep;
use clap::Args;
use std::path::{Path, PathBuf};
use textwrap::{Options, fill};

const SWEEP: &str = include_str!("demo.toml");
/// Of a line of text.
const WIDTH: usize = 80;

/// Replay three invented workloads, and draw what each technique costs them
#[derive(Debug, Args)]
pub struct DemoArguments {
    /// Folder for the results and the report
    #[arg(long, value_name = "DIR", default_value = "out/demo", value_parser = folder())]
    out: PathBuf,
    /// Print the sweep file that it runs, to start one's own from, and run nothing
    #[arg(long)]
    show: bool,
}

impl DemoArguments {
    pub fn run(self) -> Result<()> {
        if self.show {
            return print(|out| out.write_all(SWEEP.as_bytes()));
        }
        let sweep = Sweep::parse(Path::new("demo.toml"), SWEEP)?;
        let run = SweepArguments::quietly(&self.out).replay(&sweep)?;
        let picture = picture(&sweep, &run.outcomes);
        let answer = answer(&sweep, &run.outcomes);
        print(|out| {
            writeln!(out, "Cycles that address translation adds to an access\n\n{picture}")?;
            answer.sentences.iter().try_for_each(|sentence| writeln!(out, "{}\n", fill(sentence, WIDTH)))?;
            answer.doubts.iter().try_for_each(|doubt| {
                writeln!(out, "{}", fill(&format!("- {doubt}"), Options::new(WIDTH).subsequent_indent("  ")))
            })?;
            answer.firmness.iter().try_for_each(|it| writeln!(out, "\n{}", fill(it, WIDTH)))?;
            writeln!(out, "\n4K on 2M is 4 KiB guest pages on 2 MiB host pages.")?;
            run.report
                .iter()
                .try_for_each(|path| writeln!(out, "All numbers, and what they rest on: {}", path.display()))?;
            writeln!(out, "To change this sweep: analyze demo --show > sweep.toml")?;
            writeln!(out, "For a program of your own: analyze trace record --help")
        })
    }
}

/// A bar for each row, trace by trace, each trace with its own scale.
fn picture(sweep: &Sweep, outcomes: &[Outcome<'_>]) -> String {
    let mut picture = String::new();
    for trace in &sweep.traces {
        let mine = outcomes.iter().filter(|it| it.trace == trace.name);
        let rows: Vec<(String, f64)> = mine.filter_map(|it| Some((label(it), it.added_per_access(false)?))).collect();
        let most = rows.iter().map(|(_, added)| *added).fold(0.0, f64::max);
        let width = rows.iter().map(|(label, _)| label.len()).max().unwrap_or(0);
        picture += &format!("{}\n", trace.name);
        for (label, added) in rows {
            let line = format!("  {label:width$} {:>9} {}", spaced(short(added)), bar(added / most));
            picture += &format!("{}\n", line.trim_end());
        }
        picture.push('\n');
    }
    picture.pop();
    picture
}

/// A bar of this share of the full length, to an eighth of a character.
fn bar(share: f64) -> String {
    const LENGTH: f64 = 50.0;
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let eighths = if share.is_finite() { (share * LENGTH * 8.0).round() as usize } else { 0 };
    "█".repeat(eighths / 8) + EIGHTHS[eighths % 8]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_as_long_as_its_share() {
        assert_eq!(bar(0.0), "");
        assert_eq!(bar(1.0).chars().count(), 50);
        assert_eq!(bar(0.05), "██▌");
        assert_eq!(bar(f64::NAN), "", "where nothing is added");
    }
}
