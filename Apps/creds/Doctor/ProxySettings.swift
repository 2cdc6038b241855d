import BursarCore

/// The proxy that the environment names for a scheme, as libcurl reads it.
struct ProxySettings {
    /// The variable that counts.
    let variable: String
    /// Without the user and password that may stand in it.
    let shown: String
    private let exceptions: [Substring]

    /// nil when there is no proxy.
    ///
    /// libcurl leaves out `HTTP_PROXY`, which a web server may have from a request's header; other clients don't.
    init?(_ environment: [String: String], scheme: String = "https") {
        func first(_ names: [String]) -> (name: String, value: String)? {
            names.lazy.compactMap { name in environment[name].map { (name, $0) } }.first { !$0.1.isEmpty }
        }
        guard let proxy = first(["\(scheme)_proxy", "\(scheme.uppercased())_PROXY", "all_proxy", "ALL_PROXY"])
        else { return nil }
        variable = proxy.name
        shown = proxy.value.lastIndex(of: "@").map { "…" + proxy.value[$0...] } ?? proxy.value
        exceptions = (first(["no_proxy", "NO_PROXY"])?.value ?? "").split { $0 == "," || $0 == " " }
    }

    /// Whether requests to `host` go through it; address ranges among the exceptions are not looked into.
    func isUsed(for host: String) -> Bool {
        !exceptions.contains { exception in
            let name = exception.drop { $0 == "." }.lowercased()
            return exception == "*" || host == name || host.hasSuffix("." + name)
        }
    }
}
