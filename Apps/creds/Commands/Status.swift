import ArgumentParser
import BursarConsole
import BursarFoundation
import BursarHTTP
import BursarModel

/// Shows the cached session of a profile and the last error, without a request to the server.
struct Status: CredsCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the kept session and the last error.",
        discussion: """
              creds status
              creds status --format json

            When the session ends, when the next is asked for, what failed last. Reads this machine's files only; \
            creds whoami asks the server.

            --format json: {"profile", "server", "region", "session": {"accessKeyID", "expiration", "secondsLeft", \
            "nextRefresh"}, "lastError": {"time", "problem", "hint"}}; region, session, lastError and hint may be \
            absent, times are UTC as 2026-01-02T03:04:05Z.
            """
    )

    @OptionGroup var profile: ProfileOption
    @Option(help: "How to print it.")
    var format = KeyValueFormat.table

    func run(_ context: CredsContext) async throws {
        let vended = try ProfileSession(profile.name, context)
        let cache = try vended.cache()
        let report = StatusReport(
            name: profile.name,
            server: vended.profile.server,
            region: vended.region,
            session: cache.read(),
            lastFailure: cache.lastFailure(),
            at: context.now()
        )
        try report.print(format, context.terminal)
    }
}

/// The cached session of one profile, as a table or JSON.
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
        case .table: try terminal.print(table.text(terminal.output))
        case .json: try terminal.print(JSONText.line(fields))
        }
    }

    var table: KeyValueTable {
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

    /// The fields of the JSON output.
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
