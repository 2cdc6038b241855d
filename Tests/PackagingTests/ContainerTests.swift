import BursarFoundation
import TestSupport
import Testing

extension HandedOut {
    /// The image, built from the file that we hand out on a base that needs no registry, and run as orchestrators run it.
    @Suite(.enabled(if: Image.canBeBuilt, "needs root, and Debian's packages buildah and mmdebstrap"), .withImage)
    struct ContainerTests {
        @Test func `it runs as a user that isn't root, by number, and says what it is`() async throws {
            let facts = try Image.shared().facts
            #expect(facts.user == "65532:65532")
            #expect(facts.entrypoint == ["vending-server"])
            #expect(facts.command == ["serve"])
            #expect(facts.health == ["CMD", "vending-server", "health"])
            #expect(facts.stopSignal == "SIGTERM")
            #expect(facts.volumes == ["/var/lib/bursar"])
            #expect(facts.labels["org.opencontainers.image.version"] == "1.2.3")
            #expect(facts.labels["org.opencontainers.image.revision"] == "abc")
        }

        @Test func `it holds two programs of Bursar's, and nothing of the sources`() async throws {
            let image = try Image.shared()
            let root = image.facts.bursar
            let own = try FileManager.default.contentsOfDirectory(atPath: root + "/usr/local/bin").sorted()
            #expect(own == ["admin", "vending-server"])
            for path in ["/source", "/programs", "/Package.swift", "/etc/bursar", "/var/lib/bursar/bursar.sqlite"] {
                #expect(!FileManager.default.fileExists(atPath: root + path), "\(path)")
            }
        }

        @Test func `with a read-only root and no rights it makes a database, vends and is healthy`() async throws {
            let image = try Image.shared()
            let volume = try await image.volume()
            try succeeded(await volume.run(["admin", "database", "init"]))
            let details = ["--name", "Ada", "--email", "ada@example.edu", "--project", "engines"]
            try succeeded(await volume.run(["admin", "researchers", "add", "ada"] + details))
            let issued = try await succeeded(volume.run(["admin", "keys", "issue", "ada"])).output
            let key = try #require(issued.split(separator: "\n").first { $0.hasPrefix("bursar_") }.map(String.init))
            let plain = ["BURSAR_HTTP_HOST=127.0.0.1", "BURSAR_ISSUER=simulated", "BURSAR_METRICS_PORT=0"]
            try await volume.serve(plain + ["BURSAR_HTTP_PORT=0"]) { server in
                let port = "BURSAR_HTTP_PORT=\(server.port)"
                let health = ["vending-server", "health"]
                try succeeded(await volume.run(health, plain + [port]))
                try succeeded(await volume.run(health + ["--ready"], plain + [port]))
                let vended = try await volume.workplace.run(
                    "curl",
                    ["-sS", "-m", "20", "-H", "x-api-key: \(key)", "\(server.url)/credentials"]
                )
                #expect(vended.output.contains("\"SessionToken\""))
            }
            let unheard = try await volume.run(["vending-server", "health"], plain + ["BURSAR_HTTP_PORT=1"])
            #expect(unheard.exitCode == 1)
            #expect(unheard.output.contains("no server answers at 127.0.0.1:1"))
            let shared = try await volume.run(
                ["admin", "keys", "list"],
                ["BURSAR_DATABASE=postgres://a@127.0.0.1:1/b"]
            )
            #expect(shared.output.contains("Connection refused"), "libpq is in the image: \(shared.output)")
            let touched = try await volume.run(["touch", "/etc/new"])
            #expect(touched.output.contains("Read-only file system"))
            let rights = try await volume.run(["cat", "/proc/self/status"]).output
            #expect(rights.contains("CapEff:\t0000000000000000"))
            #expect(rights.contains("CapBnd:\t0000000000000000"))
            #expect(rights.contains("NoNewPrivs:\t1"))
        }

        @Test func `as it is set up it serves TLS to others, and nothing else`() async throws {
            let image = try Image.shared()
            let volume = try await image.volume()
            try succeeded(await volume.run(["admin", "database", "init"]))
            let role = [
                "BURSAR_ROLE_ARN=arn:aws:iam::123456789012:role/bedrock", "BURSAR_REGION=us-east-1",
                "AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY=example", "BURSAR_METRICS_PORT=off",
            ]
            let plain = try await volume.run(["vending-server", "serve"], role)
            #expect(plain.exitCode == 1)
            #expect(plain.output.contains("BURSAR_INSECURE_HTTP"))

            try await volume.makeCertificate()
            let files = ["CERTIFICATE=/var/lib/bursar/certificate.pem", "KEY=/var/lib/bursar/key.pem"]
            let secure = role + files.map { "BURSAR_TLS_" + $0 }
            try await volume.serve(secure + ["BURSAR_HTTP_PORT=0"], announcement: "https://0.0.0.0:") { server in
                // The certificate is for another name, as it always is from inside.
                _ = try succeeded(
                    await volume.run(["vending-server", "health"], secure + ["BURSAR_HTTP_PORT=\(server.port)"])
                )
            }
        }

        @Test func `on a volume as Kubernetes gives it, what the manifest does first is enough, and may be done again`()
            async throws
        {
            let image = try Image.shared()
            let volume = try await image.volume(owner: 0, mode: 0o2775)
            let script = """
                import sys, yaml
                pod = next(d for d in yaml.safe_load_all(open(sys.argv[1])) if d["kind"] == "Deployment")
                print(pod["spec"]["template"]["spec"]["initContainers"][0]["args"][0])
                """
            let manifest = Checkout.root + "Packaging/kubernetes/bursar.yaml"
            let first = try await succeeded(volume.workplace.run(Checkout.peer("python"), ["-c", script, manifest]))
                .output
            let database = ["BURSAR_DATABASE=/var/lib/bursar/data/bursar.sqlite"]
            for _ in 1...2 {
                try succeeded(await volume.run(["/bin/sh", "-ec", first.trimming(while: \.isNewline)], database))
            }
            let report = try await volume.run(["admin", "doctor", "--format", "json"], database).output
            let list = ["/bin/sh", "-c", "stat -c '%a %u' /var/lib/bursar/data /var/lib/bursar/data/bursar.sqlite"]
            #expect(try await volume.run(list).output.hasSuffix("600 65532\n"), "\(report)")
        }

        @Test func `install puts a server on a Debian that has nothing, and takes it away but for the data`()
            async throws
        {
            let image = try Image.shared()
            let release = try Release.shared()
            let place = try Workplace()
            let archive = release.output + "/" + release.archive
            func install(_ options: [String]) async throws -> Program.Outcome {
                try await place.run(
                    Checkout.peer("python"),
                    Image.script(["install", image.folder, archive] + options)
                )
            }
            // Debian without the libraries: it says which, and leaves nothing.
            let bare = try await install(["--server"])
            #expect(bare.exitCode == 1)
            #expect(
                bare.errors.contains("apt install ca-certificates libcurl4 libexpat1 libsqlite3-0 libargon2-1 zlib1g")
            )
            #expect(!FileManager.default.fileExists(atPath: image.facts.base + "/etc/bursar"))

            try await image.addLibraries(to: image.facts.base)
            let libraries = image.facts.base + "/usr/lib/\(image.facts.machine)-linux-gnu/"
            try FileManager.default.removeItem(atPath: libraries + "libpq.so.5")
            let first = try await succeeded(install(["--server"]))
            #expect(
                first.errors.contains(
                    "for a database in PostgreSQL, which several servers can share: apt install libpq5"
                )
            )
            #expect(first.errors.contains("admin database init --database /var/lib/bursar/bursar.sqlite"))
            let stat = ["-c", "%a %U", image.facts.base + "/var/lib/bursar"]
            let passwd = try String(contentsOfFile: image.facts.base + "/etc/passwd", encoding: .utf8)
            #expect(passwd.contains("\nbursar:x:"))
            #expect(try await place.run("stat", stat).output.hasPrefix("700 "))
            #expect(try await place.run("stat", ["-c", "%u", image.facts.base + "/var/lib/bursar"]).output != "0\n")
            try succeeded(await install(["--server"]))
            try succeeded(await install(["--server", "--uninstall"]))
            #expect(!FileManager.default.fileExists(atPath: image.facts.base + "/usr/local/bin/vending-server"))
            #expect(!FileManager.default.fileExists(atPath: image.facts.base + "/etc/systemd/system/bursar.service"))
            #expect(FileManager.default.fileExists(atPath: image.facts.base + "/etc/bursar/config.yaml"))
        }
    }
}

extension String {
    fileprivate func trimming(while isDropped: (Character) -> Bool) -> String {
        var rest = self[...]
        while let last = rest.last, isDropped(last) { rest.removeLast() }
        return String(rest)
    }
}
