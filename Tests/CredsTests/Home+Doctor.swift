import BursarFoundation
import SystemPackage
import TestSupport

@testable import creds

extension Home {
    /// An environment without problems; the AWS CLI is a one-line script.
    var wellEnvironment: [String: String] {
        [
            "AWS_PROFILE": "temp-bedrock", "AWS_DEFAULT_REGION": "us-east-1",
            "PATH": path.appending("bin").string + ":/usr/bin:/bin",
        ]
    }

    /// Writes an AWS CLI that only prints its version.
    func writeCLI(_ script: String = "echo aws-cli/2.31.0 Python/3.13 Linux/6") throws {
        try write("#!/bin/sh\n\(script)\n", to: "bin/aws", mode: 0o755)
    }

    /// The whole output, with `HOME`, `URL`, `CREDS` and `…` for the parts that differ from run to run.
    func doctor(_ arguments: String..., url: String = "http://none", environment: [String: String] = [:]) async throws
        -> Seen
    {
        let environment = self.environment.merging(wellEnvironment) { $1 }.merging(environment) { $1 }
        let outcome = try await Program(Checkout.program("creds"), environment: environment)
            .run(["doctor"] + arguments)
        let shown = outcome.output.replacing(path.string, with: "HOME").replacing(url, with: "URL")
            .replacing(Checkout.program("creds"), with: "CREDS")
            .replacing(/[0-9]+[dhms]( [0-9]+[hms])?( ago)?, 20[0-9T:-]+Z/, with: "…")
            .replacing(/20[0-9T:-]+Z/, with: "…")
            .replacing(/[0-9]+ ms/, with: "… ms")
        return Seen(exitCode: outcome.exitCode, output: shown, errors: outcome.errors)
    }

    struct Seen {
        let exitCode: Int?
        let output: String
        let errors: String
    }

    /// The findings other than ok.
    func findings(_ arguments: [String] = [], environment: [String: String] = [:]) async throws -> [DoctorFinding] {
        let environment = wellEnvironment.merging(environment) { $1 }
        let all = self.environment.merging(environment) { $1 }
        let outcome = try await Program(Checkout.program("creds"), environment: all)
            .run(["doctor", "--format", "json"] + arguments)
        let findings = try JSONDecoder().decode([DoctorFinding].self, from: Data(outcome.output.utf8))
        let hasProblem = findings.contains { $0.state == .problem }
        guard outcome.exitCode == (hasProblem ? 1 : 0), outcome.errors.isEmpty else { throw Unexpected() }
        return findings.filter { $0.state != .ok }
    }

    /// The exit code contradicts the findings.
    struct Unexpected: Error {}

    /// Replaces text in a file of this home.
    func edit(_ name: String, _ old: String, _ new: String) throws {
        try write((text(name) ?? "").replacing(old, with: new), to: name)
    }
}
