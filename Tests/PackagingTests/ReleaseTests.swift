import BursarFoundation
import TestSupport
import Testing

extension HandedOut {
    /// `Scripts/release`, with programs that are built already.
    @Suite struct ReleaseTests {
        @Test func `the archive has the programs and what goes with them, of nobody and of the commit's time`()
            async throws
        {
            let release = try Release.shared()
            let archive = release.output + "/" + release.archive
            let listed = try await succeeded(release.workplace.run("tar", ["-tvzf", archive, "--utc"])).output
            let lines = listed.split(separator: "\n")
            #expect(lines.allSatisfy { $0.contains(" 0/0 ") && $0.contains(" 2026-09-21 ") })
            let names = lines.compactMap { $0.split(separator: " ").last.map(String.init) }
            let root = String(release.archive.dropLast(".tar.gz".count))
            #expect(names.first == root + "/")
            for name in [
                "bin/admin", "bin/creds", "bin/vending-server", "install", "VERSION", "sbom.cdx.json",
                "nginx/bursar.conf",
                "THIRD-PARTY-NOTICES.txt", "systemd/bursar.service", "systemd/bursar-backup.timer",
                "systemd/config.yaml",
                "share/bash-completion/completions/creds", "share/zsh/site-functions/_admin",
                "share/fish/vendor_completions.d/vending-server.fish",
            ] {
                #expect(names.contains("\(root)/\(name)"), "\(name)")
            }
            let programs = lines.filter { $0.contains("/bin/") && !$0.hasSuffix("/") }
            #expect(programs.allSatisfy { $0.hasPrefix("-rwxr-xr-x") })
        }

        @Test func `researchers get an archive of creds alone, with what goes with it`() async throws {
            let release = try Release.shared()
            let archive = release.output + "/" + release.credsArchive
            let listed = try await succeeded(release.workplace.run("tar", ["-tzf", archive])).output
            let root = release.credsArchive.dropLast(".tar.gz".count)
            let files = listed.split(separator: "\n").filter { !$0.hasSuffix("/") }.map { $0.dropFirst(root.count + 1) }
            #expect(
                Set(files) == [
                    "bin/creds", "install", "VERSION", "REQUIRES", "sbom.cdx.json", "THIRD-PARTY-NOTICES.txt",
                    "share/bash-completion/completions/creds", "share/zsh/site-functions/_creds",
                    "share/fish/vendor_completions.d/creds.fish",
                ]
            )
            let sums = try String(contentsOfFile: release.output + "/SHA256SUMS", encoding: .utf8)
            #expect(sums.contains("  \(release.credsArchive)\n"))
        }

        @Test func `what lacks for a release is an error of one line`() async throws {
            let place = try Workplace()
            try succeeded(await place.run("cp", ["-r", Checkout.root + "Scripts", place.folder + "/Scripts"]))
            let sbom = try await place.run("/bin/sh", ["-c", "cd \"$0\" && Scripts/sbom 0.1.0 0", place.folder])
            #expect(sbom.exitCode == 1)
            #expect(
                sbom.errors == """
                    error: no packages are resolved here, so what is inside can't be told
                    hint: swift package resolve

                    """
            )
            let release = try Release.shared()
            let arguments = ["0.1.0", "--output", place.folder + "/out", "--binaries", release.programs]
            let manual = try await place.run(place.folder + "/Scripts/release", arguments, ["SOURCE_DATE_EPOCH": "0"])
            #expect(manual.exitCode == 1)
            #expect(manual.errors.contains("hint: swift package resolve, or --without-manual"), "\(manual.errors)")
        }

        @Test func `the same programs give the same archive, byte for byte`() async throws {
            let release = try Release.shared()
            let again = release.workplace.folder + "/again"
            // What lies there from before is not released with it.
            try FileManager.default.createDirectory(atPath: again, withIntermediateDirectories: true)
            for name in ["bursar-0.0.9-linux-x86_64.tar.gz", "bursar-planted.cdx.json"] {
                try Data("old".utf8).write(to: URL(filePath: again + "/" + name))
            }
            try succeeded(await Release.make(in: release.workplace, output: again, []))
            let sums = try String(contentsOfFile: again + "/SHA256SUMS", encoding: .utf8)
            #expect(try String(contentsOfFile: release.output + "/SHA256SUMS", encoding: .utf8) == sums)
            #expect(!FileManager.default.fileExists(atPath: again + "/SHA256SUMS.sig"))
        }

        @Test func `the list of parts is CycloneDX, and has every package at its version`() async throws {
            let release = try Release.shared()
            let parts = release.output + "/" + release.archive.replacing(".tar.gz", with: ".cdx.json")
            let script = """
                import sys
                from cyclonedx.schema import SchemaVersion
                from cyclonedx.validation.json import JsonStrictValidator
                sys.exit(str(JsonStrictValidator(SchemaVersion.V1_6).validate_str(open(sys.argv[1]).read()) or "") or 0)
                """
            try succeeded(await release.workplace.run(Checkout.peer("python"), ["-c", script, parts]))
            let listed = try JSONDecoder().decode(Parts.self, from: Data(contentsOf: URL(filePath: parts)))
            let resolved = try JSONDecoder().decode(Pins.self, from: Data(try text("Package.resolved").utf8))
            for pin in resolved.pins {
                let found = listed.components.first {
                    $0.purl.lowercased().hasSuffix("/\(pin.identity)@\(pin.state.version)")
                }
                #expect(found?.licenses != nil, "\(pin.identity)")
            }
            for name in ["libargon2-1", "libexpat1", "libpq5", "libsqlite3-0", "libcurl4", "zlib1g", "swift-runtime"] {
                #expect(listed.components.contains { $0.name == name }, "\(name)")
            }
        }

        @Test func `every package's licence is in the notices`() async throws {
            let release = try Release.shared()
            let name = String(release.archive.dropLast(".tar.gz".count)) + "/THIRD-PARTY-NOTICES.txt"
            let archive = release.output + "/" + release.archive
            let notices = try await succeeded(release.workplace.run("tar", ["-xzOf", archive, name])).output
            for package in ["GRDB.swift", "swift-nio", "swift-crypto", "Yams", "swift-runtime"] {
                #expect(notices.contains("==== \(package)/LICENSE"), "\(package)")
            }
        }

        @Test(arguments: [["0.2.0"], ["latest"], [], ["0.1.0", "0.2.0"], ["0.1.0", "--output"]])
        func `a version that the programs don't have is refused`(_ arguments: [String]) async throws {
            let release = try Release.shared()
            let more = ["--binaries", release.programs, "--without-manual"]
            let place = try Workplace()
            let given =
                more + (arguments.last == "--output" ? arguments : ["--output", place.folder + "/out"] + arguments)
            let outcome = try await place.run(Checkout.root + "Scripts/release", given)
            #expect(outcome.exitCode == (arguments == ["0.2.0"] ? 1 : 64))
            #expect(
                outcome.errors.contains(arguments == ["0.2.0"] ? "says that it is 0.1.0" : "usage: Scripts/release")
            )
        }

        private struct Parts: Decodable {
            struct Component: Decodable {
                struct Choice: Decodable {}
                let name: String
                let purl: String
                let licenses: [Choice]?
            }
            let components: [Component]
        }

        private struct Pins: Decodable {
            struct Pin: Decodable {
                struct State: Decodable { let version: String }
                let identity: String
                let state: State
            }
            let pins: [Pin]
        }
    }
}
