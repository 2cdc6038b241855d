import BursarFoundation
import TestSupport
import Testing

/// The script that makes an instance a server, step by step, with a file in place of the disk.
@Suite struct FirstBootTests {
    private static let tools = ["/usr/sbin/mkfs.ext4", "/usr/sbin/blkid"]
    private static let areToolsThere = tools.allSatisfy { FileManager.default.fileExists(atPath: $0) }

    private let home: OperatorHome
    private let disk: String

    init() throws {
        home = try OperatorHome()
        disk = home.folder + "/disk"
    }

    private func step(
        _ name: String,
        sum: String = "",
        archive: String? = nil
    ) async throws -> Program.Outcome {
        let machine = try await shell("uname -m").output.split(separator: "\n").first ?? ""
        let url = archive ?? "https://127.0.0.1:1/bursar-1.0.0-linux-\(machine).tar.gz"
        let variables = """
            VOLUME_ID='vol-1'
            DISK='\(disk)'
            ARCHIVE='\(url)'
            SHA256='\(sum)'
            DOWNLOADS='\(home.folder)/downloads'
            TLS='no'
            """
        let file = try home.write(variables, to: "first-boot.env")
        let script = Checkout.root + "Packages/Deployment/Deployment/first-boot.sh"
        let path = "\(home.folder)/bin:\(Self.path)"
        return try await Program("/bin/sh", environment: ["PATH": path, "BURSAR_FIRST_BOOT": file])
            .run([script, name])
    }

    private static let path = "/usr/sbin:/usr/bin:/sbin:/bin"

    private func shell(_ line: String) async throws -> Program.Outcome {
        try await Program("/bin/sh", environment: ["PATH": Self.path]).run(["-c", "cd '\(home.folder)' && " + line])
    }

    private func uuid() async throws -> String { try await shell("blkid -p -s UUID -o value disk").output }

    @Test(.enabled(if: areToolsThere))
    func `a blank disk is formatted once, and kept from then on`() async throws {
        _ = try await shell("truncate -s 64M disk")
        let first = try await step("disk")
        try #require(first.isSuccess, "\(first.errors)")
        #expect(try await shell("blkid -p -s LABEL -o value disk").output == "bursar\n")
        let uuid = try await uuid()
        let again = try await step("disk")
        #expect(again.isSuccess && again.errors.contains("used as it is"))
        #expect(try await self.uuid() == uuid)
    }

    @Test(
        .enabled(if: areToolsThere),
        arguments: [
            "mkfs.ext4 -q disk", "mkfs.ext4 -q -L other disk", "mkswap -q disk",
            "printf x | dd of=disk bs=1 seek=1000000 conv=notrunc", "printf 'label: gpt\\n' | sfdisk -q disk",
            "printf 'label: dos\\n,,83\\n' | sfdisk -q disk",
        ]
    )
    func `a disk that holds anything else is never formatted`(_ making: String) async throws {
        let made = try await shell("truncate -s 64M disk && { \(making); } && sha256sum disk")
        try #require(made.isSuccess, "\(made.errors)")
        let outcome = try await step("disk")
        #expect(outcome.exitCode == 1 && outcome.errors.contains("holds something else"), "\(outcome.errors)")
        #expect(try await shell("sha256sum disk").output == made.output.split(separator: "\n").last.map { $0 + "\n" })
    }

    @Test(.enabled(if: areToolsThere))
    func `a disk that can't be read is never formatted`() async throws {
        // Reading a process's memory from its beginning is an input/output error.
        _ = try await shell("ln -s /proc/self/mem disk; mkdir bin; cp /bin/true bin/mkfs.ext4")
        let outcome = try await step("disk")
        #expect(outcome.exitCode == 1 && outcome.errors.contains("can't be read"), "\(outcome.errors)")
    }

    /// A `curl` that writes `text` to its --output, or fails.
    private func install(curlWriting text: String?) async throws {
        let writing =
            "while [ $# -gt 0 ]; do [ \"$1\" != --output ] || out=$2; shift; done; printf '%s' '\(text ?? "")' >\"$out\""
        _ = try home.write("#!/bin/sh\n\(text == nil ? "exit 22" : writing)\n", to: "bin/curl")
        _ = try await shell("chmod 755 bin/curl")
    }

    @Test func `an archive that isn't the released one is neither kept nor unpacked`() async throws {
        let sum = try await shell("printf released | sha256sum | cut -c -64").output.split(separator: "\n").map(
            String.init
        )
        let released = try #require(sum.first)
        try await install(curlWriting: "something else")
        let wrong = try await step("download", sum: released)
        #expect(wrong.exitCode == 1 && wrong.errors.contains("its checksum differs"), "\(wrong.errors)")
        #expect(try await shell("ls -A downloads").output == "")

        try await install(curlWriting: "released")
        #expect(try await step("download", sum: released).isSuccess)
        // What is there already and right isn't downloaded again.
        try await install(curlWriting: nil)
        #expect(try await step("download", sum: released).isSuccess)

        _ = try await shell("for file in downloads/*; do echo more >>\"$file\"; done")
        let changed = try await step("programs", sum: released)
        #expect(changed.exitCode == 1 && changed.errors.contains("is not what was released"), "\(changed.errors)")
        let away = try await step("download", sum: released)
        #expect(away.exitCode == 1 && away.errors.contains("can't be downloaded"), "\(away.errors)")
    }

    @Test func `an archive for another machine is refused before it is downloaded`() async throws {
        let outcome = try await step("download", sum: "0", archive: "https://127.0.0.1:1/bursar-1-linux-pdp11.tar.gz")
        #expect(outcome.exitCode == 1 && outcome.errors.contains("not for this machine"), "\(outcome.errors)")
    }

    @Test func `a step that doesn't exist is named`() async throws {
        let outcome = try await step("everything")
        #expect(outcome.exitCode == 1 && outcome.errors.contains("there is no step everything"))
    }
}
