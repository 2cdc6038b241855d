import AWSAuth
import BursarModel

/// What a stack tells of itself once it is there.
extension StackParts {
    var outputs: [String: TemplateValue] {
        var values: [StackOutput: TemplateValue] = [
            .roleARN: .attribute("Arn", of: Name.bedrockRole.rawValue),
            .region: .reference("AWS::Region"),
            .regions: .text(choices.tokenRegions.joined(separator: ",")),
            .sessionTags: .text(Self.features.tagsSessions ? "yes" : "no"),
            .sourceIdentity: .text(Self.features.setsSourceIdentity ? "yes" : "no"),
            .serverRoleARN: .attribute("Arn", of: Name.serverRole.rawValue),
            .logGroup: .reference(Name.logGroup.rawValue),
        ]
        if choices.serverTrust == .instance {
            values[.instanceProfile] = .reference(Name.instanceProfile.rawValue)
        }
        values[.externalID] = choices.externalID.map { .text($0) }
        values[.allow] = choices.allowed.map { .text($0.description) }
        values[.volumeID] = choices.volume.map { _ in .reference(Name.volume.rawValue) }
        return Dictionary(
            uniqueKeysWithValues: values.map { ($0.rawValue, ["Description": .text($0.summary), "Value": $1]) }
        )
    }
}
