import HTTPTypes

extension HTTPField.Name {
    private static func known(_ name: String) -> Self {
        guard let name = Self(name) else { preconditionFailure("\(name) is no header name") }
        return name
    }

    static let apiKey = known("x-api-key")
    /// What the oldest helpers in the field send.
    static let oldAPIKey = known("api-key")
    static let referrerPolicy = known("Referrer-Policy")
    static let rateLimitLimit = known("RateLimit-Limit")
    static let rateLimitRemaining = known("RateLimit-Remaining")
    static let rateLimitReset = known("RateLimit-Reset")
}
