import FoundationEssentials
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
        archive: String? = nil,
        path: String = path
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
        let script = Checkout.root + "Apps/admin/AWS/UserData/first-boot.sh"
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
        let outcome = try await step("disk", path: "\(home.folder)/bin:" + Self.path)
        #expect(outcome.exitCode == 1 && outcome.errors.contains("can't be read"), "\(outcome.errors)")
    }

    @Test func `an archive that isn't the released one is never unpacked`() async throws {
        let archive = try await shell("uname -m").output.dropLast()
        let name = "downloads/bursar-1.0.0-linux-\(archive).tar.gz"
        _ = try home.write("something", to: name)
        let sum = try await shell("printf something | sha256sum | cut -c -64").output.dropLast()
        // What is there already and right isn't downloaded again.
        #expect(try await step("download", sum: String(sum)).isSuccess)
        _ = try home.write("something else", to: name)
        let wrong = try await step("programs", sum: String(sum))
        #expect(wrong.exitCode == 1 && wrong.errors.contains("is not what was released"), "\(wrong.errors)")
        let away = try await step("download", sum: String(sum))
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
