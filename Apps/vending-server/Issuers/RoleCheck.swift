import AWSAuth
import AWSClients
import BursarConsole
import BursarFoundation
import BursarHTTP
import BursarModel
import ServerSettings
import Synchronization

/// Tests at STS each permission that vends need, one at a time, so that a missing one can be named.
struct RoleCheck {
    let role: Settings.STSRole
    let duration: SessionDuration
    let environment: [String: String]
    let transport: HTTPTransport
    let now: @Sendable () -> Date

    func findings() async -> [Finding] {
        let skew = Mutex<TimeInterval?>(nil)
        do {
            let client = try await client { date in skew.withLock { $0 = date.timeIntervalSince(now()) } }
            let caller = try await client.callerIdentity()
            var findings = [Finding.ok("credentials", "the server is \(caller.arn)"), clock(skew.withLock { $0 })]
            for attempt in attempts(role.arn) { findings.append(await attempt.finding(client)) }
            for (_, arn) in role.projects.sorted(by: { $0.key < $1.key }) {
                for attempt in attempts(arn) { findings.append(await attempt.finding(client)) }
            }
            return findings
        } catch let problem as UserFacingError {
            return [.problem("credentials", problem)]
        } catch let error as AWSError {
            return [.problem("credentials", UserFacingError(error))]
        } catch {
            return [.problem("credentials", UserFacingError("STS can't be asked: \(type(of: error))"))]
        }
    }

    private func attempts(_ arn: String) -> [AssumeRoleProbe] {
        let shortest = AssumeRoleRequest(
            roleARN: arn,
            sessionName: SessionName.check,
            duration: .seconds(SessionDuration.allowed.lowerBound),
            externalID: role.externalID
        )
        var longer = shortest
        longer.duration = .seconds(duration.seconds)
        var attempts = [
            AssumeRoleProbe(name: "role", permission: "sts:AssumeRole", request: shortest),
            AssumeRoleProbe(name: "duration", permission: "a session of \(duration.seconds) s", request: longer),
        ]
        if role.tagsSessions {
            var request = shortest
            request.tags = ["researcher", "project", "key"].map { .init(key: $0, value: "bursar-check") }
            attempts.append(AssumeRoleProbe(name: "tags", permission: "sts:TagSession", request: request))
        }
        if role.setsSourceIdentity {
            var request = shortest
            request.sourceIdentity = "bursar-check"
            attempts.append(AssumeRoleProbe(name: "identity", permission: "sts:SetSourceIdentity", request: request))
        }
        return attempts
    }

    /// The STS client that the server uses; `dated` receives the `Date` of each response.
    private func client(dated: @escaping @Sendable (Date) -> Void) async throws -> STSClient {
        let transport = transport
        let clientContext = AWSClientContext(
            send: { request in
                let response = try await transport.send(request)
                if let date = response.header("date").flatMap({ HTTPDate.date($0) }) { dated(date) }
                return response
            },
            now: now,
            sleep: { try await Task.sleep(for: $0) },
            chance: { Double.random(in: 0..<1) }
        )
        let chain = CredentialChain(
            environment: environment,
            assumesRole: role.assumesOwnRole,
            clientContext: clientContext
        )
        do {
            _ = try await chain.find()
            return try STSClient(
                region: role.region,
                credentials: RefreshingCredentials(chain, clientContext: clientContext),
                endpoints: EndpointResolver(environment: environment),
                clientContext: clientContext,
                retries: RetryRules(attempts: 2, longestPause: .seconds(1), deadline: .seconds(10)),
                limits: TransferLimits(connect: .seconds(5), total: .seconds(10), stall: .seconds(10))
            )
        } catch let error as EndpointError {
            throw UserFacingError(error, region: role.region)
        } catch let error as CredentialError {
            throw UserFacingError(error)
        }
    }

    private func clock(_ skew: TimeInterval?) -> Finding {
        guard let skew else { return .warning("clock", "STS doesn't say what time it is") }
        guard abs(skew) <= 60 else {
            let side = skew > 0 ? "behind" : "ahead of"
            let hint = "AWS refuses signatures past five minutes: switch time synchronisation on (timedatectl)"
            return .problem("clock", UserFacingError("this clock is \(Int(abs(skew))) s \(side) STS's", hint: hint))
        }
        return .ok("clock", "within a minute of STS's")
    }
}

/// One AssumeRole request, and the permission it needs.
struct AssumeRoleProbe {
    let name: String
    let permission: String
    let request: AssumeRoleRequest

    func finding(_ client: STSClient) async -> Finding {
        do {
            _ = try await client.assumeRole(request)
            return .ok(name, "\(permission) on \(request.roleARN): granted")
        } catch AWSError.refused(let refusal) where refusal.code == "AccessDenied" {
            let hint =
                "the server's own policy and the role's trust policy both have to allow it; "
                + "where the trust policy asks for an external id, set \(Setting.externalID.environmentName)"
            return .problem(name, UserFacingError("\(permission) on \(request.roleARN) is denied", hint: hint))
        } catch let error as AWSError {
            return .problem(name, UserFacingError(error))
        } catch {
            return .problem(name, UserFacingError("\(permission) could not be tried: \(type(of: error))"))
        }
    }
}

extension UserFacingError {
    /// AWS's error, for the operator at a terminal.
    init(_ error: AWSError) {
        switch error {
        case .refused(let refusal):
            self.init("STS says \(refusal.code): \(refusal.message ?? "no more than that")")
        case .invalidParameter(_, let field):
            self.init("STS would refuse \(field)")
        case .malformedResponse(_, let status, _, let detail):
            self.init("STS answers \(status) with what isn't its own (\(detail))", hint: "is a proxy in between?")
        case .transport(_, let fault):
            let network = NetworkError(fault, service: "STS")
            self.init(network.message, hint: network.fix)
        }
    }
}
