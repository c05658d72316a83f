//! `report.html`: one file that says what was asked, what came out and what it rests on, for a reader without the program.
//!
//! What is shown is gathered first (`answer`, `cells`, `bill`, `sections`), as values for the template `page.html`, which
//! escapes all of them. The numbers of every row are also there for the script (`numbers`), which sorts and filters them.

mod answer;
mod bill;
mod cells;
mod doubts;
mod file;
mod numbers;
mod page;
mod rows;
mod sections;
mod words;

pub use answer::{Answer, answer};
pub use file::ReportFile;
pub use page::html;
