import BursarFoundation
import SystemPackage
import TestSupport

/// Runs a transcript's commands in order in one bash, in a home folder with a key, an AWS CLI that only prints its
/// version, and beside a server.
///
/// `## server: NAME` changes the server's responses from there on, by the name of a ``FakeBursar/Answer`` or an error
/// code; `## bedrock` starts Bedrock too.
struct Playback {
    let home: Home

    /// With `input` the AWS CLI is the real one, except that a script tells its version: under load it takes longer to
    /// start than `creds doctor` waits.
    func play(_ transcript: Transcript, input: String = "") async throws -> Transcript {
        try home.write(Home.key + "\n", to: "ada.key")
        let version = "echo aws-cli/2.31.0 Python/3.13 Linux/6"
        let cli = "case $* in --version) \(version) ;; *) exec '\(Checkout.peer("aws"))' \"$@\" ;; esac"
        try home.writeCLI(input.isEmpty ? version : cli)
        let shown = input.isEmpty ? Checkout.peer("aws") : home.path.appending("bin/aws").string
        return try await FakeBursar.run(.hour, home: home) { server in
            guard transcript.steps.contains(where: { $0.preface.contains("## bedrock") }) else {
                return try await play(transcript, Names(home, server, cli: shown), [:], input)
            }
            return try await ModelPeer.run { try await play(transcript, Names(home, server, cli: shown), $0, input) }
        }
    }

    private func play(
        _ transcript: Transcript,
        _ names: Names,
        _ settings: [String: String],
        _ input: String
    ) async throws -> Transcript {
        let mark = Transcript.newMark()
        let script = transcript.script(mark) { step in
            let answers = step.preface.compactMap(Self.answer).map { "printf %s '\(FakeBursar.json($0))' >answer\n" }
            return answers.joined() + names.command(step.command)
        }
        let environment = [
            "HOME": home.path.string, "LC_ALL": "C.UTF-8", "AWS_EC2_METADATA_DISABLED": "true",
            "PATH": "\(home.path)/bin:\(Checkout.program("")):\(Checkout.root).venv/bin:/usr/bin:/bin",
        ]
        let outcome = try await Program("/bin/bash", environment: environment.merging(settings) { $1 })
            .run(["--norc", "-c", script], input: input)
        return transcript.played(outcome.output, mark, shown: names.shown)
    }

    private static func answer(_ comment: String) -> String? {
        let label = "## server: "
        return comment.hasPrefix(label) ? String(comment.dropFirst(label.count)) : nil
    }
}

/// The parts that differ from run to run, and their names in transcripts and the guide.
struct Names {
    private let pairs: [(real: String, shown: String)]

    /// `cli` is shown as Debian's AWS CLI.
    init(_ home: Home, _ server: FakeBursar, cli: String) {
        pairs = [
            (server.url, "https://bursar.example.org"), (Checkout.program("creds"), "/usr/local/bin/creds"),
            (cli, "/usr/bin/aws"), (home.path.string, "/home/ada"),
        ]
    }

    func command(_ text: String) -> String {
        pairs.reduce(text) { $0.replacing($1.shown, with: $1.real) }
    }

    /// Replaces times, durations until one, secrets and ids by `…`.
    func shown(_ text: String) -> String {
        pairs.reduce(text) { $0.replacing($1.real, with: $1.shown) }
            .replacing(/[0-9]+[dhms]( [0-9]+[hms])?( ago)?, 20[0-9]{2}-[0-9T:-]+Z/, with: "…")
            .replacing(/20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:]+(Z|\+00:00)/, with: "…")
            .replacing(/… \([0-9dhms ]+\)/, with: "…")
            .replacing(/the credentials allow [0-9hms ]+/, with: "the credentials allow …")
            .replacing(/"secondsLeft":[0-9]+/, with: #""secondsLeft":…"#)
            .replacing(/time left  [0-9hms ]+/, with: "time left  …")
            .replacing(/ASIAEXAMPLE[0-9]{10}/, with: "ASIAEXAMPLE…")
            .replacing(/port [0-9]+ of/, with: "port … of")
            .replacing(/clock is [0-9ms ]+ ahead/, with: "clock is … ahead")
            .replacing(/[0-9]+ ms/, with: "… ms")
            .replacing(/bedrock-api-key-[A-Za-z0-9+\/=]+/, with: "bedrock-api-key-…")
            .replacing(/s{40}|t{300}/, with: "…")
            .replacing(/127.0.0.1:[0-9]{4,5}/, with: "127.0.0.1:…")
            .replacing(/\.cache\/bursar\/[0-9A-Za-z]{16,}/, with: ".cache/bursar/…")
    }
}
