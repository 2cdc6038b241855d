#if DEBUG
import BursarFoundation
import SystemPackage
import TestSupport
import Testing

@testable import AWSAuth
@testable import AWSClients

struct UntrustedInputTests {
    static func corpus(_ kind: UntrustedInput) -> [FilePath] {
        let folder = FilePath(Checkout.root + "Tests/Fuzz/Corpus/\(kind.rawValue)")
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.string)) ?? []
        return names.map { folder.appending($0) }
    }

    @Test(arguments: UntrustedInput.allCases)
    func `every parser gets through what the fuzzer has found, and takes some of it`(kind: UntrustedInput) throws {
        let inputs = Self.corpus(kind)
        #expect(inputs.count >= 5)
        let accepted = try inputs.filter {
            kind.isAcceptedByClients(Array(try Data(contentsOf: URL(filePath: $0.string))))
        }
        #expect(!accepted.isEmpty && accepted.count < inputs.count)
    }

    @Test(arguments: ["[", "{\"a\":", "<a>", "[a]\n", "%", "\"", "\\"])
    func `a megabyte of one thing is refused, not followed`(piece: String) {
        let bytes = Array(String(repeating: piece, count: (1 << 20) / piece.utf8.count).utf8)
        for kind in UntrustedInput.allCases { _ = kind.isAcceptedByClients(bytes) }
    }
}
#endif
