package import BursarFiles
import GRDB

/// What keeps the database from being used; each case has its own remedy.
package enum StoreError: Error, Equatable {
    case missing(path: String)
    case exists(path: String)
    /// Not SQLite, or another program's database.
    case notOurs(path: String)
    /// Made by a newer version of Bursar.
    case newer(path: String)
    /// Made by an older one, and not migrated yet.
    case older(path: String)
    /// Another process holds the write lock.
    case locked
    case full
    /// The file at the path is another one than was opened, or none: what is written would be lost.
    case replaced(path: String)
    /// Reading or writing failed in the system: what is on disk is unknown.
    case broken(cause: String)
    /// Not permitted to read or write it.
    case notPermitted(path: String)
    /// Other users may read or write it.
    case openToOthers(path: String)
    /// It belongs to another user, who could write what they like into it.
    case foreignOwner(path: String)
    /// Other users may put another file in the database's place, or beside it.
    case openFolder(path: String)
    /// The file system lacks what a database can't do without.
    case unsuitable(path: String, lack: String)
    /// There is no home folder, by `HOME` or by the system, so there is no default place.
    case noHome
    /// The path begins with a `~` that leads nowhere.
    case path(PathError)
    /// What is stored contradicts itself; `flaw` says where.
    case damaged(path: String, flaw: String)
    /// Its tables, indexes or triggers aren't those that Bursar makes; `change` says which.
    case altered(path: String, change: String)
    /// Remains of a write-ahead log lie where a database is to be put.
    case logLeft(path: String)
    /// A server works on the file that is or was there.
    case served(path: String)
    /// A database to compare with isn't a later state of the same one.
    case unrelated(path: String)
    /// Somebody asked for the end of it.
    case interrupted
    /// Anything else; `cause` is SQLite's wording.
    case unavailable(cause: String)

    /// Reads SQLite's result code.
    init(_ error: any Error, path: String) {
        guard let error = error as? DatabaseError else {
            self = .unavailable(cause: "\(error)")
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

    /// Whether nothing may be written any more until a person has looked.
    var isFinal: Bool {
        switch self {
        case .replaced, .broken, .notOurs: true
        default: false
        }
    }
}
