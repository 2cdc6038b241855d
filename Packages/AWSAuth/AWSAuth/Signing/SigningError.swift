/// Why nothing could be signed.
public enum SigningError: Error, Sendable, Equatable {
    /// Not absolute http or https, or with a user, a fragment, a blank or a control character in it.
    case malformedURL
    /// Not whole seconds, or outside 1 second to the limit of what is signed (presigned URL: 7 days, bearer token: 12 h).
    case expiryOutOfRange
    /// The region isn't the name of one: 1 to 63 letters, digits and hyphens, with a letter, no hyphen at the ends.
    case malformedRegion
    /// The credentials have ended.
    case credentialsEnded
}
