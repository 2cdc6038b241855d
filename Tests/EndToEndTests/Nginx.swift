import BursarCore
import FoundationEssentials
import Subprocess
import SystemPackage
import TestSupport
import Testing
import Transport

/// nginx in front of a server, as an operator would set it up; `Scripts/test` installs Debian's package.
enum Nginx {
    static let path = "/usr/sbin/nginx"
    static let isInstalled = FileManager.default.fileExists(atPath: path)

    /// Runs `body` with nginx on a port of its own, passing everything on to `server`.
    static func run<Result: Sendable>(
        _ world: World,
        inFrontOf server: String,
        body: (_ url: String) async throws -> Result
    ) async throws -> Result {
        let folder = world.home + "/nginx"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        // A socket that is open already: the port is free until nginx has it.
        let script = """
            import os, socket, sys
            listener = socket.create_server(("127.0.0.1", 0))
            port = listener.getsockname()[1]
            with open(sys.argv[1]) as template: text = template.read().replace("PORT", str(port))
            with open(sys.argv[2], "w") as config: config.write(text)
            os.set_inheritable(listener.fileno(), True)
            os.environ["NGINX"] = f"{listener.fileno()};"
            print("listening", port, flush=True)
            os.execv(sys.argv[3], [sys.argv[3], "-p", sys.argv[4], "-c", sys.argv[2], "-e", "stderr"])
            """
        let template = folder + "/template.conf"
        try Data(config(server).utf8).write(to: URL(filePath: template))
        return try await ChildServer.run(
            .path(FilePath(Checkout.peer("python"))),
            ["-c", script, template, folder + "/nginx.conf", path, folder],
        ) { nginx in
            try await body(nginx.url)
        }
    }

    /// The client's own `X-Forwarded-For` is passed on, with its address behind; `Forwarded` as it came.
    private static func config(_ server: String) -> String {
        """
        daemon off;
        worker_processes 1;
        pid nginx.pid;
        error_log stderr error;
        events { worker_connections 64; }
        http {
            access_log off;
            client_body_temp_path body;
            proxy_temp_path proxy;
            fastcgi_temp_path fastcgi;
            uwsgi_temp_path uwsgi;
            scgi_temp_path scgi;
            server {
                listen 127.0.0.1:PORT;
                location / {
                    proxy_pass \(server);
                    proxy_http_version 1.1;
                    proxy_set_header Connection "";
                    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
                }
            }
        }
        """
    }
}
