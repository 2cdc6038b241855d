import ArgumentParser
import BursarConsole
import BursarFiles
import BursarModel
import SystemPackage

/// Serves the session over HTTP to SDKs that can't run a program.
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
    /// The variables that are removed when the endpoint could not be started.
    static let variables = ["AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"]

    @OptionGroup var options: EndpointOptions

    func run(_ context: CredsContext) async throws {
        // An invalid key is reported before anything starts.
        _ = try await ProfileSession(options.profile.name, context).session()
        let session = InMemorySession(options.profile.name, context)
        await session.refresh()
        let token = LocalEndpointAuthorizer.newToken()
        let server = try await LocalServer.listen(port: options.port, limits: try .forThisProcess())
        let file = try tokenFile(token, context)
        defer { file.remove() }
        warnOfRivals(context)
        let authorizer = LocalEndpointAuthorizer(port: server.port, token: token, scheme: "")
        let endpoint = ContainerEndpoint(authorizer: authorizer, session: session)
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
        ) { request, _, response in
            try await endpoint.handle(request, response)
        }
    }

    private func tokenFile(_ token: Secret<String>, _ context: CredsContext) throws(UserFacingError) -> TokenFile {
        do {
            return try TokenFile(token, in: context.paths.cache().appending("bursar"))
        } catch {
            throw CredsErrorMessages(profile: options.profile.name).problem(error)
        }
    }

    /// Warns of variables that SDKs prefer to the endpoint.
    private func warnOfRivals(_ context: CredsContext) {
        let rivals = ["AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"]
            .filter { context.nonEmpty($0) != nil }
        guard !rivals.isEmpty else { return }
        let names = rivals.joined(separator: " ")
        context.terminal.warn(UserFacingError("SDKs look at these first: \(names)", hint: "unset \(names)"))
    }
}

/// The credentials endpoint that SDKs read by `AWS_CONTAINER_CREDENTIALS_FULL_URI`.
///
/// https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
struct ContainerEndpoint: Sendable {
    static let path = "/credentials"
    let authorizer: LocalEndpointAuthorizer
    let session: InMemorySession

    func handle(_ request: LocalRequest, _ response: LocalResponse) async throws {
        if let refusal = authorizer.refusal(of: request) { return try await response.refuse(refusal) }
        guard request.target == Self.path else { return try await response.refuse(.notFound) }
        guard request.method == "GET" else { return try await response.refuse(.methodNotAllowed) }
        do throws(LocalEndpointError) {
            let session = try await session.session()
            guard let credentials = session.credentials else { throw .unreadable }
            try? await response.send(200, json: Self.body(credentials))
        } catch {
            try await response.refuse(error)
        }
    }

    /// The response body.
    ///
    /// It has `Token` where `credential_process` has `SessionToken`; the values need no escapes, as for
    /// ``ProcessOutput``.
    static func body(_ credentials: SessionCredentials) -> Secret<String> {
        let values = [
            ("AccessKeyId", credentials.accessKeyID),
            ("SecretAccessKey", credentials.secretAccessKey.reveal()),
            ("Token", credentials.sessionToken.reveal()),
            ("Expiration", Timestamp.string(credentials.expiration)),
        ]
        return Secret("{" + values.map { #""\#($0)":"\#($1)""# }.joined(separator: ",") + "}")
    }
}

extension LocalEndpointError {
    static let unreadable = Self(status: 500, code: "failed", message: "the session can't be read")
}

/// The endpoint's token in a private file, without a line end, for `AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE`.
///
/// A file keeps it out of the environment of child processes, which the user's other programs can read.
struct TokenFile: Sendable {
    let path: FilePath

    init(_ token: Secret<String>, in folder: FilePath) throws(FileError) {
        var generator = SystemRandomNumberGenerator()
        path = folder.appending("serve-\(Base62.random(length: 11, using: &generator)).token")
        try PrivateFolder.create(folder)
        try PrivateFile.write(token.reveal().utf8, to: path)
    }

    func remove() {
        // A file that stays behind is useless once the endpoint has stopped.
        try? PrivateFile.remove(path)
    }
}
