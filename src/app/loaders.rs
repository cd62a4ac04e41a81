//! Programs and parameter sets that components bring for their devices, loaded by the makers' own programs.
//!
//! Which program loads what is said by a file of the user, never by the project: a project that comes from elsewhere must not
//! run commands here.
//!
//! ```toml
//! [loader."brunnmark.bc400"]
//! command = ["bcload", "--host", "{ip}", "{file}"]
//! timeout_seconds = 120
//! ```
//!
//! The command is run without a shell, once for each payload, with the payload in a file of its own. `{file}`, `{ip}`, `{device}`,
//! `{instance}`, `{id}`, `{kind}` and `{target}` are replaced in its arguments. Exit code 0 means loaded.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use tokio_util::sync::CancellationToken;

use super::Failure;
use crate::generate::PayloadReference;
use crate::model::{Name, Payload, Plan};
use crate::online::Target;

/// Most bytes of one payload after unpacking.
const MOST_BYTES: u64 = 256 << 20;
/// How much of what a loader prints is told.
const TOLD_CHARACTERS: usize = 400;
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];
const PLACEHOLDERS: [&str; 7] = ["file", "ip", "device", "instance", "id", "kind", "target"];

/// The user's programs that load payloads, by the loader's name in descriptions.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Loaders {
    #[serde(default)]
    loader: BTreeMap<Name, Loader>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Loader {
    command: Vec<String>,
    #[serde(default = "usual_timeout")]
    timeout_seconds: u64,
}

fn usual_timeout() -> u64 {
    300
}

/// What became of a payload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PayloadReport {
    /// Instance whose component brings it.
    pub instance: Name,
    /// Its id in the description.
    pub id: Name,
    /// The loader it asks for.
    pub loader: Name,
    /// How it ended.
    pub outcome: PayloadOutcome,
    /// Why, when there is more to say.
    pub detail: String,
}

/// How it ended for a payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PayloadOutcome {
    /// The loader says that it is in the device.
    Loaded,
    /// It was loaded before and has not changed.
    Unchanged,
    /// A dry run: it would be loaded.
    WouldLoad,
    /// Nobody was asked: no loader is configured for it, or the device is a virtual one.
    NotLoaded,
    /// The loader failed.
    Failed,
}

impl Loaders {
    /// Reads the user's file.
    ///
    /// # Errors
    /// It cannot be read, or says what it must not.
    pub fn read(file: &Path) -> Result<Self, Failure> {
        let failed = |why: String| {
            let remedy = "write a table [loader.\"NAME\"] with `command` (a list) and, if need be, `timeout_seconds`";
            Failure::new(format!("cannot read the loaders from {}", file.display()), why, remedy)
        };
        let text = std::fs::read_to_string(file).map_err(|error| failed(error.to_string()))?;
        let loaders: Self = toml::from_str(&text).map_err(|error| failed(error.to_string()))?;
        for (name, loader) in &loaders.loader {
            if loader.command.is_empty() {
                return Err(failed(format!("loader `{name}` has an empty command")));
            }
            for argument in &loader.command {
                if let Some(unknown) = placeholders(argument).find(|found| !PLACEHOLDERS.contains(found)) {
                    return Err(failed(format!(
                        "loader `{name}` uses {{{unknown}}}; there are {{{}}}",
                        PLACEHOLDERS.join("}, {")
                    )));
                }
            }
        }
        Ok(loaders)
    }

    /// Whether a loader of this name is configured.
    pub fn has(&self, name: &str) -> bool {
        self.loader.contains_key(name)
    }

    /// Loads one payload with the loader it asks for. A cancel ends the loader's process.
    pub(super) async fn load(
        &self,
        plan: &Plan,
        device: &Name,
        target: Target,
        reference: &PayloadReference,
        cancel: &CancellationToken,
    ) -> PayloadReport {
        let report = |outcome, detail: String| PayloadReport {
            instance: reference.instance.clone(),
            id: reference.id.clone(),
            loader: reference.loader.clone(),
            outcome,
            detail,
        };
        let Some(loader) = self.loader.get(&reference.loader) else {
            return report(PayloadOutcome::NotLoaded, "no loader of this name is configured".to_owned());
        };
        match run(loader, plan, device, target, reference, cancel).await {
            Ok(said) => report(PayloadOutcome::Loaded, said),
            Err(why) => report(PayloadOutcome::Failed, why),
        }
    }
}

fn placeholders(argument: &str) -> impl Iterator<Item = &str> {
    argument.split('{').skip(1).filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
}

async fn run(
    loader: &Loader,
    plan: &Plan,
    device: &Name,
    target: Target,
    reference: &PayloadReference,
    cancel: &CancellationToken,
) -> Result<String, String> {
    let component = plan.component_of(&reference.instance).ok_or("its component is missing from the project")?;
    let payload = component.payloads.iter().find(|payload| payload.id == reference.id);
    let payload = payload.ok_or("the description has no such payload")?;
    let (file_name, packed) = component.source.payload(payload).ok_or("its file is missing from the project")?;
    let bytes = unpacked(payload, packed)?;
    let folder = tempfile::tempdir().map_err(|error| format!("no room for the file: {error}"))?;
    // The name in the description may be a path, or anything else; of it only the harmless part is kept.
    let name: String = file_name
        .rsplit('/')
        .next()
        .unwrap_or_default()
        .chars()
        .map(|c| if c.is_alphanumeric() || matches!(c, '.' | '-' | '_') { c } else { '_' })
        .collect();
    let name = name.trim_start_matches(['.', '-']);
    let name = if payload.gzip { name.strip_suffix(".gz").unwrap_or(name) } else { name };
    let file = folder.path().join(if name.is_empty() { "payload" } else { name });
    std::fs::write(&file, bytes).map_err(|error| format!("no room for the file: {error}"))?;

    let replace = |argument: &String| {
        let mut text = argument.clone();
        for (placeholder, value) in [
            ("{file}", &*file.to_string_lossy()),
            ("{ip}", &target.ip.to_string()),
            ("{device}", device),
            ("{instance}", &reference.instance),
            ("{id}", &reference.id),
            ("{kind}", &reference.kind),
            ("{target}", &reference.target),
        ] {
            text = text.replace(placeholder, value);
        }
        text
    };
    let mut arguments = loader.command.iter().map(replace);
    let program = arguments.next().unwrap_or_default();
    let child = tokio::process::Command::new(&program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| format!("`{program}` cannot be started: {error}"))?;
    let within = Duration::from_secs(loader.timeout_seconds);
    let output = tokio::select! {
        output = tokio::time::timeout(within, child.wait_with_output()) => output,
        () = cancel.cancelled() => return Err("cancelled; its process was ended".to_owned()),
    };
    let output = output
        .map_err(|_| format!("`{program}` was ended after {} s without an answer", within.as_secs()))?
        .map_err(|error| format!("`{program}`: {error}"))?;
    let said = tail(if output.stderr.is_empty() { &output.stdout } else { &output.stderr });
    if output.status.success() { Ok(said) } else { Err(format!("`{program}` ended with {}: {said}", output.status)) }
}

/// The payload's bytes as the maker's program wants them, held against what the description declares.
fn unpacked(payload: &Payload, bytes: &[u8]) -> Result<Vec<u8>, String> {
    let mut out = Vec::new();
    let read = if payload.gzip && bytes.starts_with(&GZIP_MAGIC) {
        flate2::read::GzDecoder::new(bytes).take(MOST_BYTES + 1).read_to_end(&mut out)
    } else {
        bytes.take(MOST_BYTES + 1).read_to_end(&mut out)
    };
    read.map_err(|error| format!("it cannot be unpacked: {error}"))?;
    let size = out.len() as u64;
    if size > MOST_BYTES {
        return Err(format!("it is larger than {} MiB", MOST_BYTES >> 20));
    }
    if let Some(declared) = payload.size.filter(|declared| *declared != size) {
        return Err(format!("it has {size} bytes, and the description declares {declared}"));
    }
    let sha256: String = Sha256::digest(&out).iter().map(|byte| format!("{byte:02x}")).collect();
    if !payload.sha256.is_empty() && payload.sha256 != sha256.as_str() {
        return Err("its SHA-256 is not the one that the description declares".to_owned());
    }
    Ok(out)
}

/// The end of what a program printed, in one line.
fn tail(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let skip = words.chars().count().saturating_sub(TOLD_CHARACTERS);
    words.chars().skip(skip).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Loaders, Failure> {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("loaders.toml");
        std::fs::write(&file, text).unwrap();
        Loaders::read(&file)
    }

    #[test]
    fn the_users_file_is_held_against_what_it_may_say() {
        let loaders = read("[loader.\"a.b\"]\ncommand = [\"load\", \"--to={ip}\", \"{file}\"]").unwrap();
        assert!(loaders.has("a.b") && !loaders.has("a"));
        for (text, why) in [
            ("[loader.a]\ncommand = []", "empty command"),
            ("[loader.a]\ncommand = [\"x\", \"{path}\"]", "uses {path}"),
            ("[loader.a]\ncommand = \"x\"", "invalid type"),
            ("[loader.a]\ncommand = [\"x\"]\nshell = true", "unknown field"),
        ] {
            let failure = read(text).unwrap_err();
            assert!(failure.why.to_string().contains(why), "{failure}");
        }
    }

    #[test]
    fn the_end_of_long_words_is_told() {
        assert_eq!(tail(b"one\n two\n"), "one two");
        assert_eq!(tail("ä".repeat(TOLD_CHARACTERS + 5).as_bytes()).chars().count(), TOLD_CHARACTERS);
    }
}
