import AWSAuth
import BursarCore
import Console

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A role's inline policies as IAM has them, those that end sessions told apart.
struct RoleDenies {
    let role: RoleName
    private(set) var ends: [SessionEnd] = []
    /// Named as if they ended sessions, and not written by this program; nobody but a person touches them.
    private(set) var foreign: [String] = []
    /// Characters of all inline policies, as IAM counts them, by policy.
    private var sizes: [String: Int] = [:]

    /// Reads them.
    ///
    /// - Throws: ``Problem`` when there is no such role.
    init(of role: RoleName, in account: AWSAccount) async throws {
        self.role = role
        guard let found = try await account.iam.role(role.name), found.arn == role.arn else {
            throw Problem(
                "there is no role \(role.arn)",
                hint: "check \(role.name)'s path, and the settings' role: admin policy permissions --for server"
            )
        }
        for name in try await account.iam.policies(ofRole: role.name) {
            // Gone since it was listed: another operator tidied up.
            guard let document = try await account.iam.rolePolicy(name, role: role.name) else { continue }
            sizes[name] = document.unicodeScalars.count { !$0.properties.isWhitespace }
            if let end = SessionEnd(policyName: name, document: document) {
                ends.append(end)
            } else if name.hasPrefix(SessionEnd.prefix) {
                foreign.append(name)
            }
        }
    }

    func end(of handle: Handle) -> SessionEnd? {
        ends.first { $0.handle == handle }
    }

    func size(of end: SessionEnd) -> Int { sizes[end.policyName] ?? 0 }

    /// What is left on the role once `end` is in place of one of the same name, and `removed` are gone.
    func room(with end: SessionEnd, without removed: [SessionEnd] = []) throws -> Int {
        let gone = Set([end.policyName] + removed.map(\.policyName))
        let others = sizes.filter { !gone.contains($0.key) }.values.reduce(0, +)
        return IAMClient.longestRolePolicies - others - (try end.document.size())
    }

    /// Denies whose sessions have all ended by themselves.
    func outdated(at awsDate: Date, except handle: Handle) -> [SessionEnd] {
        ends.filter { $0.handle != handle && $0.isOutdated(at: awsDate) }
    }
}

// MARK: Changes

extension RoleDenies {
    /// Puts `end` on the role, and makes sure that it is there.
    ///
    /// IAM can't be told to write only over what was read, so two operators may write at once: what the other has put
    /// stays when it denies as much, and what this one has put is read back.
    func put(_ end: SessionEnd, in account: AWSAccount, at awsDate: Date) async throws {
        let name = end.policyName
        var mine = end
        if let document = try await account.iam.rolePolicy(name, role: role.name) {
            guard let present = SessionEnd(policyName: name, document: document) else { throw Self.foreign(name, role) }
            if present.includes(end) { return }
            mine = end.joined(with: present, at: awsDate)
        }
        try await account.iam.putRolePolicy(name, document: try mine.document.compact(), role: role.name)
        // What was written may take seconds to be seen.
        for pause in [0, 1, 1, 2, 4, 8] {
            try await Task.sleep(for: .seconds(pause))
            let document = try await account.iam.rolePolicy(name, role: role.name)
            if let document, SessionEnd(policyName: name, document: document)?.includes(end) == true { return }
        }
        throw Problem(
            "\(name) was put on role \(role.name), and IAM shows another one: somebody else may have written over it",
            hint: "run the same command again"
        )
    }

    /// Takes outdated denies away; each is looked at once more right before, since another operator may have renewed it.
    ///
    /// - Returns: those that are gone.
    func remove(_ outdated: [SessionEnd], in account: AWSAccount, at awsDate: Date) async throws -> [SessionEnd] {
        var removed: [SessionEnd] = []
        for end in outdated {
            guard let document = try await account.iam.rolePolicy(end.policyName, role: role.name),
                SessionEnd(policyName: end.policyName, document: document)?.isOutdated(at: awsDate) == true
            else { continue }
            if try await delete(end.policyName, in: account) { removed.append(end) }
        }
        return removed
    }

    /// Takes one away; false when it was gone already.
    func delete(_ policy: String, in account: AWSAccount) async throws -> Bool {
        do {
            try await account.iam.deleteRolePolicy(policy, role: role.name)
            return true
        } catch AWSError.refused(let refusal) where refusal.isMissingEntity {
            return false
        }
    }

    static func foreign(_ name: String, _ role: RoleName) -> Problem {
        Problem(
            "the policy \(name) on role \(role.name) is not as this program writes it, so it is left alone",
            hint: "look at it: aws iam get-role-policy --role-name \(role.name) --policy-name \(name); remove it, go on"
        )
    }

    static func full(_ role: RoleName, lacking: Int) -> Problem {
        Problem(
            "role \(role.name) has no room for another inline policy: \(lacking) of \(IAMClient.longestRolePolicies) "
                + "characters are lacking",
            hint: "make its own inline policies managed ones (aws iam create-policy, attach-role-policy), and go on; "
                + "admin vending pause stops all vending meanwhile"
        )
    }
}
