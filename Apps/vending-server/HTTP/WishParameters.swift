import BursarFoundation
import BursarModel
import Hummingbird
import Vending

extension Request {
    /// `?name=` as a time such as `45m` or `2700`, 12 hours at most; nil when it isn't there.
    func span(_ name: String) throws(VendError) -> TimeSpan? {
        guard let text = try parameter(name) else { return nil }
        guard let span = TimeSpan(text), (1...SessionDuration.allowed.upperBound).contains(span.seconds) else {
            throw VendError(.badRequest, cause: "\(name) is not a time of 12 hours at most")
        }
        return span
    }

    /// How long the credentials should live at least.
    func minLeft() throws(VendError) -> TimeInterval? {
        try span("min-left").map { TimeInterval($0.seconds) }
    }

    /// A query parameter; said twice it is refused, since nobody can tell which one counts.
    func parameter(_ name: String) throws(VendError) -> String? {
        let values = uri.queryParameters[values: Substring(name)]
        guard values.count <= 1 else { throw VendError(.badRequest, cause: "\(name) stands twice") }
        return values.first.map { String($0) }
    }
}
