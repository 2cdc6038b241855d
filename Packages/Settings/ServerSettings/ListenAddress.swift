package import BursarConsole
import BursarModel

/// Where something listens.
package struct ListenAddress: Equatable, Sendable, CustomStringConvertible {
    package var host: String
    /// 0 takes a free one.
    package var port: Int

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// As URLs have it: an IPv6 address stands in brackets.
    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }

    /// Where a program of this machine asks: what stands for every address is one that a client can't.
    package var onThisMachine: ListenAddress {
        switch host {
        case "0.0.0.0": ListenAddress(host: "127.0.0.1", port: port)
        case "::": ListenAddress(host: "::1", port: port)
        default: self
        }
    }

    /// Reads an address, IPv6 with or without brackets, or a name; nil for what is neither, such as `300.0.0.1`.
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

    /// Reads a port, 0 to 65535.
    package static func port(_ text: String) -> Int? {
        Int(text).flatMap { (0...65_535).contains($0) ? $0 : nil }
    }

    /// Where metrics are asked for; nil when that is switched off.
    package init?(metrics reader: SettingReader) throws(UserFacingError) {
        if reader.text(.metricsPort) == "off" { return nil }
        port = try reader.value(.metricsPort, or: 9464, expecting: "a port, 0 to 65535, or off") { Self.port($0) }
        host = try Self.host(.metricsHost, reader)
    }
}
