import AWSAuth
import BursarCore

/// What a stack is to be made of, every value checked.
struct StackChoices: Equatable {
    /// A block volume for the database.
    struct Volume: Equatable {
        let availabilityZone: String
        /// In GiB.
        let size: Int
    }

    let stackName: String
    let region: String
    /// The only models that researchers may invoke; nil is any.
    var models: ModelList?
    /// Where researchers may call AWS at all; nil is anywhere.
    var regions: AccessPolicy.Regions?
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

    var partition: Partition { Partition(region: region) }

    init(stackName: String, region: String) {
        self.stackName = stackName
        self.region = region
        tokenRegions = [region]
    }
}
