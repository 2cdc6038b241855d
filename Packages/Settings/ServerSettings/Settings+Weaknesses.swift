import BursarModel
import Logging
import SystemPackage
import Vending

extension Settings {
    /// A setting that makes the server less safe than it could be, and how.
    package struct SettingsWarning: Equatable {
        package let setting: Setting
        package let consequence: String
    }

    /// What is said at every start, so that nobody forgets what was only meant for a moment.
    package var weaknesses: [SettingsWarning] {
        var weaknesses: [SettingsWarning] = []
        func add(_ setting: Setting, _ consequence: String, if isWeak: Bool) {
            if isWeak { weaknesses.append(SettingsWarning(setting: setting, consequence: consequence)) }
        }
        add(
            .insecureHTTP,
            "keys and credentials go to \(host) unencrypted",
            if: tls == nil && !Loopback.contains(host: host)
        )
        add(.issuer, "credentials are simulated: AWS refuses them", if: issuer == .simulated)
        add(
            .metricsHost,
            "whoever reaches \(metrics?.host ?? "") reads how much is vended",
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
            if: !FilePath(database).isAbsolute
        )
        add(.logLevel, "the log says more than it has to of requests and of AWS's answers", if: logLevel <= .debug)
        return weaknesses
    }
}
