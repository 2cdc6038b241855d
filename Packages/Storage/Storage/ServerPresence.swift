package import BursarFiles
import SystemPackage

/// Whether a server works on a database on this machine.
///
/// Not by what somebody wrote down, which lies once the server is killed, but by a kernel lock on `FILE.server`. Servers
/// on other machines are not seen; a database that they share with this one is not supported anyway.
package enum ServerPresence {
    /// Says, for as long as this process lives, that it serves from the database; to be called once.
    ///
    /// - Returns: another server that works on the same one already.
    package static func announce(on database: String) throws(FileError) -> PresenceLock.Holder? {
        let other = try server(on: database)
        try PresenceLock.hold(path(database))
        return other
    }

    /// The server that works on the database; nil when none does.
    package static func server(on database: String) throws(FileError) -> PresenceLock.Holder? {
        try PresenceLock.holder(of: path(database))
    }

    /// Beside the file itself, whatever links lead to it.
    private static func path(_ database: String) throws(FileError) -> FilePath {
        FilePath(try AtomicFile.target(of: FilePath(database)).string + ".server")
    }
}
