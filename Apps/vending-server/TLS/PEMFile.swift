import BursarModel

/// The blocks of a PEM file (RFC 7468); text between them is ignored.
///
/// Tools put several things into one file: OpenSSL the parameters of a curve before the key, HAProxy's users key and
/// certificates, `openssl pkcs12` a list of attributes. The library that reloads certificates accepts only what it asks
/// for, in lines of 64 characters.
struct PEMFile {
    struct Block {
        /// The label, such as `EC PRIVATE KEY`.
        let label: String
        /// The lines between its first and its last.
        fileprivate let lines: [String]

        var isCertificate: Bool { label == "CERTIFICATE" || label == "X509 CERTIFICATE" }
        var isPrivateKey: Bool { label.hasSuffix("PRIVATE KEY") }

        /// The block in the form that every reader accepts.
        fileprivate var text: String {
            let label = isCertificate ? "CERTIFICATE" : label
            // A key with a passphrase begins with lines of `Name: value`: it stays unchanged, and is refused with its
            // own message.
            let isPlain = !lines.contains { $0.contains(":") }
            return "-----BEGIN \(label)-----\n" + (isPlain ? Self.wrapped(lines) : lines.map { $0 + "\n" }.joined())
                + "-----END \(label)-----\n"
        }

        private static func wrapped(_ lines: [String]) -> String {
            let characters = Array(lines.joined().utf8.filter { $0 > 0x20 })
            return stride(from: 0, to: characters.count, by: 64)
                .map { String(decoding: characters[$0..<min($0 + 64, characters.count)], as: UTF8.self) + "\n" }
                .joined()
        }
    }

    private(set) var blocks: [Block] = []

    init(_ bytes: [UInt8]) {
        var open: (label: String, lines: [String])?
        for line in bytes.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
            let text = String(String(decoding: line, as: UTF8.self).trimmingASCIIWhitespace())
            if let label = Self.label(of: text, after: "-----BEGIN ") {
                open = (label, [])
            } else if let label = Self.label(of: text, after: "-----END ") {
                if let block = open, block.label == label { blocks.append(Block(label: label, lines: block.lines)) }
                open = nil
            } else {
                open?.lines.append(text)
            }
        }
    }

    /// Every certificate, in the file's order, without other content.
    var certificates: [UInt8] {
        Array(blocks.filter(\.isCertificate).map(\.text).joined().utf8)
    }

    /// The first private key, by itself; nil if there is none.
    var privateKey: [UInt8]? {
        blocks.first(where: \.isPrivateKey).map { Array($0.text.utf8) }
    }

    /// True if the first private key needs a passphrase, in either of OpenSSL's forms.
    var hasLockedKey: Bool {
        guard let key = blocks.first(where: \.isPrivateKey) else { return false }
        return key.label.hasPrefix("ENCRYPTED") || key.lines.contains { $0.hasPrefix("Proc-Type:") }
    }

    /// The label in `-----BEGIN LABEL-----`, which a byte order mark may precede.
    private static func label(of line: String, after start: String) -> String? {
        guard line.hasSuffix("-----"), let found = line.firstRange(of: start) else { return nil }
        let rest = line[found.upperBound...]
        return rest.count > 5 ? String(rest.dropLast(5)) : nil
    }
}
