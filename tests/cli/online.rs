//! Commands on line: simulate, download, compare, monitor, write, against a simulation that runs as a process of its own.
//!
//! Every test has a network of its own, since they run side by side. Nothing waits for a time; everything waits for a condition,
//! with a deadline.

use std::ffi::OsString;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use insta::assert_snapshot;
use serde_json::Value as Json;
use tempfile::TempDir;

use super::{Ended, plantweave, sample};

/// A copy of a sample project on a network of its own.
struct Project {
    folder: TempDir,
    path: PathBuf,
}

impl Project {
    fn new(name: &str, planned: &str, net: u8) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        copy(&sample(name), &path);
        let network = path.join("network.toml");
        let text = std::fs::read_to_string(&network).unwrap().replace(planned, &format!("10.90.{net}."));
        std::fs::write(network, text).unwrap();
        Self { folder, path }
    }

    fn water(net: u8) -> Self {
        Self::new("water-treatment.plant", "192.168.20.", net)
    }

    fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, command: &str, args: &[&str]) -> Ended {
        let path = self.path.clone().into_os_string();
        let args = args.iter().map(OsString::from);
        let ended = plantweave([OsString::from(command), path].into_iter().chain(args));
        let place = self.folder.path().display().to_string();
        Ended {
            stdout: ended.stdout.replace(&place, "FOLDER"),
            stderr: ended.stderr.replace(&place, "FOLDER"),
            ..ended
        }
    }

    fn json(&self, command: &str, args: &[&str], code: i32) -> Json {
        let ended = self.run(command, &[args, &["--json"]].concat());
        assert_eq!(ended.code, code, "{}{}", ended.stdout, ended.stderr);
        serde_json::from_str(&ended.stdout).unwrap()
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let place = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &place);
        } else {
            std::fs::copy(entry.path(), place).unwrap();
        }
    }
}

/// A command that runs until it is told to stop; ended at the latest when the test ends.
struct Running {
    child: Child,
    lines: mpsc::Receiver<String>,
    seen: Vec<String>,
}

impl Running {
    fn start(project: &Project, command: &str, args: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_plantweave"))
            .arg(command)
            .arg(&project.path)
            .args(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (send, lines) = mpsc::channel();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let also = send.clone();
        // They end with the process, whose ends of the pipes they read.
        std::thread::spawn(move || stdout.lines().map_while(Result::ok).try_for_each(|line| send.send(line)));
        std::thread::spawn(move || stderr.lines().map_while(Result::ok).try_for_each(|line| also.send(line)));
        Self { child, lines, seen: Vec::new() }
    }

    /// Waits for a line, and returns it.
    fn until(&mut self, what: &str, is_it: impl Fn(&str) -> bool) -> String {
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match self.lines.recv_timeout(left) {
                Ok(line) if is_it(&line) => return line,
                Ok(line) => self.seen.push(line),
                Err(_) => panic!("{what} never came; there was\n{}", self.seen.join("\n")),
            }
        }
    }

    /// Asks it to end, as Ctrl-C does, and returns the exit code.
    fn interrupt(mut self) -> i32 {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
        self.child.wait().unwrap().code().unwrap_or(-1)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn simulate(project: &Project, args: &[&str]) -> Running {
    let mut running = Running::start(project, "simulate", args);
    running.until("the simulation", |line| line.starts_with("running"));
    running
}

fn outcomes(report: &Json) -> Vec<&str> {
    report["devices"].as_array().unwrap().iter().map(|device| device["outcome"].as_str().unwrap()).collect()
}

/// `--at` for every device of an announcement.
fn everywhere(announcement: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(announcement).unwrap();
    let announced: Json = serde_json::from_str(&text).unwrap();
    let at = |one: &Json| {
        let [device, ip] = ["device", "ip"].map(|key| one[key].as_str().unwrap());
        ["--at".to_owned(), format!("{device}={ip}:{}", one["resolver_port"])]
    };
    announced["devices"].as_array().unwrap().iter().flat_map(at).collect()
}

#[test]
fn a_plant_is_simulated_loaded_watched_and_written() {
    let project = Project::water(21);
    let simulation = simulate(&project, &[]);
    let before = project.json("compare", &["--simulated"], 1);
    assert!(before["devices"][0]["differences"].as_array().unwrap().len() > 1);

    let dry = project.json("download", &["--simulated", "--dry-run"], 1);
    assert!(outcomes(&dry).contains(&"would_change"));
    let first = project.json("download", &["--simulated"], 0);
    assert!(outcomes(&first).iter().all(|outcome| matches!(*outcome, "downloaded" | "equal")), "{first}");
    assert_eq!(first["noted"], false);
    assert_eq!(std::fs::read_to_string(project.path.join("state.toml")).unwrap(), "");
    assert!(!project.path.join("downloaded").exists());
    let after = project.run("compare", &["--simulated"]);
    assert_eq!((after.code, after.stderr.as_str()), (0, ""), "{}", after.stdout);
    assert_eq!(after.stdout.lines().count(), 12, "a line a device, and no difference:\n{}", after.stdout);

    let csv = project.beside("record.csv");
    let file = csv.to_str().unwrap();
    let args =
        ["--simulated", "--json", "--interval", "50", "--item", "Panel1.*_set", "--item", "RawPumps.*", "--csv", file];
    let mut monitor = Running::start(&project, "monitor", &args);
    let is_value = |item: &'static str, value: Json| {
        move |line: &str| {
            let line: Json = serde_json::from_str(line).unwrap();
            line["item"] == item
                && line["value"] == value
                && line["quality"] == "GoodNonCascOk"
                && line["reason"] == "S_OK"
        }
    };
    monitor.until("the first value", |line| line.contains("Panel1.chlorine_set") && line.contains("GoodNonCascOk"));
    let written = project.json("write", &["Panel1.chlorine_set", "0.45", "--simulated"], 0);
    assert_eq!((&written["value"], &written["read_back"]["value"]), (&0.45.into(), &0.45.into()));
    monitor.until("the value written", is_value("Panel1.chlorine_set", 0.45.into()));
    let doubtful = ["Panel1.chlorine_set", "0.5", "--simulated", "--quality", "UncertainSensorNotAccurate"];
    assert_eq!(project.run("write", &doubtful).code, 0);
    monitor.until("the quality written", |line| line.contains("UncertainSensorNotAccurate"));
    assert_eq!(monitor.interrupt(), 0);
    let mut record = csv::Reader::from_path(csv).unwrap();
    let rows: Vec<csv::StringRecord> = record.records().map(Result::unwrap).collect();
    assert!(rows.iter().any(|row| &row[1] == "Panel1.chlorine_set" && &row[2] == "0.45" && &row[4] == "GoodNonCascOk"));

    let announced = simulation.seen.iter().find_map(|line| line.strip_prefix("announced in ")).unwrap().to_owned();
    assert!(Path::new(&announced).exists());
    assert_eq!(simulation.interrupt(), 0);
    assert!(!Path::new(&announced).exists(), "taken back");
    let gone = project.run("compare", &["--simulated"]);
    assert_eq!(gone.code, 2);
    assert_snapshot!(gone.stderr, @r"
    error: no simulation of FOLDER/water-treatment.plant is running
      why: nothing announces itself for this project
      do:  start `plantweave simulate PROJECT` in another terminal, as the same user
    ");
}

#[test]
fn what_is_downloaded_is_noted_and_payloads_are_loaded_by_the_users_programs() {
    let project = Project::new("bottling-line.plant", "192.168.10.", 22);
    let (announcement, loaded, loaders) =
        (project.beside("devices.json"), project.beside("loaded"), project.beside("loaders.toml"));
    let _simulation = simulate(&project, &["--announce", announcement.to_str().unwrap()]);
    let at = everywhere(&announcement);
    let arguments = |more: &[&'static str]| -> Vec<String> {
        let more = more.iter().map(ToString::to_string);
        at.iter().cloned().chain(["--loaders".into(), loaders.to_str().unwrap().into()]).chain(more).collect()
    };
    let run = |more: &[&'static str], code: i32| {
        let arguments = arguments(more);
        project.json("download", &arguments.iter().map(String::as_str).collect::<Vec<_>>(), code)
    };
    let filler = |report: &Json| {
        let devices = report["devices"].as_array().unwrap();
        devices.iter().find(|device| device["device"] == "filler-1").unwrap().clone()
    };
    let configure = |command: &str| {
        std::fs::write(&loaders, format!("[loader.\"brunnmark.bc400\"]\ncommand = {command}\n")).unwrap();
    };

    // Without a loader the payload is named, and is not taken for loaded later.
    std::fs::write(&loaders, "").unwrap();
    let first = filler(&run(&["--device", "filler-1"], 0));
    assert_eq!((&first["outcome"], &first["payloads"][0]["outcome"]), (&"downloaded".into(), &"not_loaded".into()));

    configure("[\"sh\", \"-c\", \"echo no licence >&2; exit 3\"]");
    let refused = filler(&run(&["--device", "filler-1"], 2));
    assert_eq!(refused["outcome"], "failed");
    let error = refused["error"].as_str().unwrap();
    assert!(error.contains("valve_parameters") && error.contains("no licence") && error.contains('3'), "{error}");

    configure(&format!("[\"cp\", \"{{file}}\", \"{}-{{device}}-{{ip}}-{{id}}\"]", loaded.display()));
    let would = filler(&run(&["--dry-run"], 1));
    assert_eq!(would["payloads"][0]["outcome"], "would_load");
    let report = run(&[], 0);
    assert_eq!(report["noted"], true);
    let first = filler(&report);
    assert_eq!((&first["outcome"], &first["payloads"][0]["outcome"]), (&"equal".into(), &"loaded".into()));
    let address = first["address"].as_str().unwrap().split('[').next().unwrap();
    let bytes = std::fs::read(format!("{}-filler-1-{address}-valve_parameters", loaded.display())).unwrap();
    assert_eq!(bytes.len(), 352, "unpacked, as declared");

    let state: toml::Table = std::fs::read_to_string(project.path.join("state.toml")).unwrap().parse().unwrap();
    let noted = &state["device"]["filler-1"];
    assert_eq!(noted["downloaded"].as_str(), first["fingerprint"].as_str());
    assert_eq!(noted["pdev_stamp"].as_integer(), first["pdev_stamp"].as_i64());
    assert_eq!(noted["cdb_cookies"]["Filler"].as_integer(), first["cdb_cookies"]["Filler"].as_i64());
    let generated = project.run("generate", &[]);
    assert!(generated.stdout.contains("as downloaded") && !generated.stdout.contains("never"), "{}", generated.stdout);

    let again = run(&[], 0);
    assert!(outcomes(&again).iter().all(|outcome| *outcome == "equal"), "{again}");
    assert_eq!(filler(&again)["payloads"][0]["outcome"], "unchanged");
    let same: toml::Table = std::fs::read_to_string(project.path.join("state.toml")).unwrap().parse().unwrap();
    assert_eq!(same["device"]["filler-1"]["downloaded_at"], noted["downloaded_at"]);
}

#[test]
fn a_device_that_refuses_is_put_back_and_told() {
    let project = Project::water(23);
    let _simulation = simulate(&project, &["--fault", "dosing-1=refuse-connections"]);
    let ended = project.run("download", &["--simulated", "--device", "dosing-1", "--device", "filter-1"]);
    assert_eq!(ended.code, 2);
    assert!(
        ended.stderr.starts_with("error: 1 of 2 devices were not downloaded\n  why: dosing-1: "),
        "{}",
        ended.stderr
    );
    assert!(ended.stderr.contains("CBA_E_CAPACITYEXCEEDED"), "{}", ended.stderr);
    let row = |device: &str| ended.stdout.lines().find(|line| line.starts_with(device)).unwrap().to_owned();
    assert!(row("dosing-1").contains("failed, put back"), "{}", ended.stdout);
    assert!(row("filter-1").contains("downloaded, saved"), "{}", ended.stdout);
}

#[test]
fn what_cannot_be_done_is_told_without_devices() {
    let project = Project::water(24);
    let stderr = |command: &str, args: &[&str]| {
        let ended = project.run(command, args);
        assert_eq!((ended.code, ended.stdout.as_str()), (2, ""), "{}", ended.stderr);
        ended.stderr
    };
    assert_snapshot!(stderr("write", &["Panel1.nothing", "1"]), @r"
    error: cannot write Panel1.nothing
      why: `Panel1` has no port `nothing`
      do:  `plantweave xref` lists all ports by name
    ");
    assert_snapshot!(stderr("write", &["Panel1.chlorine_set", "-1000"]), @r"
    error: cannot write Panel1.chlorine_set
      why: Panel1.Panel.Operate.chlorine_set: -1000 is below 0 mg/l
      do:  choose a value in the range of the description
    ");
    assert_snapshot!(stderr("write", &["Panel1.chlorine_set", "much"]), @r"
    error: cannot write Panel1.chlorine_set
      why: Panel1.Panel.Operate.chlorine_set: `much` is not a R4 value
      do:  write the value as the type asks for: true, -5, 12.5, text, `1 2 3` for an array
    ");
    assert_snapshot!(stderr("write", &["RawTank.Level", "1"]), @r"
    error: cannot write RawTank.Level
      why: RawTank.Station.Tank.Level cannot be written: its description does not call it writable
      do:  write an input or an HMI value that its description calls writable
    ");
    assert_snapshot!(stderr("write", &["Panel1.chlorine_set", "1", "--quality", "Fine"]), @r"
    error: cannot write Panel1.chlorine_set
      why: there is no quality `Fine`
      do:  use one of BadOutOfService, UncertainLastUsableValue, UncertainSubstituteSet, UncertainSensorNotAccurate, GoodNonCascOk, or a number as 0x80
    ");
    assert_snapshot!(stderr("monitor", &["--item", "Nobody.*"]), @r"
    error: cannot watch `Nobody.*`
      why: it matches no port of the plan
      do:  `plantweave xref` lists all ports by name
    ");
    assert_snapshot!(stderr("download", &["--device", "nobody"]), @r"
    error: cannot download device `nobody`
      why: the plan has no such device
      do:  `plantweave info` lists the devices
    ");
    let mistakes = sample("mistakes.plant");
    let refused = plantweave([OsString::from("download"), mistakes.into_os_string()]);
    assert_eq!(refused.code, 2);
    assert!(refused.stderr.starts_with("error: the plan has errors and is not downloaded\n"), "{}", refused.stderr);
}

#[test]
fn a_device_that_does_not_answer_is_told_with_its_address() {
    let project = Project::water(25);
    let at = ["--device", "dosing-1", "--at", "dosing-1=127.90.25.77:9"];
    for command in ["compare", "download"] {
        let ended = project.run(command, &at);
        assert_eq!(ended.code, 2);
        assert!(ended.stderr.contains("dosing-1: 127.90.25.77[9]: "), "{}", ended.stderr);
        assert!(ended.stderr.contains("check that the device is switched on"), "{}", ended.stderr);
    }
    let watch = ["--item", "Dosing1.Rate", "--at", "dosing-1=127.90.25.77:9", "--seconds", "1"];
    let ended = project.run("monitor", &watch);
    assert_eq!(ended.code, 2);
    assert!(ended.stdout.contains("CBA_E_NONACCESSIBLE"), "{}", ended.stdout);
    assert!(ended.stderr.starts_with("error: no value was seen\n  why: dosing-1: "), "{}", ended.stderr);
}

#[test]
fn a_simulation_that_was_killed_counts_for_nothing() {
    let project = Project::water(26);
    let mut killed = simulate(&project, &[]);
    let twice = project.run("simulate", &[]);
    assert_eq!(twice.code, 2);
    killed.child.kill().unwrap();
    killed.child.wait().unwrap();
    let ended = project.run("compare", &["--simulated"]);
    assert_eq!(ended.code, 2);
    assert!(ended.stderr.contains("why: one that ran ended without saying so"), "{}", ended.stderr);
    let state = project.beside("state");
    let again = simulate(&project, &["--state", state.to_str().unwrap()]);
    project.json("download", &["--simulated"], 0);
    assert_eq!(again.interrupt(), 0);
    // What was saved in the devices is there again.
    let again = simulate(&project, &["--state", state.to_str().unwrap()]);
    assert_eq!(project.run("compare", &["--simulated"]).code, 0);
    assert_eq!(again.interrupt(), 0);
}
