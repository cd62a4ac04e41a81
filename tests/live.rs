//! The live session of the desktop over the real protocol on loopback, as a screen uses it: it looks, and when there is nothing to
//! see it waits until it is woken.
//!
//! Every plant stands on a network of its own, drawn by lot, since tests of several checkouts run side by side.

use std::path::Path;
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use plantweave::app::live::{
    ConnectionState, DownloadJob, DownloadRow, Live, LiveState, QualityClass, Reach, RowState, Source, Trouble,
    Urgency, VirtualOptions, Way, compare_devices,
};
use plantweave::app::{
    AccessOptions, Announcement, DownloadOutcome, DownloadRequest, Job, Jobs, Whereabouts, open_project, unpack_sample,
};
use plantweave::device::{PlantOptions, VirtualPlant};
use plantweave::edit::{Document, Edit};
use plantweave::model::{LinkKey, Name, Plan, PortRef, Value, fixture};
use plantweave::net::loopback;
use plantweave::net::tcp::Network;

const LINE: &str = "
    component Pump 2.0 { stack 2.0; out rate R4 unit l/min; out runs BOOL; out text BSTR; hmi goal R4 = 0 min 0 max 50 }
    component Valve 2.0 { stack 2.0; in rate R4 = 0; in runs BOOL = false; in text BSTR = none; out open BOOL }
    P: Pump @10.90.0.11
    V: Valve @10.90.0.12
    W: Valve @10.90.0.13
    P.rate -> V.rate acyclic 50
    P.runs -> W.runs acyclic 50 sub false
";

/// The line on a network of its own.
fn line() -> Plan {
    let net = format!("10.{}.{}.", rand::random_range(60..250), rand::random_range(0..250));
    fixture::plan(&LINE.replace("10.90.0.", &net))
}

/// A screen without a screen.
struct Screen {
    jobs: Jobs,
    wakings: mpsc::Receiver<()>,
}

impl Screen {
    fn new() -> Self {
        let (woken, wakings) = mpsc::channel();
        // Nobody listens any more at the end of a test.
        Self { jobs: Jobs::new(Arc::new(move || _ = woken.send(()))).unwrap(), wakings }
    }

    /// Looks whenever it is woken, until there is something to see.
    fn until<T>(&self, what: &str, mut look: impl FnMut() -> Option<T>) -> T {
        let deadline = Instant::now() + Duration::from_secs(40);
        loop {
            if let Some(found) = look() {
                return found;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(self.wakings.recv_timeout(left).is_ok(), "never seen: {what}");
        }
    }

    fn until_so(&self, what: &str, mut is_so: impl FnMut() -> bool) {
        self.until(what, || is_so().then_some(()));
    }

    fn until_online(&self, live: &Live) {
        self.until_so("all devices are well", || match live.state() {
            LiveState::Failed(failure) => panic!("{failure}"),
            LiveState::Online { n_devices_ok, n_devices } => n_devices_ok == n_devices && n_devices > 0,
            _ => false,
        });
    }

    fn result<T>(&self, job: &Job<T>) -> T {
        self.until("the job ends", || job.take()).unwrap_or_else(|failure| panic!("{failure}"))
    }

    fn end(&self, live: Live) {
        live.stop();
        self.until_so("it has ended", || live.state() == LiveState::Ended);
    }

    fn until_text(&self, live: &Live, port: &PortRef, text: &str) {
        self.until_so(&format!("{port} is {text}"), || live.value(port).is_some_and(|value| value.text == text));
    }
}

fn port(plan: &Plan, name: &str) -> PortRef {
    plan.find_port(name).unwrap()
}

fn link(plan: &Plan, consumer: &str) -> LinkKey {
    LinkKey::to(port(plan, consumer))
}

fn virtual_devices() -> Source {
    Source::Virtual(VirtualOptions::default())
}

fn edited(plan: &Plan, edits: &[Edit]) -> Plan {
    let mut document = Document::new(plan.clone());
    for edit in edits {
        document.apply(edit).unwrap();
    }
    document.plan().clone()
}

fn troubles(live: &Live, device: &str) -> Vec<Trouble> {
    let devices = live.devices();
    devices.iter().find(|one| one.device == device).map(|one| one.troubles.clone()).unwrap_or_default()
}

#[test]
fn the_bottling_line_runs_and_values_move() {
    let screen = Screen::new();
    let folder = tempfile::tempdir().unwrap();
    let project = folder.path().join("bottling-line.plant");
    unpack_sample("bottling-line.plant", &project).unwrap();
    let plan = open_project(&project).unwrap();
    let source = Source::Virtual(VirtualOptions { share_address: true, ..VirtualOptions::default() });
    let live = Live::start(&screen.jobs, &plan, Some(&project), source);
    assert!(matches!(live.state(), LiveState::Starting(_)) && live.is_virtual());
    screen.until_online(&live);
    assert!(Announcement::of_running(&project).is_ok(), "commands find it");
    screen.until_so("every link is connected", || {
        let states = live.connections();
        // The meter is a device of stage 1, and those do not tell.
        let expected = |key: &LinkKey| match &*key.consumer.instance {
            "EnergyMeter1" => ConnectionState::Unknown,
            _ => ConnectionState::Connected,
        };
        states.len() == plan.links().len() && states.iter().all(|(key, state)| *state == expected(key))
    });
    let ends = || plan.links().iter().flat_map(|(key, link)| [&key.consumer, &link.provider]);
    screen.until_so("every connected port has a good value", || {
        let values = live.values();
        ends().all(|port| values.get(port).is_some_and(|value| value.group == QualityClass::Good))
    });

    let moves = port(&plan, "InfeedConveyor.bottles_out");
    live.keep(std::slice::from_ref(&moves));
    let written = screen.result(&live.write(&screen.jobs, &port(&plan, "LineMaster.start"), "true", None));
    assert_eq!((written.item.as_str(), written.value.to_string().as_str()), ("LineMaster.start", "true"));
    screen.until_text(&live, &port(&plan, "Filler1.start"), "true");
    screen.until_so("bottles move, and it is remembered", || {
        let values = live.values();
        let moved = values.history(&moves).is_some_and(|history| history.len() > 5);
        moved
            && values.get(&moves).is_some_and(|value| value.value.as_ref().is_some_and(|value| *value != Value::Int(0)))
    });
    // The end of the program ends it in order.
    drop(live);
    drop(screen);
    assert!(Announcement::of_running(&project).is_err());
}

#[test]
fn a_pulled_device_is_named_with_what_depends_on_it() {
    let screen = Screen::new();
    let plan = line();
    let live = Live::start(&screen.jobs, &plan, None, virtual_devices());
    screen.until_online(&live);
    let p = Name::new("P");
    live.pull(&p);
    screen.until_so("the consumers have lost it", || {
        let is_lost = |device| troubles(&live, device) == [Trouble::LostPartners(vec![p.clone()])];
        is_lost("V") && is_lost("W") && troubles(&live, "P") == [Trouble::Pulled]
    });
    let devices = live.devices();
    assert_eq!(devices.iter().map(|one| one.urgency).collect::<Vec<_>>(), [Urgency::Problem; 3]);
    assert_eq!(devices[0].device, p);
    let key = link(&plan, "V.rate");
    let state = live.connections()[&key].clone();
    assert!(matches!(&state, ConnectionState::Failed { name, .. } if name == "CBA_E_NONACCESSIBLE"), "{state:?}");
    assert_eq!(devices[1].connection_errors, [(key, state)]);
    screen.until_so("its values are in doubt, with a reason", || {
        live.value(&port(&plan, "P.rate"))
            .is_some_and(|value| value.group == QualityClass::Uncertain && value.reason_name == "CBA_E_NONACCESSIBLE")
    });
    screen.until_so("the substitute is in force", || {
        live.value(&port(&plan, "W.runs")).is_some_and(|value| value.quality_name == "UncertainSubstituteSet")
    });
    live.plug(&p);
    screen.until_online(&live);
    screen.until_so("all connections are back", || {
        live.connections().values().all(|state| *state == ConnectionState::Connected)
    });
    assert!(live.remarks().is_empty());
    screen.end(live);
}

#[test]
fn an_edit_is_followed_and_brought_to_the_devices() {
    let screen = Screen::new();
    let plan = line();
    let live = Live::start(&screen.jobs, &plan, None, virtual_devices());
    screen.until_online(&live);
    screen.until_text(&live, &port(&plan, "P.rate"), "0 l/min");

    // A new link, and one taken out.
    let new = Edit::Link { provider: port(&plan, "P.text"), consumer: port(&plan, "V.text") };
    let next = edited(&plan, &[new, Edit::Unlink(link(&plan, "W.runs"))]);
    live.update_plan(&next);
    let key = link(&next, "V.text");
    screen.until_so("the new link is not in the device", || {
        live.connections().get(&key) == Some(&ConnectionState::NotLoaded)
            && troubles(&live, "V") == [Trouble::NotLoaded(1)]
    });
    screen.until_text(&live, &port(&plan, "V.text"), "none");
    assert_eq!(live.connections().len(), 2);

    let request = DownloadRequest { dry_run: true, ..DownloadRequest::default() };
    let dry = DownloadJob::start(&screen.jobs, &next, None, Way::Live(&live), request);
    let report = screen.result(&dry.job);
    let outcomes: Vec<_> = report.devices.iter().map(|one| (one.device.as_str(), one.outcome)).collect();
    let change = DownloadOutcome::WouldChange;
    assert_eq!(outcomes, [("P", DownloadOutcome::Equal), ("V", change), ("W", change)]);
    let rows = dry.rows();
    assert!(rows.iter().all(|row| row.state == RowState::Ended));
    let difference = |row: &DownloadRow| row.device.differences.iter().map(ToString::to_string).collect::<String>();
    assert!(difference(&rows[1]).starts_with("+ Valve: Main.text"), "{}", difference(&rows[1]));
    assert!(difference(&rows[2]).starts_with("- Valve: Main.runs"), "{}", difference(&rows[2]));

    let real = DownloadJob::start(&screen.jobs, &next, None, Way::Live(&live), DownloadRequest::default());
    let report = screen.result(&real.job);
    assert!(!report.has_failures() && report.states.is_empty());
    assert_eq!(report.not_noted_because, Some("the devices are virtual ones"));
    assert_eq!(real.rows()[1].device.outcome, DownloadOutcome::Downloaded);
    screen.until_so("the new link is connected", || live.connections().get(&key) == Some(&ConnectionState::Connected));
    screen.until_online(&live);
    let compared = screen.result(&compare_devices(&screen.jobs, &next, None, Way::Live(&live), vec![]));
    assert!(!compared.has_differences() && !compared.has_failures() && compared.devices.len() == 3);

    // What leaves the plan leaves the screen.
    let gone = edited(&next, &[Edit::Remove(vec!["V".into()])]);
    live.update_plan(&gone);
    screen.until_so("its values and its device are gone", || {
        live.value(&port(&plan, "V.rate")).is_none() && live.devices().iter().all(|one| one.device != "V")
    });
    screen.end(live);
    let late = DownloadJob::start(
        &screen.jobs,
        &plan,
        None,
        Way::Network(&AccessOptions::default()),
        DownloadRequest { devices: vec!["X".into()], ..DownloadRequest::default() },
    );
    assert!(screen.until("it fails", || late.job.take()).is_err());
}

#[test]
fn writes_are_read_back_and_logged_and_refused_with_a_reason() {
    let screen = Screen::new();
    let plan = line();
    let live = Live::start(&screen.jobs, &plan, None, virtual_devices());
    let goal = port(&plan, "P.goal");
    let early = live.write(&screen.jobs, &goal, "1", None);
    assert!(screen.until("refused", || early.take()).is_err(), "not on line yet");
    screen.until_online(&live);
    live.show(std::slice::from_ref(&goal));
    screen.until_text(&live, &goal, "0");
    let written = screen.result(&live.write(&screen.jobs, &goal, "12.5", Some("UncertainSensorNotAccurate")));
    assert_eq!(written.read_back.unwrap().text, "12.5");
    screen.until_so("seen with its quality", || {
        live.value(&goal).is_some_and(|value| value.text == "12.5" && value.group == QualityClass::Uncertain)
    });
    for (name, literal, why) in [("P.goal", "77", "77 is above 50"), ("V.rate", "1", "in the plan it is fed by P.rate")]
    {
        let job = live.write(&screen.jobs, &port(&plan, name), literal, None);
        let failure = screen.until("refused", || job.take()).unwrap_err();
        assert!(failure.why.to_string().contains(why), "{failure}");
    }
    let writes = live.writes();
    let told: Vec<_> = writes.iter().map(|one| (&*one.device, &*one.item, &*one.old, &*one.new)).collect();
    let expected = [
        ("P", "P.goal", "", "1"),
        ("P", "P.goal", "0", "12.5"),
        ("P", "P.goal", "12.5", "77"),
        ("V", "V.rate", "0", "1"),
    ];
    assert_eq!(told, expected);
    let failed: Vec<bool> = writes.iter().map(|one| one.failure.is_some()).collect();
    assert_eq!(failed, [true, false, true, true]);
    screen.end(live);
}

/// Devices that somebody else runs.
struct Elsewhere {
    plan: Plan,
    plant: VirtualPlant,
}

impl Elsewhere {
    fn start(screen: &Screen) -> Self {
        let plan = line();
        let _inside = screen.jobs.runtime().enter();
        let plant = VirtualPlant::start(&plan, PlantOptions::new(Network::new(), loopback::probe(3))).unwrap();
        Self { plan, plant }
    }

    fn way(&self) -> AccessOptions {
        let at = |name: &Name| self.plant.address(name).map(|at| (name.clone(), at.ip, Some(at.resolver_port)));
        let at = self.plant.names().filter_map(at).collect();
        AccessOptions { whereabouts: Whereabouts::Planned, at, ..AccessOptions::default() }
    }

    fn set(&self, item: &str, value: Value) {
        self.plant.device("P").unwrap().set("Pump", item, &value).unwrap();
    }
}

#[test]
fn devices_on_the_network_are_watched_loaded_and_recorded() {
    let screen = Screen::new();
    let devices = Elsewhere::start(&screen);
    let plan = &devices.plan;
    let way = devices.way();
    let live = Live::start(&screen.jobs, plan, None, Source::Network(way.clone()));
    assert!(!live.is_virtual());
    screen.until_so("nothing is loaded yet", || {
        troubles(&live, "V") == [Trouble::NotLoaded(1)] && troubles(&live, "W") == [Trouble::NotLoaded(1)]
    });
    let condition = live.devices().iter().find(|one| one.device == "P").cloned().unwrap();
    assert_eq!((condition.reach, condition.urgency), (Reach::Answers, Urgency::Fine));
    assert_eq!(condition.identity.unwrap().ldevs, ["Pump"]);
    // A way of its own, beside the session.
    let load = DownloadJob::start(&screen.jobs, plan, None, Way::Network(&way), DownloadRequest::default());
    let report = screen.result(&load.job);
    assert_eq!((report.has_failures(), report.not_noted_because), (false, Some("the project is not saved")));
    screen.until_online(&live);

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rates.csv");
    let rate = port(plan, "P.rate");
    screen.until_text(&live, &rate, "0 l/min");
    let recording = live.record(&screen.jobs, &file, &[rate.clone(), port(plan, "P.text")]);
    for number in 1..=3_u32 {
        devices.set("Main.rate", Value::Real(number.into()));
        screen.until_text(&live, &rate, &format!("{number} l/min"));
    }
    screen.until_text(&live, &port(plan, "V.rate"), "3");
    screen.until_so("all is written", || recording.n_rows() >= 4);
    recording.stop();
    let report = screen.result(&recording.job);
    assert_eq!(report.n_lost, 0);
    let text = std::fs::read_to_string(&report.file).unwrap();
    let rates: Vec<&str> = text.lines().filter(|line| line.contains("P.rate")).collect();
    assert_eq!((rates.len(), text.lines().count() as u64), (4, report.n_rows + 1), "{text}");
    assert!(rates[3].contains("P.rate,3,l/min,GoodNonCascOk,S_OK"), "{text}");
    screen.end(live);
    let counts = devices.plant.statistics();
    assert_eq!(counts.connections_out, 2, "only the plan's own connections are left: {counts:?}");
    screen.jobs.runtime().block_on(devices.plant.shutdown());
}

#[test]
fn what_does_not_answer_or_is_defect_comes_first_with_advice() {
    let screen = Screen::new();
    let mut devices = Elsewhere::start(&screen);
    let way = devices.way();
    screen.jobs.runtime().block_on(devices.plant.stop_device("W")).unwrap();
    let live = Live::start(&screen.jobs, &devices.plan, None, Source::Network(way));
    let silent = |trouble: &Trouble| matches!(trouble, Trouble::Silent { .. });
    screen.until_so("W is silent", || troubles(&live, "W").first().is_some_and(silent));
    let trouble = troubles(&live, "W").remove(0);
    assert!(trouble.advice().to_string().starts_with("check that the device is switched on"), "{}", trouble.advice());
    devices.plant.device("P").unwrap().make_defect("Pump");
    screen.until_so("P is defect", || troubles(&live, "P").first() == Some(&Trouble::Defect("Pump".into())));
    assert_eq!(live.devices()[0].device, "P");
    {
        let _inside = screen.jobs.runtime().enter();
        devices.plant.start_device("W").unwrap();
    }
    screen.until_so("W is there again", || troubles(&live, "W") == [Trouble::NotLoaded(1)]);
    screen.end(live);
    screen.jobs.runtime().block_on(devices.plant.shutdown());
}

#[test]
fn what_cannot_begin_says_why() {
    let screen = Screen::new();
    let empty = Live::start(&screen.jobs, &Plan::new("Empty"), None, virtual_devices());
    let failure = screen.until("it fails", || match empty.state() {
        LiveState::Failed(failure) => Some(failure),
        _ => None,
    });
    assert_eq!(failure.what, "there is nothing to run");
    let options = AccessOptions { whereabouts: Whereabouts::Simulated, ..AccessOptions::default() };
    let nowhere = Live::start(&screen.jobs, &line(), Some(Path::new("no/such.plant")), Source::Network(options));
    screen.until_so("it fails", || matches!(nowhere.state(), LiveState::Failed(_)));
    // One that is ended while it begins ends all the same.
    let plan = line();
    let hasty = Live::start(&screen.jobs, &plan, None, virtual_devices());
    hasty.stop();
    screen.until_so("it has ended", || hasty.state() == LiveState::Ended);
}

/// Devices `D0` and so on with outputs `p0` and so on, run by somebody else.
fn many(screen: &Screen, n_devices: usize, n_ports: usize) -> Elsewhere {
    let ports: String = (0..n_ports).map(|n| format!("out p{n} I4; ")).collect();
    let net = format!("10.{}.{}", rand::random_range(60..250), rand::random_range(0..250));
    let devices: String = (0..n_devices).map(|n| format!("D{n}: Many @{net}.{}\n", n + 10)).collect();
    let plan = fixture::plan(&format!("component Many 1.0 {{ stack 2.0; {ports} }}\n{devices}"));
    let _inside = screen.jobs.runtime().enter();
    let plant = VirtualPlant::start(&plan, PlantOptions::new(Network::new(), loopback::probe(n_devices))).unwrap();
    Elsewhere { plan, plant }
}

#[test]
fn looking_around_burdens_the_devices_only_so_much() {
    let screen = Screen::new();
    let devices = many(&screen, 1, 600);
    let ports: Vec<PortRef> = (0..600).map(|n| port(&devices.plan, &format!("D0.p{n}"))).collect();
    let live = Live::start(&screen.jobs, &devices.plan, None, Source::Network(devices.way()));
    let all_have_values = |wanted: &[PortRef]| {
        let values = live.values();
        wanted.iter().all(|port| values.get(port).is_some())
    };
    for window in ports.chunks(20) {
        live.show(window);
        screen.until_so("what is looked at has its values", || all_have_values(window));
    }
    let n_provided = || devices.plant.statistics().connections_out;
    // One after the other goes into the table of variables; now and then all of them are subscribed to anew.
    for n in 1..=30 {
        live.keep(&ports[..n]);
        screen.until_so("what is kept has its values", || all_have_values(&ports[..n]));
    }
    live.show(&[]);
    screen.until_so("all have their values and their past", || {
        let values = live.values();
        ports[..30].iter().all(|port| values.history(port).is_some_and(|history| !history.is_empty()))
    });
    assert!(n_provided() <= 300, "{} connections for 30 values", n_provided());
    // A value that changes is seen, however often its subscription was made anew.
    devices.plant.device("D0").unwrap().set("Many", "Main.p3", &Value::Int(7)).unwrap();
    screen.until_text(&live, &ports[3], "7");
    screen.end(live);
    assert_eq!(n_provided(), 0);
    screen.jobs.runtime().block_on(devices.plant.shutdown());
}

#[test]
fn ten_thousand_values_a_second_wake_the_screen_at_its_pace() {
    const DEVICES: usize = 10;
    const PORTS: usize = 100;
    let screen = Screen::new();
    let Elsewhere { plan, plant } = many(&screen, DEVICES, PORTS);
    let at =
        plant.names().filter_map(|name| plant.address(name).map(|at| (name.clone(), at.ip, Some(at.resolver_port))));
    let way = AccessOptions { at: at.collect(), ..AccessOptions::default() };
    let live = Live::start(&screen.jobs, &plan, None, Source::Network(way));
    let all: Vec<PortRef> = (0..DEVICES)
        .flat_map(|device| (0..PORTS).map(move |port| (device, port)))
        .map(|(device, n)| port(&plan, &format!("D{device}.p{n}")))
        .collect();
    live.show(&all);
    screen.until_so("every port has its value", || {
        let values = live.values();
        all.iter().all(|port| values.get(port).is_some())
    });
    // Ten rounds a second for two seconds; the devices look at their values that often.
    let begun = Instant::now();
    let (mut n_frames, mut in_frames, mut longest) = (0_u32, Duration::ZERO, Duration::ZERO);
    let mut frame = || {
        let frame = Instant::now();
        let values = live.values();
        let sum: usize = all.iter().filter_map(|port| values.get(port)).map(|value| value.text.len()).sum();
        assert!(sum >= all.len());
        (n_frames, in_frames) = (n_frames + 1, in_frames + frame.elapsed());
        longest = longest.max(frame.elapsed());
    };
    for round in 1..=20_u32 {
        for device in plant.devices() {
            for n in 0..PORTS {
                device.set("Many", &format!("Main.p{n}"), &Value::Int(round.into())).unwrap();
            }
        }
        let next = begun + round * Duration::from_millis(100);
        while let Ok(()) = screen.wakings.recv_timeout(next.saturating_duration_since(Instant::now())) {
            frame();
        }
    }
    screen.until_so("every port has its last value", || {
        frame();
        let values = live.values();
        all.iter().all(|port| values.get(port).is_some_and(|value| value.text == "20"))
    });
    let took = begun.elapsed();
    println!(
        "{n_frames} frames in {took:?}, {:?} a frame for {} values, {longest:?} at most",
        in_frames / n_frames,
        all.len()
    );
    let most = took.as_millis() / 33 + 3;
    assert!(u128::from(n_frames) <= most, "{n_frames} frames in {took:?}");
    screen.end(live);
    screen.jobs.runtime().block_on(plant.shutdown());
}
