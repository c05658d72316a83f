//! Errors as they are told: where the defect is in a text file, with its line underlined.

use crate::error::{Defect, Error};
use crate::words::plain;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use std::io::Write;

/// Tells an error on standard error, in colours where it is a terminal that takes them.
pub fn complain(error: &Error) {
    // If standard error is closed, nobody is there to be told.
    let _ = writeln!(anstream::stderr(), "{}", complaint(error, &Renderer::styled()));
}

fn complaint(error: &Error, renderer: &Renderer) -> String {
    match error {
        Error::Input(defects) => {
            let told = defects.iter().map(|defect| match underlined(defect) {
                Some(group) => renderer.render(&[group]),
                None => plain(&defect.to_string()).into_owned(),
            });
            // One defect a paragraph, where lines of the file stand between.
            let between = if defects.iter().any(|defect| defect.excerpt.is_some()) { "\n\n" } else { "\n" };
            format!("analyze: {}", told.collect::<Vec<_>>().join(between))
        }
        Error::Failed { .. } | Error::Regression(_) => format!("analyze: {}", plain(&error.to_string())),
    }
}

/// A defect with its line; `None` where it has none.
fn underlined(defect: &Defect) -> Option<Group<'_>> {
    let excerpt = defect.excerpt.as_ref()?;
    let mark = AnnotationKind::Primary.span(excerpt.span.clone());
    let snippet = Snippet::source(excerpt.text.as_str()).line_start(excerpt.line).annotation(mark);
    let headline = plain(&defect.headline()).into_owned();
    let group = Level::ERROR.no_name().primary_title(headline).element(snippet);
    let rest = [("expected", &defect.expected), ("remedy", &defect.remedy)].into_iter();
    let rest = rest.filter(|(_, text)| !text.is_empty());
    Some(group.elements(rest.map(|(name, text)| Level::HELP.with_name(name).message(plain(text)))))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Excerpt;

    #[test]
    fn a_defect_in_a_text_file_shows_its_line_underlined() {
        let text = "[sweep]\ntecnique = \"native\"\n";
        let defect = Defect::new("sweep.toml", "line 2, column 1", "unknown key `tecnique`")
            .expected("one of `technique`, `cpu`")
            .remedy("did you mean `technique`?")
            .excerpt(Excerpt::new(text, 8..16));
        let told = complaint(&Error::Input(vec![defect]), &Renderer::plain());
        let wanted = "\
analyze: sweep.toml, line 2, column 1: unknown key `tecnique`
  |
2 | tecnique = \"native\"
  | ^^^^^^^^
  |
  = expected: one of `technique`, `cpu`
  = remedy: did you mean `technique`?";
        assert_eq!(told, wanted);
    }

    #[test]
    fn a_defect_without_a_line_is_told_as_before() {
        let defect = Defect::new("t.parquet", "row 7", "an address of 60 bits").expected("at most 57");
        let told = complaint(&defect.into(), &Renderer::plain());
        assert_eq!(told, "analyze: t.parquet, row 7: an address of 60 bits\n  expected: at most 57");
    }
}
