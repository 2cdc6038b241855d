/// Where a service's requests go, and the region they are signed for.
public struct Endpoint: Sendable, Equatable {
    /// `https://host`, perhaps with a port and a path; no slash at the end.
    public let url: String
    public let signingRegion: String

    /// Whether it is this very machine, which no proxy has to do with.
    var isLoopback: Bool {
        URLParts(url)?.isLoopback ?? false
    }
}

/// Why there is no endpoint.
public enum EndpointError: Error, Sendable, Equatable {
    /// The region isn't the name of one, so it must not become part of a host name.
    case malformedRegion
    /// The region is of no partition that is supported.
    case partition(PartitionError)
    /// The setting of this name is not an absolute URL without user, query and fragment.
    case malformedURL(setting: String)
    /// The setting of this name is plain http to another machine.
    case plainHTTP(setting: String)
}
