import BursarModel
import Vending

/// Verifies a key as the server does, and prints the duration of each run in milliseconds.
let runs = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 20
var random = SystemRandomNumberGenerator()
let key = ResearcherKey(using: &random)
let hash = try PasswordHash(of: key.text, using: &random)
let pool = try HashingPool(width: 1)
guard let loopback = CIDRBlock("127.0.0.1") else { preconditionFailure("an address is a block of one") }
for _ in 0..<runs {
    let start = ContinuousClock.now
    let isRight = try await pool.verify(key, against: hash, from: loopback)
    let took = start.duration(to: .now)
    precondition(isRight, "the key was not recognised")
    print(took / .milliseconds(1))
}
