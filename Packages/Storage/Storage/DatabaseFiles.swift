import BursarFiles
package import SystemPackage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The database's file and those beside it, which no other content may be written to.
package struct DatabaseFiles {
    private static let endings = ["", "-wal", "-shm", "-journal", ".server"]

    private let databases: [FilePath]
    private let paths: [FilePath]

    /// Of the database at `path`, and of the file that links there lead to.
    package init(of path: String) {
        let behind = (try? AtomicFile.target(of: FilePath(path)))?.string ?? path
        let names = behind == path ? [path] : [path, behind]
        databases = names.map { FilePath($0) }
        paths = names.flatMap { name in Self.endings.map { FilePath(name + $0) } }
    }

    /// How others could have written the database, or can put another in its place: who could would have keys in it.
    ///
    /// All of its files are to belong to `owner`, and nobody else may read or write them. Their folders are to belong to
    /// that user or root, and others may not write there, unless the folder is sticky, as /tmp is.
    ///
    /// - Returns: of the files the first problem, and of the folders.
    package func problems(owner: UserID) -> [StoreError] {
        let files = paths.lazy.compactMap { problem(file: $0, owner) }
        let folders = databases.lazy.compactMap { problem(folderOf: $0, owner) }
        return [files.first, folders.first].compactMap { $0 }
    }

    /// Makes sure that there is none of ``problems(owner:)``, with this user as the owner.
    ///
    /// An operator sees what is open to readers in `doctor`, and root works on everybody's database.
    func check(for use: Store.Use) throws(StoreError) {
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

    /// Whether the file says that it isn't Bursar's, so that nobody is told to change its mode.
    ///
    /// https://www.sqlite.org/fileformat.html: the application's number is in the bytes from 68 on.
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

    /// The user that the database belongs to; nil when there is none.
    package var owner: UserID? { (try? databases.last?.stat())?.userID }

    /// Whether `path` is one of them, however it is spelled: by what it leads to, and where nothing is there yet, by
    /// its folder and name.
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
