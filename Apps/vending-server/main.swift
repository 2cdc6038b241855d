import BursarConsole
import BursarFoundation

// In a block: top-level variables would be visible to every file.
do {
    let arguments = ProgramArguments.orExit(program: "vending-server")
    let terminal = Terminal(program: "vending-server", environment: ProcessInfo.processInfo.environment)
    ProcessNeeds.orExit(terminal)
    await VendingServer.start(arguments, terminal)
}
