import SystemPackage

/// Which file a path led to when it was opened.
struct FileIdentity: Equatable {
    private let device: DeviceID
    private let inode: Inode

    /// The database at `path`, which nobody but its owner may write.
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
