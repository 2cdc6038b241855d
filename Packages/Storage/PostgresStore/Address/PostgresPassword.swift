import BursarFiles
package import BursarModel
import CPQ
package import SystemPackage

/// The source of the password for new connections, asked again for each of them.
package enum PostgresPassword: Sendable {
    /// The server asks for none: it knows the user by their Unix account.
    case none
    /// A private file, whose last line end isn't part of the password.
    case file(FilePath)
    /// A token that is made for one connection, as RDS takes it.
    case token(@Sendable (PostgresAddress) throws -> Secret<String>)

    func secret(for address: PostgresAddress) throws(PostgresError) -> Secret<String>? {
        switch self {
        case .none: return nil
        case .file(let path): return try Self.read(path)
        case .token(let make):
            do {
                return try make(address)
            } catch let error as PostgresError {
                throw error
            } catch {
                throw .noPassword(detail: "no token for the database can be made")
            }
        }
    }

    private static func read(_ path: FilePath) throws(PostgresError) -> Secret<String> {
        let bytes: [UInt8]
        do throws(FileError) {
            bytes = try PrivateFile.read(path, limit: 4096)
        } catch {
            throw .password(error)
        }
        guard var text = String(validating: bytes, as: UTF8.self) else {
            throw .noPassword(detail: "\(path): not UTF-8 text")
        }
        if text.last?.isNewline == true { text.removeLast() }
        guard !text.isEmpty, !text.contains(where: { $0.isNewline || $0 == "\0" }) else {
            throw .noPassword(detail: "\(path): not one line with a password")
        }
        return Secret(text)
    }
}

extension PostgresAddress.Host {
    /// The most addresses of a name that are tried.
    private static let capacity = 8

    /// Returns the IP addresses to connect to, in the system's order; nil for a Unix socket.
    func resolved(until deadline: ContinuousClock.Instant) throws(PostgresError) -> [String?] {
        guard case .name(let name) = self else { return [nil] }
        if let address = IPAddress(name) { return [address.description] }
        let milliseconds = CInt(max(1, ContinuousClock.now.duration(to: deadline) / .milliseconds(1)))
        let size = Int(CPQ_ADDRESS_LENGTH)
        var found = [CChar](repeating: 0, count: size * Self.capacity)
        let count = cpq_resolve(name, milliseconds, &found, CInt(Self.capacity))
        guard count != 0 else { throw .unreachable(detail: "looking up the name \(name) took too long (DNS)") }
        guard count > 0 else {
            let reason = cpq_resolver_text(count).map { String(cString: $0).lowercased() } ?? "not known"
            throw .unreachable(detail: "the name \(name) is not known (DNS): \(reason)")
        }
        return (0..<Int(count)).map { index in
            let text = found[(index * size)..<((index + 1) * size)].prefix { $0 != 0 }
            return String(decoding: text.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        }
    }
}
