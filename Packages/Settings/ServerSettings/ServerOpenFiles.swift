package import BursarConsole

/// The number of files that a server must be able to open, including connections.
package enum ServerOpenFiles {
    /// Files that aren't connections of clients: the database, the log, 16 to STS, 64 of metrics, the event loops; and
    /// a few to spare, without which the process would end (``ProcessNeeds``).
    private static let reserve = 128
    /// The least limit with which the server starts.
    package static let least = reserve + 64

    /// Returns how many of the `wanted` connections fit into a limit of `openFiles`.
    package static func connections(_ wanted: Int, openFiles: Int) -> Int {
        min(wanted, max(0, openFiles - reserve))
    }

    /// Checks a limit against `connections`, nil for as many as fit; `subject` names the process that has the limit.
    package static func finding(_ openFiles: Int, connections: Int?, of subject: String) -> Finding {
        if let problem = OpenFileLimit.problem(openFiles, least: least) { return .problem("open files", problem) }
        let connections = connections ?? openFiles - reserve
        let held = Self.connections(connections, openFiles: openFiles)
        guard held == connections else {
            return .warning(
                "open files",
                "\(subject): \(openFiles), which is enough for \(held) of \(connections) connections",
                hint: "ulimit -n \(connections + reserve), or LimitNOFILE= in the systemd unit"
            )
        }
        return .ok("open files", "\(subject): \(openFiles), enough for \(connections) connections")
    }

    /// Parses the limit in Linux's `/proc/PID/limits`; nil if it isn't there.
    package static func limit(in content: String) -> Int? {
        let line = content.split(separator: "\n").first { $0.hasPrefix("Max open files") }
        return line?.split(separator: " ").dropFirst(3).first.flatMap { Int($0) }
    }
}
