import AWSAuth
import BursarConsole
import BursarFiles
import BursarFoundation
import BursarHTTP
import BursarModel
import Synchronization
import SystemPackage

/// Checks that the server responds, that it accepts the key, and which address it sees, in one request.
struct ServerCheck: DoctorCheck {
    /// The time limit for the key command and the request together.
    private static let limit = Duration.seconds(10)
    /// The key command's share of that: the user may have to unlock a password manager.
    private static let timeout = Duration.seconds(6)

    func findings(_ subject: DoctorContext) async -> [DoctorFinding] {
        guard let profile = subject.profile else {
            return [DoctorFinding.Topic.server, .clock, .key, .address].map {
                .skipped($0, "there is no profile to ask for")
            }
        }
        let key: ResearcherKey
        let deadline = min(.now.advanced(by: Self.limit), subject.deadline)
        do {
            key = try await profile.key.key(within: Self.timeout)
        } catch {
            return Self.unasked(KeyFinding.missing(error, profile.key, subject))
        }
        return await ask(profile.server, key, deadline, subject)
    }

    private func ask(
        _ server: ServerURL,
        _ key: ResearcherKey,
        _ deadline: ContinuousClock.Instant,
        _ subject: DoctorContext
    ) async -> [DoctorFinding] {
        let clock = ServerClock(now: subject.context.now)
        let left = min(ContinuousClock.now.duration(to: deadline), .seconds(6))
        let client = BursarClient(
            server: server,
            transport: subject.context.transport,
            limits: TransferLimits(connect: min(left, .seconds(3)), total: left, stall: left, body: 64 << 10),
            answered: { clock.read($0) }
        )
        do {
            let response = try await client.whoami(key: key.text)
            return [
                .ok(.server, "\(server) answers"), clock.finding(subject), KeyFinding.known(response, subject),
                .ok(.address, "the server sees \(response.address)"),
            ]
        } catch BursarClientError.refused(let refusal) {
            return [.ok(.server, "\(server) answers"), clock.finding(subject)]
                + KeyFinding.refused(refusal, server, subject)
        } catch {
            return [unreachable(error, server, subject), clock.finding(subject)].filter { $0.state != .skipped }
                + [DoctorFinding.Topic.clock, .key, .address].map { .skipped($0, "the server was not reached") }
        }
    }

    private func unreachable(_ error: any Error, _ server: ServerURL, _ subject: DoctorContext) -> DoctorFinding {
        let problem = CredsErrorMessages(profile: subject.name, server: server).problem(error)
        guard case .fault(let fault) = error as? BursarClientError else {
            // Another service responded, not a Bursar server.
            let hint = problem.hint.map { "; \($0)" } ?? ""
            return .problem(.server, problem.problem + hint, fix: "curl -i \(server)/healthz")
        }
        let network = NetworkError(fault, url: "\(server)/healthz")
        return .problem(.server, network.message, fix: network.fix)
    }

    private static func unasked(_ finding: DoctorFinding) -> [DoctorFinding] {
        [.skipped(.server, "not asked without a key"), .skipped(.clock, "the server was not asked"), finding]
            + [.skipped(.address, "the server was not asked")]
    }
}

/// Checks the environment's settings of proxies and certificates.
struct NetworkCheck: DoctorCheck {
    /// creds and the AWS clients read the first, OpenSSL the second, boto3 the third.
    private static let bundles = ["AWS_CA_BUNDLE", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"]
    private static let longest = 16 << 20

    func findings(_ subject: DoctorContext) -> [DoctorFinding] {
        let flaws = proxyFlaws(subject) + Self.bundles.compactMap { bundle($0, subject) }
        guard flaws.isEmpty else { return flaws }
        return [.ok(.network, "\(proxy(subject)); \(certificates(subject))")]
    }

    private func bundle(_ variable: String, _ subject: DoctorContext) -> DoctorFinding? {
        guard let value = subject.context.nonEmpty(variable) else { return nil }
        let path = subject.context.workingFolder().pushing(FilePath(value))
        // Python also accepts a folder of certificates.
        if variable == "REQUESTS_CA_BUNDLE", (try? path.stat().type) == .directory { return nil }
        let fix = "unset \(variable)"
        do {
            let content = try FileContent.read(path, limit: Self.longest)
            guard content.firstRange(of: Array("-----BEGIN ".utf8)) == nil else { return nil }
            return .problem(.network, "\(variable) names \(value), which holds no certificate", fix: fix)
        } catch  where error.reason == .missing {
            return .problem(.network, "\(variable) names \(value), which is not there", fix: fix)
        } catch {
            return .problem(.network, "\(variable) can't be used: \(error)", fix: fix)
        }
    }

    /// Checks for values with literal quotes, which a file keeps and only a shell removes.
    private func proxyFlaws(_ subject: DoctorContext) -> [DoctorFinding] {
        guard let proxy = ProxySettings(subject.context.environment) else { return [] }
        var found: [DoctorFinding] = []
        if proxy.isMalformed {
            let fault = TransportError.proxyMalformed(variable: proxy.variable, isQuoted: proxy.isQuoted)
            let network = NetworkError(fault, service: "AWS")
            found.append(.problem(.network, network.message, fix: network.fix))
        }
        if proxy.hasQuotedExceptions, let variable = proxy.exceptionsVariable {
            found.append(
                .warning(
                    .network,
                    "\(variable) has quotes in its value, so its first and last name count for nothing",
                    fix: proxy.unquotedExceptions.map { "export \(variable)=\($0)" } ?? "unset \(variable)"
                )
            )
        }
        return found
    }

    private func proxy(_ subject: DoctorContext) -> String {
        guard let proxy = ProxySettings(subject.context.environment) else { return "no proxy is set" }
        guard let server = subject.profile?.server else { return "\(proxy.variable) leads through \(proxy.shown)" }
        let isUsed = !server.isLoopbackHTTP && proxy.isUsed(for: HTTPClientRequest.host(of: server.description))
        return
            "\(proxy.variable) leads through \(proxy.shown), \(isUsed ? "to the server too" : "but not to the server")"
    }

    private func certificates(_ subject: DoctorContext) -> String {
        let set = Self.bundles.filter { subject.context.nonEmpty($0) != nil }
        return set.isEmpty ? "the system's certificates count" : "\(set.joined(separator: ", ")) can be read"
    }
}

/// Findings about a key.
enum KeyFinding {
    /// The time before a key's expiry from which on it is a warning.
    private static let notice: TimeInterval = 14 * 86_400

    static func known(_ response: WhoAmIResponse, _ subject: DoctorContext) -> DoctorFinding {
        let key = "\(response.researcher)'s key \(response.keyID)"
        guard let end = Timestamp.date(response.keyExpires) else {
            return .ok(.key, "\(key) ends \(response.keyExpires)")
        }
        let left = RelativeTime(until: end, at: subject.context.now())
        guard TimeInterval(left.seconds) < notice else { return .ok(.key, "\(key) ends \(left)") }
        return .warning(.key, "\(key) ends \(left): ask your operator for a new one", fix: subject.install())
    }

    /// The server's own message and code.
    static func refused(_ refusal: BursarClientError.ServerRefusal, _ server: ServerURL, _ subject: DoctorContext)
        -> [DoctorFinding]
    {
        let problem = CredsErrorMessages(profile: subject.name, server: server).problem(
            BursarClientError.refused(refusal)
        )
        let message = problem.problem + (problem.hint.map { "; \($0)" } ?? "")
        switch refusal.reason {
        case .addressRefused:
            return [
                .skipped(.key, "the server didn't come to it"),
                .problem(.address, message, fix: "curl -s https://checkip.amazonaws.com"),
            ]
        case .keyMissing, .keyMalformed, .keyInvalid, .keyRevoked, .keyExpired:
            return [
                .problem(.key, message, fix: subject.install()),
                .skipped(.address, "the server doesn't say it to an unknown key"),
            ]
        default:
            return [
                .problem(.key, message, fix: subject.creds("whoami")),
                .skipped(.address, "the server didn't come to it"),
            ]
        }
    }

    /// The finding for a stored key that is invalid, or a key command that printed none.
    static func missing(_ error: any Error, _ source: KeySource, _ subject: DoctorContext) -> DoctorFinding {
        let problem = CredsErrorMessages(profile: subject.name).problem(error)
        if case .command(let command) = source, error is KeyCommand.Failure {
            return .problem(.key, problem.problem, fix: command)
        }
        return .problem(.key, problem.problem, fix: subject.install())
    }
}

/// This machine's clock, compared with the `Date` header of a server's response.
final class ServerClock: Sendable {
    /// The clock skew beyond which AWS refuses signatures.
    private static let tolerated: TimeInterval = 300
    private static let noticeable: TimeInterval = 60

    private let now: @Sendable () -> Date
    /// The seconds by which this machine's clock is ahead.
    private let ahead = Mutex<TimeInterval?>(nil)

    init(now: @escaping @Sendable () -> Date) {
        self.now = now
    }

    func read(_ response: HTTPClientResponse) {
        guard let date = response.header("date").flatMap({ HTTPDate.date($0) }) else { return }
        let ahead = now().timeIntervalSince(date)
        self.ahead.withLock { $0 = ahead }
    }

    func finding(_ subject: DoctorContext) -> DoctorFinding {
        guard let ahead = ahead.withLock({ $0 }) else { return .skipped(.clock, "the server doesn't tell the time") }
        let span = TimeSpan(seconds: Int(abs(ahead)))
        let message = "this machine's clock is \(span) \(ahead > 0 ? "ahead of" : "behind") the server's"
        let fix = Self.fix(isWSL: subject.context.nonEmpty("WSL_DISTRO_NAME") != nil)
        if abs(ahead) > Self.tolerated {
            return .problem(.clock, "\(message); AWS refuses more than 5m", fix: fix)
        }
        if abs(ahead) > Self.noticeable { return .warning(.clock, message, fix: fix) }
        return .ok(.clock, "agrees with the server's")
    }

    private static func fix(isWSL: Bool) -> String {
        #if canImport(Darwin)
        "sudo sntp -sS time.apple.com"
        #else
        isWSL ? "sudo hwclock --hctosys" : "sudo timedatectl set-ntp true"
        #endif
    }
}
