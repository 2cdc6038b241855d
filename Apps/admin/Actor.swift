import BursarConsole

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The operator of one command, as recorded.
///
/// On PostgreSQL it is the user who logged in there, which the database checks. Else, and for the login that operators
/// share, the name comes from the machine, so its owner can forge it; the host's name always does.
struct Actor: CustomStringConvertible {
    let description: String

    /// Returns the user and the host's name.
    ///
    /// The user is `databaseUser`; else the one who logged in, where the system keeps that (`/proc/self/loginuid`); else, for root alone,
    /// the user who called sudo, marked as sudo's claim; else the process's own user.
    static func current(
        _ environment: [String: String],
        databaseUser: String? = nil,
        loginUser: String? = loginUser(),
        user: uid_t = getuid()
    ) -> Actor {
        let sudo = environment["SUDO_USER"].flatMap { user == 0 ? printable($0) : nil }
        let name =
            databaseUser.flatMap(printable) ?? loginUser.flatMap(printable) ?? sudo.map { "\($0) (sudo)" }
            ?? printable(name(of: user))
        return Actor(description: "\(name ?? "uid \(user)")@\(printable(host()) ?? "unknown")")
    }

    static func loginUser() -> String? {
        guard let file = fopen("/proc/self/loginuid", "r") else { return nil }
        defer { fclose(file) }
        var buffer = [CChar](repeating: 0, count: 16)
        guard fgets(&buffer, Int32(buffer.count), file) != nil else { return nil }
        let text = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        // 2^32 − 1 means that the process belongs to no login.
        guard let uid = UInt32(text), uid != .max else { return nil }
        return name(of: uid)
    }

    private static func name(of uid: uid_t) -> String {
        guard let entry = getpwuid(uid), let name = entry.pointee.pw_name else { return "uid \(uid)" }
        return String(cString: name)
    }

    private static func host() -> String {
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return "unknown" }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Returns nil for names that could be misread: with blanks, `@`, or characters that move a cursor or reverse text.
    private static func printable(_ text: String) -> String? {
        let isPlain = text.unicodeScalars.allSatisfy { !$0.properties.isWhitespace && $0 != "@" }
        let isShort = (1...64).contains(text.unicodeScalars.count)
        return isPlain && isShort && ControlText.visible(text) == text ? text : nil
    }
}
