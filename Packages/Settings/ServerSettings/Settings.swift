import AWSAuth
import AWSClients
package import BursarConsole
package import BursarHTTP
package import BursarModel
package import Logging
import Storage
import SystemPackage
package import Vending

/// The server's settings, every value checked.
package struct Settings: Sendable {
    package enum Issuer: Equatable {
        case sts(STSRole)
        case simulated
    }

    /// The CloudWatch log group that the chain's heads are written to, and the role that writes them.
    package struct ChainHeadsLogSettings: Equatable, Sendable {
        package let group: String
        package let region: String
        package let assumesOwnRole: Bool
    }

    package var host: String
    package var port: Int
    package var database: DatabaseSettings
    package var issuer: Issuer
    package var terms: ServerTerms
    package var clients: ClientAddressRule
    package var logLevel: Logger.Level
    /// nil chooses text on a terminal, else JSON.
    package var logFormat: LogFormat?
    /// nil serves plain HTTP.
    package var tls: TLSFiles?
    package var isInsecureHTTPAllowed: Bool
    /// nil serves no metrics.
    package var metrics: ListenAddress?
    /// Connections held at once; nil is as many as the memory allows.
    package var connections: Int?
    /// The contact that the page for browsers names; nil names none.
    package var contact: Contact?
    package var keys: KeyRules
    /// nil writes the heads to the server's log only.
    package var heads: ChainHeadsLogSettings?
    package var spend: SpendSettings

    /// Reads `BURSAR_…` variables, and the file for variables that aren't set.
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
        do {
            database = try DatabaseSettings(option: nil, reader, environment: environment)
        } catch let error as StoreError {
            throw UserFacingError(error)
        } catch {
            throw error as? UserFacingError ?? UserFacingError("no database can be found")
        }
        issuer = try Self.issuer(reader, environment)
        let duration = try reader.value(.sessionDuration, or: .oneHour, expecting: "15m to 12h") {
            SessionDuration($0)
        }
        terms = try ServerTerms(reader, sessionDuration: duration, region: Self.region(reader, environment))
        clients = try ClientAddressRule(reader)
        keys = try KeyRules(reader)
        heads = try Self.heads(reader, environment)
        spend = try SpendSettings(reader)
        isInsecureHTTPAllowed = try reader.flag(.insecureHTTP)
        guard tls != nil || isInsecureHTTPAllowed || Loopback.contains(host: host) else {
            throw UserFacingError(
                "plain HTTP on \(host) would send keys and credentials unencrypted",
                hint: "set \(Setting.tlsCertificate.environmentName) and \(Setting.tlsKey.environmentName), "
                    + "or listen on 127.0.0.1 behind a TLS proxy, or set \(Setting.insecureHTTP.environmentName)=yes"
            )
        }
        guard issuer != .simulated || !spend.isIngesting else {
            throw UserFacingError(
                "\(Setting.spendIngest.environmentName) is yes, and simulated credentials make no calls",
                hint:
                    "set \(Setting.issuer.environmentName)=sts and the role, or \(Setting.spendIngest.environmentName)=no"
            )
        }
        guard issuer != .simulated || Loopback.contains(host: host) else {
            throw UserFacingError("simulated credentials are for this machine only", hint: "listen on 127.0.0.1")
        }
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

    static func region(_ reader: SettingReader, _ environment: [String: String]) -> String? {
        [reader.text(.region), environment["AWS_REGION"], environment["AWS_DEFAULT_REGION"]]
            .lazy.compactMap(\.self).first { !$0.isEmpty }
    }
}

extension Settings {
    /// A setting that makes the server less safe than it could be, and its consequence.
    package struct SettingsWarning: Equatable {
        package let setting: Setting
        package let consequence: String
    }

    /// The warnings logged at every start, so that a temporary setting isn't forgotten.
    package var warnings: [SettingsWarning] {
        var warnings: [SettingsWarning] = []
        func add(_ setting: Setting, _ consequence: String, if isWeak: Bool) {
            if isWeak { warnings.append(SettingsWarning(setting: setting, consequence: consequence)) }
        }
        add(
            .insecureHTTP,
            "keys and credentials go to \(host) unencrypted",
            if: tls == nil && !Loopback.contains(host: host)
        )
        add(.issuer, "credentials are simulated: AWS refuses them", if: issuer == .simulated)
        add(
            .metricsHost,
            "anyone who reaches \(metrics?.host ?? "") reads how much is vended",
            if: metrics.map { !Loopback.contains(host: $0.host) } ?? false
        )
        add(
            .allow,
            "requests are taken from any address",
            if: terms.allowed.includesEverybody && (!Loopback.contains(host: host) || clients.trusted != nil)
        )
        for entry in terms.allowed.normalised + (clients.trusted?.normalised ?? []) {
            let setting: Setting = terms.allowed.normalised.contains(entry) ? .allow : .trustedProxies
            add(setting, "\(entry) is taken as \(CIDRBlock(entry)?.description ?? ""): host bits don't count", if: true)
        }
        add(
            .database,
            "the path is relative, so from another working folder it is another database",
            if: database.file.map { !FilePath($0).isAbsolute } ?? false
        )
        add(.logLevel, "the log says more than it has to of requests and of AWS's answers", if: logLevel <= .debug)
        return warnings
    }
}

/// Settings that apply when keys are issued, and the address at which researchers use them.
package struct KeyRules: Equatable, Sendable {
    /// The longest time from a key's issue to its expiry.
    package var maximumLife: TimeSpan
    /// nil if unset.
    package var publicURL: ServerURL?

    package init(_ reader: SettingReader) throws(UserFacingError) {
        let year = TimeSpan(seconds: 366 * 86_400)
        maximumLife = try reader.value(.maximumKeyLife, or: year, expecting: "a length of time such as 366d") { text in
            // A bare 366 would be six minutes, so the unit is always written.
            guard text.last?.isLetter == true, let span = TimeSpan(text), span.seconds > 0 else { return nil }
            return span
        }
        let form = "an https:// address such as https://bursar.example.edu"
        publicURL = try reader.value(.publicURL, expecting: form) { try? ServerURL(parsing: $0) }
    }
}

/// Settings of what calls cost.
package struct SpendSettings: Equatable, Sendable {
    /// The months before the current one whose calls are counted, and whose sums are kept.
    package var keptMonths: Int
    /// True if the server reads the logs of calls by itself.
    package var isIngesting: Bool

    package init(_ reader: SettingReader) throws(UserFacingError) {
        isIngesting = try reader.flag(.spendIngest)
        let form = "a number of months from 1 to 120"
        keptMonths = try reader.value(.spendKeep, or: 25, expecting: form) { text in
            let number = text.hasSuffix(" months") ? String(text.dropLast(7)) : text
            return Int(number).flatMap { (1...120).contains($0) ? $0 : nil }
        }
    }
}

/// The format of a log line.
package enum LogFormat: String, Sendable, CaseIterable {
    /// For people: time, level, message, `name=value` pairs.
    case text
    /// For programs: one JSON object a line.
    case json
}
