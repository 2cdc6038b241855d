import BursarFoundation

extension Date {
    /// UTC milliseconds since 1970: how times stand in the database and in the chain.
    var milliseconds: Int64 {
        Int64((timeIntervalSince1970 * 1000).rounded(.down))
    }

    init(milliseconds: Int64) {
        self.init(timeIntervalSince1970: Double(milliseconds) / 1000)
    }
}
