//! What was lost and why, in a sentence each.

use super::Narrator;
use crate::check::{Cause, Loss};
use crate::explain::World;

impl Narrator {
    /// Which records are gone: `kq-0: 12 records of web, offsets 118 to 129 (leader epoch 3, acks=1)`.
    pub fn loss(self, loss: &Loss, world: &dyn World) -> String {
        let mut arguments = self.arguments(world);
        arguments.set("tp", loss.tp.to_string());
        arguments.set("producer", loss.producer.to_string());
        arguments.set("number", loss.number as i64);
        arguments.set("records", loss.records as i64);
        let acks = if loss.acks < 0 { "all".to_owned() } else { loss.acks.to_string() };
        arguments.set("acks", acks);
        if let (Some(first), Some(last), Some(epoch)) =
            (loss.first_offset, loss.last_offset, loss.leader_epoch)
        {
            arguments.set("first", first.0 as i64);
            arguments.set("last", last.0 as i64);
            arguments.set("leader_epoch", i64::from(epoch.0));
            return self.say("loss-placed", &arguments);
        }
        self.say("loss-unplaced", &arguments)
    }

    /// Why records are gone.
    pub fn cause(self, cause: Cause, world: &dyn World) -> String {
        let mut arguments = self.arguments(world);
        match cause {
            Cause::UncleanElection { epoch } => arguments.set("epoch", i64::from(epoch.0)),
            Cause::LossyDisks { lossy, min_isr } => {
                arguments.set("lossy", i64::from(lossy));
                arguments.set("min_isr", i64::from(min_isr));
            }
            Cause::LeaderOnly { from, to, epoch } => {
                let name = |id| match world.server(id) {
                    Some(node) => world.node(node).to_owned(),
                    None => format!("broker-{id}"),
                };
                arguments.set("from", from.map_or_else(|| "none".to_owned(), name));
                arguments.set("to", name(to));
                arguments.set("epoch", i64::from(epoch.0));
            }
            Cause::NotAwaited
            | Cause::Retention
            | Cause::DeleteRecords
            | Cause::TopicDeleted
            | Cause::Unexplained => {}
        }
        self.say(&format!("cause-{}", <&str>::from(cause)), &arguments)
    }

    /// Records are in no log, and their applications ended before they were told anything.
    pub fn untold(self, records: u64, world: &dyn World) -> String {
        let mut arguments = self.arguments(world);
        arguments.set("records", records as i64);
        self.say("loss-untold", &arguments)
    }

    /// So many more records were lost.
    pub fn more_lost(self, records: u64, world: &dyn World) -> String {
        let mut arguments = self.arguments(world);
        arguments.set("records", records as i64);
        self.say("loss-more", &arguments)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::Lang;
    use crate::explain::narrator::tests::Small;
    use crate::ids::{BrokerId, LeaderEpoch, Offset, TopicPartition};
    use crate::sim::Instant;

    fn told(lang: Lang) -> String {
        let (from, to) = (Some(BrokerId(1)), BrokerId(2));
        let epoch = LeaderEpoch(4);
        let causes = [
            Cause::UncleanElection { epoch },
            Cause::LossyDisks { lossy: 1, min_isr: 1 },
            Cause::LossyDisks { lossy: 2, min_isr: 2 },
            Cause::LeaderOnly { from, to, epoch },
            Cause::LeaderOnly { from: None, to, epoch },
            Cause::NotAwaited,
            Cause::Retention,
            Cause::DeleteRecords,
            Cause::TopicDeleted,
            Cause::Unexplained,
        ];
        let mut loss = Loss {
            at: Instant::ZERO,
            event: 7,
            tp: TopicPartition::new("kq", 0),
            producer: "web".into(),
            number: 17,
            records: 1,
            first_offset: Some(Offset(118)),
            last_offset: Some(Offset(118)),
            leader_epoch: Some(LeaderEpoch(3)),
            acks: 1,
            cause: Cause::NotAwaited,
        };
        let narrator = Narrator::new(lang);
        let mut lines = vec![narrator.loss(&loss, &Small)];
        (loss.records, loss.last_offset, loss.acks) = (12, Some(Offset(129)), -1);
        lines.push(narrator.loss(&loss, &Small));
        (loss.first_offset, loss.acks) = (None, 0);
        lines.push(narrator.loss(&loss, &Small));
        loss.records = 1;
        lines.push(narrator.loss(&loss, &Small));
        lines.extend(causes.map(|cause| narrator.cause(cause, &Small)));
        lines.extend([1, 2].map(|records| narrator.untold(records, &Small)));
        lines.extend([1, 2].map(|records| narrator.more_lost(records, &Small)));
        lines.join("\n")
    }

    #[test]
    fn losses_are_told_in_english() {
        insta::assert_snapshot!(told(Lang::En), @"
        kq-0: 1 record of web, offset 118 (leader epoch 3, acks=1)
        kq-0: 12 records of web, offsets 118 to 129 (leader epoch 3, acks=all)
        kq-0: 12 records of web, from number 17 on (acks=0)
        kq-0: 1 record of web, number 17 (acks=0)
        unclean election: the leader of epoch 4 did not have them
        1 replica lost its disk or what it had not flushed: too many for min.insync.replicas = 1
        2 replicas at once had lost their disks or what they had not flushed: too many for min.insync.replicas = 2
        only broker-1 had them when it acknowledged them; broker-2 took over in epoch 4
        acknowledged by a leader that led no more; broker-2 led in epoch 4
        nobody waited for an answer
        retention
        deleted on request
        the topic was deleted
        nothing that Kafka allows
        1 record is in no log; its application ended before it was told anything
        2 records are in no log; their applications ended before they were told anything
        and 1 record more
        and 2 records more
        ");
    }

    #[test]
    fn losses_are_told_in_chinese() {
        insta::assert_snapshot!(told(Lang::Zh), @"
        kq-0：web 的 1 条记录，offset 118（leader epoch 3，acks=1）
        kq-0：web 的 12 条记录，offset 118 到 129（leader epoch 3，acks=all）
        kq-0：web 的 12 条记录，从编号 17 起（acks=0）
        kq-0：web 的 1 条记录，编号 17（acks=0）
        unclean 选举：epoch 4 的 leader 没有这些记录
        同时有 1 个副本丢失磁盘或未刷盘的数据，min.insync.replicas = 1 承受不了
        同时有 2 个副本丢失磁盘或未刷盘的数据，min.insync.replicas = 2 承受不了
        broker-1 确认时只有它自己拥有；broker-2 在 epoch 4 接任
        由已卸任的 leader 确认；epoch 4 的 leader 是 broker-2
        没有人等待应答
        超过保留期限或大小
        按请求删除
        主题被删除
        没有 Kafka 所允许的原因
        1 条记录不在任何日志中；应用在得知结果之前就结束了
        2 条记录不在任何日志中；应用在得知结果之前就结束了
        另有 1 条记录
        另有 2 条记录
        ");
    }
}
