//! Tables as text, Markdown and LaTeX.

use crate::words::one_line;
use comfy_table::presets::{ASCII_MARKDOWN, NOTHING};
use comfy_table::{CellAlignment, ContentArrangement, Table, TableStyle};

/// A table of words: a heading and a side for each column.
#[derive(Clone, Debug, Default)]
pub struct Grid {
    heads: Vec<(String, Side)>,
    rows: Vec<Vec<String>>,
}

/// Where the words of a column stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Left,
    Right,
}

impl Grid {
    pub fn new(heads: impl IntoIterator<Item = (String, Side)>) -> Grid {
        Grid { heads: heads.into_iter().collect(), rows: Vec::new() }
    }

    /// Adds a row: a word for each column.
    pub fn add(&mut self, row: impl IntoIterator<Item = String>) {
        self.rows.push(row.into_iter().map(|word| one_line(&word).into_owned()).collect());
    }

    /// Columns with two spaces between them, as many as `width` characters have room for; and the headings of the others.
    /// Where room is short, headings that are longer than what is under them take several lines.
    pub fn text(&self, width: Option<usize>) -> (String, Vec<String>) {
        let width = width.unwrap_or(usize::MAX);
        let short = if self.fitting(width) < self.heads.len() { self.with_broken_heads() } else { self.clone() };
        let fitting = short.fitting(width).max(1);
        let left_out = self.heads.iter().skip(fitting).map(|(name, _)| name.clone()).collect();
        let kept = Grid {
            heads: short.heads.into_iter().take(fitting).collect(),
            rows: short.rows.into_iter().map(|row| row.into_iter().take(fitting).collect()).collect(),
        };
        let mut table = kept.table(NOTHING);
        table.column_iter_mut().for_each(|column| {
            column.set_padding((0, 2));
        });
        (table.trim_fmt() + "\n", left_out)
    }

    /// How many columns fit, from the left.
    fn fitting(&self, width: usize) -> usize {
        let mut room = width;
        let fits = |wide: &&u16| {
            let rest = room.checked_sub(usize::from(**wide));
            // The space after a column is needed only before another.
            room = rest.unwrap_or(0).saturating_sub(2);
            rest.is_some()
        };
        self.table(NOTHING).column_max_content_widths().iter().take_while(fits).count()
    }

    /// The same with headings broken after `_`, `.` and spaces, to be no wider than the words under them.
    fn with_broken_heads(&self) -> Grid {
        let bodies =
            Grid { heads: self.heads.iter().map(|(_, side)| (String::new(), *side)).collect(), ..self.clone() };
        let widths = bodies.table(NOTHING).column_max_content_widths();
        let broken = |((name, side), wide): (&(String, Side), u16)| (broken(name, usize::from(wide)), *side);
        Grid { heads: self.heads.iter().zip(widths).map(broken).collect(), rows: self.rows.clone() }
    }

    pub fn markdown(&self) -> String {
        let escaped = Grid {
            heads: self.heads.iter().map(|(name, side)| (markdown(name), *side)).collect(),
            rows: self.rows.iter().map(|row| row.iter().map(|word| markdown(word)).collect()).collect(),
        };
        let text = escaped.table(ASCII_MARKDOWN).to_string();
        let sides: Vec<Side> = self.heads.iter().map(|(_, side)| *side).collect();
        let lines = text.lines().enumerate();
        lines.map(|(i, line)| if i == 1 { aligned(line, &sides) } else { line.to_string() } + "\n").collect()
    }

    /// A `tabular` with the rules of booktabs.
    pub fn latex(&self) -> String {
        let sides: String = self.heads.iter().map(|(_, side)| if *side == Side::Left { 'l' } else { 'r' }).collect();
        let line = |words: &mut dyn Iterator<Item = &String>| {
            words.map(|word| latex(word)).collect::<Vec<_>>().join(" & ") + " \\\\\n"
        };
        let heads = line(&mut self.heads.iter().map(|(name, _)| name));
        let rows: String = self.rows.iter().map(|row| line(&mut row.iter())).collect();
        format!("\\begin{{tabular}}{{{sides}}}\n\\toprule\n{heads}\\midrule\n{rows}\\bottomrule\n\\end{{tabular}}\n")
    }

    fn table(&self, style: TableStyle) -> Table {
        let mut table = Table::new();
        table.load_style(style).set_content_arrangement(ContentArrangement::Disabled);
        table.set_header(self.heads.iter().map(|(name, _)| name));
        table.add_rows(&self.rows);
        for (column, (_, side)) in table.column_iter_mut().zip(&self.heads) {
            column.set_cell_alignment(if *side == Side::Left { CellAlignment::Left } else { CellAlignment::Right });
        }
        table
    }
}

/// A heading in lines of at most `width` characters, where it can be broken.
fn broken(name: &str, width: usize) -> String {
    name.lines().map(|line| broken_line(line, width)).collect::<Vec<_>>().join("\n")
}

fn broken_line(name: &str, width: usize) -> String {
    let mut lines = vec![String::new()];
    let parts = || name.split_inclusive(['_', '.', ' ']);
    // No part can be broken, so that the longest may as well be used.
    let width = parts().map(|part| part.trim_end().chars().count()).fold(width, usize::max);
    for part in parts() {
        match lines.last_mut() {
            Some(line) if line.is_empty() || line.chars().count() + part.trim_end().chars().count() <= width => {
                line.push_str(part);
            }
            _ => lines.push(part.to_string()),
        }
    }
    lines.iter().map(|line| line.trim_end()).collect::<Vec<_>>().join("\n")
}

/// The line under the headings, with a colon at the end of each column that stands to the right.
fn aligned(line: &str, sides: &[Side]) -> String {
    let parts: Vec<&str> = line.split('|').collect();
    let part = |(i, part): (usize, &&str)| match i.checked_sub(1).and_then(|column| sides.get(column)) {
        Some(Side::Right) => format!("{}:", part.get(1..).unwrap_or_default()),
        _ => part.to_string(),
    };
    parts.iter().enumerate().map(part).collect::<Vec<_>>().join("|")
}

/// Words as Markdown shows them, which would take some of their letters for its own, and tags for those of HTML.
pub fn markdown(words: &str) -> String {
    let escape = |c: char| match c {
        '\\' | '|' | '`' | '*' | '[' | ']' => format!("\\{c}"),
        '<' => "&lt;".into(),
        '&' => "&amp;".into(),
        c => c.to_string(),
    };
    words.chars().map(escape).collect()
}

fn latex(word: &str) -> String {
    if let Some(times) = word.strip_suffix(" ×").filter(|times| times.parse::<f64>().is_ok()) {
        return format!("{times}\\,$\\times$");
    }
    let escape = |c: char| match c {
        '&' | '%' | '$' | '#' | '{' | '}' => format!("\\{c}"),
        '_' => "\\_".into(),
        // Other letters in the fonts that LaTeX has by default, and arguments after the end of a row.
        '<' => "\\textless{}".into(),
        '>' => "\\textgreater{}".into(),
        '|' => "\\textbar{}".into(),
        '[' | ']' | '*' => format!("{{{c}}}"),
        '~' => "\\textasciitilde{}".into(),
        '^' => "\\textasciicircum{}".into(),
        '\\' => "\\textbackslash{}".into(),
        c => c.to_string(),
    };
    word.chars().map(escape).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid() -> Grid {
        let mut grid =
            Grid::new([("trace".into(), Side::Left), ("a|b".into(), Side::Right), ("_%".into(), Side::Right)]);
        grid.add(["git".into(), "1".into(), "10 %".into()]);
        grid.add(["sort".into(), "1_000".into(), "9 %".into()]);
        grid
    }

    #[test]
    fn columns_that_do_not_fit_are_left_out_and_named() {
        let (text, left_out) = grid().text(None);
        assert_eq!(text, "trace    a|b    _%\ngit        1  10 %\nsort   1_000   9 %\n");
        assert_eq!(left_out, Vec::<String>::new());
        assert_eq!(grid().text(Some(18)).1, Vec::<String>::new());
        assert_eq!(grid().text(Some(17)).1, ["_%"]);
    }

    #[test]
    fn a_heading_is_broken_only_where_room_is_short() {
        let mut grid = Grid::new([("guest_pages".into(), Side::Left), ("tlb.l2.4K.entries".into(), Side::Right)]);
        grid.add(["thp".into(), "1536".into()]);
        assert_eq!(grid.text(Some(30)).0, "guest_pages  tlb.l2.4K.entries\nthp                       1536\n");
        let (text, left_out) = grid.text(Some(16));
        assert_eq!(
            (text.as_str(), left_out.len()),
            ("guest_  tlb.l2.\npages       4K.\n        entries\nthp        1536\n", 0)
        );
    }

    #[test]
    fn markdown_and_latex_escape_what_they_would_take_for_their_own() {
        let markdown = grid().markdown();
        assert!(markdown.starts_with("| trace |  a\\|b |   _% |\n|-------|------:|-----:|\n"), "{markdown}");
        let latex = grid().latex();
        let head = "trace & a\\textbar{}b & \\_\\% \\\\\n\\midrule\ngit & 1 & 10 \\% \\\\\n";
        assert!(latex.contains(head), "{latex}");
    }

    #[test]
    fn no_word_is_a_tag_a_link_an_argument_or_a_line_of_its_own() {
        let mut grid = Grid::new([("trace".into(), Side::Left)]);
        grid.add(["<script>a()</script> [x](y) `&|\n\u{202e}".to_string()]);
        grid.add(["[2em]".to_string()]);
        let markdown = grid.markdown();
        assert!(
            markdown.contains("| &lt;script>a()&lt;/script> \\[x\\](y) \\`&amp;\\|\\\\n\\\\u{202e} |"),
            "{markdown}"
        );
        assert!(grid.latex().contains("\n{[}2em{]} \\\\\n"));
        assert!(grid.latex().contains("\\textless{}script\\textgreater{}a()"));
        assert_eq!(grid.text(None).0.lines().count(), 3);
    }
}
