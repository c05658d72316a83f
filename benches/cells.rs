//! What do more cells cost? Wall time of a sweep over its number of cells, together and one at a time, on `traces/git.parquet`.
//! `cargo bench --bench cells` prints the table and draws `plots/speed.svg`.

use plotters::prelude::*;
use std::path::Path;
use std::time::Instant;
use vmmu::engine::{Cell, Plan, Watch};
use vmmu::sweep::Sweep;

const AXES: &str = r#"
traces = ["traces/git.parquet"]
[sweep]
technique = ["native", "shadow", "ept", "pv"]
guest_pages = ["4K", "2M"]
host_pages = ["4K", "2M"]
cpu = "nehalem"
tlb.l1d."4K" = { entries = [16, 24, 32, 48, 64, 96, 128, 256], ways = 4 }
tlb.l2."4K+2M" = { entries = [128, 256, 512, 1024, 1536, 2048, 3072, 4096], ways = 8 }
"#;

type Points = Vec<(f64, f64)>;

/// The best of three.
fn seconds(work: impl Fn()) -> f64 {
    let once = |_| {
        let start = Instant::now();
        work();
        start.elapsed().as_secs_f64()
    };
    (0..3).map(once).fold(f64::INFINITY, f64::min)
}

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let sweep = Sweep::parse(&root.join("sweep.toml"), AXES).unwrap();
    let cells: Vec<Cell> = sweep.rows.iter().map(|row| row.cell.clone()).collect();
    let run = |cells: &[Cell]| {
        Plan::new(cells).run(&|| sweep.traces[0].open(), "git", Watch::Whole, |_, _| {}).unwrap();
    };
    // Spread over the axes, so that few cells are not all of one kind.
    let some = |n: usize| -> Vec<Cell> { (0..n).map(|i| cells[i * 197 % cells.len()].clone()).collect() };
    let (mut together, mut apart): (Points, Points) = (Vec::new(), Vec::new());
    println!("cells  together, s  one at a time, s");
    for n in [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, cells.len()] {
        let cells = some(n);
        together.push((n as f64, seconds(|| run(&cells))));
        // Beyond this it is the same again and again.
        if n <= 64 {
            apart.push((n as f64, seconds(|| cells.chunks(1).for_each(run))));
        }
        let alone = apart.iter().find(|(x, _)| *x == n as f64).map_or("-".into(), |(_, y)| format!("{y:.3}"));
        println!("{n:5}  {:11.3}  {alone:>16}", together[together.len() - 1].1);
    }
    draw(&root.join("plots/speed.svg"), &together, &apart).unwrap();
}

fn draw(path: &Path, together: &Points, apart: &Points) -> Result<(), Box<dyn std::error::Error>> {
    let area = SVGBackend::new(path, (760, 420)).into_drawing_area();
    area.fill(&WHITE)?;
    let family = "DejaVu Sans, Verdana, sans-serif";
    plotters::style::register_font(family, FontStyle::Normal, dejavu::sans::regular()).map_err(|_| "no font")?;
    let font = |size: u32| (family, size).into_font();
    let mut chart = ChartBuilder::on(&area)
        .caption("What do more cells cost? git.parquet, 2.4 M accesses", font(20))
        .margin(12)
        .margin_right(28)
        .x_label_area_size(46)
        .y_label_area_size(66)
        .build_cartesian_2d((1f64..1024f64).log_scale(), (0.01f64..4f64).log_scale())?;
    chart
        .configure_mesh()
        .x_desc("cells")
        .y_desc("wall time, s")
        .label_style(font(14))
        .light_line_style(WHITE)
        .draw()?;
    for (points, name, colour) in
        [(together, "together", RGBColor(0, 114, 178)), (apart, "one at a time", RGBColor(213, 94, 0))]
    {
        let line = LineSeries::new(points.iter().copied(), colour.stroke_width(2)).point_size(4);
        chart
            .draw_series(line)?
            .label(name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 24, y)], colour.stroke_width(2)));
    }
    chart.configure_series_labels().label_font(font(15)).position(SeriesLabelPosition::UpperLeft).draw()?;
    area.present()?;
    Ok(())
}
