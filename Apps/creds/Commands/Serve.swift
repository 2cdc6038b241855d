import ArgumentParser
import BursarConsole
import BursarFiles
import BursarModel
import SystemPackage

/// Serves the session to SDKs that can't run a program.
struct Serve: CredsCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve credentials to SDKs on this machine.",
        discussion: """
              bash, zsh:   eval "$(creds serve --parent $$ &)"
              fish:        sh -c 'creds serve --format fish --parent $0 &' $fish_pid | source

            For tools that can't run creds themselves: containers that share this machine's network and this user, \
            SDKs without credential_process. It sets AWS_CONTAINER_CREDENTIALS_FULL_URI and \
            AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE, answers from memory, renews ahead, and stops on Ctrl-C, SIGTERM, \
            or with the process of --parent. Only programs of this user that know the token are answered.
            """
    )
    /// What is taken away when it could not be started.
    static let variables = ["AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"]

    @OptionGroup var options: EndpointOptions

    func run(_ context: CredsContext) async throws {
        // A key that is no good is best known before anything starts.
        _ = try await VendedSession(options.profile.name, context).session()
        let session = InMemorySession(options.profile.name, context)
        await session.refresh()
        let token = LocalEndpointAuthorizer.newToken()
        let server = try await LocalServer.listen(port: options.port, limits: try .forThisProcess())
        let file = try tokenFile(token, context)
        defer { file.remove() }
        warnOfRivals(context)
        let gate = LocalEndpointAuthorizer(port: server.port, token: token, scheme: "")
        let endpoint = ContainerEndpoint(gate: gate, session: session)
        let url = "http://127.0.0.1:\(server.port)\(ContainerEndpoint.path)"
        try await options.serve(
            server,
            session,
            variables: ShellVariables(
                values: Array(zip(Self.variables, [Secret(url), Secret(file.path.string)])),
                expiration: nil
            ),
            note: "serving the credentials of \(options.profile.name) at \(url)",
            context
        ) { request, _, answer in
            try await endpoint.handle(request, answer)
        }
    }

    private func tokenFile(_ token: Secret<String>, _ context: CredsContext) throws(UserFacingError) -> TokenFile {
        do {
            return try TokenFile(token, in: context.paths.cache().appending("bursar"))
        } catch {
            throw CredsErrorMessages(profile: options.profile.name).problem(error)
        }
    }

    /// Variables that SDKs look at first.
    private func warnOfRivals(_ context: CredsContext) {
        let rivals = ["AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"]
            .filter { context.nonEmpty($0) != nil }
        guard !rivals.isEmpty else { return }
        let names = rivals.joined(separator: " ")
        context.terminal.warn(UserFacingError("SDKs look at these first: \(names)", hint: "unset \(names)"))
    }
}
