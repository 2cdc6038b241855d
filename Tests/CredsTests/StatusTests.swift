import BursarConsole
import BursarFoundation
import BursarHTTP
import BursarModel
import TestSupport
import Testing

@testable import creds

/// `creds status` and `creds refresh`, as values and as built.
struct StatusTests {
    private static let now = CachedSessionTests.now
    let home: Home

    init() throws {
        home = try Home()
    }

    @Test func `a session, its next refresh and the last error are one screen`() throws {
        let failure = LastFailure(UserFacingError("it broke", hint: "mend it"), at: Self.now + 60)
        let report = try Self.report(CachedSessionTests.session(life: 3600), failure, at: Self.now + 120)
        #expect(
            report.table.text(.plain) == """
                profile       temp-bedrock
                server        https://bursar.example.org
                region        us-east-1
                key id        ASIAEXAMPLE0000000001
                session ends  in 58m, 2027-01-15T09:00:00Z
                next refresh  at the first request after 2027-01-15T08:40:00Z (38m)
                last error    it broke
                hint          mend it
                happened      1m ago, 2027-01-15T08:01:00Z
                """
        )
    }

    @Test func `a session that has ended says so, and none says none`() throws {
        let ended = try Self.report(CachedSessionTests.session(life: 3600), nil, at: Self.now + 3661).table.facts
        #expect(ended.contains { $0 == ("session ended", "1m 1s ago, 2027-01-15T09:00:00Z") })
        #expect(ended.contains { $0 == ("next refresh", "at the next request") })
        let none = try Self.report(nil, nil, at: Self.now)
        #expect(none.table.facts.contains { $0 == ("session", "none yet") })
        #expect(
            try JSONText.line(none.fields)
                == #"{"profile":"temp-bedrock","region":"us-east-1","server":"https://bursar.example.org"}"#
        )
    }

    @Test(arguments: ["", "x", "2027-01-15T08:00:00Z", "yesterday\tit broke", "2027-01-15T08:00:00Z\ta\tb\tc"])
    func `a last error that isn't one is none`(line: String) {
        #expect(LastFailure(line: line) == nil)
    }

    @Test(arguments: [UserFacingError("it broke", hint: "mend it"), UserFacingError("it broke")])
    func `a last error is read as it was written`(problem: UserFacingError) {
        let failure = LastFailure(problem, at: Self.now)
        #expect(LastFailure(line: failure.line) == failure)
    }

    @Test func `status asks nobody, and refresh asks the server`() async throws {
        try await FakeBursar.run(.hour, .unavailable, .unavailable, .unavailable, .hour, home: home) { server in
            _ = try await server.install()
            #expect(try await status().session == nil)
            #expect(server.asked == 0)
            _ = try await home.creds("process")
            let first = try #require(try await status().session)
            #expect(first.accessKeyID == "ASIAEXAMPLE0000000001" && (3500...3600).contains(first.secondsLeft))

            let failed = try await home.creds("refresh")
            #expect(failed.exitCode == 1)
            #expect(failed.output.isEmpty)
            #expect(failed.errors.hasPrefix("creds: the session that is there stays in use; it ends in "))
            #expect(failed.errors.contains("creds: error: AWS can't be reached at the moment (aws_unavailable)\n"))
            #expect(try await status().session?.expiration == first.expiration)
            #expect(try await status().lastError?.problem.hasSuffix("(aws_unavailable)") == true)

            let refreshed = try await home.creds("refresh")
            #expect(refreshed.isSuccess && refreshed.errors.isEmpty)
            #expect(refreshed.output.contains("ASIAEXAMPLE0000000005"))
            #expect(try await home.creds("process").output.contains("ASIAEXAMPLE0000000005"))
            #expect(try await status().lastError == nil)
            #expect(server.asked == 5)
        }
    }

    @Test func `a refresh that the server refuses for cause ends the session`() async throws {
        try await FakeBursar.run(.hour, .revoked, home: home) { server in
            _ = try await server.install()
            _ = try await home.creds("process")
            let refused = try await home.creds("refresh")
            #expect(refused.exitCode == 1)
            #expect(refused.errors.hasPrefix("creds: error: this key was revoked (key_revoked)\n"))
            #expect(try await status().session == nil)
        }
    }

    @Test(arguments: ["status", "refresh"])
    func `a profile that isn't installed is refused`(command: String) async throws {
        let refused = try await home.creds(command)
        #expect(refused.exitCode == 1)
        #expect(refused.errors.hasPrefix("creds: error: profile temp-bedrock is not installed\n"))
    }

    private func status() async throws -> StatusReport.Fields {
        let output = try await home.creds("status", "--format", "json").output
        return try JSONDecoder().decode(StatusReport.Fields.self, from: Data(output.utf8))
    }

    private static func report(_ session: CachedSession?, _ failure: LastFailure?, at date: Date) throws -> StatusReport
    {
        StatusReport(
            name: .standard,
            server: try ServerURL(parsing: "https://bursar.example.org"),
            region: "us-east-1",
            session: session,
            lastFailure: failure,
            at: date
        )
    }
}
