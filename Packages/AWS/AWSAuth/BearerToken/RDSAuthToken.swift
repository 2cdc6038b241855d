public import BursarFoundation
public import BursarModel

/// A password for one connection to a database of Amazon RDS or Aurora, in place of a stored one.
///
/// A presigned `connect` request without its scheme, made without asking AWS; byte for byte what botocore's
/// `generate_db_auth_token` makes. A session that it opened outlives it.
/// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.Connecting.html
public enum RDSAuthToken {
    /// The lifetime of a token: 15 minutes.
    public static let lifetime = Duration.seconds(900)

    /// Makes a token without a request to AWS.
    ///
    /// - Parameters:
    ///   - host: the endpoint that the connection is made to, by its own name: RDS knows no other.
    ///   - port: the endpoint's.
    ///   - user: a database user that has the role `rds_iam`.
    ///   - region: the endpoint's.
    ///   - credentials: of a principal that may `rds-db:connect` as this user.
    ///   - date: the start of its lifetime.
    /// - Returns: the password.
    /// - Throws: ``SigningError``: for an invalid region or host, or expired credentials.
    public static func provide(
        host: String,
        port: Int,
        user: String,
        region: String,
        credentials: AWSCredentials,
        at date: Date
    ) throws(SigningError) -> Secret<String> {
        guard RegionName.isValid(region) else { throw .malformedRegion }
        if let end = credentials.expiration, end <= date { throw .credentialsEnded }
        let scheme = "https://"
        let request = SigningRequest(
            method: "GET",
            url: "\(scheme)\(host):\(port)/?Action=connect&DBUser=\(PercentEncoding.encode(user))"
        )
        let url = try SigV4(service: "rds-db", region: region)
            .presign(request, with: credentials, expiry: lifetime, at: date)
        return Secret(String(url.reveal().dropFirst(scheme.count)))
    }
}
