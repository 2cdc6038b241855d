import BursarFoundation
import BursarModel
import Testing

@Suite struct ProcessOutputTests {
    private static let good = """
        {"Version":1,"AccessKeyId":"ASIAIOSFODNN7EXAMPLE","SecretAccessKey":"wJalrXUtnFEMI/K7MDENG","SessionToken":\
        "AQoDYXdzEJr1K/8w==EXAMPLE","Expiration":"2026-01-02T03:04:05Z"}
        """

    @Test func `credentials read back as they were printed`() throws {
        let output = try ProcessOutput(parsing: Data(Self.good.utf8))
        #expect(output.json(.zulu).reveal() == Self.good)
        #expect(output.json(.offset).reveal().contains(#""Expiration":"2026-01-02T03:04:05+00:00"}"#))
    }

    @Test(arguments: ["", "<html>", "[]", "null", "5", "\"s\"", "{", #"{"Version":1"#])
    func `a body that is no object is refused`(_ body: String) {
        #expect(throws: ProcessOutput.ParseError.self) { try ProcessOutput(parsing: Data(body.utf8)) }
    }

    @Test(arguments: [
        ("Version", "\"1\""), ("AccessKeyId", "5"), ("AccessKeyId", "\"\""),
        ("AccessKeyId", "\"ASIA IOSFODNN7EXAMPLE\""),
        ("SecretAccessKey", "null"), ("SecretAccessKey", #""wJalrXUtnFEMI\n""#),
        ("SecretAccessKey", #""wJalrXUtnFEM\"xx""#),
        ("SessionToken", "[]"), ("SessionToken", "\"\""), ("Expiration", "5"), ("Expiration", "\"soon\""),
    ])
    func `a wrong field is named`(_ field: String, _ value: String) throws {
        let pattern = try Regex(#""\#(field)":("[^"]*"|1)"#)
        let body = Self.good.replacing(pattern, with: "\"\(field)\":\(value)")
        #expect(body != Self.good)
        #expect(throws: ProcessOutput.ParseError.field(field)) { try ProcessOutput(parsing: Data(body.utf8)) }
    }

    @Test(arguments: ["AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"])
    func `a missing field is named`(_ field: String) {
        let body = Self.good.replacing("\"\(field)\"", with: "\"Other\"")
        #expect(throws: ProcessOutput.ParseError.field(field)) { try ProcessOutput(parsing: Data(body.utf8)) }
    }

    @Test func `another version is refused`() {
        let body = Self.good.replacing("\"Version\":1", with: "\"Version\":2")
        #expect(throws: ProcessOutput.ParseError.wrongVersion) { try ProcessOutput(parsing: Data(body.utf8)) }
    }
}
