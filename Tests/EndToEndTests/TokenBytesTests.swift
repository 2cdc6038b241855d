import BursarFoundation
import BursarModel
import TestSupport
import Testing

@Suite struct TokenBytesTests {
    /// Credentials of either kind, lifetimes and regions, all drawn at random for each run.
    @Test(arguments: 0..<12)
    func `creds token prints the bytes that AWS's own generator makes`(_ number: Int) async throws {
        let world = try World()
        var random = SystemRandomNumberGenerator()
        let region = try #require(["us-east-1", "eu-central-1", "us-gov-west-1", "cn-north-1"].randomElement())
        let seconds = Int.random(in: 1...43_200)
        var keys = [
            "AWS_ACCESS_KEY_ID": "AKIA" + Base62.random(length: 16, using: &random).uppercased(),
            "AWS_SECRET_ACCESS_KEY": Base62.random(length: 38, using: &random) + "+/",
        ]
        if number.isMultiple(of: 2) { keys["AWS_SESSION_TOKEN"] = Base62.random(length: 300, using: &random) + "/+==" }
        let creds = Checkout.program("creds")
        let arguments = words("token --from chain --format raw --region \(region) --ttl \(seconds)s")
        let ours = try await succeeded(world.run(creds, arguments, keys))
        let script = Checkout.root + "Tests/EndToEndTests/Peers/same-token.py"
        let theirs = try await world.run(Checkout.peer("python"), [script], keys, input: ours.output)
        #expect(try succeeded(theirs).output == ours.output)
    }
}
