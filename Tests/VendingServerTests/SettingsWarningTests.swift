import ServerSettings
import TestSupport
import Testing

@testable import vending_server

@Suite struct SettingsWarningTests {
    private func warnings(_ changes: [String: String]) throws -> [Setting] {
        let least = [
            "BURSAR_ROLE_ARN": "arn:aws:iam::123456789012:role/bedrock", "BURSAR_REGION": "us-east-1",
            "HOME": "/home/a",
        ]
        return try Settings(environment: least.merging(changes) { $1 }).warnings.map(\.setting)
    }

    @Test func `the defaults have none`() throws {
        #expect(try warnings([:]) == [])
        #expect(try warnings(["BURSAR_DATABASE": "~/db/b.sqlite"]) == [])
    }

    @Test(arguments: [
        (
            ["BURSAR_HTTP_HOST": "0.0.0.0", "BURSAR_INSECURE_HTTP": "yes", "BURSAR_ALLOW": "192.0.2.0/24"],
            Setting.insecureHTTP
        ),
        (["BURSAR_TRUSTED_PROXIES": "127.0.0.1"], .allow), (["BURSAR_ALLOW": "10.0.0.1/8"], .allow),
        (["BURSAR_TRUSTED_PROXIES": "10.0.0.1/8", "BURSAR_ALLOW": "192.0.2.0/24"], .trustedProxies),
        (["BURSAR_ISSUER": "simulated"], .issuer), (["BURSAR_METRICS_HOST": "0.0.0.0"], .metricsHost),
        (["BURSAR_DATABASE": "data/b.sqlite"], .database), (["BURSAR_DATABASE": "./~x"], .database),
        (["BURSAR_LOG_LEVEL": "debug"], .logLevel), (["BURSAR_LOG_LEVEL": "trace"], .logLevel),
    ])
    func `each setting that weakens security is named`(_ changes: [String: String], _ setting: Setting) throws {
        #expect(try warnings(changes) == [setting])
    }

    @Test func `TLS needs no warning, and metrics that are off neither`() throws {
        let tls = ["BURSAR_TLS_CERTIFICATE": "/c", "BURSAR_TLS_KEY": "/k", "BURSAR_HTTP_HOST": "0.0.0.0"]
        #expect(try warnings(tls) == [.allow])
        #expect(try warnings(["BURSAR_METRICS_HOST": "0.0.0.0", "BURSAR_METRICS_PORT": "off"]) == [])
    }

    @Test func `the server says at its start which it has`() async throws {
        let real = try RealServer()
        let script = """
            coproc BURSAR_LOG_FORMAT=text "$0" serve 2>&1
            head -n 1 <&"${COPROC[0]}"
            kill "$COPROC_PID"
            wait
            """
        let start = try await real.run("/bin/bash", ["-c", script, Checkout.program("vending-server")])
        #expect(start.output.contains(" warning credentials are simulated"))
        #expect(start.output.contains("setting=BURSAR_ISSUER"))
    }
}
