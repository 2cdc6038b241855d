/// What `GET /whoami` says of the key that asked.
package struct WhoAmIAnswer: Codable, Sendable, Equatable {
    /// The researcher's handle.
    package let researcher: String
    package let keyID: String
    /// When the key ends, RFC 3339 in UTC.
    package let keyExpires: String
    /// The caller's address as the server sees it.
    package let address: String

    package init(researcher: String, keyID: String, keyExpires: String, address: String) {
        self.researcher = researcher
        self.keyID = keyID
        self.keyExpires = keyExpires
        self.address = address
    }
}
