package import AWSAuth
package import BursarConsole
import BursarModel
package import Logging
import Storage
import SystemPackage
package import Vending

/// How the server is to run, every value checked.
package struct Settings: Sendable {
    package enum Issuer: Equatable {
        case sts(STSRole)
        case simulated
    }

    /// The role that is assumed for researchers, and how.
    package struct STSRole: Equatable {
        package let arn: String
        package let region: String
        /// That of the region, and of every role.
        package let partition: Partition
        package let externalID: String?
        package var assumesOwnRole = false
        /// Roles for researchers of some projects, by the project's name.
        package var projects: [String: String] = [:]
        /// Whether sessions carry `researcher`, `project` and `key` as tags; the trust policy must allow TagSession.
        package var tagsSessions = false
        /// Whether sessions carry the handle as SourceIdentity; the trust policy must allow SetSourceIdentity.
        package var setsSourceIdentity = false
        /// Whether a session works only from the addresses that its key is limited to.
        package var pinsAddresses = false

        package init(arn: String, region: String, partition: Partition, externalID: String?) {
            self.arn = arn
            self.region = region
            self.partition = partition
            self.externalID = externalID
        }

        package func arn(for project: String) -> String { projects[project] ?? arn }
    }

    /// A log group of CloudWatch's for the chain's heads, and with whose rights they are written.
    package struct ChainHeadsLogSettings: Equatable, Sendable {
        package let group: String
        package let region: String
        package let assumesOwnRole: Bool
    }

    package var host: String
    package var port: Int
    package var database: String
    package var issuer: Issuer
    package var terms: ServerTerms
    package var clients: ClientAddressRule
    package var logLevel: Logger.Level
    /// nil: as it suits where the log goes.
    package var logFormat: LogFormat?
    /// nil serves plain HTTP.
    package var tls: TLSFiles?
    package var isInsecureHTTPAllowed: Bool
    /// nil answers nobody about metrics.
    package var metrics: ListenAddress?
    /// Connections held at once; nil: as the memory allows.
    package var connections: Int?
    /// Whom people turn to, as the page for browsers says it; nil names nobody.
    package var contact: Contact?
    package var keys: KeyRules
    /// nil leaves the heads to the log.
    package var heads: ChainHeadsLogSettings?

    /// Reads `BURSAR_…` variables, and the file for those that aren't set.
    package init(environment: [String: String], file: SettingsFile? = nil) throws(UserFacingError) {
        let reader = try SettingReader(environment: environment, file: file)
        host = try ListenAddress.host(.httpHost, reader)
        port = try reader.value(.httpPort, or: 8080, expecting: "a port, 0 to 65535") {
            ListenAddress.port($0)
        }
        tls = try TLSFiles(reader)
        metrics = try ListenAddress(metrics: reader)
        connections = try reader.value(.httpConnections, expecting: "a number of connections, 1 or more") { text in
            Int(text).flatMap { (1...1_000_000).contains($0) ? $0 : nil }
        }
        contact = try reader.value(.contact, expecting: Contact.form) { Contact($0) }
        logFormat = try reader.value(.logFormat, expecting: "text or json") { LogFormat(rawValue: $0) }
        logLevel = try reader.value(.logLevel, or: .info, expecting: "a level such as info or debug") {
            Logger.Level(rawValue: $0)
        }
        let configured = try reader.path(.database)?.string
        do {
            database = try DatabaseLocation.path(option: configured, environment: environment)
        } catch {
            throw UserFacingError(error)
        }
        issuer = try Self.issuer(reader, environment)
        let duration = try reader.value(.sessionDuration, or: .oneHour, expecting: "15m to 12h") {
            SessionDuration($0)
        }
        terms = try ServerTerms(reader, sessionDuration: duration, region: Self.region(reader, environment))
        clients = try ClientAddressRule(reader)
        keys = try KeyRules(reader)
        heads = try Self.heads(reader, environment)
        isInsecureHTTPAllowed = try reader.flag(.insecureHTTP)
        guard tls != nil || isInsecureHTTPAllowed || Loopback.contains(host: host) else {
            throw UserFacingError(
                "plain HTTP on \(host) would send keys and credentials unencrypted",
                hint: "set \(Setting.tlsCertificate.environmentName) and \(Setting.tlsKey.environmentName), "
                    + "or listen on 127.0.0.1 behind a TLS proxy, or set \(Setting.insecureHTTP.environmentName)=yes"
            )
        }
        guard issuer != .simulated || Loopback.contains(host: host) else {
            throw UserFacingError("simulated credentials are for this machine only", hint: "listen on 127.0.0.1")
        }
    }

    private static func issuer(_ reader: SettingReader, _ environment: [String: String]) throws(UserFacingError)
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
        role.tagsSessions = try reader.flag(.sessionTags)
        role.setsSourceIdentity = try reader.flag(.sourceIdentity)
        role.pinsAddresses = try reader.flag(.pinAddresses)
        return .sts(role)
    }

    private static func heads(_ reader: SettingReader, _ environment: [String: String]) throws(UserFacingError)
        -> ChainHeadsLogSettings?
    {
        let form = "the name of a log group: letters, digits and ._-/#"
        let name = try reader.value(.headsLogGroup, expecting: form) { LogsClient.isGroupName($0) ? $0 : nil }
        guard let name else { return nil }
        guard let region = region(reader, environment) else {
            throw UserFacingError(
                "no region is set",
                hint: "set \(Setting.region.environmentName), for example to us-east-1"
            )
        }
        return ChainHeadsLogSettings(group: name, region: region, assumesOwnRole: try reader.flag(.assumeRole))
    }

    private static func region(_ reader: SettingReader, _ environment: [String: String]) -> String? {
        [reader.text(.region), environment["AWS_REGION"], environment["AWS_DEFAULT_REGION"]]
            .lazy.compactMap(\.self).first { !$0.isEmpty }
    }

    /// Roles for researchers of some projects, by the project's name.
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
