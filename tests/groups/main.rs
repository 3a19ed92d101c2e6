//! Groups from a client's point of view.

#![expect(unreachable_pub, reason = "the driver is shared with the oracle test")]

#[path = "../oracle/group_coordinator/driver.rs"]
mod driver;
mod held_log;
mod histories;
mod offsets;
mod writes;
