import BursarFoundation
import BursarHTTP
import BursarModel
import TestSupport
import Testing

/// Servers whose clocks differ from each other and from the database's, which alone dates the records.
@Suite(.enabled(if: SteppedClock.library != nil, "needs libfaketime"))
struct PostgresClockTests {
    private func records(_ sql: String, _ cluster: PostgresCluster, _ home: PostgresHome) async throws
        -> String
    {
        try await cluster.sql("SELECT \(sql) FROM bursar.records WHERE kind = 'vend'", database: home.database)
    }

    /// An hour apart, and further apart than a day is long.
    @Test(arguments: [1, 30])
    func `servers whose clocks are hours apart keep one quota a day and one order of vends`(_ hours: Int) async throws {
        let cluster = try await PostgresCluster.start()
        let home = try await PostgresHome(on: cluster)
        let (world, limit) = (home.world, 12)
        let key = try await home.issueKey("--daily-limit \(limit)")
        let offsets = [-hours, 0, hours]
        let clocks = try offsets.map { try SteppedClock(world, named: "clock \($0)") }
        let settings = clocks.map { $0.settings(home.unlimitedSettings) }
        let day = "SELECT (clock_timestamp() AT TIME ZONE 'UTC')::date"
        let before = try await cluster.sql(day)
        try await world.serve(settings[0]) { behind in
            try await world.serve(settings[1]) { right in
                try await world.serve(settings[2]) { ahead in
                    for (clock, offset) in zip(clocks, offsets) { try clock.step(hours: offset) }
                    let urls = [behind, right, ahead].map { $0.url + "/credentials" }
                    var codes: [String?] = []
                    for turn in 0..<30 { codes.append(try await world.refusal(urls[turn % 3], key: key.text)) }
                    // Past midnight there would be a new quota.
                    guard try await cluster.sql(day) == before else { return }
                    #expect(codes.prefix(limit).allSatisfy { $0 == nil }, "\(codes)")
                    #expect(codes.dropFirst(limit).allSatisfy { $0 == "quota_exhausted" }, "\(codes)")
                    #expect(try await records("count(*)", cluster, home) == "\(limit)")
                }
            }
        }
        let differences =
            "count(*) FILTER (WHERE abs(occurred_at / 1000 - extract(epoch FROM clock_timestamp())) > 600)"
        #expect(try await records(differences, cluster, home) == "0", "the database's clock dates every vend")
        // Refusals are dated when they occur and written later.
        let order = """
            SELECT count(*) FROM (
                SELECT occurred_at < lag(occurred_at) OVER (ORDER BY sequence) AS goes_back FROM bursar.records
                WHERE kind = 'vend'
            ) AS pairs WHERE goes_back
            """
        #expect(try await cluster.sql(order, database: home.database) == "0")
        try await succeeded(home.admin("audit verify"))
    }
}
