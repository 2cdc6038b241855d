import BursarModel
import Testing

@Suite struct SecretTests {
    private struct Holder {
        let name = "ada"
        let key = Secret("hunter2")
    }

    @Test func `no way of printing shows a secret`() {
        let secret = Secret("hunter2")
        var dumped = ""
        dump(secret, to: &dumped)
        dump(Holder(), to: &dumped)
        dump([secret], to: &dumped)
        let printed = [
            "\(secret)", String(describing: secret), String(reflecting: secret), "\([secret])", "\(["k": secret])",
            "\(Optional(secret) as Any)", "\(Holder())", String(reflecting: Holder()), dumped,
        ]
        #expect(printed.allSatisfy { !$0.contains("hunter2") })
        #expect("\(secret)" == "<redacted>")
    }

    @Test func `reveal is the way out`() {
        #expect(Secret("hunter2").reveal() == "hunter2")
    }

    @Test(arguments: [("a", "a", true), ("a", "b", false), ("a", "aa", false), ("", "", true), ("ab", "ba", false)])
    func `secrets are equal when every element is`(_ left: String, _ right: String, _ expected: Bool) {
        #expect((Secret(left) == Secret(right)) == expected)
    }
}
