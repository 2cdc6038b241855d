import BursarConsole

// In a block: top-level variables would be visible to every file.
do {
    let arguments = ProgramArguments.orExit(program: "creds")
    let context = CredsContext.live(calledAs: arguments.name)
    CLIRunner.start(arguments.words, context)
    await CLIRunner.run(arguments.words, context)
}
