//! Messages: arrows, fates, and what is on the wire.

use kafka_protocol::messages::{RequestHeader, RequestKind, ResponseHeader, ResponseKind};
use kafka_protocol::protocol::Decodable;
use kafkascope::cluster::{Message, Passage};
use kafkascope::explain::Lang;
use kafkascope::explain::cards::card;
use kafkascope::protocol::{Api, Batches, RequestBody, ResponseBody};
use kafkascope::scenario::library;
use kafkascope::scenario::timeline::Timeline;
use kafkascope::sim::{Direction, Packet};
use kafkascope::tui::panels::messages::STEPS;
use kafkascope::tui::{View, twin};
use kafkascope::view::message::{Fate, MessageView, Opened};

use crate::run::{at, lens, snapshot};

fn messages(timeline: &Timeline) -> Vec<MessageView> {
    lens(timeline).messages(&timeline.passages(STEPS))
}

fn told(timeline: &Timeline, filter: &str, lang: Lang) -> String {
    twin(&View::Messages(Some(filter.to_owned())), timeline, lang, 100)
}

#[test]
fn messages_look_as_they_did() {
    let timeline = at("broker-down", "10.2s");
    snapshot("messages-metadata", told(&timeline, "metadata", Lang::En));
    snapshot("messages-none", told(&timeline, "lost", Lang::En));
    snapshot("messages-metadata-zh", told(&timeline, "metadata", Lang::Zh));
    let one_way = at("partition-one-way", "10.6s");
    snapshot("messages-held", told(&one_way, "way", Lang::En));
}

/// The key of a call on the wire.
type Call = (u32, Direction, i32);

fn calls_in_flight(timeline: &Timeline) -> Vec<Call> {
    let cluster = timeline.runner().cluster();
    let mut calls = Vec::new();
    let mut add = |connection, direction, packet: &Packet<Message>| match packet {
        Packet::Message(Message::Request(one)) => {
            calls.push((connection, direction, one.correlation_id));
        }
        Packet::Message(Message::Response(one, _)) => {
            calls.push((connection, direction, one.correlation_id));
        }
        _ => {}
    };
    for (connection, direction, held) in cluster.network().held() {
        add(connection, direction, &held.packet);
    }
    for (_, connection, direction, packet) in cluster.in_flight(usize::MAX) {
        if cluster.network().ends(connection).is_some() {
            add(connection, direction, packet);
        }
    }
    calls.sort();
    calls
}

/// Steps through a second: at each moment the messages on their way are those of the network.
#[test]
fn what_is_on_its_way_is_what_the_network_carries() {
    let mut timeline = at("broker-down", "9.95s");
    let mut seen = 0;
    for _ in 0..40 {
        let passages = timeline.passages(STEPS);
        let views = lens(&timeline).messages(&passages);
        let on_the_way = passages
            .iter()
            .zip(&views)
            .filter(|(_, one)| one.fate == Fate::OnItsWay && one.api.is_some());
        let mut told: Vec<Call> = on_the_way
            .map(|(one, _)| {
                (one.connection, one.direction, one.correlation_id().expect("a message"))
            })
            .collect();
        told.sort();
        let carried = calls_in_flight(&timeline);
        assert!(told.iter().all(|call| carried.contains(call)), "{told:?} {carried:?}");
        // What left before the steps that are looked at is not told.
        let known: Vec<&Call> = carried
            .iter()
            .filter(|call| {
                passages.iter().any(|one| {
                    Some(call.2) == one.correlation_id()
                        && (call.0, call.1) == (one.connection, one.direction)
                })
            })
            .collect();
        assert!(told.len() <= known.len());
        seen += told.len();
        timeline.forward(kafkascope::scenario::timeline::Unit::Event);
    }
    assert!(seen > 20, "{seen}");
}

#[test]
fn an_answer_belongs_to_its_request_and_arrives_after_it() {
    for views in
        [messages(&at("broker-down", "12s")), messages(&at("consumer-crash-vs-leave", "30s"))]
    {
        let mut pairs = 0;
        for (place, one) in views.iter().enumerate() {
            let Some(other) = one.other else { continue };
            let other = &views[other];
            assert_eq!(other.other, Some(place));
            assert_eq!((one.from, one.to), (other.to, other.from));
            assert_eq!((one.api, one.api_version), (other.api, other.api_version));
            if one.is_response {
                let Fate::Arrived(asked) = other.fate else { panic!("it is answered: {other:?}") };
                assert!(asked <= one.left, "{one:?}");
                pairs += 1;
            }
        }
        assert!(pairs > 50, "{pairs}");
    }
}

/// What left before a link was cut is held back by the cut; it is not lost.
#[test]
fn what_a_cut_holds_back_is_on_its_way() {
    let timeline = at("partition-one-way", "10.6s");
    let held = timeline.runner().cluster().network().held().count();
    let views = messages(&timeline);
    let waiting = views.iter().filter(|one| {
        one.fate == Fate::OnItsWay && one.left.as_millis() + 100 < timeline.at().as_millis()
    });
    assert!(held > 0 && waiting.count() > 0);
}

/// All messages of the last steps of all scenarios, at a moment of theirs.
fn of_all_scenarios() -> Vec<(&'static str, Vec<Passage>)> {
    library::names().map(|name| (name, at(name, "25s").passages(STEPS))).collect()
}

/// Read by the codec, a frame is the message, and all of it; written again it has the same bytes.
#[test]
fn an_opened_message_reads_back_as_what_was_sent() {
    let mut apis = std::collections::BTreeSet::new();
    for (name, passages) in of_all_scenarios() {
        for passage in &passages {
            let Some(opened) = Opened::of(passage) else { continue };
            let opened = opened.unwrap_or_else(|why| panic!("{name}: {why}: {passage:?}"));
            let version = passage.api_version.expect("a message has a version");
            let mut bytes = opened.bytes.clone();
            let length = bytes.split_to(4);
            let length = u32::from_be_bytes(length[..].try_into().expect("four bytes"));
            assert_eq!(length as usize, bytes.len());
            let ends: Vec<u64> = opened.header.iter().map(|part| part.at.end).collect();
            let begins: Vec<u64> = opened.header.iter().map(|part| part.at.start).collect();
            assert_eq!(begins[1..], ends[..ends.len() - 1], "no byte of the header is left out");
            assert_eq!(ends.last(), Some(&opened.body_at));
            let again = match passage.message.as_ref().expect("it is one") {
                Message::Request(request) => {
                    let api = kafka_protocol::messages::ApiKey::try_from(request.body.api() as i16);
                    let api = api.expect("known");
                    let header =
                        RequestHeader::decode(&mut bytes, api.request_header_version(version));
                    let header = header.expect("a header");
                    assert_eq!(header.request_api_key, request.body.api() as i16);
                    assert_eq!(header.request_api_version, version);
                    assert_eq!(header.correlation_id, request.correlation_id);
                    assert_eq!(header.client_id.as_deref(), Some(&*request.client_id));
                    let body = bytes.clone();
                    let kind = RequestKind::decode(api, &mut bytes, version).expect("a body");
                    if let (RequestKind::Produce(wire), RequestBody::Produce(sent)) =
                        (&kind, &request.body)
                    {
                        let data = wire.topic_data.iter().flat_map(|topic| &topic.partition_data);
                        for (wire, sent) in data.zip(&sent.partitions) {
                            let batches = Batches::new(wire.records.clone().unwrap_or_default());
                            let read: Vec<_> = batches.map(|one| one.expect("a batch")).collect();
                            let sent: Vec<_> =
                                sent.records.iter().map(|one| (**one).clone()).collect();
                            assert_eq!(read, sent, "{name}");
                        }
                    }
                    let mut again = bytes::BytesMut::new();
                    kind.encode(&mut again, version).expect("it can be written");
                    (body, again.freeze())
                }
                Message::Response(response, _) => {
                    let api =
                        kafka_protocol::messages::ApiKey::try_from(response.body.api() as i16);
                    let api = api.expect("known");
                    let header =
                        ResponseHeader::decode(&mut bytes, api.response_header_version(version));
                    let header = header.expect("a header");
                    assert_eq!(header.correlation_id, response.correlation_id);
                    let body = bytes.clone();
                    let kind = ResponseKind::decode(api, &mut bytes, version).expect("a body");
                    if let (ResponseKind::Fetch(wire), ResponseBody::Fetch(sent)) =
                        (&kind, &response.body)
                    {
                        let data = wire.responses.iter().flat_map(|topic| &topic.partitions);
                        for (wire, sent) in data.zip(&sent.partitions) {
                            assert_eq!(
                                wire.high_watermark,
                                sent.high_watermark.map_or(-1, |at| at.0 as i64)
                            );
                            let batches = Batches::new(wire.records.clone().unwrap_or_default());
                            assert_eq!(batches.count(), sent.records.len(), "{name}");
                        }
                    }
                    let mut again = bytes::BytesMut::new();
                    kind.encode(&mut again, version).expect("it can be written");
                    (body, again.freeze())
                }
            };
            assert!(bytes.is_empty(), "{name}: nothing is left: {passage:?}");
            assert_eq!(again.0, again.1, "{name}: {passage:?}");
            assert!(!opened.body.is_empty() || again.0.len() <= 1, "{name}: {passage:?}");
            apis.insert(match passage.message.as_ref().expect("it is one") {
                Message::Request(one) => one.body.api(),
                Message::Response(one, _) => one.body.api(),
            });
        }
    }
    assert!(apis.len() >= 8 && apis.contains(&Api::Produce), "{apis:?}");
}

/// A run that is looked at all along is the run that nobody looks at.
#[test]
fn looking_changes_nothing_of_a_run() {
    use kafkascope::scenario::load;
    use kafkascope::scenario::runner::Runner;
    for name in ["broker-down", "partition-one-way", "add-consumer"] {
        let run = load(&library::find(name).expect("it is built in")).runs.remove(0);
        let scenario = std::sync::Arc::new(run.scenario);
        let hash = |looked_at: bool| {
            let mut runner = Runner::new(std::sync::Arc::clone(&scenario), true);
            if looked_at {
                runner.set_tap();
            }
            runner.run();
            let seen = runner.cluster().tap().map_or(0, |tap| tap.passages().len());
            assert_eq!(seen > 0, looked_at);
            runner.trace_hash().expect("it was asked for")
        };
        assert_eq!(hash(true), hash(false), "{name}");
    }
}

#[test]
fn what_an_opened_message_names_has_a_card() {
    for term in ["correlation id", "request_api_key", "request_api_version", "client_id"] {
        assert!(card(term, Lang::Zh).is_some(), "{term}");
    }
    assert!(card("tagged_fields", Lang::En).is_some());
}
