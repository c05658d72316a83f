//! Is the format told surely, or else refused with what speaks against the nearest one?

use super::*;

fn refusal(text: &str) -> String {
    let place = Place::new();
    place.refuse(&[&place.file("in", text.as_bytes())])
}

fn read_as(text: &str, arguments: &[&str]) -> (String, Vec<Row>) {
    let place = Place::new();
    let said = place.import(&[&[&*place.file("in", text.as_bytes())], arguments].concat());
    let format = said.lines().find_map(|line| line.trim().strip_prefix("read as ")).unwrap();
    (format.split(',').next().unwrap().to_string(), place.rows())
}

#[test]
fn a_line_that_holds_more_is_no_line_of_dinero() {
    let message = refusal("0 0x10004000 R\n1 0x10004040 R\n");
    assert!(message.contains("dinero is nearest") && message.contains("--pattern"), "{message}");
    let (format, rows) = read_as("0 10004000 a remark\n", &["--format", "dinero"]);
    assert_eq!((format.as_str(), rows.len()), ("dinero", 1), "as Dinero reads it, where it was asked for");
}

#[test]
fn two_formats_that_fit_a_whole_file_are_named_with_their_difference() {
    let text = "1 30000000\n0 30000064\n";
    let message = refusal(text);
    assert!(message.contains("ramulator-cpu or dinero"), "{message}");
    assert!(
        message.contains("Instructions between") && message.contains("a label and a hexadecimal address"),
        "{message}"
    );
    let (_, rows) = read_as(text, &["--format", "ramulator-cpu"]);
    assert_eq!(
        rows.iter().map(|row| (row.op, row.address)).collect::<Vec<_>>(),
        [(Op::Load, 30_000_000), (Op::Load, 30_000_064)]
    );
    let place = Place::new();
    assert!(place.import(&[&place.file("x.din", text.as_bytes())]).contains("read as dinero"), "by its name");
    assert_eq!(read_as(&format!("{text}17 30000128\n"), &[]).0, "ramulator-cpu", "17 is no label");
    assert_eq!(read_as(&format!("{text}1 3000008c\n"), &[]).0, "dinero", "c is no digit");
}

#[test]
fn a_bad_line_far_down_is_named_by_its_number_whoever_told_the_format() {
    let text = format!("{} L x,8\n", " L 1000,8\n".repeat(1000));
    let message = refusal(&text);
    assert!(message.contains("line 1001") && message.contains("not a line of lackey's"), "{message}");
}

#[test]
fn perfs_fields_are_told_by_their_shape() {
    let sample = |fields: &str| format!("app 4000/4001 [001] 10.000001: cpu/mem-loads,ldlat=30/P: {fields}\n");
    let (_, rows) = read_as("worker 1/4  4000/4001  [001] 10.0: mem-loads: 555500001000 |OP LOAD|LVL L1 hit|\n", &[]);
    assert_eq!((rows[0].process, rows[0].thread, rows[0].address), (4000, 4001, 0x5555_0000_1000));
    for (fields, lacks) in [
        ("401136 work+0x16 (/opt/app)", "an instruction's (ip)"),
        ("401136 add (/opt/app)", "an instruction's (ip)"),
        ("1e05080021 |OP LOAD|LVL L1 hit|", "the data source"),
        ("", "no address (addr)"),
    ] {
        let message = refusal(&sample(fields));
        assert!(message.contains(lacks) && message.contains("-F pid,tid,time,event,addr,data_src"), "{message}");
    }
    for fields in
        ["555500001000", "555500001000 1e05080021 |OP LOAD|LVL L1 hit|", "555500001000 401136 work+0x16 (/opt/app)"]
    {
        assert_eq!(read_as(&sample(fields), &[]).1[0].address, 0x5555_0000_1000, "{fields}");
    }
    let message =
        refusal("app 4000 10.000001:     100 cpu/mem-loads,ldlat=30/P:     555500001000 work+0x20 (/opt/app)\n");
    assert!(message.contains("perf-script is nearest") && message.contains("pid/tid"), "{message}");
}

#[test]
fn perfs_call_chains_are_skipped_and_exiting_tasks_counted() {
    let text = "app 4000/4000 10.000001: mem-loads:     555500001000\n\t          401136 work+0x16 (/opt/app)\n\n\
                :-1    -1/-1    [000] 10.000002: mem-loads: 555500002000\n\
                app 4000/4000 10.000002: mem-stores:     555500002000\n\t          401140 [unknown] (/opt/app)\n\n";
    let (_, rows) = read_as(text, &[]);
    assert_eq!(rows.iter().map(|row| row.op).collect::<Vec<_>>(), [Op::Load, Op::Store]);
    let place = Place::new();
    let path = place.file("in", text.as_bytes());
    assert!(place.import(&[&path]).contains("left_out: 1 × a sample of no process (-1)"));
    assert!(place.refuse_anew(&[&path, "--strict"]).contains("line 4"));
}

#[test]
fn page_faults_are_read_once_their_operation_is_said() {
    let text = "4000/4000  1846.488848: page-faults:     55f4f2cdf1e0      1e05080021 |OP N/A|LVL N/A or N/A|\n";
    assert!(refusal(text).contains("--op load"));
    let (format, rows) = read_as(text, &["--op", "store"]);
    assert_eq!((format.as_str(), rows[0].op, rows[0].address), ("perf-script", Op::Store, 0x55f4_f2cd_f1e0));
    let faults = "  1.000 app/4000 exceptions:page_fault_user(address: 0x10004000, ip: 4194304, error_code: 6)\nLOST 3 events!\n";
    assert_eq!(read_as(faults, &[]).1[0].op, Op::Store, "error code 6 is a write");
    assert_eq!(read_as(faults, &["--op", "load"]).1[0].op, Op::Load, "unless the user knows better");
}

#[test]
fn records_of_32_bit_tracers_and_places_in_a_chip_are_named() {
    let place = Place::new();
    let records = [[25, 0, 0, 0, 7, 0, 0, 0], [28, 0, 12, 0, 7, 0, 0, 0], [28, 0, 9, 0, 0x20, 2, 0, 0]].concat();
    let message = place.refuse(&[&place.file("in", &records)]);
    assert!(message.contains("records of 8 bytes") && message.contains("record a 64-bit program"), "{message}");
    let mut tagged = fs::read(sample("champsim.trace")).unwrap();
    let load = (0..tagged.len() / 8).find(|word| word % 8 >= 4 && tagged[word * 8..][..8] != [0; 8]).unwrap();
    tagged[load * 8 + 7] = 0xb4;
    let path = place.file("in", &tagged);
    assert!(place.refuse(&[&path]).contains("--strip-tags"));
    place.import(&[&path, "--strip-tags"]);
    let message = refusal("R 0,0,1,12,34\n");
    assert!(message.contains("places in a memory chip"), "{message}");
}
