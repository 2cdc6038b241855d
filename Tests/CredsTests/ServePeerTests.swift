import Testing

@testable import creds

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The owner of the process at the other end of a connection.
struct ServePeerTests {
    private static let head =
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"

    /// A row in the kernel's format.
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

    #if os(Linux)
    @Test func `the kernel names the owner of one connection among many`() throws {
        let listener = try LoopbackSocket()
        let client = try LoopbackSocket(connectingTo: listener.port)
        let accepted = accept(listener.descriptor, nil, nil)
        #expect(accepted >= 0)
        #expect(SocketQuery.owner(client: client.port, server: listener.port) == geteuid())
        #expect(SocketQuery.owner(client: listener.port, server: listener.port) == nil)
        #expect(SocketQuery.owner(client: client.port, server: 1) == nil)
        close(accepted)
    }

    @Test func `an answer that is short, of another kind or of another socket names nobody`() throws {
        #expect(SocketQuery.owner(in: [], client: 1, server: 2) == nil)
        #expect(SocketQuery.owner(in: [UInt8](repeating: 0, count: 200)[...], client: 1, server: 2) == nil)
    }
    #endif

    @Test func `a connection that isn't there is nobody's`() {
        #expect(!PeerOwner.isThisUser(client: 1, server: 1))
    }
}

#if os(Linux)
/// A TCP socket of 127.0.0.1, closed with this object.
private final class LoopbackSocket {
    struct Failure: Error {}

    let descriptor: CInt
    private(set) var port = 0

    /// Listens on a free port, or connects to a listening one.
    init(connectingTo other: Int? = nil) throws {
        descriptor = socket(AF_INET, CInt(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(other ?? 0).bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let descriptor = descriptor
        let isDone = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                let status =
                    other == nil
                    ? bind(descriptor, address, length) | listen(descriptor, 1) : connect(descriptor, address, length)
                return status == 0 && getsockname(descriptor, address, &length) == 0
            }
        }
        guard isDone else { throw Failure() }
        port = Int(address.sin_port.bigEndian)
    }

    deinit {
        close(descriptor)
    }
}
#endif
