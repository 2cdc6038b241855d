import BursarConsole
import BursarFoundation
import BursarHTTP
import BursarModel

/// One profile's session on one screen.
struct StatusReport {
    let name: ProfileName
    let server: ServerURL
    let region: String?
    let session: CachedSession?
    let lastFailure: LastFailure?
    private let now: Date

    init(
        name: ProfileName,
        server: ServerURL,
        region: String?,
        session: CachedSession?,
        lastFailure: LastFailure?,
        at now: Date
    ) {
        self.name = name
        self.server = server
        self.region = region
        self.session = session
        self.lastFailure = lastFailure
        self.now = now
    }

    func print(_ format: KeyValueFormat, _ terminal: Terminal) throws {
        switch format {
        case .table: try terminal.print(sheet.text(terminal.output))
        case .json: try terminal.print(JSONText.line(fields))
        }
    }

    var sheet: KeyValueTable {
        var facts = [("profile", name.description), ("server", server.description)]
        if let region { facts.append(("region", region)) }
        if let session, let credentials = session.credentials {
            facts.append(("key id", credentials.accessKeyID))
            let end = RelativeTime(until: session.expiration, at: now)
            facts.append((end.seconds > 0 ? "session ends" : "session ended", end.description))
        } else {
            facts.append(("session", "none yet"))
        }
        facts.append(("next refresh", nextRefresh))
        if let lastFailure {
            facts.append(("last error", lastFailure.problem))
            if let hint = lastFailure.hint { facts.append(("hint", hint)) }
            facts.append(("happened", RelativeTime(until: lastFailure.date, at: now).description))
        } else {
            facts.append(("last error", "none"))
        }
        return KeyValueTable(facts)
    }

    private var nextRefresh: String {
        guard let session, !isDue(session) else { return "at the next request" }
        let left = TimeSpan(seconds: RelativeTime(until: session.nextRefresh, at: now).seconds)
        return "at the first request after \(Timestamp.string(session.nextRefresh)) (\(left))"
    }

    private func isDue(_ session: CachedSession) -> Bool { !session.isFresh(at: now) }

    /// For scripts.
    var fields: Fields {
        Fields(
            profile: name.description,
            server: server.description,
            region: region,
            session: session.map {
                Fields.Session(
                    accessKeyID: $0.credentials?.accessKeyID,
                    expiration: Timestamp.string($0.expiration),
                    secondsLeft: max(0, RelativeTime(until: $0.expiration, at: now).seconds),
                    nextRefresh: Timestamp.string(isDue($0) ? now : $0.nextRefresh)
                )
            },
            lastError: lastFailure.map {
                Fields.Failure(time: Timestamp.string($0.date), problem: $0.problem, hint: $0.hint)
            }
        )
    }

    struct Fields: Codable, Equatable {
        let profile: String
        let server: String
        let region: String?
        let session: Session?
        let lastError: Failure?

        struct Session: Codable, Equatable {
            let accessKeyID: String?
            let expiration: String
            let secondsLeft: Int
            let nextRefresh: String
        }

        struct Failure: Codable, Equatable {
            let time: String
            let problem: String
            let hint: String?
        }
    }
}
