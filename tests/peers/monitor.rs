//! The conversation of the tool that watches, in the eyes of Wireshark.

use plantweave::model::Value;
use plantweave::online::monitor::Event;
use plantweave::wire::cba::{GroupErrorState, LDevState, Quality};

use crate::plant::Plant;
use crate::support::peer;
use crate::tshark::{MALFORMED, ODD_TCP, Tshark, UNRESOLVED};

#[test]
fn wireshark_follows_what_the_tool_watches() {
    if peer("tshark").is_none() {
        return;
    }
    let plant = Plant::start(79);
    let mixer = plant.device("Mixer1");
    let everything = ["Mixer1.level", "Mixer1.trend", "Mixer1.note", "Mixer1.go", "Filler1.speed", "Filler1.count"];
    let (mut is_set, mut is_broken, mut is_told, mut is_bad) = (false, false, false, false);
    // From the first value to the number that is set then, to the breakdown that is made then.
    plant.watch(&everything, |event| {
        match event {
            Event::Value(update) if update.index == 0 => {
                if !is_set && update.value == Some(Value::Int(7)) {
                    is_set = true;
                    mixer.set("Mixer", "Mix.level", &Value::Int(1234)).unwrap();
                }
                if !is_broken && update.value == Some(Value::Int(1234)) {
                    is_broken = true;
                    mixer.make_defect("Mixer");
                }
                is_bad |= is_broken && update.quality == Quality::BAD_OUT_OF_SERVICE;
            }
            Event::Ldev(status) => {
                is_told |=
                    status.state == Some(LDevState::Defect) && status.group_error == Some(GroupErrorState::Problem);
            }
            Event::Value(_) => {}
        }
        is_told && is_bad
    });
    let recorded = plant.stop();
    let Some(tshark) = Tshark::over(&recorded.capture()) else { return };
    for complaint in [MALFORMED, ODD_TCP, UNRESOLVED] {
        assert_eq!(tshark.summary(complaint), "", "{complaint}");
    }
    let seen = |what: &str, filter: &str| {
        assert!(!tshark.fields(filter, &["frame.number"]).is_empty(), "{what}: no frame matches {filter}");
    };
    let as_tool = "cba.acco.conn_consumer contains \"!plantweave-\"";
    for (interface, item) in [("cba_acco_server2", "Mix.level"), ("cba_acco_server", "Fill.speed")] {
        seen(
            "the tool connects as an operator panel does",
            &format!(
                "{interface} && {as_tool} && cba.acco.conn_qos_type == 3 && cba.acco.conn_qos_value == 50 \
                 && cba.acco.conn_provider_item == \"{item}\""
            ),
        );
    }
    let callback = "(cba_acco_cb || cba_acco_cb2) && cba.acco.opnum == 3";
    seen("a number on its way", &format!("{callback} && cba.acco.qc == 0x80 && cba.acco.cb_item_data == d2:04:00:00"));
    seen("values out of service", &format!("{callback} && cba.acco.qc == 0x1c"));
    seen(
        "the breakdown, by its event",
        "cba_state_event && cba.opnum == 3 && cba.state_new == 4 && cba.state_old == 3",
    );
    seen("the group error, by its event", "cba_grouperror_event && cba.grouperror_new == 2");
    seen("the end of both subscriptions", "cba_state && cba.opnum == 12");
    seen("the goodbye", &format!("(cba_acco_server || cba_acco_server2) && cba.acco.opnum == 5 && {as_tool}"));
}
