import BursarFiles
import BursarFoundation
import SystemPackage

/// The program that a section of `~/.aws/config` runs, compared with the one that is running.
struct InstalledProgram {
    let path: FilePath

    enum State: Equatable {
        case missing
        case notExecutable
        /// Another file with other content.
        case other
        case same
    }

    /// Programs larger than that are not compared byte by byte.
    private static let limit = 256 << 20

    var state: State {
        guard path.isAbsolute, let stat = try? path.stat(), stat.type == .regular else { return .missing }
        guard FileManager.default.isExecutableFile(atPath: path.string) else { return .notExecutable }
        guard let running = try? ExecutablePath.current(calledAs: "", search: nil),
            let own = try? FilePath(running).stat()
        else { return .same }
        if own.deviceID == stat.deviceID, own.inode == stat.inode { return .same }
        guard own.size == stat.size, let left = try? FileContent.read(path, limit: Self.limit),
            let right = try? FileContent.read(FilePath(running), limit: Self.limit)
        else { return .other }
        return left == right ? .same : .other
    }
}
