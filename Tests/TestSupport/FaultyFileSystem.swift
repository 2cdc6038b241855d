import BursarFoundation
import SystemPackage

/// A file system that lacks something, imitated for a program that a test runs: `Peers/fsfault.c` lists the faults.
package enum FaultyFileSystem {
    private static let library = Task {
        let library = Checkout.program("fsfault-\(UInt64.random(in: .min ... .max)).so")
        let source = Checkout.root + "Tests/TestSupport/Peers/fsfault.c"
        let environment = ["PATH": "/usr/local/bin:/usr/bin:/bin"]
        let compiled = try await Program("/usr/bin/env", environment: environment)
            .run(["cc", "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"])
        guard compiled.isSuccess else { throw NotCompiled(errors: compiled.errors) }
        let lasting = Checkout.program("fsfault.so")
        try? FileManager.default.removeItem(atPath: lasting)
        try FileManager.default.moveItem(atPath: library, toPath: lasting)
        return lasting
    }

    private struct NotCompiled: Error {
        let errors: String
    }

    /// The variables that give a program `faults`, words with commas between, for what is below `folder`.
    package static func environment(_ faults: String, below folder: String) async throws -> [String: String] {
        ["LD_PRELOAD": try await library.value, "FSFAULT": faults, "FSFAULT_ROOT": folder]
    }
}
