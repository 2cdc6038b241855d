import BursarCore
import Configuration
import Console
import Logging
import Storage

/// How the server is to run, every value checked.
struct Settings: Sendable {
    enum Issuer: Equatable {
        case sts(STSRole)
        case simulated
    }

    /// The role that is assumed for researchers, and how.
    struct STSRole: Equatable {
        let arn: String
        let region: String
        let externalID: String?
        var assumesOwnRole = false
        /// Roles for researchers of some projects, by the project's name.
        var projects: [String: String] = [:]
        /// Whether sessions carry `researcher`, `project` and `key` as tags; the trust policy must allow TagSession.
        var tagsSessions = false
        /// Whether sessions carry the handle as SourceIdentity; the trust policy must allow SetSourceIdentity.
        var setsSourceIdentity = false
        /// Whether a session works only from the addresses that its key is limited to.
        var pinsAddresses = false

        func arn(for project: String) -> String { projects[project] ?? arn }
    }

    var host: String
    var port: Int
    var database: String
    var issuer: Issuer
    var sessionDuration: SessionDuration
    var logLevel: Logger.Level

    /// Reads `BURSAR_…` variables; unknown ones are refused by name, since a setting that is misspelled is one that
    /// doesn't hold.
    init(environment: [String: String]) throws(Problem) {
        try Self.refuseUnknown(in: environment)
        let reader = SettingReader(environment: environment)
        host = reader.text(.httpHost) ?? "127.0.0.1"
        port = try reader.value(.httpPort, or: 8080, expecting: "a port, 0 to 65535") { text in
            Int(text).flatMap { (0...65_535).contains($0) ? $0 : nil }
        }
        sessionDuration = try reader.value(.sessionDuration, or: .oneHour, expecting: "15m to 12h") {
            SessionDuration($0)
        }
        logLevel = try reader.value(.logLevel, or: .info, expecting: "a level such as info or debug") {
            Logger.Level(rawValue: $0)
        }
        do {
            database = try DatabaseLocation.path(option: nil, environment: environment)
        } catch {
            throw Problem(error)
        }
        issuer = try Self.issuer(reader, environment)
        let isInsecure = try reader.flag(.insecureHTTP)
        guard isInsecure || Loopback.contains(host: host) else {
            throw Problem(
                "plain HTTP on \(host) would send keys and credentials unencrypted",
                hint: "listen on 127.0.0.1 behind a TLS proxy, or set \(Setting.insecureHTTP.environmentName)=yes"
            )
        }
        guard issuer != .simulated || Loopback.contains(host: host) else {
            throw Problem("simulated credentials are for this machine only", hint: "listen on 127.0.0.1")
        }
    }

    private static func refuseUnknown(in environment: [String: String]) throws(Problem) {
        let known = Set(Setting.allCases.map(\.environmentName))
        let unknown = environment.keys.filter { $0.hasPrefix("BURSAR_") && !known.contains($0) }.sorted()
        guard let first = unknown.first else { return }
        throw Problem("\(first) is not a setting", hint: "vending-server serve --help lists them")
    }

    private static func issuer(_ reader: SettingReader, _ environment: [String: String]) throws(Problem) -> Issuer {
        let kind = try reader.value(.issuer, or: "sts", expecting: "sts or simulated") {
            ["sts", "simulated"].contains($0) ? $0 : nil
        }
        guard kind == "sts" else { return .simulated }
        let arn = try reader.value(.roleARN, or: nil, expecting: "arn:aws:iam::ACCOUNT:role/NAME") { text -> String?? in
            text.hasPrefix("arn:aws") && text.contains(":role/") ? text : nil
        }
        guard let arn else {
            throw Problem(
                "\(Setting.roleARN.environmentName) is not set: there is no role to assume",
                hint: "set it, or run `vending-server dev` to try things out without AWS"
            )
        }
        let region = reader.text(.region) ?? environment["AWS_REGION"] ?? environment["AWS_DEFAULT_REGION"] ?? ""
        guard !region.isEmpty else {
            throw Problem("no region is set", hint: "set \(Setting.region.environmentName), for example to us-east-1")
        }
        let assumesOwnRole = try reader.flag(.assumeRole)
        let externalID = reader.text(.externalID)
        return .sts(STSRole(arn: arn, region: region, externalID: externalID, assumesOwnRole: assumesOwnRole))
    }
}

/// One setting at a time, out of the environment.
private struct SettingReader {
    private let config: ConfigReader

    init(environment: [String: String]) {
        config = ConfigReader(provider: EnvironmentVariablesProvider(environmentVariables: environment))
            .scoped(to: "bursar")
    }

    /// nil when unset or empty.
    func text(_ setting: Setting) -> String? {
        config.string(forKey: ConfigKey(setting.rawValue)).flatMap { $0.isEmpty ? nil : $0 }
    }

    /// no unless it says yes.
    func flag(_ setting: Setting) throws(Problem) -> Bool {
        try value(setting, or: false, expecting: "yes or no") { ["yes": true, "no": false][$0] }
    }

    func value<Value>(
        _ setting: Setting,
        or fallback: Value,
        expecting form: String,
        _ parse: (String) -> Value?
    ) throws(Problem) -> Value {
        guard let text = text(setting) else { return fallback }
        guard let value = parse(text) else {
            throw Problem("\(setting.environmentName) is \"\(text)\", which is not \(form)")
        }
        return value
    }
}
