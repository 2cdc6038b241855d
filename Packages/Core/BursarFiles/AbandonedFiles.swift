package import BursarFoundation
package import SystemPackage

/// What is left beside a file when the run that was to write it was killed: private, but it holds what it was to hold.
package enum AbandonedFiles {
    /// Far longer than a file of ours takes that doesn't say who writes it.
    private static let age: TimeInterval = 600
    /// The same, of one that another machine writes to a folder that both share: a copy of a database takes its time.
    private static let ageElsewhere: TimeInterval = 86_400

    /// Removes those of this user in `folder` that are nobody's work any longer at `date`.
    ///
    /// What can't be looked at or removed stays, for the next time.
    package static func remove(from folder: FilePath, at date: Date) {
        for path in find(in: folder, at: date) { try? SystemCalls.remove(path) }
    }

    /// Those of this user in `folder` that are nobody's work any longer at `date`.
    package static func find(in folder: FilePath, at date: Date) -> [FilePath] {
        let folder = folder.isEmpty ? "." : folder
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.string)) ?? []
        return names.filter { $0.hasPrefix(TemporaryFile.prefix) }.sorted().map { folder.appending($0) }
            .filter { isAbandoned($0, at: date) }
    }

    private static func isAbandoned(_ path: FilePath, at date: Date) -> Bool {
        guard let name = path.lastComponent?.string, let stat = try? path.stat(followTargetSymlink: false),
            stat.type == .regular, stat.userID == SystemCalls.effectiveUser
        else { return false }
        let left = date.timeIntervalSince1970 - TimeInterval(SystemCalls.modified(stat))
        guard let writer = ProcessMark(at: name.dropFirst(TemporaryFile.prefix.count)) else { return left > age }
        return writer.isAlive.map { !$0 } ?? (left > ageElsewhere)
    }
}
