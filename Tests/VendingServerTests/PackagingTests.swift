import BursarCore
import FoundationEssentials
import ServerSettings
import TestSupport
import Testing

@testable import vending_server

/// What is handed out beside the programs.
@Suite struct PackagingTests {
    private static let hasSystemd = FileManager.default.fileExists(atPath: "/usr/bin/systemd-analyze")
    private static let folder = Checkout.root + "Packaging/systemd/"

    private static func text(_ path: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(filePath: path)), as: UTF8.self)
    }

    @Test(.enabled(if: hasSystemd, "Debian's package systemd has systemd-analyze"))
    func `systemd takes the unit without a complaint, and finds it closed`() async throws {
        let real = try RealServer()
        defer { real.remove() }
        let unit = try Self.text(Self.folder + "bursar.service")
            .replacing("/usr/local/bin/vending-server", with: Checkout.program("vending-server"))
        let path = try real.write(unit, to: "bursar.service", mode: 0o644)
        let verified = try await real.run("/usr/bin/systemd-analyze", ["verify", path])
        #expect(verified.isSuccess)
        #expect(!verified.errors.contains("bursar.service"), "\(verified.errors)")
        let options = ["security", "--offline=yes", "--no-pager", "--threshold=15", path]
        let exposure = try await real.run("/usr/bin/systemd-analyze", options)
        #expect(exposure.isSuccess, "\(exposure.output.suffix(200))")
    }

    @Test func `the example of a settings file is one that the server takes`() throws {
        let path = Self.folder + "config.yaml"
        let file = try SettingsFile(Array(try Self.text(path).utf8), path: path)
        let settings = try Settings(environment: [:], file: file)
        #expect(settings.database == "/var/lib/bursar/bursar.sqlite")
        let all = try Self.text(path).replacing("# ", with: "").split(separator: "\n")
            .drop { !$0.hasPrefix("database") }.filter { !$0.hasPrefix("TLS, so") }
        let opened = try SettingsFile(Array(all.joined(separator: "\n").utf8), path: path)
        #expect(try Settings(environment: [:], file: opened).tls != nil)
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
