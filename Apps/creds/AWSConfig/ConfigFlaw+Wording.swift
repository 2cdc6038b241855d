import Console
import SystemPackage

extension ConfigFlaw {
    /// In words for the person whose file it is.
    func problem(in file: FilePath) -> Problem {
        let place = line.map { "\(file), line \($0)" } ?? file.string
        let (what, hint) =
            switch kind {
            case .notUTF8: ("not UTF-8 text", "save it as UTF-8")
            case .noSection: ("something stands before the first [section]", "move it under its section, or delete it")
            case .sectionTwice: ("a section comes a second time", "join the two by hand")
            case .optionTwice: ("an option comes a second time in its section", "delete one of the two")
            case .noValue: ("neither a [section] nor name = value", "correct or delete the line")
            }
        return Problem("\(place): \(what)", hint: "\(hint): the AWS CLI refuses the whole file as it is")
    }
}
