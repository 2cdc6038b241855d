package import BursarFoundation
import BursarModel

/// `Sat, 21 Nov 2026 05:45:39 GMT`: the `Date` and `Retry-After` headers (RFC 9110 §5.6.7, the form in use).
package enum HTTPDate {
    package static func date(_ text: String) -> Date? {
        let parts = text.split(separator: " ")
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        guard parts.count == 6, parts[5] == "GMT", let month = months.firstIndex(of: String(parts[2])),
            parts[1].utf8.count == 2, parts[3].utf8.count == 4
        else { return nil }
        let number = month < 9 ? "0\(month + 1)" : "\(month + 1)"
        return Timestamp.date("\(parts[3])-\(number)-\(parts[1])T\(parts[4])Z")
    }
}
