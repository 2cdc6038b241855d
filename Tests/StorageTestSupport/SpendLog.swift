import BursarFoundation
import BursarModel
package import Spend
package import Storage

/// Records of calls for tests of what they cost.
package enum SpendLog {
    package static let role = VendedRole(account: "123456789012", name: "bursar-bedrock")
    package static let sonnet = "anthropic.claude-sonnet-4-6"

    /// A call of a session of the role, `hours` after the tests' date.
    package static func call(
        _ number: Int,
        session: String = "ada",
        role: String = "bursar-bedrock",
        hours: Double = 0,
        model: String = sonnet,
        region: String = "us-east-1",
        tokens: TokenCounts = TokenCounts(input: 1000, output: 100)
    ) -> LoggedCall {
        LoggedCall(
            time: TemporaryStore.now.milliseconds + Int64(hours * 3_600_000),
            account: "123456789012",
            region: region,
            requestID: "request-\(number)",
            operation: "Converse",
            modelID: model,
            caller: "arn:aws:sts::123456789012:assumed-role/\(role)/\(session)",
            tokens: tokens
        )
    }

    package static func batch(_ calls: [LoggedCall]) -> SpendBatch {
        var batch = SpendBatch()
        for call in calls { batch.add(.call(call), UnsafeRawBufferPointer(start: nil, count: 0), at: "") }
        return batch
    }

    package static func batch(quarantined lines: [String]) -> SpendBatch {
        var batch = SpendBatch()
        for (number, line) in lines.enumerated() {
            Array(line.utf8).withUnsafeBytes { bytes in
                batch.add(.quarantined(.notJSON), bytes, at: "calls.jsonl, line \(number + 1)")
            }
        }
        return batch
    }
}

extension Store {
    /// An ingest whose date is `days` after the tests'.
    package func ingest(months: Int = SpendIngest.usualMonths, days: Double = 1) -> SpendIngest {
        let date = TemporaryStore.now.addingTimeInterval(days * 86_400)
        return SpendIngest(database, roles: [SpendLog.role], months: months) { date }
    }

    @discardableResult
    package func ingest(_ calls: [LoggedCall]) throws -> SpendTally {
        try ingest().add(SpendLog.batch(calls))
    }

    /// The report over a year around the tests' date, as lines of name, calls and money at the high end.
    package func spendLines(_ grouping: SpendGrouping, _ change: (inout SpendScope) -> Void = { _ in }) throws
        -> [String]
    {
        let day = UTCDay(containing: TemporaryStore.now).number
        var scope = SpendScope(UTCDay(number: day - 180)...UTCDay(number: day + 180))
        change(&scope)
        return try spend.report(scope, by: grouping).rows.filter { $0.calls > 0 }
            .map { "\($0.name) \($0.calls) \($0.high)" }
    }
}
