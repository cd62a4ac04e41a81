//! A visit to one device: the objects it is made of, with the calls the tool makes on them.

use std::collections::BTreeMap;

use super::{Connection, Connections, OnlineError, Target};
use crate::rpc::{RemoteObject, RpcNode};
use crate::wire::Variant;
use crate::wire::cba::acco_mgt::{
    AddConnectionIn, AddConnections, AddConnectionsRequest, ConsIds, DiagConsConnections, GetCdbCookie,
    GetConnectionOut, GetConnections, GetConsConnectionOut, GetConsConnections, GetConsIds, GetIds, RemoveConnections,
    SetActivationState, SetActivationStateRequest,
};
use crate::wire::cba::acco_sync::{
    ReadItemOut, ReadItems, ReadItemsRequest, WriteItemIn, WriteItemQcdIn, WriteItems, WriteItemsQcd,
    WriteItemsQcdRequest, WriteItemsRequest,
};
use crate::wire::cba::shared::Text;
use crate::wire::cba::{
    Activation, FileTime, GroupErrorState, HResult, Interface, LDevState, Method, Persistence, Qos, Quality, browse,
    group_error, ldev, pdev, persist, state,
};

/// Connections added, removed or read with one call (wire spec 8.1, step 7).
const CONNECTIONS_PER_CALL: usize = 50;

/// Items read or written with one call.
const ITEMS_PER_CALL: usize = 100;

/// Names asked for with one BrowseItems call, and the most a device may have of them.
const NAMES_PER_CALL: u32 = 100;
const MOST_NAMES: u32 = 10_000;

/// What a device says about itself.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PDevIdentity {
    /// Vendor.
    pub producer: String,
    /// Product.
    pub product: String,
    /// Serial number, as text.
    pub serial_no: String,
    /// Revision, `major.minor`.
    pub revision: String,
    /// Stack revision, when the device is of stage 2.
    pub pn_revision: Option<String>,
    /// Stamp of its stored configuration, when the device is of stage 2.
    pub pdev_stamp: Option<u32>,
    /// Names of its LDevs.
    pub ldevs: Vec<String>,
}

/// What an LDev says about itself.
#[derive(Debug, Clone, PartialEq)]
pub struct LdevIdentity {
    /// Component id and version, when the LDev is of stage 2.
    pub component: Option<(String, String)>,
    /// Operating state, when it has one.
    pub state: Option<LDevState>,
    /// Group error, when it has one.
    pub group_error: Option<GroupErrorState>,
}

/// A device visited.
pub struct PDevSession {
    target: Target,
    pdev: RemoteObject,
    pdev2: Option<RemoteObject>,
}

/// An LDev visited, with its ACCO.
pub struct LdevSession {
    target: Target,
    ldev: RemoteObject,
    mgt: RemoteObject,
    mgt2: Option<RemoteObject>,
    sync: RemoteObject,
}

/// Makes a call and tells a failing result from a good one.
pub(super) async fn call<M: Method>(
    target: Target,
    object: &RemoteObject,
    request: &M::Request,
) -> Result<M::Response, OnlineError> {
    let reply = object.call::<M>(request).await.map_err(|error| OnlineError::Rpc { target, error })?;
    if reply.hr.is_failure() {
        return Err(OnlineError::Refused { target, call: M::NAME, code: reply.hr });
    }
    Ok(reply.out)
}

/// The object as an optional interface: `None` when it has none, which is what a stage-1 device answers.
pub(super) async fn query(
    target: Target,
    object: &RemoteObject,
    interface: Interface,
) -> Result<Option<RemoteObject>, OnlineError> {
    object.query(interface.iid()).await.map_err(|error| OnlineError::Rpc { target, error })
}

/// An object handed out by a call.
pub(super) async fn object(
    target: Target,
    from: &RemoteObject,
    objref: Option<Vec<u8>>,
    interface: Interface,
) -> Result<RemoteObject, OnlineError> {
    let bytes =
        objref.ok_or_else(|| OnlineError::Broke { target, what: format!("no {interface} where one was promised") })?;
    let handed_out = from.unmarshal(&bytes).await.map_err(|error| OnlineError::Rpc { target, error })?;
    // Which interface is handed out is not fixed (wire spec 5.4), so the one needed is always asked for.
    query(target, &handed_out, interface)
        .await?
        .ok_or_else(|| OnlineError::Broke { target, what: format!("the object handed out has no {interface}") })
}

impl PDevSession {
    /// Reaches the device and activates its PDev.
    ///
    /// # Errors
    /// The device is unreachable, silent, refuses, or is no CBA device.
    pub async fn open(node: &RpcNode, target: Target) -> Result<Self, OnlineError> {
        let rpc = |error| OnlineError::Rpc { target, error };
        let pdev = node
            .activate(target.ip, target.resolver_port, &[Interface::PhysicalDevice.iid(), Interface::Browse.iid()])
            .await
            .map_err(rpc)?;
        let pdev2 = query(target, &pdev, Interface::PhysicalDevice2).await?;
        Ok(Self { target, pdev, pdev2 })
    }

    /// Who the device is.
    ///
    /// # Errors
    /// A call failed.
    pub async fn identity(&self) -> Result<PDevIdentity, OnlineError> {
        let target = self.target;
        let revision = call::<pdev::GetRevision>(target, &self.pdev, &()).await?;
        let mut identity = PDevIdentity {
            producer: call::<pdev::GetProducer>(target, &self.pdev, &()).await?.value,
            product: call::<pdev::GetProduct>(target, &self.pdev, &()).await?.value,
            serial_no: match call::<pdev::GetSerialNo>(target, &self.pdev, &()).await?.value {
                Some(Variant::Bstr(text)) => text,
                Some(other) => other.to_string(),
                None => String::new(),
            },
            revision: format!("{}.{}", revision.major, revision.minor),
            ldevs: self.ldev_names().await?,
            ..PDevIdentity::default()
        };
        if let Some(pdev2) = &self.pdev2 {
            let revision = call::<pdev::GetProfinetRevision>(target, pdev2, &()).await?;
            identity.pn_revision =
                Some(format!("{}.{}.{}.{}", revision.major, revision.minor, revision.service_pack, revision.build));
        }
        identity.pdev_stamp = self.pdev_stamp().await?;
        Ok(identity)
    }

    /// Stamp of the stored configuration; `None` from a stage-1 device.
    ///
    /// # Errors
    /// The call failed.
    pub async fn pdev_stamp(&self) -> Result<Option<u32>, OnlineError> {
        match &self.pdev2 {
            Some(pdev2) => Ok(Some(call::<pdev::GetPDevStamp>(self.target, pdev2, &()).await?.stamp)),
            None => Ok(None),
        }
    }

    async fn ldev_names(&self) -> Result<Vec<String>, OnlineError> {
        let target = self.target;
        let browse = query(target, &self.pdev, Interface::Browse)
            .await?
            .ok_or_else(|| OnlineError::Broke { target, what: "the PDev has no ICBABrowse".to_owned() })?;
        let count = call::<browse::GetCount>(target, &browse, &()).await?.count.min(MOST_NAMES);
        let mut names = Vec::new();
        let mut offset = 0;
        while offset < count {
            let request = browse::BrowseItemsRequest { offset, max_return: NAMES_PER_CALL };
            let page = call::<browse::BrowseItems>(target, &browse, &request).await?;
            let page = page.item_names.as_ref().map(texts).unwrap_or_default();
            if page.is_empty() {
                break;
            }
            offset = offset.saturating_add(u32::try_from(page.len()).unwrap_or(u32::MAX));
            names.extend(page);
        }
        Ok(names)
    }

    /// Visits one of its LDevs.
    ///
    /// # Errors
    /// There is no such LDev, or a call failed.
    pub async fn ldev(&self, name: &str) -> Result<LdevSession, OnlineError> {
        let target = self.target;
        let found = call::<pdev::GetLogicalDevice>(target, &self.pdev, &Text { value: name.to_owned() }).await?;
        let ldev = object(target, &self.pdev, found.objref, Interface::LogicalDevice).await?;
        let acco = call::<ldev::GetAcco>(target, &ldev, &()).await?;
        let mgt = object(target, &ldev, acco.objref, Interface::AccoMgt).await?;
        let mgt2 = query(target, &mgt, Interface::AccoMgt2).await?;
        let sync = query(target, &mgt, Interface::AccoSync)
            .await?
            .ok_or_else(|| OnlineError::Broke { target, what: "the ACCO has no ICBAAccoSync".to_owned() })?;
        Ok(LdevSession { target, ldev, mgt, mgt2, sync })
    }

    /// Saves the connections of all LDevs in the device.
    ///
    /// # Errors
    /// The device refused, for an LDev or altogether.
    pub async fn save(&self) -> Result<(), OnlineError> {
        let target = self.target;
        let Some(persist) = query(target, &self.pdev, Interface::Persist).await? else {
            return Err(OnlineError::Refused { target, call: "Save", code: HResult::E_NOINTERFACE });
        };
        match query(target, &persist, Interface::Persist2).await? {
            None => call::<persist::Save>(target, &persist, &()).await,
            Some(persist2) => {
                let saved = call::<persist::Save2>(target, &persist2, &()).await?;
                let results = saved.results.as_ref().map(results).unwrap_or_default();
                match results.into_iter().find(|code| code.is_failure()) {
                    Some(code) => Err(OnlineError::Refused { target, call: "Save2", code }),
                    None => Ok(()),
                }
            }
        }
    }
}

impl LdevSession {
    /// Who the LDev is and how it does.
    ///
    /// # Errors
    /// A call failed.
    pub async fn identity(&self) -> Result<LdevIdentity, OnlineError> {
        let target = self.target;
        let component = match query(target, &self.ldev, Interface::LogicalDevice2).await? {
            None => None,
            Some(ldev2) => {
                let info = call::<ldev::GetComponentInfo>(target, &ldev2, &()).await?;
                Some((info.id, info.version))
            }
        };
        let state = match query(target, &self.ldev, Interface::State).await? {
            None => None,
            Some(object) => Some(call::<state::GetState>(target, &object, &()).await?.state),
        };
        let group_error = match query(target, &self.ldev, Interface::GroupError).await? {
            None => None,
            Some(object) => Some(call::<group_error::GetGroupError>(target, &object, &()).await?.group_error),
        };
        Ok(LdevIdentity { component, state, group_error })
    }

    /// Stamp of the connection database.
    ///
    /// # Errors
    /// The call failed.
    pub async fn cdb_cookie(&self) -> Result<u32, OnlineError> {
        Ok(call::<GetCdbCookie>(self.target, &self.mgt, &()).await?.cookie)
    }

    /// All connections with their ids.
    ///
    /// # Errors
    /// A call failed, or two connections feed the same item.
    pub async fn connections(&self) -> Result<(Connections, Vec<(String, u32)>), OnlineError> {
        let target = self.target;
        let cons_ids: Vec<u32> = match &self.mgt2 {
            Some(mgt2) => call::<GetConsIds>(target, mgt2, &()).await?.cons_ids,
            None => call::<GetIds>(target, &self.mgt, &()).await?.ids.iter().map(|id| id.cons_id).collect(),
        };
        let mut connections = Connections::new();
        let mut ids = Vec::with_capacity(cons_ids.len());
        for chunk in cons_ids.chunks(CONNECTIONS_PER_CALL) {
            let request = ConsIds { cons_ids: chunk.to_vec() };
            let read: Vec<Stored> = match &self.mgt2 {
                Some(mgt2) => call::<GetConsConnections>(target, mgt2, &request)
                    .await?
                    .connections
                    .into_iter()
                    .map(Stored::from)
                    .collect(),
                None => call::<GetConnections>(target, &self.mgt, &request)
                    .await?
                    .connections
                    .into_iter()
                    .map(Stored::from)
                    .collect(),
            };
            if read.len() != chunk.len() {
                let what = format!("{} connections returned for {} ids", read.len(), chunk.len());
                return Err(OnlineError::Broke { target, what });
            }
            for (cons_id, Stored { item, connection, hr }) in chunk.iter().zip(read) {
                // A connection that went away between the two calls is no error.
                if hr.is_failure() {
                    continue;
                }
                if connections.insert(item.clone(), connection).is_some() {
                    return Err(OnlineError::Broke { target, what: format!("two connections feed {item}") });
                }
                ids.push((item, *cons_id));
            }
        }
        Ok((connections, ids))
    }

    /// How each connection fares, by consumer item; stage-2 devices only, empty for others.
    ///
    /// # Errors
    /// A call failed.
    pub async fn diagnosis(&self) -> Result<Vec<(String, HResult)>, OnlineError> {
        let Some(mgt2) = &self.mgt2 else { return Ok(Vec::new()) };
        let (_, ids) = self.connections().await?;
        let mut states = Vec::with_capacity(ids.len());
        for chunk in ids.chunks(CONNECTIONS_PER_CALL) {
            let request = ConsIds { cons_ids: chunk.iter().map(|(_, id)| *id).collect() };
            let read = call::<DiagConsConnections>(self.target, mgt2, &request).await?.connections;
            states.extend(chunk.iter().zip(read).map(|((item, _), diag)| (item.clone(), diag.error_state)));
        }
        Ok(states)
    }

    /// Adds connections, grouped as the calls need it.
    ///
    /// # Errors
    /// A call failed; the connections refused are in the answer, with their codes.
    pub async fn add(&self, connections: &Connections) -> Result<Vec<(String, HResult)>, OnlineError> {
        let mut groups = BTreeMap::<_, Vec<_>>::new();
        for (item, connection) in connections {
            let key = (connection.provider.as_str(), connection.qos, u8::from(connection.state));
            groups.entry(key).or_default().push((item, connection));
        }
        let mut refused = Vec::new();
        for ((provider, qos, state), members) in groups {
            for chunk in members.chunks(CONNECTIONS_PER_CALL) {
                let request = AddConnectionsRequest {
                    provider: provider.to_owned(),
                    qos_type: qos.kind,
                    qos_value: qos.value,
                    state: Activation::from(state),
                    connections: chunk.iter().map(|(item, connection)| added(item, connection)).collect(),
                };
                let answers = call::<AddConnections>(self.target, &self.mgt, &request).await?.connections;
                if answers.len() != chunk.len() {
                    let what = format!("{} answers to {} connections", answers.len(), chunk.len());
                    return Err(OnlineError::Broke { target: self.target, what });
                }
                let failed = chunk.iter().zip(&answers).filter(|(_, answer)| answer.hr.is_failure());
                refused.extend(failed.map(|((item, _), answer)| ((*item).clone(), answer.hr)));
            }
        }
        Ok(refused)
    }

    /// Removes connections by id.
    ///
    /// # Errors
    /// A call failed, or the device refused to remove one.
    pub async fn remove(&self, cons_ids: &[u32]) -> Result<(), OnlineError> {
        for chunk in cons_ids.chunks(CONNECTIONS_PER_CALL) {
            let removed =
                call::<RemoveConnections>(self.target, &self.mgt, &ConsIds { cons_ids: chunk.to_vec() }).await?;
            self.all_good("RemoveConnections", &removed.results)?;
        }
        Ok(())
    }

    /// Makes connections active or passive.
    ///
    /// # Errors
    /// As [`remove`](Self::remove).
    pub async fn set_state(&self, state: Activation, cons_ids: &[u32]) -> Result<(), OnlineError> {
        for chunk in cons_ids.chunks(CONNECTIONS_PER_CALL) {
            let request = SetActivationStateRequest { state, cons_ids: chunk.to_vec() };
            let switched = call::<SetActivationState>(self.target, &self.mgt, &request).await?;
            self.all_good("SetActivationState", &switched.results)?;
        }
        Ok(())
    }

    fn all_good(&self, call: &'static str, results: &[HResult]) -> Result<(), OnlineError> {
        match results.iter().find(|code| code.is_failure()) {
            Some(code) => Err(OnlineError::Refused { target: self.target, call, code: *code }),
            None => Ok(()),
        }
    }

    /// Reads items `RTAuto.Property`, in the order asked for.
    ///
    /// # Errors
    /// A call failed; an item that cannot be read has its own code in the answer.
    pub async fn read(&self, items: &[String]) -> Result<Vec<ReadItemOut>, OnlineError> {
        let mut values = Vec::with_capacity(items.len());
        for chunk in items.chunks(ITEMS_PER_CALL) {
            let read =
                call::<ReadItems>(self.target, &self.sync, &ReadItemsRequest { items: chunk.to_vec() }).await?.items;
            if read.len() != chunk.len() {
                let what = format!("{} values returned for {} items", read.len(), chunk.len());
                return Err(OnlineError::Broke { target: self.target, what });
            }
            values.extend(read);
        }
        Ok(values)
    }

    /// Writes one item; its quality becomes good, and its time the device's.
    ///
    /// # Errors
    /// The call failed, or the device refused the value.
    pub async fn write(&self, item: &str, value: Variant) -> Result<(), OnlineError> {
        let request = WriteItemsRequest { items: vec![WriteItemIn { item: item.to_owned(), value: Some(value) }] };
        let written = call::<WriteItems>(self.target, &self.sync, &request).await?;
        self.one_good("WriteItems", &written.results)
    }

    /// Writes one item with a quality and the time at which the value was true.
    ///
    /// # Errors
    /// As [`write`](Self::write).
    pub async fn write_qcd(
        &self,
        item: &str,
        value: Variant,
        quality: Quality,
        time: FileTime,
    ) -> Result<(), OnlineError> {
        let write = WriteItemQcdIn { item: item.to_owned(), value: Some(value), quality, time };
        let request = WriteItemsQcdRequest { items: vec![write] };
        let written = call::<WriteItemsQcd>(self.target, &self.sync, &request).await?;
        self.one_good("WriteItemsQCD", &written.results)
    }

    fn one_good(&self, call: &'static str, results: &[HResult]) -> Result<(), OnlineError> {
        if results.len() != 1 {
            let what = format!("{} results for one item", results.len());
            return Err(OnlineError::Broke { target: self.target, what });
        }
        self.all_good(call, results)
    }

    /// Gives the references back and so ends the visit.
    pub async fn close(self) {
        // Nothing depends on the answer: a device that is gone has no references to count.
        for object in [Some(self.sync), self.mgt2, Some(self.mgt), Some(self.ldev)].into_iter().flatten() {
            let _ = object.release().await;
        }
    }
}

fn added(item: &str, connection: &Connection) -> AddConnectionIn {
    AddConnectionIn {
        provider_item: connection.provider_item.clone(),
        consumer_item: item.to_owned(),
        persistence: if connection.persistent { Persistence::Persistent } else { Persistence::Volatile },
        substitute: connection.substitute.clone(),
        epsilon: connection.epsilon.clone(),
    }
}

/// The texts of an array; what is no text is left out.
fn texts(array: &Variant) -> Vec<String> {
    let text = |element| match element {
        Variant::Bstr(text) => Some(text),
        _ => None,
    };
    elements(array).filter_map(text).collect()
}

/// The result codes of an array; what is no code is left out.
fn results(array: &Variant) -> Vec<HResult> {
    let code = |element| match element {
        Variant::Error(code) => Some(HResult(code)),
        _ => None,
    };
    elements(array).filter_map(code).collect()
}

fn elements(array: &Variant) -> impl Iterator<Item = Variant> {
    let elements = match array {
        Variant::Array(array) => Some(array.elements()),
        _ => None,
    };
    elements.into_iter().flat_map(|elements| (0..elements.len()).filter_map(|index| elements.get(index)))
}

/// A connection as GetConsConnections (stage 2) or GetConnections (stage 1) returns it.
struct Stored {
    item: String,
    connection: Connection,
    hr: HResult,
}

macro_rules! stored_from {
    ($($answer:ty),*) => {$(
        impl From<$answer> for Stored {
            fn from(answer: $answer) -> Self {
                let connection = Connection {
                    provider: answer.provider,
                    provider_item: answer.provider_item,
                    qos: Qos::new(answer.qos_type, answer.qos_value),
                    state: answer.state,
                    persistent: answer.persistence != Persistence::Volatile,
                    substitute: answer.substitute,
                    epsilon: answer.epsilon,
                };
                Self { item: answer.consumer_item, connection, hr: answer.hr }
            }
        }
    )*};
}

stored_from!(GetConnectionOut, GetConsConnectionOut);
