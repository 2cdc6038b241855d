import ArgumentParser
import BursarCore
import Console
import Storage
import Vending

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

struct UpdateKey: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "update",
        abstract: "Change what a key allows, or when it ends; the researcher keeps it.",
        discussion: """
            What isn't named stays. Running servers obey within a second; sessions that
            were handed out keep what they allow to their end.

            Examples:
              admin keys update 7c3kq9x2mzpa --daily-limit 500 --session 4h
              admin keys update 7c3k --ip 192.0.2.0/24 --ip 2001:db8::/32
              admin keys update 7c3k --no-ip --no-models --expires 2027-06-30
            """
    )

    @OptionGroup var shared: SharedOptions
    @Argument(help: "The key's id.", completion: .keyIDs)
    var id: String
    @Option(help: "What the key is for, shown in lists.")
    var label: String?
    @Option(help: ArgumentHelp("How long it works from now on, or its last day (UTC).", valueName: "end"))
    var expires: String?
    @OptionGroup(title: "What it allows") var terms: TermsOptions
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
        guard expires != nil || pairs.contains(where: { $0.0 || $0.1 }) else {
            throw ValidationError("name something to change")
        }
    }

    func run() throws {
        try shared.run { desk in
            let ends = try KeyEnd(desk)
            let change = try change(desk)
            let store = try desk.store()
            let known = try store.knownKey(id)
            let spelled = try store.update(known.id, change, by: desk.act) { key, terms in
                if key.revoked != nil {
                    let hint = "admin keys issue \(key.researcher) makes a new one"
                    throw Problem("key \(key.id) was revoked, for good", hint: hint)
                }
                try key.refuseSelftest()
                guard !key.isCanary || change == Self.labelOnly(change) else {
                    throw Problem("\(key.id) is a canary: it allows nothing", hint: "only its --label can change")
                }
                if let end = change.expires { try ends.check(end, .option("--expires"), issued: key.created) }
                try terms.checkPolicySize()
            }
            guard let spelled else { throw Problem("key \(known.id) is gone") }
            desk.terminal.note("changed key \(known.id) of \(spelled): \(change.summary)")
            if let end = change.expires, let stay = known.researcherEnds, stay < end {
                desk.terminal.warn(
                    Problem(
                        "their stay ends with \(TypedEnd.lastDay(before: stay)), and the key with it",
                        hint: "admin researchers update \(spelled) --until DAY"
                    )
                )
            }
            desk.noteWithoutServer()
        }
    }

    private static func labelOnly(_ change: KeyChange) -> KeyChange {
        var only = KeyChange()
        only.label = change.label
        return only
    }

    private func change(_ desk: Desk) throws(Problem) -> KeyChange {
        let terms = try terms.terms { desk.terminal.warn($0) }
        var change = KeyChange()
        let label = try given(label) { text throws(Problem) in try KeyLabel.read(text, .option("--label")) }
        change.label = noLabel ? .clear : Edit(label)
        change.expires = try given(expires) { text throws(Problem) in
            try TypedEnd.moment(text, .option("--expires"), from: desk.now)
        }
        change.allowed = noIp ? .clear : Edit(terms.allowed)
        change.models = noModels ? .clear : Edit(terms.models)
        change.dailyLimit = noDailyLimit ? .clear : Edit(terms.dailyLimit)
        change.rate = noRate ? .clear : Edit(terms.rate)
        change.sessionDuration = noSession ? .clear : Edit(terms.sessionDuration)
        return change
    }
}
