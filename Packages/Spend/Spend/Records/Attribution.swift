package import BursarModel

/// The identity that made a call, from the ARN in its log record.
///
/// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
package enum Caller: Hashable, Sendable {
    /// A session of a role, whose name is without its path.
    case session(account: String, role: String, name: String)
    case user(name: String)
    case root
    /// Any other text, or none: AWS itself.
    case service

    package init(arn: String?) {
        let parts = (arn ?? "").split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 6, parts[0] == "arn" else {
            self = .service
            return
        }
        let path = parts[5].split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        switch (parts[2], path[0], path.count) {
        case ("sts", "assumed-role", 3): self = .session(account: parts[4], role: path[1], name: path[2])
        case ("iam", "user", 2...): self = .user(name: path[path.count - 1])
        case ("iam", "root", 1): self = .root
        default: self = .service
        }
    }
}

/// The row of a report that a call belongs to.
package enum Attribution: Hashable, Sendable {
    /// A researcher's session; `key` is the one in its name, if it has one.
    case researcher(Handle, key: KeyID?)
    case ownCheck
    /// A session of a role that Bursar vends, whose name is no researcher's.
    case unknownSession(role: String)
    case otherRole(String)
    case user(String)
    case root
    case service

    /// The row's name.
    ///
    /// Handles have no parentheses, so none can look like another row.
    package var label: String {
        switch self {
        case .researcher(let handle, _): handle.description
        case .ownCheck: "(Bursar's own checks)"
        case .unknownSession(let role): "(unknown session of \(role))"
        case .otherRole(let role): "(other role \(role))"
        case .user(let name): "(IAM user \(name))"
        case .root: "(root user)"
        case .service: "(AWS service)"
        }
    }
}

/// A role that Bursar vends, by what the ARN of its sessions names it with.
package struct VendedRole: Hashable, Sendable {
    package let account: String
    /// Without its path, which sessions' ARNs don't have.
    package let name: String

    /// - Parameter arn: `arn:PARTITION:iam::ACCOUNT:role/[PATH/]NAME`; nil is returned for another one.
    package init?(arn: String) {
        let parts = arn.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
        guard parts.count == 6, parts[2] == "iam", parts[5].hasPrefix("role/"),
            let name = parts[5].split(separator: "/").last, !parts[4].isEmpty
        else { return nil }
        account = String(parts[4])
        self.name = String(name)
    }

    package init(account: String, name: String) {
        self.account = account
        self.name = name
    }
}

/// Finds the researcher of a session, by its role and its name alone.
///
/// Fields that the caller controls, such as request metadata, are never used.
package struct SessionOwners {
    private let roles: Set<VendedRole>
    private let researcher: (_ folded: String) throws -> Handle?
    private let owner: (KeyID) throws -> Handle?
    private let isSelftest: (Handle) throws -> Bool

    /// - Parameters:
    ///   - roles: the roles that Bursar vends.
    ///   - researcher: the researcher with that handle in lower case, if there is one.
    ///   - owner: the researcher of a key, if there is such a key.
    ///   - isSelftest: true for those that a self-test makes.
    package init(
        roles: Set<VendedRole>,
        researcher: @escaping (_ folded: String) throws -> Handle?,
        owner: @escaping (KeyID) throws -> Handle?,
        isSelftest: @escaping (Handle) throws -> Bool = { _ in false }
    ) {
        self.roles = roles
        self.researcher = researcher
        self.owner = owner
        self.isSelftest = isSelftest
    }

    package func attribution(of caller: Caller) throws -> Attribution {
        switch caller {
        case .user(let name): return .user(name)
        case .root: return .root
        case .service: return .service
        case .session(let account, let role, let name):
            guard roles.contains(VendedRole(account: account, name: role)) else { return .otherRole(role) }
            guard let (handle, key) = try SessionName.owner(of: name, researcher: researcher, owner: owner) else {
                return name == SessionName.check ? .ownCheck : .unknownSession(role: role)
            }
            return try isSelftest(handle) ? .ownCheck : .researcher(handle, key: key)
        }
    }
}
