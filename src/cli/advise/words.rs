//! Advice in plain words, with the numbers and the rows that they stand in.

use super::advice::{Advice, added, bracketed, percents, range, short};
use crate::address::PageSize;
use crate::advise::{Case, Flip, LARGE, Little, SMALL, Settling, per_million};
use crate::bytes::show_bytes;
use crate::cli::grid::{Grid, Side};
use crate::cli::output::grouped;
use crate::cli::terminal::wrapped;
use crate::counts::Event;
use crate::guest::GuestPages;
use crate::outcome::Pages;
use crate::technique::{EPT, SHADOW};
use crate::words::counted;

impl Advice<'_> {
    pub fn text(&self) -> String {
        let mut text =
            wrapped(&self.subject(), "  ") + "\n" + &wrapped(&format!("ADVICE: {}", self.headline()), "") + "\n";
        text += "Cycles added to each access, and their share of the program's time\n";
        text += &self.costs();
        text += &wrapped(&self.legend(), "  ");
        let balance = if self.choice.is_small { Vec::new() } else { self.shadow_or_nested() };
        let chapters = [
            ("Huge pages", self.huge_pages()),
            ("Shadow or nested", balance),
            ("First touches", self.first_touches()),
            ("How sure", self.sureness()),
            ("What this cannot know", self.unknown()),
        ];
        for (title, sentences) in chapters.into_iter().filter(|(_, sentences)| !sentences.is_empty()) {
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

    /// A row for each technique and pages: cycles of the steady state and of the whole trace.
    fn costs(&self) -> String {
        let heads = ["steady\nwalks", "\nexits", "\nkernel", "\nall", "% of\ntime", "whole\nall", "% of\ntime"];
        let heads = heads.map(|head| (head.to_string(), Side::Right));
        let mut grid = Grid::new([(String::new(), Side::Left)].into_iter().chain(heads));
        for case in self.study.cases.iter().filter(|case| !case.lazy && !self.study.is_repeated(case)) {
            let whole = self.study.cost(&self.study.touched_first(case).whole);
            let steady = self.study.cost(&case.steady);
            let cycles = [steady.walks, steady.exits, steady.kernel, steady.added()].map(short);
            let rest = [percents(added(steady)), short(whole.added()), percents(added(whole))];
            grid.add([case.name()].into_iter().chain(cycles).chain(rest));
        }
        grid.text(None).0
    }

    /// What the words of the table mean.
    fn legend(&self) -> String {
        format!(
            "steady: the second half of the trace less its last sixteenth, in which programs clean up; memory of the VM backed \
             before. whole: the whole trace, memory of the VM backed when first touched. walks: TLB hits beyond the first level, \
             and walks. exits: VM exits and hypercalls. kernel: faults, clearing, page-table updates, backing. The program \
             itself takes {} an access. 2M: pages of that size throughout, which few programs get.",
            self.access()
        )
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
        let mut said = Vec::new();
        if !self.choice.is_small {
            said.push(format!(
                "In the steady state {} takes {} of the time with 4K pages throughout; thp in the guest alone brings that to {}, \
                 2M pages in the host alone to {}, both to {}.",
                technique.name,
                self.steady_share(none),
                self.steady_share(guest),
                self.steady_share(host),
                self.steady_share(both),
            ));
            said.push(walked(none, both));
        }
        if self.study.is_repeated(guest) {
            said.push(
                "thp changes nothing: no mapping held an aligned 2M at its faults, or the trace does not show it."
                    .into(),
            );
        }
        if self.grown > 0 {
            said.push(format!(
                "{} grew in steps of less than 2M, as a malloc heap does. thp as modelled maps a huge page only where all of it is \
                 mapped at the fault, so such memory has 4K pages here. Linux's khugepaged collapses them later if it is enabled: \
                 the truth lies between the rows of 4K or thp and those of 2M.",
                mebibytes(self.grown),
            ));
        }
        let more = |case: &Case| case.mapped as f64 / none.mapped.max(1) as f64;
        if let Some(all) = case(LARGE, large).filter(|_| !self.choice.is_small) {
            said.push(format!(
                "2M pages throughout, were every mapping made of them, would bring {}. They cost memory: thp maps {:.1}× what \
                 4K pages map, 2M pages throughout {:.1}× (`peak_mapped_bytes`).",
                self.steady_share(all),
                more(both),
                more(all),
            ));
        }
        said
    }

    fn shadow_or_nested(&self) -> Vec<String> {
        let (chosen, small) = (self.chosen(), (SMALL, PageSize::Size4K));
        let mut said = vec![
            "Translating takes `cycles_tlb` + `cycles_walk`, and with shadow paging `exit_cr3` exits (steady state); a page-table \
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
        let [whole, steady] = [&shadow.whole, &shadow.steady].map(|counts| per_million(counts, Event::PteWrites));
        let translate = format!(
            "{}: an access takes nested paging {} to translate and shadow paging {}",
            on(pages),
            counted(short(flip.nested), "cycle"),
            short(flip.shadow),
        );
        let Some(rate) = flip.rate else {
            return Some(format!("{translate}: nested paging is as good or better at any rate of updates."));
        };
        let update = [flip.update, halved.update, doubled.update];
        let rates = [Some(rate), halved.rate, doubled.rate].map(Option::unwrap_or_default);
        let side = if steady > rate { "so nested paging wins" } else { "so shadow paging wins" };
        Some(format!(
            "{translate}; an update costs shadow paging {}{}. The choice flips at ({} - {}) / {} = {} updates per million accesses{}: \
             above it nested paging wins. This trace makes {} in all and {} in its steady state, {side}.",
            short(flip.update),
            bracketed(range(update, short)),
            short(flip.nested),
            short(flip.shadow),
            short(flip.update),
            short(rate),
            bracketed(range(rates, short)),
            short(whole),
            short(steady),
        ))
    }

    fn first_touches(&self) -> Vec<String> {
        let Some(small) = self.study.plain() else { return Vec::new() };
        let [early, late] = [&small.early, &small.steady].map(|counts| per_million(counts, Event::GuestFaults));
        let mut said = vec![
            format!(
                "Of a million accesses, {} touch a page of 4 KiB for the first time in the first half, {} in the steady state \
                 (`guest_faults` of {}).",
                short(early),
                short(late),
                small.name(),
            ),
            match self.study.course() {
                Settling::Settled if matches!(self.study.little(), Some(Little::FewAccesses | Little::SinglePage)) => {
                    "They are rarer in the steady state, but in so small a trace that need not last."
                }
                Settling::Settled => "It has settled: the steady state is not its start.",
                Settling::Churning => {
                    "It goes on, as memory is unmapped and touched anew: that is rightly in the steady state."
                }
                Settling::Starting => {
                    "It has not settled: the second half touches new memory much as the first does, and what that takes is in the \
                     columns exits and kernel. Record for longer to see what lasts."
                }
            }
            .into(),
        ];
        let ready = self.choice.best;
        let lazy = self.study.touched_first(ready);
        said.push(format!(
            "Over the whole trace {} takes {} of the time if memory of the VM is backed when first touched (`host_faults`: {}), {} \
             if it was backed before.",
            lazy.name(),
            self.whole_share(lazy),
            grouped(lazy.whole[Event::HostFaults]),
            self.whole_share(ready),
        ));
        said
    }

    fn sources(&self) -> String {
        match self.out {
            Some(dir) => format!(
                "Numbers: {0}/results.csv for the whole trace, host_backing lazy; its steady_ columns less the last interval of \
                 {0}/intervals.csv for the steady state, host_backing prealloc; analyze table {0} shows them.",
                dir.display()
            ),
            None => {
                "--out DIR keeps the tables of these numbers, --sweep prints the sweep, --cpu takes another processor."
                    .into()
            }
        }
    }
}

/// How many walks there are, and how long they are.
fn walked(none: &Case, both: &Case) -> String {
    if [none, both].iter().all(|case| case.steady[Event::Walks] == 0) {
        return "Nothing walks in the steady state: the TLB holds every page.".into();
    }
    let each = |case: &Case| match case.steady[Event::Walks] {
        0 => "none".into(),
        walks => short(case.steady.sum(&Event::TABLE_REFS) as f64 / walks as f64),
    };
    format!(
        "With both, walks per million accesses go from {} to {} (`walks`), references per walk from {} to {} (`guest_refs` + \
         `shadow_refs` + `host_refs`).",
        short(none.rate(Event::Walks)),
        short(both.rate(Event::Walks)),
        each(none),
        each(both),
    )
}

/// `4K on 2M`
fn on((guest, host): (GuestPages, PageSize)) -> String {
    Pages { guest, host: Some(host) }.to_string()
}

fn mebibytes(bytes: u64) -> String {
    match bytes {
        small if small < 1 << 20 => show_bytes(small),
        bytes => format!("{} MiB", short(bytes as f64 / f64::from(1 << 20))),
    }
}
