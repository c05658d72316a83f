//! Advice in plain words, with the numbers and the rows that they stand in.

use super::advice::{Advice, bracketed, range, short};
use crate::address::PageSize;
use crate::advise::{Case, Flip, LARGE, Little, SMALL, Scope, Settling, per_thousand};
use crate::bytes::show_bytes;
use crate::cli::grid::{Grid, Side};
use crate::cli::output::grouped;
use crate::cli::terminal::wrapped;
use crate::counts::{Counts, Event};
use crate::guest::GuestPages;
use crate::numerals::percent;
use crate::outcome::Pages;
use crate::technique::{EPT, NATIVE, SHADOW, Technique};
use crate::words::{capital, counted};

/// Guest pages on host pages.
const PAGES: [(GuestPages, PageSize); 6] = [
    (SMALL, PageSize::Size4K),
    (SMALL, PageSize::Size2M),
    (GuestPages::Thp, PageSize::Size4K),
    (GuestPages::Thp, PageSize::Size2M),
    (LARGE, PageSize::Size4K),
    (LARGE, PageSize::Size2M),
];

/// A share of the ideal cycles that is not worth a word.
const NOTHING: f64 = 0.0005;

impl Advice<'_> {
    pub fn text(&self) -> String {
        let mut text = wrapped(&self.subject(), "  ") + "\n" + &wrapped(&self.advice(), "") + "\n";
        text += "Overhead over the ideal machine, guest pages on host pages\n";
        text += &self.overheads();
        text += &wrapped(
            "walks: TLB and walks, second half. judged: with exits, hypercalls, flushes. whole: with faults, whole trace, memory of \
             the VM backed when first touched.",
            "  ",
        );
        let chapters = [
            ("Huge pages", self.huge_pages()),
            ("Shadow or nested", self.shadow_or_nested()),
            ("First touches", self.first_touches()),
            ("How sure", self.sureness()),
            ("What this cannot know", self.unknown()),
        ];
        for (title, sentences) in chapters {
            text += &format!("\n{title}\n");
            text.extend(sentences.iter().map(|sentence| wrapped(&format!("- {sentence}"), "  ")));
        }
        text + "\n" + &wrapped(&self.sources(), "")
    }

    fn subject(&self) -> String {
        let touched = self.summary.touched();
        format!(
            "{}: {} to {} of 4 KiB ({}), {}, on {}",
            self.trace.display(),
            counted(grouped(self.summary.accesses()), "access"),
            counted(grouped(touched.pages()), "page"),
            mebibytes(touched.bytes()),
            counted(self.summary.processes(), "process"),
            self.cpu,
        )
    }

    fn advice(&self) -> String {
        let best = self.choice.best;
        let technique = capital(best.technique.title);
        let (guest, host) = self.chosen();
        let judged = |case: &Case| self.study.beyond(&case.settled, Scope::Judged);
        let native = self.study.find(&NATIVE, (guest, host), false).map(judged).unwrap_or_default();
        let bound = self.study.find(best.technique, (LARGE, PageSize::Size2M), false).map(judged).unwrap_or_default();
        let larger = match judged(best)[0] - bound[0] {
            spared if spared < NOTHING => " Larger pages would spare nothing more.".into(),
            spared => format!(" Larger pages would spare {} at most.", percent(spared)),
        };
        let starting = match self.study.course() {
            Settling::Starting => " The trace has not settled, though: this is advice for a program that starts.",
            Settling::Settled | Settling::Churning => "",
        };
        format!(
            "ADVICE: {technique} with {} in the guest and {} in the host. In the second half of the trace it adds {} to the ideal \
             machine's cycles{}; without virtualization it would be {}.{larger}{starting}",
            pages(guest),
            pages(GuestPages::One(host)),
            percent(judged(best)[0]),
            bracketed(range(judged(best), percent)),
            percent(native[0]),
        ) + &self.little()
    }

    /// The pages of guest and host that are advised.
    fn chosen(&self) -> (GuestPages, PageSize) {
        let Pages { guest, host } = self.choice.best.pages;
        (guest, host.unwrap_or(PageSize::Size4K))
    }

    /// How little so small a trace can tell.
    fn little(&self) -> String {
        match self.study.little() {
            None => "",
            Some(Little::FewAccesses) => {
                " This trace can tell little: so few accesses are less than a millisecond of a program. Ask again with a longer one."
            }
            Some(Little::SinglePage) => {
                " This trace can tell little: it touches a single page. Ask again with one of a program at its work."
            }
            // That is said already.
            Some(Little::FewPages) if self.study.course() == Settling::Starting => "",
            Some(Little::FewPages) => {
                " This trace can tell little about larger inputs: it touches fewer than twice as many pages of 4 KiB as the last TLB \
                 level has entries, so that few accesses walk."
            }
        }
        .into()
    }

    /// The second half, and the whole trace with first touches.
    fn overheads(&self) -> String {
        let heads = PAGES.map(|pages| (on(pages), Side::Right));
        let mut grid = Grid::new([(String::new(), Side::Left)].into_iter().chain(heads));
        let mut add = |title: &str, lazy: bool, counts: fn(&Case) -> &Counts, scope: Scope| {
            grid.add([title.to_string()].into_iter().chain(PAGES.map(|_| String::new())));
            for technique in Technique::FACTS.into_iter().filter(|it| self.study.has(it)) {
                let cell = |pages: (GuestPages, PageSize)| match self.study.find(technique, pages, lazy) {
                    // Pages of the host mean nothing: said once.
                    Some(case) if case.pages.host.is_none() && pages.1 != PageSize::Size4K => String::new(),
                    Some(case) => percent(self.study.beyond(counts(case), scope)[0]),
                    None => "-".into(),
                };
                grid.add([format!("  {}", technique.name)].into_iter().chain(PAGES.map(cell)));
            }
        };
        add("walks", false, |case| &case.settled, Scope::Translation);
        add("judged", false, |case| &case.settled, Scope::Judged);
        add("whole", true, |case| &case.whole, Scope::Whole);
        grid.text(None).0
    }

    fn huge_pages(&self) -> Vec<String> {
        let technique = self.choice.best.technique;
        let case = |guest, host| self.study.find(technique, (guest, host), false);
        let [small, large] = [PageSize::Size4K, PageSize::Size2M];
        let (Some(none), Some(guest), Some(host), Some(both)) =
            (case(SMALL, small), case(GuestPages::Thp, small), case(SMALL, large), case(GuestPages::Thp, large))
        else {
            return Vec::new();
        };
        let overhead = |case: &Case| percent(self.study.beyond(&case.settled, Scope::Judged)[0]);
        let each = |case: &Case| match case.settled[Event::Walks] {
            0 => "none".into(),
            walks => short(case.settled.sum(&Event::TABLE_REFS) as f64 / walks as f64),
        };
        let walked = |cases: [&Case; 2]| cases.iter().any(|case| case.settled[Event::Walks] > 0);
        let mut said = vec![
            format!(
                "{} pays {} with 4K pages throughout; thp in the guest alone brings that to {}, 2M pages in the host alone \
                 to {}, both to {} (judged).",
                technique.name,
                overhead(none),
                overhead(guest),
                overhead(host),
                overhead(both),
            ),
            if walked([none, both]) {
                format!(
                    "With both, walks per 1000 accesses go from {} to {} (`walks`), references per walk from {} to {} (`guest_refs` + \
                 `shadow_refs` + `host_refs`).",
                    short(none.rate(Event::Walks)),
                    short(both.rate(Event::Walks)),
                    each(none),
                    each(both),
                )
            } else {
                "Nothing walks in the second half: the TLB holds every page.".into()
            },
        ];
        let more = |case: &Case| case.mapped as f64 / none.mapped.max(1) as f64;
        if none.whole == guest.whole {
            said.push(
                "thp changes nothing here: no mapping holds an aligned 2M, or the trace does not show it.".into(),
            );
        }
        if let Some(all) = case(LARGE, large) {
            said.push(format!(
                "2M pages throughout, were every mapping made of them, would bring {}. They cost memory: thp maps {:.1} times what \
                 4K pages map, 2M pages throughout {:.1} times (`peak_mapped_bytes`).",
                overhead(all),
                more(both),
                more(all),
            ));
        }
        said
    }

    fn shadow_or_nested(&self) -> Vec<String> {
        let (chosen, small) = (self.chosen(), (SMALL, PageSize::Size4K));
        let mut said = vec![
            "Translating takes `cycles_tlb` + `cycles_walk`, and with shadow paging `exit_cr3` exits (second half); a page-table \
             update (`pte_writes`) costs shadow paging its other exits (`cycles_exits` / `pte_writes`, whole trace)."
                .to_string(),
        ];
        said.extend(self.balance(chosen));
        // Small pages are where the two differ most.
        said.extend(self.balance(small).filter(|_| chosen != small));
        said
    }

    /// From which rate of page-table updates on nested paging wins, with some pages.
    fn balance(&self, pages: (GuestPages, PageSize)) -> Option<String> {
        let case = |technique| self.study.find(technique, pages, false);
        let (shadow, nested) = (case(&SHADOW)?, case(&EPT)?);
        let [flip, halved, doubled] = self.study.sheets().map(|sheet| Flip::new(shadow, nested, &sheet));
        let [whole, settled] = [&shadow.whole, &shadow.settled].map(|counts| per_thousand(counts, Event::PteWrites));
        let translate = format!(
            "{}: 1000 accesses take nested paging {} to translate and shadow paging {}",
            on(pages),
            counted(short(flip.nested), "cycle"),
            short(flip.shadow),
        );
        let Some(rate) = flip.rate else {
            return Some(format!("{translate}: nested paging is as good or better at any rate of updates."));
        };
        let update = [flip.update, halved.update, doubled.update];
        let rates = [Some(rate), halved.rate, doubled.rate].map(Option::unwrap_or_default);
        let side = if settled > rate { "so nested paging wins" } else { "so shadow paging wins" };
        Some(format!(
            "{translate}; an update costs shadow paging {}{}. The choice flips at ({} - {}) / {} = {} updates per 1000 accesses{}: \
             above it nested paging wins. This trace makes {} in all and {} in its second half, {side}.",
            short(flip.update),
            bracketed(range(update, short)),
            short(flip.nested),
            short(flip.shadow),
            short(flip.update),
            short(rate),
            bracketed(range(rates, short)),
            short(whole),
            short(settled),
        ))
    }

    fn first_touches(&self) -> Vec<String> {
        let Some(small) = self.study.plain() else { return Vec::new() };
        let [early, late] = [small.early(), small.settled].map(|counts| per_thousand(&counts, Event::GuestFaults));
        let mut said = vec![
            format!(
                "Of 1000 accesses, {} touch a page of 4 KiB for the first time in the first half, {} in the second (`guest_faults` \
                 of {}).",
                short(early),
                short(late),
                small.name(),
            ),
            match self.study.course() {
                Settling::Settled if matches!(self.study.little(), Some(Little::FewAccesses | Little::SinglePage)) => {
                    "They are rarer in the second half, but in so small a trace that need not last."
                }
                Settling::Settled => "It has settled: what is judged is not its start.",
                Settling::Churning => {
                    "It goes on, as memory is unmapped and touched anew: exits for that are rightly in what is judged."
                }
                Settling::Starting => {
                    "It has not settled: the second half touches new memory much as the first does. Exits for that are in what \
                     is judged; the rows under walks are without. Record for longer to see what lasts."
                }
            }
            .into(),
        ];
        let ept = |lazy| self.study.find(&EPT, self.chosen(), lazy);
        if let (Some(lazy), Some(ready)) = (ept(true), ept(false)) {
            let overhead = |case: &Case| percent(self.study.beyond(&case.whole, Scope::Whole)[0]);
            said.push(format!(
                "Over the whole trace {} pays {} if memory of the VM is backed when first touched (`host_faults`: {}), {} if it was \
                 backed before.",
                lazy.name(),
                overhead(lazy),
                grouped(lazy.whole[Event::HostFaults]),
                overhead(ready),
            ));
        }
        said
    }

    fn sources(&self) -> String {
        match self.out {
            Some(dir) => format!(
                "Numbers: {0}/results.csv for the whole trace, {0}/intervals.csv with interval 1 for the second half, where \
                 host_backing is prealloc unless first touches are meant; analyze table {0} shows them.",
                dir.display()
            ),
            None => {
                "--out DIR keeps the tables of these numbers, --sweep prints the sweep, --cpu takes another processor."
                    .into()
            }
        }
    }
}

fn pages(pages: GuestPages) -> String {
    match pages {
        GuestPages::Thp => "transparent huge pages (thp)".into(),
        GuestPages::One(size) => format!("{size} pages"),
    }
}

/// `4K on 2M`
fn on((guest, host): (GuestPages, PageSize)) -> String {
    Pages { guest, host: Some(host) }.to_string()
}

fn mebibytes(bytes: u64) -> String {
    match bytes {
        small if small < 1 << 20 => show_bytes(small),
        bytes => format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20)),
    }
}
