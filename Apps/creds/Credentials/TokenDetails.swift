import AWSAuth
import BursarFoundation
import BursarModel

/// A decoded token as it is shown.
struct TokenDetails {
    private let token: DecodedBedrockToken
    private let left: Int

    init(_ token: DecodedBedrockToken, at date: Date) {
        self.token = token
        left = Int(token.latestEnd.timeIntervalSince(date).rounded(.down))
    }

    var region: String { token.region }

    var facts: KeyValueTable {
        KeyValueTable([
            ("key id", token.accessKeyID), ("region", token.region),
            ("start", Timestamp.string(token.start)), ("end", Timestamp.string(token.latestEnd)),
            ("time left", left > 0 ? TimeSpan(seconds: left).description : "none; ended \(ago) ago"),
            (
                "signed by",
                token.isOfSession ? "a session; the token ends with it, if that is earlier" : "a long-lived key"
            ),
        ])
    }

    /// For scripts.
    var json: Fields {
        Fields(
            accessKeyID: token.accessKeyID,
            region: token.region,
            start: Timestamp.string(token.start),
            latestEnd: Timestamp.string(token.latestEnd),
            secondsLeft: max(0, left),
            isOfSession: token.isOfSession
        )
    }

    struct Fields: Codable, Equatable {
        let accessKeyID: String
        let region: String
        let start: String
        let latestEnd: String
        let secondsLeft: Int
        let isOfSession: Bool
    }

    private var ago: TimeSpan { TimeSpan(seconds: -left) }
}
