//! Do the rooms of the house use only what they may?
//!
//! A file's tests are held to what its room may use, as all of the file is.

mod lists;
mod rooms;
mod source;

use lists::{enums, lists};
use rooms::{MODEL, PROGRAM, Room};
use source::{Path as Named, is_name, paths, tokens};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// What the crates begin with; these files hold nothing but their rooms.
const ROOTS: [&str; 2] = ["lib.rs", "main.rs"];

/// A file of one of the crates.
struct Source {
    path: PathBuf,
    /// Its place in the crate: first its room. Empty for a root.
    modules: Vec<String>,
    text: String,
    is_model: bool,
}

fn files(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_path_buf()];
    }
    fs::read_dir(path).unwrap().flat_map(|entry| files(&entry.unwrap().path())).collect()
}

fn folder(is_model: bool) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(if is_model { "model/src" } else { "src" })
}

fn sources() -> Vec<Source> {
    let of = |is_model| {
        let folder = folder(is_model);
        let code = files(&folder).into_iter().filter(|path| path.extension().is_some_and(|it| it == "rs"));
        code.map(move |path| {
            let inner = path.strip_prefix(&folder).unwrap();
            let words = inner.iter().map(|word| word.to_str().unwrap().trim_end_matches(".rs").to_string());
            let is_root = ROOTS.iter().any(|root| inner == Path::new(root));
            let modules = words.filter(|word| word != "mod" && !is_root).collect();
            Source { text: fs::read_to_string(&path).unwrap(), path, modules, is_model }
        })
    };
    [true, false].into_iter().flat_map(of).collect()
}

fn all() -> impl Iterator<Item = &'static Room> {
    MODEL.iter().chain(PROGRAM)
}

/// Crates that the two manifests name, as code writes them; those of tests alone aside.
static CRATES: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let of = |manifest: &str| {
        let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(manifest)).unwrap();
        let manifest: toml::Table = text.parse().unwrap();
        let crates = manifest["dependencies"].as_table().unwrap().keys();
        crates.map(|name| name.replace('-', "_")).collect::<Vec<_>>()
    };
    ["Cargo.toml", "model/Cargo.toml"].into_iter().flat_map(of).filter(|name| name != "vmmu_model").collect()
});

/// What a path leads to outside its room.
#[derive(Debug, PartialEq)]
enum Use {
    Room(String),
    Crate(String),
}

impl Source {
    fn room(&self) -> &str {
        &self.modules[0]
    }

    /// What a path uses, if that lies outside the file's room; `Err` where that cannot be told.
    fn leads(&self, path: &Named<'_>, local: &BTreeSet<&str>) -> Result<Option<Use>, String> {
        let is_local = !path.is_import && local.contains(path.names.first().unwrap_or(&""));
        let names: Vec<&str> = path.names.iter().copied().filter(|name| *name != "self").collect();
        let above = names.iter().take_while(|name| **name == "super").count();
        let inner = self.modules.iter().map(String::as_str).chain(path.modules.iter().copied());
        let from_root = match names.first().copied() {
            Some("crate") => &names[1..],
            Some("vmmu_model") if !self.is_model => &names[1..],
            Some("super") if inner.clone().count() > above => return Ok(None),
            Some("super") => &names[above..],
            Some("vmmu" | "vmmu_model") => return Err("names its own crate from outside".into()),
            Some(name) if !is_local && CRATES.contains(name) => return Ok(Some(Use::Crate(name.into()))),
            _ => return Ok(None),
        };
        match from_root.first().copied() {
            Some(room) if room == self.room() => Ok(None),
            Some(room) if all().any(|it| it.name == room) => Ok(Some(Use::Room(room.into()))),
            _ => Err("leads to no room".into()),
        }
    }

    /// Everything outside the room that the file uses.
    fn uses(&self) -> Vec<Use> {
        let tokens = tokens(&self.text);
        let paths = paths(&tokens);
        let declared = tokens.windows(2).filter(|pair| pair[0] == "mod").map(|pair| pair[1]);
        let imported = paths.iter().filter(|path| path.is_import).map(|path| path.alias);
        let local = declared.chain(imported).collect();
        let used = paths.iter().filter_map(|path| {
            let led = self.leads(path, &local);
            led.unwrap_or_else(|why| panic!("{}: {} {why}", self.path.display(), path.names.join("::")))
        });
        used.collect()
    }

    /// The words of its names: `CyclesOf` and `cycles_of` have two.
    fn words(&self) -> BTreeSet<String> {
        let mut words = BTreeSet::new();
        for name in tokens(&self.text).into_iter().filter(|token| is_name(token)) {
            let mut word = String::new();
            for letter in name.chars() {
                if letter == '_' || letter.is_uppercase() && word.ends_with(char::is_lowercase) {
                    words.insert(std::mem::take(&mut word));
                }
                word.extend(letter.to_lowercase().filter(|letter| *letter != '_'));
            }
            words.insert(word);
        }
        words
    }
}

/// Words for files that the model must not know.
const FORMATS: [&str; 17] = [
    "arrow",
    "champsim",
    "csv",
    "drmemtrace",
    "gz",
    "gzip",
    "html",
    "json",
    "lackey",
    "lz4",
    "parquet",
    "polars",
    "png",
    "serde",
    "svg",
    "toml",
    "zstd",
];

#[test]
fn every_file_is_in_a_listed_room() {
    for (is_model, list) in [(true, MODEL), (false, PROGRAM)] {
        let entries = fs::read_dir(folder(is_model)).unwrap().map(|entry| entry.unwrap().file_name());
        let entries: BTreeSet<_> = entries.map(|name| name.into_string().unwrap()).collect();
        let rooms = entries.iter().filter(|name| !ROOTS.contains(&name.as_str()));
        let rooms: BTreeSet<_> = rooms.map(|name| name.trim_end_matches(".rs")).collect();
        assert_eq!(rooms, list.iter().map(|room| room.name).collect());
    }
    assert_eq!(all().map(|room| room.name).collect::<BTreeSet<_>>().len(), all().count(), "a name is that of one room");
    for source in sources() {
        let tokens = tokens(&source.text);
        let from_elsewhere = [&["#", "[", "path"][..], &["include", "!"], &["extern", "crate"]];
        for way in from_elsewhere {
            assert!(!tokens.windows(way.len()).any(|here| here == way), "{}: {}", source.path.display(), way.concat());
        }
        let mut inner = tokens.windows(3).filter(|three| three[0] == "mod" && three[2] == "{");
        assert!(!source.modules.is_empty() || inner.next().is_none(), "{}: a room in a root", source.path.display());
    }
}

#[test]
fn each_room_uses_what_is_listed_and_nothing_else() {
    let sources = sources();
    for room in all() {
        let mine = sources.iter().filter(|source| source.modules.first().is_some_and(|name| name == room.name));
        let (mut rooms, mut crates) = (BTreeSet::new(), BTreeSet::new());
        for used in mine.flat_map(Source::uses) {
            match used {
                Use::Room(name) => rooms.insert(name),
                Use::Crate(name) => crates.insert(name),
            };
        }
        rooms.remove("error");
        let listed = (room.rooms().map(String::from).collect(), room.crates().map(String::from).collect());
        assert_eq!((rooms, crates), listed, "{} uses; listed are", room.name);
    }
}

#[test]
fn a_room_uses_only_rooms_above_it() {
    for (i, room) in all().enumerate() {
        let mut above = all().take(i).map(|it| it.name).collect::<BTreeSet<_>>();
        above.insert("error");
        for used in room.rooms() {
            assert!(above.contains(used), "{} uses {used}, which is not listed above it", room.name);
        }
    }
}

#[test]
fn the_page_of_the_house_lists_the_rooms_in_their_order() {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/architecture.md")).unwrap();
    for (is_model, list) in [(true, MODEL), (false, PROGRAM)] {
        let head = format!("| room of `{}/` |", if is_model { "model/src" } else { "src" });
        let rows = page.lines().skip_while(|line| !line.starts_with(&head)).skip(2);
        let firsts = rows.map_while(|line| line.strip_prefix("| ")?.split(" | ").next());
        let told: Vec<&str> = firsts.flat_map(|cell| cell.split(", ")).collect();
        let rooms = list.iter().map(|room| {
            let is_folder = folder(is_model).join(room.name).is_dir();
            format!("`{}{}`", room.name, if is_folder { "/" } else { "" })
        });
        assert_eq!(told, rooms.collect::<Vec<_>>());
    }
}

/// Whether each list of some code holds every variant of its enum, which is the file's own or the only one of its name.
fn incomplete(files: &[Vec<&str>]) -> Vec<String> {
    let declared: Vec<_> = files.iter().map(|tokens| enums(tokens)).collect();
    let mut faults = Vec::new();
    for (tokens, own) in files.iter().zip(&declared) {
        for (name, listed) in lists(tokens).into_iter().flatten() {
            let of_name = |all: &[(&str, _)]| all.iter().filter(|(known, _)| *known == name).count();
            let candidates = if of_name(own) == 1 { own.clone() } else { declared.concat() };
            let found = candidates.iter().find(|(known, _)| *known == name).filter(|_| of_name(&candidates) == 1);
            faults.extend(
                found.filter(|(_, all)| *all != listed).map(|(_, all)| format!("{name}: {listed:?} of {all:?}")),
            );
        }
    }
    faults
}

#[test]
fn every_list_of_all_holds_each_variant_of_its_enum() {
    let sources = sources();
    let files: Vec<_> = sources.iter().map(|source| tokens(&source.text)).collect();
    assert_eq!(incomplete(&files), [""; 0]);
    assert!(files.iter().flat_map(|tokens| lists(tokens)).count() > 15);
    let techniques = sources.iter().find(|it| it.is_model && it.modules == ["technique"]).unwrap();
    let (_, after) = techniques.text.split_once("FACTS: [&Facts;").unwrap();
    let facts: BTreeSet<_> =
        tokens(after.split(';').next().unwrap_or_default()).into_iter().map(str::to_lowercase).collect();
    for (_, variants) in enums(&tokens(&techniques.text)).iter().filter(|(name, _)| *name == "Technique") {
        assert!(variants.iter().all(|variant| facts.contains(&variant.to_lowercase())), "{variants:?} of {facts:?}");
    }
}

#[test]
fn a_list_that_lacks_a_variant_is_found() {
    let declared = "enum A { #[default] B, /// C\n C { d: u8 }, E(u8), } ";
    let of = |list: &str| incomplete(&[tokens(&format!("{declared} const {list};"))]);
    assert_eq!(of("ALL: [A; 3] = [A::B, A::C { d: 1 }, A::E(2)]"), [""; 0]);
    assert_eq!(of("ALL: [(&str, A); 3] = [(\"b\", A::B), (\"c\", A::C { d: 1 }), (\"e\", A::E(2))]"), [""; 0]);
    assert_eq!(of("ALL: [A; 2] = [A::B, A::E(2)]").len(), 1);
    assert_eq!(of("ALL: [(&str, A); 1] = [(\"b\", A::B)]").len(), 1);
    assert_eq!(incomplete(&[tokens(declared), tokens("const ALL: [A; 1] = [A::B];")]).len(), 1);
}

#[test]
fn only_the_program_knows_its_command_line() {
    let users = all().filter(|room| room.crates().any(|name| name.starts_with("clap")));
    assert_eq!(users.map(|room| room.name).collect::<Vec<_>>(), ["cli"]);
}

#[test]
fn the_model_knows_no_file() {
    for source in sources().into_iter().filter(|source| source.is_model) {
        for word in source.text.split(|letter: char| !letter.is_alphanumeric()).map(str::to_lowercase) {
            assert!(!FORMATS.contains(&word.as_str()), "{}: {word}", source.path.display());
        }
        for path in paths(&tokens(&source.text)) {
            assert!(!path.names.starts_with(&["std", "fs"]), "{}: {:?}", source.path.display(), path.names);
        }
    }
}

#[test]
fn one_file_of_the_model_looks_at_a_clock() {
    for source in sources().into_iter().filter(|source| source.is_model && source.modules != ["engine", "timings"]) {
        for path in paths(&tokens(&source.text)) {
            let is_clock = path.names.starts_with(&["std", "time"]) && path.names.get(2) != Some(&"Duration");
            assert!(!is_clock, "{}: {:?}", source.path.display(), path.names);
        }
    }
}

#[test]
fn only_the_prices_and_what_uses_them_speak_of_cycles() {
    let mut knowing = BTreeSet::from(["prices"]);
    for room in all() {
        if room.rooms().any(|used| knowing.contains(used)) {
            knowing.insert(room.name);
        }
    }
    let knows_none = |it: &Source| it.modules.first().is_some_and(|room| !knowing.contains(&room[..]));
    for source in sources().into_iter().filter(knows_none) {
        let words = source.words();
        let spoken = source.text.split(|letter: char| !letter.is_alphanumeric());
        let in_cycles = words.contains("cycle") || spoken.map(str::to_lowercase).any(|word| word == "cycles");
        assert!(!in_cycles, "{} speaks of cycles", source.path.display());
        // `counts` says which event is charged which price, and not how much that is.
        let in_prices = words.contains("price") || words.contains("prices");
        assert!(!in_prices || source.room() == "counts", "{} speaks of prices", source.path.display());
    }
}

#[test]
fn no_way_of_naming_a_room_is_missed() {
    let of = |text: &str| {
        let modules = ["trace", "edit"].map(String::from).to_vec();
        Source { path: "made-up".into(), modules, text: text.into(), is_model: false }.uses()
    };
    for text in [
        "use crate::sweep;",
        "use crate::sweep::{A, B};",
        "use crate::{trace::{x, y}, sweep::*};",
        "pub(crate) use super::super::sweep::A as B;",
        "use super::{super::{sweep::A}, b};",
        "use ::vmmu_model::{sweep as counts};",
        "mod a { mod b { fn f() { super::super::super::super::sweep::g() } } }",
        "fn f() -> Vec<crate::sweep::A<'static>> { vec![] }",
        "#[cfg(test)] mod tests { use crate::sweep::A; }",
        "fn f() { let a = ('\\'', '\"'); crate::sweep::f() }",
        "fn f() { let a = (b\"{\\\"\", r#\"\\\"#); crate::sweep::f() } /* /* */ crate::advise */",
        "macro_rules! m { () => { $crate::sweep::A } }",
        "struct A { b: self::super::super::sweep::B, c: crate::trace::edit::C }",
    ] {
        let used = of(text);
        assert!(!used.is_empty() && used.iter().all(|it| *it == Use::Room("sweep".into())), "{text}: {used:?}");
    }
    for text in ["use clap;", "use {clap::A as B};", "fn f(a: clap::A) {}", "#[derive(clap::Parser)] struct A;"] {
        assert_eq!(of(text), [Use::Crate("clap".into())], "{text}");
    }
    for text in ["use crate as all;", "use crate::{self as all};", "use super::super::*;", "use vmmu_model as model;"] {
        assert!(std::panic::catch_unwind(|| of(text)).is_err(), "{text}");
    }
    for text in
        ["// use crate::sweep;", "mod sweep; fn f() { sweep::g(\"crate::sweep\") }", "mod a { use super::super::A; }"]
    {
        assert_eq!(of(text), [], "{text}");
    }
}
