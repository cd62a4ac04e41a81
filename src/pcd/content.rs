//! Pictures, documents and payloads: bytes in the description, or files beside it.

use std::collections::HashSet;

use base64::Engine as _;

use super::build::{Build, name_of};
use super::convention::REFERENCES;
use super::error::PAYLOAD_BYTES;
use super::read::{Reference, ReferenceKind};
use super::remark::Rule;
use super::schema::{Attr, Element};
use super::tree::Node;
use super::xml::excerpt;
use super::{lexical, validate};
use crate::model::{Content, DocLink, ForeignOwner, Icon, Payload};

impl<'a> Build<'a, '_> {
    pub(super) fn icons(&mut self, node: Node<'a>) -> Vec<Icon> {
        node.all(Element::Icon).filter_map(|icon| self.icon(icon)).collect()
    }

    fn icon(&mut self, node: Node<'_>) -> Option<Icon> {
        Some(Icon {
            kind: node.get(Attr::Kind).unwrap_or("small").into(),
            mime: name_of(node, Attr::Mime),
            content: self.content(node, ReferenceKind::Icon)?,
        })
    }

    pub(super) fn link(&mut self, node: Node<'_>) -> Option<DocLink> {
        Some(DocLink {
            kind: node.get(Attr::Kind).unwrap_or("manual").into(),
            lang: name_of(node, Attr::Lang),
            href: self.path(node, Attr::Href, ReferenceKind::Document)?,
            title: node.text().trim().into(),
        })
    }

    pub(super) fn payloads(&mut self, nodes: impl Iterator<Item = Node<'a>>) -> Vec<Payload> {
        let mut ids = HashSet::new();
        let mut payloads = Vec::new();
        let mut effort = validate::Effort::default();
        for node in nodes {
            let owner = ForeignOwner::Description;
            let Some(id) = self.unique(node, Attr::Id, "payload", &mut ids, &owner) else { continue };
            let Some(content) = self.content(node, ReferenceKind::Payload) else {
                self.left_out.push(node, owner);
                continue;
            };
            let payload = Payload {
                id: id.into(),
                kind: self.required(node, Attr::Kind, "other"),
                target: name_of(node, Attr::Target),
                loader: name_of(node, Attr::Loader),
                mime: name_of(node, Attr::Mime),
                size: node.parse(Attr::Size),
                gzip: node.get(Attr::Compress) == Some("gzip"),
                sha256: node.get(Attr::Sha256).unwrap_or_default().to_ascii_lowercase().into(),
                content,
            };
            if let Content::Inline(bytes) = &payload.content
                && let Err(fault) = effort.check(&payload, bytes)
            {
                self.tell(Rule::BadPayload, node, || format!("the payload `{id}` {fault}"));
            }
            payloads.push(payload);
        }
        payloads
    }

    /// The bytes in an element, or the file it names.
    fn content(&mut self, node: Node<'_>, kind: ReferenceKind) -> Option<Content> {
        if node.get(Attr::Href).is_some() {
            return self.path(node, Attr::Href, kind).map(Content::Href);
        }
        let digits: String = node.text().chars().filter(|c| !lexical::is_blank(*c)).collect();
        let fault = match base64::engine::general_purpose::STANDARD.decode(digits) {
            Ok(bytes) if bytes.len() <= PAYLOAD_BYTES => return Some(Content::Inline(bytes.into())),
            Ok(_) => format!("it has more than {PAYLOAD_BYTES} bytes"),
            Err(error) => format!("it is no base64: {error}"),
        };
        self.tell(Rule::BadPayload, node, || format!("the content is left out: {fault}"));
        None
    }

    /// A relative path that stays in the folder of the description, or a document's address on the web.
    pub(super) fn path(&mut self, node: Node<'_>, attr: Attr, kind: ReferenceKind) -> Option<String> {
        let text = node.get(attr)?.trim();
        let is_web = |scheme: &&str| text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme));
        if kind == ReferenceKind::Document && ["http://", "https://"].iter().any(is_web) {
            return Some(text.into());
        }
        let path = text.replace('\\', "/");
        if path != text {
            self.tell(Rule::PathSeparator, node, || format!("`{}` is read with `/`", excerpt(text)));
        }
        let steps: Vec<&str> = path.split('/').filter(|step| !matches!(*step, "" | ".")).collect();
        if path.starts_with('/') || path.contains(':') || steps.is_empty() || steps.contains(&"..") {
            self.tell(Rule::EscapingPath, node, || format!("`{}` is left out", excerpt(text)));
            return None;
        }
        let path = steps.join("/");
        let file = Reference::file_of(&path, kind);
        if !file.is_empty() {
            if self.references.len() >= REFERENCES {
                self.tell(Rule::MissingFile, node, || {
                    format!("more than {REFERENCES} files are referred to; this one is left out")
                });
                return None;
            }
            self.references.push(Reference { file: file.into(), kind, place: node.place() });
        }
        Some(path)
    }
}
