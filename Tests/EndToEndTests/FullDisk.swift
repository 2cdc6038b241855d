import BursarFoundation
import BursarHTTP
import TestSupport
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A file system of a few megabytes that a test fills: a real full disk.
///
/// Mounting one takes root.
struct FullDisk {
    static let canBeMounted = geteuid() == 0

    private let world: World
    private let mountPoint: String

    init(world: World) async throws {
        self.world = world
        mountPoint = world.home + "/disk"
        try FileManager.default.createDirectory(atPath: mountPoint, withIntermediateDirectories: true)
    }

    /// Runs `body` with a copy of `database` on the disk, and with a closure that fills the disk.
    func holding(
        _ database: String,
        body: (_ copy: String, _ fill: () async throws -> Void) async throws -> Void
    ) async throws {
        try await succeeded(world.run("/bin/mount", ["-t", "tmpfs", "-o", "size=4m,mode=700", "tmpfs", mountPoint]))
        let copy = mountPoint + "/bursar.sqlite"
        do {
            try FileManager.default.copyItem(atPath: database, toPath: copy)
            try await body(copy) {
                // dd ends with an error once nothing more fits, which is intended.
                let ballast = ["if=/dev/zero", "of=\(mountPoint)/ballast", "bs=4k", "status=none"]
                _ = try await world.run("/bin/dd", ballast)
            }
        } catch {
            _ = try? await world.run("/bin/umount", [mountPoint])
            throw error
        }
        try await succeeded(world.run("/bin/umount", [mountPoint]))
    }
}
