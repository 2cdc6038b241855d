import BursarFoundation
import TestSupport
import Testing

/// A row of the record in the database.
struct Recorded: Decodable, Equatable {
    let kind: String
    var address: String?
    var reason: String?
    var detail: String?
}

extension World {
    private static let reading = """
        import json, sqlite3, sys
        records = sqlite3.connect(sys.argv[1], timeout=600)
        records.row_factory = sqlite3.Row
        rows = records.execute("SELECT kind, address, reason, detail FROM records ORDER BY sequence")
        print(json.dumps([{k: row[k] for k in row.keys() if row[k] is not None} for row in rows]))
        """

    /// The record so far, in order; only `kind` if it is given.
    func records(_ kind: String? = nil) async throws -> [Recorded] {
        let outcome = try await succeeded(peer("python", ["-c", Self.reading, database]))
        let all = try JSONDecoder().decode([Recorded].self, from: Data(outcome.output.utf8))
        return all.filter { kind == nil || $0.kind == kind }
    }
}
