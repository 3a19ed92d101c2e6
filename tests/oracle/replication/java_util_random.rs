//! The generator that the other comparers rest on.

use serde_json::{Value, json};

use super::java_random::{Bits, JavaRandom, next_int};

pub fn compare(case: &Value) -> Result<(), String> {
    let seed = case["seed"].as_str().expect("a seed").parse().expect("a number");
    let mut random = JavaRandom::new(seed);
    for op in case["ops"].as_array().expect("operations") {
        let argument = op[1].as_i64().unwrap_or(0) as i32;
        let (got, expected) = match op[0].as_str().expect("a name") {
            "nextInt()" => (json!(random.next(32)), &op[1]),
            "nextInt(bound)" => (json!(next_int(&mut random, argument)), &op[2]),
            "nextBoolean()" => (json!(random.next(1) != 0), &op[1]),
            "nextLong()" => {
                let high = i64::from(random.next(32)) << 32;
                let long = high.wrapping_add(i64::from(random.next(32)));
                (json!(long.to_string()), &op[1])
            }
            "Collections.shuffle(0..n)" => {
                let mut items: Vec<i32> = (0..argument).collect();
                for last in (1..items.len()).rev() {
                    items.swap(last, next_int(&mut random, last as i32 + 1) as usize);
                }
                (json!(items), &op[2])
            }
            other => return Err(format!("unknown operation {other}")),
        };
        if &got != expected {
            return Err(format!("{op}: {got}"));
        }
    }
    Ok(())
}
