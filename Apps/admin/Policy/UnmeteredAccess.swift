import AWSAuth
import ArgumentParser
import BursarConsole

/// What researchers may do besides, that the model invocation log doesn't meter: the same options wherever a policy for
/// them is made.
struct UnmeteredAccess: ParsableArguments {
    @Flag(inversion: .prefixedNo, help: "global. inference profiles too, which AWS serves from anywhere.")
    var allowGlobal: Bool?
    @Flag(inversion: .prefixedNo, help: "Bidirectional streams too (Nova Sonic); not metered by invocation logs.")
    var allowStreams: Bool?
    @Flag(inversion: .prefixedNo, help: "The priority and reserved service tiers too, which cost more.")
    var allowTiers: Bool?
    @Flag(inversion: .prefixedNo, help: "The bedrock-mantle endpoint too; not metered by invocation logs.")
    var mantle: Bool?

    /// Opens in `policy` what is asked for; nil leaves it as it is.
    func open(_ policy: inout AccessPolicy) {
        policy.allowsStreams = allowStreams ?? policy.allowsStreams
        policy.allowsTiers = allowTiers ?? policy.allowsTiers
        policy.allowsMantle = mantle ?? policy.allowsMantle
    }
}

extension AccessPolicy {
    /// What a policy opens that no log of Bedrock's shows, or not at its price.
    var unmetered: [UserFacingError] {
        var warnings: [UserFacingError] = []
        if allowsMantle {
            warnings.append(
                UserFacingError(
                    "bedrock-mantle is open: not metered by invocation logs",
                    hint: "keys with --models don't reach it; the bill alone shows what others spend there"
                )
            )
        }
        if allowsStreams {
            warnings.append(UserFacingError("bidirectional streams are open: not metered by invocation logs"))
        }
        if allowsTiers {
            warnings.append(
                UserFacingError(
                    "the priority and reserved tiers are open: they cost more than a log without bodies tells"
                )
            )
        }
        return warnings
    }
}
