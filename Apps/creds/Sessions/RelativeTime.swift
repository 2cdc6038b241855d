import BursarFoundation
import BursarModel

/// A time as people want it: how long until then, and when that is.
struct RelativeTime: CustomStringConvertible {
    private let date: Date
    /// Whole seconds, rounded down, so that nobody is told of life that isn't there; negative when it is over.
    let seconds: Int

    init(until date: Date, at now: Date) {
        self.date = date
        seconds = Int(date.timeIntervalSince(now).rounded(.down))
    }

    var description: String {
        let length = TimeSpan(seconds: abs(seconds))
        return (seconds > 0 ? "in \(length), " : "\(length) ago, ") + Timestamp.string(date)
    }
}
