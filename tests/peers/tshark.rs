//! tshark over a capture file.

use std::path::{Path, PathBuf};
use std::process::Command;

use quick_xml::XmlVersion;
use quick_xml::events::Event;

use crate::support::peer;

/// Filter for frames whose content Wireshark cannot take apart.
pub const MALFORMED: &str = "_ws.malformed";
/// Filter for what Wireshark's TCP analysis and checksum tests complain about.
pub const ODD_TCP: &str = "tcp.analysis.flags || tcp.checksum.status == 0 || ip.checksum.status == 0";
/// Filter for calls to an interface or object Wireshark could not find out, and for what it left undecoded.
///
/// tshark 4.0 calls the interface of ServerAlive2 unknown because its request has no stub; it is not.
pub const UNRESOLVED: &str = "dcerpc.cn_ctx_id.no_bind || (dcerpc.unknown_if_id && !oxid.opnum == 5) || dcerpc.no_request_found \
    || dcerpc.bind_not_acknowledged || dcom.dissection_incomplete || cba.acco.pdev_find.fail \
    || cba.acco.pdev_find.unknown_interface || cba.acco.ldev.unknown || cba.acco.ipid.unknown \
    || cba.acco.prov_crid.unknown || cba.acco.conn_consumer.invalid || cba.acco.no_request_info \
    || cba.acco.disconnect || cba.acco.connect_not_set || cba.acco.interface_pointer_unresolved";

/// Stands between the values of a field.
const MARK: char = '\u{1f}';

/// A capture file and the program that reads it.
pub struct Tshark {
    capture: PathBuf,
}

impl Tshark {
    /// `None` (and a line that says so) if tshark is missing.
    pub fn over(capture: &Path) -> Option<Self> {
        peer("tshark").map(|_| Self { capture: capture.to_owned() })
    }

    /// The values of `fields` in every frame that `filter` lets through; empty filter: every frame.
    ///
    /// A field that occurs several times in a frame gives its values separated by [`MARK`].
    pub fn fields(&self, filter: &str, fields: &[&str]) -> Vec<Vec<String>> {
        let mut tshark = self.command(filter);
        tshark.args(["-T", "fields", "-E", "separator=/t", "-E", "occurrence=a", "-E", &format!("aggregator={MARK}")]);
        for field in fields {
            tshark.args(["-e", field]);
        }
        run(tshark)
            .lines()
            .map(|line| line.split('\t').map(|values| values.trim_matches(MARK).to_owned()).collect())
            .collect()
    }

    /// Everything Wireshark shows of the frames that `filter` lets through: for each, its fields by name with their values,
    /// in the order of the tree.
    pub fn trees(&self, filter: &str) -> Vec<Vec<(String, String)>> {
        let mut tshark = self.command(filter);
        tshark.args(["-T", "pdml"]);
        let pdml = run(tshark);
        let mut reader = quick_xml::Reader::from_str(&pdml);
        let mut frames: Vec<Vec<(String, String)>> = Vec::new();
        loop {
            match reader.read_event().expect("tshark writes XML") {
                Event::Start(tag) | Event::Empty(tag) => match tag.name().as_ref() {
                    "packet" => frames.push(Vec::new()),
                    "field" => {
                        let value = |name: &str| {
                            let attribute = tag.try_get_attribute(name).unwrap()?;
                            Some(attribute.normalized_value(XmlVersion::Implicit1_0).unwrap().into_owned())
                        };
                        let field = (value("name").unwrap_or_default(), value("show").unwrap_or_default());
                        frames.last_mut().expect("fields stand in packets").push(field);
                    }
                    _ => {}
                },
                Event::Eof => return frames,
                _ => {}
            }
        }
    }

    /// One line a frame, as a person reads it.
    pub fn summary(&self, filter: &str) -> String {
        run(self.command(filter))
    }

    fn command(&self, filter: &str) -> Command {
        let mut tshark = Command::new("tshark");
        // Two passes resolve what a later frame explains; names would only ask a resolver.
        tshark.arg("-r").arg(&self.capture).args(["-2", "-n"]);
        tshark.args(["-o", "tcp.check_checksum:TRUE", "-o", "ip.check_checksum:TRUE"]);
        // Ports are what the system gave out: one may be known for something else (44818: EtherNet/IP).
        tshark.args(["-d", "tcp.port==1024-65535,dcerpc"]);
        if !filter.is_empty() {
            tshark.args(["-Y", filter]);
        }
        tshark
    }
}

fn run(mut command: Command) -> String {
    let output = command.output().expect("tshark starts");
    assert!(
        output.status.success(),
        "{command:?} ended with {}: {}",
        output.status,
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).expect("tshark writes UTF-8")
}
