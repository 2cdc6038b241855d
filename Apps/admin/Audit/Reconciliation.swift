import BursarFoundation
import Storage

/// What AWS says it issued, held against what is on record as vended.
struct Reconciliation {
    enum Finding: String, Encodable, CaseIterable {
        /// Issued by AWS, and no vend of it is on record: whoever has the server's role may have used it directly.
        case unrecorded
        /// Vended, and AWS knows nothing of it.
        case unissued
        /// On record for another researcher than AWS has it for.
        case mismatched
        /// Issued to the server for a researcher of ours and never vended, and nothing on record says why.
        case unexplained
        /// The same, at the time of a refusal or of a change that explains it.
        case unvended
        /// `vending-server check` asked for it.
        case check

        /// Whether a person has to look.
        var isAlarming: Bool { self != .unvended && self != .check }
    }

    struct Line {
        let finding: Finding
        let date: Date
        let accessKeyID: String
        /// The session's name in AWS.
        let session: String?
        let researcher: String?
        let key: String?
        let role: String?
        let caller: String?
    }

    /// Sessions that both sides know.
    private(set) var matched = 0
    /// Vends of those.
    private(set) var vends = 0
    /// Simulated sessions, which AWS never saw.
    private(set) var simulated = 0
    private(set) var lines: [Line] = []

    /// Sessions live no longer, so a vend's session was issued at most so long before.
    static let longestSession: TimeInterval = 43_200
    /// Clocks differ, and a vend is written a moment after AWS issued its session.
    private static let slack: TimeInterval = 60
    private static let checkName = "bursar-check"
    private static let simulatedPrefix = "ASIASIMULATED"

    /// `vended` are the vends from `range` and ``longestSession`` around it, by access key id; `range` is what AWS's
    /// files cover.
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
        // A file that is given twice counts once.
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

extension Reconciliation.Line {
    fileprivate init(_ finding: Reconciliation.Finding, _ event: AssumeRoleEvent?, _ vend: VendedSession?) {
        self.init(
            finding: finding,
            date: event?.date ?? vend?.date ?? .distantPast,
            accessKeyID: event?.accessKeyID ?? vend?.accessKeyID ?? "",
            session: event?.sessionName,
            researcher: vend?.researcher,
            key: vend?.key,
            role: event?.roleARN,
            caller: event?.caller
        )
    }
}

/// Vends by the session that was handed out, which is the same for many.
struct VendedSessions {
    struct Session {
        let first: VendedSession
        var count = 1
    }

    /// More sessions than CloudTrail's side may have, so that this one is not the first to fill up.
    static let limit = 2_000_000

    private(set) var sessions: [String: Session] = [:]

    /// False when there is no room for one more session.
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

/// When who may have been kept from a session that AWS had issued already.
struct ExplainedGaps {
    /// More than this are not kept.
    static let limit = 1_000_000
    /// Clocks differ.
    static let before: TimeInterval = 60
    /// An answer of AWS, a wait for the database, and the commit.
    static let after: TimeInterval = 120

    private var ofAll: [Date] = []
    private var ofOne: [String: [Date]] = [:]
    private var count = 0

    /// False when there is no room for one more.
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

    /// Whether one of them explains that a session which was issued at `date` was never handed out.
    func explain(_ researcher: String, at date: Date) -> Bool {
        let window = date.addingTimeInterval(-Self.before)...date.addingTimeInterval(Self.after)
        return ofAll.contains(where: window.contains)
            || ofOne[researcher.lowercased(), default: []].contains(where: window.contains)
    }
}
