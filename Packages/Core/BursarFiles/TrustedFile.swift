package import SystemPackage

/// Files that a program takes orders from: only root or this user may own them, and only the owner may write.
package enum TrustedFile {
    /// The bytes of such a file; with `isSecret`, one that others may read is refused too, a group of readers is not.
    package static func read(
        _ path: FilePath,
        limit: Int,
        isSecret: Bool = false
    ) throws(FileError) -> [UInt8] {
        try FileContent.read(path, limit: limit) { (stat) throws(FileError) in
            let isOurs = stat.userID == SystemCalls.effectiveUser || stat.userID == UserID(rawValue: 0)
            guard isOurs else { throw FileError(path, .foreignOwner) }
            guard stat.permissions.isDisjoint(with: [.groupWrite, .otherWrite]) else {
                throw FileError(path, .writableByOthers)
            }
            guard !isSecret || !stat.permissions.contains(.otherRead) else { throw FileError(path, .openToOthers) }
        }
    }
}
