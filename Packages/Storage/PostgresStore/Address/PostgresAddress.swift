import BursarModel
package import SystemPackage

/// The address of a PostgreSQL database, without a secret:
/// `postgres://USER@HOST:PORT/NAME?sslmode=verify-full&sslrootcert=FILE`.
///
/// Over a Unix socket it is `postgres://USER@/NAME?host=/FOLDER`. A host on this machine needs no TLS; any other must
/// prove its name.
package struct PostgresAddress: Hashable, Sendable {
    package let user: String
    package let host: Host
    package let port: Int
    package let database: String
    package let encryption: Encryption

    /// The place that the server listens at.
    package enum Host: Hashable, Sendable {
        /// A name or an IP address.
        case name(String)
        /// The folder of a Unix socket.
        case socket(folder: FilePath)

        var text: String {
            switch self {
            case .name(let name): name
            case .socket(let folder): folder.string
            }
        }

        /// True if what is sent there doesn't leave this machine.
        var isLocal: Bool {
            switch self {
            case .socket: true
            case .name(let name): Loopback.contains(host: name)
            }
        }
    }

    package enum Encryption: Hashable, Sendable {
        case none
        /// The server's certificate must be of one of these authorities, and name the host.
        case verified(certificates: FilePath)
    }

    /// The reason why a text is no such address.
    package enum ParseError: Error, Equatable {
        /// It doesn't begin with `postgres://` or `postgresql://`.
        case scheme
        /// `USER:PASSWORD@`.
        case password
        /// Something between the slashes and the question mark is missing or malformed.
        case missing(Part)
        /// A character or an escape that such a part doesn't hold.
        case malformed(Part)
        case unknownParameter(String)
        case repeatedParameter(String)
        /// `sslmode` is something else than `verify-full`, for a host that is elsewhere.
        case unverified(sslmode: String?)
        /// `sslmode` is something else than `verify-full` or `disable`.
        case unknownMode(String)
        /// `sslmode=verify-full` without `sslrootcert`.
        case noCertificates

        package enum Part: String, Sendable {
            case user
            case host
            case port
            case database = "database's name"
            case certificates = "path in sslrootcert"
        }
    }

    /// True if a setting's value is meant as such an address, and not as a path.
    package static func isAddress(_ text: String) -> Bool {
        schemes.contains { text.hasPrefix($0) }
    }

    private static let schemes = ["postgres://", "postgresql://"]

    package init(parsing text: String) throws(ParseError) {
        guard let scheme = Self.schemes.first(where: text.hasPrefix) else { throw .scheme }
        let rest = text.dropFirst(scheme.count)
        let address = rest.prefix { $0 != "?" }
        let parameters = try Self.parameters(rest.dropFirst(address.count + 1))

        guard let at = address.lastIndex(of: "@") else { throw .missing(.user) }
        guard !address[..<at].contains(":"), parameters["password"] == nil else { throw .password }
        user = try Self.value(address[..<at], .user)
        let place = address[address.index(after: at)...]
        guard let slash = place.firstIndex(of: "/") else { throw .missing(.database) }
        database = try Self.value(place[place.index(after: slash)...], .database)
        (host, port) = try Self.place(place[..<slash], parameters["host"])
        encryption = try Self.encryption(of: host, parameters)
    }

    private static func parameters(_ text: Substring) throws(ParseError) -> [String: String] {
        var parameters: [String: String] = [:]
        for pair in text.split(separator: "&") {
            let name = String(pair.prefix { $0 != "=" })
            guard ["host", "sslmode", "sslrootcert", "password"].contains(name) else { throw .unknownParameter(name) }
            guard parameters[name] == nil else { throw .repeatedParameter(name) }
            parameters[name] = String(pair.dropFirst(name.count + 1))
        }
        return parameters
    }

    private static func place(_ text: Substring, _ folder: String?) throws(ParseError) -> (Host, Int) {
        var (name, port) = (text, 5432)
        // An IPv6 address has colons too, in brackets.
        if let colon = text.lastIndex(of: ":"), !text[colon...].contains("]") {
            let digits = text[text.index(after: colon)...]
            guard digits.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int(digits),
                (1...65_535).contains(number)
            else { throw .malformed(.port) }
            (name, port) = (text[..<colon], number)
        }
        if let folder {
            let path = FilePath(try value(folder[...], .host))
            guard name.isEmpty, path.isAbsolute else { throw .malformed(.host) }
            return (.socket(folder: path), port)
        }
        guard !name.isEmpty else { throw .missing(.host) }
        if name.hasPrefix("["), name.hasSuffix("]") {
            guard let address = IPAddress(name.dropFirst().dropLast()), address.family == .v6 else {
                throw .malformed(.host)
            }
            return (.name(address.description), port)
        }
        let isName = name.utf8.allSatisfy { $0.isASCIILetterOrDigit || "-._".utf8.contains($0) }
        guard isName, name.utf8.count <= 253 else { throw .malformed(.host) }
        return (.name(name.lowercased()), port)
    }

    private static func encryption(of host: Host, _ parameters: [String: String]) throws(ParseError) -> Encryption {
        switch parameters["sslmode"] {
        case "verify-full":
            guard let text = parameters["sslrootcert"] else { throw .noCertificates }
            let path = FilePath(try value(text[...], .certificates))
            guard path.isAbsolute else { throw .malformed(.certificates) }
            return .verified(certificates: path)
        case let mode where !host.isLocal: throw .unverified(sslmode: mode)
        case nil, "disable": return .none
        case let mode?: throw .unknownMode(mode)
        }
    }

    /// Undoes percent-encoding; control characters are in no part.
    private static func value(_ text: Substring, _ part: ParseError.Part) throws(ParseError) -> String {
        guard !text.isEmpty else { throw .missing(part) }
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = rest.prefix(2)
            guard digits.count == 2, let number = UInt8(Substring(digits), radix: 16) else { throw .malformed(part) }
            bytes.append(number)
            rest = rest.dropFirst(2)
        }
        guard bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }), let value = String(validating: bytes, as: UTF8.self)
        else { throw .malformed(part) }
        return value
    }
}

extension PostgresAddress {
    /// True if both name one database of one server; the users may be others.
    package func isSamePlace(as other: PostgresAddress) -> Bool {
        (host, port, database) == (other.host, other.port, other.database)
    }
}

/// The address as messages show it, without the parameters.
extension PostgresAddress: CustomStringConvertible {
    package var description: String {
        switch host {
        case .socket(let folder): "postgres://\(user)@\(folder.string):\(port)/\(database)"
        case .name(let name): "postgres://\(user)@\(name.contains(":") ? "[\(name)]" : name):\(port)/\(database)"
        }
    }
}

extension PostgresAddress.ParseError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .scheme: "it does not begin with postgres://"
        case .password: "a password does not belong into the address, which logs and process lists show"
        case .missing(let part): "it has no \(part.rawValue)"
        case .malformed(let part): "its \(part.rawValue) is malformed"
        case .unknownParameter(let name): "it has a parameter that is not known: \(name)"
        case .repeatedParameter(let name): "it has \(name) twice"
        case .unverified(let mode?): "sslmode=\(mode) would send the password to whatever answers at the host"
        case .unverified(nil): "it has no sslmode, so the password would go to whatever answers at the host"
        case .unknownMode(let mode): "its sslmode is \(mode); on this machine it is disable or verify-full"
        case .noCertificates: "sslmode=verify-full needs sslrootcert, the file of the authority's certificate"
        }
    }

    /// The next step.
    package var hint: String {
        switch self {
        case .password: "put it into a file of mode 0600, and name that with BURSAR_DATABASE_PASSWORD_FILE"
        case .unverified, .noCertificates:
            "add ?sslmode=verify-full&sslrootcert=/path/to/authority.pem (of RDS: its global-bundle.pem)"
        default: "postgres://USER@HOST:5432/NAME?sslmode=verify-full&sslrootcert=/path/to/authority.pem"
        }
    }
}
