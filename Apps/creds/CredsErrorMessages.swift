import BursarConsole
import BursarFiles
import BursarHTTP
import BursarModel
import SystemPackage

/// Maps every error of this program to a message for the user.
///
/// The only foreign text shown is the server's sentence, which its client has checked, and a file's path.
struct CredsErrorMessages {
    let profile: ProfileName
    let server: ServerURL?

    init(profile: ProfileName, server: ServerURL? = nil) {
        self.profile = profile
        self.server = server
    }

    func problem(_ error: any Error) -> UserFacingError {
        switch error {
        case let problem as UserFacingError: problem
        case let error as BursarClientError: client(error)
        case let failure as SessionRenewal.Failure: self.failure(failure)
        case let failure as KeyCommand.Failure: keyCommand(failure)
        case let error as PastedKey.ParseError: key(error)
        case let error as FileError: file(error)
        case let unreadable as ProfileStore.Unreadable:
            UserFacingError(
                "\(unreadable.path): not a profile of creds",
                hint: "move it away, then run \(install)"
            )
        case let error as PathError: UserFacingError(error.description, hint: error.hint)
        case is StandardPaths.HomeDirectoryError:
            UserFacingError("HOME is not set to a folder", hint: "set HOME, or XDG_CONFIG_HOME and XDG_CACHE_HOME")
        case is CancellationError: UserFacingError("stopped")
        default: unknown
        }
    }

    /// The message for an address to which no key may be sent.
    static func problem(_ error: ServerURL.ParseError) -> UserFacingError {
        switch error {
        case .notAURL: UserFacingError("this is not a server's address", hint: "it is like https://bursar.example.org")
        case .notHTTPS:
            UserFacingError(
                "the key would travel in the clear: the address has to begin with https://",
                hint: "plain http:// is for this very machine (localhost)"
            )
        case .unknownScheme:
            UserFacingError(
                "the address begins with neither https:// nor http://",
                hint: "it is like https://bursar.example.org"
            )
        case .quoted:
            UserFacingError(
                "there are quotation marks or brackets around the address",
                hint: "leave them out; env files keep them as a part of the value"
            )
        case .userInfo:
            UserFacingError("an address with a user name in it is not taken", hint: "leave out what is before @")
        case .queryOrFragment: UserFacingError("an address ends before ? and #", hint: "leave out what follows them")
        }
    }

    /// The error for a profile that is not installed.
    var notInstalled: UserFacingError {
        UserFacingError("profile \(profile) is not installed", hint: "run \(install)")
    }

    /// The error for an unforeseen failure.
    var unknown: UserFacingError {
        UserFacingError("something failed that should not; this is a bug in creds")
    }

    private var install: String {
        let option = profile == .standard ? "" : " --profile \(profile)"
        return "creds install --url \(server?.description ?? "URL")\(option)"
    }

    private var serverName: String { server?.description ?? "the server" }

    private func client(_ error: BursarClientError) -> UserFacingError {
        switch error {
        case .refused(let refusal): refused(refusal)
        case .redirected(let status):
            UserFacingError(
                "\(serverName) redirects elsewhere (status \(status)); the key was not sent on",
                hint: "ask your operator for the server's own address, then run creds install --url with it"
            )
        case .notBursar(let status):
            UserFacingError(
                "\(serverName) did not answer as a Bursar server does (status \(status))",
                hint: "check the address, and that no log-in page of your network answers in its place"
            )
        case .fault(let error): transport(error)
        }
    }

    private func refused(_ refusal: BursarClientError.ServerRefusal) -> UserFacingError {
        // The server's sentence is "problem; advice". The code goes with the problem, since an SDK shows that line alone.
        guard let sentence = refusal.message ?? refusal.reason?.message else {
            return UserFacingError("\(serverName) refused (\(refusal.code))", hint: "ask your operator")
        }
        guard let split = sentence.firstRange(of: "; ") else { return UserFacingError("\(sentence) (\(refusal.code))") }
        // Operators find the cause by the request id.
        let id = refusal.requestID.map { "the request id \($0)" } ?? "the request id"
        return UserFacingError(
            "\(sentence[..<split.lowerBound]) (\(refusal.code))",
            hint: String(sentence[split.upperBound...]).replacing("the request id", with: id)
        )
    }

    private func transport(_ error: TransportError) -> UserFacingError {
        if case .invalidRequest = error {
            return UserFacingError("the request can't be sent", hint: "run \(install) with the key once more")
        }
        let network =
            server.map { NetworkError(error, url: "\($0)/healthz") } ?? NetworkError(error, service: serverName)
        return UserFacingError(network.message, hint: network.fix)
    }

    private func failure(_ failure: SessionRenewal.Failure) -> UserFacingError {
        switch failure {
        case .expired:
            UserFacingError(
                "\(serverName) sent credentials that have ended already",
                hint: "check this machine's clock"
            )
        case .tooLongLived:
            UserFacingError(
                "\(serverName) sent credentials that live longer than AWS allows",
                hint: "check this machine's clock"
            )
        case .stillAsking:
            UserFacingError("another creds has been asking \(serverName) for ten seconds", hint: "try again shortly")
        }
    }

    private func keyCommand(_ failure: KeyCommand.Failure) -> UserFacingError {
        let hint = "run it by itself to see why, then run creds install again if it has to change"
        return switch failure {
        case .notRun: UserFacingError("the key command could not be run", hint: hint)
        case .failed(let code?): UserFacingError("the key command failed with exit code \(code)", hint: hint)
        case .failed(nil): UserFacingError("the key command was ended by a signal", hint: hint)
        case .timedOut: UserFacingError("the key command took too long", hint: hint)
        }
    }

    private func key(_ error: PastedKey.ParseError) -> UserFacingError {
        switch error {
        case .malformed(.notAKey):
            UserFacingError(
                "this is not a Bursar key",
                hint: "a key begins with bursar_ and has \(ResearcherKey.length) characters; copy all of it"
            )
        case .malformed(.mistyped):
            UserFacingError("a character of the key is mistyped or missing", hint: "copy it again, all of it")
        case .stray(let scalar):
            UserFacingError(
                "the key has a character that no key has: \(scalar) "
                    + "(U+\(String(scalar.value, radix: 16, uppercase: true)), \(scalar.properties.name ?? "unnamed"))",
                hint: "copy it again from where it was first shown"
            )
        case .surrounded(let before, let after):
            UserFacingError(
                "there is more than a key: "
                    + [(before, "before"), (after, "after")].filter { !$0.0.isEmpty }
                    .map { "\($0 == "\u{2026}" ? "something" : $0) stands \($1) it" }.joined(separator: ", "),
                hint: "give the key alone, from bursar_ on: \(ResearcherKey.length) characters"
            )
        case .notText: UserFacingError("the key is not text in UTF-8 or UTF-16", hint: "save it as UTF-8, or paste it")
        }
    }

    private func file(_ error: FileError) -> UserFacingError {
        let hint =
            switch error.reason {
            case .modesNotKept, .ownersNotKept:
                "put XDG_CONFIG_HOME and XDG_CACHE_HOME on one that does; in WSL that is your Linux home, not /mnt/c"
            case .system(.permissionDenied), .system(.readOnlyFileSystem):
                "make it writable, or say with XDG_CONFIG_HOME and AWS_CONFIG_FILE where files may go"
            default: AWSFile.hint(for: error) ?? error.hint
            }
        return UserFacingError(error.description, hint: hint)
    }
}
