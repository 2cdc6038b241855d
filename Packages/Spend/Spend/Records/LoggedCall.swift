/// One call of a model, as Bedrock's invocation log records it.
///
/// https://docs.aws.amazon.com/bedrock/latest/userguide/model-invocation-logging.html
package struct LoggedCall: Hashable, Sendable {
    /// UTC milliseconds since 1970.
    package let time: Int64
    package let account: String
    /// The region that the call was sent to, whose price and log it has, wherever it ran.
    package let region: String
    package let requestID: String
    package let operation: String
    package let modelID: String
    /// The ARN of the caller; nil if the record has none.
    package let caller: String?
    package let tokens: TokenCounts
    package let isError: Bool

    package init(
        time: Int64,
        account: String,
        region: String,
        requestID: String,
        operation: String,
        modelID: String,
        caller: String?,
        tokens: TokenCounts,
        isError: Bool = false
    ) {
        self.time = time
        self.account = account
        self.region = region
        self.requestID = requestID
        self.operation = operation
        self.modelID = modelID
        self.caller = caller
        self.tokens = tokens
        self.isError = isError
    }

    /// Hours since 1970, the first part of the key that a record is known again by.
    package var hour: Int64 { time >= 0 ? time / 3_600_000 : (time + 1) / 3_600_000 - 1 }
}

/// The content of one line of an invocation log.
package enum LogLine: Hashable, Sendable {
    case call(LoggedCall)
    /// The line that Bedrock writes when logging is switched on, or a blank one.
    case ignored
    /// A line that is neither, which is counted and shown, and never its text.
    case quarantined(QuarantineReason)
}

/// The reason why a line isn't counted as a call.
package enum QuarantineReason: String, Error, Sendable, CaseIterable, Codable {
    case notJSON = "not a JSON object, or cut off"
    case tooLong = "longer than any record"
    case otherSchema = "another type or version of record"
    case missingField = "a field is missing or of another type"
    case badCount = "a count that is negative, no whole number, or 2^53 or more"
    case badTime = "a time that can't be read"
    case otherAccount = "a record of another account"
}
