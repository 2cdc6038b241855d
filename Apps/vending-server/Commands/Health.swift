import ArgumentParser
import BursarConsole
import BursarFoundation
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
            let question = HealthProbe(address: address, isTLS: settings.tls != nil)
            switch try? await question.status(of: ready ? "/readyz" : "/healthz") {
            case 200: return
            case nil: throw UserFacingError("no server answers at \(address)")
            default: throw UserFacingError("the server at \(address) isn't ready", hint: "admin doctor")
            }
        }
    }
}
