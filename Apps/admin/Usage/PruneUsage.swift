import ArgumentParser
import BursarConsole
import BursarFoundation
import BursarModel
import Reports
import Storage

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

struct PruneUsage: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune",
        abstract: "Remove the oldest records; reports and the chain's proof stay.",
        discussion: """
            What happened before the day goes: vends, refusals and what operators did.
            Reports are made from sums, which stay. The chain goes on: the number and hash
            of the last record that went are kept, so `admin audit verify` still proves
            what is left. The last two days stay in any case: sessions vended then may
            still live. The chain of what goes is checked before; where it is broken,
            nothing is removed.

            It works while the server runs, in steps of at most 50 ms; a run that was
            stopped is finished by the next. The file keeps its size; new records use the
            room.

            Examples:
              admin usage export --until 2026-05-31 --output until-may.jsonl
              admin usage prune --before 2026-06-01 --dry-run
              admin usage prune --before 2026-06-01 --yes
            """
    )

    /// The whole days before today that are never pruned: a session lives 12 hours at most, a token as long again.
    private static let kept: Int64 = 2

    @OptionGroup var shared: SharedOptions
    @Option(help: "The UTC day, YYYY-MM-DD, from which on records stay.")
    var before: String
    @Flag(help: "Say what would go, and leave it.")
    var dryRun = false
    @Flag(help: "Don't ask.")
    var yes = false

    func run() throws {
        try shared.run { context in
            let day = try UsageRange.day(before, "--before")
            let latest = UTCDay(number: UTCDay(containing: context.now).number - Self.kept)
            guard day <= latest else {
                throw UserFacingError(
                    "sessions vended in the last \(Self.kept) days may still live, and their records have to stay",
                    hint: "--before \(latest) is the latest day that can be named"
                )
            }
            let store = try context.store()
            guard let plan = try store.upkeep.prunePlan(before: day.start) else {
                return context.terminal.note("no record is older than \(day)")
            }
            context.terminal.note(
                "\(GroupedNumber.text(plan.count, "record", "records")) from \(UTCDay(containing: plan.oldest)) to "
                    + "\(UTCDay(containing: plan.newest)), \(GroupedNumber.text(plan.acts)) of them of what operators did"
            )
            try checkChain(of: plan, in: store)
            if dryRun { return context.terminal.note("nothing was changed: this was a dry run") }
            try Confirmation(isGiven: yes).ask("remove the records before \(day) for good?")
            try store.upkeep.recordPruning(plan, before: day.description, by: context.act)
            let signals = StopSignals()
            let count = try prune(plan, before: day, in: store, signals.interruption)
            guard count == plan.count || !signals.interruption.isRequested else {
                throw UserFacingError(
                    "stopped: \(GroupedNumber.text(count)) of \(GroupedNumber.text(plan.count, "record", "records")) are removed",
                    hint: "admin usage prune --before \(day) goes on; what is left is whole"
                )
            }
            context.terminal.note("removed \(GroupedNumber.text(count, "record", "records"))")
            if count < plan.count {
                context.terminal.warn(
                    UserFacingError(
                        "a record before them is of a later time; it and what follows it stays",
                        hint: "was the clock set back? admin usage export shows it"
                    )
                )
            }
        }
    }

    /// Refuses to remove records that prove nothing: who edited one of them would be rid of the evidence.
    private func checkChain(of plan: PrunePlan, in store: Store) throws {
        let progress = Progress("verified")
        let fault = try store.upkeep.firstFault(in: plan) { progress.report($0, of: $1) }
        progress.end()
        guard let fault else { return }
        throw UserFacingError(
            "\(VerifyReport.problem(fault).problem); nothing was removed",
            hint: "keep a backup as it is; `admin audit verify --anchor LOG` tells more; prune up to a day before it"
        )
    }

    private func prune(_ plan: PrunePlan, before day: UTCDay, in store: Store, _ interruption: CancellationFlag) throws
        -> Int
    {
        try store.database.beginServing()
        var steps = PruneSteps()
        let progress = Progress("removed")
        defer { progress.end() }
        let clock = ContinuousClock()
        var removed = 0
        while !interruption.isRequested {
            let start = clock.now
            let count = try store.upkeep.pruneStep(upTo: plan.last, before: day.start, count: steps.count)
            guard count > 0 else { break }
            removed += count
            let taken = clock.now - start
            steps.adapt(taken)
            progress.report(Int64(removed), of: Int64(plan.count))
            // A pause as long as the step, in which the server has the database.
            usleep(UInt32(max(2_000, taken / .microseconds(1))))
            try store.database.maintain()
        }
        return removed
    }
}

/// The number of records per transaction, so that one takes a fifth of a vend's maximum wait.
struct PruneSteps {
    private static let aim = Duration.milliseconds(10)
    private static let bounds = 20...20_000

    private(set) var count = 200

    /// Adjusts to the duration of the last step, including the wait for other writers.
    mutating func adapt(_ taken: Duration) {
        let ratio = taken > .zero ? Self.aim / taken : 2
        let next = Int(Double(count) * min(2, max(0.25, ratio)))
        count = min(max(next, Self.bounds.lowerBound), Self.bounds.upperBound)
    }
}
