import BursarFoundation
import TestSupport
import Testing

/// The files to run the server with, held to the formats' own checkers.
@Suite struct ManifestTests {
    private static let containerfile = "Packaging/container/Containerfile"
    private static let compose = "Packaging/container/compose.yaml"
    private static let kubernetes = "Packaging/kubernetes/bursar.yaml"

    private func check(_ peer: String, _ arguments: [String]) async throws {
        let outcome = try await Workplace().run(Checkout.peer(peer), arguments)
        #expect(outcome.isSuccess, "\(outcome.output) \(outcome.errors)")
    }

    /// A document of YAML, as JSON.
    private func read<Content: Decodable>(_ path: String, _ expression: String) async throws -> Content {
        let script = """
            import json, sys, yaml
            documents = list(yaml.safe_load_all(open(sys.argv[1])))
            print(json.dumps(\(expression)))
            """
        let python = ["-c", script, Checkout.root + path]
        let read = try await succeeded(Workplace().run(Checkout.peer("python"), python)).output
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(Content.self, from: Data(read.utf8))
    }

    @Test func `hadolint has nothing to say of the container's file`() async throws {
        try await check("hadolint", ["--no-color", Checkout.root + Self.containerfile])
    }

    @Test func `the compose file is one by its own schema`() async throws {
        try await check("check-jsonschema", ["--builtin-schema", "vendor.compose-spec", Checkout.root + Self.compose])
    }

    /// Of the newest version that the checker knows, and of one that old clusters have.
    @Test(arguments: ["1.37", "1.29"])
    func `Kubernetes takes the manifests, every field of them`(_ version: String) async throws {
        try await check("kubernetes-validate", ["-k", version, "--strict", "--quiet", Checkout.root + Self.kubernetes])
    }

    @Test(
        .enabled(
            if: FileManager.default.fileExists(atPath: "/usr/bin/shellcheck"),
            "Debian's package shellcheck has it"
        ),
        arguments: [
            "Scripts/install", "Scripts/release", "Scripts/manual", "Scripts/setup.sh", "Scripts/demo", "Scripts/test",
            "Scripts/screenshot",
        ]
    )
    func `shellcheck has nothing to say of what others will run`(_ script: String) async throws {
        let shell = script == "Scripts/install" ? "sh" : "bash"
        let options = ["-s", shell, "-e", "SC1091", Checkout.root + script]
        let outcome = try await Workplace().run("/usr/bin/shellcheck", options)
        #expect(outcome.isSuccess, "\(outcome.output)")
    }

    @Test func `in compose the server has nothing that it can do without`() async throws {
        struct Server: Decodable {
            let user: String
            let readOnly: Bool
            let capDrop: [String]
            let securityOpt: [String]
            let scale: Int
        }
        let server: Server = try await read(Self.compose, "documents[0]['services']['server']")
        #expect(server.user == "65532:65532")
        #expect(server.readOnly)
        #expect(server.capDrop == ["ALL"])
        #expect(server.securityOpt == ["no-new-privileges:true"])
        #expect(server.scale == 1)
    }

    private struct Container: Decodable {
        struct SecurityContext: Decodable {
            struct Capabilities: Decodable { let drop: [String] }
            let allowPrivilegeEscalation: Bool
            let readOnlyRootFilesystem: Bool
            let capabilities: Capabilities
        }
        let name: String
        let securityContext: SecurityContext
    }

    private struct Pod: Decodable {
        struct SecurityContext: Decodable {
            struct Seccomp: Decodable { let type: String }
            let runAsNonRoot: Bool
            let runAsUser: Int
            let fsGroupChangePolicy: String
            let seccompProfile: Seccomp
        }
        let automountServiceAccountToken: Bool
        let enableServiceLinks: Bool
        let securityContext: SecurityContext
        let initContainers: [Container]
        let containers: [Container]
    }

    private static func named(_ kind: String) -> String { "next(d for d in documents if d['kind'] == '\(kind)')" }

    @Test func `in Kubernetes one server at a time works on the disk`() async throws {
        struct Deployment: Decodable {
            struct Strategy: Decodable { let type: String }
            let replicas: Int
            let strategy: Strategy
        }
        let deployment: Deployment = try await read(Self.kubernetes, Self.named("Deployment") + "['spec']")
        #expect(deployment.replicas == 1)
        #expect(deployment.strategy.type == "Recreate")
        let claim = Self.named("PersistentVolumeClaim") + "['spec']['accessModes']"
        let modes: [String] = try await read(Self.kubernetes, claim)
        #expect(modes == ["ReadWriteOncePod"])
    }

    @Test func `in Kubernetes the pod has nothing that it can do without`() async throws {
        let pod: Pod = try await read(Self.kubernetes, Self.named("Deployment") + "['spec']['template']['spec']")
        #expect(!pod.automountServiceAccountToken)
        // BURSAR_PORT and its like would be settings that the server doesn't know.
        #expect(!pod.enableServiceLinks)
        #expect(pod.securityContext.runAsNonRoot)
        #expect(pod.securityContext.runAsUser == 65532)
        #expect(pod.securityContext.fsGroupChangePolicy == "OnRootMismatch")
        #expect(pod.securityContext.seccompProfile.type == "RuntimeDefault")
        for container in pod.initContainers + pod.containers {
            #expect(!container.securityContext.allowPrivilegeEscalation, "\(container.name)")
            #expect(container.securityContext.readOnlyRootFilesystem, "\(container.name)")
            #expect(container.securityContext.capabilities.drop == ["ALL"], "\(container.name)")
        }
    }

    @Test func `every setting in the manifests is one that the server knows`() async throws {
        let variables: [String] = try await read(Self.kubernetes, "list(" + Self.named("ConfigMap") + "['data'])")
        let environment = "list(documents[0]['services']['server']['environment'])"
        let composed: [String] = try await read(Self.compose, environment)
        let help = try await Workplace().run(Checkout.program("vending-server"), ["serve", "--help"]).output
        for name in Set(variables + composed) {
            #expect(help.contains(name), "\(name)")
        }
    }
}
