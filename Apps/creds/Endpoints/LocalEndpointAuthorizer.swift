import BursarModel

/// Decides who may use a local endpoint: who knows its token, and is neither a browser nor a proxy.
struct LocalEndpointAuthorizer: Sendable {
    let port: Int
    let token: Secret<String>
    /// What stands before the token in `Authorization`.
    let scheme: String

    /// nil for a request that may go on.
    ///
    /// A page in a browser can send to any port of this machine: it can't leave out `Origin` or `Sec-Fetch-Site`, and a
    /// name that was made to point here (DNS rebinding) stands in `Host`. `Sec-Fetch-Mode` alone comes from Node's
    /// `fetch` (seen 2026-11), which is no browser.
    func refusal(of request: LocalRequest) -> LocalEndpointError? {
        let hosts = request.values("host")
        guard hosts == ["127.0.0.1:\(port)"] || hosts == ["localhost:\(port)"] else { return .hostRefused }
        for name in request.headers.map({ $0.name.lowercased() }) {
            if ["origin", "referer"].contains(name) { return .browserRefused }
            if name.hasPrefix("sec-fetch-"), name != "sec-fetch-mode" { return .browserRefused }
            if ["forwarded", "via"].contains(name) || name.hasPrefix("x-forwarded-") { return .forwardedRefused }
        }
        let presented = request.values("authorization")
        guard !presented.isEmpty else { return .tokenMissing }
        guard presented.count == 1, Secret(presented[0]) == Secret(scheme + token.reveal()) else { return .tokenWrong }
        return nil
    }

    /// 32 random bytes, in characters that need no quoting anywhere.
    static func newToken() -> Secret<String> {
        var generator = SystemRandomNumberGenerator()
        let bytes = (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        return Secret(Base62.encode(bytes, length: 43))
    }
}
