import BursarFoundation
import BursarHTTP
import BursarModel
import TestSupport
import Testing

/// The machine's clock stepped under a running server, by libfaketime, which reads the time from a file.
@Suite(.enabled(if: SteppedClock.library != nil, "needs libfaketime"))
struct ClockTests {
    @Test func `a clock that is stepped forth and back neither stops vends nor hands out what has ended`() async throws
    {
        let world = try World()
        let key = try await world.onboardAda()
        let clock = try SteppedClock(world)
        try await world.serve(clock.settings(["BURSAR_ISSUER": "simulated"])) { server in
            let now = Date()
            for hours in [0, 5, -5, 30, 0] {
                try clock.step(hours: hours)
                let answer = try await world.get(server.url + "/credentials", key: key.text)
                #expect(answer.status == 200)
                let vended = try ProcessOutput(parsing: answer.body).credentials
                // An hour from the server's current time, and never past it.
                let left = vended.expiration.timeIntervalSince(now.addingTimeInterval(Double(hours) * 3600))
                #expect((1800...3700).contains(left), "\(hours) h: \(left) s left")
            }
        }
        #expect(try await world.number("SELECT count(*) FROM records WHERE kind = 'vend'") == 5)
        try await world.verifyChain()
    }

    @Test func `a key ends by the server's clock`() async throws {
        let world = try World()
        let key = try await world.onboardAda()
        let clock = try SteppedClock(world)
        try await world.serve(clock.settings(["BURSAR_ISSUER": "simulated"])) { server in
            #expect(try await world.refusal(server.url + "/credentials", key: key.text) == nil)
            try clock.step(hours: 91 * 24)
            #expect(try await world.refusal(server.url + "/credentials", key: key.text) == "key_expired")
        }
    }

    @Test(arguments: ["hang", "fail", "throttle", "rubbish", "expired"])
    func `credentials with some life left are served while STS is away, and none with little`(
        _ mode: String
    ) async throws {
        let world = try World()
        let key = try await world.onboardAda()
        let clock = try SteppedClock(world)
        try await world.withMisbehavingSTS { sts in
            try await world.serve(clock.settings(sts.settings)) { server in
                let url = server.url + "/credentials"
                #expect(try await world.refusal(url, key: key.text) == nil)
                try await sts.set(mode)
                // More than half of the hour is over, and 20 minutes are left.
                try clock.step(minutes: 40)
                #expect(try await world.refusal(url, key: key.text) == nil)
                #expect(try await sts.calls() > 1)
                // Less than five are.
                try clock.step(minutes: 56)
                #expect(try await world.refusal(url, key: key.text) == "aws_unavailable")
            }
        }
    }

    @Test func `an STS that refuses ends what it gave before`() async throws {
        let world = try World()
        let key = try await world.onboardAda()
        let clock = try SteppedClock(world)
        try await world.withMisbehavingSTS { sts in
            try await world.serve(clock.settings(sts.settings)) { server in
                #expect(try await world.refusal(server.url + "/credentials", key: key.text) == nil)
                try await sts.set("deny")
                try clock.step(minutes: 40)
                #expect(try await world.refusal(server.url + "/credentials", key: key.text) == "role_refused")
            }
        }
    }
}

/// A clock that the test sets.
struct SteppedClock {
    /// nil if Debian's package libfaketime isn't installed.
    static let library: String? = {
        let folder = "/usr/lib"
        let architectures = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return architectures.map { "\(folder)/\($0)/faketime/libfaketimeMT.so.1" }
            .first { FileManager.default.fileExists(atPath: $0) }
    }()

    private let file: String

    init(_ world: World, named name: String = "clock") throws {
        file = world.home + "/" + name
        try step(hours: 0)
    }

    /// The server's settings, with this clock.
    func settings(_ settings: [String: String]) -> [String: String] {
        let clock = [
            "LD_PRELOAD": Self.library ?? "", "FAKETIME_TIMESTAMP_FILE": file, "FAKETIME_NO_CACHE": "1",
            "DONT_FAKE_MONOTONIC": "1",
        ]
        return settings.merging(clock) { $1 }
    }

    func step(hours: Int = 0, minutes: Int = 0) throws {
        let offset = hours * 3600 + minutes * 60
        try Data("\(offset < 0 ? "" : "+")\(offset)".utf8).write(to: URL(filePath: file), options: .atomic)
    }
}
