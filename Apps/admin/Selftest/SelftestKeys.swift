import BursarFoundation
import BursarModel
import Storage
import Vending

/// The researchers and keys of one self-test, none of which outlives the hour.
struct SelftestKeys: Sendable {
    private static let life: TimeInterval = 3600

    /// Theirs is every key but one.
    let handle: Handle
    /// Is to be disabled.
    let disabled: Handle
    /// One vend a day, or none where no vend is to be tried.
    let limited: ResearcherKey
    let revoked: ResearcherKey
    let expired: ResearcherKey
    let elsewhere: ResearcherKey
    let ofDisabled: ResearcherKey
    /// Its stored hash is another key's.
    let wrong: ResearcherKey
    let unknown: ResearcherKey
    let vends: Bool
    /// To be added to the researcher, and to the one who is disabled.
    let stored: (ours: [SelftestKey], disabled: [SelftestKey])

    var handles: [Handle] { [handle, disabled] }

    init(vends: Bool, at date: Date) throws {
        var random = SystemRandomNumberGenerator()
        let name = "selftest-" + String(UInt64.random(in: .min ... .max, using: &random), radix: 36)
        guard let handle = Handle(name), let disabled = Handle(name + "-off"),
            let nowhere = try? AddressList(entries: ["192.0.2.1"])
        else { preconditionFailure("made of letters and digits") }
        self.handle = handle
        self.disabled = disabled
        self.vends = vends
        func key() -> ResearcherKey { ResearcherKey(using: &random) }
        func row(
            _ key: ResearcherKey,
            hashOf secret: ResearcherKey? = nil,
            from start: TimeInterval = 0,
            terms: KeyRestrictions = KeyRestrictions()
        ) throws -> SelftestKey {
            // The secrets are as random as any, and forgotten within the minute: a cheap hash protects them as well.
            let cheap = Argon2Parameters(memoryKiB: 64, passes: 1, lanes: 1)
            let hash = try PasswordHash(of: (secret ?? key).text, parameters: cheap, using: &random)
            let created = date + start
            return SelftestKey(id: key.id, hash: hash, created: created, expires: created + Self.life, terms: terms)
        }
        limited = key()
        revoked = key()
        expired = key()
        elsewhere = key()
        ofDisabled = key()
        wrong = key()
        unknown = key()
        stored = (
            ours: [
                try row(limited, terms: KeyRestrictions(dailyLimit: vends ? 1 : 0)),
                try row(revoked),
                try row(expired, from: -2 * Self.life),
                // A network for documentation, from which nobody calls (RFC 5737).
                try row(elsewhere, terms: KeyRestrictions(allowed: nowhere)),
                try row(wrong, hashOf: unknown),
            ],
            disabled: [try row(ofDisabled)]
        )
    }
}
