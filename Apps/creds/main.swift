import BursarConsole

// In a block: top-level variables would be visible to every file.
do {
    let arguments = ProgramArguments.orExit(program: "creds")
    await CLIRunner.run(arguments.words, CredsContext.live(calledAs: arguments.name))
}
