//! What the assignors inside clients decided.

mod chain;
pub mod cooperative_sticky;
pub mod range;
pub mod roundrobin;
pub mod sticky;
