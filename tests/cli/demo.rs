//! `demo`: the main job, start to end. Foreign programs judge what it puts on the network in `tests/peers`.

use super::plantweave;

#[test]
fn every_step_holds_and_the_results_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let (out, pcap) = (folder.path().join("out"), folder.path().join("demo.pcap"));
    let args = |out: &std::path::Path| {
        let [out, pcap] = [out, &pcap].map(|path| path.to_str().unwrap().to_owned());
        ["demo", "--share-address", "--seconds", "1", "--out", &out, "--pcap", &pcap].map(str::to_owned)
    };
    let ended = plantweave(args(&out));
    assert_eq!((ended.code, ended.stderr.as_str()), (0, ""), "{}", ended.stdout);
    for held in [
        "Schrumpfpacker STE 3 1.0 is read tolerantly:",
        "20 devices are asked who they are and what they hold: 137 differences from the plan",
        "✓ 20 devices are those planned and hold what the plan says",
        "✓ Filler1.start is true, on another device",
        "✓ its 4 consumers use the substitute or the last value",
        "✓ all connections are back by themselves",
        "✓ 9  Stop",
    ] {
        assert!(ended.stdout.contains(held), "no `{held}` in:\n{}", ended.stdout);
    }
    // What was kept is a project like any other.
    let ended = plantweave(["info".as_ref(), out.join("bottling-line.plant").as_os_str()]);
    assert_eq!(ended.code, 0);
    assert_eq!(out.join("configurations").read_dir().unwrap().count(), 20);
    assert!(out.join("tags.csv").is_file() && out.join("library/kettwald-foerdertechnik").is_dir());
    assert!(pcap.metadata().unwrap().len() > 500_000);
    // A former run's results are not written over.
    let ended = plantweave(args(&out));
    assert_eq!((ended.code, ended.stdout.as_str()), (2, ""));
    assert!(ended.stderr.contains("the folder is not empty"), "{}", ended.stderr);
}
