import BursarFoundation
import Subprocess
import SystemPackage
import TestSupport
import Testing

/// A disk for the image's programs, and the programs run with it: nothing else can be written.
struct Volume: Sendable {
    let image: Image
    let workplace: Workplace
    private var path: String { workplace.folder + "/volume" }

    /// As the orchestrator hands it over, by default to the image's own user.
    init(_ image: Image, owner: Int, mode: Int) async throws {
        self.image = image
        workplace = try Workplace()
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        try succeeded(await workplace.run("chown", ["\(owner):65532", path]))
        try succeeded(await workplace.run("chmod", [String(mode, radix: 8), path]))
    }

    private func arguments(_ command: [String], _ environment: [String]) -> [String] {
        Image.script(["run", image.folder, path] + environment + ["--"] + command)
    }

    /// Its standard error comes with its output.
    func run(_ command: [String], _ environment: [String] = []) async throws -> Program.Outcome {
        try await workplace.run(Checkout.peer("python"), arguments(command, environment))
    }

    func serve<Result: Sendable>(
        _ environment: [String],
        announcement: String = "http://127.0.0.1:",
        body: (ChildServer) async throws -> Result
    ) async throws -> Result {
        try await ChildServer.run(
            .path(FilePath(Checkout.peer("python"))),
            arguments(["vending-server", "serve"], environment),
            announcement: announcement,
            body: body
        )
    }

    /// A certificate and its key, for the image's user.
    func makeCertificate() async throws {
        let files = ["-keyout", path + "/key.pem", "-out", path + "/certificate.pem"]
        let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1"]
        let subject = ["-subj", "/CN=bursar.example.edu"]
        try succeeded(await workplace.run("openssl", ["req", "-x509"] + key + subject + files))
        try succeeded(await workplace.run("chown", ["65532:65532", path + "/key.pem", path + "/certificate.pem"]))
    }
}

extension Image {
    func volume(owner: Int = 65532, mode: Int = 0o700) async throws -> Volume {
        try await Volume(self, owner: owner, mode: mode)
    }

    /// The files that Debian's packages of the libraries would bring.
    func addLibraries(to root: String) async throws {
        let libraries = "/usr/lib/\(facts.machine)-linux-gnu/."
        try succeeded(await Workplace().run("cp", ["-an", facts.bursar + libraries, root + libraries]))
    }
}
