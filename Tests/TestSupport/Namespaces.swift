/// Programs that see another system than the tests do: Linux's mount namespaces, which take root's rights.
package enum Namespaces {
    private static let path = "/usr/bin:/bin"

    /// True if this user may make one.
    package static func areAllowed() async -> Bool {
        let outcome = try? await Program("/usr/bin/unshare", environment: ["PATH": path]).run(["--mount", "true"])
        return outcome?.isSuccess ?? false
    }

    /// Runs `program` on a system whose `/proc` is empty.
    package static func runWithoutProc(
        _ program: Program,
        _ arguments: [String] = [],
        input: String = ""
    ) async throws -> Program.Outcome {
        let script = #"mount -t tmpfs none /proc && exec "$0" "$@""#
        return try await Program("/usr/bin/unshare", environment: ["PATH": path].merging(program.environment) { $1 })
            .run(["--mount", "/bin/sh", "-c", script, program.path] + arguments, input: input)
    }

    /// Runs `program` on the machine after its next start: the kernel names each (`boot_id`, random(4)).
    package static func runAfterRestart(
        _ program: Program,
        _ arguments: [String] = [],
        input: String = ""
    ) async throws -> Program.Outcome {
        let script = #"""
            uuid=$(mktemp) && echo 11111111-2222-4333-8444-555555555555 > "$uuid" \
                && mount --bind "$uuid" /proc/sys/kernel/random/boot_id && rm "$uuid" && exec "$0" "$@"
            """#
        return try await Program("/usr/bin/unshare", environment: ["PATH": path].merging(program.environment) { $1 })
            .run(["--mount", "/bin/sh", "-c", script, program.path] + arguments, input: input)
    }
}
