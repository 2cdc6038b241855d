import BursarConsole
import BursarFoundation
import BursarModel
import Logging
import ServerSettings
import Subprocess
import SystemPackage
import TestSupport
import Testing

@testable import vending_server

@Suite struct TLSTests {
    private func problem(_ real: RealServer, certificate: String, key: String) -> UserFacingError? {
        do {
            let files = TLSFiles(certificate: FilePath(certificate), key: FilePath(key))
            _ = try ServedCertificate(files, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            return nil
        } catch {
            return error
        }
    }

    @Test func `a pair that can't be served is one clear problem`() async throws {
        let real = try RealServer()
        let (certificate, key) = try await real.makeCertificate("one")
        let (_, otherKey) = try await real.makeCertificate("two")
        #expect(problem(real, certificate: certificate, key: key) == nil)
        #expect(problem(real, certificate: certificate, key: otherKey)?.problem.contains("is not the key of") == true)
        #expect(problem(real, certificate: key, key: key)?.problem.contains("not a certificate") == true)
        let text = try real.write("text", to: "text")
        #expect(problem(real, certificate: certificate, key: text)?.problem.contains("not a private key") == true)
        #expect(problem(real, certificate: "/nowhere", key: key)?.problem.contains("no such file") == true)
        #expect(problem(real, certificate: certificate, key: "/nowhere")?.problem.contains("no such file") == true)
        let hints = [
            problem(real, certificate: "/nowhere", key: key)?.hint: "BURSAR_TLS_CERTIFICATE names it: check the path",
            problem(real, certificate: certificate, key: "/nowhere")?.hint: "BURSAR_TLS_KEY names it: check the path",
            problem(real, certificate: "nowhere", key: key)?.hint:
                "BURSAR_TLS_CERTIFICATE names it, from the working folder on: write the whole path",
        ]
        for (hint, expected) in hints { #expect(hint == expected) }
    }

    @Test(arguments: [0o644, 0o604, 0o620])
    func `a key that others may read or change is refused`(_ mode: Int) async throws {
        let real = try RealServer()
        let (certificate, key) = try await real.makeCertificate("one")
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: key)
        #expect(problem(real, certificate: certificate, key: key)?.problem.contains("others may") == true)
    }

    /// In the others the key itself carries the secret, or the encryption isn't authenticated.
    @Test(arguments: [
        ("ECDHE-RSA-AES128-GCM-SHA256", "200"), ("AES128-GCM-SHA256", "000"), ("AES256-SHA", "000"),
        ("ECDHE-RSA-AES128-SHA", "000"),
    ])
    func `no connection is made that a stolen key opens later`(_ cipher: String, _ status: String) async throws {
        let real = try RealServer()
        let (certificate, key) = try await real.makeCertificate("rsa", ["rsa:2048"])
        let settings = ["BURSAR_TLS_CERTIFICATE": certificate, "BURSAR_TLS_KEY": key, "BURSAR_LOG_FORMAT": "text"]
        let answer = try await real.serve(settings, scheme: "https") { server in
            try await real.curl(server.port, ["--tls-max", "1.2", "--ciphers", cipher])
        }
        #expect(answer == status)
    }

    /// Common file layouts: made by OpenSSL, put together as HAProxy, acme.sh and `cat` do.
    @Test(arguments: PEMForm.allCases)
    func `a pair is served whatever else is in its files, and so is its renewal`(_ form: PEMForm) async throws {
        let real = try RealServer()
        let first = try await form.make("one", in: real)
        let second = try await form.make("two", in: real)
        #expect(problem(real, certificate: first.certificate, key: first.key) == nil)
        let settings = [
            "BURSAR_TLS_CERTIFICATE": first.certificate, "BURSAR_TLS_KEY": first.key, "BURSAR_LOG_FORMAT": "text",
        ]
        try await real.serve(settings, scheme: "https") { server in
            #expect(try await real.subject(of: server.port) == "one")
            #expect(try await real.curl(server.port, []) == "200")
            try real.replace(first.key, with: second.key)
            try real.replace(first.certificate, with: second.certificate)
            #expect(await server.lines.first { $0.contains("was read again") } != nil)
            #expect(try await real.subject(of: server.port) == "two")
        }
    }

    @Test func `a certificate's file with the key in it is as secret as the key's`() async throws {
        let real = try RealServer()
        let pair = try await PEMForm.oneFile.make("one", in: real)
        try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: pair.certificate)
        let (_, key) = try await real.makeCertificate("two")
        let problem = problem(real, certificate: pair.certificate, key: key)
        #expect(problem?.problem.contains("others may") == true)
        #expect(problem?.hint?.contains("chmod 600") == true)
    }

    @Test func `what can't be served has a hint, and no word of a last good one`() async throws {
        let real = try RealServer()
        let (certificate, _) = try await real.makeCertificate("one")
        let (odd, oddKey) = try await real.makeCertificate("odd", ["ec", "-pkeyopt", "ec_paramgen_curve:secp256k1"])
        let (_, key) = try await real.makeCertificate("two")
        for (certificate, key, hint) in [
            (certificate, key, "the server's own certificate has to be the first in the file"),
            (odd, oddKey, "RSA, EC (P-256, P-384, P-521) and Ed25519 can be; it holds: PRIVATE KEY"),
            (key, key, "it holds: PRIVATE KEY"),
        ] {
            let settings = ["BURSAR_TLS_CERTIFICATE": certificate, "BURSAR_TLS_KEY": key]
            let environment = real.environment.merging(settings) { $1 }
            let outcome = try await Program(Checkout.program("vending-server"), environment: environment)
                .run(["serve"])
            #expect(outcome.exitCode == 1)
            #expect(outcome.errors.contains("vending-server: hint: \(hint)"), "\(outcome.errors)")
            #expect(!outcome.errors.contains("last good one"))
        }
    }

    @Test func `a key with a passphrase is refused with the command that takes it off`() async throws {
        let real = try RealServer()
        let (certificate, key) = try await real.makeCertificate("one")
        for form in [["pkey", "-aes256"], ["ec", "-aes256"]] {
            let locked = real.folder + "/locked.key"
            let words = form + ["-in", key, "-passout", "pass:x", "-out", locked]
            let made = try await real.run("/usr/bin/openssl", words)
            try #require(made.isSuccess, "\(made.errors)")
            #expect(problem(real, certificate: certificate, key: locked)?.hint?.contains("openssl pkey") == true)
        }
    }

    @Test func `SIGHUP reads the certificate again, and says what came of it`() async throws {
        let real = try RealServer()
        let (certificate, key) = try await real.makeCertificate("one")
        let settings = ["BURSAR_TLS_CERTIFICATE": certificate, "BURSAR_TLS_KEY": key, "BURSAR_LOG_FORMAT": "text"]
        try await real.serve(settings, scheme: "https") { server in
            try await server.hangUp()
            let read = await server.lines.first { $0.contains("SIGHUP") }
            #expect(read?.contains("SIGHUP: the certificate was read again; serving goes on") == true)
            try real.write("broken", to: "one.pem")
            #expect(await server.lines.first { $0.contains("can't be read again") } != nil)
            // The same failure is logged again, on request.
            try await server.hangUp()
            let failed = await server.lines.first { $0.contains("can't be read again") || $0.contains("SIGHUP") }
            #expect(failed?.contains("the last good one stays") == true)
            #expect(try await real.subject(of: server.port) == "one")
        }
    }

    @Test func `SIGHUP without a certificate ends nothing, and requests under way go on`() async throws {
        let real = try RealServer()
        try await real.serve { server in
            for _ in 0..<3 {
                try await server.hangUp()
                #expect(await server.lines.first { $0.contains("SIGHUP") }?.contains("serving goes on") == true)
            }
            let outcome = try await real.run("/usr/bin/curl", ["-sf", server.url + "/healthz"])
            #expect(outcome.isSuccess)
        }
    }

    @Test func `a renewed certificate is served without a restart, and a broken one isn't`() async throws {
        let real = try RealServer()
        let (certificate, key) = try await real.makeCertificate("one")
        let (renewed, renewedKey) = try await real.makeCertificate("two")
        let settings = ["BURSAR_TLS_CERTIFICATE": certificate, "BURSAR_TLS_KEY": key, "BURSAR_LOG_FORMAT": "text"]
        try await real.serve(settings, scheme: "https") { server in
            #expect(try await real.subject(of: server.port) == "one")
            #expect(try await real.curl(server.port, ["--tls-max", "1.2"]) == "200")
            let old = ["--tlsv1.1", "--tls-max", "1.1", "--ciphers", "ALL:@SECLEVEL=0"]
            #expect(try await real.curl(server.port, old) == "000")

            try real.write("broken", to: "one.pem")
            let broken = await server.lines.first { $0.contains("can't be read again") }
            #expect(broken?.contains("error") == true)
            #expect(try await real.subject(of: server.port) == "one")

            try real.replace(key, with: renewedKey)
            try real.replace(certificate, with: renewed)
            #expect(await server.lines.first { $0.contains("was read again") } != nil)
            #expect(try await real.subject(of: server.port) == "two")
        }
    }
}

/// The layout of certificate and key in files.
enum PEMForm: String, CaseIterable, Sendable {
    /// `openssl ecparam -genkey`: the curve's parameters, then the key.
    case parametersFirst
    case parametersP384
    /// Both in one file, which is named twice.
    case oneFile
    case oneFileKeyFirst
    /// The key's file holds the certificate too.
    case keyFileWithCertificate
    /// The certificate's file holds the key too.
    case certificateFileWithKey
    /// Lines end in CR LF.
    case windowsLines
    /// The text that `openssl pkcs12` and `openssl x509 -text` write beside the blocks.
    case remarks
    /// The key's base64 in one line, as secret stores keep it.
    case oneLine
    /// Without a line end after the last line.
    case cutOff
    case rsa
    case rsaTraditional
    case ed25519

    /// Makes a pair named `name` with OpenSSL.
    func make(_ name: String, in real: RealServer) async throws -> (certificate: String, key: String) {
        let script = #"""
            set -e
            export NAME="$1"
            certify() { openssl req -x509 -new -key "$1" -days 2 -subj "/CN=$NAME" -addext subjectAltName=IP:127.0.0.1; }
            umask 077
            case $2 in
                parametersFirst) openssl ecparam -name prime256v1 -genkey -out key ;;
                parametersP384) openssl ecparam -name secp384r1 -genkey -out key ;;
                rsa) openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out key ;;
                rsaTraditional) openssl genrsa -traditional -out key 2048 ;;
                ed25519) openssl genpkey -algorithm ED25519 -out key ;;
                *) openssl ecparam -name prime256v1 -genkey -noout -out key ;;
            esac
            certify key > certificate
            case $2 in
                oneFile) cat certificate key > "$NAME.pem"; cp "$NAME.pem" "$NAME.key" ;;
                oneFileKeyFirst)
                    openssl ecparam -name prime256v1 > "$NAME.pem"
                    cat key certificate >> "$NAME.pem"; cp "$NAME.pem" "$NAME.key" ;;
                keyFileWithCertificate) cp certificate "$NAME.pem"; cat certificate key > "$NAME.key" ;;
                certificateFileWithKey) cat key certificate > "$NAME.pem"; cp key "$NAME.key" ;;
                windowsLines) for kind in certificate key; do sed 's/$/\r/' $kind > $kind.crlf; done
                    cp certificate.crlf "$NAME.pem"; cp key.crlf "$NAME.key" ;;
                remarks) openssl x509 -in certificate -text > "$NAME.pem"
                    { printf 'Bag Attributes\n    localKeyID: 01\nKey Attributes: <No Attributes>\n'; cat key; } > "$NAME.key" ;;
                oneLine) cp certificate "$NAME.pem"
                    { sed -n 1p key; sed '1d;$d' key | tr -d '\n'; echo; sed -n '$p' key; } > "$NAME.key" ;;
                cutOff) for kind in certificate key; do printf %s "$(cat $kind)" > $kind.cut; done
                    cp certificate.cut "$NAME.pem"; cp key.cut "$NAME.key" ;;
                *) cp certificate "$NAME.pem"; cp key "$NAME.key" ;;
            esac
            rm -f key certificate *.crlf *.cut
            """#
        let outcome = try await Program("/bin/sh", environment: real.environment)
            .run(["-c", "cd \"$0\" && " + script, real.folder, name, rawValue])
        try #require(outcome.isSuccess, "\(outcome.errors)")
        return ("\(real.folder)/\(name).pem", "\(real.folder)/\(name).key")
    }
}

extension ChildServer {
    /// Sends SIGHUP.
    func hangUp() async throws {
        let outcome = try await Program("/bin/kill", environment: [:]).run(["-HUP", "\(processID.value)"])
        try #require(outcome.isSuccess, "\(outcome.errors)")
    }
}

extension RealServer {
    /// Makes a self-signed certificate for 127.0.0.1 and its key.
    func makeCertificate(
        _ name: String,
        _ kind: [String] = ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    ) async throws -> (certificate: String, key: String) {
        let files = (certificate: "\(folder)/\(name).pem", key: "\(folder)/\(name).key")
        let outcome = try await run(
            "/usr/bin/openssl",
            ["req", "-x509", "-newkey"] + kind + ["-nodes", "-days", "2"]
                + ["-subj", "/CN=\(name)", "-addext", "subjectAltName=IP:127.0.0.1"]
                + ["-keyout", files.key, "-out", files.certificate]
        )
        try #require(outcome.isSuccess, "\(outcome.errors)")
        return files
    }

    fileprivate func replace(_ path: String, with other: String) throws {
        let content = try Data(contentsOf: URL(filePath: other))
        try write(String(decoding: content, as: UTF8.self), to: String(path.dropFirst(folder.count + 1)))
    }

    fileprivate func curlArguments(_ port: Int, _ options: [String]) -> [String] {
        options + ["-sk", "-o", "/dev/null", "-w", "%{http_code}", "https://127.0.0.1:\(port)/healthz"]
    }

    /// curl's status; 000 when there was no connection.
    fileprivate func curl(_ port: Int, _ options: [String]) async throws -> String {
        try await run("/usr/bin/curl", curlArguments(port, options)).output
    }

    /// The name in the certificate that a new connection gets.
    fileprivate func subject(of port: Int) async throws -> String? {
        let outcome = try await run("/usr/bin/curl", ["-v"] + curlArguments(port, []))
        let line = outcome.errors.split(separator: "\n").first { $0.contains("subject:") }
        return line?.split(separator: "=").last.map { String($0.trimmingASCIIWhitespace()) }
    }
}
