//! What the program remembers of its user: recent projects, looks, language, open libraries, the layout of the window.
//!
//! One TOML file in the user's folder for settings. What this version does not know in it is kept. A value that makes no sense
//! counts as not set; a file that is no TOML is set aside. Nothing of this ever keeps the program from starting.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use directories::ProjectDirs;
use toml::{Table, Value};

use super::Failure;
use super::generation::replace_file;
use crate::model::{Phrase, Say};
use crate::say;

/// Variable of the environment that names another folder for settings.
pub const FOLDER_VARIABLE: &str = "PLANTWEAVE_CONFIG_DIR";
/// Recent projects remembered.
pub const MOST_RECENT: usize = 12;

const FILE: &str = "settings.toml";
/// Where a file goes that cannot be read.
const ASIDE: &str = "settings.broken.toml";
/// The format this program writes.
const NEWEST: i64 = 1;
/// Larger files are none of ours.
const MOST_BYTES: u64 = 4 << 20;
/// Libraries remembered, and versions of the layout.
const MOST_LIBRARIES: usize = 64;
const MOST_LAYOUTS: usize = 4;
/// Factors by which the screen can be scaled.
const SCALES: std::ops::RangeInclusive<f32> = 0.5..=4.0;

/// Turns settings of one format into those of the next; `STEPS[0]` leads from format 1 to 2.
const STEPS: [fn(Table) -> Table; NEWEST as usize - 1] = [];

/// Light or dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ThemeChoice {
    /// As the system has it.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// Language of the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LanguageChoice {
    /// As the system has it; English when that is none of ours.
    #[default]
    System,
    /// English.
    English,
    /// German.
    German,
}

/// A project that was open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecentProject {
    /// Folder or archive.
    pub path: PathBuf,
    /// Its name in the plan.
    pub name: String,
}

/// Size of the window, in points (1 point = 1 pixel at a scale of 1).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct WindowSize {
    /// Width.
    pub width: f32,
    /// Height.
    pub height: f32,
    /// It fills the screen.
    pub maximized: bool,
}

/// What the program remembers of its user.
#[derive(Debug, Clone, PartialEq)]
pub struct UserSettings {
    /// Projects that were open, the latest first; at most [`MOST_RECENT`].
    pub recent: Vec<RecentProject>,
    /// Light or dark.
    pub theme: ThemeChoice,
    /// Language.
    pub language: LanguageChoice,
    /// Factor on the system's own scale, 0.5 to 4.
    pub scale: f32,
    /// Short movements that keep the orientation.
    pub animations: bool,
    /// Folders of the open libraries, in their order.
    pub libraries: Vec<PathBuf>,
    /// The user's file that says which programs load payloads, see [`Loaders`](super::Loaders).
    pub loaders: Option<PathBuf>,
    /// Arrangement of the panels, by the version of the layout that wrote it. What is in it only the screen knows.
    pub layouts: BTreeMap<u32, String>,
    /// Size of the window when it was closed last.
    pub window: Option<WindowSize>,
    /// The file as it was read, with what this version does not know.
    read: Table,
    /// A newer program wrote it; its file is left alone.
    is_newer: bool,
}

impl Default for UserSettings {
    fn default() -> Self {
        Self {
            recent: Vec::new(),
            theme: ThemeChoice::default(),
            language: LanguageChoice::default(),
            scale: 1.0,
            animations: true,
            libraries: Vec::new(),
            loaders: None,
            layouts: BTreeMap::new(),
            window: None,
            read: Table::new(),
            is_newer: false,
        }
    }
}

/// The user's folder for settings: that of the system for such things, or the one that [`FOLDER_VARIABLE`] names.
///
/// # Errors
/// The system knows no home of this user.
pub fn settings_folder() -> Result<PathBuf, Failure> {
    if let Some(folder) = std::env::var_os(FOLDER_VARIABLE).filter(|folder| !folder.is_empty()) {
        return Ok(folder.into());
    }
    let folders = ProjectDirs::from("", "", "plantweave").ok_or_else(|| {
        let remedy = say!("set {variable} to a folder for them", variable = FOLDER_VARIABLE);
        Failure::new(say!("settings cannot be kept"), say!("the system knows no home of this user"), remedy)
    })?;
    Ok(folders.config_dir().to_owned())
}

impl UserSettings {
    /// What is remembered in a folder, and what a person should know about that. A file that cannot be read is set aside
    /// under another name, and everything is as at the first start.
    pub fn read(folder: &Path) -> (Self, Option<Failure>) {
        let file = folder.join(FILE);
        let text = match read_text(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return (Self::default(), None),
            Err(error) => return (Self::default(), Some(set_aside(folder, &Phrase::plain(&error)))),
        };
        let mut table: Table = match text.parse() {
            Ok(table) => table,
            Err(error) => return (Self::default(), Some(set_aside(folder, &Phrase::plain(&error)))),
        };
        let format = table.get("format").and_then(Value::as_integer).unwrap_or(NEWEST).max(1);
        for step in STEPS.iter().skip(usize::try_from(format - 1).unwrap_or(usize::MAX)) {
            table = step(table);
        }
        let mut settings = Self::from_table(table);
        settings.is_newer = format > NEWEST;
        let told = settings.is_newer.then(|| {
            let why = say!(
                "{file} has format {format}, this version knows {newest}",
                file = file.display(),
                format,
                newest = NEWEST
            );
            let remedy = say!("use the newer version of Plantweave; what you change in this one is not remembered");
            Failure::new(say!("the settings come from a newer version"), why, remedy)
        });
        (settings, told)
    }

    /// Remembers them in a folder, which is made when it is not there. The file is replaced as a whole. Nothing is written
    /// over the settings of a newer version.
    ///
    /// # Errors
    /// The folder cannot be written.
    pub fn save(&self, folder: &Path) -> Result<(), Failure> {
        if self.is_newer {
            return Ok(());
        }
        let file = folder.join(FILE);
        let written =
            fs::create_dir_all(folder).and_then(|()| replace_file(&file, self.to_table().to_string().as_bytes()));
        written.map_err(|error| {
            let why = say!("{file}: {error}", file = file.display(), error);
            Failure::new(
                say!("the settings cannot be saved"),
                why,
                say!("check that you may write there and that the disk has room"),
            )
        })
    }

    /// Puts a project to the front of those that were open.
    pub fn remember_project(&mut self, path: &Path, name: &str) {
        self.forget_project(path);
        self.recent.insert(0, RecentProject { path: path.to_owned(), name: name.to_owned() });
        self.recent.truncate(MOST_RECENT);
    }

    /// Takes a project off the list.
    pub fn forget_project(&mut self, path: &Path) {
        self.recent.retain(|project| project.path != path);
    }

    fn from_table(table: Table) -> Self {
        let texts = |key: &str| table.get(key).and_then(Value::as_array).into_iter().flatten();
        let recent = |value: &Value| {
            let text = |key: &str| value.get(key)?.as_str();
            Some(RecentProject { path: text("path")?.into(), name: text("name").unwrap_or_default().to_owned() })
        };
        let layout = |(version, layout): (&String, &Value)| Some((version.parse().ok()?, layout.as_str()?.to_owned()));
        let layouts = table.get("layout").and_then(Value::as_table).into_iter().flatten();
        let window = |window: &Value| {
            let side = |key: &str| number(window.get(key)?).filter(|side| (1.0..=100_000.0).contains(side));
            let maximized = window.get("maximized").and_then(Value::as_bool).unwrap_or(false);
            Some(WindowSize { width: side("width")?, height: side("height")?, maximized })
        };
        let default = Self::default();
        let text = |key: &str| table.get(key).and_then(Value::as_str).unwrap_or_default();
        Self {
            recent: texts("recent").filter_map(recent).take(MOST_RECENT).collect(),
            theme: match text("theme") {
                "light" => ThemeChoice::Light,
                "dark" => ThemeChoice::Dark,
                _ => ThemeChoice::System,
            },
            language: match text("language") {
                "en" => LanguageChoice::English,
                "de" => LanguageChoice::German,
                _ => LanguageChoice::System,
            },
            scale: table.get("scale").and_then(number).filter(|scale| SCALES.contains(scale)).unwrap_or(default.scale),
            animations: table.get("animations").and_then(Value::as_bool).unwrap_or(default.animations),
            libraries: texts("libraries").filter_map(|path| Some(path.as_str()?.into())).take(MOST_LIBRARIES).collect(),
            loaders: table.get("loaders").and_then(Value::as_str).map(PathBuf::from),
            layouts: layouts.filter_map(layout).collect(),
            window: table.get("window").and_then(window),
            is_newer: false,
            read: table,
        }
    }

    /// The file: what was read, with what is known now laid over.
    fn to_table(&self) -> Table {
        let mut table = self.read.clone();
        let mut put = |key: &str, value: Value| table.insert(key.to_owned(), value);
        put("format", NEWEST.into());
        let theme = match self.theme {
            ThemeChoice::System => "system",
            ThemeChoice::Light => "light",
            ThemeChoice::Dark => "dark",
        };
        put("theme", theme.into());
        let language = match self.language {
            LanguageChoice::System => "system",
            LanguageChoice::English => "en",
            LanguageChoice::German => "de",
        };
        put("language", language.into());
        put("scale", float(self.scale));
        put("animations", self.animations.into());
        // A path that is no text cannot be written, and is forgotten.
        let libraries = self.libraries.iter().take(MOST_LIBRARIES).filter_map(|path| Some(path.to_str()?.into()));
        put("libraries", Value::Array(libraries.collect()));
        match self.loaders.as_ref().and_then(|file| file.to_str()) {
            Some(file) => put("loaders", file.into()),
            None => table.remove("loaders"),
        };
        let mut put = |key: &str, value: Value| table.insert(key.to_owned(), value);
        let recent = self.recent.iter().take(MOST_RECENT).filter_map(|project| {
            let keys = [("path", project.path.to_str()?), ("name", project.name.as_str())];
            Some(Value::Table(keys.into_iter().map(|(key, text)| (key.to_owned(), text.into())).collect()))
        });
        put("recent", Value::Array(recent.collect()));
        let latest = self.layouts.iter().rev().take(MOST_LAYOUTS);
        let layouts = latest.map(|(version, layout)| (version.to_string(), layout.as_str().into()));
        put("layout", Value::Table(layouts.collect()));
        if let Some(size) = self.window {
            let mut window = self.read.get("window").and_then(Value::as_table).cloned().unwrap_or_default();
            window.insert("width".to_owned(), float(size.width));
            window.insert("height".to_owned(), float(size.height));
            window.insert("maximized".to_owned(), size.maximized.into());
            put("window", Value::Table(window));
        }
        table
    }
}

fn number(value: &Value) -> Option<f32> {
    let number = value.as_float().or_else(|| value.as_integer().map(|number| number as f64))?;
    Some(number as f32).filter(|number| number.is_finite())
}

/// A number with the digits of its single precision, not those of the double that carries it.
fn float(number: f32) -> Value {
    Value::Float(number.to_string().parse().unwrap_or_else(|_| f64::from(number)))
}

fn read_text(file: &Path) -> io::Result<String> {
    let mut text = String::new();
    fs::File::open(file)?.take(MOST_BYTES).read_to_string(&mut text)?;
    Ok(text)
}

/// Keeps a file that cannot be read under another name.
fn set_aside(folder: &Path, error: &dyn Say) -> Failure {
    let aside = folder.join(ASIDE);
    let what = say!("the settings cannot be read, and are as at the first start");
    match fs::rename(folder.join(FILE), &aside) {
        Ok(()) => {
            let remedy = say!(
                "they are kept in {aside}; mend the file and call it {name} again",
                aside = aside.display(),
                name = FILE
            );
            Failure::new(what, error, remedy)
        }
        Err(_) => Failure::new(what, error, say!("check {file}", file = folder.join(FILE).display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(folder: &Path) -> UserSettings {
        let (settings, told) = UserSettings::read(folder);
        assert_eq!(told, None);
        settings
    }

    #[test]
    fn what_is_saved_is_read_again() {
        let outer = tempfile::tempdir().unwrap();
        let folder = outer.path().join("new").join("folder");
        let mut settings = read(&folder);
        assert_eq!(settings, UserSettings::default());
        for number in 0..=MOST_RECENT {
            settings.remember_project(Path::new(&format!("/plants/{number}.plant")), &number.to_string());
        }
        settings.remember_project(Path::new("/plants/5.plant"), "Five");
        settings.theme = ThemeChoice::Dark;
        settings.language = LanguageChoice::German;
        settings.scale = 1.1;
        settings.animations = false;
        settings.libraries = vec!["/a".into(), "/b".into()];
        settings.loaders = Some("/loaders.toml".into());
        settings.layouts = [(1, "{\"old\": true}".into()), (2, "new\n'\"".into())].into();
        settings.window = Some(WindowSize { width: 1200.5, height: 800.0, maximized: true });
        settings.save(&folder).unwrap();
        let again = read(&folder);
        assert_eq!(UserSettings { read: Table::new(), ..again.clone() }, settings);
        assert_eq!((again.recent.len(), again.recent[0].name.as_str()), (MOST_RECENT, "Five"));
        assert!(fs::read_to_string(folder.join(FILE)).unwrap().contains("scale = 1.1\n"));
    }

    #[test]
    fn what_is_not_known_is_kept_and_what_makes_no_sense_is_not_set() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(FILE);
        let text = "theme = 'purple'\nscale = 99\nanimations = 'yes'\nfuture = [1]\nrecent = [7, {path = '/x'}]\n\
                    [window]\nwidth = 'wide'\nscreen = 2\n[layout]\nx = 'y'\n3 = 'three'\n";
        fs::write(&file, text).unwrap();
        let mut settings = read(folder.path());
        assert_eq!((settings.theme, settings.scale, settings.animations), (ThemeChoice::System, 1.0, true));
        assert_eq!((settings.window, settings.recent.len(), settings.layouts.len()), (None, 1, 1));
        settings.window = Some(WindowSize { width: 10.0, height: 20.0, maximized: false });
        settings.save(folder.path()).unwrap();
        let written: Table = fs::read_to_string(&file).unwrap().parse().unwrap();
        assert_eq!(written["future"], Value::Array(vec![1.into()]));
        assert_eq!(written["window"]["screen"], 2.into());
        assert_eq!((&written["theme"], &written["format"]), (&"system".into(), &NEWEST.into()));
    }

    #[test]
    fn a_broken_file_is_set_aside_and_a_newer_one_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(FILE);
        fs::write(&file, "theme = ").unwrap();
        let (settings, told) = UserSettings::read(folder.path());
        assert_eq!(settings, UserSettings::default());
        assert!(told.unwrap().remedy.to_string().contains(ASIDE));
        assert_eq!(fs::read_to_string(folder.path().join(ASIDE)).unwrap(), "theme = ");
        assert!(!file.exists());

        fs::write(&file, "format = 2\ntheme = 'dark'\n").unwrap();
        let (mut settings, told) = UserSettings::read(folder.path());
        assert!(told.unwrap().why.to_string().contains("format 2"));
        assert_eq!(settings.theme, ThemeChoice::Dark);
        settings.theme = ThemeChoice::Light;
        settings.save(folder.path()).unwrap();
        assert_eq!(fs::read_to_string(&file).unwrap(), "format = 2\ntheme = 'dark'\n");
    }
}
