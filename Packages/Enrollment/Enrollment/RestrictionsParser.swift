import AWSAuth
import AWSClients
package import BursarConsole
import BursarFoundation
import BursarModel
import Deployment
package import Vending

/// Parses a key's restrictions from options or columns.
package struct RestrictionsParser: Sendable {
    private let ip: [String]
    private let models: [String]
    private let dailyLimit: Int?
    private let rate: Int?
    private let session: String?
    private let place: @Sendable (_ term: String) -> UserFacingError.Place

    /// `place` gives the place of a value for messages: the option of its name, or a line and a column.
    package init(
        ip: [String],
        models: [String],
        dailyLimit: Int?,
        rate: Int?,
        session: String?,
        place: @escaping @Sendable (_ term: String) -> UserFacingError.Place = { .option("--" + $0) }
    ) {
        self.ip = ip
        self.models = models
        self.dailyLimit = dailyLimit
        self.rate = rate
        self.session = session
        self.place = place
    }

    /// Returns the restrictions; nil for values that aren't given.
    ///
    /// - Throws: ``UserFacingError`` that names the place.
    package func read() throws(UserFacingError) -> KeyRestrictions {
        var terms = KeyRestrictions()
        terms.allowed = try addresses()
        if !models.isEmpty { terms.models = try typedModels.read { _ in } }
        if let dailyLimit {
            guard (0...1_000_000_000).contains(dailyLimit) else {
                throw UserFacingError.value(of: place("daily-limit"), "is 0 to 1000000000")
            }
            terms.dailyLimit = dailyLimit
        }
        if let rate {
            guard let rate = RequestRate(perSecond: rate) else {
                throw UserFacingError.value(of: place("rate"), "is 1 to 1000000 a second")
            }
            terms.rate = rate
        }
        if let session {
            let typed = ControlText.brief(session)
            guard let span = TimeSpan(session) else {
                throw UserFacingError.value(
                    of: place("session"),
                    "\(typed) \(TimeSpan.flaw(of: session))",
                    hint: "write it as 1h or 90m: 15m to 12h"
                )
            }
            guard let duration = SessionDuration(seconds: span.seconds) else {
                throw UserFacingError.value(
                    of: place("session"),
                    "\(typed) is outside what AWS allows",
                    hint: "15m to 12h"
                )
            }
            terms.sessionDuration = duration
        }
        return terms
    }

    private func addresses() throws(UserFacingError) -> AddressList? {
        guard !ip.isEmpty else { return nil }
        let list: AddressList
        do throws(AddressList.ParseError) {
            list = try AddressList(entries: ip.flatMap { $0.split(separator: ",").map { $0.trimmed } })
        } catch {
            switch error {
            case .malformed(let entry):
                throw UserFacingError.value(
                    of: place("ip"),
                    "\(ControlText.brief(entry)) \(AddressList.flaw(of: entry))",
                    hint: "write it as 192.0.2.0/24, 192.0.2.7 or 2001:db8::/32"
                )
            case .empty: throw UserFacingError.value(of: place("ip"), "names no address")
            case .tooLong: throw UserFacingError.value(of: place("ip"), "names more than \(AddressList.longest) blocks")
            }
        }
        return list
    }

    /// Returns warnings for values that were read otherwise than typed, or may not be as intended.
    package func warnings(of terms: KeyRestrictions) -> [UserFacingError] {
        let never = UserFacingError(
            "\(place("daily-limit")) 0: the key never vends",
            hint: "leave it out for the server's setting"
        )
        let blocks = (terms.allowed?.normalised ?? []).compactMap { entry in
            CIDRBlock(entry).map { block in
                UserFacingError(
                    "\(place("ip")) \(entry) is taken as \(block): the bits behind /\(block.prefix) don't count"
                )
            }
        }
        var names: [UserFacingError] = []
        if !models.isEmpty { _ = try? typedModels.read { names.append($0) } }
        return blocks + names + (terms.dailyLimit == 0 ? [never] : [])
    }

    private var typedModels: ModelsParser { ModelsParser(models, place: place("models")) }
}

extension Substring {
    fileprivate var trimmed: String { trimmingBlanks() }
}

extension KeyRestrictions {
    /// Checks the session policy against STS's limit of 2,048 characters, here instead of at each vend.
    package func checkPolicySize() throws(UserFacingError) {
        let policy = SessionPolicy(models: models, addresses: allowed, end: .distantPast)
        let size: Int
        do {
            // The partition with the longest name, so that the key works in all.
            size = try policy.document(.govCloud).unicodeScalars.count
        } catch {
            throw UserFacingError("the session policy can't be written")
        }
        guard size <= SessionPolicy.longest else {
            throw UserFacingError(
                "these models and addresses make a session policy of \(size) characters; AWS takes \(SessionPolicy.longest)",
                hint: "name fewer, or wider ones"
            )
        }
    }
}
