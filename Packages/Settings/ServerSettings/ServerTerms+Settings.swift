import AWSAuth
package import BursarConsole
package import BursarModel
import HTTPTypes
package import Vending

extension ServerTerms {
    /// Reads the terms from the settings.
    package init(_ reader: SettingReader, sessionDuration: SessionDuration, region: String?) throws(UserFacingError) {
        let standard = RequestRate.standard
        let rate = try reader.count(.rate, or: standard.perSecond, in: RequestRate.allowed)
        let burst = try reader.count(
            .burst,
            or: rate == standard.perSecond ? standard.burst : nil,
            in: RequestRate.allowed
        )
        guard let perKey = RequestRate(perSecond: rate, burst: burst) else {
            throw UserFacingError("\(reader.name(of: .rate)) is out of range")
        }
        self.init(
            allowed: try reader.addresses(.allow) ?? .everywhere,
            rate: perKey,
            totalRate: try reader.count(.totalRate, or: nil, in: RequestRate.allowed)
                .flatMap { RequestRate(perSecond: $0) },
            dailyLimit: try reader.count(.dailyLimit, or: 10_000, in: 0...1_000_000_000),
            sessionDuration: sessionDuration,
            regions: try reader.regions(.regions, in: region.flatMap { try? Partition(region: $0) })
                ?? (region.map { [$0] } ?? [])
        )
    }
}

extension ClientAddressRule {
    /// Reads the rule from the settings.
    package init(_ reader: SettingReader) throws(UserFacingError) {
        let header = try reader.value(.clientAddressHeader, or: "x-forwarded-for", expecting: "the name of a header") {
            HeaderName.lowercased($0)
        }
        guard header != "forwarded" else {
            throw UserFacingError(
                "\(reader.name(of: .clientAddressHeader)) is forwarded, which has a form of its own",
                hint: "have the proxy set X-Forwarded-For, and name that"
            )
        }
        let trusted = try reader.addresses(.trustedProxies)
        if let trusted, trusted.includesEverybody {
            throw UserFacingError(
                "\(reader.name(of: .trustedProxies)) trusts everybody, so anyone could claim any address",
                hint: "name the proxies' own addresses"
            )
        }
        self.init(trusted: trusted, header: header)
    }
}

extension SettingReader {
    /// Reads a list of address blocks; nil if unset.
    package func addresses(_ setting: Setting) throws(UserFacingError) -> AddressList? {
        guard let entries = try entries(setting) else { return nil }
        do throws(AddressList.ParseError) {
            return try AddressList(entries: entries)
        } catch {
            switch error {
            case .empty:
                throw UserFacingError("\(name(of: setting)) is an empty list", hint: "leave it out, or name addresses")
            case .tooLong: throw UserFacingError("\(name(of: setting)) has more than \(AddressList.longest) entries")
            case .malformed(let entry):
                throw UserFacingError(
                    "\(name(of: setting)) has \"\(entry)\", which \(AddressList.flaw(of: entry))",
                    hint: "write it as 192.0.2.0/24, 192.0.2.7 or 2001:db8::/32"
                )
            }
        }
    }

    package func count(_ setting: Setting, or fallback: Int, in range: ClosedRange<Int>) throws(UserFacingError) -> Int
    {
        try count(setting, or: Optional(fallback), in: range) ?? fallback
    }

    package func count(_ setting: Setting, or fallback: Int?, in range: ClosedRange<Int>) throws(UserFacingError)
        -> Int?
    {
        let form = "a whole number, \(range.lowerBound) to \(range.upperBound)"
        let number = try value(setting, expecting: form) { text in Int(text).flatMap { range.contains($0) ? $0 : nil } }
        return number ?? fallback
    }
}

/// The name of a header in settings.
package enum HeaderName {
    /// Returns the name in lower case; nil if it is not a valid HTTP field name.
    package static func lowercased(_ text: String) -> String? {
        HTTPField.Name(text).map { $0.rawName.lowercased() }
    }
}
