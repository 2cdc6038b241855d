import BursarFoundation
import Storage

/// When who may have been kept from a session that AWS had issued already.
struct ExplainedGaps {
    /// More than this are not kept.
    static let limit = 1_000_000
    /// Clocks differ.
    static let before: TimeInterval = 60
    /// An answer of AWS, a wait for the database, and the commit.
    static let after: TimeInterval = 120

    private var ofAll: [Date] = []
    private var ofOne: [String: [Date]] = [:]
    private var count = 0

    /// False when there is no room for one more.
    mutating func add(_ hindrance: PossibleBlock) -> Bool {
        guard count < Self.limit else { return false }
        count += 1
        if let researcher = hindrance.researcher {
            ofOne[researcher.lowercased(), default: []].append(hindrance.date)
        } else {
            ofAll.append(hindrance.date)
        }
        return true
    }

    /// Whether one of them explains that a session which was issued at `date` was never handed out.
    func explain(_ researcher: String, at date: Date) -> Bool {
        let window = date.addingTimeInterval(-Self.before)...date.addingTimeInterval(Self.after)
        return ofAll.contains(where: window.contains)
            || ofOne[researcher.lowercased(), default: []].contains(where: window.contains)
    }
}
