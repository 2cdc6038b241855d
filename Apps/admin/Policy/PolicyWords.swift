import BursarCore
import Console

/// What policies are made from, as it is typed.
enum PolicyWords {
    static func models(_ typed: [String]) throws(Problem) -> ModelList {
        let entries = typed.flatMap { $0.split(separator: ",", omittingEmptySubsequences: false) }
        if let wrong = entries.first(where: { ModelPattern($0.trimmingASCIIWhitespace()) == nil }) {
            throw Problem(
                "--models \"\(wrong)\" is not a pattern of model ids",
                hint: "write it as anthropic.claude-* or meta.llama3-8b-instruct-v1:0"
            )
        }
        guard let list = ModelList(entries.compactMap { ModelPattern($0.trimmingASCIIWhitespace()) }) else {
            throw Problem("--models names more than \(ModelList.longest) patterns")
        }
        return list
    }

    static func addresses(_ typed: [String], _ option: String = "--ip") throws(Problem) -> AddressList {
        do throws(AddressList.Fault) {
            return try AddressList(parsing: typed.joined(separator: ","))
        } catch {
            switch error {
            case .malformed(let entry):
                throw Problem("\(option) \"\(entry)\" is not an address block", hint: "write it as 192.0.2.0/24")
            case .empty: throw Problem("\(option) names no address")
            case .tooLong: throw Problem("\(option) names more than \(AddressList.longest) blocks")
            }
        }
    }
}
