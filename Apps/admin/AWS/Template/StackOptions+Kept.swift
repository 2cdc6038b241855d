import BursarConsole

extension StackOptions {
    /// These options, and what a stack has for those that aren't given.
    func keeping(_ kept: DeployedOptions) -> Self {
        var options = self
        if models.isEmpty { options.models = kept.models ?? [] }
        // A stack that limits no regions was made before the stack's own was the limit, or with --regions '*'.
        if regions.isEmpty { options.regions = kept.regions ?? [Self.anyMark] }
        if access.allowGlobal == nil, options.regions != [Self.anyMark] {
            options.access.allowGlobal = kept.allowGlobal
        }
        options.access.allowStreams = access.allowStreams ?? kept.allowStreams
        options.access.allowTiers = access.allowTiers ?? kept.allowTiers
        options.access.mantle = access.mantle ?? kept.mantle
        options.externalID = externalID ?? kept.externalID
        options.maxSession = maxSession ?? kept.maxSession
        if ip.isEmpty { options.ip = kept.addresses.map { [$0] } ?? [] }
        options.permissionsBoundary = permissionsBoundary ?? kept.permissionsBoundary
        if tag.isEmpty { options.tag = kept.tags ?? [] }
        options.availabilityZone = availabilityZone ?? kept.availabilityZone
        if volumeSize == nil, options.availabilityZone?.isEmpty == false { options.volumeSize = kept.volumeSize }
        options.server = server.keeping(kept)
        return options
    }

    /// Checks what is given before anything is asked of AWS, where the rest may be what a stack has.
    func check(region: String) throws {
        var whole = self
        if volumeSize != nil, availabilityZone == nil { whole.availabilityZone = region + "a" }
        if !server.isGiven { whole.server.serviceAccount = nil }
        _ = try StackTemplate(whole.choices(region: region))
    }
}
