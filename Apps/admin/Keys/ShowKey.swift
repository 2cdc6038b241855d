import ArgumentParser
import BursarConsole
import BursarFoundation
import BursarModel
import Reports
import ServerSettings
import Storage
import Vending

struct ShowKey: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "All that is known of a key: what it allows, and what it was used for.",
        discussion: """
            Examples:
              admin keys show 7c3kq9x2mzpa
              admin keys show 7c3k --format json
            """
    )

    @OptionGroup var shared: SharedOptions
    @Argument(help: "The key's id.", completion: .keyIDs)
    var id: String
    @Option(help: "table or json.")
    var format = KeyValueFormat.table

    func run() throws {
        try shared.run { context in
            let store = try context.store()
            let key = try store.knownKey(id)
            let today = UTCDay(containing: context.now)
            let shown = Shown(
                key,
                projects: try store.lists.projects(of: key.id),
                terms: try? key.terms,
                lastVend: try store.lists.lastVends(of: [key])[key.id],
                vendsToday: try store.lists.vends(to: [key.id], in: today...today),
                vendsIn30Days: try store.lists.vends(to: [key.id], in: UTCDay(number: today.number - 29)...today),
                server: try? LocalServerSettings(context).terms,
                at: context.now
            )
            try context.terminal.print(shown, as: format)
            if (try? key.terms) == nil {
                context.terminal.warn(
                    UserFacingError(
                        "what it allows can't be read, so it is refused",
                        hint: "admin keys revoke \(key.id)"
                    )
                )
            }
        }
    }

    private struct Shown: DetailSheet {
        struct Project: Encodable {
            let project: String
            let since: String
        }

        struct Terms: Encodable {
            let ip: [String]?
            let models: [String]?
            let dailyLimit: Int?
            let rate: Int?
            let sessionSeconds: Int?
        }

        struct Use: Encodable {
            let vends: Int
            let today: Int
            let in30Days: Int
            let first: String?
            let last: String?
            let lastAddress: String?
            let lastAccessKeyID: String?
            let liveUntil: String?
        }

        let key: KeyRow
        /// Its projects, oldest first.
        let projects: [Project]
        let allows: Terms?
        let use: Use
        /// The server's defaults for the key; nil when the settings can't be read here.
        private let server: ServerTerms?

        private enum CodingKeys: CodingKey {
            case key, projects, allows, use
        }

        init(
            _ listed: StoredKey,
            projects: [(project: String, since: Date)],
            terms: KeyRestrictions?,
            lastVend: LastVend?,
            vendsToday: Int,
            vendsIn30Days: Int,
            server: ServerTerms?,
            at date: Date
        ) {
            self.server = server
            key = KeyRow(listed, at: date)
            self.projects = projects.map { Project(project: $0.project, since: Timestamp.string($0.since)) }
            allows = terms.map { terms in
                Terms(
                    ip: terms.allowed?.blocks.map(\.description),
                    models: terms.models?.patterns.map(\.description),
                    dailyLimit: terms.dailyLimit,
                    rate: terms.rate?.perSecond,
                    sessionSeconds: terms.sessionDuration?.seconds
                )
            }
            use = Use(
                vends: listed.use?.vends ?? 0,
                today: vendsToday,
                in30Days: vendsIn30Days,
                first: listed.use.map { Timestamp.string($0.first) },
                last: listed.use.map { Timestamp.string($0.last) },
                lastAddress: lastVend?.address,
                lastAccessKeyID: lastVend?.accessKeyID,
                liveUntil: lastVend.map { Timestamp.string($0.liveUntil) }
            )
        }

        var details: KeyValueTable {
            var details = KeyValueTable()
            details.add("id", key.id)
            details.add("researcher", key.researcher)
            details.add("project", key.project)
            for (earlier, later) in zip(projects, projects.dropFirst()) {
                details.add("", "\(earlier.project) until \(later.since)")
            }
            details.add("label", key.label)
            details.add("state", key.state)
            details.add("created", key.created)
            let end = key.endsWithStay ? "\(key.ends), with the researcher's stay; else \(key.expires)" : key.expires
            details.add("expires", end)
            if let revoked = key.revoked { details.add("revoked", "\(revoked), \(key.revokedReason ?? "-")") }
            if let newer = key.replacedBy { details.add("replaced by", newer) }
            if key.state != KeyStatus.canary.rawValue {
                details.add("addresses", allows.map { $0.ip?.joined(separator: ", ") ?? "any that the server takes" })
                details.add("models", allows.map { $0.models?.joined(separator: ", ") ?? "all that the role allows" })
                details.add("vends a day", allows.map { text($0.dailyLimit, server?.dailyLimit) { "\($0)" } })
                details.add("requests a second", allows.map { text($0.rate, server?.rate.perSecond) { "\($0)" } })
                details.add(
                    "sessions",
                    allows.map { terms in
                        text(terms.sessionSeconds, server?.sessionDuration.seconds) { "\(TimeSpan(seconds: $0))" }
                    }
                )
            }
            details.add("vends", "\(use.vends) (today \(use.today), in 30 days \(use.in30Days))")
            details.add("last vend", use.last)
            if use.last != nil {
                details.add("to", use.lastAddress)
                details.add("access key id", use.lastAccessKeyID)
                details.add("alive until", use.liveUntil)
            }
            return details
        }

        /// Returns the key's own value, else the server's, marked as such.
        private func text(_ own: Int?, _ server: Int?, _ words: (Int) -> String) -> String {
            own.map(words) ?? server.map { "\(words($0)), the server's setting" } ?? "as the server's setting says"
        }
    }
}
