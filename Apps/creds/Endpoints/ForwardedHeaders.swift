/// Which headers go on through the proxy.
enum ForwardedHeaders {
    /// Those that are about one connection: https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1.
    private static let hopByHop: Set = [
        "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer",
        "transfer-encoding", "upgrade",
    ]
    /// Those that our own request has anew, or that are for nobody behind us.
    private static let replaced: Set = ["host", "content-length", "expect", "authorization", "cookie"]

    /// The client's, without its authorization and whatever it signed (`X-Amz-…`; Bedrock's own are `X-Amzn-…`).
    static func request(_ headers: [(name: String, value: String)]) -> [(name: String, value: String)] {
        withoutHops(headers).filter { name, _ in
            let name = name.lowercased()
            return !replaced.contains(name) && !name.hasPrefix("x-amz-")
        }
    }

    /// Bedrock's.
    static func answer(_ headers: [(name: String, value: String)]) -> [(name: String, value: String)] {
        withoutHops(headers)
    }

    private static func withoutHops(_ headers: [(name: String, value: String)]) -> [(name: String, value: String)] {
        let named = headers.filter { $0.name.lowercased() == "connection" }
            .flatMap { $0.value.split(separator: ",").map { $0.filter { $0 != " " && $0 != "\t" }.lowercased() } }
        let hops = hopByHop.union(named)
        return headers.filter { !hops.contains($0.name.lowercased()) }
    }
}
