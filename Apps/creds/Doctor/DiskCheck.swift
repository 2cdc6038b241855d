import BursarFiles
import BursarFoundation
import SystemPackage

/// Whether profiles and sessions can be written.
struct DiskCheck: DoctorCheck {
    /// What a disk has to have left: a session takes a few KiB.
    private static let least = 1 << 20

    func findings(_ subject: DoctorContext) -> [Finding] {
        let paths = subject.context.paths
        guard let config = try? paths.config().appending("bursar"), let cache = try? paths.cache().appending("bursar")
        else { return [.skipped(.disk, "where files go is not known without HOME")] }
        let found =
            look(at: cache, "sessions can't be kept, so each run asks the server", "XDG_CACHE_HOME")
            + look(at: config, "profiles can't be installed or changed", "XDG_CONFIG_HOME")
        return found.isEmpty ? [.ok(.disk, "there is room, and it can be written to")] : found
    }

    private func look(at folder: FilePath, _ consequence: String, _ variable: String) -> [Finding] {
        let place = Self.existing(folder)
        guard (try? place.stat().type) == .directory else {
            let advice = "\(place) is not a folder: \(consequence); \(variable) can name another place"
            return [.warning(.disk, advice, fix: "ls -ld \(Remedy.word(place.string))")]
        }
        guard FileManager.default.isWritableFile(atPath: place.string) else {
            let fix = "chmod u+w \(Remedy.word(place.string))"
            let advice = "\(place) can't be written to: \(consequence); \(variable) can name another place"
            return [.warning(.disk, advice, fix: fix)]
        }
        // Files that are there already are another check's.
        if place != folder, let fault = FolderTraits.try(place)?.fault(for: folder) {
            let advice = "\(fault): \(consequence); \(variable) can name another place"
            return [.warning(.disk, advice, fix: "df \(Remedy.word(place.string))")]
        }
        guard let free = Self.free(place), free < Self.least else { return [] }
        return [
            .warning(
                .disk,
                "the disk that holds \(place) is full: \(consequence)",
                fix: "df -h \(Remedy.word(place.string))"
            )
        ]
    }

    /// The folder, or the one that it would be made in.
    private static func existing(_ folder: FilePath) -> FilePath {
        var folder = folder
        while (try? folder.stat()) == nil, folder.lastComponent != nil { folder.removeLastComponent() }
        return folder
    }

    /// nil when the system doesn't say.
    private static func free(_ folder: FilePath) -> Int? {
        let facts = try? FileManager.default.attributesOfFileSystem(forPath: folder.string)
        return (facts?[.systemFreeSize] as? UInt64).map { Int(clamping: $0) } ?? facts?[.systemFreeSize] as? Int
    }
}
