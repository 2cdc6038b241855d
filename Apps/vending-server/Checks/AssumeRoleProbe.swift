import AWSAuth
import BursarConsole
import BursarHTTP
import ServerSettings

/// One AssumeRole, and what it takes.
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
    /// What AWS said, for the operator at a terminal.
    init(_ error: AWSError) {
        switch error {
        case .refused(let refusal):
            self.init("STS says \(refusal.code): \(refusal.message ?? "no more than that")")
        case .invalidParameter(_, let field):
            self.init("STS would refuse \(field)")
        case .malformedAnswer(_, let status, _, let detail):
            self.init("STS answers \(status) with what isn't its own (\(detail))", hint: "is a proxy in between?")
        case .transport(_, let fault):
            let network = NetworkError(fault, service: "STS")
            self.init(network.message, hint: network.fix)
        }
    }
}
