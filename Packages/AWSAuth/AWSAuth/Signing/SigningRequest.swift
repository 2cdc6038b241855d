public import BursarFoundation

/// A request as the signer sees it.
public struct SigningRequest: Sendable {
    /// What of the body is signed.
    public enum Payload: Sendable {
        /// The whole body; empty for none.
        case bytes(Data)
        /// Its SHA-256 in lower-case hex, for a body that was hashed while it was written.
        case digest(String)
        /// `UNSIGNED-PAYLOAD`: the body isn't protected by the signature, only by TLS.
        case unsigned
    }

    public var method: String
    /// Absolute, already percent-encoded.
    public var url: String
    /// In the order they are sent; repeated names are folded in the signature.
    public var headers: [(name: String, value: String)]
    public var payload: Payload

    public init(
        method: String,
        url: String,
        headers: [(name: String, value: String)] = [],
        payload: Payload = .bytes(Data())
    ) {
        self.method = method
        self.url = url
        self.headers = headers
        self.payload = payload
    }

    func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }

    mutating func replaceHeader(_ name: String, with value: String) {
        removeHeader(name)
        headers.append((name, value))
    }

    mutating func removeHeader(_ name: String) {
        headers.removeAll { $0.name.lowercased() == name.lowercased() }
    }
}

extension SigningRequest: CustomStringConvertible, CustomReflectable {
    public var description: String { "\(method) request" }
    public var customMirror: Mirror { Mirror(self, children: ["method": method]) }
}
