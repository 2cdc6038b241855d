#if os(Linux)
#if canImport(Glibc)
import Glibc
#else
import Musl
#endif

/// Asks the kernel for one TCP socket of this machine by its two ends.
///
/// It looks the one up, however many there are; the table in /proc has to be read through.
/// https://man7.org/linux/man-pages/man7/sock_diag.7.html
enum SocketQuery {
    /// The user whose open connection from `client` to `server` it is, ports of 127.0.0.1; nil when there is none, or
    /// this kernel doesn't answer.
    static func owner(client: Int, server: Int) -> UInt32? {
        let netlink = socket(AF_NETLINK, CInt(SOCK_RAW.rawValue) | CInt(SOCK_CLOEXEC.rawValue), sockDiagnosis)
        guard netlink >= 0 else { return nil }
        defer { close(netlink) }
        let request = request(client: UInt16(client), server: UInt16(server))
        guard send(netlink, request, request.count, 0) == request.count else { return nil }
        var answer = [UInt8](repeating: 0, count: 512)
        // The kernel has answered by the time that sending returns.
        let count = recv(netlink, &answer, answer.count, CInt(MSG_DONTWAIT))
        guard count > 0 else { return nil }
        return owner(in: answer.prefix(count), client: UInt16(client), server: UInt16(server))
    }

    private static let sockDiagnosis: CInt = 4
    private static let byFamily: UInt16 = 20
    private static let established: UInt8 = 1
    private static let loopback: [UInt8] = [127, 0, 0, 1]
    /// `nlmsghdr`, in front of either message.
    private static let header = 16

    /// `nlmsghdr` and `inet_diag_req_v2`: numbers in this machine's byte order, but for ports and addresses.
    private static func request(client: UInt16, server: UInt16) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes += native(UInt32(72)) + native(byFamily) + native(UInt16(1)) + native(UInt32(1)) + native(UInt32(0))
        bytes += [UInt8(AF_INET), UInt8(IPPROTO_TCP), 0, 0] + native(UInt32.max)
        bytes += ends(client, server)
        bytes += native(UInt32(0)) + native(UInt32.max) + native(UInt32.max)
        return bytes
    }

    /// Both ports and both addresses, as `inet_diag_sockid` begins.
    private static func ends(_ client: UInt16, _ server: UInt16) -> [UInt8] {
        let rest = [UInt8](repeating: 0, count: 12)
        return native(client.bigEndian) + native(server.bigEndian) + loopback + rest + loopback + rest
    }

    /// `inet_diag_msg`: family, state, timer, retransmits, the socket's ends (48 bytes), four numbers, the owner.
    static func owner(in answer: ArraySlice<UInt8>, client: UInt16, server: UInt16) -> UInt32? {
        let message = Array(answer)
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
