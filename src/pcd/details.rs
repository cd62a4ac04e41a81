//! What a description says beyond what plans need ([`Details`]).

use std::collections::HashSet;

use super::build::{Build, name_of, real};
use super::remark::Rule;
use super::schema::{Attr, Element};
use super::tree::Node;
use super::validate;
use crate::model::{
    Details, Foreign, ForeignOwner, FunctionDetails, InterfaceDetails, MemberDetails, Name, StructDetails,
};

impl<'a> Build<'a, '_> {
    pub(super) fn details(&mut self, root: Node<'a>, info: Node<'a>, device: Node<'a>) -> Details {
        let mut foreign = Vec::new();
        take(root, &ForeignOwner::Description, &mut foreign);
        take(info, &ForeignOwner::Info, &mut foreign);
        take(device, &ForeignOwner::Device, &mut foreign);
        let mut functions = Vec::new();
        for ldev in root.all(Element::Ldev).chain(device.all(Element::Ldev)) {
            if self.left_out.contains(ldev) {
                continue;
            }
            let ldev_name = name_of(ldev, Attr::Name);
            take(ldev, &ForeignOwner::Ldev(ldev_name.clone()), &mut foreign);
            for rtauto in ldev.all(Element::RtAuto) {
                if !self.left_out.contains(rtauto) {
                    functions.extend(self.function(rtauto, &ldev_name, &mut foreign));
                }
            }
        }
        Details {
            author: name_of(info, Attr::Author),
            tool: name_of(info, Attr::Tool),
            created: name_of(info, Attr::Created),
            modified: name_of(info, Attr::Modified),
            vendor_url: info.first(Element::Vendor).and_then(|vendor| vendor.get(Attr::Url)).unwrap_or_default().into(),
            device_icons: self.icons(device),
            functions,
            structs: self.struct_details(),
            foreign,
        }
    }

    fn function(&mut self, node: Node<'a>, ldev: &Name, foreign: &mut Vec<Foreign>) -> Option<FunctionDetails> {
        let name = name_of(node, Attr::Name);
        take(node, &ForeignOwner::RtAuto(ldev.clone(), name.clone()), foreign);
        let mut interfaces: Vec<InterfaceDetails> = Vec::new();
        let mut names = HashSet::new();
        for interface in node.all(Element::Interface) {
            let own = InterfaceDetails {
                name: name_of(interface, Attr::Name),
                uuid: name_of(interface, Attr::Uuid),
                version: name_of(interface, Attr::Version),
                description: self.texts(interface, Element::Description),
            };
            if names.insert(own.name.clone()) {
                interfaces.push(own);
            } else {
                self.tell(Rule::DuplicateName, interface, || {
                    format!("there are two of interface `{}`; their properties are taken together", own.name)
                });
            }
        }
        for property in node.all(Element::Interface).chain([node]).flat_map(|around| around.all(Element::Property)) {
            if !property.foreign().is_empty() && !self.left_out.contains(property) {
                let owner = ForeignOwner::Port(ldev.clone(), name.clone(), name_of(property, Attr::Name));
                take(property, &owner, foreign);
            }
        }
        let details = FunctionDetails {
            ldev: ldev.clone(),
            rtauto: name,
            id: name_of(node, Attr::Id),
            icons: self.icons(node),
            interfaces,
        };
        let says_anything = !details.id.is_empty() || !details.icons.is_empty() || !details.interfaces.is_empty();
        says_anything.then_some(details)
    }

    fn struct_details(&mut self) -> Vec<StructDetails> {
        let mut structs = Vec::new();
        for (node, structure) in self.types.all() {
            let structure = match structure {
                Ok(structure) => structure,
                Err(fault) => {
                    self.tell(Rule::TypeReference, node, || fault.clone());
                    self.left_out.push(node, ForeignOwner::Description);
                    continue;
                }
            };
            structs.push(StructDetails {
                structure,
                uuid: name_of(node, Attr::Uuid),
                comment: self.texts(node, Element::Comment),
                members: node.all(Element::Member).map(|member| self.member(member)).collect(),
            });
        }
        structs
    }

    fn member(&mut self, node: Node<'a>) -> MemberDetails {
        let mut member = MemberDetails {
            unit: name_of(node, Attr::Unit),
            unit_code: name_of(node, Attr::UnitCode),
            min: real(node, Attr::Min),
            max: real(node, Attr::Max),
            default: None,
            max_len: node.parse(Attr::MaxLen),
            source_type: name_of(node, Attr::SourceType),
            comment: self.texts(node, Element::Comment),
            enumeration: self.enumeration(node),
        };
        if let Some(value_type) = self.types.of_member(node) {
            validate::member_values(self.remarks, node, &value_type, &mut member);
        }
        member
    }
}

/// The foreign parts of a node.
fn take(node: Node<'_>, owner: &ForeignOwner, foreign: &mut Vec<Foreign>) {
    foreign.extend(node.foreign().iter().map(|xml| Foreign { owner: owner.clone(), xml: xml.clone() }));
}
