import AWSAuth

/// What can be read off a stack's events, the oldest first.
extension [StackEvent] {
    private static var starts: [String] { ["CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS"] }

    private var lastStart: Int? {
        lastIndex { $0.isOfStack && Self.starts.contains($0.status.rawValue) }
    }

    /// The event before the last operation began; nil when there is none.
    var beforeLastOperation: StackEvent? {
        lastStart.flatMap { $0 > startIndex ? self[$0 - 1] : nil }
    }

    /// The events of the last operation.
    var lastOperation: [StackEvent] { lastStart.map { Array(self[$0...]) } ?? self }

    /// What went wrong first; everything after it follows from it.
    var firstFailure: StackEvent? {
        let failed = filter { event in
            let reason = event.reason?.lowercased() ?? ""
            // What was stopped only because something else had failed.
            return event.status.isFailed && !reason.contains("cancelled") && !reason.contains("canceled")
        }
        return failed.first { !$0.isOfStack } ?? failed.first
            ?? first { $0.isOfStack && $0.status.isRollback && $0.reason != nil }
    }
}

extension StackEvent {
    /// AWS's reason as one line.
    var reasonLine: String? {
        reason.map { $0.split(whereSeparator: \.isWhitespace).joined(separator: " ") }
    }

    /// `BedrockRole (AWS::IAM::Role) failed: …`.
    func failure(ofStack name: String) -> String {
        let resource = isOfStack ? "the stack \(name)" : "\(logicalID) (\(type))"
        return "\(resource) failed: \(reasonLine ?? status.rawValue)"
    }
}
