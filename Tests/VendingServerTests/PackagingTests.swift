import BursarFoundation
import BursarModel
import ServerSettings
import TestSupport
import Testing
import Vending

@testable import vending_server

/// The files that are shipped with the programs.
@Suite struct PackagingTests {
    private static let hasSystemd = FileManager.default.fileExists(atPath: "/usr/bin/systemd-analyze")
    private static let folder = Checkout.root + "Packaging/systemd/"

    private static func text(_ path: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
    }

    /// Active units, with the exposure that `systemd-analyze security` may find, in tenths.
    @Test(
        .enabled(if: hasSystemd, "Debian's package systemd has systemd-analyze"),
        arguments: [("bursar", 15), ("bursar-backup", 10), ("bursar-doctor", 15)]
    )
    func `systemd takes the unit without a complaint, and finds it closed`(_ name: String, _ limit: Int) async throws {
        let real = try RealServer()
        let unit = try Self.text(Self.folder + "\(name).service").replacing(
            "/usr/local/bin/",
            with: Checkout.program("")
        )
        let path = try real.write(unit, to: "\(name).service", mode: 0o644)
        let verified = try await real.run("/usr/bin/systemd-analyze", ["verify", path])
        #expect(verified.isSuccess)
        #expect(!verified.errors.contains(name), "\(verified.errors)")
        let options = ["security", "--offline=yes", "--no-pager", "--threshold=\(limit)", path]
        let exposure = try await real.run("/usr/bin/systemd-analyze", options)
        #expect(exposure.isSuccess, "\(exposure.output.suffix(200))")
    }

    @Test(
        .enabled(if: hasSystemd, "Debian's package systemd has systemd-analyze"),
        arguments: ["bursar-backup", "bursar-doctor"]
    )
    func `systemd takes the timer, which starts the service of its name`(_ name: String) async throws {
        let real = try RealServer()
        for kind in ["service", "timer"] {
            let unit = try Self.text(Self.folder + "\(name).\(kind)")
            let placed = unit.replacing("/usr/local/bin/", with: Checkout.program(""))
            try real.write(placed, to: "\(name).\(kind)", mode: 0o644)
        }
        let verified = try await real.run("/usr/bin/systemd-analyze", ["verify", real.folder + "/\(name).timer"])
        #expect(verified.isSuccess)
        #expect(!verified.errors.contains(name), "\(verified.errors)")
    }

    @Test func `the backup's command makes a backup, each time under a name of its own`() async throws {
        let real = try RealServer()
        let unit = try Self.text(Self.folder + "bursar-backup.service")
        let lines = unit.split(separator: "\n").filter { $0.hasPrefix("ExecStart=") }
        let backups = real.folder + "/backups"
        try FileManager.default.createDirectory(atPath: backups, withIntermediateDirectories: false)
        for line in lines {
            // systemd's own escape: a doubled % is one.
            let command = line.dropFirst("ExecStart=".count).replacing("%%", with: "%")
                .replacing("/usr/local/bin/", with: Checkout.program(""))
                .replacing("/var/backups/bursar", with: backups)
            let outcome = try await real.run("/bin/sh", ["-c", String(command)])
            #expect(outcome.isSuccess, "\(outcome.errors)")
        }
        let made = try FileManager.default.contentsOfDirectory(atPath: backups).filter { $0.hasSuffix(".sqlite") }
        #expect(made.count == 1)
        #expect(made.allSatisfy { $0.hasPrefix("20") && $0.count == "2026-11-21T0200Z.sqlite".count }, "\(made)")
    }

    @Test func `the example of a settings file is one that the server takes`() throws {
        let path = Self.folder + "config.yaml"
        let file = try SettingsFile(Array(try Self.text(path).utf8), path: path)
        let settings = try Settings(environment: [:], file: file)
        #expect(settings.database.name == "/var/lib/bursar/bursar.sqlite")
        let all = try Self.text(path).replacing("# ", with: "").split(separator: "\n")
            .drop { !$0.hasPrefix("database") }.filter { !$0.hasPrefix("TLS, so") && !$0.hasPrefix("For the page") }
        let opened = try SettingsFile(Array(all.joined(separator: "\n").utf8), path: path)
        let whole = try Settings(environment: [:], file: opened)
        #expect(whole.tls != nil && whole.contact?.kind == .email && whole.keys.publicURL != nil)
    }

    @Test func `the settings that the page on several servers shows are ones that a server takes`() throws {
        let block = try #require(try Page("Docs/running/several-servers.md").blocks.first { $0.language == "yaml" })
        let file = try SettingsFile(Array(block.lines.joined(separator: "\n").utf8), path: "config.yaml")
        let settings = try Settings(environment: [:], file: file)
        #expect(settings.database.name == "postgres://server1@db.example.edu:5432/bursar")
        #expect(settings.tls != nil && settings.clients.trusted != nil)
    }

    @Test func `the operator's pages have every setting, in the words of the help`() throws {
        let page = try Self.text(Checkout.root + "Docs/running.md")
        for setting in Setting.allCases {
            let row = "| `\(setting.environmentName)` | `\(setting.rawValue)` | \(setting.summary) |"
            #expect(page.contains(row), "\(row)")
        }
    }

    @Test func `every metric is in the operator's pages`() throws {
        let page = try Self.text(Checkout.root + "Docs/running.md")
        for metric in ServerMetrics.definitions {
            #expect(page.contains("| `\(metric.name)` | \(metric.kind.rawValue) | \(metric.help) |"), "\(metric.name)")
        }
    }
}
