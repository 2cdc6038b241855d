import BursarFoundation
import BursarHTTP
import BursarModel

/// Who somebody is to the server of a profile.
struct Identity {
    let name: ProfileName
    let server: ServerURL
    let answer: WhoAmIResponse

    func sheet(at now: Date) -> KeyValueTable {
        let end = Timestamp.date(answer.keyExpires).map { RelativeTime(until: $0, at: now).description }
        return KeyValueTable([
            ("researcher", answer.researcher), ("key", answer.keyID), ("key ends", end ?? answer.keyExpires),
            ("address", answer.address), ("server", server.description), ("profile", name.description),
        ])
    }

    /// For scripts.
    var fields: Fields {
        Fields(
            profile: name.description,
            server: server.description,
            researcher: answer.researcher,
            keyID: answer.keyID,
            keyExpires: answer.keyExpires,
            address: answer.address
        )
    }

    struct Fields: Codable, Equatable {
        let profile: String
        let server: String
        let researcher: String
        let keyID: String
        let keyExpires: String
        let address: String
    }
}
