import BursarConsole
import BursarModel
import Testing
import Vending

@testable import Enrollment

/// Restrictions of keys, as they are typed.
struct RestrictionsParserTests {
    private static func parser(
        ip: [String] = [],
        models: [String] = [],
        dailyLimit: Int? = nil,
        rate: Int? = nil,
        session: String? = nil
    ) -> RestrictionsParser {
        RestrictionsParser(ip: ip, models: models, dailyLimit: dailyLimit, rate: rate, session: session)
    }

    @Test func `what isn't given restricts nothing`() throws {
        #expect(try Self.parser().read() == KeyRestrictions())
    }

    @Test func `what is given is read whole`() throws {
        let typed = Self.parser(ip: ["192.0.2.0/24, 2001:db8::7"], dailyLimit: 5, rate: 2, session: "90m")
        let restrictions = try typed.read()
        #expect(restrictions.allowed?.description == "192.0.2.0/24,2001:db8::7/128")
        #expect(restrictions.dailyLimit == 5 && restrictions.rate?.perSecond == 2)
        #expect(restrictions.sessionDuration?.seconds == 5400)
        #expect(typed.warnings(of: restrictions).isEmpty)
    }

    @Test(arguments: [
        (parser(ip: ["300.1.1.1"]), "--ip"), (parser(ip: [","]), "--ip"), (parser(models: ["a|b"]), "--models"),
        (parser(dailyLimit: -1), "--daily-limit"), (parser(dailyLimit: 1_000_000_001), "--daily-limit"),
        (parser(rate: 0), "--rate"), (parser(session: "soon"), "--session"), (parser(session: "14m"), "--session"),
        (parser(session: "13h"), "--session"),
    ])
    func `a value out of its range is refused by its option`(_ typed: RestrictionsParser, _ option: String) throws {
        let error = try #require(throws: UserFacingError.self) { try typed.read() }
        #expect(error.problem.hasPrefix(option) && error.exitCode == 64, "\(error)")
    }

    @Test func `a key that never vends, and bits that don't count, are warned of`() throws {
        let typed = Self.parser(ip: ["192.0.2.7/24"], dailyLimit: 0)
        let warnings = typed.warnings(of: try typed.read()).map(\.problem)
        #expect(warnings.contains { $0.contains("never vends") })
        #expect(warnings.contains { $0.contains("192.0.2.7/24 is taken as 192.0.2.0/24") })
    }

    @Test func `restrictions that make too long a session policy are refused`() throws {
        let models = (0..<64).map { "anthropic.\($0)-" + String(repeating: "x", count: 40) }
        let restrictions = try Self.parser(models: models).read()
        #expect(throws: UserFacingError.self) { try restrictions.checkPolicySize() }
        try KeyRestrictions().checkPolicySize()
    }
}
