import BursarConsole
import BursarFoundation
import SystemPackage

/// Reads CloudTrail's files: as S3 holds them, packed or not; as `aws cloudtrail lookup-events` prints them; folders of
/// them.
///
/// A bucket holds more than events: digests, Insights, empty placeholders. What isn't events is passed over and counted,
/// unless a file that was named holds nothing else; what is damaged or cut off is refused, since leaving it out would
/// mislead.
struct CloudTrailReader {
    /// What is passed over.
    enum Other: String, CaseIterable {
        case digest
        case insight
        case empty = "empty file"
        case document = "other document"
    }

    /// Sessions that are kept at once; with what is on record of it, each takes about a KiB.
    static let limit = 1_000_000

    private(set) var events: [AssumeRoleEvent] = []
    /// Events that don't say which access key they are about, so that they can't be held against anything.
    private(set) var keyless = 0
    private var others: [Other: Int] = [:]

    mutating func read(_ argument: String) throws {
        var isFolder = false
        if argument != "-" {
            isFolder = (try? FilePath(argument).stat().type) == .directory
        }
        guard isFolder else { return try readFile(argument, isNamed: true) }
        let names = try Self.names(in: argument)
        guard !names.isEmpty else {
            throw UserFacingError("there is no .json or .json.gz file in \(argument)", hint: Self.forms)
        }
        for name in names {
            // What macOS writes beside a file, on disks that aren't its own.
            if name.split(separator: "/").last?.hasPrefix("._") == true {
                others[.document, default: 0] += 1
            } else {
                try readFile(argument + "/" + name, isNamed: false)
            }
        }
    }

    /// `3 digests, 1 insight`; nil when nothing was passed over.
    var passedOver: String? {
        let parts = Other.allCases.compactMap { other in
            others[other].map { $0 == 1 ? "1 \(other.rawValue)" : "\($0) \(other.rawValue)s" }
        }
        return parts.isEmpty ? nil : parts.joined(separator: ", ")
    }

    private mutating func readFile(_ argument: String, isNamed: Bool) throws {
        let source = ByteSource(argument)
        var elements = JSONElements()
        do {
            try source.read { bytes in
                try elements.append(bytes) { try take($0) }
            }
            guard !elements.isEmpty else {
                others[.empty, default: 0] += 1
                return
            }
            try elements.finish()
        } catch is DecodingError {
            throw UserFacingError("\(source.name) holds an event that is not CloudTrail's", hint: Self.forms)
        } catch is AssumeRoleEvent.ParseError {
            throw UserFacingError(
                "\(source.name) holds an AssumeRole event without its time or source",
                hint: Self.forms
            )
        } catch let fault as JSONElements.ParseError {
            switch fault {
            case .malformed: throw UserFacingError("\(source.name) is not JSON, or it is cut off", hint: Self.forms)
            case .tooLarge: throw UserFacingError("\(source.name) holds an event that is larger than CloudTrail writes")
            }
        }
        if isNamed, elements.lists == 0, elements.digests == 0 {
            throw UserFacingError("\(source.name) holds neither Records nor Events", hint: Self.forms)
        }
        if elements.digests > 0 { others[.digest, default: 0] += elements.digests }
        if elements.others > 0 { others[.document, default: 0] += elements.others }
    }

    private mutating func take(_ element: ArraySlice<UInt8>) throws {
        let event: AssumeRoleEvent?
        do {
            event = try AssumeRoleEvent(json: element)
        } catch AssumeRoleEvent.ParseError.keyless {
            keyless += 1
            return
        } catch AssumeRoleEvent.ParseError.insight {
            others[.insight, default: 0] += 1
            return
        }
        guard let event else { return }
        guard events.count < Self.limit else {
            throw UserFacingError("more than \(Self.limit) sessions", hint: "give the files of fewer days at once")
        }
        events.append(event)
    }

    private static let forms = "files of CloudTrail's bucket, or what `aws cloudtrail lookup-events` prints"

    /// The JSON files below `folder`, packed or not, in their order.
    private static func names(in folder: String) throws -> [String] {
        do {
            return try FileManager.default.subpathsOfDirectory(atPath: folder)
                .filter { $0.hasSuffix(".json") || $0.hasSuffix(".json.gz") }.sorted()
        } catch {
            throw UserFacingError("\(folder) can't be read")
        }
    }
}
