import BursarFiles
import BursarFoundation
import SystemPackage
import TestSupport
import Testing

struct AbandonedFilesTests {
    private let folder: TemporaryFolder
    private let now = Date(timeIntervalSince1970: 1_800_000_000)

    init() throws {
        folder = try TemporaryFolder()
    }

    @Test(arguments: [(599, true), (601, false), (-3600, true)])
    func `what a killed run left goes when nobody can be at work on it any longer`(age: Int, stays: Bool) throws {
        try make(".bursar-abc", age: age)
        AbandonedFiles.remove(from: folder.path, at: now)
        #expect(try folder.names.isEmpty != stays)
    }

    @Test func `nothing else goes`() throws {
        try make("bursar-abc", age: 5000)
        try make("config", age: 5000)
        try make("target", age: 5000)
        try folder.link(".bursar-link", to: "target")
        try FileManager.default.createDirectory(
            atPath: folder.path.appending(".bursar-folder").string,
            withIntermediateDirectories: false
        )
        let before = try folder.names
        AbandonedFiles.remove(from: folder.path, at: .distantFuture)
        #expect(try folder.names == before)
    }

    @Test func `a folder that isn't there is no error`() {
        AbandonedFiles.remove(from: folder.path.appending("nowhere"), at: now)
    }

    private func make(_ name: String, age: Int) throws {
        let file = try folder.write("", to: name)
        try FileManager.default.setAttributes(
            [.modificationDate: now.addingTimeInterval(TimeInterval(-age))],
            ofItemAtPath: file.string
        )
    }
}
