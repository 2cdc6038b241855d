import BursarConsole
import BursarFiles
import Storage

extension AdminContext {
    /// A server of this machine that works on the database; nil when there is none, or when that can't be told.
    var server: PresenceLock.Holder? {
        try? ServerPresence.server(on: databasePath)
    }

    /// Says that nobody here obeys what was just done.
    func noteWithoutServer() {
        guard server == nil else { return }
        terminal.note("no server works on this database on this machine; the next one will obey")
    }

    /// - Throws: a ``UserFacingError`` while a server works on the database.
    func refuseWhileServed() throws {
        guard server == nil else { throw StoreError.served(path: databasePath) }
    }
}

extension PresenceLock.Holder {
    var description: String { processID.map { "process \($0)" } ?? "a process of another container" }
}
