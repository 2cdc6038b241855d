import SystemPackage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Whose process is at the other end of a connection from this very machine.
enum PeerOwner {
    #if os(Linux)
    /// Linux lists each socket with its owner.
    static let isKnown = true
    #else
    /// No call of this system names the owner of a TCP connection's other end to who isn't root.
    static let isKnown = false
    #endif

    /// Whether the process that connected from `client` to `server`, ports of 127.0.0.1, is this user's.
    ///
    /// What can't be found out is a no, but for systems where ``isKnown`` is false.
    static func isThisUser(client: Int, server: Int) -> Bool {
        guard isKnown else { return true }
        #if os(Linux)
        if let owner = SocketQuery.owner(client: client, server: server) { return owner == geteuid() }
        #endif
        for table: FilePath in ["/proc/net/tcp", "/proc/net/tcp6"] {
            if let owner = owner(inFile: table, client: client, server: server) { return owner == geteuid() }
        }
        return false
    }

    /// The owner of the client's end, as a table of the kernel has it; nil when it isn't there, or not open any more.
    ///
    /// A row is `sl local remote state queues timer retransmits uid …`, addresses in hex of this machine's byte order:
    /// https://docs.kernel.org/networking/proc_net_tcp.html. Only an open connection (01) has its owner's number: one
    /// that was closed has 0, which is root's.
    static func owner(in table: [UInt8], client: Int, server: Int) -> UInt32? {
        for address in ["0100007F", "0000000000000000FFFF00000100007F"] {
            let ends = Array(" \(address):\(hex(client)) \(address):\(hex(server)) 01 ".utf8)
            guard let found = table.firstRange(of: ends) else { continue }
            let rest = table[found.upperBound...].prefix { $0 != UInt8(ascii: "\n") }
            let fields = rest.split(separator: UInt8(ascii: " "))
            guard fields.count > 3 else { return nil }
            return UInt32(String(decoding: fields[3], as: UTF8.self))
        }
        return nil
    }

    private static func hex(_ port: Int) -> String {
        let digits = String(port, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
    }

    /// Looks through a table as it comes, some rows at a time; nil when it isn't there, or can't be read.
    private static func owner(inFile path: FilePath, client: Int, server: Int) -> UInt32? {
        guard let file = try? FileDescriptor.open(path, .readOnly, options: [.closeOnExec]) else { return nil }
        defer { try? file.close() }
        var rows: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16 << 10)
        while let count = try? buffer.withUnsafeMutableBytes({ try file.read(into: $0) }), count > 0 {
            rows += buffer[..<count]
            guard let end = rows.lastIndex(of: UInt8(ascii: "\n")) else { return nil }
            if let owner = owner(in: Array(rows[...end]), client: client, server: server) { return owner }
            rows.removeSubrange(...end)
        }
        return nil
    }
}
