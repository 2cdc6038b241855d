import BursarConsole
import BursarFiles
import BursarFoundation
import SystemPackage

extension StackOutputs {
    private struct Document: Decodable {
        let outputs: [String: String]
    }

    /// Reads outputs as `status` and `apply` print them with `--format json`.
    ///
    /// - Throws: ``UserFacingError`` when there are none in it, or `FileError`.
    static func read(_ path: FilePath) throws -> StackOutputs {
        let document = try? JSONDecoder().decode(
            Document.self,
            from: Data(try FileContent.read(path, limit: 1 << 20))
        )
        let outputs = StackOutputs(document?.outputs ?? [:])
        guard !outputs.values.isEmpty else {
            throw UserFacingError(
                "there are no outputs of a stack in \(path)",
                hint: "admin aws status --format json > \(path)"
            )
        }
        return outputs
    }
}
