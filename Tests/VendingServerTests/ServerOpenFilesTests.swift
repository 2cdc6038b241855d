import BursarConsole
import ServerSettings
import Testing

@Suite struct ServerOpenFilesTests {
    @Test(arguments: [
        (20_128, 20_000, Finding.Status.ok), (20_127, 20_000, .warning), (192, 64, .ok), (192, 65, .warning),
        (191, 1, .problem), (1, 1, .problem),
    ])
    func `a limit is enough with the reserve, or too small to serve at all`(
        limit: Int,
        connections: Int,
        status: Finding.Status
    ) {
        let finding = ServerOpenFiles.finding(limit, connections: connections, of: "the limit")
        #expect(finding.status == status)
        #expect((finding.hint == nil) == (status == .ok))
    }

    @Test func `the limit of another process is what Linux shows of it`() {
        let content = """
            Limit                     Soft Limit           Hard Limit           Units
            Max processes             7654                 7654                 processes
            Max open files            1024                 524288               files
            Max locked memory         8388608              8388608              bytes
            """
        #expect(ServerOpenFiles.limit(in: content) == 1024)
        #expect(ServerOpenFiles.limit(in: content.replacing("1024  ", with: "unlimited")) == nil)
        #expect(ServerOpenFiles.limit(in: "") == nil)
    }
}
