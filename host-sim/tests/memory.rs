//! How much memory it takes to read a table, counted by the allocator.

use std::fmt::Write as _;

use host_sim::data::preprocessing::{Prepared, for_training};
use host_sim::data::source::{ColumnOrder, DataOptions, DataSource};
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// Training needs the inputs and the labels. Reading takes half as much beside them at most: the file is not kept, and nothing is
/// kept twice.
#[test]
fn a_table_is_read_in_little_more_memory_than_its_samples_take() {
    const ROWS: u32 = 40_000;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large.csv");
    let mut text = "id,kind,label".to_string();
    (0..41).for_each(|column| write!(text, ",f{column}").unwrap());
    for row in 0..ROWS {
        write!(text, "\n{row},{},{}", ["tcp", "udp", "-"][row as usize % 3], row % 2).unwrap();
        for column in 0..41 {
            let gap = column == 5 && row % 1000 == 1;
            let value = f64::from((row * 7919 + column * 104_729) % 100_003) / 100.0;
            if gap { text.push_str(",NA") } else { write!(text, ",{value}").unwrap() }
        }
    }
    std::fs::write(&path, &text).unwrap();
    let file = text.len();
    drop(text);

    for (missing, column_order) in
        [("refuse", ColumnOrder::File), ("drop", ColumnOrder::File), ("mean", ColumnOrder::Correlation)]
    {
        let options = DataOptions {
            data: DataSource::File(path.display().to_string()),
            drop: if missing == "refuse" { vec!["id".into(), "f5".into()] } else { vec!["id".into()] },
            missing: clap::ValueEnum::from_str(missing, false).unwrap(),
            column_order,
            ..DataOptions::default()
        };
        let before = MEMORY.current_usage();
        MEMORY.reset_peak_usage();
        let Prepared { train, .. } = for_training(&options, 0).unwrap();
        let peak = MEMORY.peak_usage() - before;
        let kept = size_of_val(&*train.values) + size_of_val(&*train.labels);
        println!("{missing}: file {file}, kept {kept}, peak {peak}: {:.2}", peak as f64 / kept as f64);
        assert_eq!(train.len(), if missing == "drop" { ROWS as usize - 40 } else { ROWS as usize });
        assert!(2 * peak <= 3 * kept, "{missing}: {peak} bytes for {kept}");
    }
}
