import BursarModel
import Testing

/// Names of sessions in AWS: made of a researcher and a key, and read back.
@Suite struct SessionNameTests {
    private static let id = KeyID("7c3kq9x2mzpa")
    private static let longest = String(repeating: "x", count: SessionName.longestHandle)

    private func name(
        _ handle: String,
        _ form: SessionName.Form = .handleAndKey,
        hasNamesake: Bool = false
    ) throws -> String {
        try SessionName(of: #require(Handle(handle)), key: #require(Self.id), form, hasNamesake: hasNamesake)
            .description
    }

    @Test func `a session is named for its researcher and key`() throws {
        #expect(try name("ada") == "ada+7c3kq9x2mzpa")
        #expect(try name("Ada.L+x") == "Ada.L+x+7c3kq9x2mzpa")
        #expect(SessionName.longestHandle == 51)
        #expect(try name(Self.longest).utf8.count == SessionName.limit)
    }

    @Test func `by the setting, beside a namesake, or without room for the key, the handle goes alone`() throws {
        #expect(try name("ada", .handle) == "ada")
        #expect(try name("ada", hasNamesake: true) == "ada")
        #expect(try name(Self.longest + "x") == Self.longest + "x")
    }

    @Test func `a key's sessions have two names at most`() throws {
        let (ada, id) = (try #require(Handle("ada")), try #require(Self.id))
        #expect(SessionName.all(of: ada, key: id).map(\.description) == ["ada", "ada+7c3kq9x2mzpa"])
        let long = try #require(Handle(Self.longest + "x"))
        #expect(SessionName.all(of: long, key: id).map(\.description) == [Self.longest + "x"])
    }

    @Test(arguments: ["ada+7c3kq9x2mzpa", "ada+lab+7c3kq9x2mzpa", longest + "+7c3kq9x2mzpa"])
    func `what is made is read`(_ text: String) throws {
        let parts = try #require(SessionName.parts(of: text))
        #expect(SessionName(of: parts.handle, key: parts.key)?.description == text)
    }

    @Test(arguments: [
        "ada", "", "+", "a+7c3kq9x2mzpa", "+7c3kq9x2mzpa", "ada+7c3kq9x2mzp", "ada+7C3KQ9X2MZPA", "ada+7c3kq9x2mzpa+",
        "a b+7c3kq9x2mzpa", longest + "x+7c3kq9x2mzpa",
    ])
    func `what can't have been made is no name of a key's session`(_ text: String) {
        #expect(SessionName.parts(of: text) == nil)
    }

    @Test(arguments: SessionName.Form.allCases)
    func `no name holds what a policy reads as more than itself`(_ form: SessionName.Form) throws {
        #expect(!(try name("ada", form).contains { "*?$:{".contains($0) }))
    }
}
