import BursarFoundation
import BursarHTTP
import BursarModel
import CoreMetrics
import SystemPackage
import TestSupport
import Testing
import Vending

@testable import vending_server

@Suite struct MetricsTests {
    private static let definitions: [PrometheusRegistry.Definition] = [
        .init(name: "things_total", kind: .counter, help: "Things\\ and\nmore."),
        .init(name: "level", kind: .gauge, help: "Level."),
        .init(name: "times", kind: .histogram, help: "Times.", bounds: [0.5, 1]),
        .init(name: "unused", kind: .gauge, help: "Never written."),
    ]

    @Test func `counters, gauges and histograms are written as Prometheus reads them`() {
        let registry = PrometheusRegistry(Self.definitions)
        Counter(label: "things_total", dimensions: [("kind", "a\"b\\c\nd")], factory: registry).increment(by: 3)
        Counter(label: "things_total", dimensions: [("kind", "a\"b\\c\nd")], factory: registry).increment()
        Meter(label: "level", factory: registry).set(1.5)
        let timer = Timer(label: "times", factory: registry)
        for milliseconds in [250, 500, 750, 3000] { timer.recordMilliseconds(milliseconds) }
        #expect(
            registry.text == #"""
                # HELP things_total Things\\ and\nmore.
                # TYPE things_total counter
                things_total{kind="a\"b\\c\nd"} 4
                # HELP level Level.
                # TYPE level gauge
                level 1.5
                # HELP times Times.
                # TYPE times histogram
                times_bucket{le="0.5"} 2
                times_bucket{le="1.0"} 3
                times_bucket{le="+Inf"} 4
                times_sum 4.5
                times_count 4

                """#
        )
    }

    @Test func `what isn't defined isn't kept, and label sets are bounded`() {
        let registry = PrometheusRegistry(Self.definitions)
        Counter(label: "surprise", factory: registry).increment()
        for number in 0..<(PrometheusRegistry.seriesLimit + 50) {
            Counter(label: "things_total", dimensions: [("kind", "\(number)")], factory: registry).increment()
        }
        let text = registry.text
        #expect(!text.contains("surprise"))
        #expect(text.ranges(of: "things_total{").count == PrometheusRegistry.seriesLimit)
    }

    @Test func `vends and refusals are counted by route, status and error`() async throws {
        let server = try TestServer()
        _ = try await server.get("/credentials")
        _ = try await server.get("/credentials")
        _ = try await server.get("/credentials", headers: [:])
        _ = try await server.get("/\(server.key.id)/etc")
        let text = server.vending.metrics.registry.text
        for line in [
            #"bursar_requests_total{route="/credentials",code="200",error="none"} 2"#,
            #"bursar_requests_total{route="/credentials",code="401",error="key_missing"} 1"#,
            #"bursar_requests_total{route="none",code="404",error="not_found"} 1"#,
            #"bursar_request_duration_seconds_count{route="/credentials"} 3"#, "bursar_vends_total 2",
            "bursar_commit_duration_seconds_count 2", "bursar_commit_vends_sum 2",
            "bursar_argon2_duration_seconds_count 1", "bursar_argon2_waiting 0", "bursar_sts_duration_seconds_count 1",
            #"bursar_sessions_total{from="cache"} 1"#, #"bursar_sessions_total{from="issuer"} 1"#,
            #"bursar_ready{part="database"} 1"#, #"bursar_ready{part="aws"} 1"#,
        ] {
            #expect(text.contains(line + "\n"), "\(line)")
        }
        #expect(!text.contains(server.key.id.description))
    }

    @Test func `an issuer's failures are counted by kind`() async throws {
        let server = try TestServer(issuer: AwayIssuer())
        _ = try await server.get("/credentials")
        let text = server.vending.metrics.registry.text
        #expect(text.contains(#"bursar_sts_errors_total{kind="unavailable"} 1"#))
        #expect(text.contains(#"bursar_ready{part="aws"} 0"#))
    }

    private static let hasPromtool = FileManager.default.fileExists(atPath: "/usr/bin/promtool")

    @Test(.enabled(if: hasPromtool, "Debian's package prometheus has it"))
    func `the server's own metrics are what promtool takes without a complaint`() async throws {
        let real = try RealServer()
        let port = try await RealServer.freePort()
        try await real.serve(["BURSAR_METRICS_PORT": "\(port)"]) { server in
            let headers = [(name: "x-api-key", value: real.key.text.reveal())]
            let transport = HTTPTransport()
            for path in ["/credentials", "/nothing", "/readyz"] {
                _ = try await transport.send(.patient(url: server.url + path, headers: headers))
            }
            let url = "http://127.0.0.1:\(port)"
            let answer = try await transport.send(.patient(url: url + "/metrics"))
            #expect(answer.status == 200)
            #expect(answer.header("content-type")?.hasPrefix("text/plain; version=0.0.4") == true)
            let text = String(decoding: answer.body, as: UTF8.self)
            #expect(text.contains("process_resident_memory_bytes "))
            let outcome = try await real.run("/usr/bin/promtool", ["check", "metrics"], input: text)
            #expect(outcome.isSuccess)
            #expect(outcome.output + outcome.errors == "")
            #expect(try await transport.send(.patient(url: url + "/credentials")).status == 404)
            #expect(try await transport.send(.patient(url: server.url + "/metrics")).status == 404)
        }
    }

    @Test func `a port that is taken stops the start, with the setting's name`() async throws {
        let real = try RealServer()
        try await real.serve { server in
            let environment = real.environment.merging(["BURSAR_METRICS_PORT": "\(server.port)"]) { $1 }
            let second = try await Program(Checkout.program("vending-server"), environment: environment).run(["serve"])
            #expect(second.exitCode == 1)
            #expect(second.errors.contains("error: metrics can't be answered on 127.0.0.1:\(server.port)"))
            #expect(second.errors.contains("BURSAR_METRICS_PORT"))
        }
    }
}

private struct AwayIssuer: CredentialIssuer {
    func issue(_ request: IssueRequest) async throws(IssuerError) -> SessionCredentials {
        throw .unavailable(cause: "away")
    }
}
