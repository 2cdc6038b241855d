import BursarConsole
import BursarFoundation

// In a block, since top-level variables would be visible in every file.
do {
    let arguments = ProgramArguments.orExit(program: "admin")
    let terminal = Terminal(program: "admin", environment: ProcessInfo.processInfo.environment)
    ProcessNeeds.orExit(terminal)
    await Admin.start(arguments, terminal)
}
