/// This machine's own addresses, the only ones that plain HTTP may go to.
package enum Loopback {
    /// `localhost`, `127.0.0.0/8` in four decimal numbers, and `::1` with or without brackets.
    package static func contains(host: some StringProtocol) -> Bool {
        if host == "localhost" || host == "::1" || host == "[::1]" { return true }
        let octets = host.split(separator: ".", omittingEmptySubsequences: false)
        return octets.count == 4 && octets[0] == "127" && octets.allSatisfy { UInt8($0) != nil }
    }
}
