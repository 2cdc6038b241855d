import BursarFoundation
import Testing

@testable import BursarInput

/// CloudTrail's files, cut into events.
@Suite struct JSONElementsTests {
    private func cut(_ text: String, pieces: Int = .max) throws -> [String] {
        var elements = JSONElements(.cloudTrail)
        var found: [String] = []
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            try Array(rest.prefix(pieces)).withUnsafeBytes { bytes in
                try elements.append(bytes) { found.append(String(decoding: $0, as: UTF8.self)) }
            }
            rest = rest.dropFirst(min(pieces, rest.count))
        }
        try elements.finish()
        return found
    }

    private static let event = #"{"a":{"b":["}",{"c":"\"]"}]},"Records":[{"no":1}]}"#

    @Test(arguments: [
        #"{"Records":[E,E]}"#, #"{"Records" : [ E ] }{"Records":[E]}"#, #"{"Events":[E,E],"NextToken":"Records"}"#,
        #"{"Other":[{"x":1}],"Records":[E],"Events":[E]}"#, "[E, E]", "\u{FEFF}{\"Records\":[E,E]}\n",
        #"{"ignored":{"Records":[{"x":1}]},"Records":[E,E]}"#,
    ])
    func `events are found wherever the file is cut while it is read`(_ form: String) throws {
        let text = form.replacing("E", with: "\u{1}")
            .replacing("\u{1}vents", with: "Events").replacing("\u{1}", with: Self.event)
        for pieces in [1, 2, 13, .max] {
            #expect(try cut(text, pieces: pieces) == [Self.event, Self.event], "\(pieces)")
        }
    }

    @Test func `a list without events has none`() throws {
        #expect(try cut(#"{"Records":[]}"#).isEmpty)
    }

    @Test(arguments: [
        "", " ", "x", "<html>", #"{"Records":[{"#, #"{"Records":[{]}"#, #"{"Records":["#, #"{"Records":[1,[2]]}"#,
        #"{"Records":[]"#, "{\"a\nb\":1}", #""Records""#, String(repeating: "[", count: 300),
    ])
    func `what is no JSON, or is cut off, is refused`(_ text: String) {
        #expect(throws: JSONElements.ParseError.malformed) { try cut(text) }
    }

    @Test(arguments: ["{}", #"{"records":[]}"#, #"{"Records":{}}"#, #"{"a":{"Records":[]}}"#])
    func `JSON of another kind has no events, and is counted`(_ text: String) throws {
        var elements = JSONElements(.cloudTrail)
        let twice = text + "\n" + text
        try Array(twice.utf8).withUnsafeBytes { bytes in
            try elements.append(bytes) { _ in Issue.record("an event in \(text)") }
        }
        try elements.finish()
        #expect((elements.lists, elements.digests, elements.others) == (0, 0, 2))
    }

    @Test func `digests and lists of events are recognized, one after another`() throws {
        var elements = JSONElements(.cloudTrail)
        let text = #"{"awsAccountId":"1","logFiles":[{"s3Object":"x"}]}{"Records":[]} {"Records":[]}"#
        try Array(text.utf8).withUnsafeBytes { bytes in try elements.append(bytes) { _ in } }
        try elements.finish()
        #expect((elements.lists, elements.digests, elements.others) == (2, 1, 0))
    }

    @Test func `an event larger than CloudTrail writes is refused`() {
        let long = String(repeating: "x", count: JSONElements.Form.cloudTrail.longest)
        #expect(throws: JSONElements.ParseError.tooLarge) { try cut(#"{"Records":[{"a":"\#(long)"}]}"#) }
    }
}
