import BursarModel

/// The name of a profile in `~/.aws/config`, and of its file in creds' configuration folder.
///
/// It has ASCII letters and digits and `_ - @ + . % :`, which every SDK reads in a section header without quotes, and
/// every file system accepts.
struct ProfileName: Hashable, Sendable, CustomStringConvertible {
    static let standard = Self(valid: "temp-bedrock")

    let description: String

    /// A description of an invalid name, for the user who typed it.
    struct ParseError: Error, Equatable, CustomStringConvertible {
        let description: String
    }

    init(parsing text: String) throws(ParseError) {
        guard !text.isEmpty else { throw ParseError(description: "a profile needs a name") }
        guard text.utf8.count <= 128 else { throw ParseError(description: "a name has at most 128 characters") }
        guard text.utf8.allSatisfy(Self.isAllowed) else {
            throw ParseError(description: "a name is made of letters, digits and _ - @ + . % :")
        }
        guard text.utf8.first != UInt8(ascii: "-") else {
            throw ParseError(description: "a name that begins with - would be read as an option")
        }
        guard !text.hasPrefix("bursar_") else {
            throw ParseError(description: "a name that begins with bursar_ looks like a key")
        }
        guard text == "default" || text.lowercased() != "default" else {
            throw ParseError(description: "the default profile is written in lower case")
        }
        self.init(valid: text)
    }

    private init(valid text: String) {
        description = text
    }

    /// The header of its section in `~/.aws/config`: every profile but the default one has the prefix `profile`.
    var configHeader: String {
        description == "default" ? "[default]" : "[profile \(description)]"
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        byte.isASCIILetterOrDigit || "_-@+.%:".utf8.contains(byte)
    }
}
