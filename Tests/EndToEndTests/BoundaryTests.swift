import BursarFoundation
import TestSupport
import Testing

/// The allowed links and imports.
@Suite struct BoundaryTests {
    @Test func `creds links neither the database, nor argon2, nor curl, nor full Foundation`() async throws {
        let linked = try await succeeded(Program("/usr/bin/ldd").run([Checkout.program("creds")])).output
        #expect(linked.contains("libFoundationEssentials"))
        for library in ["libsqlite3", "libargon2", "libcurl", "libFoundation.so"] {
            #expect(!linked.contains(library), "\(library)")
        }
    }

    @Test(arguments: [
        ("Packages/Vending/Vending/Leak.swift", "package import GRDB"),
        ("Packages/Core/BursarFiles/Leak.swift", "@preconcurrency import struct NIOCore.ByteBuffer"),
        ("Apps/creds/Leak.swift", "import Foundation"),
        ("Packages/Vending/Vending/Leak.swift", "package import FoundationEssentials"),
        ("Apps/admin/Leak.swift", "import Hummingbird"),
        ("Apps/admin/Leak.swift", "let words = CommandLine.arguments"),
        ("Packages/Core/BursarFiles/Leak.swift", "let words = ProcessInfo.processInfo.arguments"),
        ("Apps/creds/Leak.swift", "let command = try Creds.parseAsRoot()"),
    ])
    func `an import across a boundary fails the check, and names file and line`(_ file: String, _ line: String)
        async throws
    {
        let world = try World()
        let path = world.home + "/" + file
        for folder in ["Packages", "Apps", "Tests"] {
            try FileManager.default.createDirectory(
                atPath: world.home + "/" + folder,
                withIntermediateDirectories: true
            )
        }
        let folder = URL(filePath: path).deletingLastPathComponent().path(percentEncoded: false)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try Data("import BursarModel\n\(line)\n".utf8).write(to: URL(filePath: path))
        let check = try await world.run(Checkout.root + "Scripts/check-imports", [world.home])
        #expect(check.exitCode == 1)
        #expect(check.output.contains("\(file):2: "))
    }

    @Test func `this checkout keeps its boundaries`() async throws {
        try await succeeded(Program(Checkout.root + "Scripts/check-imports").run([]))
    }
}
