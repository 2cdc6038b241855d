import ArgumentParser
import BursarConsole
import BursarFoundation
import BursarModel
import Enrollment
import Storage
import Vending

struct UpdateKey: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "update",
        abstract: "Change what a key allows, or when it ends; the researcher keeps it.",
        discussion: """
            What isn't named stays. Running servers obey within a second; sessions that
            were handed out keep what they allow to their end. With --project the key's use
            counts for that project from now on; what it did before still counts for the
            one it had then.

            Examples:
              admin keys update 7c3kq9x2mzpa --daily-limit 500 --session 4h
              admin keys update 7c3k --ip 192.0.2.0/24 --ip 2001:db8::/32
              admin keys update 7c3k --no-ip --no-models --expires 2027-06-30
              admin keys update 7c3k --project looms
            """
    )

    @OptionGroup var shared: SharedOptions
    @Argument(help: "The key's id.", completion: .keyIDs)
    var id: String
    @Option(help: "What the key is for, shown in lists.")
    var label: String?
    @Option(help: ArgumentHelp("How long it works from now on, or its last day (UTC).", valueName: "end"))
    var expires: String?
    @Option(help: "What its use is accounted to from now on.", completion: .projects)
    var project: String?
    @OptionGroup(title: "What it allows") var terms: RestrictionOptions
    @Flag(help: "No label.")
    var noLabel = false
    @Flag(help: "From any address that the server takes.")
    var noIp = false
    @Flag(help: "All models that the role allows.")
    var noModels = false
    @Flag(help: "As many vends as the server's setting says.")
    var noDailyLimit = false
    @Flag(help: "As many requests as the server's setting says.")
    var noRate = false
    @Flag(help: "Sessions as long as the server's setting says.")
    var noSession = false

    func validate() throws {
        let pairs = [
            (label != nil, noLabel, "label"), (!terms.ip.isEmpty, noIp, "ip"),
            (!terms.models.isEmpty, noModels, "models"),
            (terms.dailyLimit != nil, noDailyLimit, "daily-limit"), (terms.rate != nil, noRate, "rate"),
            (terms.session != nil, noSession, "session"),
        ]
        if let both = pairs.first(where: { $0.0 && $0.1 }) {
            throw ValidationError("--\(both.2) and --no-\(both.2) contradict each other")
        }
        guard expires != nil || project != nil || pairs.contains(where: { $0.0 || $0.1 }) else {
            throw ValidationError("name something to change")
        }
    }

    func run() throws {
        try shared.run { context in
            let ends = try context.keyExpiry()
            let change = try change(context)
            let store = try context.store()
            let known = try store.knownKey(id)
            let spelled = try store.administration.update(known.id, change, by: context.act) { key, terms in
                if key.revoked != nil {
                    let hint = "admin keys issue \(key.researcher) makes a new one"
                    throw UserFacingError("key \(key.id) was revoked, for good", hint: hint)
                }
                try key.refuseSelftest()
                guard !key.isCanary || change == Self.labelOnly(change) else {
                    throw UserFacingError(
                        "\(key.id) is a canary: it allows nothing",
                        hint: "only its --label can change"
                    )
                }
                if let end = change.expires { try ends.check(end, .option("--expires"), issued: key.created) }
                try terms.checkPolicySize()
            }
            guard let spelled else { throw UserFacingError("key \(known.id) is gone") }
            context.terminal.note("changed key \(known.id) of \(spelled): \(change.summary)")
            if let project = change.project {
                context.terminal.note(
                    project == known.project
                        ? "it is of project \(project) already"
                        : "its use counts for project \(project) from now on; what was before stays with \(known.project)"
                )
            }
            if let end = change.expires, let stay = known.researcherEnds, stay < end {
                context.terminal.warn(
                    UserFacingError(
                        "their stay ends with \(ExpiryParser.lastDay(before: stay)), and the key with it",
                        hint: "admin researchers update \(spelled) --until DAY"
                    )
                )
            }
            context.noteWithoutServer()
        }
    }

    private static func labelOnly(_ change: KeyChange) -> KeyChange {
        var only = KeyChange()
        only.label = change.label
        return only
    }

    private func change(_ context: AdminContext) throws(UserFacingError) -> KeyChange {
        let terms = try terms.terms { context.terminal.warn($0) }
        var change = KeyChange()
        let label = try given(label) { text throws(UserFacingError) in try KeyLabel.read(text, .option("--label")) }
        change.label = noLabel ? .clear : FieldUpdate(label)
        change.project = try given(project) { text throws(UserFacingError) in
            try ResearcherFields.line(text, .option("--project"))
        }
        change.expires = try given(expires) { text throws(UserFacingError) in
            try ExpiryParser.moment(text, .option("--expires"), from: context.now)
        }
        change.allowed = noIp ? .clear : FieldUpdate(terms.allowed)
        change.models = noModels ? .clear : FieldUpdate(terms.models)
        change.dailyLimit = noDailyLimit ? .clear : FieldUpdate(terms.dailyLimit)
        change.rate = noRate ? .clear : FieldUpdate(terms.rate)
        change.sessionDuration = noSession ? .clear : FieldUpdate(terms.sessionDuration)
        return change
    }
}
