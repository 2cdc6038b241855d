import AWSAuth
import BursarConsole
import BursarModel

/// What a stack is to be made of, every value checked.
struct StackConfiguration: Equatable {
    /// A block volume for the database.
    struct Volume: Equatable {
        let availabilityZone: String
        /// In GiB.
        let size: Int
    }

    let stackName: String
    let region: String
    let partition: Partition
    /// The only models that researchers may invoke; nil is any.
    var models: ModelList?
    /// Where researchers may call AWS at all; nil is anywhere.
    var regions: AccessPolicy.Regions?
    /// Permissions for calls that the model invocation log omits, or records without their price.
    var allowsStreams = false
    var allowsTiers = false
    var allowsMantle = false
    /// Where the server makes bearer tokens, the usual region first.
    var tokenRegions: [String]
    var externalID: String?
    /// The longest session that the role gives.
    var longestSession = SessionDuration.oneHour
    /// Who may ask the server; nil is anybody.
    var allowed: AddressList?
    /// The ARN of a policy beyond which no role of the stack goes.
    var permissionsBoundary: String?
    var tags: [IAMTag] = []
    var volume: Volume?
    /// What the server runs on.
    var serverTrust = ServerTrust.instance

    /// Warnings about permissions that no Bedrock log covers.
    var unmetered: [UserFacingError] { StackParts(self).access(account: "").unmetered }

    /// A stack that researchers may call AWS in, and nowhere else.
    ///
    /// - Throws: ``PartitionError`` for what is no region of a partition that is supported.
    init(stackName: String, region: String) throws(PartitionError) {
        partition = try Partition(region: region)
        self.stackName = stackName
        self.region = region
        regions = AccessPolicy.Regions([region])
        tokenRegions = [region]
    }
}
