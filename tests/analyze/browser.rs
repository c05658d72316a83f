//! Does `report.html` do in a browser what its readers are promised? Skipped where there is no Chromium.

use crate::chromium::Browser;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;
use std::time::Instant;

const HOSTILE: &str = "<script>window.hostile = 1</script><img src=x onerror='window.hostile = 1'>&quot;";

/// The report of a small sweep with hostile names.
fn small() -> &'static Path {
    static REPORT: OnceLock<PathBuf> = OnceLock::new();
    REPORT.get_or_init(|| {
        let sweep = format!(
            "traces = [{{ synthetic = \"uniform\", footprint = \"4M\", accesses = 20_000 }},
              {{ synthetic = \"churn\", name = \"{HOSTILE}\", accesses = 5_000 }}]
            [sweep]
            technique = [\"native\", \"shadow\", \"ept\", \"pv\"]
            guest_pages = [\"4K\", \"2M\"]
            host_pages = [\"4K\", \"2M\"]
            cpu = \"nehalem\"
            prices = [\"nehalem\", \"sandy-bridge\", \"haswell\"]
            tlb.l2.\"4K\" = {{ entries = [512, 256, 1024], ways = 4 }}"
        );
        report("small", &sweep)
    })
}

/// The report of 10,080 rows.
fn large() -> &'static Path {
    static REPORT: OnceLock<PathBuf> = OnceLock::new();
    REPORT.get_or_init(|| {
        let entries: Vec<String> = (1..=30).map(|n| (4 * n).to_string()).collect();
        let sweep = format!(
            "traces = [{{ synthetic = \"uniform\", footprint = \"4M\", accesses = 20_000 }},
              {{ synthetic = \"churn\", accesses = 5_000 }}]
            [sweep]
            technique = [\"native\", \"shadow\", \"ept\", \"pv\"]
            guest_pages = [\"4K\", \"2M\"]
            host_pages = [\"4K\", \"2M\"]
            cpu = \"nehalem\"
            prices = [\"prescott\", \"merom\", \"penryn\", \"nehalem\", \"westmere\", \"sandy-bridge\", \"haswell\", \"skylake-sp\",
              \"cascade-lake\", \"ice-lake\", \"golden-cove\", \"zen-2\", \"zen-3\", \"zen-4\"]
            tlb.l2.\"4K\" = {{ entries = [{}], ways = 4 }}",
            entries.join(", ")
        );
        report("large", &sweep)
    })
}

/// Runs a sweep in a folder of its own and returns the path of its report.
fn report(name: &str, sweep: &str) -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("browser").join(name);
    fs::create_dir_all(&dir).unwrap();
    fs::write(dir.join("sweep.toml"), sweep).unwrap();
    let run = Command::new(env!("CARGO_BIN_EXE_analyze"))
        .current_dir(&dir)
        .args(["--config", "sweep.toml", "--quiet", "--out", "results"])
        .status();
    assert!(run.unwrap().success());
    dir.join("results/report.html")
}

/// A browser that shows a report on a desk.
fn opened(report: &Path) -> Option<Browser> {
    let mut browser = Browser::start()?;
    browser.look(1280, 900, "light", "screen");
    browser.open(report);
    Some(browser)
}

/// The texts of a column of the table, as far as it is shown.
fn column(browser: &mut Browser, name: &str) -> Vec<String> {
    let expression = format!(
        "(() => {{ const at = [...document.querySelectorAll('#table thead th')].findIndex((it) => it.textContent.trim() === '{name}');
          return [...document.querySelectorAll('#table > tbody > tr')].map((it) => it.cells[at].textContent.trim()); }})()"
    );
    let texts = browser.value(&expression);
    texts.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_string()).collect()
}

fn press(browser: &mut Browser, heading: &str) {
    let heading = format!(
        "[...document.querySelectorAll('#table thead button')].find((it) => it.textContent === '{heading}').click()"
    );
    browser.value(&heading);
}

/// Chooses an option, or types into a field.
fn set(browser: &mut Browser, control: &str, value: &str) {
    let control = format!("document.querySelector('#controls [name=\"{control}\"]')");
    browser.value(&format!(
        "{control}.value = '{value}'; ['input', 'change'].forEach((it) => {control}.dispatchEvent(new Event(it)))"
    ));
}

/// Errors that the page told.
fn complaints(browser: &Browser) -> Vec<&Value> {
    let error = |event: &&Value| match event["method"].as_str() {
        Some("Runtime.exceptionThrown") => true,
        Some("Runtime.consoleAPICalled") => event["params"]["type"] == "error",
        Some("Log.entryAdded") => event["params"]["entry"]["level"] == "error",
        _ => false,
    };
    browser.events.iter().filter(error).collect()
}

#[test]
fn it_opens_without_errors_and_asks_for_no_other_file() {
    let Some(mut browser) = opened(small()) else { return };
    assert_eq!(browser.value("document.querySelectorAll('#table > tbody > tr').length"), json!(200));
    let asked = browser.events.iter().filter(|event| event["method"] == "Network.requestWillBeSent");
    let asked: Vec<&str> = asked.map(|event| event["params"]["request"]["url"].as_str().unwrap()).collect();
    assert!(asked.iter().all(|url| url.ends_with("/report.html") || url.starts_with("data:")), "{asked:?}");
    assert_eq!(complaints(&browser), Vec::<&Value>::new());
}

#[test]
fn names_that_are_markup_stay_text() {
    let Some(mut browser) = opened(small()) else { return };
    set(&mut browser, "words", "hostile");
    assert_eq!(column(&mut browser, "trace")[0], HOSTILE);
    assert_eq!(browser.value("window.hostile"), Value::Null);
    assert_eq!(browser.value("document.querySelectorAll('img').length"), json!(0));
}

#[test]
fn a_heading_sorts_up_and_then_down() {
    let Some(mut browser) = opened(small()) else { return };
    let first = |texts: Vec<String>| texts[0].clone();
    press(&mut browser, "cycles");
    let number = |text: &String| text.replace(' ', "").parse::<u64>().unwrap();
    let rising: Vec<u64> = column(&mut browser, "cycles").iter().map(number).collect();
    assert!(rising.is_sorted() && rising[0] < rising[rising.len() - 1], "{rising:?}");
    press(&mut browser, "cycles");
    let falling: Vec<u64> = column(&mut browser, "cycles").iter().map(number).collect();
    assert!(
        falling.is_sorted_by(|a, b| a >= b) && falling[0] > rising[rising.len() - 1],
        "of all rows, not of those shown"
    );
    press(&mut browser, "technique");
    assert_eq!(first(column(&mut browser, "technique")), "ept", "words by the alphabet");
    assert_eq!(browser.value("document.querySelector('[aria-sort]').getAttribute('aria-sort')"), json!("ascending"));
}

#[test]
fn a_choice_and_words_keep_only_the_rows_that_match() {
    let Some(mut browser) = opened(small()) else { return };
    set(&mut browser, "technique", "shadow");
    assert!(column(&mut browser, "technique").iter().all(|it| it == "shadow"));
    set(&mut browser, "words", "2m sandy");
    let kept = column(&mut browser, "prices");
    // Two traces, three of the four page sizes, three second-level TLBs.
    assert_eq!((kept.len(), kept.iter().all(|it| it == "sandy-bridge")), (18, true));
    assert_eq!(browser.value("document.getElementById('found').textContent"), json!("18 of 216 rows"));
    set(&mut browser, "words", "nothing like it");
    assert_eq!(column(&mut browser, "technique").len(), 0);
}

#[test]
fn any_count_can_be_added_as_a_column() {
    let Some(mut browser) = opened(small()) else { return };
    set(&mut browser, "column", "guest_faults");
    assert!(column(&mut browser, "guest_faults").iter().any(|it| it == "1 024"));
}

#[test]
fn a_row_opens_the_bill_that_is_there_without_scripts() {
    let Some(mut browser) = opened(small()) else { return };
    let text = |table: &str| {
        format!(
            "[...{table}.rows].map((row) => [...row.cells].map((it) => it.textContent.trim()).join('|')).join('\\n')"
        )
    };
    for row in [0, 40, 107] {
        browser.value(&format!(
            "document.querySelectorAll('#table > tbody > tr:not(.opened)')[{row}].querySelector('button').click()"
        ));
        let shown = browser.value(&text("document.querySelector('.opened .bill')"));
        browser.value("document.querySelector('[aria-expanded=true]').click()");
        let parsed = "new DOMParser().parseFromString(window.source, 'text/html')";
        let source = fs::read_to_string(small()).unwrap();
        browser.value(&format!("window.source = {}; 0", json!(source)));
        let plain = browser.value(&text(&format!("{parsed}.getElementById('b{}')", row + 1)));
        assert_eq!(shown, plain);
        assert!(shown.as_str().unwrap().starts_with("|||whole|steady\nideal_cycles|"), "{shown}");
    }
    assert_eq!(browser.value("document.querySelectorAll('.opened').length"), json!(0), "and closes it");
}

#[test]
fn without_scripts_every_row_and_every_bill_are_there() {
    let Some(mut browser) = Browser::start() else { return };
    browser.call("Emulation.setScriptExecutionDisabled", json!({ "value": true }));
    browser.open(small());
    assert_eq!(browser.value("document.querySelectorAll('#table > tbody > tr').length"), json!(216));
    assert_eq!(browser.value("document.querySelectorAll('#bills details').length"), json!(216));
    assert_eq!(browser.value("getComputedStyle(document.getElementById('controls')).display"), json!("none"));
}

#[test]
fn it_fits_a_desk_a_phone_and_paper_in_light_and_dark() {
    let Some(mut browser) = Browser::start() else { return };
    let pictures = small().parent().unwrap().join("../../pictures");
    let looks = [
        ("light", 1280, "light", "screen"),
        ("dark", 1280, "dark", "screen"),
        ("phone", 360, "light", "screen"),
        ("phone-dark", 360, "dark", "screen"),
        ("print", 794, "dark", "print"),
    ];
    for (name, width, scheme, media) in looks {
        browser.look(width, 800, scheme, media);
        browser.open(small());
        let wide = browser.value("document.documentElement.scrollWidth");
        assert!(wide.as_u64().unwrap() <= u64::from(width), "{name}: {wide} pixels wide");
        let paper = browser.value("getComputedStyle(document.body).backgroundColor");
        let dark = scheme == "dark" && media == "screen";
        assert_eq!(paper, json!(if dark { "rgb(22, 24, 28)" } else { "rgb(255, 255, 255)" }), "{name}");
        // To be looked at: some rows, and one of them opened.
        set(&mut browser, "technique", "shadow");
        set(&mut browser, "words", "2m sandy");
        browser.value("document.querySelector('#table tbody button').click()");
        browser.picture(&pictures.join(format!("{name}.png")), 12_000);
    }
}

#[test]
fn ten_thousand_rows_open_and_sort_at_once() {
    let Some(mut browser) = Browser::start() else { return };
    browser.look(1280, 900, "light", "screen");
    let size = fs::metadata(large()).unwrap().len();
    let begun = Instant::now();
    browser.open(large());
    let open = begun.elapsed();
    assert_eq!(complaints(&browser), Vec::<&Value>::new());
    let sort = "(() => { const begun = performance.now(); \
        [...document.querySelectorAll('#table thead button')].find((it) => it.textContent === 'overhead').click(); \
        document.body.offsetHeight; return performance.now() - begun; })()";
    let sort = browser.value(sort).as_f64().unwrap();
    eprintln!("{size} bytes, open in {open:.1?}, sorted in {sort:.0} ms");
    assert!(size < 8_000_000 && open.as_secs_f64() < 10.0 && sort < 2000.0, "with room for a slow machine");
    assert_eq!(column(&mut browser, "overhead").len(), 200, "the rest on demand");
    browser.value("document.querySelector('#more button').click()");
    assert_eq!(column(&mut browser, "overhead").len(), 400);
}
