import AWSAuth
package import AWSClients
package import BursarConsole
package import BursarFoundation
package import BursarModel
package import Deployment

/// A role of this name and path that AWS doesn't have.
package struct MissingRole: Error {
    package let role: RoleName

    package var problem: UserFacingError {
        UserFacingError(
            "there is no role \(role.arn)",
            hint: "check \(role.name)'s path, and the settings' role: admin policy permissions --for server"
        )
    }
}

/// A role's inline policies, with those that revoke sessions parsed.
package struct RoleDenies {
    package let role: RoleName
    package private(set) var ends: [SessionRevocationPolicy] = []
    /// Policies named like revocations, but not written by this program; only a person changes them.
    package private(set) var foreign: [String] = []
    /// The size of each inline policy in characters, as IAM counts them.
    private var sizes: [String: Int] = [:]

    /// Reads the policies.
    ///
    /// - Throws: ``MissingRole``.
    package init(of role: RoleName, in account: AWSAccount) async throws {
        self.role = role
        guard let found = try await account.iam.role(role.name), found.arn == role.arn else {
            throw MissingRole(role: role)
        }
        for name in try await account.iam.policies(of: .role(role.name)) {
            // Deleted since it was listed, by another operator.
            guard let document = try await account.iam.policy(name, of: .role(role.name)) else { continue }
            sizes[name] = document.unicodeScalars.count { !$0.properties.isWhitespace }
            if let end = SessionRevocationPolicy(policyName: name, document: document) {
                ends.append(end)
            } else if name.hasPrefix(SessionRevocationPolicy.prefix) {
                foreign.append(name)
            }
        }
    }

    package func end(of handle: Handle) -> SessionRevocationPolicy? {
        ends.first { $0.handle == handle }
    }

    package func size(of end: SessionRevocationPolicy) -> Int { sizes[end.policyName] ?? 0 }

    /// Returns the room left on the role once `end` replaces one of the same name, and `removed` are deleted.
    package func room(with end: SessionRevocationPolicy, without removed: [SessionRevocationPolicy] = []) throws -> Int
    {
        let gone = Set([end.policyName] + removed.map(\.policyName))
        let others = sizes.filter { !gone.contains($0.key) }.values.reduce(0, +)
        return PolicyLimit.inline - others - (try end.document.size())
    }

    /// Returns the policies to delete first; none while there is room.
    ///
    /// - Throws: ``UserFacingError`` when there is no room even so.
    package func outdated(toMakeRoomFor end: SessionRevocationPolicy, at awsDate: Date) throws
        -> [SessionRevocationPolicy]
    {
        let whole = self.end(of: end.handle).map { end.joined(with: $0, at: awsDate) } ?? end
        if try room(with: whole) >= 0 { return [] }
        let outdated = outdated(at: awsDate, except: end.handle)
        let room = try room(with: whole, without: outdated)
        guard room >= 0 else { throw Self.full(role, lacking: -room) }
        return outdated
    }

    /// Returns denies whose sessions have all expired.
    package func outdated(at awsDate: Date, except handle: Handle) -> [SessionRevocationPolicy] {
        ends.filter { $0.handle != handle && $0.isOutdated(at: awsDate) }
    }
}

// MARK: Changes

extension RoleDenies {
    /// Puts `end` on the role, and verifies it.
    ///
    /// IAM has no conditional write, so two operators may write at once. A policy that the other has put stays if it
    /// denies as much. The written policy is read back; if it was overwritten in the meantime, it is merged with the
    /// present one and put again. Each of the two writes more than before, so both terminate.
    package func put(_ end: SessionRevocationPolicy, in account: AWSAccount, at awsDate: Date) async throws {
        let name = end.policyName
        // All policies seen or written: for some seconds, responses may still show any of them.
        var known: [SessionRevocationPolicy] = []
        for (pause, mayWrite) in [(0, true), (0, true), (1, true), (1, true), (2, true), (4, true), (8, false)] {
            try await Task.sleep(for: .seconds(pause))
            let isFresh = pause >= 2
            var whole = end
            if let document = try await account.iam.policy(name, of: .role(role.name)) {
                guard let present = SessionRevocationPolicy(policyName: name, document: document) else {
                    throw Self.foreign(name, role)
                }
                if present.includes(end) { return }
                if !isFresh, known.contains(present) { continue }
                known.append(present)
                whole = end.joined(with: present, at: awsDate)
            } else if !isFresh, !known.isEmpty {
                continue
            }
            guard mayWrite else { continue }
            try await account.iam.putPolicy(name, document: try whole.document.compact(), of: .role(role.name))
            account.changes?.add("iam:PutRolePolicy \(name) on role \(role.arn)", researcher: end.handle)
            known.append(whole)
        }
        throw UserFacingError(
            "\(name) was put on role \(role.name), and IAM shows another one: another operator may have written over it",
            hint: "run the same command again"
        )
    }

    /// Deletes outdated denies.
    ///
    /// Each is read again right before, since another operator may have renewed it.
    ///
    /// - Returns: the deleted ones.
    package func remove(_ outdated: [SessionRevocationPolicy], in account: AWSAccount, at awsDate: Date) async throws
        -> [SessionRevocationPolicy]
    {
        var removed: [SessionRevocationPolicy] = []
        for end in outdated {
            guard let document = try await account.iam.policy(end.policyName, of: .role(role.name)),
                SessionRevocationPolicy(policyName: end.policyName, document: document)?.isOutdated(at: awsDate) == true
            else { continue }
            if try await delete(end.policyName, in: account) { removed.append(end) }
        }
        return removed
    }

    /// Deletes a policy; returns false when it no longer existed.
    package func delete(_ policy: String, in account: AWSAccount) async throws -> Bool {
        do {
            try await account.iam.deletePolicy(policy, of: .role(role.name))
            account.changes?.add("iam:DeleteRolePolicy \(policy) on role \(role.arn)")
            return true
        } catch AWSError.refused(let refusal) where refusal.isMissingEntity {
            return false
        }
    }

    package static func foreign(_ name: String, _ role: RoleName) -> UserFacingError {
        UserFacingError(
            "the policy \(name) on role \(role.name) is not as this program writes it, so it is left alone",
            hint: "look at it: aws iam get-role-policy --role-name \(role.name) --policy-name \(name); remove it, go on"
        )
    }

    package static func full(_ role: RoleName, lacking: Int) -> UserFacingError {
        UserFacingError(
            "role \(role.name) has no room for another inline policy: \(lacking) of \(PolicyLimit.inline) "
                + "characters are lacking",
            hint: "make its own inline policies managed ones (aws iam create-policy, attach-role-policy), and go on; "
                + "admin vending pause stops all vending meanwhile"
        )
    }
}
