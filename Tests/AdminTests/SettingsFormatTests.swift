import BursarConsole
import Testing

@testable import admin

/// The server's settings that follow from a stack's outputs.
struct SettingsFormatTests {
    @Test(arguments: SettingsFormat.allCases, ["a\nBURSAR_INSECURE_HTTP=yes", "a\u{1B}[2J", "a\u{9B}2J", "a\u{202E}b"])
    func `an output that isn't one line of text makes no settings`(_ format: SettingsFormat, _ value: String) throws {
        #expect(throws: UserFacingError.self) { try format.text(StackOutputs(["ExternalId": value])) }
        #expect(try format.text(StackOutputs(["ExternalId": "a:b/c"])).contains("a:b/c"))
    }
}
