package import BursarModel

/// A refused request, with details for the log that the caller must not see.
package struct VendError: Error, Sendable {
    /// The caller's identity, as far as it is known.
    package enum Subject: Sendable, Equatable {
        case nobody
        /// The presented id belongs to no key.
        case unknown(KeyID)
        /// The presented id belongs to a key; the secret was wrong, or not verified.
        case unproven(KeyID)
        /// The secret proved right.
        case proven(KeyID, Handle)
        /// The secret of a canary proved right: a thief has found it. The caller gets the error for a wrong secret.
        case canary(KeyID, Handle)
    }

    /// A rate limit or quota that is used up.
    package struct Limit: Sendable, Equatable {
        package let count: Int
        package let reset: Duration
    }

    package let code: ErrorCode
    package let subject: Subject
    /// The limit that was reached, and the time until its reset; nil for any other error.
    package let limit: Limit?
    /// For the log only; never holds a secret.
    package let cause: String
    /// A detail that changes the caller's message.
    package let occasion: ErrorCode.ErrorDetail?

    package init(
        _ code: ErrorCode,
        _ subject: Subject = .nobody,
        limit: Limit? = nil,
        cause: String = "",
        occasion: ErrorCode.ErrorDetail? = nil
    ) {
        self.code = code
        self.subject = subject
        self.limit = limit
        self.cause = cause
        self.occasion = occasion
    }

    package init(_ occasion: ErrorCode.ErrorDetail, cause: String = "") {
        self.init(occasion.code, cause: cause, occasion: occasion)
    }

    package init(_ code: ErrorCode, to key: KeyRecord, limit: Limit? = nil, cause: String = "") {
        self.init(code, .proven(key.id, key.researcher), limit: limit, cause: cause)
    }

    /// The presented key's id, if a well-formed key was presented.
    package var keyID: KeyID? {
        switch subject {
        case .nobody: nil
        case .unknown(let id), .unproven(let id), .proven(let id, _), .canary(let id, _): id
        }
    }
}

extension VendError.Subject {
    /// The owner of the secret, if it proved right.
    package var holder: (key: KeyID, researcher: Handle)? {
        switch self {
        case .nobody, .unknown, .unproven: nil
        case .proven(let key, let researcher), .canary(let key, let researcher): (key, researcher)
        }
    }

    /// True if no existing key was presented.
    package var isStranger: Bool {
        switch self {
        case .nobody, .unknown: true
        case .unproven, .proven, .canary: false
        }
    }

    /// True for the use of a canary, which is an alarm.
    package var isCanary: Bool {
        if case .canary = self { true } else { false }
    }
}
