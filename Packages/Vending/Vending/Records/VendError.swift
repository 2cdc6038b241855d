package import BursarModel

/// A no, with what the log needs and the caller must not see.
package struct VendError: Error, Sendable {
    /// What is known of whoever asked.
    package enum Subject: Sendable, Equatable {
        case nobody
        /// An id that no key has.
        case unknown(KeyID)
        /// An id that a key has; the secret was wrong, or not looked at.
        case unproven(KeyID)
        /// The secret proved right.
        case proven(KeyID, Handle)
        /// The secret of a canary proved right: somebody has what nobody should; the caller is told that it is wrong.
        case canary(KeyID, Handle)
    }

    /// A rate or quota that is used up.
    package struct Limit: Sendable, Equatable {
        package let count: Int
        package let reset: Duration
    }

    package let code: ErrorCode
    package let subject: Subject
    /// Which limit was reached, and when there is room again; nil for any other no.
    package let limit: Limit?
    /// For the log only; never holds a secret.
    package let cause: String
    /// What changes the sentence that the caller reads.
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

    /// The key in question, once one was named.
    package var keyID: KeyID? {
        switch subject {
        case .nobody: nil
        case .unknown(let id), .unproven(let id), .proven(let id, _), .canary(let id, _): id
        }
    }
}

extension VendError.Subject {
    /// Whoever the secret belongs to, where it proved right.
    package var holder: (key: KeyID, researcher: Handle)? {
        switch self {
        case .nobody, .unknown, .unproven: nil
        case .proven(let key, let researcher), .canary(let key, let researcher): (key, researcher)
        }
    }

    /// Whether it named no key that there is.
    package var isStranger: Bool {
        switch self {
        case .nobody, .unknown: true
        case .unproven, .proven, .canary: false
        }
    }

    /// Whether it is an alarm.
    package var isCanary: Bool {
        if case .canary = self { true } else { false }
    }
}
