package import BursarCore

/// A key's row is there and makes no sense: somebody edited the database by hand.
package struct UnreadableKey: Error {
    package init() {}
}

/// Where keys are looked up: the database, as the decision sees it.
package protocol KeyDirectory: Sendable {
    /// The key, with the revision of the whole directory at the moment of reading; nil when there is none.
    ///
    /// - Throws: ``UnreadableKey``, or why the directory can't be read now.
    func key(_ id: KeyID) async throws -> (record: KeyRecord, revision: Int64)?

    /// The directory's revision, and the keys whose rows are newer than `known`.
    func changes(since known: Int64) async throws -> (revision: Int64, keys: [KeyID])
}
