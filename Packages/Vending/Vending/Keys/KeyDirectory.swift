package import BursarModel

/// A key's row is there and makes no sense: somebody edited the database by hand.
package struct UnreadableKeyError: Error {
    package init() {}
}

/// Where keys are looked up: the database, as the decision sees it.
package protocol KeyDirectory: Sendable {
    /// The key, with the revision of the whole directory at the moment of reading; nil when there is none.
    ///
    /// - Throws: ``UnreadableKeyError``, or why the directory can't be read now.
    func key(_ id: KeyID) async throws -> (record: KeyRecord, revision: Int64)?

    /// What has changed since `known`.
    func changes(since known: Int64) async throws -> DirectoryChanges
}

/// The directory as it is now, compared with an earlier revision.
package struct DirectoryChanges: Sendable {
    package let revision: Int64
    /// Keys whose rows are newer.
    package let keys: [KeyID]
    /// The operator's switch that stops all vending.
    package let isPaused: Bool

    package init(revision: Int64, keys: [KeyID], isPaused: Bool) {
        self.revision = revision
        self.keys = keys
        self.isPaused = isPaused
    }
}
