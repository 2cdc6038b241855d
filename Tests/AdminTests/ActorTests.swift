import Testing

@testable import admin

/// The person whom a command names as its actor.
@Suite struct ActorTests {
    private func user(_ environment: [String: String], login: String? = nil, uid: UInt32) -> String? {
        let actor = Actor.current(environment, loginUser: login, user: uid).description
        return actor.split(separator: "@").count == 2 ? actor.split(separator: "@").first.map(String.init) : nil
    }

    @Test func `who logged in counts, whatever sudo says`() {
        #expect(user(["SUDO_USER": "boss"], login: "ada", uid: 0) == "ada")
    }

    @Test func `for root it is who called sudo, marked as sudo's word`() {
        #expect(user(["SUDO_USER": "boss"], uid: 0) == "boss (sudo)")
        #expect(user([:], uid: 0) == "root")
    }

    @Test func `an ordinary user can't be another by a variable`() {
        #expect(user(["SUDO_USER": "boss"], uid: 4_000_000_000) == "uid 4000000000")
        #expect(user(["SUDO_USER": "boss", "USER": "boss", "LOGNAME": "boss"], uid: 4_000_000_000) == "uid 4000000000")
    }

    @Test(arguments: [
        "", "boss@elsewhere", "ada\u{1B}[31m", "\u{9B}x", "a\u{202E}b", "a\u{200F}b", "\u{2066}a", "two words",
        "a\u{A0}b", "a\u{2003}b", "tab\tbed", "line\nbreak", "a\u{FEFF}", "a\u{E0041}",
        String(repeating: "a", count: 65),
    ])
    func `a name that could be taken for another user's is refused`(_ name: String) {
        #expect(user(["SUDO_USER": name], uid: 0) == "root")
        #expect(user([:], login: name, uid: 0) == "root")
    }

    @Test(arguments: ["ada", "Ada.Lovelace", "zoë", "DOMAIN\\ada", "ada+admin", "svc$"])
    func `names as systems have them are kept`(_ name: String) {
        #expect(user(["SUDO_USER": name], uid: 0) == "\(name) (sudo)")
    }
}
