import AWSAuth
import BursarFoundation
import BursarModel

/// Bearer tokens and signed STS requests per second on one thread; arguments: seconds for each.
let seconds = CommandLine.arguments.dropFirst().first.flatMap { Double($0) } ?? 1
let credentials = AWSCredentials(
    accessKeyID: "ASIAIOSFODNN7EXAMPLE",
    secretAccessKey: Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"),
    sessionToken: CommandLine.arguments.contains("long") ? Secret(String(repeating: "IQoJb3Jp/+", count: 100)) : nil
)
let keys = SigningKeyCache()
let signer = SigV4(service: "sts", region: "us-east-1", keys: keys)
let request = SigningRequest(
    method: "POST",
    url: "https://sts.us-east-1.amazonaws.com/",
    headers: [("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")],
    payload: .bytes(Data("Action=GetCallerIdentity&Version=2011-06-15".utf8))
)

/// Runs `work` with a new second each time, so that no two results are the same.
func rate(_ work: (Date) throws -> Int) rethrows -> Int {
    let clock = ContinuousClock()
    let start = clock.now
    let end = start.advanced(by: .seconds(seconds))
    var count = 0
    var bytes = 0
    while clock.now < end {
        for _ in 0..<100 {
            bytes += try work(Date(timeIntervalSince1970: 1_767_323_045 + Double(count % 3600)))
            count += 1
        }
    }
    precondition(bytes > 0)
    return Int(Double(count) / (start.duration(to: clock.now) / .seconds(1)))
}

let tokens = try rate { date in
    try BedrockToken.provide(region: "us-east-1", credentials: credentials, at: date, keys: keys)
        .value.reveal().utf8.count
}
let requests = try rate { date in
    try signer.sign(request, with: credentials, at: date).headers.count
}
print("\(tokens) \(requests)")
