/// Where a stack, or a resource of it, stands: `CREATE_COMPLETE`.
///
/// Kept as AWS writes it, since AWS adds words over the years; what a word means is read off its parts.
/// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/view-stack-events.html
public struct StackStatus: RawRepresentable, Sendable, Equatable, CustomStringConvertible {
    public let rawValue: String

    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    public var description: String { rawValue }

    /// Only change sets are there, and never a resource.
    public static let review = Self(rawValue: "REVIEW_IN_PROGRESS")
    /// A first creation failed and was undone: such a stack can only be deleted.
    public static let rolledBack = Self(rawValue: "ROLLBACK_COMPLETE")
    /// An update failed, and so did undoing it.
    public static let updateRollbackFailed = Self(rawValue: "UPDATE_ROLLBACK_FAILED")
    public static let deleting = Self(rawValue: "DELETE_IN_PROGRESS")
    public static let deleted = Self(rawValue: "DELETE_COMPLETE")
    public static let deleteFailed = Self(rawValue: "DELETE_FAILED")

    /// Whether AWS is at work on it; a stack under review waits for a person instead.
    public var isInProgress: Bool { self != .review && rawValue.hasSuffix("_IN_PROGRESS") }

    public var isFailed: Bool { rawValue.hasSuffix("_FAILED") }

    /// Whether something went wrong and was, or is being, undone.
    public var isRollback: Bool { rawValue.contains("ROLLBACK_") }

    /// Whether a change set of it can be made and executed.
    ///
    /// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-changesets.html
    public var isUpdatable: Bool {
        [
            "CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE",
            "IMPORT_ROLLBACK_COMPLETE",
        ]
        .contains(rawValue)
    }

    /// Whether what was begun ended as it was meant to.
    public var isSuccess: Bool { rawValue.hasSuffix("_COMPLETE") && !isRollback }
}
