import BursarModel

/// The everyday run, `creds process [--profile NAME]` with a fresh session: no argument parser, no JSON library.
///
/// Those take longer than all the rest. Whatever isn't plain here goes the long way, which decides and explains.
struct CacheHit {
    private let name: ProfileName

    /// nil when the words after the program's name say anything else.
    init?(_ words: [String]) {
        switch words {
        case ["process"]: name = .standard
        case _ where words.count == 3 && words[0] == "process" && words[1] == "--profile":
            guard let name = try? ProfileName(parsing: words[2]) else { return nil }
            self.name = name
        default: return nil
        }
    }

    func output(_ context: CredsContext) -> Secret<String>? {
        guard let id = try? context.profiles().cacheID(of: name), let cache = try? context.cache(id),
            let session = cache.read(), session.isFresh(at: context.now())
        else { return nil }
        return session.output
    }
}
