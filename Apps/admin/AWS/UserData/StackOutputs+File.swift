import Console
import Files
import SystemPackage

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension StackOutputs {
    /// What prints outputs, and how.
    private struct Document: Decodable {
        struct Stack: Decodable {
            struct Output: Decodable {
                let OutputKey: String
                let OutputValue: String
            }

            let Outputs: [Output]?
        }

        let outputs: [String: String]?
        let Stacks: [Stack]?
    }

    /// Reads outputs as `admin aws status --format json` or `aws cloudformation describe-stacks` print them.
    ///
    /// - Throws: ``Problem`` when there are none in it, or `FileFault`.
    static func read(_ path: FilePath) throws -> StackOutputs {
        let document = try? JSONDecoder().decode(
            Document.self,
            from: Data(try FileContent.read(path, limit: 1 << 20))
        )
        let listed = document?.Stacks?.first?.Outputs?.map { ($0.OutputKey, $0.OutputValue) } ?? []
        let named = document?.outputs ?? Dictionary(listed) { first, _ in first }
        let outputs = StackOutputs(named)
        guard !outputs.values.isEmpty else {
            throw Problem(
                "there are no outputs of a stack in \(path)",
                hint: "admin aws status --format json > \(path)"
            )
        }
        return outputs
    }
}
