//! The behaviour script of a virtual device: a small program that comes with a component and moves its values.
//!
//! The script is the payload of loader `plantweave.behaviour`, written in Rhai. It has a function `step(dt)`, called
//! every cycle with the seconds since the last call, and may have a function `init()`, called once before. Both see
//! `this`, a map with
//!
//! ```text
//! this.RTAuto.Port    one map for each RTAuto (LDev_RTAuto where two LDevs of the device use the same RTAuto name)
//! this.state          a map for the script alone, kept from call to call
//! this.group_error    "okay", "problem", "maintenance_required" or "maintenance_demanded"
//! ```
//!
//! Inputs are fresh at every call and what a script writes to them is dropped; outputs, two-way ports and HMI values are
//! taken back after the call. BOOL is a bool, all integers are `i64` (clamped to the port's range when taken back), R4 and
//! R8 are floats, BSTR a string, DATE a float of days since 1899-12-30, arrays are arrays (row-major) and structures
//! maps. Beyond the language there are `noise()` (-1 to 1, the same sequence at every start), `now()` (a DATE),
//! `clamp(x, low, high)` and `approach(x, target, max_step)`.
//!
//! A script is foreign input: [`sandbox`](self::sandbox) bounds its steps, time, depth and memory, and nothing it does
//! harms more than its own outputs. This part knows no socket, no wire format and no other device.

mod convert;
mod sandbox;

use std::collections::BTreeMap;
use std::ops::DerefMut;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use rhai::{AST, CallFnOptions, Dynamic, Engine, EvalAltResult, Position, Scope};

use crate::model::{Direction, Name, Value, ValueType};

/// Why a script could not be used, or stopped. The text begins with `file:line:column` where there is a place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BehaviourError {
    /// The script cannot be compiled.
    #[error("{place}: {what}")]
    Syntax {
        /// `file:line:column`.
        place: String,
        /// What is wrong there.
        what: String,
    },
    /// The script has no function `step(dt)`.
    #[error("{file}: there is no function step(dt)")]
    NoStep {
        /// Name of the script.
        file: String,
    },
    /// The ports hold more array elements and members than a script is given.
    #[error("{file}: the ports of the device hold {elements} values; a script is given at most {limit}")]
    TooManyValues {
        /// Name of the script.
        file: String,
        /// Values in all ports.
        elements: u64,
        /// Most values allowed.
        limit: u64,
    },
    /// The script failed while it ran, or went beyond one of its limits.
    #[error("{place}: {what}")]
    Run {
        /// `file:line:column`, or only the file where no place is known.
        place: String,
        /// What happened.
        what: String,
    },
    /// The script left something in an output that is no value of it.
    #[error("{file}: {port} is {expected}, the script left {found} there")]
    Value {
        /// Name of the script.
        file: String,
        /// `RTAuto.Port`, with member or index where it applies.
        port: String,
        /// The type of the port.
        expected: String,
        /// What the script left.
        found: String,
    },
    /// The script wrote to a port that does not exist.
    #[error("{file}: the script wrote to {port}, which does not exist")]
    UnknownPort {
        /// Name of the script.
        file: String,
        /// `RTAuto.Port` as the script wrote it.
        port: String,
    },
}

/// What the script says about the health of its device (`this.group_error`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Health {
    /// All is well.
    #[default]
    Okay,
    /// Something does not work.
    Problem,
    /// Service is due.
    MaintenanceRequired,
    /// Service is due at once.
    MaintenanceDemanded,
}

impl Health {
    const TOKENS: [(Self, &str); 4] = [
        (Self::Okay, "okay"),
        (Self::Problem, "problem"),
        (Self::MaintenanceRequired, "maintenance_required"),
        (Self::MaintenanceDemanded, "maintenance_demanded"),
    ];
}

/// A port as the script is given it.
#[derive(Debug, Clone)]
pub struct ScriptPort {
    /// Key of the RTAuto in `this`.
    pub object: Name,
    /// Name of the port.
    pub name: Name,
    /// Type.
    pub value_type: ValueType,
    /// Direction: only inputs are one-way.
    pub direction: Direction,
    /// Value before the first call.
    pub initial: Value,
}

/// A compiled script with its variables. One for each virtual device that has one.
pub struct Behaviour {
    engine: Engine,
    program: AST,
    scope: Scope<'static>,
    this: rhai::Map,
    ports: Vec<BoundPort>,
    /// Ports of each object, to notice ports that the script made up.
    objects: BTreeMap<Name, usize>,
    sandbox: Arc<sandbox::Sandbox>,
    file: String,
    health: Health,
    has_init: bool,
    initialised: bool,
}

struct BoundPort {
    port: ScriptPort,
    /// The value both sides know: what was last put in or taken out.
    agreed: Value,
}

impl Behaviour {
    /// Compiles a script.
    ///
    /// `file` is its name in errors, `seed` fixes the sequence of `noise()`.
    ///
    /// # Errors
    /// [`BehaviourError::Syntax`], [`BehaviourError::NoStep`], [`BehaviourError::TooManyValues`].
    pub fn compile(file: &str, text: &str, ports: Vec<ScriptPort>, seed: u64) -> Result<Self, BehaviourError> {
        let elements = ports.iter().fold(0_u64, |sum, port| sum.saturating_add(convert::elements(&port.value_type)));
        if elements > sandbox::MAX_PORT_VALUES {
            return Err(BehaviourError::TooManyValues { file: file.into(), elements, limit: sandbox::MAX_PORT_VALUES });
        }
        let sandbox = Arc::new(sandbox::Sandbox::new(seed));
        let engine = sandbox::engine(&sandbox, usize::try_from(elements).unwrap_or(usize::MAX));
        let program = catch(|| engine.compile(text)).map_err(|what| no_place(file, what))?.map_err(|error| {
            BehaviourError::Syntax { place: place(file, error.position()), what: error.err_type().to_string() }
        })?;
        let has = |name: &str, parameters| {
            program.iter_functions().any(|function| function.name == name && function.params.len() == parameters)
        };
        if !has("step", 1) {
            return Err(BehaviourError::NoStep { file: file.into() });
        }
        let has_init = has("init", 0);

        let mut this = rhai::Map::new();
        let mut objects = BTreeMap::new();
        for port in &ports {
            *objects.entry(port.object.clone()).or_default() += 1;
            let object = this.entry(port.object.as_str().into()).or_insert_with(|| rhai::Map::new().into());
            if let Ok(mut object) = object.as_map_mut() {
                object.insert(port.name.as_str().into(), convert::to_script(&port.initial, &port.value_type));
            }
        }
        this.insert("state".into(), rhai::Map::new().into());
        this.insert("group_error".into(), "okay".into());
        let ports = ports.into_iter().map(|port| BoundPort { agreed: port.initial.clone(), port }).collect();
        Ok(Self {
            engine,
            program,
            scope: Scope::new(),
            this,
            ports,
            objects,
            sandbox,
            file: file.into(),
            health: Health::Okay,
            has_init,
            initialised: false,
        })
    }

    /// Gives the script the new value of a port; `index` as in `ports` of [`compile`](Self::compile). Only changes need to be
    /// told.
    pub fn put(&mut self, index: usize, value: Value) {
        let Some(BoundPort { port, agreed }) = self.ports.get_mut(index) else { return };
        // What the script changes itself comes back as news.
        if *agreed == value {
            return;
        }
        if let Some(mut object) = object(&mut self.this, &port.object) {
            object.insert(port.name.as_str().into(), convert::to_script(&value, &port.value_type));
        }
        *agreed = value;
    }

    /// Runs one step: `dt` seconds since the last, `now` as a DATE.
    ///
    /// # Errors
    /// [`BehaviourError::Run`]. The script may be run again; its variables are as they were when it stopped.
    pub fn run(&mut self, dt: f64, now: f64) -> Result<(), BehaviourError> {
        self.restore();
        if !self.initialised {
            self.initialised = true;
            if self.has_init {
                self.call("init", now, ())?;
            }
        }
        self.call("step", now, (dt,))
    }

    /// Hands over every value that the script changed, with the index of its port, and reads its group error.
    ///
    /// # Errors
    /// [`BehaviourError::Value`] and [`BehaviourError::UnknownPort`]. What is right is handed over all the same.
    pub fn take(&mut self, mut changed: impl FnMut(usize, Value)) -> Result<(), BehaviourError> {
        let mut first_error = None;
        let file = &self.file;
        let mut fail = |error: BehaviourError| {
            first_error.get_or_insert(error);
        };
        for (index, bound) in self.ports.iter_mut().enumerate() {
            let BoundPort { port, agreed } = bound;
            if port.direction == Direction::In {
                continue;
            }
            let held = object(&mut self.this, &port.object)
                .and_then(|object| object.get(port.name.as_str()).map(|held| take_one(held, agreed, port, file)));
            match held {
                Some(Ok(None)) => {}
                Some(Ok(Some(value))) => {
                    agreed.clone_from(&value);
                    changed(index, value);
                }
                Some(Err(error)) => fail(error),
                None => fail(BehaviourError::Value {
                    file: file.clone(),
                    port: format!("{}.{}", port.object, port.name),
                    expected: port.value_type.to_string(),
                    found: "nothing".into(),
                }),
            }
        }
        for (name, n_ports) in &self.objects {
            let Some(object) = object(&mut self.this, name) else { continue };
            if object.len() > *n_ports {
                let known = |port: &str| self.ports.iter().any(|b| b.port.object == *name && b.port.name == port);
                if let Some(unknown) = object.keys().find(|port| !known(port)) {
                    fail(BehaviourError::UnknownPort { file: file.clone(), port: format!("{name}.{unknown}") });
                }
            }
        }
        match self.read_health() {
            Ok(health) => self.health = health,
            Err(error) => fail(error),
        }
        first_error.map_or(Ok(()), Err)
    }

    /// What the script said last about the health of its device.
    pub fn health(&self) -> Health {
        self.health
    }

    /// Puts back inputs that the script wrote, and all that it may have removed, so that an error of one step is not one
    /// of all further steps.
    fn restore(&mut self) {
        let this = &mut self.this;
        if !this.get("state").is_some_and(Dynamic::is_map) {
            this.insert("state".into(), rhai::Map::new().into());
        }
        if !this.get("group_error").is_some_and(Dynamic::is_string) {
            this.insert("group_error".into(), "okay".into());
        }
        for bound in &self.ports {
            let BoundPort { port, agreed } = bound;
            if !this.get(port.object.as_str()).is_some_and(Dynamic::is_map) {
                this.insert(port.object.as_str().into(), rhai::Map::new().into());
            }
            let Some(Ok(mut object)) = this.get_mut(port.object.as_str()).map(Dynamic::as_map_mut) else { continue };
            match object.get_mut(port.name.as_str()) {
                Some(held) => {
                    if port.direction == Direction::In && !convert::same(held, agreed, &port.value_type) {
                        *held = convert::to_script(agreed, &port.value_type);
                    }
                }
                None => {
                    object.insert(port.name.as_str().into(), convert::to_script(agreed, &port.value_type));
                }
            }
        }
    }

    fn call(&mut self, function: &str, now: f64, args: impl rhai::FuncArgs) -> Result<(), BehaviourError> {
        self.sandbox.begin(now);
        // Top-level constants are evaluated with every call: functions see them as `global::NAME`.
        let mut this = Dynamic::from_map(std::mem::take(&mut self.this));
        let options = CallFnOptions::new().eval_ast(true).rewind_scope(true).bind_this_ptr(&mut this);
        let (engine, scope, program) = (&self.engine, &mut self.scope, &self.program);
        let result = catch(|| engine.call_fn_with_options::<Dynamic>(options, scope, program, function, args));
        self.scope.clear();
        self.this = this.try_cast().unwrap_or_default();
        match result {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => {
                let (at, what) = explain(&error);
                return Err(BehaviourError::Run { place: place(&self.file, at), what });
            }
            Err(what) => return Err(no_place(&self.file, what)),
        }
        match sandbox::excess(&self.this, self.objects.len() + 2) {
            None => Ok(()),
            Some(what) => {
                // Too much is dropped at once: nothing a script keeps grows from step to step.
                self.this.clear();
                Err(no_place(&self.file, what))
            }
        }
    }

    fn read_health(&self) -> Result<Health, BehaviourError> {
        let found = match self.this.get("group_error").map(Dynamic::as_immutable_string_ref) {
            Some(Ok(text)) => match Health::TOKENS.iter().find(|(_, token)| *token == text.as_str()) {
                Some((health, _)) => return Ok(*health),
                None => format!("{:?}", text.chars().take(40).collect::<String>()),
            },
            Some(Err(kind)) => kind.to_string(),
            None => "nothing".into(),
        };
        let tokens: Vec<_> = Health::TOKENS.iter().map(|(_, token)| *token).collect();
        Err(BehaviourError::Value {
            file: self.file.clone(),
            port: "this.group_error".into(),
            expected: format!("one of {}", tokens.join(", ")),
            found,
        })
    }
}

impl std::fmt::Debug for Behaviour {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Behaviour")
            .field("file", &self.file)
            .field("ports", &self.ports.len())
            .field("health", &self.health)
            .finish_non_exhaustive()
    }
}

fn object<'a>(this: &'a mut rhai::Map, name: &str) -> Option<impl DerefMut<Target = rhai::Map> + use<'a>> {
    this.get_mut(name)?.as_map_mut().ok()
}

fn take_one(held: &Dynamic, agreed: &Value, port: &ScriptPort, file: &str) -> Result<Option<Value>, BehaviourError> {
    if convert::same(held, agreed, &port.value_type) {
        return Ok(None);
    }
    match convert::from_script(held, &port.value_type) {
        // A value that was clamped or rounded back to what it was is no change.
        Ok(value) => Ok((value != *agreed).then_some(value)),
        Err(wrong) => Err(BehaviourError::Value {
            file: file.into(),
            port: format!("{}.{}{}", port.object, port.name, wrong.path),
            expected: wrong.expected,
            found: wrong.found,
        }),
    }
}

/// Runs foreign code's interpreter so that a fault in the interpreter itself stops one script, not the process.
fn catch<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|_| "the script brought its interpreter down".into())
}

fn no_place(file: &str, what: String) -> BehaviourError {
    BehaviourError::Run { place: file.into(), what }
}

fn place(file: &str, at: Position) -> String {
    match (at.line(), at.position()) {
        (Some(line), Some(column)) => format!("{file}:{line}:{column}"),
        (Some(line), None) => format!("{file}:{line}"),
        _ => file.into(),
    }
}

/// Place and cause of an error, without the calls around it.
fn explain(error: &EvalAltResult) -> (Position, String) {
    let inner = error.unwrap_inner();
    let at = if inner.position().is_none() { error.position() } else { inner.position() };
    let what = match inner {
        EvalAltResult::ErrorTooManyOperations(_) => {
            format!("more than {} operations in one step", sandbox::MAX_OPERATIONS)
        }
        EvalAltResult::ErrorTerminated(..) => {
            format!("more than {} ms in one step", sandbox::MAX_STEP_TIME.as_millis())
        }
        inner => {
            let text = inner.to_string();
            text.strip_suffix(&format!(" ({at})")).map_or(text.clone(), str::to_string)
        }
    };
    (at, what.chars().take(500).collect())
}

#[cfg(test)]
mod tests;
