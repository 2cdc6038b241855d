import Files
package import SystemPackage

/// The database's file and those beside it, which no other content may be written to.
package struct DatabaseFiles {
    private static let endings = ["", "-wal", "-shm", "-journal", ".server"]

    private let paths: [FilePath]

    /// Of the database at `path`, and of the file that links there lead to.
    package init(of path: String) {
        let behind = (try? AtomicFile.target(of: FilePath(path)))?.string ?? path
        paths = Set([path, behind]).flatMap { name in Self.endings.map { FilePath(name + $0) } }
    }

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
