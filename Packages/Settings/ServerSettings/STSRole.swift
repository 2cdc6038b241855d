package import AWSAuth
package import AWSClients
package import BursarConsole
package import BursarFoundation
package import BursarHTTP
package import BursarModel

extension Settings {
    /// The role that is assumed for researchers, and the options of its sessions.
    package struct STSRole: Equatable {
        package let arn: String
        package let region: String
        /// The partition of the region and of every role.
        package let partition: Partition
        package let externalID: String?
        package var assumesOwnRole = false
        /// Roles for keys of some projects, by the project's name.
        package var projects: [String: String] = [:]
        package var sessionName = SessionName.Form.handleAndKey
        /// Tags sessions with `researcher`, `project` and `key`; the trust policy must allow `sts:TagSession`.
        package var tagsSessions = false
        /// Sets the handle as SourceIdentity; the trust policy must allow `sts:SetSourceIdentity`.
        package var setsSourceIdentity = false
        /// Restricts a session to the addresses of its key.
        package var pinsAddresses = false

        package init(arn: String, region: String, partition: Partition, externalID: String?) {
            self.arn = arn
            self.region = region
            self.partition = partition
            self.externalID = externalID
        }

        package func arn(for project: String) -> String { projects[project] ?? arn }
    }

    static func issuer(_ reader: SettingReader, _ environment: [String: String]) throws(UserFacingError)
        -> Issuer
    {
        let kind = try reader.value(.issuer, or: "sts", expecting: "sts or simulated") {
            ["sts", "simulated"].contains($0) ? $0 : nil
        }
        guard kind == "sts" else { return .simulated }
        guard let arn = reader.text(.roleARN) else {
            throw UserFacingError(
                "\(Setting.roleARN.environmentName) is not set: there is no role to assume",
                hint: "set it, or run `vending-server dev` to try things out without AWS"
            )
        }
        guard let region = region(reader, environment) else {
            throw UserFacingError(
                "no region is set",
                hint: "set \(Setting.region.environmentName), for example to us-east-1"
            )
        }
        let partition = try reader.partition(of: region)
        var role = STSRole(
            arn: try reader.role(arn, .roleARN, in: partition),
            region: region,
            partition: partition,
            externalID: reader.text(.externalID)
        )
        role.assumesOwnRole = try reader.flag(.assumeRole)
        role.projects = try projects(reader, in: partition)
        role.sessionName = try sessionName(reader)
        role.tagsSessions = try reader.flag(.sessionTags)
        role.setsSourceIdentity = try reader.flag(.sourceIdentity)
        role.pinsAddresses = try reader.flag(.pinAddresses)
        return .sts(role)
    }

    /// The form of new sessions' names.
    package static func sessionName(_ reader: SettingReader) throws(UserFacingError) -> SessionName.Form {
        try reader.value(.sessionName, or: .handleAndKey, expecting: "handle+key or handle") {
            SessionName.Form(rawValue: $0)
        }
    }

    /// Roles for keys of some projects, by the project's name.
    package static func projects(_ reader: SettingReader, in partition: Partition) throws(UserFacingError) -> [String:
        String]
    {
        var roles: [String: String] = [:]
        for entry in try reader.entries(.roleProjects) ?? [] {
            guard let sign = entry.firstIndex(of: "="), sign > entry.startIndex else {
                throw UserFacingError(
                    "\(reader.name(of: .roleProjects)) has \"\(entry)\", which is not "
                        + "PROJECT=arn:\(partition.rawValue):iam::ACCOUNT:role/NAME"
                )
            }
            let project = String(entry[..<sign])
            let arn = try reader.role(String(entry[entry.index(after: sign)...]), .roleProjects, in: partition)
            guard roles.updateValue(arn, forKey: project) == nil else {
                throw UserFacingError("\(reader.name(of: .roleProjects)) names the project \(project) twice")
            }
        }
        return roles
    }
}

extension Settings.STSRole {
    /// The session policy for a key, according to these settings.
    package func sessionPolicy(models: ModelList?, allowed: AddressList?, end: Date?) -> SessionPolicy {
        SessionPolicy(
            models: models,
            addresses: pinsAddresses ? allowed.flatMap(Self.pinnable) : nil,
            end: end
        )
    }

    /// Returns the list if AWS can match it: AWS never sees private addresses.
    private static func pinnable(_ list: AddressList) -> AddressList? {
        list.blocks.allSatisfy(\.isPublic) ? list : nil
    }
}

/// The limits and retries of the server's requests to STS.
///
/// An operator who ends sessions waits for the requests under way.
package enum SessionRequest {
    /// Deployed helpers give up after 5 s; these limits let them receive the reason before.
    package static let limits = TransferLimits(connect: .seconds(2), total: .seconds(3), stall: .seconds(3))
    package static let retries = RetryRules(attempts: 2, longestPause: .milliseconds(300), deadline: .seconds(1))

    /// The longest time from a change's commit until every session that was requested before the server knew of the
    /// change has arrived.
    ///
    /// A server that hasn't polled for a second does so before it vends. Then come up to four transfers of 3 s: one that
    /// shows that the clock is wrong, its repetition, and both once more for an hour, after STS refused the longer
    /// session. A retry after a failure begins within the first second, and takes less. The time to get the server's own
    /// credentials is not included; a session requested after such a delay is never handed out, since its key's row has
    /// changed by the time its vend is recorded.
    package static let longest: Duration = .seconds(1) + .seconds(3) * 4
}
