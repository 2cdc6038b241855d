#if DEBUG || FUZZING
package import AWSAuth
import BursarFoundation

extension UntrustedInput {
    /// Parses `bytes` like ``isAccepted(_:)``, with the JSON responses of Bedrock, Logs and IAM as well.
    package func isAcceptedByClients(_ bytes: [UInt8]) -> Bool {
        guard self == .json else { return isAccepted(bytes) }
        let body = Data(bytes)
        let decoder = JSONDecoder()
        return isAccepted(bytes)
            || (try? decoder.decode(ConverseResponse.self, from: body)) != nil
            || (try? decoder.decode(FoundationModel.self, from: body)) != nil
            || (try? decoder.decode(InferenceProfile.self, from: body)) != nil
            || (try? decoder.decode(InvocationLogging.self, from: body)) != nil
            || (try? decoder.decode(LogGroup.self, from: body)) != nil
            || (try? decoder.decode(LogEvent.self, from: body)) != nil
            || (try? decoder.decode(StoredPolicy.self, from: body)) != nil
    }
}
#endif
