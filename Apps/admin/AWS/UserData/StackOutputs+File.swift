import Console
import Files
import SystemPackage

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension StackOutputs {
    private struct Document: Decodable {
        let outputs: [String: String]
    }

    /// Reads outputs as `status` and `apply` print them with `--format json`.
    ///
    /// - Throws: ``Problem`` when there are none in it, or `FileFault`.
    static func read(_ path: FilePath) throws -> StackOutputs {
        let document = try? JSONDecoder().decode(
            Document.self,
            from: Data(try FileContent.read(path, limit: 1 << 20))
        )
        let outputs = StackOutputs(document?.outputs ?? [:])
        guard !outputs.values.isEmpty else {
            throw Problem(
                "there are no outputs of a stack in \(path)",
                hint: "admin aws status --format json > \(path)"
            )
        }
        return outputs
    }
}
