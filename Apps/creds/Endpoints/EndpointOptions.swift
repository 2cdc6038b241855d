import ArgumentParser
import BursarConsole
import BursarModel

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The options that `serve` and `proxy` share.
struct EndpointOptions: ParsableArguments {
    @OptionGroup var profile: ProfileOption
    @Option(help: "The port of 127.0.0.1 to listen on; 0 takes a free one.")
    var port = 0
    @Option(help: "How to print the variables.")
    var format = VariableFormat.export
    @Option(help: ArgumentHelp("Stop when this process ends; $$ is the shell itself.", valueName: "pid"))
    var parent: Int32?

    func validate() throws {
        guard (0...65_535).contains(port) else { throw ValidationError("--port is a number up to 65535") }
        guard parent.map({ $0 > 1 }) ?? true else { throw ValidationError("--parent is the number of a process") }
    }

    /// Serves until a stop signal; prints the variables once the listener accepts connections.
    func serve(
        _ server: LocalServer,
        _ session: InMemorySession,
        variables: ShellVariables,
        note: String,
        _ context: CredsContext,
        _ handler: @escaping LocalServer.Handler
    ) async throws {
        let stop = await StopSignals(parent: parent)
        try context.terminal.print(try variables.text(format).reveal())
        Self.leaveOutput()
        context.terminal.note(note)
        if !PeerOwner.isKnown {
            context.terminal.note("on this system nothing but the token keeps other users' programs out")
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run(handler) }
            group.addTask { await session.keepFresh() }
            group.addTask { await stop.wait() }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// Closes standard output, so that `$(creds serve &)` ends.
    private static func leaveOutput() {
        guard !StandardStream.output.isTerminal else { return }
        let nothing = open("/dev/null", O_WRONLY | O_CLOEXEC)
        guard nothing >= 0 else { return }
        dup2(nothing, StandardStream.output.rawValue)
        close(nothing)
    }
}
