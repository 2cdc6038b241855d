import AWSAuth
import AWSClients
import AWSOperations
import ArgumentParser
import BursarConsole
import BursarHTTP
import Deployment
import SystemPackage

struct PrintUserData: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user-data",
        abstract: "Print what makes a new instance the server, for cloud-init.",
        discussion: #"""
            One instance, with the stack's volume for the database: formatted only when it
            is blank, mounted, the release installed once its checksum proved right. There
            is no secret in it. Debian 12, Ubuntu 24.04 or newer.

            The database is SQLite with a write-ahead log: it must be on a block volume of
            one instance. EFS and other network file systems lose data under it, Fargate's
            disk is gone with the task, and two servers never share one file.

            TLS ends on the instance (nginx, say, in front of 127.0.0.1:8080), or, with
            --trusted-proxy, at a balancer, which reaches the server by HTTPS on port 8443.

            Examples:
              admin aws user-data --public-url https://bursar.example.edu \
                --archive https://example.edu/bursar-1.0.0-linux-x86_64.tar.gz \
                --sha256 "$(cut -c -64 < SHA256)" > user-data.yaml
            """#
    )

    @OptionGroup(title: "AWS") var aws: AWSOptions
    @OptionGroup(title: "AWS") var expected: ExpectedAccount
    @OptionGroup(title: "The stack") var stack: StackNameOption
    @Option(
        help: ArgumentHelp("Its outputs, as status --format json prints them; else AWS is asked.", valueName: "file"),
        completion: .file(),
        transform: PathOption.read
    )
    var outputs: String?
    @Option(help: ArgumentHelp("The server's address as researchers reach it.", valueName: "url"))
    var publicURL: String
    @Option(help: ArgumentHelp("Where the release's archive is.", valueName: "url"))
    var archive: String
    @Option(help: ArgumentHelp("The archive's checksum, from a place that you trust.", valueName: "hex"))
    var sha256: String
    @Option(help: ArgumentHelp("The volume for the database; else the stack's.", valueName: "id"))
    var volumeID: String?
    @Option(help: ArgumentHelp("Where a balancer's requests come from: its subnets.", valueName: "cidr"))
    var trustedProxy: [String] = []

    func run() async throws {
        try await aws.run { account in
            let archive = try ReleaseArchive(url: archive, checksum: sha256)
            let publicURL = try url()
            let proxies =
                trustedProxy.isEmpty ? nil : try PolicyOptions.addresses(trustedProxy, .option("--trusted-proxy"))
            let configuration = try InstanceConfiguration(
                try await stackOutputs(account),
                archive,
                publicURL: publicURL,
                volumeID: volumeID,
                trustedProxies: proxies
            )
            try account.terminal.print(try CloudConfig(configuration).body)
            account.terminal.note("start the instance with HttpTokens=required and HttpPutResponseHopLimit=1 (IMDSv2)")
            account.terminal.note(
                "then attach \(configuration.volumeID) as /dev/sdf: the first start waits ten minutes for it"
            )
        }
    }

    private func stackOutputs(_ account: AWSAccount) async throws -> StackOutputs {
        if let outputs { return try StackOutputs.read(FilePath(outputs)) }
        let deployment = try await StackDeployment(try stack.checked(), aws, expected, account)
        guard let stack = try await deployment.existing() else {
            throw UserFacingError(
                "there is no stack \(deployment.name) in \(deployment.place)",
                hint: "\(deployment.command("apply")) makes it, --outputs FILE does without asking AWS"
            )
        }
        return StackOutputs(stack.outputs)
    }

    private func url() throws(UserFacingError) -> ServerURL {
        do {
            return try ServerURL(parsing: publicURL)
        } catch {
            throw UserFacingError.misuse(
                "--public-url is not an address that researchers can use",
                hint: "it looks like https://bursar.example.edu"
            )
        }
    }
}
