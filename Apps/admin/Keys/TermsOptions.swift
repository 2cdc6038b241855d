import AWSAuth
import ArgumentParser
import BursarCore
import Console
import Vending

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What a key is to allow: the same options wherever one is made or changed.
struct TermsOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Address block it may be used from; several times for several.", valueName: "cidr"))
    var ip: [String] = []
    @Option(help: ArgumentHelp("Models that its sessions may invoke, as anthropic.claude-*.", valueName: "pattern"))
    var models: [String] = []
    @Option(help: ArgumentHelp("Vends per UTC day; else the server's setting.", valueName: "n"))
    var dailyLimit: Int?
    @Option(help: ArgumentHelp("Requests a second; else the server's setting.", valueName: "n"))
    var rate: Int?
    @Option(help: ArgumentHelp("Life of its sessions, 15m to 12h; else the server's setting.", valueName: "time"))
    var session: String?

    /// - Throws: ``Problem`` that names the option.
    func terms(warn: (Problem) -> Void) throws(Problem) -> KeyTerms {
        var terms = KeyTerms()
        terms.allowed = try addresses(warn)
        terms.models = try modelList()
        if let dailyLimit {
            guard (0...1_000_000_000).contains(dailyLimit) else { throw Problem("--daily-limit is 0 to 1000000000") }
            terms.dailyLimit = dailyLimit
        }
        if let rate {
            guard let rate = RequestRate(perSecond: rate) else { throw Problem("--rate is 1 to 1000000 a second") }
            terms.rate = rate
        }
        if let session {
            guard let duration = SessionDuration(session) else {
                throw Problem(
                    "--session \(ControlText.visible(session)) is outside what AWS allows",
                    hint: "15m to 12h"
                )
            }
            terms.sessionDuration = duration
        }
        try checkPolicy(terms)
        return terms
    }

    private func addresses(_ warn: (Problem) -> Void) throws(Problem) -> AddressList? {
        guard !ip.isEmpty else { return nil }
        let list: AddressList
        do throws(AddressList.Fault) {
            list = try AddressList(entries: ip.flatMap { $0.split(separator: ",").map { String($0) } })
        } catch {
            switch error {
            case .malformed(let entry):
                throw Problem(
                    "--ip \(ControlText.visible(entry)) is not an address block",
                    hint: "write it as 192.0.2.0/24, 192.0.2.7 or 2001:db8::/32"
                )
            case .empty: throw Problem("--ip names no address")
            case .tooLong: throw Problem("--ip names more than \(AddressList.longest) blocks")
            }
        }
        for entry in list.normalised {
            guard let block = CIDRBlock(entry) else { continue }
            warn(Problem("--ip \(entry) is taken as \(block): the bits behind /\(block.prefix) don't count"))
        }
        return list
    }

    private func modelList() throws(Problem) -> ModelList? {
        guard !models.isEmpty else { return nil }
        let patterns = models.flatMap { $0.split(separator: ",") }.map { (text: $0, pattern: ModelPattern($0)) }
        if let wrong = patterns.first(where: { $0.pattern == nil }) {
            throw Problem(
                "--models \(ControlText.visible(String(wrong.text))) is not a pattern of model ids",
                hint: "write it as anthropic.claude-* or meta.llama3-8b-instruct-v1:0"
            )
        }
        guard let list = ModelList(patterns.compactMap(\.pattern)) else {
            throw Problem("--models names more than \(ModelList.longest) patterns")
        }
        return list
    }

    /// STS takes a session policy of 2,048 characters at most; better to learn that here than at each vend.
    private func checkPolicy(_ terms: KeyTerms) throws(Problem) {
        let policy = SessionPolicy(models: terms.models, addresses: terms.allowed, end: .distantPast)
        let size: Int
        do {
            // The longest name of a partition, so that the key works in all.
            size = try policy.document(.govCloud).unicodeScalars.count
        } catch {
            throw Problem("the session policy can't be written")
        }
        guard size <= SessionPolicy.longest else {
            throw Problem(
                "these models and addresses make a session policy of \(size) characters; AWS takes \(SessionPolicy.longest)",
                hint: "name fewer, or wider ones"
            )
        }
    }
}
