package import BursarFoundation
import BursarModel
package import Storage

/// The comparison of the sessions that AWS issued with the recorded vends.
package struct Reconciliation {
    package enum Finding: String, Encodable, CaseIterable {
        /// Issued by AWS without a recorded vend: the holder of the server's role may have used it directly.
        case unrecorded
        /// Vended, but unknown to AWS.
        case unissued
        /// Recorded for another researcher or key than the session's.
        case mismatched
        /// Issued to the server for a known researcher, never vended, and not explained by any record.
        case unexplained
        /// Never vended either, but explained by a refusal or a change at the time.
        case unvended
        /// Requested by `vending-server check`.
        case check

        /// True if an operator has to investigate.
        package var isAlarming: Bool { self != .unvended && self != .check }
    }

    /// A session on one side only, or on both with different researchers.
    package struct Line: Encodable {
        package let finding: Finding
        package let date: Date
        package let time: String
        package let accessKeyID: String
        /// The session's name in AWS.
        package let session: String?
        package let researcher: String?
        package let key: String?
        package let role: String?
        package let caller: String?

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
    }

    /// The number of sessions that both sides know.
    package private(set) var matched = 0
    /// The number of vends of those sessions.
    package private(set) var vends = 0
    /// The number of simulated sessions, which AWS never issued.
    package private(set) var simulated = 0
    package private(set) var lines: [Line] = []

    /// The maximum session duration, and so the maximum time between the issue of a session and its last vend.
    package static let longestSession: TimeInterval = 43_200
    /// The allowance for clock skew, and for the moment between AWS's response and the record.
    private static let slack: TimeInterval = 60
    private static let simulatedPrefix = "ASIASIMULATED"

    /// `vended` are the vends from `range` and ``longestSession`` around it, by access key id; `range` is the time that
    /// AWS's files cover; `researcher` returns the handle of the researcher whom a session's name is of, if it is one's.
    package init(
        _ events: [AssumeRoleEvent],
        with vended: VendedSessions,
        in range: ClosedRange<Date>,
        explainedBy gaps: ExplainedGaps = ExplainedGaps(),
        researcher: (_ sessionName: String) throws -> String?
    ) rethrows {
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
            guard !session.first.sessionNames.contains(event.sessionName) else { continue }
            lines.append(Line(.mismatched, event, session.first))
        }
        for event in unmatched where range.contains(event.date) {
            let isOurs = callers.contains(event.caller)
            let finding: Finding =
                if !isOurs {
                    .unrecorded
                } else if event.sessionName == SessionName.check {
                    .check
                } else if let researcher = try researcher(event.sessionName) {
                    gaps.explain(researcher, at: event.date) ? .unvended : .unexplained
                } else {
                    .unrecorded
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

    package func count(of finding: Finding) -> Int { lines.count { $0.finding == finding } }
}

extension VendedSession {
    /// The names that its session may have in AWS.
    fileprivate var sessionNames: [String] {
        guard let handle = Handle(researcher), let id = KeyID(key) else { return [researcher] }
        return SessionName.all(of: handle, key: id).map(\.description)
    }
}

/// Vends by session; many vends share one session.
package struct VendedSessions {
    struct Session {
        let first: VendedSession
        var count = 1
    }

    /// The limit of sessions: more than CloudTrail's side may have, so that this side doesn't fill up first.
    package static let limit = 2_000_000

    private(set) var sessions: [String: Session] = [:]

    package init() {}

    /// Returns false at the limit.
    package mutating func add(_ vend: VendedSession) -> Bool {
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
package struct ExplainedGaps {
    /// The limit of times held at once.
    package static let limit = 1_000_000
    /// The allowance for clock skew.
    package static let before: TimeInterval = 60
    /// The allowance for AWS's response, a wait for the database, and the commit.
    package static let after: TimeInterval = 120

    private var ofAll: [Date] = []
    private var ofOne: [String: [Date]] = [:]
    private var count = 0

    package init() {}

    /// Returns false at the limit.
    package mutating func add(_ block: PossibleBlock) -> Bool {
        guard count < Self.limit else { return false }
        count += 1
        if let researcher = block.researcher {
            ofOne[researcher.lowercased(), default: []].append(block.date)
        } else {
            ofAll.append(block.date)
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
