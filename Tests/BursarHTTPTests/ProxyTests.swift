import BursarHTTP
import TestSupport
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Proxies come from the process's environment, which libcurl reads itself: so each of these runs in its own process.
struct ProxyTests {
    @Test func `plain HTTP goes through the proxy of the environment`() async throws {
        try await Peers.proxy { proxy in
            await #expect(processExitsWith: .success) { [url = proxy.url as String] in
                setenv("http_proxy", url, 1)
                let response = try await HTTPTransport().send(.patient(url: "http://origin.invalid/path"))
                #expect(String(decoding: response.body, as: UTF8.self) == "proxied http://origin.invalid/path")
            }
        }
    }

    @Test func `HTTPS asks the proxy for a tunnel, and fails when it gets none`() async throws {
        try await Peers.proxy { proxy in
            await #expect(processExitsWith: .success) { [url = proxy.url as String] in
                setenv("HTTPS_PROXY", url, 1)
                await #expect(throws: TransportError.self) {
                    try await HTTPTransport().send(.patient(url: "https://origin.invalid/path"))
                }
            }
            #expect(await proxy.says("asked for origin.invalid:443"))
        }
    }

    @Test func `NO_PROXY names hosts that are asked directly`() async throws {
        try await Peers.proxy { proxy in
            try await Peers.http { peer in
                await #expect(processExitsWith: .success) { [via = proxy.url as String, url = peer.url as String] in
                    setenv("http_proxy", via, 1)
                    setenv("NO_PROXY", "127.0.0.1,elsewhere.invalid", 1)
                    let response = try await HTTPTransport().send(.patient(url: url + "/hello"))
                    #expect(String(decoding: response.body, as: UTF8.self) == "hello")
                }
            }
        }
    }

    @Test func `a request that goes direct passes no proxy`() async throws {
        try await Peers.proxy { proxy in
            try await Peers.http { peer in
                await #expect(processExitsWith: .success) { [via = proxy.url as String, url = peer.url as String] in
                    setenv("http_proxy", via, 1)
                    var request = HTTPClientRequest.patient(url: url + "/hello")
                    request.goesDirect = true
                    let response = try await HTTPTransport().send(request)
                    #expect(String(decoding: response.body, as: UTF8.self) == "hello")
                }
            }
        }
    }
}
