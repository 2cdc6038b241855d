/// Exit codes of `creds exec` where it isn't the command's: those of `env`, so that scripts can tell.
enum ExecExitCode {
    static let failed: Int32 = 125
    static let notExecutable: Int32 = 126
    static let notFound: Int32 = 127
}

extension ProcessExec.Failure {
    var exitCode: Int32 {
        switch self {
        case .notFound: ExecExitCode.notFound
        case .notExecutable, .system: ExecExitCode.notExecutable
        }
    }
}
