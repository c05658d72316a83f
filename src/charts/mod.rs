//! Figures of the results, as SVG and PNG: what is shown is gathered first (`overhead`, `tlb`, `exit_cost`, `footprint`),
//! then laid out (`bars`, `lines` on a `page`), and only then drawn (`paint`), twice from one layout.

mod bars;
mod exit_cost;
mod footprint;
mod lines;
mod overhead;
mod page;
mod paint;
mod picture;
mod scale;
mod series;
mod stack;
mod style;
mod table;
mod tlb;

use std::fs;
use std::path::{Path, PathBuf};

use polars::prelude::DataFrame;

use crate::error::{Error, Result};
use picture::Picture;

/// A figure that can be drawn from the results of a sweep.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Chart {
    Overhead,
    Tlb,
    ExitCost,
    Footprint,
}

impl Chart {
    /// Every chart, in the order in which they are drawn.
    pub const ALL: [Chart; 4] = [Chart::Overhead, Chart::Tlb, Chart::ExitCost, Chart::Footprint];

    /// The word for it in a sweep file, and the beginning of its files' names.
    pub const fn name(self) -> &'static str {
        match self {
            Chart::Overhead => "overhead",
            Chart::Tlb => "tlb",
            Chart::ExitCost => "exit-cost",
            Chart::Footprint => "footprint",
        }
    }

    /// The chart of a name.
    pub fn by_name(name: &str) -> Option<Chart> {
        Chart::ALL.into_iter().find(|chart| chart.name() == name)
    }

    /// What it shows, in one sentence.
    pub const fn meaning(self) -> &'static str {
        match self {
            Chart::Overhead => "The bill's parts over the ideal cycles, by technique and page sizes.",
            Chart::Tlb => "Walks per thousand accesses over the entries of a TLB array; needs an axis of entries.",
            Chart::ExitCost => "Overhead over the price sheets; needs an axis of prices.",
            Chart::Footprint => "Memory of guest, shadow and host page tables, by technique and page sizes.",
        }
    }

    /// Whether the axes of these results allow the chart.
    pub fn fits(self, results: &DataFrame) -> bool {
        match self {
            Chart::Overhead => overhead::prepare(results).is_ok_and(|bars| bars.is_some()),
            Chart::Tlb => tlb::prepare(results).is_ok_and(|figures| !figures.is_empty()),
            Chart::ExitCost => exit_cost::prepare(results).is_ok_and(|lines| lines.is_some()),
            Chart::Footprint => footprint::prepare(results).is_ok_and(|bars| bars.is_some()),
        }
    }

    /// Draws `NAME.svg` and `NAME.png` into a folder, which is made if it is missing, and returns their paths.
    ///
    /// Results with more traces than three rows of panels hold get a picture each, `NAME-TRACE`; several axes of TLB entries
    /// get one each as well, `tlb-ARRAY`.
    pub fn draw(self, results: &DataFrame, dir: &Path) -> Result<Vec<PathBuf>> {
        picture::register_faces()?;
        let pictures = self.pictures(results)?;
        if pictures.is_empty() {
            return Err(Error::failed(
                format!("draw the chart `{}`", self.name()),
                format!("the results do not have what it shows: {}", self.meaning()),
            ));
        }
        fs::create_dir_all(dir).map_err(|cause| Error::failed(format!("make the folder {}", dir.display()), cause))?;
        let mut stems = Vec::new();
        let mut paths = Vec::new();
        for (ending, picture) in pictures {
            let stem = stem(&format!("{}{ending}", self.name()), &stems);
            paths.extend(write(&picture, dir, &stem)?);
            stems.push(stem);
        }
        Ok(paths)
    }

    /// The pictures of this chart, each with the ending that its file's name has.
    fn pictures(self, results: &DataFrame) -> Result<Vec<(String, Picture)>> {
        let mut pictures = match self {
            Chart::Overhead => overhead::prepare(results)?.map_or(Ok(Vec::new()), |bars| bars.pictures())?,
            Chart::ExitCost => exit_cost::prepare(results)?.map_or(Ok(Vec::new()), |lines| lines.pictures())?,
            Chart::Footprint => footprint::prepare(results)?.map_or(Ok(Vec::new()), |bars| bars.pictures())?,
            Chart::Tlb => return tlb_pictures(results),
        };
        pictures.iter_mut().for_each(|(ending, _)| *ending = dashed(ending));
        Ok(pictures)
    }
}

fn tlb_pictures(results: &DataFrame) -> Result<Vec<(String, Picture)>> {
    let figures = tlb::prepare(results)?;
    let several = figures.len() > 1;
    let mut pictures = Vec::new();
    for (array, lines) in figures {
        let array = if several { dashed(&array) } else { String::new() };
        pictures
            .extend(lines.pictures()?.into_iter().map(|(trace, picture)| (array.clone() + &dashed(&trace), picture)));
    }
    Ok(pictures)
}

/// A part of a file's name, with a dash before it if there is any.
fn dashed(part: &str) -> String {
    if part.is_empty() { String::new() } else { format!("-{part}") }
}

/// A file's name that every system takes and that is not taken yet, even where case does not count.
fn stem(name: &str, taken: &[String]) -> String {
    /// Well below what file systems allow, in characters of one byte.
    const LONGEST: usize = 100;
    let plain = |c: char| if c.is_ascii_alphanumeric() || "-+.".contains(c) { c } else { '_' };
    let stem: String = name.chars().map(plain).take(LONGEST).collect();
    let free = |stem: &String| !taken.iter().any(|other| other.eq_ignore_ascii_case(stem));
    let mut numbered = stem.clone();
    for n in 2.. {
        if free(&numbered) {
            break;
        }
        numbered = format!("{stem}-{n}");
    }
    numbered
}

/// Draws the files aside and then puts them in place, so that a chart is there whole or not at all.
fn write(picture: &Picture, dir: &Path, stem: &str) -> Result<[PathBuf; 2]> {
    let failed = |path: &Path, cause: &dyn std::fmt::Display| Error::failed(format!("write {}", path.display()), cause);
    let [svg, png] = ["svg", "png"].map(|kind| dir.join(format!("{stem}.{kind}")));
    let aside = |ending: &str| {
        let file = tempfile::Builder::new().prefix(".partial-").suffix(ending).tempfile_in(dir);
        file.map_err(|cause| failed(dir, &cause))
    };
    let (svg_aside, png_aside) = (aside(".svg")?, aside(".png")?);
    fs::write(svg_aside.path(), paint::svg(picture)?).map_err(|cause| failed(&svg, &cause))?;
    paint::png(picture, png_aside.path())?;
    for (aside, path) in [(svg_aside, &svg), (png_aside, &png)] {
        crate::aside::readable_by_all(&aside).map_err(|cause| failed(path, &cause))?;
        aside.persist(path).map_err(|cause| failed(path, &cause))?;
    }
    Ok([svg, png])
}
