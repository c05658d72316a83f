//! A chart, laid out: its pictures, and the numbers beside them.

use super::figure::Figure;
use super::figure_table::FigureTable;
use super::letters::{in_own_letters, tame};
use super::paint;
use super::picture::{Picture, register_faces};
use crate::aside;
use crate::error::{Error, Result};
use crate::sweep::Chart;
use std::fmt::Display;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// A chart that is to be written, and put into a report.
pub struct Drawing {
    pub chart: Chart,
    figures: Vec<LaidOut>,
}

/// A figure, its pictures and its numbers, each with the name that its files have before the ending.
struct LaidOut {
    /// As they are laid out in letters of the own faces, and as SVG, for which the reader has fonts.
    pictures: Vec<(String, Picture, String)>,
    numbers: (String, FigureTable),
}

impl Drawing {
    /// Lays figures out, and draws their pictures as SVG. The chart's name and the ending of a figure, and for a picture of one trace
    /// its name, make the files' names.
    pub(super) fn new(chart: Chart, figures: Vec<(String, Figure)>) -> Result<Drawing> {
        register_faces()?;
        let (mut stems, mut tables) = (Vec::new(), Vec::new());
        let laid_out = |(ending, mut figure): (String, Figure)| {
            let name = format!("{}{}", chart.name(), dashed(&ending));
            let numbers = (free(&name, &mut tables), figure.numbers());
            figure.reword(tame);
            let shown = figure.pictures()?;
            figure.reword(in_own_letters);
            let picture = |((trace, picture), (_, own)): ((String, Picture), (String, Picture))| {
                let svg = paint::svg(&picture)?;
                Ok((free(&format!("{name}{}", dashed(&trace)), &mut stems), own, svg))
            };
            let pictures = shown.into_iter().zip(figure.pictures()?).map(picture).collect::<Result<_>>()?;
            Ok(LaidOut { pictures, numbers })
        };
        let figures = figures.into_iter().map(laid_out).collect::<Result<_>>();
        Ok(Drawing { chart, figures: figures.map_err(|cause| failed(chart, cause))? })
    }

    /// The pictures as the texts of SVG files, each with the name that its file has before `.svg`.
    pub fn svgs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.figures.iter().flat_map(|figure| &figure.pictures).map(|(stem, _, svg)| (stem.as_str(), svg.as_str()))
    }

    /// Writes `NAME.svg` and `NAME.png` into a folder, which is made if it is missing, with the numbers in `NAME.csv`; returns
    /// their paths.
    pub fn write(&self, dir: &Path) -> Result<Vec<PathBuf>> {
        let write = || {
            fs::create_dir_all(dir)
                .map_err(|cause| Error::failed(format!("make the folder {}", dir.display()), cause))?;
            let mut paths = Vec::new();
            for LaidOut { pictures, numbers: (stem, numbers) } in &self.figures {
                for (stem, picture, svg) in pictures {
                    paths.extend(write_picture(picture, svg, dir, stem)?);
                }
                paths.push(write_numbers(&numbers.csv()?, dir, stem)?);
            }
            Ok(paths)
        };
        write().map_err(|cause: Error| failed(self.chart, cause))
    }
}

fn failed(chart: Chart, cause: Error) -> Error {
    Error::failed(format!("draw the chart `{}`", chart.name()), cause)
}

/// A part of a file's name, with a dash before it if there is any.
fn dashed(part: &str) -> String {
    if part.is_empty() { String::new() } else { format!("-{part}") }
}

/// A file's name that every system takes and that was not taken yet, even where case does not count. Now it is.
fn free(name: &str, taken: &mut Vec<String>) -> String {
    /// Well below what file systems allow, in characters of one byte.
    const LONGEST: usize = 100;
    let plain = |c: char| if c.is_ascii_alphanumeric() || "-+.".contains(c) { c } else { '_' };
    let stem: String = name.chars().map(plain).take(LONGEST).collect();
    let is_free = |stem: &String| !taken.iter().any(|other| other.eq_ignore_ascii_case(stem));
    let mut numbered = stem.clone();
    for n in 2.. {
        if is_free(&numbered) {
            break;
        }
        numbered = format!("{stem}-{n}");
    }
    taken.push(numbered.clone());
    numbered
}

/// Writes both files aside first, so that a chart is there whole or not at all.
fn write_picture(picture: &Picture, drawn: &str, dir: &Path, stem: &str) -> Result<[PathBuf; 2]> {
    let [svg, png] = ["svg", "png"].map(|kind| dir.join(format!("{stem}.{kind}")));
    let (svg_aside, png_aside) = (aside(dir, ".svg")?, aside(dir, ".png")?);
    fs::write(svg_aside.path(), drawn).map_err(|cause| unwritten(&svg, &cause))?;
    fs::write(png_aside.path(), paint::png(picture)?).map_err(|cause| unwritten(&png, &cause))?;
    persist(svg_aside, &svg)?;
    persist(png_aside, &png)?;
    Ok([svg, png])
}

fn write_numbers(csv: &[u8], dir: &Path, stem: &str) -> Result<PathBuf> {
    let path = dir.join(format!("{stem}.csv"));
    let aside = aside(dir, ".csv")?;
    fs::write(aside.path(), csv).map_err(|cause| unwritten(&path, &cause))?;
    persist(aside, &path)?;
    Ok(path)
}

fn aside(dir: &Path, ending: &str) -> Result<NamedTempFile> {
    aside::create(dir, ending).map_err(|cause| unwritten(dir, &cause))
}

fn persist(aside: NamedTempFile, path: &Path) -> Result<()> {
    aside.persist(path).map_err(|cause| unwritten(path, &cause.error))?;
    Ok(())
}

fn unwritten(path: &Path, cause: &dyn Display) -> Error {
    Error::failed(format!("write {}", path.display()), cause)
}
