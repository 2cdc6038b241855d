package import BursarModel
import GRDB
package import Vending

/// A key to be added, and with it whose it is unless they are known already.
package struct ImportedResearcher: Sendable {
    /// nil for another key of a researcher who is there.
    package let researcher: Researcher?
    package let key: NewKey

    package init(researcher: Researcher?, key: NewKey) {
        self.researcher = researcher
        self.key = key
    }
}

extension Store {
    /// Adds researchers with their keys, and keys of known ones, and records each, all of them or none.
    ///
    /// - Throws: ``ImportConflictError`` when somebody has one of the handles already, or nobody has it any more.
    package func add(_ newcomers: [ImportedResearcher], by act: AuditContext) throws {
        try write { db in
            for newcomer in newcomers {
                let handle = newcomer.key.researcher
                if let researcher = newcomer.researcher, try !researcher.insert(db, by: act) {
                    throw ImportConflictError.handleTaken(handle)
                }
                guard try newcomer.key.insert(db, by: act) != nil else { throw ImportConflictError.unknown(handle) }
            }
        }
    }
}

/// The database isn't as it was when the file was read.
package enum ImportConflictError: Error, Equatable {
    /// Somebody has the handle already, in some case of its letters.
    case handleTaken(Handle)
    case unknown(Handle)
}
