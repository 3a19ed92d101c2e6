//! What the charts show: buckets put together to a column for each cell, and their values.

use crate::explain::Lang;
use crate::ids::TopicPartition;
use crate::scenario::timeline::{Bucket, Timeline};
use crate::sim::Duration;
use crate::tui::panels::times::{Window, tenths};

/// A chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Throughput,
    Latency,
    Lag,
    InSync,
    Wire,
    Sent,
}

/// All charts, in order.
pub(super) const ALL: [Kind; 6] =
    [Kind::Throughput, Kind::Latency, Kind::Lag, Kind::InSync, Kind::Wire, Kind::Sent];

impl Kind {
    pub(super) const fn term(self) -> &'static str {
        match self {
            Self::Throughput => "throughput",
            Self::Latency => "percentile",
            Self::Lag => "lag",
            Self::InSync => "under-replicated",
            Self::Wire => "fetch",
            Self::Sent => "key",
        }
    }
}

/// How a value is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Count,
    PerSecond,
    /// In microseconds.
    Time,
    BytesPerSecond,
}

impl Unit {
    pub(super) fn say(self, value: u64) -> String {
        match self {
            Self::Count => value.to_string(),
            Self::PerSecond => format!("{value}/s"),
            Self::Time if value < 10_000 => {
                format!("{}.{} ms", value / 1_000, value % 1_000 / 100)
            }
            Self::Time if value < 1_000_000 => format!("{} ms", value / 1_000),
            Self::Time => format!("{} s", tenths(Duration::from_micros(value))),
            Self::BytesPerSecond if value < 10_000 => format!("{value} B/s"),
            Self::BytesPerSecond if value < 10_000_000 => format!("{} kB/s", value / 1_000),
            Self::BytesPerSecond => format!("{} MB/s", value / 1_000_000),
        }
    }
}

/// A chart as it is drawn.
pub(super) struct Chart {
    pub(super) name: &'static str,
    pub(super) short: &'static str,
    pub(super) unit: Unit,
    pub(super) bands: Vec<Band>,
}

impl Chart {
    /// The highest value, known future included.
    pub(super) fn highest(&self) -> u64 {
        self.bands.iter().flat_map(|band| &band.values).flatten().copied().max().unwrap_or(0)
    }
}

/// One row of bars.
pub(super) struct Band {
    pub(super) name: String,
    pub(super) values: Vec<Option<u64>>,
}

/// The buckets of each cell, put together.
pub(super) struct Data {
    columns: Vec<Option<(Bucket, Duration)>>,
}

impl Data {
    pub(super) fn of(timeline: &Timeline, window: Window) -> Self {
        let buckets = timeline.series().buckets();
        let width = timeline.bucket_width();
        let place = |cell: u16| {
            usize::try_from(window.at(cell).as_nanos() / width.as_nanos()).unwrap_or(usize::MAX)
        };
        let columns = (0..window.cells).map(|cell| {
            let first = place(cell).min(buckets.len());
            // Where a cell is shorter than a bucket, several cells show one.
            let end = place(cell + 1).max(first + 1).min(buckets.len());
            let mut own = buckets.get(first..end)?.iter();
            let mut sum = own.next()?.clone();
            for next in own {
                sum.merge(next);
            }
            Some((sum, Duration::from_nanos(width.as_nanos() * (end - first) as u64)))
        });
        Self { columns: columns.collect() }
    }

    fn band(&self, name: impl Into<String>, value: impl Fn(&Bucket) -> Option<u64>) -> Band {
        let values =
            self.columns.iter().map(|column| column.as_ref().and_then(|(sum, _)| value(sum)));
        Band { name: name.into(), values: values.collect() }
    }

    /// In a second.
    fn rate(&self, name: impl Into<String>, count: impl Fn(&Bucket) -> u64) -> Band {
        let values = self.columns.iter().map(|column| {
            let (sum, width) = column.as_ref()?;
            // To the nearest whole.
            let nanos = width.as_nanos().max(1);
            Some((count(sum) * 1_000_000_000 + nanos / 2) / nanos)
        });
        Band { name: name.into(), values: values.collect() }
    }

    pub(super) fn charts(&self, lang: Lang) -> Vec<Chart> {
        ALL.iter().map(|kind| self.chart(*kind, lang)).collect()
    }

    fn chart(&self, kind: Kind, lang: Lang) -> Chart {
        let (name, short, unit) = match kind {
            Kind::Throughput => (
                lang.pick("Throughput, records a second", "吞吐量（条/秒）"),
                lang.pick("records", "吞吐"),
                Unit::PerSecond,
            ),
            Kind::Latency => (
                lang.pick("Latency of writes, from send() to ack", "写入延迟（send 到确认）"),
                lang.pick("latency", "延迟"),
                Unit::Time,
            ),
            Kind::Lag => (
                lang.pick("Lag, records not committed as read", "积压（未提交为已读的条数）"),
                lang.pick("lag", "积压"),
                Unit::Count,
            ),
            Kind::InSync => (
                lang.pick("Replicas in sync, of users' topics", "同步副本（用户 topic）"),
                "ISR",
                Unit::Count,
            ),
            Kind::Wire => (
                lang.pick("Bytes on the wire, a second", "网络流量（每秒）"),
                lang.pick("wire", "网络"),
                Unit::BytesPerSecond,
            ),
            Kind::Sent => (
                lang.pick("Sent to each partition, a second", "各分区写入（每秒）"),
                lang.pick("sent", "写入"),
                Unit::PerSecond,
            ),
        };
        let bands = match kind {
            Kind::Throughput => self.throughput(lang),
            Kind::Latency => {
                let of = |hundredths| {
                    move |bucket: &Bucket| {
                        let latency = bucket.latencies.percentile(hundredths)?;
                        Some(latency.as_nanos() / 1_000)
                    }
                };
                vec![
                    self.band("p99", of(99)),
                    self.band("p50", of(50)),
                    self.band(lang.pick("max", "最大"), of(100)),
                ]
            }
            Kind::Lag => self.lags(lang),
            Kind::InSync => vec![
                self.band(lang.pick("in sync", "同步"), |bucket| bucket.end.in_sync),
                self.band(lang.pick("under-replicated", "副本不足的分区"), |bucket| {
                    bucket.end.under_replicated
                }),
                self.band(lang.pick("no live leader", "无存活 leader 的分区"), |bucket| {
                    bucket.end.leaderless
                }),
            ],
            Kind::Wire => vec![
                self.rate(lang.pick("clients", "客户端"), |bucket| bucket.wire.clients),
                self.rate(lang.pick("between servers", "服务器之间"), |bucket| {
                    bucket.wire.servers
                }),
            ],
            Kind::Sent => {
                let partitions = self.keys(|bucket| bucket.sent.keys().cloned().collect());
                let bands = partitions.into_iter().map(|tp| {
                    let name = named(tp.as_ref(), lang);
                    self.rate(name, |bucket| bucket.sent.get(&tp).copied().unwrap_or(0))
                });
                bands.collect()
            }
        };
        Chart { name, short, unit, bands }
    }

    fn throughput(&self, lang: Lang) -> Vec<Band> {
        let mut bands = vec![
            self.rate(lang.pick("acked", "已确认"), |bucket| bucket.acked),
            self.rate(lang.pick("sent", "已发送"), Bucket::all_sent),
            self.rate(lang.pick("consumed", "已消费"), |bucket| bucket.delivered),
        ];
        let failed = self.rate(lang.pick("failed", "失败"), |bucket| bucket.failed);
        if failed.values.iter().flatten().any(|count| *count > 0) {
            bands.push(failed);
        }
        bands
    }

    /// Of each group; of the partitions too if there is one group.
    fn lags(&self, lang: Lang) -> Vec<Band> {
        let groups = self.keys(|bucket| bucket.end.lag.keys().cloned().collect());
        let mut bands = Vec::new();
        for group in &groups {
            bands.push(
                self.band(&**group, |bucket| Some(bucket.end.lag.get(group)?.values().sum())),
            );
        }
        let [group] = groups.as_slice() else { return bands };
        let of = |bucket: &Bucket| bucket.end.lag.get(group).cloned().unwrap_or_default();
        let partitions = self.keys(|bucket| of(bucket).into_keys().collect());
        for tp in partitions.into_iter().take(6) {
            bands.push(self.band(named(tp.as_ref(), lang), |bucket| of(bucket).get(&tp).copied()));
        }
        bands
    }

    /// What there is in any column, in order.
    fn keys<K: Ord>(&self, of: impl Fn(&Bucket) -> Vec<K>) -> Vec<K> {
        let columns = self.columns.iter().flatten();
        let all: std::collections::BTreeSet<K> =
            columns.flat_map(|(bucket, _)| of(bucket)).collect();
        all.into_iter().collect()
    }
}

fn named(tp: Option<&TopicPartition>, lang: Lang) -> String {
    tp.map_or_else(|| lang.pick("others", "其他").to_owned(), ToString::to_string)
}
