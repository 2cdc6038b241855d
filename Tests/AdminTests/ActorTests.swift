import Testing

@testable import admin

/// Who a command says is behind it.
@Suite struct ActorTests {
    @Test func `it is somebody on some host, in one printable word`() {
        let actor = Actor.current(["SUDO_USER": "ada\u{1B}[31m \u{9B}lovelace"]).description
        #expect(actor.split(separator: "@").count == 2)
        #expect(actor.unicodeScalars.allSatisfy { $0.value > 0x20 && !(0x7F...0x9F).contains($0.value) })
    }
}
