//! Records about who may do what. The simulator only carries them.

use super::schema::schema;
use super::value::Blob;
use crate::ids::{Name, Timestamp, Uuid};

schema! {
    /// An access control entry was added.
    pub struct AccessControlEntryRecord(0) {
        /// Its id.
        id: Uuid, 0..;
        /// The kind of resource.
        resource_type: i8, 0..;
        /// The resource.
        resource_name: Name, 0..;
        /// How the resource's name is matched.
        pattern_type: i8, 0..;
        /// Who.
        principal: Name, 0..;
        /// From where.
        host: Name, 0..;
        /// May do what.
        operation: i8, 0..;
        /// Or may not.
        permission_type: i8, 0..;
    }

    /// An access control entry was removed.
    pub struct RemoveAccessControlEntryRecord(0) {
        /// Its id.
        id: Uuid, 0..;
    }

    /// A user's SCRAM credential was set.
    pub struct UserScramCredentialRecord(0) {
        /// The user.
        name: Name, 0..;
        /// The mechanism's number.
        mechanism: i8, 0..;
        /// The salt.
        salt: Blob, 0..;
        /// The key by which the client is authenticated.
        stored_key: Blob, 0..;
        /// The key by which the server is.
        server_key: Blob, 0..;
        /// How often the password was hashed.
        iterations: i32, 0..;
    }

    /// A user's SCRAM credential was removed.
    pub struct RemoveUserScramCredentialRecord(0) {
        /// The user.
        name: Name, 0..;
        /// The mechanism's number.
        mechanism: i8, 0..;
    }

    /// A delegation token was made or renewed.
    pub struct DelegationTokenRecord(0) {
        /// Whom it stands for.
        owner: Name, 0..;
        /// Who asked for it.
        requester: Name, 0..;
        /// Who may renew it.
        renewers: Vec<Name>, 0..;
        /// When it was made.
        issue_timestamp: Timestamp, 0..;
        /// Until when it may be renewed.
        max_timestamp: Timestamp, 0..;
        /// When it expires.
        expiration_timestamp: Timestamp, 0..;
        /// Its id.
        token_id: Name, 0..;
    }

    /// A delegation token is gone.
    pub struct RemoveDelegationTokenRecord(0) {
        /// Its id.
        token_id: Name, 0..;
    }
}
