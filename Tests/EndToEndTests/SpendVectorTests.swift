import BursarFoundation
import BursarModel
import Spend
import TestSupport
import Testing

/// The vectors' calls and prices through the built `admin`, on both engines, to the last digit.
@Suite struct SpendVectorTests {
    private static let vectors = Checkout.root + "Tests/SpendTests/Vectors/"
    private static let profile =
        "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abcd1234efgh"

    private struct Expected: Decodable {
        let ignored: Int
        let quarantined: Int
        let duplicates: Int
        let calls: Int
        let low: [String: String]
        let high: [String: String]
        let afterTheProfileIsKnown: After

        struct After: Decodable {
            let low: [String: String]
            let high: [String: String]
        }
    }

    private struct Tally: Decodable {
        let records, calls, duplicates, ignored, quarantined, tooOld: Int
    }

    private struct Tokens: Decodable, Equatable {
        var input = 0
        var output = 0
        var cacheRead = 0
        var cacheWrite = 0
    }

    private struct Report: Decodable {
        struct Row: Decodable {
            let researcher: String?
            let calls: Int
            let tokens: Tokens
            let low: String
            let high: String
        }

        struct Unpriced: Decodable {
            let model: String
            let calls: Int
            let tokens: Tokens
        }

        let from: String
        let until: String
        let by: String
        let rows: [Row]
        let totals: Row
        let unpriced: [Unpriced]
        let quarantined: Int
        let ignored: Int
        let duplicates: Int
        let dataAge: Int?
    }

    private static func decoded<Value: Decodable>(_ text: String) throws -> Value {
        try JSONDecoder().decode(Value.self, from: Data(text.utf8))
    }

    /// Checks one engine; `admin` runs the program with words.
    private static func check(_ admin: ([String]) async throws -> Program.Outcome) async throws {
        func output(_ words: String...) async throws -> String { try await succeeded(admin(words)).output }
        let expected: Expected = try decoded(try String(contentsOfFile: vectors + "expected.json", encoding: .utf8))
        for handle in ["ada", "ben"] {
            _ = try await output(
                "researchers",
                "add",
                handle,
                "--name",
                handle,
                "--email",
                "\(handle)@example.edu",
                "--project",
                "engines"
            )
        }
        _ = try await output(
            "spend",
            "prices",
            "update",
            "--yes",
            "--file",
            vectors + "offer-AmazonBedrock.json",
            vectors + "offer-AmazonBedrockFoundationModels.json"
        )
        _ = try await output("spend", "prices", "alias", "amazon.titan-embed-text-v2:0", "Titan Text Embeddings V2")
        let role = "arn:aws:iam::123456789012:role/bursar-bedrock"
        func imported() async throws -> Tally {
            try decoded(
                try await output("spend", "import", vectors + "records.jsonl", "--role", role, "--format", "json")
            )
        }
        let first = try await imported()
        #expect((first.records, first.calls, first.duplicates) == (16, expected.calls, expected.duplicates))
        #expect((first.ignored, first.quarantined, first.tooOld) == (expected.ignored, expected.quarantined, 0))
        func report() async throws -> Report {
            try decoded(
                try await output(
                    "spend",
                    "report",
                    "--since",
                    "2026-11-01",
                    "--until",
                    "2026-11-30",
                    "--format",
                    "json"
                )
            )
        }
        let before = try await report()
        #expect((before.from, before.until, before.by) == ("2026-11-01", "2026-11-30", "researcher"))
        #expect((before.quarantined, before.ignored, before.duplicates) == (2, 1, 1))
        #expect(before.totals.calls == 12 && before.dataAge != nil)
        #expect(before.unpriced.map(\.model) == [profile] && before.unpriced.map(\.calls) == [1])
        #expect(before.unpriced.map(\.tokens) == [Tokens(input: 3, output: 142, cacheWrite: 28_857)])
        #expect(try sums(before, \.low) == expected.low && sums(before, \.high) == expected.high)
        _ = try await output("spend", "prices", "alias", profile, "us.anthropic.claude-sonnet-4-6")
        let after = try await report()
        #expect(after.unpriced.isEmpty)
        #expect(try sums(after, \.low) == expected.afterTheProfileIsKnown.low)
        #expect(try sums(after, \.high) == expected.afterTheProfileIsKnown.high)
        let second = try await imported()
        #expect((second.calls, second.duplicates, second.quarantined) == (0, 13, 0))
        #expect(try sums(try await report(), \.high) == expected.afterTheProfileIsKnown.high)
        _ = try await output("database", "check")
    }

    /// The money of each researcher, and of all other rows together.
    private static func sums(_ report: Report, _ money: KeyPath<Report.Row, String>) throws -> [String: String] {
        var sums: [String: USD] = [:]
        for row in report.rows {
            let name = try #require(row.researcher)
            let amount = try #require(USD(row[keyPath: money]))
            sums[name.hasPrefix("(") ? "(unattributed)" : name, default: .zero] += amount
        }
        return sums.mapValues(\.description)
    }

    @Test func `in a file`() async throws {
        let world = try World()
        try await succeeded(world.admin("database init"))
        try await Self.check { try await world.run(Checkout.program("admin"), $0) }
    }

    @Test func `on PostgreSQL`() async throws {
        let home = try await PostgresHome()
        try await succeeded(home.admin("database init", as: PostgresCluster.superuser))
        try await Self.check { words in
            try await home.world.run(
                Checkout.program("admin"),
                words,
                ["BURSAR_DATABASE": home.address("bursar_admin")]
            )
        }
    }
}
