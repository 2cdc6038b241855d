import AWSClients
import ArgumentParser
import BursarConsole
import BursarModel
import Provisioning
import Vending

/// The commands that fulfil a request, shown exactly as they are run.
struct ProvisionPlan {
    /// The arguments of each `admin` command.
    let commands: [[String]]

    /// The commands, quoted for a shell.
    var lines: [String] { commands.map { (["admin"] + $0).map(ShellWord.quoted).joined(separator: " ") } }

    /// An IAM user's access key.
    init(longTerm request: ProvisionRequest, options: [String]) throws(UserFacingError) {
        guard let unit = request.businessUnit.flatMap({ BusinessUnit($0) }) else {
            throw UserFacingError("the business unit is missing", hint: "add it: for payments")
        }
        guard let owner = request.owner else {
            throw UserFacingError("who answers for the key?", hint: "add the owner's e-mail address to the words")
        }
        let region = request.region.map { ["--region", $0] } ?? []
        commands = [["iam", "create", unit.description, "--owner", owner] + region + options]
    }

    /// A researcher's key with the requested lifetime; the researcher is added if need be.
    ///
    /// Without an owner the key is its business unit's, and the operator is its contact.
    init(
        shortTerm request: ProvisionRequest,
        by actor: String,
        known: [Researcher],
        options: [String],
        keyOptions: [String]
    ) throws(UserFacingError) {
        let matches: [Researcher]
        if let owner = request.owner {
            matches = known.filter { $0.email.lowercased() == owner.lowercased() }
        } else if let unit = request.businessUnit {
            matches = known.filter { $0.handle.description.lowercased() == unit && $0.project.lowercased() == unit }
        } else {
            throw UserFacingError(
                "who is the key for?",
                hint: "add a team (for genomics) or their e-mail address to the words, or: "
                    + "admin keys issue HANDLE --expires \(Self.lifetime(of: request))"
            )
        }
        guard matches.count < 2 else {
            let handles = matches.map(\.handle.description).joined(separator: ", ")
            throw UserFacingError(
                "which researcher is meant: \(handles) have the same e-mail address",
                hint: "admin keys issue HANDLE --expires \(Self.lifetime(of: request))"
            )
        }
        var commands: [[String]] = []
        let handle: String
        if let match = matches.first {
            handle = match.handle.description
        } else {
            guard let project = request.businessUnit else {
                throw UserFacingError(
                    "there is no researcher with \(request.owner ?? ""), and nothing says what their use is accounted to",
                    hint: "say it: for genomics"
                )
            }
            let new = try Self.handle(for: request.owner ?? project, known)
            handle = new
            // The request has no name; the address or the unit replaces it.
            let details = [
                "--name", request.owner ?? project, "--email", request.owner ?? Self.address(of: actor), "--project",
                project,
            ]
            commands.append(["researchers", "add", new] + details + options)
        }
        let lifetime = ["--label", "provisioned", "--expires", Self.lifetime(of: request)]
        commands.append(["keys", "issue", handle] + lifetime + keyOptions + options)
        self.commands = commands
    }

    /// Runs the commands in order, up to the first failure.
    func run(_ terminal: Terminal) async throws {
        for (index, words) in commands.enumerated() {
            do {
                var command = try Admin.parseAsRoot(words)
                if var waiting = command as? any AsyncParsableCommand {
                    try await waiting.run()
                } else {
                    try command.run()
                }
            } catch {
                if index > 0 { terminal.note("the researcher was added; what is left: \(lines[index])") }
                throw error
            }
        }
    }

    /// The lifetime as an option: `2h`, `1h30m`, with seconds where there are some.
    private static func lifetime(of request: ProvisionRequest) -> String {
        let seconds = (request.lifetime ?? .longest).seconds
        return seconds % 60 == 0 ? TimeSpan(seconds: seconds).description.replacing(" ", with: "") : "\(seconds)s"
    }

    /// The operator's address, from `ada@host` or `ada (sudo)@host`.
    private static func address(of actor: String) -> String {
        actor.replacing(" (sudo)", with: "").replacing(" ", with: "-")
    }

    /// A free handle: the address up to its @, or a unit's name.
    private static func handle(for owner: String, _ known: [Researcher]) throws(UserFacingError) -> String {
        let email = owner.contains("@") ? owner : "E-MAIL"
        let local = String(owner.prefix { $0 != "@" })
        let isTaken = known.contains { $0.handle.description.lowercased() == local.lowercased() }
        guard Handle(local) != nil, !isTaken, !local.hasPrefix("-") else {
            throw UserFacingError(
                "which handle is \(owner) to have? \"\(local)\" \(isTaken ? "is another researcher's" : "can't be one")",
                hint: "admin researchers add HANDLE --name NAME --email \(email) --project PROJECT, then say it again"
            )
        }
        return local
    }
}
