import BursarFoundation
import SystemPackage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A file system of some megabytes for a PostgreSQL server's files, which a test fills: a real full disk.
///
/// Mounting one takes root.
package final class SmallDisk: Sendable {
    package static let canBeMounted = geteuid() == 0

    package let path = "/tmp/bursar-disk-" + String(UInt64.random(in: .min ... .max), radix: 36)

    /// Runs `body` with a disk, and takes it away; programs that still use it keep it until their end.
    package static func with<Result>(megabytes: Int, body: (SmallDisk) async throws -> Result) async throws -> Result {
        let disk = try await SmallDisk(megabytes: megabytes)
        do {
            let result = try await body(disk)
            try await disk.remove()
            return result
        } catch {
            try? await disk.remove()
            throw error
        }
    }

    private init(megabytes: Int) async throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        try await Self.run("mount -t tmpfs -o size=\(megabytes)m,mode=700 tmpfs \(path)")
        PostgresCluster.giveAway(path)
    }

    /// Takes all the room that is left.
    package func fill() async throws {
        // dd ends with an error once nothing more fits, which is intended.
        try await Self.run("dd if=/dev/zero of=\(path)/ballast bs=4k status=none 2>/dev/null || true")
    }

    package func makeRoom() throws {
        try FileManager.default.removeItem(atPath: path + "/ballast")
    }

    private func remove() async throws {
        try await Self.run("umount --lazy \(path) && rmdir \(path)")
    }

    private static func run(_ line: String) async throws {
        let outcome = try await Program("/bin/sh", environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"])
            .run(["-c", line])
        guard outcome.isSuccess else { throw PostgresCluster.StartError(reason: outcome.errors) }
    }
}
