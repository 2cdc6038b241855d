package import SystemPackage

#if canImport(FoundationEssentials)
package import FoundationEssentials
#else
package import Foundation
#endif

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// What is left beside a file when the run that was to replace it was killed: private, but it holds what it was to hold.
package enum AbandonedFiles {
    /// Far longer than anybody takes to write a file of ours.
    private static let age: TimeInterval = 600

    /// Removes those of this user in `folder` that nobody can be at work on any longer at `date`.
    ///
    /// What can't be looked at or removed stays, for the next time.
    package static func remove(from folder: FilePath, at date: Date) {
        let folder = folder.isEmpty ? "." : folder
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.string)) ?? []
        for name in names where name.hasPrefix(TemporaryFile.prefix) {
            let path = folder.appending(name)
            guard let stat = try? path.stat(followTargetSymlink: false),
                stat.type == .regular, stat.userID == SystemCalls.effectiveUser,
                date.timeIntervalSince1970 - TimeInterval(stat.st_mtim.tv_sec) > age
            else { continue }
            try? SystemCalls.remove(path)
        }
    }
}
