import AWSAuth
import BursarConsole
import BursarFoundation
import BursarModel
import ServerSettings

extension AdminContext {
    /// Does `work` in AWS as the operator, and words what AWS has against it.
    ///
    /// The region is the server's, where no other is given: it says which partition the roles are in.
    func inAWS<Result>(_ options: AWSOptions, _ work: (AWSAccount) async throws -> Result) async throws -> Result {
        do {
            let account = try account(options)
            let result = try await work(account)
            try account.changes?.finish()
            return result
        } catch
            where error is AWSError || error is CredentialError || error is EndpointError || error is PartitionError
        {
            throw AWSErrorMessages.problem(error, profile: options.awsProfile) ?? UserFacingError("AWS can't be asked")
        }
    }

    /// The account that the operator's credentials belong to; nothing is asked yet.
    func account(_ options: AWSOptions) throws -> AWSAccount {
        try options.check()
        var options = options
        if options.region == nil, let region = reader.text(.region) {
            _ = try Partition.reading(region: region, .elsewhere(reader.name(of: .region)))
            options.region = region
        }
        return try AWSAccount(
            options,
            changes: ChangeRecord(self),
            terminal: terminal,
            environment: environment,
            now: { Date() }
        )
    }
}
