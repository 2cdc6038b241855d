import BursarCore
import Console
import Files
import SystemPackage
import Transport

/// What every error of this program is called on the screen.
///
/// No error's own text is shown but a server's sentence, which its client has checked, and a file's path.
struct Wording {
    let profile: ProfileName
    let server: ServerURL?

    init(profile: ProfileName, server: ServerURL? = nil) {
        self.profile = profile
        self.server = server
    }

    func problem(_ error: any Error) -> Problem {
        switch error {
        case let problem as Problem: problem
        case let fault as BursarClientFault: self.fault(fault)
        case let failure as SessionRenewal.Failure: self.failure(failure)
        case let failure as KeyCommand.Failure: keyCommand(failure)
        case let flaw as PastedKey.Flaw: key(flaw)
        case let fault as FileFault: file(fault)
        case let unreadable as ProfileStore.Unreadable:
            Problem(
                "\(unreadable.path): not a profile of creds",
                hint: "move it away, then run \(install)"
            )
        case let error as PathError: Problem(error.description, hint: error.hint)
        case is StandardPaths.HomeMissing:
            Problem("HOME is not set to a folder", hint: "set HOME, or XDG_CONFIG_HOME and XDG_CACHE_HOME")
        case is CancellationError: Problem("stopped")
        default: unknown
        }
    }

    /// An address that isn't one to send a key to.
    static func problem(_ malformation: ServerURL.Malformation) -> Problem {
        switch malformation {
        case .notAURL: Problem("this is not a server's address", hint: "it is like https://bursar.example.org")
        case .notHTTPS:
            Problem(
                "the key would travel in the clear: the address has to begin with https://",
                hint: "plain http:// is for this very machine (localhost)"
            )
        case .unknownScheme:
            Problem(
                "the address begins with neither https:// nor http://",
                hint: "it is like https://bursar.example.org"
            )
        case .quoted:
            Problem(
                "there are quotation marks or brackets around the address",
                hint: "leave them out; env files keep them as a part of the value"
            )
        case .userInfo: Problem("an address with a user name in it is not taken", hint: "leave out what is before @")
        case .queryOrFragment: Problem("an address ends before ? and #", hint: "leave out what follows them")
        }
    }

    /// No profile of that name.
    var notInstalled: Problem {
        Problem("profile \(profile) is not installed", hint: "run \(install)")
    }

    /// What nobody foresaw.
    var unknown: Problem {
        Problem("something failed that should not; this is a bug in creds")
    }

    private var install: String {
        let option = profile == .standard ? "" : " --profile \(profile)"
        return "creds install --url \(server?.description ?? "URL")\(option)"
    }

    private var serverName: String { server?.description ?? "the server" }

    private func fault(_ fault: BursarClientFault) -> Problem {
        switch fault {
        case .refused(let refusal): refused(refusal)
        case .redirected(let status):
            Problem(
                "\(serverName) redirects elsewhere (status \(status)); the key was not sent on",
                hint: "ask your operator for the server's own address, then run creds install --url with it"
            )
        case .notBursar(let status):
            Problem(
                "\(serverName) did not answer as a Bursar server does (status \(status))",
                hint: "check the address, and that no log-in page of your network answers in its place"
            )
        case .fault(let fault): transport(fault)
        }
    }

    private func refused(_ refusal: BursarClientFault.Refusal) -> Problem {
        // The server's sentence is "problem; advice". The code goes with the problem, since an SDK shows that line alone.
        guard let sentence = refusal.message ?? refusal.reason?.message else {
            return Problem("\(serverName) refused (\(refusal.code))", hint: "ask your operator")
        }
        guard let split = sentence.firstRange(of: "; ") else { return Problem("\(sentence) (\(refusal.code))") }
        // An operator finds the cause by it.
        let id = refusal.requestID.map { "the request id \($0)" } ?? "the request id"
        return Problem(
            "\(sentence[..<split.lowerBound]) (\(refusal.code))",
            hint: String(sentence[split.upperBound...]).replacing("the request id", with: id)
        )
    }

    private func transport(_ fault: TransportFault) -> Problem {
        if case .invalidRequest = fault {
            return Problem("the request can't be sent", hint: "run \(install) with the key once more")
        }
        let network =
            server.map { NetworkFault(fault, url: "\($0)/healthz") } ?? NetworkFault(fault, service: serverName)
        return Problem(network.message, hint: network.fix)
    }

    private func failure(_ failure: SessionRenewal.Failure) -> Problem {
        switch failure {
        case .expired:
            Problem("\(serverName) sent credentials that have ended already", hint: "check this machine's clock")
        case .tooLongLived:
            Problem(
                "\(serverName) sent credentials that live longer than AWS allows",
                hint: "check this machine's clock"
            )
        case .stillAsking:
            Problem("another creds has been asking \(serverName) for ten seconds", hint: "try again shortly")
        }
    }

    private func keyCommand(_ failure: KeyCommand.Failure) -> Problem {
        let hint = "run it by itself to see why, then run creds install again if it has to change"
        return switch failure {
        case .notRun: Problem("the key command could not be run", hint: hint)
        case .failed(let code?): Problem("the key command failed with exit code \(code)", hint: hint)
        case .failed(nil): Problem("the key command was ended by a signal", hint: hint)
        case .timedOut: Problem("the key command took too long", hint: hint)
        }
    }

    private func key(_ flaw: PastedKey.Flaw) -> Problem {
        switch flaw {
        case .malformed(.notAKey):
            Problem(
                "this is not a Bursar key",
                hint: "a key begins with bursar_ and has \(ResearcherKey.length) characters; copy all of it"
            )
        case .malformed(.mistyped):
            Problem("a character of the key is mistyped or missing", hint: "copy it again, all of it")
        case .stray(let scalar):
            Problem(
                "the key has a character that no key has: \(scalar) "
                    + "(U+\(String(scalar.value, radix: 16, uppercase: true)), \(scalar.properties.name ?? "unnamed"))",
                hint: "copy it again from where it was first shown"
            )
        case .surrounded(let before, let after):
            Problem(
                "there is more than a key: "
                    + [(before, "before"), (after, "after")].filter { !$0.0.isEmpty }
                    .map { "\($0 == "\u{2026}" ? "something" : $0) stands \($1) it" }.joined(separator: ", "),
                hint: "give the key alone, from bursar_ on: \(ResearcherKey.length) characters"
            )
        case .notText: Problem("the key is not text in UTF-8 or UTF-16", hint: "save it as UTF-8, or paste it")
        }
    }

    private func file(_ fault: FileFault) -> Problem {
        let hint =
            switch fault.reason {
            case .modesNotKept, .ownersNotKept:
                "put XDG_CONFIG_HOME and XDG_CACHE_HOME on one that does; in WSL that is your Linux home, not /mnt/c"
            case .system(.permissionDenied), .system(.readOnlyFileSystem):
                "make it writable, or say with XDG_CONFIG_HOME and AWS_CONFIG_FILE where files may go"
            default: AWSFile.hint(for: fault) ?? fault.hint
            }
        return Problem(fault.description, hint: hint)
    }
}
