import BursarFoundation
import TestSupport
import Testing

/// The record under load, whatever happens to the server: every credential that a client received is recorded, and the
/// chain holds.
///
/// `Scripts/soak` runs the same programs for longer.
@Suite struct UnderLoadTests {
    private let programs: String

    init() {
        programs = URL(filePath: Checkout.program("admin")).deletingLastPathComponent().path(percentEncoded: false)
    }

    private struct Kills: Decodable {
        let kills: Int
        let received: Int
        let recorded: Int
    }

    @Test func `a server killed again and again has a record of every credential that a client got`() async throws {
        let figures: Kills = try await World().load("kill", [programs, "3"])
        #expect(figures.kills == 3)
        #expect(figures.received >= 3)
        #expect(figures.recorded >= figures.received)
    }

    private struct Appends: Decodable {
        let issued: Int
        let received: Int
        let recorded: Int
    }

    @Test func `admin and the server append to one chain at the same time`() async throws {
        let figures: Appends = try await World().load("append", [programs, "100"])
        #expect(figures.issued == 100)
        #expect(figures.received > 100)
        #expect(figures.recorded == figures.received)
    }

    private struct Durable: Decodable {
        let vends: Int
        let durable: Int
    }

    @Test(.enabled(if: Strace.isThere, "needs strace"))
    func `between a vend's record and its answer there is an fdatasync that returned`() async throws {
        let figures: Durable = try await World().load("durable", [programs, "100"])
        #expect(figures.vends == 100)
        #expect(figures.durable == 100)
    }

    private struct Losses: Decodable {
        let acknowledged: Int
        let lost: Int
    }

    @Test func `the primary's end and its standby's promotion lose no vend that a client got`() async throws {
        let figures: Losses = try await World().load("promote", [programs, "1", "100"])
        #expect(figures.acknowledged >= 100)
        #expect(figures.lost == 0)
    }

    @Test func `servers on PostgreSQL vend again by themselves after each of eight faults, and have lost nothing`()
        async throws
    {
        let figures: Losses = try await World().load("faults", [programs, "1", "1"])
        #expect(figures.acknowledged >= 16 * 30)
        #expect(figures.lost == 0)
    }

    private struct Idle: Decodable {
        let skipped: String?
        let held: Int?
        let slowCutOff: Int?
        let vends: Int?
    }

    @Test func `two thousand idle connections and slow senders don't stop vends`() async throws {
        let figures: Idle = try await World().load("idle", [programs, "2000"])
        guard figures.skipped == nil else { return }
        #expect(figures.held == 2000)
        #expect(figures.slowCutOff == 20)
        #expect(try #require(figures.vends) > 0)
    }
}

enum Strace {
    static let isThere = FileManager.default.isExecutableFile(atPath: "/usr/bin/strace")
}
