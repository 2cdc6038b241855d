import BursarModel
import Vending

extension KeyRestrictions {
    /// What the record says of them: `ip 192.0.2.0/24; daily-limit 500`; nil when they leave all to the server.
    var summary: String? {
        let parts = [
            allowed.map { "ip \($0)" }, models.map { "models \($0)" }, dailyLimit.map { "daily-limit \($0)" },
            rate.map { "rate \($0.perSecond)" }, sessionDuration.map { "session \($0.seconds)s" },
        ]
        let text = parts.compactMap(\.self).joined(separator: "; ")
        return text.isEmpty ? nil : text
    }
}
