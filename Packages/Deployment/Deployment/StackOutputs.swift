import BursarConsole
import BursarFiles
import BursarFoundation
package import ServerSettings
package import SystemPackage

/// An output of a stack.
package enum StackOutput: String, CaseIterable, Sendable {
    case roleARN = "RoleArn"
    case region = "Region"
    case regions = "Regions"
    case externalID = "ExternalId"
    case sessionTags = "SessionTags"
    case sourceIdentity = "SourceIdentity"
    case allow = "Allow"
    case serverRoleARN = "ServerRoleArn"
    case instanceProfile = "InstanceProfile"
    case logGroup = "LogGroup"
    case volumeID = "VolumeId"

    /// The server's setting for this output; nil where there is none.
    package var setting: Setting? {
        switch self {
        case .roleARN: .roleARN
        case .region: .region
        case .regions: .regions
        case .externalID: .externalID
        case .sessionTags: .sessionTags
        case .sourceIdentity: .sourceIdentity
        case .allow: .allow
        case .logGroup: .headsLogGroup
        case .serverRoleARN, .instanceProfile, .volumeID: nil
        }
    }

    package var summary: String {
        switch self {
        case .roleARN: "The role that researchers get sessions of"
        case .region: "The region of the STS endpoint"
        case .regions: "Where bearer tokens are made, the usual region first"
        case .externalID: "What the server sends along with AssumeRole"
        case .sessionTags: "Whether sessions may carry tags"
        case .sourceIdentity: "Whether sessions may carry SourceIdentity"
        case .allow: "The addresses that may ask the server"
        case .serverRoleARN: "The role that the server runs as"
        case .instanceProfile: "The instance profile for the server"
        case .logGroup: "The log group that the server writes the chain's heads to"
        case .volumeID: "The volume for the database"
        }
    }
}

/// The outputs of a stack, by name.
package struct StackOutputs: Equatable, Sendable {
    package let values: [StackOutput: String]

    /// Takes outputs as CloudFormation lists them, and ignores unknown names.
    package init(_ named: [String: String]) {
        let known = named.compactMap { name, value in StackOutput(rawValue: name).map { ($0, value) } }
        values = Dictionary(known) { first, _ in first }
    }

    package subscript(_ output: StackOutput) -> String? { values[output] }

    /// The server's settings that follow from the outputs, in the order of ``StackOutput``.
    package var settings: [(setting: Setting, value: String)] {
        StackOutput.allCases.compactMap { output in
            guard let setting = output.setting, let value = values[output] else { return nil }
            return (setting, value)
        }
    }

    /// `BURSAR_ROLE_ARN=…` and so on, a line each: an environment file for systemd or a container.
    package var environment: String {
        settings.map { "\($0.setting.environmentName)=\($0.value)" }.joined(separator: "\n")
    }
}

extension StackOutputs {
    private struct Document: Decodable {
        let outputs: [String: String]
    }

    /// Reads outputs as `status` and `apply` print them with `--format json`.
    ///
    /// - Throws: ``UserFacingError`` when the file has none, or `FileError`.
    package static func read(_ path: FilePath) throws -> StackOutputs {
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
