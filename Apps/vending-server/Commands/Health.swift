import ArgumentParser
import BursarConsole
import BursarFoundation
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import ServerSettings

struct Health: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Ask the running server whether it is alive, as health checks do.",
        discussion: """
            Asks on this machine, where the settings say that it listens. With TLS the
            certificate isn't looked at: no key is sent. Exit 1 when there is no answer,
            or the answer is no.

            Examples:
              vending-server health
              vending-server health --ready
            """
    )

    @OptionGroup var options: SettingsOptions
    @Flag(help: "Ask whether a vend can succeed, too.")
    var ready = false

    func run() async throws {
        let environment = ProcessInfo.processInfo.environment
        try await CLIRunner.run(environment) { _ in
            let settings = try options.settings(environment)
            guard settings.port != 0 else {
                throw UserFacingError("the server takes any free port", hint: "set \(Setting.httpPort.environmentName)")
            }
            let address = ListenAddress(host: settings.host, port: settings.port).onThisMachine
            let probe = HealthProbe(address: address, isTLS: settings.tls != nil)
            switch try? await probe.status(of: ready ? "/readyz" : "/healthz") {
            case 200: return
            case nil: throw UserFacingError("no server answers at \(address)")
            default: throw UserFacingError("the server at \(address) isn't ready", hint: "admin doctor")
            }
        }
    }
}

/// One GET request to the server on this machine, without verification of its certificate's name.
///
/// libcurl would compare that name with the address, and none of its other users should be able to switch that off.
struct HealthProbe {
    private static let timeout = TimeAmount.seconds(3)

    let address: ListenAddress
    let isTLS: Bool

    /// The response's status; nil when the connection ends without one.
    func status(of path: String) async throws -> UInt? {
        let security = isTLS ? try NIOSSLContext(configuration: Self.unverified) : nil
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(Self.timeout)
            .connect(host: address.host, port: address.port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    channel.eventLoop.scheduleTask(in: Self.timeout) { channel.close(promise: nil) }
                    let pipeline = channel.pipeline.syncOperations
                    if let security {
                        try pipeline.addHandler(NIOSSLClientHandler(context: security, serverHostname: nil))
                    }
                    try pipeline.addHTTPClientHandlers()
                    return try NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>(
                        wrappingChannelSynchronously: channel
                    )
                }
            }
        let head = HTTPRequestHead(
            version: .http1_1,
            method: .GET,
            uri: path,
            headers: ["host": "localhost", "connection": "close"]
        )
        return try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(.head(head))
            try await outbound.write(.end(nil))
            for try await part in inbound {
                if case .head(let head) = part { return head.status.code }
            }
            return nil
        }
    }

    private static var unverified: TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateVerification = .none
        configuration.minimumTLSVersion = .tlsv12
        return configuration
    }
}
