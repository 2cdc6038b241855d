package import AWSAuth
package import AWSClients
package import BursarConsole
import BursarModel

/// The permissions of the role that researchers get sessions of, as an operator asks for them.
package struct PermissionsRequest: Sendable {
    package enum Tier: String, CaseIterable, Sendable {
        case minimum, models, listing, region
    }

    package var tier = Tier.listing
    package var models: [String] = []
    /// The only regions in which the tier ``Tier/region`` lets AWS be called; else the server's.
    package var regions: [String] = []
    package var access = UnmeteredAccess()
    /// The account whose inference profiles may be used; else the role's.
    package var account: String?
    package var partition: String?

    package init() {}

    /// Returns the policy for sessions of `roles`; what is assumed, and what is taken otherwise than typed, goes to
    /// `terminal`.
    ///
    /// The server's regions and partition are those of its settings, for what isn't asked for.
    ///
    /// - Throws: ``UserFacingError`` for options that contradict one another, or those settings.
    package func policy(
        for roles: [RoleName],
        serverRegions: [String],
        serverPartition: Partition,
        on terminal: Terminal
    ) throws(UserFacingError) -> AccessPolicy {
        let models = try modelList(terminal)
        guard tier == .region || access.allowGlobal != true else {
            throw UserFacingError.misuse(
                "--allow-global says nothing without --tier region",
                hint: "the other tiers hold anywhere, which includes global. profiles"
            )
        }
        let limit = tier == .region ? try regionList(serverRegions) : nil
        let partition = try self.partition(limit, roles, or: serverPartition)
        let account = try accountID(roles, terminal)
        if let limit, !limit.allowsGlobalProfiles {
            terminal.note(
                "global. inference profiles are refused; --allow-global lets AWS serve them from anywhere"
            )
        }
        var policy = AccessPolicy(
            partition: partition,
            account: account,
            models: models,
            allowsListing: tier == .listing || tier == .region,
            regions: limit
        )
        access.open(&policy)
        return policy
    }

    private func modelList(_ terminal: Terminal) throws(UserFacingError) -> ModelList? {
        guard !models.isEmpty else {
            guard tier != .models else {
                throw UserFacingError.misuse("--tier models is for named models", hint: "add --models")
            }
            return nil
        }
        guard tier != .minimum else {
            throw UserFacingError.misuse("--tier minimum is for any model", hint: "use --tier models")
        }
        return try ModelsParser(models).read { terminal.warn($0) }
    }

    private func regionList(_ serverRegions: [String]) throws(UserFacingError) -> AccessPolicy.Regions {
        let names =
            regions.isEmpty ? serverRegions : regions.flatMap { $0.split(separator: ",").map(String.init) }
        guard !names.isEmpty else { throw UserFacingError("there is no region", hint: "name it with --region") }
        return AccessPolicy.Regions(names, allowsGlobalProfiles: access.allowGlobal == true)
    }

    private func partition(
        _ limit: AccessPolicy.Regions?,
        _ roles: [RoleName],
        or fallback: Partition
    ) throws(UserFacingError) -> Partition {
        var named: [Partition] = []
        for name in limit?.names ?? regions {
            named.append(try Partition.reading(region: name, regions.isEmpty ? nil : .option("--region")))
        }
        named += roles.map(\.partition)
        if let partition {
            let partition = try Partition.reading(partition, .option("--partition"))
            if let other = named.first(where: { $0 != partition }) {
                throw UserFacingError.misuse("region or role are of \(other.rawValue), not of \(partition.rawValue)")
            }
            return partition
        }
        guard let first = named.first else { return fallback }
        guard named.allSatisfy({ $0 == first }) else {
            throw UserFacingError(
                "regions and roles are of several partitions",
                hint: "one policy holds in one of them"
            )
        }
        return first
    }

    private func accountID(_ roles: [RoleName], _ terminal: Terminal) throws(UserFacingError) -> String? {
        if let account {
            guard AccountID.isValid(account) else {
                throw UserFacingError.misuse("--account \"\(account)\" is not an account", hint: "it has twelve digits")
            }
            return account
        }
        let accounts = Set(roles.map(\.account))
        guard accounts.count == 1, let account = accounts.first else {
            terminal.note("inference profiles of any account are allowed; --account names one")
            return nil
        }
        return account
    }
}
