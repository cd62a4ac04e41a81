//! Tag files for OPC clients, written to disk.

use std::path::Path;

use globset::GlobBuilder;

use super::Failure;
use super::generation::replace_file;
use crate::export::{self, Format, Options, TagFile, Template};
use crate::model::{Phrase, Plan, Say};
use crate::say;

/// What to put into a tag file, as a person says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TagRequest<'a> {
    /// Kind of file.
    pub format: Format,
    /// Item strings, for the kinds that have them; see [`Template`]. Absent: the usual ones of that kind.
    pub template: Option<&'a str>,
    /// Language of descriptions.
    pub lang: &'a str,
    /// Only variables with a path `Instance.LDev.RTAuto.Property` like this, `*` and `?` standing for anything.
    pub item: Option<&'a str>,
}

impl TagRequest<'_> {
    /// Every variable, described in English, with the usual item strings.
    pub fn of(format: Format) -> Self {
        Self { format, template: None, lang: "en", item: None }
    }
}

/// Makes the tag file of a plan and, when `out` is given, writes it there: the whole file, or nothing.
///
/// # Errors
/// The template or pattern is wrong, no variable matches, there are absurdly many tags, or the disk refuses.
pub fn export_tags(plan: &Plan, request: &TagRequest<'_>, out: Option<&Path>) -> Result<TagFile, Failure> {
    let template = request.template.map(|text| read_template(text, request.format)).transpose()?;
    let pattern = request.item.map(read_pattern).transpose()?;
    let include = |path: &str| pattern.as_ref().is_none_or(|pattern| pattern.is_match(path));
    let options = Options { lang: request.lang, template: template.as_ref(), include: &include };
    let file = export::export(plan, request.format, &options).map_err(|error| {
        Failure::new(say!("cannot export the tags"), error, say!("export a part of them: `--item` takes a pattern"))
    })?;
    if let (0, Some(item)) = (file.n_variables, request.item) {
        return Err(Failure::new(
            say!("cannot export the tags like `{item}`", item),
            say!("no variable has such a path"),
            say!("paths are Instance.LDev.RTAuto.Property; export without a pattern to see all of them"),
        ));
    }
    if let Some(out) = out {
        replace_file(out, file.text.as_bytes()).map_err(|error| {
            let remedy = say!("check that its folder is there, can be written and has room");
            Failure::new(say!("cannot write the tags to {out}", out = out.display()), error, remedy)
        })?;
    }
    Ok(file)
}

fn read_template(text: &str, format: Format) -> Result<Template, Failure> {
    let failed =
        |why: &dyn Say, remedy: &str| Failure::new(say!("cannot use the template `{text}`", text), why, remedy);
    if !format.takes_template() {
        return Err(failed(&"this format has no item strings", "leave the template out"));
    }
    Template::parse(text)
        .map_err(|error| failed(&error, "correct it; docs/TAGS.md says what each placeholder stands for"))
}

fn read_pattern(text: &str) -> Result<globset::GlobMatcher, Failure> {
    // A path has no `/`, so there is nothing that `*` should stop at.
    let glob = GlobBuilder::new(text).literal_separator(false).build();
    glob.map(|glob| glob.compile_matcher()).map_err(|error| {
        let remedy = say!("`*` stands for any text, `?` for one character, `{a,b}` for either");
        Failure::new(say!("cannot use the pattern `{text}`", text), Phrase::plain(error.kind()), remedy)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fixture;

    fn plan() -> Plan {
        fixture::plan("component A 1.0 { in x I2 = 0; out y I2 }\nOne: A @10.0.0.1\nTwo: A @10.0.0.2")
    }

    #[test]
    fn the_file_is_written_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("tags.csv");
        let request = TagRequest::of(Format::Csv);
        let file = export_tags(&plan(), &request, Some(&out)).unwrap();
        assert_eq!(std::fs::read_to_string(&out).unwrap(), file.text);
        assert_eq!((file.n_variables, std::fs::read_dir(folder.path()).unwrap().count()), (4, 1));
        let failure = export_tags(&plan(), &request, Some(&folder.path().join("no/such/tags.csv"))).unwrap_err();
        assert!(failure.what.to_string().ends_with("no/such/tags.csv"), "{failure}");
    }

    #[test]
    fn a_pattern_picks_variables() {
        let request = TagRequest { item: Some("Two.*.{x,z}"), ..TagRequest::of(Format::Symbols) };
        let file = export_tags(&plan(), &request, None).unwrap();
        assert!(file.n_variables == 1 && file.text.contains("\nTwo.A.Main.x\t"), "{}", file.text);
    }

    #[test]
    fn what_cannot_be_used_is_said() {
        let usual = TagRequest::of(Format::Kepware);
        for (request, what, why) in [
            (
                TagRequest { template: Some("{path}{x}"), ..usual },
                "cannot use the template `{path}{x}`",
                "`{x}` at position 7 is no placeholder; there are {project} {device} {ip} {ldev} {rtauto} {property} {path}",
            ),
            (
                TagRequest { template: Some("{path}"), ..TagRequest::of(Format::Json) },
                "cannot use the template `{path}`",
                "this format has no item strings",
            ),
            (
                TagRequest { item: Some("a[b"), ..usual },
                "cannot use the pattern `a[b`",
                "unclosed character class; missing ']'",
            ),
            (
                TagRequest { item: Some("Three.*"), ..usual },
                "cannot export the tags like `Three.*`",
                "no variable has such a path",
            ),
        ] {
            let failure = export_tags(&plan(), &request, None).unwrap_err();
            assert_eq!((failure.what.to_string().as_str(), failure.why.to_string().as_str()), (what, why));
        }
    }
}
