/// The response of `GET /whoami`: the key of the request.
package struct WhoAmIResponse: Codable, Sendable, Equatable {
    /// The researcher's handle.
    package let researcher: String
    package let keyID: String
    /// The key's expiry, RFC 3339 in UTC.
    package let keyExpires: String
    /// The caller's address as the server sees it.
    package let address: String
    /// Patterns of the models that the key's sessions may invoke; nil is all that the role allows, or an older server.
    package var models: [String]?
    /// Vends that the key may have per UTC day, and has had today; nil from an older server.
    package var dailyLimit: Int?
    package var usedToday: Int?
    /// Seconds that the key's sessions live at most; nil from an older server.
    package var sessionSeconds: Int?

    package init(researcher: String, keyID: String, keyExpires: String, address: String) {
        self.researcher = researcher
        self.keyID = keyID
        self.keyExpires = keyExpires
        self.address = address
    }
}
