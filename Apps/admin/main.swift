import BursarConsole
import BursarFoundation

// In a block: what stands here by itself is seen by every file.
do {
    let arguments = ProgramArguments.orExit(program: "admin")
    let terminal = Terminal(program: "admin", environment: ProcessInfo.processInfo.environment)
    ProcessNeeds.orExit(terminal)
    await Admin.start(arguments, terminal)
}
