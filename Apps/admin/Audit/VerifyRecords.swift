import ArgumentParser
import BursarConsole
import BursarModel
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
            // Before the chain's end is read: it only grows, so no head of the log may lie beyond it.
            let anchors = try anchors()
            let store = try context.store()
            let progress = Progress("verified")
            let chain = try store.checkChain { progress.tell($0, of: $1) }
            progress.end()
            let report = VerifyReport(chain: chain, anchors: anchors.isEmpty ? nil : try store.compare(anchors))
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
        return Self.distinct(anchors.sorted())
    }

    /// A server that rests says the same again each minute.
    private static func distinct(_ anchors: [ChainAnchor]) -> [ChainAnchor] {
        var seen: Set<ChainAnchor> = []
        var distinct: [ChainAnchor] = []
        for anchor in anchors {
            if anchor.sequence != distinct.last?.sequence { seen.removeAll(keepingCapacity: true) }
            if seen.insert(anchor).inserted { distinct.append(anchor) }
        }
        return distinct
    }
}
