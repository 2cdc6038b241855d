import BursarModel
import Testing
import Vending

@Suite struct PasswordHashTests {
    @Test func `a hash is a PHC string with OWASP's parameters, and matches its secret only`() throws {
        var random = SystemRandomNumberGenerator()
        let hash = try PasswordHash(of: Secret("hunter2"), using: &random)
        #expect(hash.phc.hasPrefix("$argon2id$v=19$m=19456,t=2,p=1$"))
        #expect(try hash.matches(Secret("hunter2")))
        #expect(try !hash.matches(Secret("hunter3")))
    }

    @Test func `a hash of libargon2's own tests matches`() throws {
        // RFC 9106's reference implementation, test.c: argon2id, t=2, m=2^8, p=1, "password", "somesalt".
        let phc = "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"
        #expect(try #require(PasswordHash(phc: phc)).matches(Secret("password")))
    }

    @Test(arguments: [(256, 1), (1024, 1), (64, 1), (4096, 4)])
    func `hashes of any size follow each other on one thread`(_ memory: UInt32, _ lanes: UInt32) throws {
        var random = SystemRandomNumberGenerator()
        let parameters = Argon2Parameters(memoryKiB: memory, passes: 1, lanes: lanes)
        let hash = try PasswordHash(of: Secret("hunter2"), parameters: parameters, using: &random)
        for secret in ["hunter2", "hunter3", "hunter2"] {
            #expect(try hash.matches(Secret(secret)) == (secret == "hunter2"))
        }
    }

    @Test(arguments: [
        "", "hunter2", "$argon2i$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65", "$argon2id$v=16$m=256,t=2,p=1$c29t$nf65",
        "$argon2id$v=19$m=4194304,t=2,p=1$c29tZXNhbHQ$nf65", "$argon2id$v=19$m=256,t=1000,p=1$c29tZXNhbHQ$nf65",
        "$argon2id$v=19$m=256,t=2,p=64$c29tZXNhbHQ$nf65", "$argon2id$v=19$m=256,t=2$c29tZXNhbHQ$nf65",
        "$argon2id$v=19$m=-1,t=2,p=1$c29tZXNhbHQ$nf65", "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65",
        "$argon2id$v=19$m=256,t=2,p=1$c29t$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
        "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhb*Q$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4",
    ])
    func `a stored hash of another kind, or one that asks for too much, is not read`(_ phc: String) {
        #expect(PasswordHash(phc: phc) == nil)
    }
}
