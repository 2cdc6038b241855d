package import BursarCore

/// A no, with what the log needs and the caller must not see.
package struct Refusal: Error, Sendable {
    package let code: RefusalCode
    /// The key in question, once one was named.
    package let keyID: KeyID?
    /// For the log only; never holds a secret.
    package let cause: String

    package init(_ code: RefusalCode, keyID: KeyID? = nil, cause: String = "") {
        self.code = code
        self.keyID = keyID
        self.cause = cause
    }
}
