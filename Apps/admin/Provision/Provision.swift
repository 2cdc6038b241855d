import ArgumentParser
import BursarConsole
import BursarModel
import Provisioning
import Reports
import Storage

struct Provision: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Read a request in words, show the reading, and do it.",
        discussion: #"""
            Fixed rules read it. Production, CI/CD, automation, system, server, service,
            permanent and nightly ask for a long-term key, everything else for a short-term
            one; in a team's name they don't ("the Customer Service team"). "2 hours" or
            "90 minutes" is its life (15 minutes to 12 hours, else 12 hours); "for X",
            "X access" or "the X team" is the business unit; an e-mail address is the
            owner; "in us-west-2" is the region (else us-east-1). Words that can be read in
            two ways are asked back, and nothing is done: "a test of our service" may be
            either kind, a region that there isn't gets no default, and without an owner
            there is no long-term key. A short-term key without one is the unit's own.

            Examples:
              admin provision "quick test for genomics, ada@example.edu" --dry-run
              admin provision "genomics access for 4 hours, ada@example.edu" \
                --key-file ada.key
              admin provision --yes \
                "production key for payments in us-west-2, ada@example.edu"
            """#
    )

    @OptionGroup var shared: SharedOptions
    @Argument(help: "What is asked for.")
    var words: [String]
    @Flag(help: "Only show the reading.")
    var dryRun = false
    @Option(help: "With --dry-run: text or json.")
    var format = ReportFormat.text
    @Flag(help: "Don't ask.")
    var yes = false
    @Option(
        help: ArgumentHelp("Write the key here (mode 0600) instead of printing it.", valueName: "file"),
        completion: .file(),
        transform: PathOption.read
    )
    var keyFile: String?
    @Option(help: ArgumentHelp("For a long-term key: the profile of ~/.aws/config to act as.", valueName: "profile"))
    var awsProfile: String?

    func validate() throws {
        guard dryRun || format == .text else { throw ValidationError("--format goes with --dry-run") }
    }

    func run() async throws {
        let request = ProvisionRequest(reading: words.joined(separator: " "))
        try await shared.runWaiting { context in
            guard !dryRun else { return try show(request, on: context.terminal) }
            for line in request.reading { context.terminal.note(line) }
            if let question = request.question {
                throw UserFacingError(question, hint: "say it again with the answer in it; nothing was done")
            }
            let plan = try plan(request, context)
            for line in plan.lines { context.terminal.note("will run: \(line)") }
            try Confirmation(isGiven: yes).ask("run \(plan.commands.count == 1 ? "it" : "them")?")
            try await plan.run(context.terminal)
            if request.kind == .shortTerm, let region = request.region {
                context.terminal.note("for \(region), on their machine: creds install … --region \(region)")
            }
        }
    }

    private func show(_ request: ProvisionRequest, on terminal: Terminal) throws {
        switch format {
        case .text: for line in request.reading { try terminal.print(ControlText.visible(line)) }
        case .json: try terminal.print(JSONText.of(request))
        }
    }

    private func plan(_ request: ProvisionRequest, _ context: AdminContext) throws -> ProvisionPlan {
        let key = keyFile.map { ["--key-file", $0] } ?? []
        let record = [("--database", shared.database), ("--config", shared.config)]
            .flatMap { name, value in value.map { [name, $0] } ?? [] }
        switch request.kind {
        case .longTerm:
            let profile = awsProfile.map { ["--aws-profile", $0] } ?? []
            return try ProvisionPlan(longTerm: request, options: key + profile + record)
        case .shortTerm:
            return try ProvisionPlan(
                shortTerm: request,
                by: context.act.actor,
                known: try context.store().lists.researchers(),
                options: record,
                keyOptions: key
            )
        }
    }
}

extension ProvisionRequest {
    /// The interpretation, a line for each part.
    fileprivate var reading: [String] {
        let parts: [(String, String?)] = [
            ("kind", kind.rawValue), ("works for", lifetime.map { "\(TimeSpan(seconds: $0.seconds))" }),
            ("business unit", businessUnit), ("owner", owner), ("region", region), ("question", question),
        ]
        return parts.compactMap { name, value in
            value.map { "\(name): \($0)" }
        }
    }
}
