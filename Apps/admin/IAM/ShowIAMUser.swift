import AWSAuth
import ArgumentParser
import BursarCore
import Console

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

struct ShowIAMUser: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Show a business unit's IAM user: tags, policies, keys and their use.",
        discussion: """
            IAM may learn of a use hours later.

            Examples:
              admin iam show payments
              admin iam show payments --format json
            """
    )

    enum Format: String, CaseIterable, ExpressibleByArgument {
        case table
        case json
    }

    @OptionGroup(title: "AWS") var aws: AWSOptions
    @Argument(help: "The business unit.")
    var businessUnit: BusinessUnit
    @Option(help: "table or json.")
    var format = Format.table

    func run() async throws {
        try await aws.run { account in
            let user = try await account.existingUser(businessUnit)
            let sheet = Sheet(
                user: user.name,
                arn: user.arn,
                tags: Dictionary(user.tags.map { ($0.key, $0.value) }) { first, _ in first },
                policies: try await account.iam.policies(ofUser: user.name),
                attachedPolicies: try await account.iam.attachedPolicies(ofUser: user.name).map(\.name),
                keys: try await account.keyRows(user)
            )
            try print(sheet, on: account.terminal)
        }
    }

    private struct Sheet: Encodable {
        let user: String
        let arn: String
        let tags: [String: String]
        let policies: [String]
        let attachedPolicies: [String]
        let keys: [KeyRow]
    }

    private func print(_ sheet: Sheet, on terminal: Terminal) throws {
        guard format == .table else {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            return try terminal.print(String(decoding: try encoder.encode(sheet), as: UTF8.self))
        }
        let tags = sheet.tags.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
        let facts = [
            ("user", sheet.user), ("arn", sheet.arn), ("tags", tags),
            ("policies", (sheet.policies + sheet.attachedPolicies).joined(separator: " ")),
        ]
        for (name, value) in facts {
            let blanks = String(repeating: " ", count: 10 - name.count)
            try terminal.print(name + blanks + (value.isEmpty ? "-" : ControlText.visible(value)))
        }
        try Listing(rows: sheet.keys, whenEmpty: "no keys: admin iam create \(businessUnit) makes one")
            .print(as: .table, on: terminal)
    }
}

extension AWSAccount {
    /// A user's keys and their use.
    func keyRows(_ user: LongTermUser) async throws -> [KeyRow] {
        var rows: [KeyRow] = []
        for key in try await iam.accessKeys(user: user.name) {
            rows.append(KeyRow(key, of: user, use: try await iam.lastUse(ofAccessKey: key.id), at: now()))
        }
        return rows
    }
}
