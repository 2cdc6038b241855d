import BursarModel
import TestSupport
import Testing

@Suite struct ModelPatternTests {
    @Test(arguments: [
        ("anthropic.claude-3-haiku-20240307-v1:0", "anthropic.claude-3-haiku-20240307-v1:0"),
        ("anthropic.claude-*", "anthropic.claude-3-haiku-20240307-v1:0"), ("anthropic.claude-*", "anthropic.claude-"),
        ("*", "meta.llama3-8b-instruct-v1:0"), ("*", ""), ("*.claude-*", "anthropic.claude-3"), ("a*a", "aa"),
        ("*-v1:0", "amazon.titan-v1:0"), ("a*b*c", "a--b--b--c"), ("a*b*b", "abb"), ("*ab*ab", "abab"), ("a*", "a"),
    ])
    func `a pattern matches what its stars can stand for`(_ pattern: String, _ model: String) {
        #expect(ModelPattern(pattern)?.matches(model) == true)
    }

    @Test(arguments: [
        ("anthropic.claude-3", "anthropic.claude-3-haiku"), ("anthropic.claude-3", "Anthropic.claude-3"),
        ("anthropic.claude-*", "anthropic.claude"), ("anthropic.claude-*", "eu.anthropic.claude-3"),
        ("*-v1:0", "amazon.titan-v1:0x"), ("a*a", "a"), ("ab*ba", "aba"), ("a*b*b", "ab"), ("*ab*ab", "xab"),
        ("a.c", "abc"), ("a", ""),
    ])
    func `a pattern matches nothing else`(_ pattern: String, _ model: String) {
        #expect(ModelPattern(pattern)?.matches(model) == false)
    }

    @Test(arguments: [
        "", "**", "a**b", "a b", "a,b", "a/b", "a?b", "a\"b", "${aws:userid}", "ä", "a\n", "a\0", "arn:aws:bedrock:*/x",
        String(repeating: "a", count: 129),
    ])
    func `what could leave its place in an ARN is no pattern`(_ text: String) {
        #expect(ModelPattern(text) == nil)
    }

    @Test func `matching agrees with a plain definition of it`() throws {
        var random = SeededGenerator(seed: 7)
        for _ in 0..<5000 {
            let pattern = Self.word("ab*", upTo: 7, using: &random)
            let model = Self.word("ab", upTo: 9, using: &random)
            guard let read = ModelPattern(pattern) else {
                #expect(pattern.isEmpty || pattern.contains("**"))
                continue
            }
            #expect(
                read.matches(model) == Self.matches(Array(pattern)[...], Array(model)[...]),
                "\(pattern) and \(model)"
            )
        }
    }

    private static func word(_ letters: String, upTo length: Int, using random: inout SeededGenerator) -> String {
        String(
            (0..<Int.random(in: 0...length, using: &random)).compactMap { _ in letters.randomElement(using: &random) }
        )
    }

    private static func matches(_ pattern: ArraySlice<Character>, _ model: ArraySlice<Character>) -> Bool {
        guard let first = pattern.first else { return model.isEmpty }
        guard first == "*" else { return model.first == first && matches(pattern.dropFirst(), model.dropFirst()) }
        return matches(pattern.dropFirst(), model) || (!model.isEmpty && matches(pattern, model.dropFirst()))
    }
}

@Suite struct ModelListTests {
    @Test func `a list allows what one of its patterns matches`() throws {
        let list = try #require(ModelList(" anthropic.claude-* , meta.llama3-8b-instruct-v1:0"))
        #expect(list.allows("anthropic.claude-3"))
        #expect(list.allows("meta.llama3-8b-instruct-v1:0"))
        #expect(!list.allows("meta.llama3-70b-instruct-v1:0"))
        #expect(list.description == "anthropic.claude-*,meta.llama3-8b-instruct-v1:0")
        #expect(ModelList(list.description) == list)
    }

    @Test(arguments: [
        "", ",", "a,", ",a", "a,,b", "a,b c", "a;b", "*,**", Array(repeating: "a", count: 65).joined(separator: ","),
    ])
    func `a list with an entry that is no pattern, with none or too many, is refused`(_ text: String) {
        #expect(ModelList(text) == nil)
    }
}
