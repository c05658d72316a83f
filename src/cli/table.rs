//! `analyze table`: results filtered, sorted and turned, in the terminal or for a paper.

use super::choices::chosen;
use super::grid::{Grid, Side};
use super::numbers::shown;
use super::output::{print, warn};
use super::terminal::{width, wrapped};
use crate::error::{Defect, Error, Result};
use crate::results::{Results, Value};
use crate::sweep::worth_a_word;
use crate::view::{Aggregate, Condition, Head, Pivot, SortKey, View, filter, pivot, select, varying};
use crate::words::{cell, counted, did_you_mean, one_line, one_of};
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Columns shown beside the axes where none are asked for.
const USUAL: [&str; 5] = ["overhead", "walks", "vm_exits", "hypercalls", "cycles"];

/// Filter, sort and pivot results
#[derive(Debug, Args)]
pub struct TableArguments {
    /// Folder of results, or one of its .parquet or .csv files
    #[arg(value_name = "RESULTS")]
    results: PathBuf,
    /// Rows to keep, as 'technique = ept' or 'overhead < 10%': a column, one of = != < <= > >=, a value. `=` and `!=` take
    /// several values with commas between them. Given more than once, all must hold
    #[arg(long = "where", value_name = "CONDITION")]
    conditions: Vec<Condition>,
    /// Columns to show, or `all`; default: the axes that vary and some counts
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',', conflicts_with_all = ["rows", "cols", "value", "agg"])]
    select: Vec<String>,
    /// Pivot: columns whose values name the rows; default: the axes that vary and are not in --cols
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    rows: Vec<String>,
    /// Pivot: columns whose values name the columns
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    cols: Vec<String>,
    /// Pivot: the column that is shown where a row and a column meet; default: overhead
    #[arg(long, value_name = "COLUMN")]
    value: Option<String>,
    /// Pivot: what stands for several rows that fall into one cell; without it they are an error
    #[arg(long, value_parser = chosen(Aggregate::ALL.map(|it| (it.name(), "", it))))]
    agg: Option<Aggregate>,
    /// Sort by a column that is shown, as `overhead` or `overhead:desc`; several with commas between them
    #[arg(long, value_name = "COLUMN[:desc]", value_delimiter = ',')]
    sort: Vec<SortKey>,
    /// How to write it
    #[arg(long, value_enum, default_value = "text")]
    format: TableFormat,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum TableFormat {
    /// Columns as wide as their words, as many as the terminal has room for
    Text,
    /// Every digit
    Csv,
    /// A table of GitHub's Markdown
    Markdown,
    /// A tabular with the rules of the package booktabs
    Latex,
}

impl TableArguments {
    pub fn run(self) -> Result<()> {
        let results = Results::read(&self.results)?;
        let rows = filter(&results, &self.conditions)?;
        if rows.is_empty() {
            warn(format_args!("no row of {} meets every --where", results.file.display()));
        }
        let mut view = if self.pivots() {
            pivot(&results, &rows, &self.pivot(&results, &rows)?)?
        } else {
            select(&results, &rows, &self.columns(&results, &rows)?)?
        };
        self.sort(&mut view)?;
        let caption = self.caption(&results, &rows, &view)?;
        match self.format {
            TableFormat::Csv => csv(&view),
            TableFormat::Markdown => print(|out| out.write_all(grid(&view, "").markdown().as_bytes())),
            TableFormat::Latex => {
                let table = grid(&view, "--").latex();
                print(|out| write!(out, "% {}\n{table}", one_line(&caption)))
            }
            TableFormat::Text => {
                let (table, left_out) = grid(&view, "-").text(width());
                print(|out| write!(out, "{}{table}", wrapped(&caption, "  ")))?;
                if !left_out.is_empty() {
                    let names = left_out.join(", ");
                    print(|out| {
                        out.write_all(wrapped(&format!("left out, for want of room: {names}"), "  ").as_bytes())
                    })?;
                }
                Ok(())
            }
        }
    }

    fn pivots(&self) -> bool {
        !self.rows.is_empty() || !self.cols.is_empty() || self.value.is_some() || self.agg.is_some()
    }

    fn pivot(&self, results: &Results, rows: &[usize]) -> Result<Pivot> {
        let find = |names: &[String], place: &str| -> Result<Vec<usize>> {
            names.iter().map(|name| results.find(name.trim(), place)).collect()
        };
        let columns = find(&self.cols, "--cols")?;
        let down = match find(&self.rows, "--rows")? {
            none if none.is_empty() => varying(results, rows)?.into_iter().filter(|it| !columns.contains(it)).collect(),
            named => named,
        };
        let value = results.find(self.value.as_deref().unwrap_or("overhead"), "--value")?;
        Ok(Pivot { rows: down, columns, value, aggregate: self.agg })
    }

    fn columns(&self, results: &Results, rows: &[usize]) -> Result<Vec<usize>> {
        match &self.select[..] {
            [] => {
                let place = |name: &&str| results.names().iter().position(|known| known == name);
                let mut columns = varying(results, rows)?;
                columns.extend(USUAL.iter().filter_map(place));
                Ok(columns)
            }
            [all] if all == "all" => Ok((0..results.names().len()).collect()),
            names => names.iter().map(|name| results.find(name.trim(), "--select")).collect(),
        }
    }

    fn sort(&self, view: &mut View) -> Result<()> {
        // The last key first: the sort is stable.
        for order in self.sort.iter().rev() {
            let Some(at) = view.heads.iter().position(|head| head.name == order.column) else {
                let known: Vec<&str> = view.heads.iter().map(|head| head.name.as_str()).collect();
                let found = format!("no column `{}` is shown", order.column);
                return Err(Defect::new("command line", "--sort", found)
                    .expected(one_of(&known))
                    .remedy(did_you_mean(&order.column, &known))
                    .into());
            };
            view.rows.sort_by(|a, b| order.compare(&a[at], &b[at]));
        }
        Ok(())
    }

    /// What is shown, of how many rows, and the axes that are the same in all of them.
    fn caption(&self, results: &Results, rows: &[usize], view: &View) -> Result<String> {
        let mut words = Vec::new();
        for (axis, name) in results.axes().iter().enumerate() {
            let shown = view.heads.iter().any(|head| head.name == *name);
            if let ([value], false) = (&results.distinct(rows, axis)?[..], shown) {
                let value = value.to_string();
                if worth_a_word(name, &value) {
                    words.push(format!("{name} {value}"));
                }
            }
        }
        let value = match (&self.value, self.agg) {
            _ if !self.pivots() => String::new(),
            (value, agg) => {
                let agg = agg.map(|agg| format!("{} ", agg.name()));
                format!("{}{}: ", agg.unwrap_or_default(), value.as_deref().unwrap_or("overhead"))
            }
        };
        let counted = if rows.len() == results.height() {
            counted(rows.len(), "row")
        } else {
            format!("{} of {}", rows.len(), counted(results.height(), "row"))
        };
        let all = if words.is_empty() { String::new() } else { format!(", all of {}", words.join(", ")) };
        Ok(format!("{value}{counted}{all}"))
    }
}

fn grid(view: &View, none: &str) -> Grid {
    let side = |column: usize| {
        let number = |row: &Vec<Value>| row.get(column).is_some_and(|value| value.number().is_some());
        if view.rows.iter().any(number) { Side::Right } else { Side::Left }
    };
    let head = |(i, head): (usize, &Head)| (one_line(&head.name).into_owned(), side(i));
    let mut grid = Grid::new(view.heads.iter().enumerate().map(head));
    for row in &view.rows {
        grid.add(row.iter().zip(&view.heads).map(|(value, head)| shown(value, head.kind, none)));
    }
    grid
}

fn csv(view: &View) -> Result<()> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let failed = |cause: csv::Error| Error::failed("write the table as CSV", cause);
    writer.write_record(view.heads.iter().map(|head| cell(&head.name).into_owned())).map_err(failed)?;
    for row in &view.rows {
        let words = row.iter().map(|value| match value {
            Value::Text(word) => cell(word).into_owned(),
            Value::None | Value::Count(_) | Value::Number(_) => value.to_string(),
        });
        writer.write_record(words).map_err(failed)?;
    }
    let text = writer.into_inner().map_err(|cause| Error::failed("write the table as CSV", cause))?;
    print(|out| out.write_all(&text))
}
