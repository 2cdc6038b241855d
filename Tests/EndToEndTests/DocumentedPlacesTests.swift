import BursarFoundation
import BursarModel
import TestSupport
import Testing

/// The targets of all links in the docs exist.
@Suite struct DocumentedPlacesTests {
    @Test func `every link of a page leads somewhere`() throws {
        for page in try Page.all() {
            for link in page.links where !link.hasPrefix("https://") && !link.hasPrefix("http://") {
                #expect(try Self.leads(link, from: page), "\(page.name): \(link)")
            }
        }
    }

    @Test func `every script that a page names is in the checkout`() throws {
        for page in try Page.all() {
            for name in page.text.matches(of: /Scripts\/[A-Za-z0-9][A-Za-z0-9_.\/-]*/) {
                let path = String(name.0).replacing(/[.\/]+$/, with: "")
                #expect(FileManager.default.fileExists(atPath: Checkout.root + path), "\(page.name): \(path)")
            }
        }
    }

    @Test func `every test that a page names is there`() throws {
        let files = try FileManager.default.subpathsOfDirectory(atPath: Checkout.root + "Tests")
        let names = Set(files.map { String($0.split(separator: "/").last?.prefix { $0 != "." } ?? "") })
        for page in try Page.all() {
            for code in page.inlineCode where code.contains(/^[A-Za-z]+Tests$/) {
                #expect(names.contains(code), "\(page.name): \(code)")
            }
        }
    }

    @Test func `troubleshooting has a row for each refusal, and for none that doesn't exist`() throws {
        let page = try Page("Docs/troubleshooting.md")
        let rows = page.prose.compactMap { $0.prefixMatch(of: /\| [0-9, ]+ \| `([a-z_]+)` \|/)?.1 }.map(String.init)
        #expect(rows.sorted() == ErrorCode.allCases.map(\.rawValue).sorted())
    }

    @Test func `the page of the HTTP API has each refusal at its status`() throws {
        let page = try Page("Docs/http-api.md")
        for code in ErrorCode.allCases {
            #expect(page.prose.contains { $0.hasPrefix("| \(code.status)") && $0.contains("| `\(code.rawValue)` |") })
        }
    }

    private static func leads(_ link: String, from page: Page) throws -> Bool {
        let parts = link.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false)
        let folder = URL(filePath: Checkout.root + page.name).deletingLastPathComponent()
        var target = parts[0].isEmpty ? URL(filePath: Checkout.root + page.name) : folder.appending(path: parts[0])
        var isFolder = false
        let manager = FileManager.default
        guard manager.fileExists(atPath: target.path(percentEncoded: false), isDirectory: &isFolder) else {
            return false
        }
        guard parts.count == 2 else { return true }
        if isFolder { target.append(component: "README.md") }
        let text = try String(contentsOfFile: target.path(percentEncoded: false), encoding: .utf8)
        return Page(name: "", text: text).anchors.contains(String(parts[1]))
    }
}
