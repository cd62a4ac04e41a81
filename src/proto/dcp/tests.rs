use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::time::Duration;

use super::*;
use crate::wire::captured::{HELLO_LLDP, frames};
use crate::wire::dcp::*;
use crate::wire::ethernet::{EtherType, Frame, MacAddress, VlanTag};

const TOOL: MacAddress = MacAddress([2, 0, 0, 0, 0, 1]);
const OTHER_TOOL: MacAddress = MacAddress([2, 0, 0, 0, 0, 0xee]);

fn ms(n: u64) -> Duration {
    Duration::from_millis(n)
}

fn mac(n: u16) -> MacAddress {
    let [high, low] = n.to_be_bytes();
    MacAddress([2, 0, 0, 1, high, low])
}

/// The rules as far as the tests need them; the whole ones are `model`'s.
const RULES: Rules = Rules {
    name: |name| {
        name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            && !name.starts_with('-')
    },
    ip: |ip, mask, _| {
        let bits = mask.to_bits();
        (ip.is_unspecified() && bits == 0)
            || (ip.octets()[0] < 224 && bits.leading_ones() + bits.trailing_zeros() == 32)
    },
};

fn settings(mac: MacAddress) -> StationSettings {
    StationSettings {
        mac,
        vendor_value: "Test".into(),
        device_id: DeviceIdentity { vendor: 0x0493, device: 2 },
        oem_id: None,
        role: DeviceRole::DEVICE,
        instance: (0, 1),
        hello: false,
        filters: FilterSupport::Everything,
        rules: RULES,
    }
}

fn address(last: u8) -> IpSuite {
    IpSuite { ip: [10, 0, 0, last].into(), mask: [255, 255, 255, 0].into(), gateway: Ipv4Addr::UNSPECIFIED }
}

fn station(n: u16, name: &str) -> Station {
    Station::new(settings(mac(n)), Settings { name: name.into(), ip: address(2) })
}

/// A link that loses some of what goes over it, the same on every run.
struct Link {
    stations: Vec<Station>,
    loss_percent: u64,
    state: u64,
}

impl Link {
    fn lossless(stations: Vec<Station>) -> Self {
        Self { stations, loss_percent: 0, state: 1 }
    }

    fn loses(&mut self) -> bool {
        self.state = self.state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.state >> 33) % 100 < self.loss_percent
    }

    /// The frame goes to every station.
    fn send(&mut self, now: Duration, frame: &[u8]) {
        for n in 0..self.stations.len() {
            if !self.loses() {
                self.stations[n].receive(now, frame);
            }
        }
    }

    /// What the stations say by now.
    fn answers(&mut self, now: Duration) -> Vec<Vec<u8>> {
        let mut frames = Vec::new();
        for n in 0..self.stations.len() {
            for action in self.stations[n].poll(now) {
                if let StationAction::Send(frame) = action
                    && !self.loses()
                {
                    frames.push(frame);
                }
            }
        }
        frames
    }

    fn next_due(&self) -> Option<Duration> {
        self.stations.iter().filter_map(Station::next_due).min()
    }

    /// Runs a scan to its end and gives the time of it.
    fn scan(&mut self, start: Duration, scan: &mut Scan) -> Duration {
        let mut now = start;
        while !scan.is_finished() {
            for frame in scan.poll(now) {
                self.send(now, &frame);
            }
            for frame in self.answers(now) {
                scan.receive(now, &frame);
            }
            now = scan.next_due().into_iter().chain(self.next_due()).min().unwrap_or(now).max(now);
        }
        now
    }

    fn request(&mut self, start: Duration, request: &mut Request) -> (Outcome, Duration) {
        let mut now = start;
        loop {
            for frame in request.poll(now) {
                self.send(now, &frame);
            }
            for frame in self.answers(now) {
                request.receive(now, &frame);
            }
            if let Some(outcome) = request.outcome() {
                return (outcome.clone(), now);
            }
            now = request.next_due().into_iter().chain(self.next_due()).min().unwrap().max(now);
        }
    }
}

fn pdu(frame: &[u8]) -> Pdu {
    Pdu::parse(Frame::parse(frame).unwrap().payload).unwrap()
}

#[test]
fn windows_and_delays_of_the_specification() {
    for (factor, window) in
        [(0, 400), (1, 400), (2, 2000), (100, 2000), (101, 3000), (128, 3000), (255, 4000), (6400, 65_000), (6401, 400)]
    {
        assert_eq!(response_window(factor), ms(window), "{factor}");
    }
    // As seen: 20 and 30 ms at 128, 20 ms at 255.
    let last = |n| MacAddress([2, 0, 0, 0, 0, n]);
    assert_eq!(answer_delay(last(2), 128), ms(20));
    assert_eq!(answer_delay(last(3), 128), ms(30));
    assert_eq!(answer_delay(last(2), 255), ms(20));
    assert_eq!(answer_delay(MacAddress([0, 0, 0, 0, 1, 4]), 128), ms(40));
    for factor in [0, 1, 6401] {
        assert_eq!(answer_delay(last(2), factor), Duration::ZERO);
    }
    for factor in [2, 77, 128, 6400] {
        let longest = (0..=255).map(|n| answer_delay(MacAddress([0, 0, 0, 0, n, 255]), factor)).max().unwrap();
        assert!(longest < response_window(factor));
    }
}

#[test]
fn a_scan_hears_everybody_once_and_ends_with_its_window() {
    let mut link = Link::lossless((2..300).map(|n| station(n, &format!("s-{n}"))).collect());
    let mut scan = Scan::new(TOOL, ScanSettings { repeats: 0, ..ScanSettings::all() }, &mut Xids::new(7));
    assert_eq!(link.scan(ms(500), &mut scan), ms(3500));
    assert_eq!(scan.found().len(), 298);
    for (mac, found) in scan.found() {
        assert_eq!(found.first, ms(500) + answer_delay(*mac, 128));
        assert_eq!((found.answers, found.late), (1, false));
    }
    assert_eq!(scan.requests(), 1);
    let conflicts = scan.conflicts();
    assert!(
        matches!(&conflicts[..], [Conflict::Address(ip, macs)] if *ip == Ipv4Addr::new(10, 0, 0, 2) && macs.len() == 298)
    );
    let events = scan.take_events();
    assert_eq!(events.len(), 299);
    assert_eq!(events.last(), Some(&ScanEvent::Finished));
    assert_eq!(scan.next_due(), None);
}

#[test]
fn a_fifth_lost_each_way_and_still_nobody_is_missing() {
    for seed in 1..=10 {
        let stations = (2..1002).map(|n| station(n, &format!("s-{n}"))).collect();
        let mut link = Link { stations, loss_percent: 20, state: seed };
        let mut scan = Scan::new(TOOL, ScanSettings::all(), &mut Xids::new(u32::MAX));
        let end = link.scan(Duration::ZERO, &mut scan);
        assert_eq!(scan.found().len(), 1000, "seed {seed}");
        assert!(end <= response_window(128) + ms(1500), "{end:?}");
        let complete = scan.found().values().map(|found| found.first).max().unwrap();
        assert!(complete <= response_window(128) + ms(1100), "complete after {complete:?}");
        let first = scan.found().values().map(|found| found.first).min().unwrap();
        assert!(first < ms(50), "first after {first:?}");
    }
    // Without loss one repeat is enough.
    let mut link = Link::lossless((2..1002).map(|n| station(n, "x")).collect());
    let mut scan = Scan::new(TOOL, ScanSettings::all(), &mut Xids::new(1));
    link.scan(Duration::ZERO, &mut scan);
    assert_eq!((scan.found().len(), scan.requests()), (1000, 2));
}

#[test]
fn late_answers_are_kept_apart() {
    let mut xids = Xids::new(100);
    let mut first = Scan::new(TOOL, ScanSettings { repeats: 0, ..ScanSettings::named("a") }, &mut xids);
    let request = pdu(&first.poll(ms(0)).remove(0));
    assert_eq!(request.body, Body::Identify { delay_factor: 1, filters: vec![Filter::Is(Value::Name("a".into()))] });
    let answer = |from, name: &str| {
        let body = Body::Identified(vec![Value::Name(name.into()).into()]);
        Pdu { xid: request.xid, body }.frame(from, TOOL)
    };
    first.receive(ms(100), &answer(mac(2), "a"));
    assert!(first.poll(ms(399)).is_empty() && !first.is_finished());
    assert!(first.poll(ms(400)).is_empty() && first.is_finished());
    let mut second = Scan::new(TOOL, ScanSettings::all(), &mut xids);
    second.poll(ms(450));
    for scan in [&mut first, &mut second] {
        scan.receive(ms(500), &answer(mac(2), "a"));
        scan.receive(ms(500), &answer(mac(3), "a"));
    }
    assert_eq!(first.found().len(), 1);
    assert_eq!(first.late().keys().collect::<Vec<_>>(), [&mac(3)]);
    assert_eq!(first.take_events(), [ScanEvent::Found(mac(2)), ScanEvent::Finished, ScanEvent::Late(mac(3))]);
    assert!(second.found().is_empty(), "an older Xid is not the newer scan's");
    // Within a scan: the answer to the first request comes when repeats are under way.
    let mut scan = Scan::new(TOOL, ScanSettings::named("a"), &mut xids);
    let asked = pdu(&scan.poll(ms(0)).remove(0)).xid;
    scan.poll(ms(400));
    let body = Body::Identified(vec![Value::Name("a".into()).into()]);
    scan.receive(ms(420), &Pdu { xid: asked, body }.frame(mac(9), TOOL));
    assert!(scan.found()[&mac(9)].late);
}

#[test]
fn what_is_not_for_a_scan_is_not_heard() {
    let mut scan = Scan::new(TOOL, ScanSettings::all(), &mut Xids::new(5));
    scan.poll(ms(0));
    let body = Body::Identified(vec![Value::Name("a".into()).into()]);
    let good = Pdu { xid: 5, body }.frame(mac(2), TOOL);
    let with = |at: usize, byte: u8| {
        let mut frame = good.clone();
        frame[at] = byte;
        frame
    };
    for (what, frame) in [
        ("for another tool", with(5, 9)),
        ("another Xid", with(21, 99)),
        ("another FrameID", with(15, 0xfd)),
        ("another EtherType", with(12, 8)),
        ("from a group", with(6, 1)),
        ("nothing", Vec::new()),
    ] {
        scan.receive(ms(1), &frame);
        assert!(scan.found().is_empty(), "{what}");
    }
    scan.receive(ms(1), &with(24, 0xff));
    assert_eq!((scan.found().len(), scan.malformed()), (0, 1), "a length beyond the frame");
    scan.receive(ms(1), &good);
    assert_eq!(scan.found().len(), 1);
}

#[test]
fn a_station_answers_only_what_matches_and_once_at_a_time() {
    let stored = || Settings { name: "dev-2".into(), ip: address(2) };
    let ask = |now, filters: Vec<Filter>, support| {
        let mut it = Station::new(StationSettings { filters: support, ..settings(mac(2)) }, stored());
        it.set_aliases(vec!["port-001.x".into()]);
        let body = Body::Identify { delay_factor: 1, filters };
        it.receive(now, &Pdu { xid: 9, body }.frame(TOOL, MacAddress::DCP_IDENTIFY));
        it.poll(now).len()
    };
    let is = |value| vec![Filter::Is(value)];
    let name = |text: &str| is(Value::Name(text.into()));
    let id = is(Value::DeviceId(DeviceIdentity { vendor: 0x0493, device: 2 }));
    let (everything, two) = (FilterSupport::Everything, FilterSupport::NameAndAlias);
    assert_eq!(ask(ms(0), vec![Filter::All], two), 1);
    assert_eq!(ask(ms(0), name("dev-2"), two), 1);
    assert_eq!(ask(ms(0), name("DEV-2"), two), 0);
    assert_eq!(ask(ms(0), is(Value::Alias("port-001.x".into())), two), 1);
    assert_eq!(ask(ms(0), is(Value::Alias("port-002.x".into())), two), 0);
    assert_eq!(ask(ms(0), id.clone(), two), 0, "as seen");
    assert_eq!(ask(ms(0), id.clone(), everything), 1);
    assert_eq!(ask(ms(0), [id, name("other")].concat(), everything), 0, "all must match");
    assert_eq!(ask(ms(0), is(Value::Role(DeviceRole::CONTROLLER, 0)), everything), 0);
    assert_eq!(ask(ms(0), Vec::new(), everything), 0);
    // Delay by MAC address, and no second answer meanwhile.
    let mut it = station(0x0203, "dev-2");
    let identify = |xid| {
        let body = Body::Identify { delay_factor: 128, filters: vec![Filter::All] };
        Pdu { xid, body }.frame(TOOL, MacAddress::DCP_IDENTIFY)
    };
    it.receive(ms(1000), &identify(1));
    it.receive(ms(1010), &identify(2));
    assert_eq!(it.next_due(), Some(ms(1030)), "0x0203 modulo 128 is 3");
    assert!(it.poll(ms(1029)).is_empty());
    let actions = it.poll(ms(1030));
    let [StationAction::Send(frame)] = &actions[..] else { panic!("{actions:?}") };
    assert_eq!(pdu(frame).xid, 1);
    assert_eq!(it.next_due(), None);
}

fn set_results(it: &mut Station, now: Duration, from: MacAddress, blocks: Vec<SetBlock>) -> Option<Vec<BlockError>> {
    it.receive(now, &Pdu { xid: 3, body: Body::Set(blocks) }.frame(from, it.mac()));
    it.poll(now).into_iter().find_map(|action| match action {
        StationAction::Send(frame) => match pdu(&frame).body {
            Body::SetDone(results) => Some(results.into_iter().map(|result| result.error).collect()),
            other => panic!("{other:?}"),
        },
        _ => None,
    })
}

#[test]
fn only_one_tool_at_a_time_for_three_seconds() {
    let mut it = station(2, "a");
    let flash = || vec![SetBlock { qualifier: BlockQualifier::TEMPORARY, value: Value::FLASH_ONCE }];
    assert_eq!(set_results(&mut it, ms(0), TOOL, flash()), Some(vec![BlockError::Done]));
    assert_eq!(set_results(&mut it, ms(1), OTHER_TOOL, flash()), None, "it does not answer at all");
    assert_eq!(set_results(&mut it, ms(2999), OTHER_TOOL, flash()), None);
    assert_eq!(set_results(&mut it, ms(3000), OTHER_TOOL, flash()), Some(vec![BlockError::Done]));
    assert_eq!(set_results(&mut it, ms(3200), TOOL, flash()), None);
    // A request whose station is locked gets through with its late retry.
    let mut link = Link::lossless(vec![it]);
    let mut request = Request::flash(TOOL, mac(2), &mut Xids::new(1));
    let keep_lock = |link: &mut Link, now| {
        link.stations[0].receive(now, &Pdu { xid: 8, body: Body::Get(vec![OptionId::NAME]) }.frame(OTHER_TOOL, mac(2)));
        link.stations[0].poll(now);
    };
    keep_lock(&mut link, ms(5900));
    let (outcome, at) = link.request(ms(6000), &mut request);
    assert_eq!((outcome, at), (Outcome::Done { verified: false }, ms(6000 + 2000 + 3500)));
}

#[test]
fn set_rules_with_the_codes_seen() {
    let mut it = station(2, "a");
    let mut code = |qualifier, value: Value| {
        let codes = set_results(&mut it, ms(0), TOOL, vec![SetBlock { qualifier, value }]).unwrap();
        (codes[0].raw(), it.running().clone(), it.stored().clone())
    };
    let (temporary, permanent) = (BlockQualifier::TEMPORARY, BlockQualifier::PERMANENT);
    let name = |text: &str| Value::Name(text.into());
    let ip =
        |ip: [u8; 4], mask: [u8; 4]| Value::Ip(IpSuite { ip: ip.into(), mask: mask.into(), gateway: [0; 4].into() });
    // Refused, as seen.
    assert_eq!(code(permanent, name("-bad")).0, 3);
    assert_eq!(code(permanent, name("Pump")).0, 3);
    assert_eq!(code(permanent, ip([224, 0, 0, 1], [255, 255, 255, 0])).0, 3);
    assert_eq!(code(permanent, ip([10, 0, 0, 1], [255, 0, 255, 0])).0, 3);
    assert_eq!(code(permanent, Value::Dhcp(12, b"abc".to_vec())).0, 2);
    assert_eq!(code(permanent, Value::Role(DeviceRole::DEVICE, 0)).0, 2);
    // Refused by the same rules.
    assert_eq!(code(permanent, Value::Other(OptionId::IP, vec![1, 2])).0, 3);
    assert_eq!(code(permanent, Value::Signal(7)).0, 3);
    assert_eq!(code(permanent, Value::Other(OptionId::new(0x90, 1), vec![])).0, 1);
    assert_eq!(code(BlockQualifier(0x00fe), Value::ResetToFactory).0, 3);
    let (_, running, stored) = code(permanent, Value::Start);
    assert_eq!((&running.name[..], &stored.name[..], running.ip), ("a", "a", address(2)), "nothing has changed");
    // Temporary: in effect, and the stored one erased.
    let (error, running, stored) = code(temporary, name("b"));
    assert_eq!((error, &running.name[..], &stored.name[..]), (0, "b", ""));
    let (error, running, stored) = code(temporary, Value::Ip(address(9)));
    assert_eq!((error, running.ip, stored.ip), (0, address(9), IpSuite::NONE));
    let (error, running, stored) = code(permanent, Value::Ip(address(7)));
    assert_eq!((error, running.ip, stored.ip), (0, address(7), address(7)));
    let (error, running, _) = code(permanent, name(""));
    assert_eq!((error, &running.name[..]), (0, ""), "an empty name clears it");
    let (error, running, stored) = code(BlockQualifier::reset(ResetMode::Communication), Value::ResetToFactory);
    assert_eq!((error, running, stored), (0, Settings::default(), Settings::default()));
    it.set_in_operation(true);
    let both = [name("c"), Value::FLASH_ONCE].map(|value| SetBlock { qualifier: permanent, value }).to_vec();
    assert_eq!(set_results(&mut it, ms(0), TOOL, both), Some(vec![BlockError::InOperation, BlockError::Done]));
}

#[test]
fn a_get_answers_each_option_in_order() {
    let mut it = station(2, "a");
    let wanted = vec![OptionId::NAME, OptionId::DHCP_HOST_NAME, OptionId::IP, OptionId::new(0x99, 1), OptionId::MAC];
    it.receive(ms(0), &Pdu { xid: 1, body: Body::Get(wanted) }.frame(TOOL, mac(2)));
    let actions = it.poll(ms(0));
    let [StationAction::Send(frame)] = &actions[..] else { panic!("{actions:?}") };
    let refused = |about, error| Answer::Refused(BlockResult { about, error });
    let expected = vec![
        Answer::Value(Value::Name("a".into()).into()),
        refused(OptionId::DHCP_HOST_NAME, BlockError::SuboptionUnsupported),
        Answer::Value(Block { info: BlockInfo::SET, value: Value::Ip(address(2)) }),
        refused(OptionId::new(0x99, 1), BlockError::OptionUnsupported),
        Answer::Value(Value::Mac(mac(2)).into()),
    ];
    assert_eq!(pdu(frame).body, Body::Got(expected));
}

#[test]
fn hello_four_times_three_seconds_apart() {
    let mut it = Station::new(StationSettings { hello: true, ..settings(mac(2)) }, Settings::default());
    assert_eq!(it.next_due(), None, "its link is down");
    it.link_up(ms(100));
    let mut at = Vec::new();
    while let Some(due) = it.next_due() {
        for action in it.poll(due) {
            let StationAction::Send(frame) = action else { panic!() };
            assert_eq!(Frame::parse(&frame).unwrap().destination, MacAddress::DCP_HELLO);
            let Body::Hello(blocks) = pdu(&frame).body else { panic!() };
            assert_eq!(Identity::of(&blocks).hello, Some(true));
            assert_eq!(hello(&frame), Some((mac(2), Identity::of(&blocks))));
            at.push(due);
        }
    }
    assert_eq!(at, [ms(100), ms(3100), ms(6100), ms(9100)]);
    it.link_up(ms(20_000));
    it.link_down();
    assert_eq!(it.next_due(), None);
}

#[test]
fn hello_as_captured() {
    let heard: Vec<_> = frames(HELLO_LLDP).iter().filter_map(|frame| hello(frame)).collect();
    assert_eq!(heard.len(), 4);
    let (source, identity) = &heard[0];
    assert_eq!((*source, identity.station_name()), (MacAddress([2, 0, 0, 0, 0, 2]), Some("pump-2")));
    // It said 0 beside a valid address.
    assert_eq!((identity.address(), identity.ip_info), (Some(Ipv4Addr::new(10, 0, 0, 2)), BlockInfo(0)));
    assert_eq!(identity.oem_id, Some(DeviceIdentity { vendor: 0xcafe, device: 0xee02 }));
}

#[test]
fn a_tagged_question_is_answered_without_tag() {
    let mut it = station(2, "a");
    let payload = Pdu { xid: 1, body: Body::Get(vec![OptionId::NAME]) }.emit();
    let (destination, source, ether_type) = (mac(2), TOOL, EtherType::PROFINET);
    let tag = Some(VlanTag(0xc000));
    it.receive(ms(0), &Frame { destination, source, tag, ether_type, payload: &payload }.emit());
    let actions = it.poll(ms(0));
    let [StationAction::Send(frame)] = &actions[..] else { panic!("{actions:?}") };
    let frame = Frame::parse(frame).unwrap();
    assert_eq!((frame.tag, frame.ether_type), (None, EtherType::PROFINET));
}

#[test]
fn a_restart_forgets_what_was_temporary() {
    let mut link = Link::lossless(vec![station(2, "a")]);
    let mut xids = Xids::new(1);
    let (outcome, _) = link.request(ms(0), &mut Request::set_name(TOOL, mac(2), "b", false, &mut xids));
    assert_eq!(outcome, Outcome::Done { verified: true });
    assert_eq!(link.stations[0].running().name, "b");
    link.stations[0].restart(ms(100));
    assert_eq!(link.stations[0].running().name, "");
    assert!(link.stations[0].poll(ms(100)).contains(&StationAction::Changed));
}

#[test]
fn requests_come_to_every_end() {
    let mut link = Link::lossless(vec![station(2, "a")]);
    let mut xids = Xids::new(1);
    let done = Outcome::Done { verified: true };
    let set_ip = |xids: &mut Xids| Request::set_ip(TOOL, mac(2), address(9), true, xids);
    assert_eq!(link.request(ms(0), &mut set_ip(&mut xids)), (done.clone(), ms(0)));
    let mut reset = Request::reset(TOOL, mac(2), ResetMode::Communication, &mut xids);
    assert_eq!(link.request(ms(0), &mut reset), (done, ms(0)));
    let (outcome, _) = link.request(ms(0), &mut Request::set_name(TOOL, mac(2), "-bad", true, &mut xids));
    let refused = BlockResult { about: OptionId::NAME, error: BlockError::ValueNotAccepted };
    assert_eq!(outcome, Outcome::Refused(vec![refused]));
    let (outcome, _) = link.request(ms(0), &mut Request::get(TOOL, mac(2), vec![OptionId::NAME], &mut xids));
    assert_eq!(outcome, Outcome::Got(vec![Answer::Value(Value::Name(String::new()).into())]));
    // Nobody there: three tries, one late.
    let mut request = Request::flash(TOOL, mac(77), &mut xids);
    assert_eq!(link.request(ms(0), &mut request), (Outcome::NoAnswer, ms(1000 + 1000 + 3500 + 1000)));
    assert_eq!(request.next_due(), None);
}

/// Stations that say one thing and do another.
#[test]
fn what_was_set_is_read_back() {
    let mut xids = Xids::new(50);
    let answer = |request: &Pdu, body| Pdu { xid: request.xid, body }.frame(mac(2), TOOL);
    let said_done = Body::SetDone(vec![BlockResult { about: OptionId::NAME, error: BlockError::Done }]);
    let got = |name: &str| Body::Got(vec![Answer::Value(Value::Name(name.into()).into())]);
    // The new name shows with the third look only.
    let mut request = Request::set_name(TOOL, mac(2), "b", true, &mut xids);
    let set = pdu(&request.poll(ms(0)).remove(0));
    request.receive(ms(10), &answer(&set, said_done.clone()));
    for (at, name) in [(10, "a"), (1010, "a"), (2010, "b")] {
        assert_eq!(request.next_due(), Some(ms(at)));
        let get = pdu(&request.poll(ms(at)).remove(0));
        assert_eq!(get.body, Body::Get(vec![OptionId::NAME]));
        assert_ne!(get.xid, set.xid);
        request.receive(ms(at + 5), &answer(&get, got(name)));
    }
    assert_eq!(request.outcome(), Some(&Outcome::Done { verified: true }));
    // It never does; or the station has gone.
    for answers in [true, false] {
        let mut request = Request::set_name(TOOL, mac(2), "b", true, &mut xids);
        let set = pdu(&request.poll(ms(0)).remove(0));
        request.receive(ms(10), &answer(&set, said_done.clone()));
        while let Some(due) = request.next_due() {
            for frame in request.poll(due) {
                if answers {
                    request.receive(due, &answer(&pdu(&frame), got("a")));
                }
            }
        }
        let found = vec![Answer::Value(Value::Name("a".into()).into())];
        let expected = if answers { Outcome::NotInEffect(found) } else { Outcome::Unverified };
        assert_eq!(request.outcome(), Some(&expected));
    }
    // An older station knows the older reset only.
    let mut request = Request::reset(TOOL, mac(2), ResetMode::Communication, &mut xids);
    let set = pdu(&request.poll(ms(0)).remove(0));
    let unknown = BlockResult { about: OptionId::RESET_TO_FACTORY, error: BlockError::SuboptionUnsupported };
    request.receive(ms(1), &answer(&set, Body::SetDone(vec![unknown])));
    let older = pdu(&request.poll(ms(1)).remove(0));
    let Body::Set(blocks) = &older.body else { panic!() };
    assert_eq!(blocks[0].value, Value::ResetFactorySettings);
    // What others say does not count.
    for frame in [
        answer(&set, said_done.clone()),
        Pdu { xid: older.xid, body: said_done.clone() }.frame(mac(3), TOOL),
        Pdu { xid: older.xid, body: got("x") }.frame(mac(2), TOOL),
    ] {
        request.receive(ms(2), &frame);
        assert_eq!(request.next_due(), Some(ms(1001)));
    }
    request.receive(ms(3), &answer(&older, Body::Unsupported(Service::Set)));
    assert_eq!(request.outcome(), Some(&Outcome::Unsupported(Service::Set)));
}

#[test]
fn a_fifth_lost_and_requests_get_through() {
    let mut failed = 0;
    let mut link = Link { stations: (2..202).map(|n| station(n, "a")).collect(), loss_percent: 20, state: 42 };
    let mut xids = Xids::new(1);
    for n in 2..202 {
        let mut request = Request::set_name(TOOL, mac(n), &format!("n-{n}"), true, &mut xids);
        let start = Duration::from_secs(u64::from(n) * 100);
        match link.request(start, &mut request).0 {
            Outcome::Done { verified: true } => {}
            Outcome::NoAnswer | Outcome::Unverified => failed += 1,
            other => panic!("{other:?}"),
        }
    }
    // Four tries and three to read back: 0.36^4 + 0.36^3 are 6 of 100.
    assert!(failed <= 24, "{failed} of 200");
    let names: BTreeSet<_> = link.stations.iter().map(|station| station.running().name.clone()).collect();
    assert!(names.len() >= 190);
}

#[test]
fn a_storm_of_stations_is_bounded() {
    let mut scan = Scan::new(TOOL, ScanSettings::all(), &mut Xids::new(5));
    scan.poll(ms(0));
    for n in 0..convention::MAX_STATIONS + 500 {
        let [.., a, b, c] = u32::try_from(n).unwrap().to_be_bytes();
        let body = Body::Identified(vec![Value::Name("x".into()).into()]);
        scan.receive(ms(1), &Pdu { xid: 5, body }.frame(MacAddress([2, 9, 0, a, b, c]), TOOL));
    }
    assert_eq!((scan.found().len(), scan.left_out()), (convention::MAX_STATIONS, 500));
}
