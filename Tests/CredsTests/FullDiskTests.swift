import BursarFoundation
import SystemPackage
import TestSupport
import Testing

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// A home on a full file system of 256 KiB; mounting one takes root.
@Suite(.enabled(if: geteuid() == 0))
struct FullDiskTests {
    let home: Home

    init() throws {
        home = try Home()
    }

    @Test func `an install says so, and leaves the files as they were`() async throws {
        try await onDisk { disk, server in
            try disk.write("[default]\n", to: ".aws/config")
            try await fill(disk)
            let failed = try await disk.creds("install", "--url", server.url, input: Home.key)
            #expect(failed.exitCode == 1)
            #expect(failed.errors.contains(": no space left on device\ncreds: hint: make room on the disk"))
            #expect(disk.files == [".aws/config", "ballast"])
            #expect(disk.text(".aws/config") == "[default]\n")
        }
    }

    @Test func `a session is handed out all the same, and what was there stays`() async throws {
        try await onDisk { disk, server in
            _ = try await disk.creds("install", "--url", server.url, input: Home.key)
            try disk.writeDueSession()
            try await fill(disk)
            for _ in 0..<2 {
                let output = try await disk.creds("process")
                #expect(output.isSuccess && output.errors.isEmpty)
                #expect(output.output.contains("ASIAEXAMPLE"))
            }
            #expect(disk.unfinishedFiles.isEmpty)
            #expect(try disk.cacheFile().flatMap { disk.text($0) }?.contains("ASIADUE000000000000") == true)
        }
    }

    @Test func `an uninstall says so, and can be run again`() async throws {
        try await onDisk { disk, server in
            try disk.write("[default]\n", to: ".aws/config")
            _ = try await disk.creds("install", "--url", server.url, input: Home.key)
            let config = disk.text(".aws/config")
            try await fill(disk)
            let failed = try await disk.creds("uninstall", "--yes")
            #expect(failed.exitCode == 1)
            #expect(failed.errors.contains(": no space left on device\ncreds: hint: make room on the disk"))
            #expect(disk.text(".aws/config") == config)
            try FileManager.default.removeItem(atPath: disk.path.appending("ballast").string)
            #expect(try await disk.creds("uninstall", "--yes").isSuccess)
            #expect(disk.text(".aws/config") == "[default]\n")
        }
    }

    private func onDisk(_ body: (Home, FakeBursar) async throws -> Void) async throws {
        let disk = try Home()
        let options = ["-t", "tmpfs", "-o", "size=256k,mode=700", "tmpfs", disk.path.string]
        try #require(try await Program("/bin/mount").run(options).isSuccess)
        do {
            try await FakeBursar.run(.hour, home: home) { server in try await body(disk, server) }
        } catch {
            _ = try? await Program("/bin/umount").run([disk.path.string])
            throw error
        }
        #expect(try await Program("/bin/umount").run([disk.path.string]).isSuccess)
    }

    private func fill(_ disk: Home) async throws {
        // dd ends with an error once nothing more fits, which is intended.
        _ = try await Program("/bin/dd").run(["if=/dev/zero", "of=\(disk.path)/ballast", "bs=4k", "status=none"])
    }
}
