//! The files of a chart: pictures and numbers, written aside and then put in place.

use std::fmt::Display;
use std::fs;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::figure::Figure;
use super::paint;
use super::picture::Picture;
use crate::aside;
use crate::error::{Error, Result};

/// Writes the pictures of some figures and beside them their numbers; returns the paths. `NAME` and the ending of a figure,
/// and for a picture of one trace its name, make the files' names.
pub fn write(name: &str, figures: &[(String, Figure)], dir: &Path) -> Result<Vec<PathBuf>> {
    fs::create_dir_all(dir).map_err(|cause| Error::failed(format!("make the folder {}", dir.display()), cause))?;
    let (mut paths, mut stems, mut tables) = (Vec::new(), Vec::new(), Vec::new());
    for (ending, figure) in figures {
        let name = format!("{name}{}", dashed(ending));
        for (stem, picture) in pictures(&name, figure, &mut stems)? {
            paths.extend(write_picture(&picture, dir, &stem)?);
        }
        let stem = stem(&name, &tables);
        paths.push(write_numbers(&figure.numbers().csv()?, dir, &stem)?);
        tables.push(stem);
    }
    Ok(paths)
}

/// The pictures of some figures as the texts of SVG files, each with the name that its file has before `.svg`.
pub fn svgs(name: &str, figures: &[(String, Figure)]) -> Result<Vec<(String, String)>> {
    let (mut texts, mut stems) = (Vec::new(), Vec::new());
    for (ending, figure) in figures {
        for (stem, picture) in pictures(&format!("{name}{}", dashed(ending)), figure, &mut stems)? {
            texts.push((stem, paint::svg(&picture)?));
        }
    }
    Ok(texts)
}

/// The pictures of a figure with their files' names, which join those taken.
fn pictures(name: &str, figure: &Figure, taken: &mut Vec<String>) -> Result<Vec<(String, Picture)>> {
    let named = |(trace, picture): (String, Picture)| {
        let stem = stem(&format!("{name}{}", dashed(&trace)), taken);
        taken.push(stem.clone());
        (stem, picture)
    };
    Ok(figure.pictures()?.into_iter().map(named).collect())
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

/// Draws both files aside first, so that a chart is there whole or not at all.
fn write_picture(picture: &Picture, dir: &Path, stem: &str) -> Result<[PathBuf; 2]> {
    let [svg, png] = ["svg", "png"].map(|kind| dir.join(format!("{stem}.{kind}")));
    let (svg_aside, png_aside) = (aside(dir, ".svg")?, aside(dir, ".png")?);
    fs::write(svg_aside.path(), paint::svg(picture)?).map_err(|cause| failed(&svg, &cause))?;
    paint::png(picture, png_aside.path())?;
    persist(svg_aside, &svg)?;
    persist(png_aside, &png)?;
    Ok([svg, png])
}

fn write_numbers(csv: &[u8], dir: &Path, stem: &str) -> Result<PathBuf> {
    let path = dir.join(format!("{stem}.csv"));
    let aside = aside(dir, ".csv")?;
    fs::write(aside.path(), csv).map_err(|cause| failed(&path, &cause))?;
    persist(aside, &path)?;
    Ok(path)
}

fn aside(dir: &Path, ending: &str) -> Result<NamedTempFile> {
    aside::create(dir, ending).map_err(|cause| failed(dir, &cause))
}

fn persist(aside: NamedTempFile, path: &Path) -> Result<()> {
    aside.persist(path).map_err(|cause| failed(path, &cause))?;
    Ok(())
}

fn failed(path: &Path, cause: &dyn Display) -> Error {
    Error::failed(format!("write {}", path.display()), cause)
}
