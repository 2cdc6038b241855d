package import AWSAuth
package import AWSClients
import BursarFoundation
package import BursarModel

/// The formats of a long-term key, which is shown once.
package enum KeyFormat: String, CaseIterable {
    /// `NAME=VALUE` lines, for an environment file.
    case env = "env"
    case json = "json"
    /// A section for ~/.aws/credentials, and its region.
    case awsConfigure = "aws-configure"

    private enum Variable: String, CodingKey, CaseIterable {
        case accessKeyID = "AWS_ACCESS_KEY_ID"
        case secretAccessKey = "AWS_SECRET_ACCESS_KEY"
        case region = "AWS_REGION"
    }

    package func text(_ key: NewAccessKey, user: String, region: String) throws -> Secret<String> {
        let values: [(Variable, String)] = [
            (.accessKeyID, key.id), (.secretAccessKey, key.secret.reveal()), (.region, region),
        ]
        switch self {
        case .env: return Secret(values.map { "\($0.rawValue)=\($1)" }.joined(separator: "\n"))
        case .awsConfigure:
            let names: [Variable: String] = [.region: "region"]
            let lines = values.map { "\(names[$0] ?? $0.rawValue.lowercased()) = \($1)" }
            return Secret((["[\(user)]"] + lines).joined(separator: "\n"))
        case .json:
            let pairs = Dictionary(uniqueKeysWithValues: values.map { ($0.rawValue, $1) })
            return Secret(try StableJSON.text(pairs, isIndented: true))
        }
    }

    /// Parses a key in any of the three formats; nil when it is none.
    package static func read(_ bytes: [UInt8]) -> AWSCredentials? {
        let pairs = (try? JSONDecoder().decode([String: String].self, from: Data(bytes))) ?? lines(bytes)
        guard let id = pairs[Variable.accessKeyID.rawValue], let secret = pairs[Variable.secretAccessKey.rawValue],
            CredentialField.accessKeyID.accepts(id), CredentialField.secretAccessKey.accepts(secret)
        else { return nil }
        return AWSCredentials(accessKeyID: id, secretAccessKey: Secret(secret))
    }

    private static func lines(_ bytes: [UInt8]) -> [String: String] {
        var pairs: [String: String] = [:]
        for line in String(decoding: bytes, as: UTF8.self).split(whereSeparator: \.isNewline) {
            let sides = line.split(separator: "=", maxSplits: 1).map { String($0.trimmingASCIIWhitespace()) }
            if sides.count == 2 { pairs[sides[0].uppercased()] = sides[1] }
        }
        return pairs
    }
}
