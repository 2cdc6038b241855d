import AWSAuth
import AWSClients
import AWSOperations
import ArgumentParser
import BursarConsole
import BursarFiles
import BursarHTTP
import BursarModel
import Deployment
import Reports
import ServerSettings
import Storage
import SystemPackage

struct Doctor: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Look at everything that should be well, and say what isn't.",
        discussion: """
            Database, permissions, clock, disk, backups, keys that end soon or are unused,
            canaries, settings, the policies of AWS's on the researchers' role, the logging
            of their calls, and the server; of PostgreSQL its settings, standbys,
            connections and the servers that share it. Nothing is changed. Exit 1 on a
            problem; a warning is no problem.

            Examples:
              admin doctor
              admin doctor --format json
            """
    )

    @OptionGroup var shared: SharedOptions
    @Option(help: ArgumentHelp("Where the server answers; else as its settings say.", valueName: "url"))
    var url: String?
    @OptionGroup(title: "AWS") var aws: AWSOptions
    @Option(help: "text or json.")
    var format = ReportFormat.text

    func run() async throws {
        try await shared.runWaiting { context in
            let settings = SettingsFindings(context).findings
            let server = await ServerFindings(context: context, url: url).findings()
            let role = await RoleFindings(context: context, aws: aws).findings()
            let logging = await LoggingFindings(context: context, aws: aws).findings()
            let result = Findings(settings + role + logging + DirectoryFindings.findings(context) + server)
            switch format {
            case .text:
                try context.terminal.print(result.text(context.terminal.output, columns: context.terminal.width))
            case .json: try context.terminal.print(JSONText.of(result))
            }
            guard result.passed else { throw ExitCode.failure }
        }
    }
}

/// Checks that the server's settings are readable, and reports the unsafe ones.
struct SettingsFindings {
    let findings: [Finding]

    init(_ context: AdminContext) {
        do {
            let warnings = try context.settings().warnings
            let sound = Finding.ok("settings", "every one is known and has a value that it takes")
            findings =
                [sound]
                + warnings.map { .warning("security", "\($0.setting.environmentName): \($0.consequence)") }
        } catch {
            // An operator's own machine may lack them.
            let isElsewhere = context.reader.text(.roleARN) == nil && context.reader.text(.issuer) == nil
            findings = [
                isElsewhere
                    ? .warning(
                        "settings",
                        "the server's are not here, so they were not looked at",
                        hint: "--config FILE"
                    )
                    : .problem("settings", error)
            ]
        }
    }
}

/// Checks the researchers' roles for policies that allow spending which no invocation log meters.
///
/// It calls AWS as the operator if there are credentials and the settings name a role, for ten seconds at most.
struct RoleFindings {
    private static let check = "role"
    private static let longest = Duration.seconds(10)

    let context: AdminContext
    let aws: AWSOptions

    func findings() async -> [Finding] {
        guard let view = try? LocalServerSettings(context), !view.isSimulated, !view.roles.isEmpty else { return [] }
        var findings: [Finding] = []
        for arn in view.roles {
            guard let role = try? RoleName(arn, .elsewhere("the settings' role")) else { continue }
            findings += await self.findings(role)
        }
        return findings
    }

    private func findings(_ role: RoleName) async -> [Finding] {
        do {
            let attached = try await attachedPolicies(of: role)
            let unmetered = attached.compactMap { UnmeteredAttachment($0, role: role.name) }
            guard unmetered.isEmpty else { return unmetered.map { .problem(Self.check, $0.problem) } }
            return [.ok(Self.check, "\(role.name) has no policy of AWS's that opens unmetered spending")]
        } catch {
            let why = (error as? UserFacingError)?.problem ?? "AWS doesn't answer in time"
            return [
                .warning(
                    Self.check,
                    "which managed policies \(role.name) has was not looked at: \(why)",
                    hint: "admin doctor --aws-profile PROFILE, with iam:ListAttachedRolePolicies"
                )
            ]
        }
    }

    private func attachedPolicies(of role: RoleName) async throws -> [AttachedPolicy] {
        try await context.inAWS(aws, within: Self.longest) { try await $0.iam.attachedPolicies(of: .role(role.name)) }
    }
}

/// Checks that a server uses the database on this machine, and that it can vend.
struct ServerFindings {
    let context: AdminContext
    let url: String?

    func findings() async -> [Finding] {
        let server = context.server
        // The servers of a shared database are known from their rows.
        if context.database.file == nil, url == nil { return [] }
        guard server != nil || url != nil else {
            let detail = "none works on this database on this machine, so no server writes the chain's head into a log"
            return [.warning("server", detail, hint: "vending-server serve; with a server elsewhere: --url URL")]
        }
        let name = server.map { "running (\($0.description))" } ?? "elsewhere"
        let files = server?.processID.flatMap { openFiles(of: $0) }.map { [$0] } ?? []
        do {
            let address = try context.serverURL(url)
            return [await readiness(of: address, name)] + files
        } catch {
            return [.warning("server", "\(name), not asked: \(error.problem)", hint: error.hint)] + files
        }
    }

    /// Checks the running server's limit of open files against its settings; nil where the system doesn't report it.
    private func openFiles(of process: Int32) -> Finding? {
        guard let content = try? FileContent.read(FilePath("/proc/\(process)/limits"), limit: 64 << 10),
            let limit = ServerOpenFiles.limit(in: String(decoding: content, as: UTF8.self))
        else { return nil }
        let connections = try? context.settings().connections
        return ServerOpenFiles.finding(limit, connections: connections, of: "the server's limit")
    }

    private func readiness(of address: ServerURL, _ name: String) async -> Finding {
        switch await ServerProbe(address, environment: context.environment).health() {
        case .ready: .ok("server", "\(name), ready at \(address); it logs the chain's head each minute")
        case .notReady(_, let parts):
            .problem(
                "server",
                UserFacingError("\(name), not ready: \(parts.joined(separator: ", "))", hint: "its log says why")
            )
        case .silent, .unknown:
            .problem(
                "server",
                UserFacingError(
                    "\(name), but no vending server answers at \(address)",
                    hint: "--url URL, if it listens elsewhere"
                )
            )
        }
    }
}
