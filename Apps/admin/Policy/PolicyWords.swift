import BursarCore
import Console

/// What policies are made from, as it is typed.
enum PolicyWords {
    static func addresses(_ typed: [String], _ option: Problem.Place = .option("--ip")) throws(Problem) -> AddressList {
        do throws(AddressList.Fault) {
            return try AddressList(parsing: typed.joined(separator: ","))
        } catch {
            switch error {
            case .malformed(let entry):
                throw Problem.value(
                    of: option,
                    "\"\(entry)\" \(AddressList.flaw(of: entry))",
                    hint: "write it as 192.0.2.0/24"
                )
            case .empty: throw Problem.value(of: option, "names no address")
            case .tooLong: throw Problem.value(of: option, "names more than \(AddressList.longest) blocks")
            }
        }
    }
}
