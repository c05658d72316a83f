//! The program from outside: what it prints, writes, draws and refuses.

mod advise;
mod bill;
mod browser;
mod charts;
mod chromium;
mod compare;
mod documents;
mod edit;
mod first_steps;
mod golden;
mod import;
mod keys;
mod outside;
mod parquet;
mod processors;
mod record;
mod report;
mod shipped;
mod sweep;
mod tables;
mod terminal;
mod trace;
mod view;
