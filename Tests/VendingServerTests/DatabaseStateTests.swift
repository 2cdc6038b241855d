import BursarFoundation
import Storage
import TestSupport
import Testing

@testable import vending_server

/// The word for the database's state in `/readyz`.
struct DatabaseStateTests {
    private static func unusable(_ part: StoreError.ServerPart) -> StoreError {
        .unusable(path: "", cause: "", hint: "", part: part)
    }

    @Test(
        arguments: [
            (.unreachable(path: "", cause: ""), .unreachable), (unusable(.login), .refused),
            (unusable(.certificate), .refused), (.denied(path: "", cause: ""), .refused),
            (unusable(.standby), .standby),
            (unusable(.capacity), .busy), (unusable(.engine), .unsuitable), (unusable(.library), .unsuitable),
            (.discontinued(path: "", known: "", found: ""), .lostRecords), (.altered(path: "", change: ""), .altered),
            (.replaced(path: ""), .notReadable), (.unavailable(cause: ""), .notReadable),
        ] as [(StoreError, DatabaseState)]
    )
    func `an error of a read is one state, and its own text stays inside`(error: StoreError, state: DatabaseState) {
        #expect(DatabaseState(error) == state)
    }

    @Test func `the OpenAPI document has every state`() throws {
        let document = try String(
            contentsOfFile: Checkout.root + "Apps/vending-server/HTTP/openapi.json",
            encoding: .utf8
        )
        let states = DatabaseState.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
        #expect(document.contains("\"database\": {\"enum\": [\(states)]}"))
        #expect(DatabaseState(nil) == .ok)
    }
}
