/// What is wrong with a config file, and on which line (from 1).
///
/// No case repeats what the line holds.
enum ConfigFault: Error, Equatable {
    case notUTF8
    /// A setting before the first `[section]`.
    case noSection(line: Int)
    /// Neither a section, a comment, nor `name = value`.
    case notASetting(line: Int)
    case sectionTwice(line: Int)
    case settingTwice(line: Int)
    /// In an indented block, a line without `=`; the line is the block's first.
    case notANestedSetting(line: Int)
    /// `[DEFAULT]` and the sections multiply to more than ``ConfigParser/mostDefaults`` settings.
    case tooManyDefaults

    var description: String {
        switch self {
        case .notUTF8: "is not UTF-8"
        case .noSection(let line): "line \(line): a setting before the first [section]"
        case .notASetting(let line): "line \(line): neither a [section] nor name = value"
        case .sectionTwice(let line): "line \(line): this section stands here twice"
        case .settingTwice(let line): "line \(line): this setting stands twice in its section"
        case .notANestedSetting(let line): "line \(line): a line of this indented block has no ="
        case .tooManyDefaults: "[DEFAULT] has too many settings for so many sections"
        }
    }
}
