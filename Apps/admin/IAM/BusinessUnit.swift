import ArgumentParser
import BursarModel

/// What a long-term key is accounted to; it makes the user's name, `payments-bedrock-user`.
struct BusinessUnit: Hashable, CustomStringConvertible, ExpressibleByArgument {
    /// Lower-case letters and digits, single hyphens between.
    let description: String

    private static let suffix = "-bedrock-user"

    /// Takes capitals, blanks and underscores too; nil when it can't be in a name of 64 characters.
    init?(_ text: String) {
        let plain = text.trimmingASCIIWhitespace().lowercased().map { " _".contains($0) ? "-" : $0 }
        let parts = String(plain).split(separator: "-", omittingEmptySubsequences: false)
        guard parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(\.isASCIILetterOrDigit) }),
            plain.count + Self.suffix.utf8.count <= 64
        else { return nil }
        description = String(plain)
    }

    init?(argument: String) {
        self.init(argument)
    }

    /// The unit of a user whose name says that they are ours.
    init?(userName: String) {
        guard userName.hasSuffix(Self.suffix) else { return nil }
        self.init(String(userName.dropLast(Self.suffix.count)))
        guard self.userName == userName else { return nil }
    }

    var userName: String { description + Self.suffix }
}
