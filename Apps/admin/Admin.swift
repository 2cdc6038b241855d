import ArgumentParser
import BursarModel

struct Admin: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "admin",
        abstract: "The operator's console: who has access, and who used it.",
        discussion: #"""
            The first researcher:
              admin database init
              admin researchers add ada --name "Ada Lovelace" \
                --email ada@example.edu --project engines
              admin keys issue ada

            The database is --database, else BURSAR_DATABASE, else what
            /etc/bursar/config.yaml says, else ~/.local/state/bursar/bursar.sqlite.
            Commands work while a server runs on it; the server obeys within a second.
            Each change is on record with who made it.
            """#,
        version: Version.current,
        groupedSubcommands: [
            CommandGroup(
                name: "Access",
                subcommands: [
                    Researchers.self, Keys.self, Sessions.self, Vending.self,
                    Provision.self,
                ]
            ),
            CommandGroup(name: "Record", subcommands: [Usage.self, Audit.self, WhoIs.self]),
            CommandGroup(name: "Decision", subcommands: [WhatIf.self, Selftest.self, Policy.self]),
            CommandGroup(name: "Money", subcommands: [Spend.self]),
            CommandGroup(name: "AWS", subcommands: [AWS.self, IAM.self]),
            CommandGroup(name: "Upkeep", subcommands: [Database.self, Doctor.self, Completions.self]),
        ]
    )
}

extension Admin {
    struct Researchers: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "researchers",
            abstract: "Who may have access.",
            subcommands: [
                AddResearcher.self, ListResearchers.self, ShowResearcher.self, UpdateResearcher.self,
                DisableResearcher.self, EnableResearcher.self,
            ]
        )
    }

    struct Keys: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "keys",
            abstract: "The keys that researchers' machines present.",
            discussion: "Ids may be shortened to 4 characters or more that only one key begins with.",
            subcommands: [
                IssueKey.self, ListKeys.self, ShowKey.self, UpdateKey.self, RotateKey.self, RevokeKey.self,
                ImportKeys.self, IssueCanary.self,
            ]
        )
    }

    struct Sessions: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "sessions",
            abstract: "Sessions that AWS has issued: which live, and how to end them.",
            discussion: """
                What was handed out works to its end, whatever becomes of the key, unless a
                policy on the role denies it. `end` makes that policy, `denies` shows those
                that there are, `allow` takes one away.
                """,
            subcommands: [EndSessions.self, ListSessions.self, ListDenies.self, AllowSessions.self]
        )
    }

    struct Vending: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "vending",
            abstract: "The switch that stops all vending.",
            subcommands: [PauseVending.self, ResumeVending.self]
        )
    }

    struct Usage: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "usage",
            abstract: "Who used it, and how much.",
            subcommands: [ReportUsage.self, TopUsage.self, ExportUsage.self, PruneUsage.self]
        )
    }

    struct Spend: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "spend",
            abstract: "What calls cost, counted from Bedrock's log of them.",
            subcommands: [
                SetUpSpend.self, ShowSpendStatus.self, PullSpend.self, ImportSpend.self, ReportSpend.self,
                SpendPrices.self, ListQuarantine.self,
            ]
        )
    }

    struct SpendPrices: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "prices",
            abstract: "The prices of tokens, by which calls cost what they do.",
            discussion: """
                AWS's list prices come with the program, as of a day that `list` names; what is
                read or set later is added, and nothing is ever edited: a corrected price
                corrects past reports too. A price of yours goes before AWS's.
                """,
            subcommands: [
                ListPrices.self, UpdatePrices.self, SetPrice.self, RemovePrice.self, AliasModel.self,
            ]
        )
    }

    struct Audit: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "audit",
            abstract: "What is on record: who did what, and whether it still is as it was written.",
            discussion: """
                Each change that admin makes is recorded with who made it: the user who logged
                in, else who called sudo, else the process's user, and the host. That is the
                machine's own word, and whoever rules the machine can bend it.
                """,
            subcommands: [ListRecords.self, VerifyRecords.self, ReconcileSessions.self]
        )
    }

    struct Policy: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "policy",
            abstract: "IAM documents, ready to paste.",
            discussion: """
                Standard output is the JSON document and nothing else; what to do with it is
                said on standard error. What isn't given is taken from the server's settings,
                where they are.
                """,
            subcommands: [
                PrintTrustPolicy.self, PrintPermissionsPolicy.self, PrintSessionPolicy.self, PrintOperatorPolicy.self,
            ]
        )
    }

    struct AWS: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "aws",
            abstract: "The server's place in an AWS account: roles, log group and volume, as one CloudFormation stack.",
            discussion: """
                The stack holds what the server needs, and not the machine that it runs on:
                user-data prints what makes an instance a server.
                """,
            subcommands: [
                PlanStack.self, ApplyStack.self, ShowStackStatus.self, DestroyStack.self, PrintTemplate.self,
                PrintUserData.self,
            ]
        )
    }

    struct IAM: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "iam",
            abstract: "Long-term AWS keys, for systems that can't use short-term ones.",
            discussion: """
                Each business unit has one IAM user, BUSINESS-UNIT-bedrock-user, which may
                invoke Bedrock models and, without --full, nothing else. These commands act in
                AWS as you: with --aws-profile, else as AWS's own tools would.
                """,
            subcommands: [
                CreateIAMUser.self, ListIAMUsers.self, ShowIAMUser.self, RotateIAMKey.self, DeleteIAMUser.self,
                CheckIAMKeyAge.self,
            ]
        )
    }

    struct Database: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "database",
            abstract: "Make and look after the database.",
            subcommands: [
                InitDatabase.self, ShowDatabaseInfo.self, CheckDatabase.self, BackUpDatabase.self, RestoreDatabase.self,
                ReconcileDatabase.self, CopyDatabase.self, MigrateDatabase.self, DatabaseRole.self,
            ]
        )
    }
}
