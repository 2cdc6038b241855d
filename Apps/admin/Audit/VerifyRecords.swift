import ArgumentParser
import AuditVerification
import BursarConsole
import BursarInput
import BursarModel
import Reports
import Storage

struct VerifyRecords: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Check that the records are as they were written.",
        discussion: """
            Each record holds the hash of the one before, so an edit shows. Who rewrites
            all that follows an edit too is found with --anchor only: the server's log
            holds the chain's head of every minute, best kept on another machine or in a
            log group (BURSAR_HEADS_LOG_GROUP). Records that were pruned can't be checked
            any more; the chain is checked from there on. Records that are gone and that
            no pruning on record explains were removed.

            Exit status: 0 when all fits, 1 when something doesn't or can't be read.

            Examples:
              admin audit verify
              admin audit verify --anchor /var/log/bursar/server.log
              journalctl -u bursar -o cat | admin audit verify --anchor -
              aws logs filter-log-events --log-group-name GROUP > heads.json
              admin audit verify --anchor heads.json
            """
    )

    @OptionGroup var shared: SharedOptions
    @Option(
        help: ArgumentHelp(
            "The server's log, or what `aws logs` prints of it, or - for standard input; repeatable.",
            valueName: "file"
        ),
        completion: .file(),
        transform: PathOption.read
    )
    var anchor: [String] = []
    @Option(help: "text or json.")
    var format = ReportFormat.text

    func run() throws {
        try shared.run { context in
            // The log is read before the chain's end. The chain only grows, so no head in the log may lie beyond that
            // end.
            let anchors = try anchors()
            let store = try context.store()
            let progress = Progress("verified")
            let chain = try store.audit.checkChain { progress.report($0, of: $1) }
            progress.end()
            let report = VerifyReport(chain: chain, anchors: anchors.isEmpty ? nil : try store.audit.compare(anchors))
            try context.terminal.print(format == .json ? try JSONText.of(report) : report.text)
            let problems = report.problems
            for problem in problems { context.terminal.fail(problem) }
            guard problems.isEmpty else { throw ExitCode.failure }
        }
    }

    private func anchors() throws -> [ChainAnchor] {
        var anchors: [ChainAnchor] = []
        for argument in anchor {
            let source = ByteSource(argument)
            var log = ChainHeadLog()
            try source.read { log.append($0) }
            log.finish()
            guard !log.anchors.isEmpty else {
                throw UserFacingError(
                    "there is no head of a chain in \(source.name)",
                    hint: "it is to hold the server's log: lines with the message `chain`, one a minute"
                )
            }
            anchors += log.anchors
            guard !log.isFull, anchors.count <= ChainHeadLog.limit else {
                throw UserFacingError("more than \(ChainHeadLog.limit) heads", hint: "give fewer logs at once")
            }
        }
        return ChainHeadLog.distinct(anchors)
    }
}

/// The result of a check of the chain.
struct VerifyReport: Encodable {
    struct Anchors: Encodable {
        let matched: Int
        let pruned: Int
        let firstDiffering: Int64?
        let lastMatchBefore: Int64?
        let beyondEnd: Int64?
        let contradicted: Int64?
    }

    let intact: Bool
    let checked: Int64
    let pruned: Int64
    let last: Int64
    let head: String
    let firstBad: Int64?
    let fault: String?
    let anchors: Anchors?

    private let chain: CheckedChain
    private let findings: AnchorFindings?

    init(chain: CheckedChain, anchors findings: AnchorFindings?) {
        self.chain = chain
        self.findings = findings
        intact = chain.fault == nil && findings?.isBroken != true
        checked = chain.firstMisfit.map { $0 - chain.pruned - 1 } ?? chain.count
        pruned = chain.pruned
        last = chain.last
        head = chain.head
        firstBad = chain.fault?.sequence
        fault = chain.fault.map { Self.word($0.kind) }
        anchors = findings.map { findings in
            Anchors(
                matched: findings.matched,
                pruned: findings.pruned,
                firstDiffering: findings.differing?.sequence,
                lastMatchBefore: findings.lastMatch,
                beyondEnd: findings.beyond?.sequence,
                contradicted: findings.contradicted
            )
        }
    }

    enum CodingKeys: String, CodingKey {
        case intact, checked, pruned, last, head, firstBad, fault, anchors
    }

    var text: String {
        var lines = ["records  \(checked) fit, up to number \(chain.firstMisfit.map { $0 - 1 } ?? last)"]
        if pruned > 0 { lines.append("pruned   up to number \(pruned): what they held can't be checked any more") }
        lines.append("head     \(last) \(head)")
        if let findings {
            lines.append("anchors  \(findings.matched) fit")
            if findings.pruned > 0 { lines.append("         \(findings.pruned) are of pruned records: not checkable") }
        }
        return lines.joined(separator: "\n")
    }

    /// All mismatches, the first bad record first.
    var problems: [UserFacingError] {
        var problems: [UserFacingError] = []
        if let fault = chain.fault { problems.append(Self.problem(fault)) }
        guard let findings else { return problems }
        if let anchor = findings.differing {
            let first = findings.lastMatch.map { "\($0 + 1)" } ?? "the first"
            problems.append(
                UserFacingError(
                    "record \(anchor.sequence) has another hash than the log says: "
                        + "records from \(first) to \(anchor.sequence) were rewritten, one of them at least",
                    hint: "compare with a backup, and with AWS: admin audit reconcile"
                )
            )
        }
        if let anchor = findings.beyond {
            problems.append(
                UserFacingError(
                    "the log knows record \(anchor.sequence), but the last is \(last): records were cut off at the end",
                    hint: "was an older backup restored? if not, compare with one, and with AWS: admin audit reconcile"
                )
            )
        }
        if let sequence = findings.contradicted {
            problems.append(
                UserFacingError(
                    "the log has two heads for record \(sequence): the chain was rewritten, or the logs are of two databases",
                    hint: "give only logs of servers that used this database"
                )
            )
        }
        return problems
    }

    /// The message for the first bad record.
    static func problem(_ fault: ChainError) -> UserFacingError {
        let record = "record \(fault.sequence)"
        let hint =
            "admin audit list --limit 5 shows the newest; compare with a backup, and with AWS: admin audit reconcile"
        return switch fault.kind {
        case .removed:
            UserFacingError(
                "records up to \(fault.sequence) are gone, and no records_pruned action that is left says that they were "
                    + "pruned: they were deleted by other means",
                hint: hint
            )
        case .missing: UserFacingError("\(record) is missing: it is the first bad one", hint: hint)
        case .altered:
            UserFacingError("\(record) doesn't fit its hash: it is the first bad one, and was altered", hint: hint)
        case .unhashed:
            UserFacingError("\(record) holds what its hash doesn't cover: it is the first bad one", hint: hint)
        case .unreadable:
            UserFacingError("\(record) is not of a form that is known: it is the first bad one", hint: hint)
        }
    }

    private static func word(_ kind: ChainError.Kind) -> String {
        switch kind {
        case .removed: "removed"
        case .missing: "missing"
        case .altered: "altered"
        case .unhashed: "unhashed"
        case .unreadable: "unreadable"
        }
    }
}

extension CheckedChain {
    /// The first record that doesn't match its predecessor.
    ///
    /// Removing the chain's beginning leaves the rest consistent.
    fileprivate var firstMisfit: Int64? {
        fault.flatMap { $0.kind == .removed ? nil : $0.sequence }
    }
}
