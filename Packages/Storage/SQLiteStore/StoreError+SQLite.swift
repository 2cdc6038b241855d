import GRDB
import Storage

extension StoreError {
    /// Maps SQLite's result code.
    init(_ error: any Error, path: String) {
        guard let error = error as? DatabaseError else {
            self = error as? StoreError ?? .unavailable(cause: "\(error)")
            return
        }
        switch error.resultCode {
        case .SQLITE_BUSY, .SQLITE_LOCKED: self = .locked
        case .SQLITE_FULL: self = .full
        case .SQLITE_INTERRUPT: self = .interrupted
        case .SQLITE_IOERR: self = .broken(cause: error.message ?? "input or output error")
        case .SQLITE_NOTADB, .SQLITE_CORRUPT: self = .notOurs(path: path)
        case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_CANTOPEN: self = .notPermitted(path: path)
        default: self = .unavailable(cause: error.message ?? "SQLite error \(error.resultCode.rawValue)")
        }
    }
}
