//! A foreign or own program that runs beside a test.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

/// A running program; dropping it kills it.
pub struct Process {
    child: Child,
    name: String,
    /// Lines of both outputs, as they come.
    lines: Receiver<String>,
    seen: Vec<String>,
}

impl Process {
    /// Starts the program with both outputs read line by line.
    pub fn start(mut command: Command) -> Self {
        let name = format!("{command:?}");
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        let (sender, lines) = mpsc::channel();
        let outputs: [Box<dyn Read + Send>; 2] =
            [Box::new(child.stdout.take().unwrap()), Box::new(child.stderr.take().unwrap())];
        for output in outputs {
            let sender = sender.clone();
            std::thread::spawn(move || {
                for line in BufReader::new(output).lines().map_while(Result::ok) {
                    if sender.send(line).is_err() {
                        break;
                    }
                }
            });
        }
        Self { child, name, lines, seen: Vec::new() }
    }

    /// Waits for a line with `text` in it and gives that line.
    ///
    /// # Panics
    /// If the program ends or `within` passes before.
    pub fn wait_for(&mut self, text: &str, within: Duration) -> String {
        let end = Instant::now() + within;
        loop {
            match self.lines.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(line) => {
                    self.seen.push(line.clone());
                    if line.contains(text) {
                        return line;
                    }
                }
                Err(error) => panic!("{} did not say '{text}' ({error}), but:\n{}", self.name, self.seen.join("\n")),
            }
        }
    }

    /// Asks the program to end as Ctrl-C does.
    pub fn interrupt(&self) {
        let status = Command::new("kill").args(["-INT", &self.child.id().to_string()]).status();
        assert!(status.is_ok_and(|status| status.success()), "{} cannot be interrupted", self.name);
    }

    /// Waits for the end; gives the status and all lines said.
    ///
    /// # Panics
    /// If `within` passes before.
    pub fn finish(mut self, within: Duration) -> (ExitStatus, String) {
        let end = Instant::now() + within;
        // Both outputs close when the program ends.
        while let Ok(line) = self.lines.recv_timeout(end.saturating_duration_since(Instant::now())) {
            self.seen.push(line);
        }
        while Instant::now() < end {
            if let Some(status) = self.child.try_wait().unwrap() {
                return (status, std::mem::take(&mut self.seen).join("\n"));
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        panic!("{} did not end within {within:?}, but said:\n{}", self.name, self.seen.join("\n"));
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
