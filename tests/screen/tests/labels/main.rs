//! What the desktop app does, asked by label and driven by events: no window, no graphics card.

mod drawing;
mod finding;
mod keeping;
mod menus;
mod online;

/// Two machines that fit each other, each on a device of its own.
const TWO_MACHINES: &str = r#"
    component Conveyor 2.1 { in start BOOL; in speed R4 = 0; out running BOOL; out jam BOOL }
    component Filler 1.0 { in start BOOL; in stop BOOL; in level I4 = 0; out full BOOL; out count I4 }
    project "Two machines"
    Conveyor1: Conveyor @10.91.0.11 at 80 80
    Filler1: Filler @10.91.0.12 at 480 80
    Conveyor1.running -> Filler1.start acyclic 100 sub false
"#;
