import Testing

@testable import BursarConsole

@Suite struct NearestNameTests {
    private static let handles = ["r1401", "r1403", "ada", "r1402.m.longname", "adam"]

    @Test(arguments: [
        ("r1402", ["r1402.m.longname", "r1401", "r1403"]), ("AD", ["ada", "adam"]), ("adda", ["ada", "adam"]),
        ("", []), ("a", []), ("zzzzzz", []),
    ])
    func `names that begin with what was typed come first`(typed: String, near: [String]) {
        #expect(NearestName.some(of: Self.handles, near: typed, limit: 3) == near)
    }
}
