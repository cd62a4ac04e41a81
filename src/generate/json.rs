//! Configurations as JSON, and their fingerprint.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{Configuration, ExpectedIdentity, FORMAT, LdevConfiguration, NetworkSettings, PayloadReference};

/// Why a text is not a configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConfigurationError {
    /// Not JSON, or not of the form in `docs/schema/configuration.schema.json`.
    #[error("line {line}, column {column}: {message}")]
    Form {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What is wrong there.
        message: String,
    },
    /// Written by a later version of the program.
    #[error("the configuration has format {0}, this program reads format {FORMAT}")]
    Format(u32),
}

impl From<serde_json::Error> for ConfigurationError {
    fn from(error: serde_json::Error) -> Self {
        let text = error.to_string();
        let place = format!(" at line {} column {}", error.line(), error.column());
        // What was found in the place of something else can be as long as the file.
        let message = text.strip_suffix(&place).unwrap_or(&text).chars().take(200).collect();
        Self::Form { line: error.line(), column: error.column(), message }
    }
}

/// What the fingerprint covers: everything but the remarks.
#[derive(Serialize)]
struct Canonical<'a> {
    format: u32,
    device: &'a str,
    identity: &'a ExpectedIdentity,
    network: &'a NetworkSettings,
    ldevs: &'a [LdevConfiguration],
    payloads: &'a [PayloadReference],
}

impl Configuration {
    /// The configuration as indented JSON with a line break at the end, fields and lists always in the same order.
    pub fn to_json(&self) -> String {
        // Our own structs with text keys: there is nothing in them that JSON could not hold.
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        text
    }

    /// Reads what [`to_json`](Self::to_json) wrote.
    ///
    /// # Errors
    /// Where the text is not JSON of the right form, or which later format it has.
    pub fn from_json(text: &str) -> Result<Self, ConfigurationError> {
        #[derive(Deserialize)]
        struct Head {
            format: u32,
        }
        let head: Head = serde_json::from_str(text)?;
        if head.format != FORMAT {
            return Err(ConfigurationError::Format(head.format));
        }
        Ok(serde_json::from_str(text)?)
    }

    /// SHA-256 in lower-case hex over the configuration without its remarks, as JSON without any white space
    /// between tokens, fields in the order of the structs. Equal fingerprints, equal content of the device.
    pub fn fingerprint(&self) -> String {
        let canonical = Canonical {
            format: self.format,
            device: &self.device,
            identity: &self.identity,
            network: &self.network,
            ldevs: &self.ldevs,
            payloads: &self.payloads,
        };
        let bytes = serde_json::to_vec(&canonical).unwrap_or_default();
        Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// QoS types as their tokens.
pub(super) mod qos_token {
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::model::{Name, QosType};

    pub fn serialize<S: Serializer>(qos: &QosType, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(qos.token())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<QosType, D::Error> {
        let token = Name::deserialize(deserializer)?;
        QosType::from_token(&token).ok_or_else(|| D::Error::custom(format!("there is no transmission type `{token}`")))
    }
}
