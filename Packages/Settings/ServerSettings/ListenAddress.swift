package import BursarConsole
import BursarModel
package import SystemPackage

/// An address and port to listen on.
package struct ListenAddress: Equatable, Sendable, CustomStringConvertible {
    package var host: String
    /// 0 takes a free port.
    package var port: Int

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// The form used in URLs, with an IPv6 address in brackets.
    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// The address for clients on this machine: the wildcard addresses become loopback.
    package var onThisMachine: ListenAddress {
        switch host {
        case "0.0.0.0": ListenAddress(host: "127.0.0.1", port: port)
        case "::": ListenAddress(host: "::1", port: port)
        default: self
        }
    }

    /// Parses an address, IPv6 with or without brackets, or a name; nil for anything else, such as `300.0.0.1`.
    package static func host(_ text: String) -> String? {
        let text = AddressList.withoutBrackets(text)
        if IPAddress(text.prefix { $0 != "%" }) != nil { return text }
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        let isName = labels.allSatisfy { label in
            !label.isEmpty && label.utf8.allSatisfy { $0.isASCIILetterOrDigit || $0 == UInt8(ascii: "-") }
        }
        return isName && labels.last?.contains { $0.isLetter } == true ? text : nil
    }

    package static func host(_ setting: Setting, _ reader: SettingReader) throws(UserFacingError) -> String {
        try reader.value(setting, or: "127.0.0.1", expecting: "an address such as 0.0.0.0 or ::, or a name") {
            host($0)
        }
    }

    /// Parses a port, 0 to 65535.
    package static func port(_ text: String) -> Int? {
        Int(text).flatMap { (0...65_535).contains($0) ? $0 : nil }
    }

    /// Reads the address that serves metrics; nil if that is `off`.
    package init?(metrics reader: SettingReader) throws(UserFacingError) {
        if reader.text(.metricsPort) == "off" { return nil }
        port = try reader.value(.metricsPort, or: 9464, expecting: "a port, 0 to 65535, or off") { Self.port($0) }
        host = try Self.host(.metricsHost, reader)
    }
}

/// The PEM files of the server's certificate and its key.
package struct TLSFiles: Equatable, Sendable {
    package let certificate: FilePath
    package let key: FilePath

    package init(certificate: FilePath, key: FilePath) {
        self.certificate = certificate
        self.key = key
    }

    /// Reads both files; nil if neither is set, an error if only one is.
    package init?(_ reader: SettingReader) throws(UserFacingError) {
        switch (try reader.path(.tlsCertificate), try reader.path(.tlsKey)) {
        case (nil, nil):
            return nil
        case (let certificate?, let key?):
            self.init(certificate: certificate, key: key)
        case (_?, nil):
            throw UserFacingError(
                "\(reader.name(of: .tlsCertificate)) is set without \(Setting.tlsKey.environmentName)"
            )
        case (nil, _?):
            throw UserFacingError(
                "\(reader.name(of: .tlsKey)) is set without \(Setting.tlsCertificate.environmentName)"
            )
        }
    }
}
