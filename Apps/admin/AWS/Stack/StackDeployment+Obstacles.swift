import AWSAuth
import BursarConsole
import BursarModel

extension StackDeployment {
    /// Why a stack can't be given another template as it stands; nil when it can.
    func obstacle(to stack: CloudFormationStack) -> UserFacingError? {
        let status = stack.status
        if status.isUpdatable || status == .review { return nil }
        if status == .deleting {
            return UserFacingError(
                "the stack \(name) is being deleted",
                hint: "\(command("status --watch")) waits for its end; then make it anew"
            )
        }
        if status.isInProgress { return busy(stack) }
        switch status {
        case .rolledBack:
            return UserFacingError(
                "the stack \(name) could never be made (\(status)); AWS can only delete such a stack",
                hint: "\(command("status")) says why; \(command("destroy")), then apply again"
            )
        case .updateRollbackFailed:
            return UserFacingError(
                "an update of the stack \(name) failed, and so did undoing it (\(status))",
                hint: "put right what \(command("status")) names, then \(command("apply --continue-rollback"))"
            )
        case .deleteFailed:
            return UserFacingError(
                "the stack \(name) is deleted in part (\(status))",
                hint: "\(command("status")) names what stopped it; \(command("destroy")) goes on"
            )
        case _ where status.rawValue.hasPrefix("CREATE_") || status.rawValue.hasPrefix("ROLLBACK_"):
            return UserFacingError(
                "the stack \(name) is half made (\(status)); AWS can only delete such a stack",
                hint: "\(command("status")) says what is left; \(command("destroy")), then apply again"
            )
        default:
            return UserFacingError(
                "the stack \(name) can't be changed as it stands (\(status))",
                hint: "\(command("status")) says more; CloudFormation's console can undo a failed update"
            )
        }
    }

    /// Somebody's operation is running.
    func busy(_ stack: CloudFormationStack) -> UserFacingError {
        let since = (stack.updated ?? stack.created).map { " since \(Timestamp.string($0))" } ?? ""
        return UserFacingError(
            "the stack \(name) is being changed already (\(stack.status)\(since)), perhaps by somebody else",
            hint: "\(command("status --watch")) waits for its end"
        )
    }

    func missing() -> UserFacingError {
        UserFacingError(
            "there is no stack \(name) in \(place)",
            hint: "\(command("apply")) makes it; perhaps --region is another"
        )
    }

    /// What is said when nobody watches any more, but AWS goes on.
    func unwatched(_ why: String) -> UserFacingError {
        UserFacingError(
            "\(why); AWS goes on with the stack \(name) by itself",
            hint: "\(command("status --watch")) shows how it ends, and so does the same command again"
        )
    }
}
