import Testing

@testable import creds

/// Whose process is at the other end.
struct ServePeerTests {
    private static let head =
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"

    /// A row as the kernel prints it.
    private static func row(_ local: String, _ remote: String, state: String = "01", owner: Int = 1000) -> String {
        "   7: \(local) \(remote) \(state) 00000000:00000000 00:00000000 00000000  \(owner)        0 213 1 0 20 4 30 10 -1\n"
    }

    @Test func `the client's end says who owns it, not the server's`() {
        let table =
            Self.head + Self.row("0100007F:1F90", "0100007F:C350", owner: 0)
            + Self.row("0100007F:C350", "0100007F:1F90", owner: 1000)
        #expect(PeerOwner.owner(in: Array(table.utf8), client: 50_000, server: 8080) == 1000)
    }

    @Test func `a client that speaks IPv6 is found under its mapped address`() {
        let mapped = "0000000000000000FFFF00000100007F"
        let table = Self.head + Self.row("\(mapped):0050", "\(mapped):1F90", owner: 65_534)
        #expect(PeerOwner.owner(in: Array(table.utf8), client: 80, server: 8080) == 65_534)
    }

    @Test(arguments: [
        row("0100007F:C350", "0100007F:1F91"), row("0100007F:C351", "0100007F:1F90"),
        row("0200007F:C350", "0100007F:1F90"), row("0100007F:C350", "0200007F:1F90"),
        row("0100007F:C350", "0100007F:1F90", state: "06", owner: 0),
        row("0100007F:C350", "0100007F:1F90", state: "05", owner: 0), "", "   7: 0100007F:C350 0100007F:1F90 01 ",
    ])
    func `no other connection counts, nor one that is closed`(rows: String) {
        #expect(PeerOwner.owner(in: Array((Self.head + rows).utf8), client: 50_000, server: 8080) == nil)
    }

    @Test func `a connection that isn't there is nobody's`() {
        #expect(!PeerOwner.isThisUser(client: 1, server: 1))
    }
}
