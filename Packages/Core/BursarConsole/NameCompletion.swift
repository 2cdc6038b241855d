package import ArgumentParser

extension CompletionKind {
    /// Names that are looked up when Tab is pressed; `find` gets the words of the command line so far.
    ///
    /// zsh's `_describe` takes what follows a colon for a description, unless a backslash is before it.
    package static func names(_ find: @escaping @Sendable ([String]) -> [String]) -> CompletionKind {
        .custom { words, _, _ in
            let names = find(words)
            return CompletionShell.requesting == .zsh ? names.map { $0.replacing(":", with: #"\:"#) } : names
        }
    }
}
