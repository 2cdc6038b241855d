import ArgumentParser
import BursarCore
import Console
import Storage

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

struct ListKeys: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the keys.")

    @OptionGroup var shared: SharedOptions
    @Option(help: "table, json or csv.")
    var format = ListFormat.table

    func run() throws {
        try shared.run { desk in
            let rows = try desk.store().keys().map { Row($0, at: desk.now) }
            try Listing(rows: rows, whenEmpty: "no keys yet: admin keys issue HANDLE")
                .print(as: format, on: desk.terminal)
        }
    }

    private struct Row: Listed {
        static let columns: [Table.Column] = [
            .init("id"), .init("researcher"), .init("label"), .init("state"), .init("expires"), .init("last vend"),
        ]

        let id: String
        let researcher: String
        let label: String?
        let state: String
        let created: String
        let expires: String
        let revoked: String?
        let revokedReason: String?
        let lastVend: String?

        init(_ key: ListedKey, at date: Date) {
            id = key.id.description
            researcher = key.researcher
            label = key.label
            state = key.revoked != nil ? "revoked" : key.expires <= date ? "expired" : "active"
            created = Timestamp.string(key.created)
            expires = Timestamp.string(key.expires)
            revoked = key.revoked.map { Timestamp.string($0) }
            revokedReason = key.revokedReason
            lastVend = key.lastVend.map { Timestamp.string($0) }
        }

        var cells: [String] { [id, researcher, label ?? "-", state, expires, lastVend ?? "-"] }
    }
}
