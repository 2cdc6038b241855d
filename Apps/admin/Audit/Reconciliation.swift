import BursarConsole
import BursarFoundation
import BursarModel
import Storage

/// The comparison of the sessions that AWS issued with the recorded vends.
struct Reconciliation {
    enum Finding: String, Encodable, CaseIterable {
        /// Issued by AWS without a recorded vend: the holder of the server's role may have used it directly.
        case unrecorded
        /// Vended, but unknown to AWS.
        case unissued
        /// Recorded for another researcher than the session's.
        case mismatched
        /// Issued to the server for a known researcher, never vended, and not explained by any record.
        case unexplained
        /// Never vended either, but explained by a refusal or a change at the time.
        case unvended
        /// Requested by `vending-server check`.
        case check

        /// True if an operator has to investigate.
        var isAlarming: Bool { self != .unvended && self != .check }
    }

    /// A session on one side only, or on both with different researchers.
    struct Line: TableRow {
        static let columns: [Table.Column] = [
            .init("finding"), .init("time"), .init("access key"), .init("session"), .init("researcher"), .init("key"),
            .init("role"), .init("caller"),
        ]

        let finding: Finding
        let date: Date
        let time: String
        let accessKeyID: String
        /// The session's name in AWS.
        let session: String?
        let researcher: String?
        let key: String?
        let role: String?
        let caller: String?

        private enum CodingKeys: CodingKey {
            case finding, time, accessKeyID, session, researcher, key, role, caller
        }

        fileprivate init(_ finding: Finding, _ event: AssumeRoleEvent?, _ vend: VendedSession?) {
            self.finding = finding
            date = event?.date ?? vend?.date ?? .distantPast
            time = Timestamp.string(date)
            accessKeyID = event?.accessKeyID ?? vend?.accessKeyID ?? ""
            session = event?.sessionName
            researcher = vend?.researcher
            key = vend?.key
            role = event?.roleARN
            caller = event?.caller
        }

        var cells: [String] {
            [
                finding.rawValue, time, accessKeyID, session ?? "", researcher ?? "", key ?? "", role ?? "",
                caller ?? "",
            ]
        }
    }

    /// The number of sessions that both sides know.
    private(set) var matched = 0
    /// The number of vends of those sessions.
    private(set) var vends = 0
    /// The number of simulated sessions, which AWS never issued.
    private(set) var simulated = 0
    private(set) var lines: [Line] = []

    /// The maximum session duration, and so the maximum time between the issue of a session and its last vend.
    static let longestSession: TimeInterval = 43_200
    /// The allowance for clock skew, and for the moment between AWS's response and the record.
    private static let slack: TimeInterval = 60
    private static let checkName = "bursar-check"
    private static let simulatedPrefix = "ASIASIMULATED"

    /// `vended` are the vends from `range` and ``longestSession`` around it, by access key id; `range` is the time that
    /// AWS's files cover.
    init(
        _ events: [AssumeRoleEvent],
        with vended: VendedSessions,
        in range: ClosedRange<Date>,
        hindrances: ExplainedGaps = ExplainedGaps(),
        isResearcher: (String) -> Bool
    ) {
        var issued: Set<String> = []
        var callers: Set<String> = []
        var unmatched: [AssumeRoleEvent] = []
        // An event that occurs in two files counts once.
        for event in events where issued.insert(event.accessKeyID).inserted {
            guard let session = vended.sessions[event.accessKeyID] else {
                unmatched.append(event)
                continue
            }
            matched += 1
            vends += session.count
            callers.insert(event.caller)
            guard session.first.researcher != event.sessionName else { continue }
            lines.append(Line(.mismatched, event, session.first))
        }
        for event in unmatched where range.contains(event.date) {
            let isOurs = callers.contains(event.caller)
            let finding: Finding =
                if !isOurs {
                    .unrecorded
                } else if event.sessionName == Self.checkName {
                    .check
                } else if !isResearcher(event.sessionName) {
                    .unrecorded
                } else {
                    hindrances.explain(event.sessionName, at: event.date) ? .unvended : .unexplained
                }
            lines.append(Line(finding, event, nil))
        }
        let start = range.lowerBound.addingTimeInterval(Self.slack)
        for (accessKeyID, session) in vended.sessions where !issued.contains(accessKeyID) {
            guard !accessKeyID.hasPrefix(Self.simulatedPrefix) else {
                simulated += 1
                continue
            }
            guard session.first.date >= start, session.first.date <= range.upperBound else { continue }
            lines.append(Line(.unissued, nil, session.first))
        }
        lines.sort { ($0.date, $0.accessKeyID) < ($1.date, $1.accessKeyID) }
    }

    func count(of finding: Finding) -> Int { lines.count { $0.finding == finding } }
}

/// Vends by session; many vends share one session.
struct VendedSessions {
    struct Session {
        let first: VendedSession
        var count = 1
    }

    /// The limit of sessions: more than CloudTrail's side may have, so that this side doesn't fill up first.
    static let limit = 2_000_000

    private(set) var sessions: [String: Session] = [:]

    /// Returns false at the limit.
    mutating func add(_ vend: VendedSession) -> Bool {
        guard sessions[vend.accessKeyID] == nil else {
            sessions[vend.accessKeyID]?.count += 1
            return true
        }
        guard sessions.count < Self.limit else { return false }
        sessions[vend.accessKeyID] = Session(first: vend)
        return true
    }
}

/// The times at which the server may have withheld a session that AWS had already issued.
struct ExplainedGaps {
    /// The limit of times held at once.
    static let limit = 1_000_000
    /// The allowance for clock skew.
    static let before: TimeInterval = 60
    /// The allowance for AWS's response, a wait for the database, and the commit.
    static let after: TimeInterval = 120

    private var ofAll: [Date] = []
    private var ofOne: [String: [Date]] = [:]
    private var count = 0

    /// Returns false at the limit.
    mutating func add(_ hindrance: PossibleBlock) -> Bool {
        guard count < Self.limit else { return false }
        count += 1
        if let researcher = hindrance.researcher {
            ofOne[researcher.lowercased(), default: []].append(hindrance.date)
        } else {
            ofAll.append(hindrance.date)
        }
        return true
    }

    /// Returns true if one of the times explains that the session issued at `date` was never handed out.
    func explain(_ researcher: String, at date: Date) -> Bool {
        let window = date.addingTimeInterval(-Self.before)...date.addingTimeInterval(Self.after)
        return ofAll.contains(where: window.contains)
            || ofOne[researcher.lowercased(), default: []].contains(where: window.contains)
    }
}
