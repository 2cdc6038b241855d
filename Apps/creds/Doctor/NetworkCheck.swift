import BursarFiles
import BursarFoundation
import BursarHTTP
import SystemPackage

/// What the environment says of proxies and certificates.
struct NetworkCheck: DoctorCheck {
    /// creds and the AWS clients read the first, OpenSSL the second, boto3 the third.
    private static let bundles = ["AWS_CA_BUNDLE", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"]
    private static let longest = 16 << 20

    func findings(_ subject: DoctorContext) -> [Finding] {
        let flaws = proxyFlaws(subject) + Self.bundles.compactMap { bundle($0, subject) }
        guard flaws.isEmpty else { return flaws }
        return [.ok(.network, "\(proxy(subject)); \(certificates(subject))")]
    }

    private func bundle(_ variable: String, _ subject: DoctorContext) -> Finding? {
        guard let value = subject.context.nonEmpty(variable) else { return nil }
        let path = subject.context.workingFolder().pushing(FilePath(value))
        // Python takes a folder of certificates too.
        if variable == "REQUESTS_CA_BUNDLE", (try? path.stat().type) == .directory { return nil }
        let fix = "unset \(variable)"
        do {
            let content = try FileContent.read(path, limit: Self.longest)
            guard content.firstRange(of: Array("-----BEGIN ".utf8)) == nil else { return nil }
            return .problem(.network, "\(variable) names \(value), which holds no certificate", fix: fix)
        } catch  where error.reason == .missing {
            return .problem(.network, "\(variable) names \(value), which is not there", fix: fix)
        } catch {
            return .problem(.network, "\(variable) can't be used: \(error)", fix: fix)
        }
    }

    /// Values that a file gave with the quotes that only a shell takes away.
    private func proxyFlaws(_ subject: DoctorContext) -> [Finding] {
        guard let proxy = ProxySettings(subject.context.environment) else { return [] }
        var found: [Finding] = []
        if proxy.isMalformed {
            let fault = TransportError.proxyMalformed(variable: proxy.variable, isQuoted: proxy.isQuoted)
            let network = NetworkError(fault, service: "AWS")
            found.append(.problem(.network, network.message, fix: network.fix))
        }
        if proxy.hasQuotedExceptions, let variable = proxy.exceptionsVariable {
            found.append(
                .warning(
                    .network,
                    "\(variable) has quotes in its value, so its first and last name count for nothing",
                    fix: proxy.unquotedExceptions.map { "export \(variable)=\($0)" } ?? "unset \(variable)"
                )
            )
        }
        return found
    }

    private func proxy(_ subject: DoctorContext) -> String {
        guard let proxy = ProxySettings(subject.context.environment) else { return "no proxy is set" }
        guard let server = subject.profile?.server else { return "\(proxy.variable) leads through \(proxy.shown)" }
        let isUsed = !server.isLoopbackHTTP && proxy.isUsed(for: HTTPClientRequest.host(of: server.description))
        return
            "\(proxy.variable) leads through \(proxy.shown), \(isUsed ? "to the server too" : "but not to the server")"
    }

    private func certificates(_ subject: DoctorContext) -> String {
        let set = Self.bundles.filter { subject.context.nonEmpty($0) != nil }
        return set.isEmpty ? "the system's certificates count" : "\(set.joined(separator: ", ")) can be read"
    }
}
