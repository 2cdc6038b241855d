import AWSAuth
import BursarConsole

extension StackDeployment {
    /// What went wrong, first of all, and what to do about it.
    func problem(_ outcome: StackOutcome) -> UserFacingError {
        let what =
            outcome.failure?.failure(ofStack: name) ?? "the stack \(name) did not come to what it was meant to be"
        let remedy = outcome.failure?.missingPermission.map { "have \($0) given to these credentials" }
        return UserFacingError(what, hint: "\(remedy ?? "put that right"); \(next(outcome.status))")
    }

    private func next(_ status: StackStatus?) -> String {
        guard let status else { return "the stack is gone" }
        switch status.rawValue {
        case "ROLLBACK_COMPLETE":
            return "nothing is left but the failed stack: \(command("destroy")), then apply again"
        case "UPDATE_ROLLBACK_COMPLETE", "IMPORT_ROLLBACK_COMPLETE":
            return "the stack is as it was before: apply again"
        case "UPDATE_ROLLBACK_FAILED": return "the stack stands in between: \(command("apply --continue-rollback"))"
        case "DELETE_FAILED": return "the stack is deleted in part: \(command("destroy")) goes on"
        case _ where status.rawValue.hasPrefix("ROLLBACK") || status.rawValue.hasPrefix("CREATE"):
            return "the stack is half made: \(command("destroy")), then apply again"
        default: return "the stack is now \(status): \(command("status")) says more"
        }
    }
}

extension StackEvent {
    /// The action that the caller may not do, when that is the reason: `iam:CreateRole`.
    fileprivate var missingPermission: String? {
        guard let reason, let found = reason.firstRange(of: "not authorized to perform: ") else { return nil }
        let action = reason[found.upperBound...].prefix { $0.isLetter || $0.isNumber || $0 == ":" || $0 == "*" }
        return action.isEmpty ? nil : String(action)
    }
}
