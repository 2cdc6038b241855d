import BursarFoundation
import TestSupport
import Testing

/// The progress that `Scripts/setup.sh` shows while it installs and builds.
@Suite struct ProgressTests {
    private static let built = """
        Fetching https://example.com/a.git
        [1/3] Compiling A
        remark: kept
        [2/3] Compiling B
        [3/3] Linking C
        """
    private static let installed = """
        Get:1 http://deb.example.com bookworm/main amd64 liba 1.0 [12 kB]
        Preparing to unpack .../liba.deb ...
        Unpacking liba (1.0) ...
        Setting up liba (1.0) ...
        """

    @Test func `without a terminal a step is shown now and then, and all else is passed on`() async throws {
        let outcome = try await run("printf '%s\\n' \"$1\" | swift_progress building", Self.built)
        #expect(outcome.output == "remark: kept\n")
        #expect(outcome.errors.hasPrefix("building: Fetching https://example.com/a.git\n"))
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: "/usr/bin/script"), "Debian's package bsdutils has it"))
    func `on a terminal one line has each step`() async throws {
        let shell = ". Scripts/setup.sh; printf '%s\\n' \"$BUILT\" | swift_progress building >/dev/null"
        let command = ["-qec", "cd \(Checkout.root) && bash -c '\(shell.replacing("'", with: "'\\''"))'", "/dev/null"]
        let settings = ["BUILT": Self.built, "TERM": "xterm"]
        let outcome = try await Workplace().run("/usr/bin/script", command, settings)
        for step in ["[1/3] Compiling A", "[2/3] Compiling B", "[3/3] Linking C"] {
            #expect(outcome.output.contains("\r\u{1B}[Kbuilding: \(step)"))
        }
        #expect(!outcome.output.contains("\n"))
    }

    @Test func `packages are counted as they are fetched, unpacked and set up`() async throws {
        let outcome = try await run("printf '%s\\n' \"$1\" | package_steps 2", Self.installed)
        let lines = outcome.output.split(separator: "\n")
        let steps = lines.map { $0.split(separator: " ").prefix(2).joined(separator: " ") }
        #expect(steps == ["[1/2] Fetching", "[1/2] Unpacking", "[1/2] Setting"])
    }

    @Test func `the demo's packages are those that it runs`() async throws {
        let place = try Workplace()
        // A pip that is asked for nothing but what is named, and says what that was.
        let script = """
            . Scripts/setup.sh
            cd "$TMPDIR" && mkdir -p Scripts bin && cp "$1" Scripts/requirements.txt
            printf '#!/bin/sh\\nmkdir -p .venv/bin\\ncp bin/pip .venv/bin/pip\\n' > bin/python3
            printf '#!/bin/sh\\necho "$*" > asked\\n' > bin/pip
            chmod +x bin/*
            PATH="$PWD/bin:$PATH"
            need_python awscli boto3 moto && cat asked .venv/requirements.txt
            rm asked && need_python boto3 && ls asked
            need_python && cmp <(sort .venv/requirements.txt) <(sort Scripts/requirements.txt)
            """
        let list = Checkout.root + "Scripts/requirements.txt"
        let outcome = try await place.run("/bin/bash", ["-c", "cd \(Checkout.root)\n" + script, "bash", list])
        let lines = outcome.output.split(separator: "\n")
        let names = lines.dropFirst().map { $0.prefix { $0 != "=" && $0 != "[" } }
        #expect(names == ["awscli", "boto3", "moto"], "\(outcome.output)")
        #expect(lines.first?.contains("moto[server]==") == true && lines.first?.contains("schemathesis") == false)
        #expect(outcome.isSuccess, "\(outcome.errors)")
    }

    private func run(_ command: String, _ text: String) async throws -> Program.Outcome {
        let script = "cd \(Checkout.root) && . Scripts/setup.sh\n" + command
        return try await Workplace().run("/bin/bash", ["-c", script, "bash", text])
    }
}
