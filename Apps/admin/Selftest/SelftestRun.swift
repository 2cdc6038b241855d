import BursarConsole
import BursarFoundation
import BursarHTTP
import BursarModel
import Reports
import Storage
import Vending

/// Sends a request with each key, one after the other, and compares the responses.
struct SelftestRun: Sendable {
    /// The time limit for a server to observe a change; it promises a second.
    private static let timeout = Duration.seconds(5)
    private static let accepted = "accepted"
    private static let vended = "credentials"

    let store: Store
    let client: BursarClient
    let keys: SelftestKeys
    let act: AuditContext

    /// A row of the result.
    struct Row: TableRow, Sendable {
        static let columns: [Table.Column] = [.init("key"), .init("expected"), .init("answered"), .init("result")]

        let key: String
        let expected: String
        let answered: String
        let passed: Bool

        var cells: [String] { [key, expected, answered, passed ? "ok" : "WRONG"] }
    }

    /// - Throws: ``UserFacingError`` when no server responds, or `CancellationError`; the keys exist by then.
    func results() async throws -> [Row] {
        guard try store.administration.addSelftest(keys.handle, keys: keys.stored.ours, by: act),
            try store.administration.addSelftest(keys.disabled, keys: keys.stored.disabled, by: act)
        else { throw UserFacingError("there are researchers of that name already", hint: "try again") }
        var rows = [try await row("good", keys.revoked.text, Self.accepted, asking: whoami)]
        // A server with another database knows none of the keys, so all other refusals would have the wrong reason.
        guard rows[0].passed else { return rows }
        if keys.vends { rows.append(try await row("good, a vend", keys.limited.text, Self.vended)) }
        rows.append(try await row("over its quota", keys.limited.text, .quotaExhausted))
        rows.append(try await row("limited to another address", keys.elsewhere.text, .addressRefused))
        rows.append(try await row("expired", keys.expired.text, .keyExpired))
        try store.administration.revokeSelftest(keys.revoked.id, by: act)
        rows.append(try await changed("revoked just now", keys.revoked.text, .keyRevoked))
        rows.append(try await row("of an active researcher", keys.ofDisabled.text, Self.accepted, asking: whoami))
        try store.administration.disableSelftest(keys.disabled, by: act)
        rows.append(try await changed("of a researcher disabled just now", keys.ofDisabled.text, .researcherDisabled))
        rows.append(try await row("with a wrong secret", keys.wrong.text, .keyInvalid))
        rows.append(try await row("that was never issued", keys.unknown.text, .keyInvalid))
        let mistyped = Secret(String(keys.unknown.text.reveal().dropLast()))
        rows.append(try await row("without its last character", mistyped, .keyMalformed))
        return rows
    }

    private func row(_ name: String, _ key: Secret<String>, _ code: ErrorCode) async throws -> Row {
        try await row(name, key, code.rawValue)
    }

    private func row(_ name: String, _ key: Secret<String>, _ expected: String) async throws -> Row {
        try await row(name, key, expected, asking: vend)
    }

    private func row(
        _ name: String,
        _ key: Secret<String>,
        _ expected: String,
        asking: (Secret<String>) async throws -> String
    ) async throws -> Row {
        let outcome = try await asking(key)
        return Row(key: name, expected: expected, answered: outcome, passed: outcome == expected)
    }

    /// Tests a key after a change: repeats the request until the server has observed the change, for a limited time.
    ///
    /// It requests no credentials, so that nothing is vended until then.
    private func changed(_ name: String, _ key: Secret<String>, _ code: ErrorCode) async throws -> Row {
        let clock = ContinuousClock()
        let start = clock.now
        var outcome = try await whoami(key)
        while outcome == Self.accepted, clock.now < start + Self.timeout {
            try await clock.sleep(for: .milliseconds(50))
            outcome = try await whoami(key)
        }
        return Row(key: name, expected: code.rawValue, answered: outcome, passed: outcome == code.rawValue)
    }

    private func vend(_ key: Secret<String>) async throws -> String {
        try await outcome {
            _ = try await client.credentials(key: key)
            return Self.vended
        }
    }

    private func whoami(_ key: Secret<String>) async throws -> String {
        try await outcome {
            _ = try await client.whoami(key: key)
            return Self.accepted
        }
    }

    private func outcome(_ ask: () async throws -> String) async throws -> String {
        do {
            return try await ask()
        } catch let fault as BursarClientError {
            switch fault {
            case .refused(let refusal): return refusal.code
            case .redirected:
                throw UserFacingError("\(client.server) sends callers elsewhere", hint: "--url URL names the server")
            case .notBursar: throw UserFacingError("what answers at \(client.server) is not Bursar", hint: "--url URL")
            case .fault(.unreachable(_, .server)):
                throw UserFacingError(
                    "nothing answers at \(client.server)",
                    hint: "is the server running? --url URL, if it listens elsewhere"
                )
            case .fault(let fault):
                let network = NetworkError(fault, url: "\(client.server)/healthz")
                throw UserFacingError(network.message, hint: network.fix)
            }
        }
    }
}

/// The researchers and keys of one self-test, all of which expire within the hour.
struct SelftestKeys: Sendable {
    private static let lifetime: TimeInterval = 3600

    /// The researcher of every key but one.
    let handle: Handle
    /// The researcher to be disabled.
    let disabled: Handle
    /// A key with one vend a day, or none where vending isn't tested.
    let limited: ResearcherKey
    let revoked: ResearcherKey
    let expired: ResearcherKey
    let elsewhere: ResearcherKey
    let ofDisabled: ResearcherKey
    /// A key whose stored hash is another key's.
    let wrong: ResearcherKey
    let unknown: ResearcherKey
    let vends: Bool
    /// The keys to store for the researcher, and for the disabled one.
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
            // The secrets are random and discarded within the minute, so a cheap hash protects them as well.
            let cheap = Argon2Parameters(memoryKiB: 64, passes: 1, lanes: 1)
            let hash = try PasswordHash(of: (secret ?? key).text, parameters: cheap, using: &random)
            let created = date + start
            return SelftestKey(id: key.id, hash: hash, created: created, expires: created + Self.lifetime, terms: terms)
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
                try row(expired, from: -2 * Self.lifetime),
                // A documentation network, from which no request comes (RFC 5737).
                try row(elsewhere, terms: KeyRestrictions(allowed: nowhere)),
                try row(wrong, hashOf: unknown),
            ],
            disabled: [try row(ofDisabled)]
        )
    }
}
