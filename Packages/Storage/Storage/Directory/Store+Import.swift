package import BursarCore
import GRDB
package import Vending

/// A researcher and their first key, to be added together.
package struct Newcomer: Sendable {
    package let researcher: Researcher
    package let key: NewKey

    package init(researcher: Researcher, key: NewKey) {
        self.researcher = researcher
        self.key = key
    }
}

extension Store {
    /// Adds researchers with their keys and records each, all of them or none.
    ///
    /// - Throws: ``HandleTaken`` when somebody has one of the handles already.
    package func add(_ newcomers: [Newcomer], by act: Act) throws {
        try write { db in
            for newcomer in newcomers {
                guard try newcomer.researcher.insert(db, by: act), try newcomer.key.insert(db, by: act) != nil else {
                    throw HandleTaken(handle: newcomer.researcher.handle)
                }
            }
        }
    }
}

/// Somebody has the handle already, in some case of its letters.
package struct HandleTaken: Error, Equatable {
    package let handle: Handle
}
