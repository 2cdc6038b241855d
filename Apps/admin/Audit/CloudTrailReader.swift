import Console
import SystemPackage

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Reads CloudTrail's files: as S3 holds them, unpacked; as `aws cloudtrail lookup-events` prints them; folders of them.
struct CloudTrailReader {
    /// Sessions that are kept at once; with what is on record of it, each takes about a KiB.
    static let limit = 1_000_000

    private(set) var events: [AssumeRoleEvent] = []
    /// Events that don't say which access key they are about, so that they can't be held against anything.
    private(set) var keyless = 0

    mutating func read(_ argument: String) throws {
        var isFolder = false
        if argument != "-" {
            isFolder = (try? FilePath(argument).stat().type) == .directory
        }
        guard isFolder else { return try readFile(argument) }
        let names = try Self.names(in: argument)
        guard !names.isEmpty else {
            throw Problem("there is no .json file in \(argument)", hint: Self.unpacking(argument))
        }
        for name in names { try readFile(argument + "/" + name) }
    }

    private mutating func readFile(_ argument: String) throws {
        let source = ByteSource(argument)
        var elements = JSONElements()
        var isFirst = true
        do {
            try source.read { bytes in
                if isFirst, bytes.starts(with: [0x1F, 0x8B]) {
                    throw Problem("\(source.name) is packed", hint: "gunzip -c FILE | admin audit reconcile -")
                }
                isFirst = false
                try elements.append(bytes) { try take($0) }
            }
            try elements.finish()
        } catch is DecodingError {
            throw Problem("\(source.name) holds an event that is not CloudTrail's", hint: Self.forms)
        } catch is AssumeRoleEvent.Fault {
            throw Problem("\(source.name) holds an AssumeRole event without its time or source", hint: Self.forms)
        } catch let fault as JSONElements.Fault {
            switch fault {
            case .malformed: throw Problem("\(source.name) is not JSON, or it is cut off", hint: Self.forms)
            case .noEvents: throw Problem("\(source.name) holds neither Records nor Events", hint: Self.forms)
            case .tooLarge: throw Problem("\(source.name) holds an event that is larger than CloudTrail writes")
            }
        }
    }

    private mutating func take(_ element: ArraySlice<UInt8>) throws {
        let event: AssumeRoleEvent?
        do {
            event = try AssumeRoleEvent(json: element)
        } catch AssumeRoleEvent.Fault.keyless {
            keyless += 1
            return
        }
        guard let event else { return }
        guard events.count < Self.limit else {
            throw Problem("more than \(Self.limit) sessions", hint: "give the files of fewer days at once")
        }
        events.append(event)
    }

    private static let forms = "files of CloudTrail's bucket, or what `aws cloudtrail lookup-events` prints"

    private static func unpacking(_ folder: String) -> String {
        "find \(folder) -name '*.json.gz' -exec gunzip -c {} + | admin audit reconcile -"
    }

    /// The JSON files below `folder`, in their order; packed ones are refused, since leaving them out would mislead.
    private static func names(in folder: String) throws -> [String] {
        let all: [String]
        do {
            all = try FileManager.default.subpathsOfDirectory(atPath: folder)
        } catch {
            throw Problem("\(folder) can't be read")
        }
        if let packed = all.first(where: { $0.hasSuffix(".json.gz") }) {
            throw Problem("\(folder)/\(packed) is packed", hint: unpacking(folder))
        }
        return all.filter { $0.hasSuffix(".json") }.sorted()
    }
}
