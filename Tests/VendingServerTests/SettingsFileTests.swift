import BursarConsole
import BursarFoundation
import BursarModel
import ServerSettings
import SystemPackage
import TestSupport
import Testing
import Vending

@testable import vending_server

@Suite struct SettingsFileTests {
    private static let path = "/etc/bursar/config.yaml"
    private static let least = """
        role:
          arn: arn:aws:iam::123456789012:role/bedrock
        region: us-east-1
        database: /var/lib/bursar/bursar.sqlite

        """

    private func settings(_ yaml: String, _ environment: [String: String] = [:]) throws -> Settings {
        try Settings(
            environment: environment,
            file: SettingsFile(Array((Self.least + yaml).utf8), path: Self.path)
        )
    }

    private func refusal(of yaml: String, _ environment: [String: String] = [:]) -> UserFacingError? {
        do {
            _ = try settings(yaml, environment)
            return nil
        } catch {
            return error as? UserFacingError
        }
    }

    @Test func `settings stand in groups`() throws {
        let settings = try settings(
            """
            http:
              port: 9000
              connections: 100
            metrics: { port: 9001, host: "::1" }
            sessionDuration: 2h
            insecureHttp: true
            logFormat: json
            """
        )
        #expect(settings.port == 9000)
        #expect(settings.connections == 100)
        #expect(settings.metrics?.port == 9001)
        #expect(settings.metrics?.host == "::1")
        #expect(settings.terms.sessionDuration.seconds == 7200)
        #expect(settings.isInsecureHTTPAllowed)
        #expect(settings.logFormat == .json)
        #expect(settings.database.name == "/var/lib/bursar/bursar.sqlite")
    }

    @Test func `the environment comes before the file`() throws {
        #expect(try settings("http: { port: 9000 }", ["BURSAR_HTTP_PORT": "9002"]).port == 9002)
        #expect(try settings("http: { port: 9000 }", ["BURSAR_HTTP_PORT": ""]).port == 9000)
    }

    @Test(arguments: [
        ("http: { prot: 1 }", "http.prot", "did you mean http.port?"), ("HTTP: { port: 1 }", "HTTP.port", "http.port"),
        ("sessionDuraton: 1h", "sessionDuraton", "sessionDuration"), ("colour: red", "colour", "--help"),
        ("http: 80", "http", "did you mean http."), ("metrics: nothing", "metrics", "did you mean metrics."),
    ])
    func `a key that is no setting is refused by name`(_ yaml: String, _ name: String, _ hint: String) throws {
        let problem = try #require(refusal(of: yaml))
        #expect(problem.problem == "\(name) in \(Self.path):5 is not a setting")
        #expect(problem.hint?.contains(hint) == true)
    }

    @Test(arguments: [
        ("http: { port: many }", "http.port in \(path)"), ("logLevel: loud", "logLevel in \(path)"),
        ("http: { port: [1, 2] }", "http.port in \(path)"), ("metrics: { port: -1 }", "metrics.port in \(path)"),
        ("tls: { key: /etc/key.pem }", "tls.key in \(path)"), ("http: { port: 1 }\nhttp.port: 2", "http.port"),
        ("http: { connections: 0 }", "http.connections in \(path)"),
    ])
    func `a wrong value is refused with its key and its file`(_ yaml: String, _ name: String) throws {
        #expect(try #require(refusal(of: yaml)).problem.contains(name))
    }

    @Test(arguments: [
        "http:", "http:\nmetrics:\ntls:\n", "http: ~", "http: null", "http: {}", "http:\n  # port: 1\n",
    ])
    func `a group with nothing in it is as if it weren't there`(_ yaml: String) throws {
        #expect(try settings(yaml).port == 8080)
    }

    @Test(arguments: [
        "http: { port: null }", "http:\n  port:\n", "http:\n  port: ~\n", "http: { port: NULL, host: Null }",
    ])
    func `a value that is null is unset`(_ yaml: String) throws {
        #expect(try settings(yaml).port == 8080)
        #expect(try settings(yaml, ["BURSAR_HTTP_PORT": "9002"]).port == 9002)
    }

    @Test(arguments: [
        ("http:\n  host: ::1\n  port: many", "http.port in \(path):7 is"),
        ("http: { port: many }", "http.port in \(path):5 is"),
        ("\n# a\n\nlogLevel: loud", "logLevel in \(path):8 is"),
        ("allow: [10.0.0.0/33]", "allow in \(path):5 has"),
        ("allow:\n  - 10.0.0.0/8\n  - x\n", "allow in \(path):5 has \"x\""),
        ("http:\n  prot: 1", "http.prot in \(path):6 is"),
        ("http: { port: 1 }\nhttp.port: 2", "http.port in \(path):6 stands there twice"),
        ("http:\r\n  port: many\r\n", "http.port in \(path):6 is"),
    ])
    func `the line of a wrong value is named`(_ yaml: String, _ words: String) throws {
        let problem = try #require(refusal(of: yaml)).problem
        #expect(problem.hasPrefix(words), "\(problem)")
    }

    @Test(arguments: [
        ("allow: [{ a: 1 }]", "\(path), line 5, allow: not YAML"), ("http:\n  port: {[1]: 2}", "line 6, http.port"),
    ])
    func `a value of a form that no setting has is named with its key`(_ yaml: String, _ words: String) throws {
        let problem = try #require(refusal(of: yaml)).problem
        #expect(problem.contains(words), "\(problem)")
    }

    @Test func `a wrong variable is named even when the file is right`() throws {
        let problem = try #require(refusal(of: "http: { port: 9000 }", ["BURSAR_HTTP_PORT": "many"]))
        #expect(problem.problem.hasPrefix("BURSAR_HTTP_PORT is"))
    }

    @Test(arguments: ["http: {", "- a\n- b", "a: b: c", "http: { port: 1 }\n\tx: 1"])
    func `what isn't YAML is refused with the file's name`(_ yaml: String) throws {
        #expect(throws: UserFacingError.self) { try SettingsFile(Array(yaml.utf8), path: Self.path) }
    }

    @Test(arguments: ["", "\n\n", "# nothing\n  # yet\n"])
    func `a file of comments is a file without settings`(_ yaml: String) throws {
        let settings = try Settings(
            environment: ["BURSAR_ISSUER": "simulated", "HOME": "/home/ada"],
            file: SettingsFile(Array(yaml.utf8), path: Self.path)
        )
        #expect(settings.port == 8080)
    }

    @Test func `lists are YAML lists, comma lists or JSON lists`() throws {
        for environment in ["a, b", #"["a","b"]"#] {
            let reader = try SettingReader(environment: ["BURSAR_REGION": environment], file: nil)
            #expect(try reader.list(.region, or: [], expecting: "a region") { $0 } == ["a", "b"])
        }
        let reader = try SettingReader(environment: [:], file: nil)
        #expect(try reader.list(.region, or: ["c"], expecting: "a region") { $0 } == ["c"])
    }

    @Test(arguments: [("a,,b", "\"\""), (#"["a",1]"#, "JSON list"), ("a,x", "\"x\"")])
    func `a list's wrong entry is named`(_ text: String, _ entry: String) throws {
        let reader = try SettingReader(environment: ["BURSAR_REGION": text], file: nil)
        let problem = #expect(throws: UserFacingError.self) {
            try reader.list(.region, or: [], expecting: "a region") { $0 == "a" || $0 == "b" ? $0 : nil }
        }
        #expect(problem?.problem.contains("BURSAR_REGION") == true)
        #expect(problem?.problem.contains(entry) == true)
    }

    @Test func `a file that others may write is refused, one that isn't there only when it is asked for`() throws {
        let folder = try TemporaryFolder()
        let path = folder.path.appending("config.yaml").string
        #expect(try SettingsFile.find(nil, environment: [:], standard: .init(path)) == nil)
        #expect(throws: UserFacingError.self) { try SettingsFile.find(path, environment: [:]) }
        try folder.write("http: { port: 9000 }", to: "config.yaml", mode: 0o644)
        #expect(try SettingsFile.find(nil, environment: [:], standard: .init(path))?.text(.httpPort) == "9000")
        for mode in [0o664, 0o646] {
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
            let problem = #expect(throws: UserFacingError.self) { try SettingsFile.find(path, environment: [:]) }
            #expect(problem?.problem.contains("others may change it") == true)
        }
    }
}
