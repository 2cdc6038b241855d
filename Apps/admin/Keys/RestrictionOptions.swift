import ArgumentParser
import BursarConsole
import Enrollment
import Vending

/// The options for a key's restrictions, the same for all commands that set them.
struct RestrictionOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Address block it may be used from; several times for several.", valueName: "cidr"))
    var ip: [String] = []
    @Option(help: ArgumentHelp("Models that its sessions may invoke, as anthropic.claude-*.", valueName: "pattern"))
    var models: [String] = []
    // A negative number is a value out of range, not an option.
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Vends per UTC day; else the server's setting.", valueName: "n")
    )
    var dailyLimit: Int?
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Requests a second; else the server's setting.", valueName: "n")
    )
    var rate: Int?
    @Option(help: ArgumentHelp("Life of its sessions, 15m to 12h; else the server's setting.", valueName: "time"))
    var session: String?

    /// Returns the restrictions; nil for options that aren't given.
    ///
    /// - Throws: ``UserFacingError`` that names the option.
    func terms(warn: (UserFacingError) -> Void) throws(UserFacingError) -> KeyRestrictions {
        let typed = RestrictionsParser(ip: ip, models: models, dailyLimit: dailyLimit, rate: rate, session: session)
        let terms = try typed.read()
        for warning in typed.warnings(of: terms) { warn(warning) }
        return terms
    }
}
