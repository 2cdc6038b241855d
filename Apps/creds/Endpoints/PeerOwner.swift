import SystemPackage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The user who owns the other end of a local connection.
enum PeerOwner {
    #if os(Linux)
    /// Linux lists each socket with its owner.
    static let isKnown = true
    #else
    /// This system has no call that names the owner of a TCP connection's other end to a user other than root.
    static let isKnown = false
    #endif

    /// Returns true if the process that connected from `client` to `server`, ports of 127.0.0.1, belongs to this user.
    ///
    /// An unknown owner counts as another user, except on systems where ``isKnown`` is false.
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

    /// The owner of the client's end in a table of the kernel; nil when the connection isn't listed, or no longer open.
    ///
    /// A row is `sl local remote state queues timer retransmits uid …`, addresses in hex of this machine's byte order:
    /// https://docs.kernel.org/networking/proc_net_tcp.html. Only an open connection (01) has its owner's number: a
    /// closed one has 0, which is root's.
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

    /// Searches a table while reading it, some rows at a time; nil when it doesn't exist or can't be read.
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

#if os(Linux)
/// Asks the kernel for one local TCP socket by its two ends.
///
/// The kernel finds it by hash, whatever the number of sockets; the table in /proc has to be read through.
/// https://man7.org/linux/man-pages/man7/sock_diag.7.html
enum SocketQuery {
    /// The owner of the open connection from `client` to `server`, ports of 127.0.0.1; nil if there is none, or this
    /// kernel doesn't support the request.
    static func owner(client: Int, server: Int) -> UInt32? {
        let netlink = socket(AF_NETLINK, CInt(SOCK_RAW.rawValue) | CInt(SOCK_CLOEXEC.rawValue), sockDiagnosis)
        guard netlink >= 0 else { return nil }
        defer { close(netlink) }
        let request = request(client: UInt16(client), server: UInt16(server))
        guard send(netlink, request, request.count, 0) == request.count else { return nil }
        var reply = [UInt8](repeating: 0, count: 512)
        // The kernel has replied by the time that sending returns.
        let count = recv(netlink, &reply, reply.count, CInt(MSG_DONTWAIT))
        guard count > 0 else { return nil }
        return owner(in: reply.prefix(count), client: UInt16(client), server: UInt16(server))
    }

    private static let sockDiagnosis: CInt = 4
    private static let byFamily: UInt16 = 20
    private static let established: UInt8 = 1
    private static let loopback: [UInt8] = [127, 0, 0, 1]
    /// The size of `nlmsghdr`, in front of either message.
    private static let header = 16

    /// `nlmsghdr` and `inet_diag_req_v2`: numbers in this machine's byte order, except for ports and addresses.
    private static func request(client: UInt16, server: UInt16) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes += native(UInt32(72)) + native(byFamily) + native(UInt16(1)) + native(UInt32(1)) + native(UInt32(0))
        bytes += [UInt8(AF_INET), UInt8(IPPROTO_TCP), 0, 0] + native(UInt32.max)
        bytes += ends(client, server)
        bytes += native(UInt32(0)) + native(UInt32.max) + native(UInt32.max)
        return bytes
    }

    /// Both ports and both addresses, the first fields of `inet_diag_sockid`.
    private static func ends(_ client: UInt16, _ server: UInt16) -> [UInt8] {
        let rest = [UInt8](repeating: 0, count: 12)
        return native(client.bigEndian) + native(server.bigEndian) + loopback + rest + loopback + rest
    }

    /// Parses `inet_diag_msg`: family, state, timer, retransmits, the socket's ends (48 bytes), four numbers, the
    /// owner.
    static func owner(in reply: ArraySlice<UInt8>, client: UInt16, server: UInt16) -> UInt32? {
        let message = Array(reply)
        guard message.count >= header + 72, Array(message[4..<6]) == native(byFamily),
            message[header + 1] == established,
            Array(message[(header + 4)..<(header + 8)]) == Array(ends(client, server).prefix(4))
        else { return nil }
        return message.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: header + 64, as: UInt32.self) }
    }

    private static func native(_ number: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: number) { Array($0) }
    }
}
#endif
