package import BursarFiles
package import Storage
package import SystemPackage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The database's file and the files beside it, which must not be overwritten with other content.
package struct DatabaseFiles {
    private static let endings = ["", "-wal", "-shm", "-journal", ".server"]

    private let databases: [FilePath]
    private let paths: [FilePath]

    /// The files of the database at `path`, and of the target if that is a link.
    package init(of path: String) {
        let behind = (try? AtomicFile.target(of: FilePath(path)))?.string ?? path
        let names = behind == path ? [path] : [path, behind]
        databases = names.map { FilePath($0) }
        paths = names.flatMap { name in Self.endings.map { FilePath(name + $0) } }
    }

    /// Checks that no other user can write the database or replace it, since that would let them add keys.
    ///
    /// All of its files must belong to `owner`, and no other user may read or write them. Their folders must belong to
    /// that user or root, and others may not write there, unless the folder is sticky, as /tmp is.
    ///
    /// - Returns: the first problem of the files, and of the folders.
    package func problems(owner: UserID) -> [StoreError] {
        let files = paths.lazy.compactMap { problem(file: $0, owner) }
        let folders = databases.lazy.compactMap { problem(folderOf: $0, owner) }
        return [files.first, folders.first].compactMap { $0 }
    }

    /// Checks ``problems(owner:)`` for the server, with this user as the owner, and the owner alone for an operator.
    ///
    /// `doctor` shows operators the other problems, and root may work on any user's database.
    func check(for use: DatabaseUse) throws(StoreError) {
        let user = UserID(rawValue: geteuid())
        switch use {
        case .server:
            if let problem = problems(owner: user).first { throw problem }
        case .console, .examination:
            guard user != UserID(rawValue: 0), let owner, owner != user else { return }
            throw .foreignOwner(path: databases[databases.count - 1].string)
        }
    }

    private func problem(file path: FilePath, _ owner: UserID) -> StoreError? {
        guard let stat = try? path.stat() else { return nil }
        guard stat.type == .regular else { return .notOurs(path: path.string) }
        guard stat.userID == owner else { return .foreignOwner(path: path.string) }
        let others: FilePermissions = [.groupReadWriteExecute, .otherReadWriteExecute]
        return stat.permissions.isDisjoint(with: others) ? nil : .openToOthers(path: path.string)
    }

    private func problem(folderOf database: FilePath, _ owner: UserID) -> StoreError? {
        let folder = database.removingLastComponent().isEmpty ? "." : database.removingLastComponent()
        guard let stat = try? folder.stat() else { return nil }
        let isOwn = stat.userID == owner || stat.userID == UserID(rawValue: 0)
        let isShut = stat.permissions.isDisjoint(with: [.groupWrite, .otherWrite])
        return isOwn && (isShut || stat.permissions.contains(.saveText)) ? nil : .openFolder(path: folder.string)
    }

    /// True if the file's header names another application, so that no error advises to change its mode.
    ///
    /// The application id is at offset 68: https://www.sqlite.org/fileformat.html.
    var areAnotherProgram: Bool {
        guard let database = databases.last,
            let file = try? FileDescriptor.open(database, .readOnly, options: [.nonBlocking, .closeOnExec])
        else { return false }
        defer { try? file.close() }
        var header = [UInt8](repeating: 0, count: 72)
        guard let count = try? header.withUnsafeMutableBytes({ try file.read(into: $0) }), count > 0 else {
            return false
        }
        let number = header[68...].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        return number != UInt32(bitPattern: Schema.applicationID)
    }

    /// The owner of the database's file; nil if there is no file.
    package var owner: UserID? { (try? databases.last?.stat())?.userID }

    /// Returns true if `path` is one of them, however it is spelled.
    ///
    /// Existing files are compared by their inode, others by their folder and name.
    package func contain(_ path: FilePath) -> Bool {
        paths.contains { own in
            if let place = Place(path), place == Place(own) { return true }
            return path.lastComponent == own.lastComponent && Place(folderOf: path) == Place(folderOf: own)
        }
    }

    private struct Place: Equatable {
        private let device: DeviceID
        private let inode: Inode

        init?(_ path: FilePath) {
            guard let stat = try? path.stat() else { return nil }
            (device, inode) = (stat.deviceID, stat.inode)
        }

        init?(folderOf path: FilePath) {
            let folder = path.removingLastComponent()
            self.init(folder.isEmpty ? "." : folder)
        }
    }
}

/// The identity of the file that a path led to when it was opened.
struct FileIdentity: Equatable {
    private let device: DeviceID
    private let inode: Inode

    /// Identifies the database at `path`, which only its owner may write.
    init(of path: String) throws(StoreError) {
        let stat: Stat
        do {
            stat = try FilePath(path).stat()
        } catch Errno.noSuchFileOrDirectory, Errno.notDirectory {
            throw .missing(path: path)
        } catch {
            throw .notPermitted(path: path)
        }
        guard stat.type == .regular else { throw .notOurs(path: path) }
        guard stat.permissions.isDisjoint(with: [.groupWrite, .otherWrite]) else { throw .openToOthers(path: path) }
        device = stat.deviceID
        inode = stat.inode
    }
}

/// The presence of a server that works on a database on this machine.
///
/// A kernel lock on `FILE.server` shows it; a stored note would remain after the server was killed. Servers on other
/// machines are not seen, but sharing a database between machines is not supported anyway.
package enum ServerPresence {
    /// Announces, until this process ends, that it serves from the database; to be called once.
    ///
    /// - Returns: another server that already works on the database.
    package static func announce(on database: String) throws(FileError) -> PresenceLock.Holder? {
        let other = try server(on: database)
        try PresenceLock.hold(path(database))
        return other
    }

    /// Returns the server that works on the database; nil if there is none.
    package static func server(on database: String) throws(FileError) -> PresenceLock.Holder? {
        try PresenceLock.holder(of: path(database))
    }

    /// The lock's path, beside the file itself and not beside links to it.
    private static func path(_ database: String) throws(FileError) -> FilePath {
        FilePath(try AtomicFile.target(of: FilePath(database)).string + ".server")
    }
}
