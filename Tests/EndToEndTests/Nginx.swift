import BursarFoundation
import BursarHTTP
import BursarModel
import Subprocess
import SystemPackage
import TestSupport
import Testing

/// nginx in front of a server, with the shipped configuration; `Scripts/test` installs Debian's package.
enum Nginx {
    static let path = "/usr/sbin/nginx"
    static let isInstalled = FileManager.default.fileExists(atPath: path)

    /// Runs `body` with nginx on a free port, forwarding to `server`.
    ///
    /// The shipped file is used with other ports and certificates, and with the replacements of `changes`.
    static func run<Result: Sendable>(
        _ world: World,
        inFrontOf server: String,
        changes: [String: String] = [:],
        body: (_ url: String) async throws -> Result
    ) async throws -> Result {
        let upstream = ["server 127.0.0.1:8080;": "server \(server.replacing("http://", with: ""));"]
        return try await run(world, changes: [upstream, changes], body: body)
    }

    /// The address from which nginx connects to several servers, as from a machine of its own.
    static let ownAddress = "127.0.0.8"

    /// Runs `body` with nginx in front of servers at these ports, as `Docs/running/several-servers.md` has it.
    ///
    /// `certificate` is the name of the file in the world's home that the servers' certificates are verified with.
    static func run<Result: Sendable>(
        _ world: World,
        inFrontOfSeveral ports: [Int],
        trusting certificate: String,
        body: (_ url: String) async throws -> Result
    ) async throws -> Result {
        let blocks = try Page("Docs/running/several-servers.md").blocks.filter { $0.language == "nginx" }
            .map { $0.lines.joined(separator: "\n") }
        try #require(blocks.count == 2)
        let shipped = try String(contentsOfFile: Checkout.root + "Packaging/nginx/bursar.conf", encoding: .utf8)
        let start = try #require(shipped.firstRange(of: "upstream bursar {")).lowerBound
        let end = try #require(shipped[start...].firstIndex(of: "}"))
        let places = ports.enumerated().map { ("bursar\($0 + 1).example.edu:8443", "127.0.0.1:\($1)") }
        let several = [
            String(shipped[start...end]): blocks[0],
            "        proxy_pass http://bursar;": blocks[1] + "\n        proxy_bind \(ownAddress);",
            "        proxy_next_upstream off;\n": "", "        proxy_connect_timeout 3s;\n": "",
        ]
        let trust = ["/etc/bursar/ca.pem": "\"\(world.home)/\(certificate)\""]
        let changes = [several, Dictionary(uniqueKeysWithValues: places), trust]
        return try await run(world, changes: changes, body: body)
    }

    private static func run<Result: Sendable>(
        _ world: World,
        changes: [[String: String]],
        body: (_ url: String) async throws -> Result
    ) async throws -> Result {
        let folder = world.home + "/nginx"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try await makeCertificate(in: folder, world)
        // A socket that is open already: the port is free until nginx has it.
        let script = """
            import os, socket, sys
            listener = socket.create_server(("127.0.0.1", 0))
            port = listener.getsockname()[1]
            with open(sys.argv[1]) as template: text = template.read().replace("@PORT@", str(port))
            with open(sys.argv[2], "w") as config: config.write(text)
            os.set_inheritable(listener.fileno(), True)
            os.environ["NGINX"] = f"{listener.fileno()};"
            print("listening", port, flush=True)
            os.execv(sys.argv[3], [sys.argv[3], "-p", sys.argv[4], "-c", sys.argv[2], "-e", "stderr"])
            """
        let template = folder + "/template.conf"
        let site = try changes.reduce(site(in: folder)) { try changed($0, $1) }
        try Data(clientContext.replacing("@SITE@", with: site).utf8).write(to: URL(filePath: template))
        return try await ChildServer.run(
            .path(FilePath(Checkout.peer("python"))),
            ["-c", script, template, folder + "/nginx.conf", path, folder],
        ) { nginx in
            try await body("https://127.0.0.1:\(nginx.port)")
        }
    }

    /// The certificate that a client has to trust.
    static func certificate(_ world: World) -> String { world.home + "/nginx/certificate.pem" }

    private static func makeCertificate(in folder: String, _ world: World) async throws {
        let arguments = [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1", "-subj",
            "/CN=nginx", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", folder + "/key.pem", "-out",
            folder + "/certificate.pem",
        ]
        try await succeeded(world.run("/usr/bin/openssl", arguments))
    }

    private static func site(in folder: String) throws -> String {
        let shipped = try String(contentsOfFile: Checkout.root + "Packaging/nginx/bursar.conf", encoding: .utf8)
        let live = "/etc/letsencrypt/live/bursar.example.edu/"
        return try changed(
            shipped,
            [
                "    listen 443 ssl;": "    listen 127.0.0.1:@PORT@ ssl;",
                "    listen [::]:443 ssl;\n": "",
                "\(live)fullchain.pem": "\"\(folder)/certificate.pem\"",
                "\(live)privkey.pem": "\"\(folder)/key.pem\"",
            ]
        )
    }

    /// Replaces text; each of `changes` has to occur in the file.
    private static func changed(_ text: String, _ changes: [String: String]) throws -> String {
        try changes.reduce(text) { text, change in
            try #require(text.contains(change.key), "the file has no \(change.key)")
            return text.replacing(change.key, with: change.value)
        }
    }

    /// The surroundings of the site, as in Debian's `nginx.conf`.
    private static let clientContext = """
        daemon off;
        worker_processes 1;
        pid nginx.pid;
        error_log stderr crit;
        events { worker_connections 64; }
        http {
            access_log off;
            client_body_temp_path body;
            proxy_temp_path proxy;
            fastcgi_temp_path fastcgi;
            uwsgi_temp_path uwsgi;
            scgi_temp_path scgi;
        @SITE@
        }
        """
}
