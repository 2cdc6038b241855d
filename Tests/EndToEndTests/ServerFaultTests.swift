import BursarFoundation
import BursarHTTP
import BursarModel
import Subprocess
import SystemPackage
import TestSupport
import Testing

/// The running server when a dependency fails: no credentials, the right status, no cause disclosed.
@Suite struct ServerFaultTests {
    @Test(arguments: [
        ("deny", 502, "role_refused"), ("throttle", 503, "aws_unavailable"), ("fail", 503, "aws_unavailable"),
        ("rubbish", 503, "aws_unavailable"), ("expired", 503, "aws_unavailable"), ("proxy", 503, "aws_unavailable"),
        ("hostile", 503, "aws_unavailable"),
    ])
    func `what STS does has its own code`(_ mode: String, _ status: Int, _ code: String) async throws {
        let world = try World()
        let key = try await world.onboardAda()
        try await world.withMisbehavingSTS { sts in
            try await sts.set(mode)
            try await world.serve(sts.settings) { server in
                let answer = try await world.get(server.url + "/credentials", key: key.text)
                #expect(answer.status == status)
                let body = String(decoding: answer.body, as: UTF8.self)
                #expect(body.contains("\"error\":\"\(code)\""))
                #expect(!body.contains("arn:aws"))
                // STS comes back, and so does the server.
                try await sts.set("ok")
                // It gets no request for a moment after a failure.
                try await Waiting.until("vends") {
                    try await world.refusal(server.url + "/credentials", key: key.text) == nil
                }
            }
        }
    }

    @Test func `an STS that can't be reached is reported as away`() async throws {
        let world = try World()
        let key = try await world.onboardAda()
        let settings = try await world.withMisbehavingSTS { $0.settings }
        try await world.serve(settings) { server in
            let code = try await world.refusal(server.url + "/credentials", key: key.text)
            #expect(code == "aws_unavailable")
        }
    }

    @Test func `an STS that doesn't answer is given up on`() async throws {
        let world = try World()
        let key = try await world.onboardAda()
        try await world.withMisbehavingSTS { sts in
            try await sts.set("hang")
            try await world.serve(sts.settings) { server in
                let code = try await world.refusal(server.url + "/credentials", key: key.text)
                #expect(code == "aws_unavailable")
            }
        }
    }

    @Test(arguments: ["replaced", "deleted"])
    func `a database that was replaced or deleted under the server hands nothing out`(_ fate: String) async throws {
        let world = try World()
        let key = try await world.onboardAda()
        try await world.serve(["BURSAR_ISSUER": "simulated"]) { server in
            let url = server.url + "/credentials"
            #expect(try await world.refusal(url, key: key.text) == nil)
            let copy = world.database + ".copy"
            try FileManager.default.copyItem(atPath: world.database, toPath: copy)
            try FileManager.default.removeItem(atPath: world.database)
            if fate == "replaced" { try FileManager.default.moveItem(atPath: copy, toPath: world.database) }
            #expect(try await world.refusal(url, key: key.text) == "not_recorded")
            #expect(try await world.get(server.url + "/readyz").status == 503)
        }
    }

    @Test func `what is changed in the database of dev is obeyed by it, and nobody says that no server is there`()
        async throws
    {
        let world = try World()
        let environment = ["BURSAR_DATABASE": "", "TMPDIR": world.home]
        try await world.serve(environment, arguments: words("dev --port 0")) { _ in
            let folder = try #require(
                try FileManager.default.contentsOfDirectory(atPath: world.home).first { $0.hasPrefix("bursar-dev-") }
            )
            let database = "\(world.home)/\(folder)/bursar.sqlite"
            let paused = try await world.run(
                Checkout.program("admin"),
                ["vending", "pause", "--yes", "--database", database]
            )
            #expect(paused.isSuccess && !paused.errors.contains("no server works"), "\(paused.errors)")
        }
    }

    @Test func `a port that is taken is reported, with what to do`() async throws {
        let world = try World()
        try await world.serve(["BURSAR_DATABASE": ""], arguments: words("dev --port 0")) { server in
            let second = try await world.run(Checkout.program("vending-server"), ["dev", "--port", "\(server.port)"])
            #expect(second.exitCode == 1)
            #expect(second.errors.contains("another program listens on this port"))
            #expect(second.errors.contains("hint: "))
        }
    }

    @Test func `on SIGTERM the request under way is finished, and the server ends well`() async throws {
        let world = try World()
        let key = try await world.onboardAda()
        try await world.withMisbehavingSTS { sts in
            try await sts.set("hang")
            try await world.serve(sts.settings) { server in
                async let underWay = world.get(server.url + "/credentials", key: key.text)
                try await sts.waitForCalls(1)
                server.stop()
                try await sts.set("ok")
                #expect(try await underWay.status == 200)
                let stopped = await server.lines.first { $0.contains("stopped") }
                #expect(stopped?.contains("vends=1") == true)
            }
        }
    }

    @Test(.enabled(if: FullDisk.canBeMounted, "mounting a small disk takes root"))
    func `a full disk hands nothing out, and readiness says so`() async throws {
        let world = try World()
        let key = try await world.onboardAda()
        let disk = try await FullDisk(world: world)
        try await disk.holding(world.database) { database, fill in
            try await world.serve(["BURSAR_ISSUER": "simulated", "BURSAR_DATABASE": database]) { server in
                let url = server.url + "/credentials"
                #expect(try await world.refusal(url, key: key.text) == nil)
                try await fill()
                var code: String?
                for _ in 0..<200 where code == nil { code = try await world.refusal(url, key: key.text) }
                #expect(code == "not_recorded")
                #expect(try await world.get(server.url + "/readyz").status == 503)
            }
        }
    }

    @Test func `a database locked by another process refuses, and vends once it is free`() async throws {
        let world = try World()
        let key = try await world.onboardAda()
        let script = """
            import sqlite3, sys
            db = sqlite3.connect(sys.argv[1], isolation_level=None)
            db.execute("BEGIN IMMEDIATE")
            print("listening 1", flush=True)
            sys.stdin.read() or __import__("time").sleep(60)
            """
        try await world.serve(["BURSAR_ISSUER": "simulated"]) { server in
            let url = server.url + "/credentials"
            try await ChildServer.run(
                .path("/usr/bin/env"),
                [Checkout.peer("python"), "-c", script, world.database]
            ) { _ in
                let code = try await world.refusal(url, key: key.text)
                #expect(code == "not_recorded")
            }
            #expect(try await world.refusal(url, key: key.text) == nil)
        }
    }

    @Test(arguments: [
        ("missing", "there is no database"), ("text", "not a Bursar database"), ("newer", "newer version"),
    ])
    func `a database that can't be used stops the server at once, with a hint`(
        _ state: String,
        _ problem: String
    ) async throws {
        let world = try World()
        if state != "missing" { _ = try await world.onboardAda() }
        if state == "text" {
            try Data(String(repeating: "text ", count: 999).utf8).write(to: URL(filePath: world.database))
        }
        if state == "newer" {
            let script =
                "import sqlite3,sys; c=sqlite3.connect(sys.argv[1]); "
                + "c.execute(\"INSERT INTO grdb_migrations VALUES ('99: later')\"); c.commit()"
            try await succeeded(world.peer("python", ["-c", script, world.database]))
        }
        let server = try await world.run(
            Checkout.program("vending-server"),
            ["serve"],
            ["BURSAR_ISSUER": "simulated", "BURSAR_HTTP_PORT": "0"]
        )
        #expect(server.exitCode == 1)
        #expect(server.errors.contains("vending-server: error: "))
        #expect(server.errors.contains(problem))
        #expect(server.errors.contains("vending-server: hint: "))
        let admin = try await world.admin("keys list")
        #expect(admin.exitCode == 1)
        #expect(admin.errors.contains(problem))
    }
}
