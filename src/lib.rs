//! A whole Kafka cluster inside one deterministic process: brokers with real logs, replication, a
//! controller, group coordinators, producers and consumers, driven by one event queue and one seed.
//!
//! # In a test
//!
//! A scenario says what a cluster is and what happens to it. A [`Runner`] lets it happen; a [`Lens`]
//! looks at the cluster at any moment; a [`Report`] says how it came out.
//!
//! ```
//! use std::sync::Arc;
//!
//! use kafkascope::{Duration, Instant, Report, Runner, Source, TopicPartition, load, render};
//!
//! let text = r#"
//!     format   = 1
//!     title    = "The leader dies"
//!     kafka    = "4.1"
//!     duration = "40s"
//!     expect   = ["always acked-lost == 0", "at-end online(orders-0)"]
//!
//!     [cluster]
//!     brokers = 3
//!
//!     [topics.orders]
//!     partitions         = 1
//!     replication-factor = 3
//!
//!     [producers.web]
//!     topic = "orders"
//!     rate  = "50/s"
//!
//!     [[steps]]
//!     at     = "10s"
//!     do     = "kill leader(orders-0)"
//!     as     = "victim"
//!     expect = ["within 12s leader(orders-0) != victim"]
//! "#;
//! let source = Source::new("leader-dies.toml", text.into())?;
//! let loaded = load(&source);
//! assert!(!loaded.is_wrong(), "{}", render(&source, &loaded.diagnostics, false));
//!
//! let scenario = Arc::new(loaded.runs[0].scenario.clone());
//! let mut run = Runner::new(scenario, true);
//!
//! // Let it run to a moment, and look.
//! run.run_until(Instant::ZERO + Duration::from_secs(9));
//! let orders = TopicPartition::new("orders", 0);
//! let before = run.lens().partition(&orders).expect("the topic was created");
//! assert_eq!(before.isr.len(), 3);
//!
//! // A clone is a checkpoint: do something else to it than the scenario does.
//! let mut other = run.clone();
//! other.type_line("partition leader(orders-0) | controller").expect("it can be done");
//! other.run_until(Instant::ZERO + Duration::from_secs(30));
//!
//! // To the end.
//! run.run();
//! let after = run.lens().partition(&orders).expect("the topic is there");
//! assert_ne!(after.leader, before.leader);
//! assert!(after.leader_epoch > before.leader_epoch);
//!
//! let report = Report::of(&run);
//! assert!(report.passed());
//! assert_eq!(report.summary.acked_lost, 0);
//! // The same scenario, seed and version: the same trace, on every machine.
//! println!("trace hash {}", report.trace_hash.expect("it was asked for"));
//! # Ok::<(), kafkascope::Diagnostic>(())
//! ```
//!
//! [`Timeline`] is a run that can be stepped forward and back, and forked. [`Story`] with a
//! [`Narrator`] tells what happened in English or Chinese; [`why`] says what led to it.
//!
//! Everything that is not named on this page is the inside of the simulator and changes without
//! notice.

#[doc(inline)]
pub use check::{Checker, Violation};
#[doc(inline)]
pub use explain::why;
#[doc(inline)]
pub use explain::{Lang, Narrator, Story, StoryBuilder, StoryLine};
#[doc(inline)]
pub use fact::Fact;
#[doc(inline)]
pub use ids::{BrokerId, LeaderEpoch, Offset, PartitionIndex, TopicPartition};
#[doc(inline)]
pub use scenario::library::{find as built_in, names as built_in_names};
#[doc(inline)]
pub use scenario::runner::{Failure, Outcome, Runner, Verdict};
#[doc(inline)]
pub use scenario::timeline::{Timeline, Unit};
#[doc(inline)]
pub use scenario::{Diagnostic, Loaded, Report, Run, Scenario, Source, Summary, load, render};
#[doc(inline)]
pub use sim::{Duration, Instant};
#[doc(inline)]
pub use view::{Lens, Picture};

#[doc(hidden)]
pub mod assignor;
#[doc(hidden)]
pub mod broker;
#[doc(hidden)]
pub mod check;
#[cfg(not(target_arch = "wasm32"))]
#[doc(hidden)]
pub mod cli;
#[doc(hidden)]
pub mod client;
#[doc(hidden)]
pub mod cluster;
#[doc(hidden)]
pub mod config;
#[doc(hidden)]
pub mod controller;
#[doc(hidden)]
pub mod coordinator;
#[doc(hidden)]
pub mod explain;
#[doc(hidden)]
pub mod export;
#[doc(hidden)]
pub mod fact;
#[doc(hidden)]
pub mod feature;
#[doc(hidden)]
pub mod foreign;
#[doc(hidden)]
pub mod ids;
#[doc(hidden)]
pub mod log;
#[doc(hidden)]
pub mod metadata;
#[doc(hidden)]
pub mod node;
#[doc(hidden)]
pub mod protocol;
#[doc(hidden)]
pub mod raft;
#[doc(hidden)]
pub mod replica;
#[doc(hidden)]
pub mod scenario;
#[doc(hidden)]
pub mod sim;
#[doc(hidden)]
pub mod tui;
#[doc(hidden)]
pub mod view;
