package import BursarConsole
package import BursarFiles
import SystemPackage

/// The reason that the database can't be used; each case has its own remedy.
package enum StoreError: Error, Equatable {
    case missing(path: String)
    case exists(path: String)
    /// Not SQLite, or another program's database.
    case notOurs(path: String)
    /// Made by a newer version of Bursar.
    case newer(path: String)
    /// Made by an older version, and not migrated yet.
    case older(path: String)
    /// Another process holds the write lock.
    case locked
    case full
    /// The file at the path is not the one that was opened, or is gone: writes would be lost.
    case replaced(path: String)
    /// The system failed to read or write: the state on disk is unknown.
    case broken(cause: String)
    /// Not permitted to read or write it.
    case notPermitted(path: String)
    /// Other users may read or write it.
    case openToOthers(path: String)
    /// It belongs to another user, who could write what they like into it.
    case foreignOwner(path: String)
    /// Other users may put another file in the database's place, or beside it.
    case openFolder(path: String)
    /// The file system lacks a feature that a database needs.
    case unsuitable(path: String, lack: String)
    /// There is no home folder, by `HOME` or by the system, so there is no default place.
    case noHome
    /// The path begins with a `~` that leads nowhere.
    case path(PathError)
    /// The content is inconsistent; `flaw` says where.
    case damaged(path: String, flaw: String)
    /// Its tables, indexes or triggers aren't those that Bursar makes; `change` says which.
    case altered(path: String, change: String)
    /// Its content can't be carried into another database; `flaw` says why.
    case uncopied(path: String, flaw: String)
    /// Remains of a write-ahead log lie where a database is to be put.
    case logLeft(path: String)
    /// A server works on the file that is or was there.
    case served(path: String)
    /// A database to compare with isn't a later state of the same one.
    case unrelated(path: String)
    /// A server of databases doesn't answer; `cause` says why.
    case unreachable(path: String, cause: String)
    /// The way to a server of databases is closed, or it isn't one that serves; `part` says where.
    case unusable(path: String, cause: String, hint: String, part: ServerPart)
    /// A server of databases refuses this user what it takes; `cause` names the object.
    case denied(path: String, cause: String)
    /// The commit was sent, and its outcome is unknown: it may have been made.
    case unsure(cause: String)
    /// The last record that was committed here isn't in the database any more; both are given as number and hash.
    case discontinued(path: String, known: String, found: String)
    /// The operator stopped the operation.
    case interrupted
    /// Any other error; `cause` is the engine's message.
    case unavailable(cause: String)

    /// A part of the way to a database on a server.
    package enum ServerPart: String, Sendable {
        /// The engine's library on this machine.
        case library
        /// The user, their password or token.
        case login
        /// The server's certificate.
        case certificate
        /// The engine, its version or settings.
        case engine
        /// The server follows another one, and takes no writes.
        case standby
        /// All connections are taken.
        case capacity
        /// The server has no database of that name.
        case database
    }

    /// True if the server must not write again before an operator has examined the database.
    package var isFinal: Bool {
        switch self {
        case .replaced, .broken, .notOurs, .discontinued: true
        default: false
        }
    }
}

/// The problem in words, for the log.
extension StoreError: CustomStringConvertible {
    package var description: String { UserFacingError(self).problem }
}

extension UserFacingError {
    /// The message for a problem with the database, the same in `admin` and the server.
    package init(_ problem: StoreError) {
        switch problem {
        case .missing(let path) where Self.isAddress(path):
            self.init(
                "there is no Bursar database at \(path)",
                hint: "make it with `admin database init`, as a user who owns the database there"
            )
        case .missing(let path):
            self.init("there is no database at \(path)", hint: "make one with `admin database init`, or name another")
        case .exists(let path) where Self.isAddress(path):
            self.init("there is a schema bursar at \(path) already", hint: "use it as it is, or name another database")
        case .exists(let path):
            self.init("there is a file at \(path) already", hint: "use it as it is, or name another place")
        case .notOurs(let path):
            self.init("\(path) is not a Bursar database, or it is damaged", hint: "check the path; nothing was changed")
        case .newer(let path):
            self.init("\(path) was made by a newer version of Bursar", hint: "install that version here too")
        case .older(let path) where Self.isAddress(path):
            self.init(
                "\(path) was made by an older version of Bursar",
                hint: "`admin database migrate`, as the user who made it; servers go on meanwhile"
            )
        case .older(let path):
            self.init(
                "\(path) was made by an older version of Bursar",
                hint: "stop the server, then `admin database migrate`, which keeps a copy"
            )
        case .locked:
            self.init("another process is writing to the database", hint: "try again in a moment")
        case .full:
            self.init("there is no room left for the database", hint: "free some disk space; nothing was changed")
        case .replaced(let path):
            self.init("\(path) was replaced or removed while it was open", hint: "stop the server before restoring")
        case .broken(let cause):
            self.init("the database's disk failed: \(cause)", hint: "check the disk, then start again")
        case .openToOthers(let path):
            self.init("others may read or write \(path)", hint: "chmod 600 \(FilePath(path).shellWord)")
        case .foreignOwner(let path):
            self.init(
                "\(path) belongs to another user, who could write what they like into it",
                hint: "run as the user that it belongs to, or chown it: ls -l \(FilePath(path).shellWord)"
            )
        case .openFolder(let path):
            self.init(
                "others may put files into \(path), or take the database away",
                hint: "chmod 700 \(FilePath(path).shellWord), of the user that the server runs as"
            )
        case .notPermitted(let path):
            self.init(
                "\(path) can't be opened for writing",
                hint: "check who owns the file and its folder; run as the user that the server runs as"
            )
        case .noHome:
            self.init(
                "HOME is not set to a folder, so there is no default database",
                hint: "name one with BURSAR_DATABASE"
            )
        case .unsuitable(let path, let lack):
            self.init("the file system of \(path) has no \(lack), which SQLite needs", hint: "use a local disk")
        case .path(let error):
            self.init(error.description, hint: error.hint)
        case .damaged(let path, let flaw):
            self.init("\(path) is damaged: \(flaw)", hint: "use another backup; this one was not touched")
        case .altered(let path, let change) where Self.isAddress(path):
            self.init(
                "\(path) isn't as Bursar made it: \(change)",
                hint: "its schema was changed by hand, and its content can't be trusted: restore the server's snapshot"
            )
        case .altered(let path, let change):
            self.init(
                "\(path) isn't as Bursar made it: \(change)",
                hint:
                    "its schema was changed by hand, and its content can't be trusted: keep the file, restore a backup"
            )
        case .uncopied(let path, let flaw):
            self.init(
                "\(path) can't be copied: \(flaw)",
                hint: "nothing was kept of the copy; admin database check says what is wrong with the source"
            )
        case .logLeft(let path):
            self.init(
                "\(path) is left of a database's log",
                hint: "keep it with the file it belongs to: move both elsewhere"
            )
        case .served(let path):
            self.init("a server is at work on \(path)", hint: "stop the server first")
        case .unrelated(let path):
            self.init(
                "\(path) is no later state of that backup: its records are others",
                hint: "compare with the database that the backup was made of, or leave --compare out"
            )
        case .unreachable(let path, let cause):
            self.init("\(path) can't be used: \(cause)", hint: "check the address and the server, then try again")
        case .unusable(let path, let cause, let hint, _):
            self.init("\(path) can't be used: \(cause)", hint: hint)
        case .denied(let path, let cause):
            self.init(
                "\(path) refuses what this needs: \(cause)",
                hint: "log in as an operator (admin database role NAME --admin), or as the user who made the database"
            )
        case .unsure(let cause):
            self.init(
                "it is unknown if the database kept the change: \(cause)",
                hint: "check with `admin audit list` before doing it again"
            )
        case .discontinued(let path, let known, let found):
            self.init(
                "\(path) has lost the record \(known); its last one is \(found)",
                hint: "find out which server is the primary; a restart goes on with what is there"
            )
        case .interrupted:
            self.init("stopped; nothing is left of it")
        case .unavailable(let cause):
            self.init("the database failed: \(cause)", hint: "admin database check looks for what is wrong")
        }
    }

    /// True if a database's name is the address of one on a server, which no path is.
    private static func isAddress(_ name: String) -> Bool { name.hasPrefix("postgres://") }
}
