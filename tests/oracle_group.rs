//! Compares the vectors about clients and groups in `ORACLE_DIR`.

#![expect(unreachable_pub, reason = "the comparers are shared with the other oracle test")]

#[path = "oracle/encoding.rs"]
mod encoding;

#[path = "oracle/schema_records"]
mod schema_records {
    pub mod coordinator;
    pub mod group_coordinator;
    pub mod share_coordinator;
    pub mod transaction_log;
}

#[path = "oracle/consumer_protocol"]
mod consumer_protocol {
    pub mod assignment;
    pub mod sticky_user_data;
    pub mod subscription;
}

#[path = "oracle/client_assignors"]
mod client_assignors {
    pub mod chain;
    pub mod cooperative_sticky;
    pub mod range;
    pub mod roundrobin;
    pub mod sticky;
}

#[path = "oracle/group_coordinator"]
mod group_coordinator {
    pub mod classic_group;
    pub mod driver;
}

#[path = "oracle/kraft"]
mod kraft {
    pub mod consumer_offsets;
}

#[path = "oracle/partitioners"]
mod partitioners {
    pub mod coordinator_partition;
    pub mod java_default_keyed;
    pub mod java_round_robin;
    pub mod java_sticky_adaptive;
}

use serde_json::Value;

/// Compares every line of a file and lists the mismatches, the first five in detail.
fn check(file: &str, compare: fn(&Value) -> Result<(), String>) {
    let Some(directory) = std::env::var_os("ORACLE_DIR") else {
        eprintln!("{file}: ORACLE_DIR is not set");
        return;
    };
    let path = std::path::Path::new(&directory).join("vectors").join(file);
    let text = std::fs::read_to_string(&path).expect("ORACLE_DIR holds the vectors");
    let mut failed = Vec::new();
    let mut compared = 0;
    for (number, line) in text.lines().enumerate() {
        compared += 1;
        let case = serde_json::from_str(line).expect("a line is JSON");
        if let Err(problem) = compare(&case) {
            if failed.len() < 5 {
                println!("{file}:{}: {problem}", number + 1);
            }
            failed.push(number + 1);
        }
    }
    println!("{file}: {compared} compared, {} differ {failed:?}", failed.len());
    assert!(failed.is_empty(), "{file}: {} of {compared} differ", failed.len());
}

macro_rules! vectors {
    ($($folder:ident / $file:ident)*) => {$(
        mod $file {
            #[test]
            fn agrees() {
                crate::check(
                    concat!(stringify!($folder), "/", stringify!($file), ".jsonl"),
                    crate::$folder::$file::compare,
                );
            }
        }
    )*};
}

mod compared {
    vectors! {
        schema_records/group_coordinator
        schema_records/share_coordinator
        schema_records/transaction_log
        consumer_protocol/assignment
        consumer_protocol/sticky_user_data
        consumer_protocol/subscription
        client_assignors/cooperative_sticky
        client_assignors/range
        client_assignors/roundrobin
        client_assignors/sticky
        group_coordinator/classic_group
        partitioners/coordinator_partition
        partitioners/java_default_keyed
        partitioners/java_round_robin
        partitioners/java_sticky_adaptive
    }
}

/// Every recorded cluster that has a log of groups.
#[test]
fn recorded_groups_agree() {
    let Some(directory) = std::env::var_os("ORACLE_DIR") else {
        eprintln!("recorded groups: ORACLE_DIR is not set");
        return;
    };
    let mut failed = Vec::new();
    let cases = std::fs::read_dir(std::path::Path::new(&directory).join("kraft"));
    for case in cases.expect("ORACLE_DIR holds recordings").flatten() {
        if !case.path().join("consumer-offsets.jsonl").exists() {
            continue;
        }
        let name = case.file_name();
        match kraft::consumer_offsets::compare(&case.path()) {
            Ok(compared) => println!(
                "{}: {} records, {} batches, {} groups",
                name.display(),
                compared.records,
                compared.batches,
                compared.groups
            ),
            Err(problem) => {
                println!("{}: {problem}", name.display());
                failed.push(name);
            }
        }
    }
    assert!(failed.is_empty(), "{failed:?}");
}
