//! Project archives: zips that lie, contradict themselves, or hold what no project has.

use plantweave::app;
use plantweave::project::archive;

use crate::meter::measure;

/// An entry as the two places of a zip that tell of it have it.
#[derive(Clone)]
struct Entry {
    name: Vec<u8>,
    data: Vec<u8>,
    method: u16,
    flags: u16,
    crc: u32,
    /// What the unpacked size is said to be.
    size: u32,
    mode: u32,
    /// Another name in the entry itself.
    name_inside: Option<&'static str>,
    /// Where the entry is said to stand; nothing is written for it then.
    elsewhere: Option<u32>,
}

impl Entry {
    fn new(name: &str, data: &[u8]) -> Self {
        Self {
            name: name.into(),
            data: data.into(),
            method: 0,
            flags: 0x800,
            crc: crc32(data),
            size: u32::try_from(data.len()).unwrap(),
            mode: 0o100_644,
            name_inside: None,
            elsewhere: None,
        }
    }
}

fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}

/// A zip byte by byte; `claimed` entries are said to be in it.
fn zip(entries: &[Entry], claimed: u16) -> Vec<u8> {
    let words = |out: &mut Vec<u8>, words: &[u16]| words.iter().for_each(|word| out.extend(word.to_le_bytes()));
    let longs = |out: &mut Vec<u8>, longs: &[u32]| longs.iter().for_each(|long| out.extend(long.to_le_bytes()));
    let length = |bytes: &[u8]| u16::try_from(bytes.len()).unwrap();
    let (mut out, mut directory) = (Vec::new(), Vec::new());
    for entry in entries {
        let packed = u32::try_from(entry.data.len()).unwrap();
        let at = entry.elsewhere.unwrap_or(u32::try_from(out.len()).unwrap());
        if entry.elsewhere.is_none() {
            let name = entry.name_inside.map_or(&entry.name[..], str::as_bytes);
            out.extend(b"PK\x03\x04");
            words(&mut out, &[20, entry.flags, entry.method, 0, 0x21]);
            longs(&mut out, &[entry.crc, packed, entry.size]);
            words(&mut out, &[length(name), 0]);
            out.extend(name);
            out.extend(&entry.data);
        }
        directory.extend(b"PK\x01\x02");
        words(&mut directory, &[0x0314, 20, entry.flags, entry.method, 0, 0x21]);
        longs(&mut directory, &[entry.crc, packed, entry.size]);
        words(&mut directory, &[length(&entry.name), 0, 0, 0, 0]);
        longs(&mut directory, &[entry.mode << 16, at]);
        directory.extend(&entry.name);
    }
    let at = u32::try_from(out.len()).unwrap();
    out.extend(&directory);
    out.extend(b"PK\x05\x06");
    words(&mut out, &[0, 0, claimed, claimed]);
    longs(&mut out, &[u32::try_from(directory.len()).unwrap(), at]);
    words(&mut out, &[0]);
    out
}

/// The archive says that it has 2⁴⁰ entries.
fn zip64_with_many() -> Vec<u8> {
    let mut out = zip(&[Entry::new("plant.toml", b"x")], 1);
    let mut end = out.split_off(out.len() - 22);
    let at = out.len() as u64;
    out.extend(b"PK\x06\x06");
    out.extend(44_u64.to_le_bytes());
    out.extend([45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    for number in [1_u64 << 40, 1 << 40, 1 << 40, 0] {
        out.extend(number.to_le_bytes());
    }
    out.extend(b"PK\x06\x07\0\0\0\0");
    out.extend(at.to_le_bytes());
    out.extend(1_u32.to_le_bytes());
    end[8..20].fill(0xff);
    out.extend(end);
    out
}

fn deflated(entry: Entry) -> Entry {
    use std::io::Write as _;
    let mut packer = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
    packer.write_all(&entry.data).unwrap();
    Entry { data: packer.finish().unwrap(), method: 8, ..entry }
}

#[test]
fn each_archive_is_answered() {
    let plant = || Entry::new("plant.toml", b"format = 1\n");
    let named = |name: &str| Entry::new(name, b"x");
    let one = |entry: Entry| zip(&[entry], 1);
    let lie = "this is not a readable archive: ";
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        ("no byte", Vec::new(), lie),
        ("no zip", b"format = 1\n".repeat(100), lie),
        ("more entries claimed than there are", zip(&[plant()], 65_535), lie),
        ("2⁴⁰ entries claimed", zip64_with_many(), lie),
        ("a name above the project", one(named("../plant.toml")), "entry `../plant.toml` does not belong to a project"),
        ("a name inside and above", one(named("charts/../../x.toml")), "entry `charts/../../x.toml` does not"),
        ("an absolute name", one(named("/etc/plant.toml")), "entry `/etc/plant.toml` does not belong to a project"),
        ("a name on a drive", one(named("C:/plant.toml")), "entry `C:/plant.toml` does not belong to a project"),
        ("a name with backslashes", one(named("charts\\..\\x.toml")), "entry `charts\\..\\x.toml` does not belong"),
        ("a stream of a file", one(named("charts/x.toml:evil.toml")), "entry `charts/x.toml:evil.toml` does not"),
        ("a name with a zero", one(named("charts/x\0.toml")), "entry `charts/x\u{FFFD}.toml` does not belong"),
        ("a name with a line end", one(named("charts/x\n.toml")), "entry `charts/x\u{FFFD}.toml` does not belong"),
        ("a hidden save", one(named(".plantweave-save/list")), "entry `.plantweave-save/list` does not belong"),
        ("a hook of git", one(named(".git/hooks/post-checkout")), "entry `.git/hooks/post-checkout` does not belong"),
        ("a name without end", one(named(&format!("x/{}", "a".repeat(60_000)))), "entry `x/aaaaaaaaaaaaaaa"),
        ("an entry twice", zip(&[plant(), plant()], 2), "entry `plant.toml` stands in the archive twice"),
        ("two names in one", one(Entry { name_inside: Some("../x"), ..plant() }), "fine"),
        (
            "a symbolic link",
            one(Entry { mode: 0o120_777, ..Entry::new("plant.toml", b"/etc/passwd") }),
            "entry `plant.toml` is no regular file",
        ),
        ("a device", one(Entry { mode: 0o020_666, ..plant() }), "entry `plant.toml` is no regular file"),
        ("a pipe", one(Entry { mode: 0o010_666, ..plant() }), "entry `plant.toml` is no regular file"),
        ("a wrong checksum", one(Entry { crc: 1, ..plant() }), "entry `plant.toml` cannot be read: Invalid checksum"),
        ("a size that is not so", one(Entry { size: u32::MAX - 1, ..plant() }), "fine"),
        (
            "a password",
            one(Entry { flags: 1, ..plant() }),
            "entry `plant.toml` cannot be read: unsupported Zip archive: Pass",
        ),
        ("a method nobody has", one(Entry { method: 99, ..plant() }), "entry `plant.toml` cannot be read: compression"),
        ("no deflate", one(Entry { method: 8, ..plant() }), "entry `plant.toml` cannot be read: "),
        ("an end cut off", cut(one(deflated(plant()))), lie),
        (
            "an entry elsewhere",
            one(Entry { elsewhere: Some(1 << 30), ..plant() }),
            "entry `plant.toml` cannot be read: ",
        ),
        ("an entry that is the directory", one(Entry { elsewhere: Some(0), ..plant() }), "entry `plant.toml` cannot"),
        ("folders only", zip(&[named("charts/"), named("components/x/")], 2), "fine"),
        ("sixty thousand entries", zip(&many(60_000), 60_000), "fine"),
    ];
    for (name, bytes, expected) in cases {
        let (result, cost) = measure(|| archive::unpack(&bytes));
        let said = result.map_or_else(|error| error.to_string(), |_| "fine".to_owned());
        assert!(said.starts_with(expected), "{name}: {said}");
        assert!(said.len() < 300, "{name}: {said}");
        assert!(cost.peak <= (256 << 10) + 8 * bytes.len() as u64, "{name}: {cost:?}");
    }
}

fn many(n: usize) -> Vec<Entry> {
    (0..n).map(|n| Entry::new(&format!("charts/{n}.toml"), b"")).collect()
}

fn cut(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.truncate(bytes.len() - 5);
    bytes
}

/// Small files that unpack to much: one that is all zeros, and one block that fifty entries share.
#[test]
fn bombs_are_bounded() {
    let zeros = vec![0; 1 << 20];
    let shared = deflated(Entry::new("components/a/0", &zeros));
    let mut entries = vec![shared.clone()];
    entries.extend((1..50).map(|n| Entry {
        name: format!("components/a/{n}").into(),
        elsewhere: Some(0),
        ..shared.clone()
    }));
    let bytes = zip(&entries, 50);
    assert!(bytes.len() < 10_000);
    let (result, cost) = measure(|| archive::unpack(&bytes));
    // Fifty megabytes are well within a project; that they are held once is what counts.
    assert_eq!(result.unwrap().len(), 50);
    assert!(cost.peak < 60 << 20, "{cost:?}");
}

#[test]
fn the_failure_names_the_archive() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("evil.plantz");
    for (bytes, expected) in [
        (zip(&[Entry::new("../plant.toml", b"x")], 1), "entry `../plant.toml` does not belong to a project"),
        (zip(&[Entry::new("chart.toml", b"")], 1), "plant.toml: the file is missing"),
        (zip(&[Entry::new("plant.toml", b"format = 7\n")], 1), "plant.toml:1: the project has format 7"),
    ] {
        std::fs::write(&path, bytes).unwrap();
        let failure = app::open_project(&path).unwrap_err().to_string();
        assert!(failure.starts_with(&format!("cannot open the project {}", path.display())), "{failure}");
        assert!(failure.contains(expected), "{failure}");
    }
}

#[test]
fn changed_at_every_byte_it_is_read_or_refused() {
    let plant = Entry::new("plant.toml", b"format = 1\nname = \"X\"\n");
    let bytes = zip(&[plant, deflated(Entry::new("chart.toml", b"comment = \"c\"\n"))], 2);
    for at in 0..bytes.len() {
        for value in [0, 0xff, bytes[at] ^ 1, bytes[at] ^ 0x80] {
            let mut changed = bytes.clone();
            changed[at] = value;
            let (_, cost) = measure(|| drop(archive::unpack(&changed)));
            assert!(cost.peak <= 1 << 20, "byte {at} is {value}: {cost:?}");
        }
        assert!(archive::unpack(&bytes[..at]).is_err(), "cut at {at}");
    }
}
