// swift-tools-version: 6.2
import PackageDescription

// Read this file to see who may import whom. `Scripts/check` builds with the import check, so a target can't
// import what isn't named here, and holds libraries to the table in `Scripts/imports.tsv`.

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .treatAllWarnings(as: .error),
    .treatWarning("DeprecatedDeclaration", as: .warning),
]

// MARK: Libraries, each behind one target

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let certificateReloading = Target.Dependency.product(name: "NIOCertificateReloading", package: "swift-nio-extras")
let configuration = Target.Dependency.product(name: "Configuration", package: "swift-configuration")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let grdbSQLite = Target.Dependency.product(name: "GRDBSQLite", package: "GRDB.swift")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let hummingbirdTLS = Target.Dependency.product(name: "HummingbirdTLS", package: "hummingbird")
let hummingbirdTesting = Target.Dependency.product(name: "HummingbirdTesting", package: "hummingbird")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "CoreMetrics", package: "swift-metrics")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioHTTPTypes = Target.Dependency.product(name: "NIOHTTPTypes", package: "swift-nio-extras")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let nioTLS = Target.Dependency.product(name: "NIOTLS", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let mustache = Target.Dependency.product(name: "Mustache", package: "swift-mustache")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
let system = Target.Dependency.product(name: "SystemPackage", package: "swift-system")

func library(_ name: String, in package: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(
        name: name,
        dependencies: dependencies,
        path: "Packages/\(package)/\(name)",
        swiftSettings: settings
    )
}

func app(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
    .executableTarget(
        name: name,
        dependencies: dependencies,
        path: "Apps/\(name)",
        resources: resources,
        swiftSettings: settings
    )
}

func tests(
    of name: String,
    _ dependencies: [Target.Dependency],
    exclude: [String] = [],
    resources: [Resource] = []
) -> Target {
    .testTarget(
        name: "\(name)Tests",
        dependencies: dependencies,
        path: "Tests/\(name)Tests",
        exclude: exclude,
        resources: resources,
        swiftSettings: settings
    )
}

let package = Package(
    name: "bursar",
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "AWSAuth", targets: ["AWSAuth"]),
        .executable(name: "creds", targets: ["creds"]),
        .executable(name: "vending-server", targets: ["vending-server"]),
        .executable(name: "admin", targets: ["admin"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-configuration", from: "1.4.0", traits: ["YAML"]),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0", traits: []),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
    ],
    targets: [
        // MARK: Core: the words, and what the programs share
        library("BursarFoundation", in: "Core"),
        library("BursarModel", in: "Core", ["BursarFoundation"]),
        library("BursarFiles", in: "Core", ["BursarFoundation", "BursarModel", system]),
        .target(name: "CArguments", path: "Packages/Core/CArguments"),
        library("BursarConsole", in: "Core", ["BursarFoundation", "BursarModel", "CArguments", argumentParser]),
        library("INIParser", in: "Core", ["BursarFoundation", "BursarModel"]),
        .target(
            name: "CCurl",
            path: "Packages/Core/CCurl",
            linkerSettings: [.linkedLibrary("curl", .when(platforms: [.macOS]))]
        ),
        library("BursarHTTP", in: "Core", ["BursarFoundation", "BursarModel", "CCurl"]),
        .systemLibrary(
            name: "CZlib",
            path: "Packages/Core/CZlib",
            pkgConfig: "zlib",
            providers: [.apt(["zlib1g-dev"])]
        ),
        library("BursarInput", in: "Core", ["BursarConsole", "CZlib", system]),
        library("HTMLTemplates", in: "Core", ["BursarFoundation", crypto, mustache]),

        // MARK: Spend: what calls cost
        .target(
            name: "Spend",
            dependencies: ["BursarFoundation", "BursarModel", crypto],
            path: "Packages/Spend/Spend",
            resources: [.embedInCode("Prices/snapshot.tsv"), .embedInCode("Prices/models.tsv")],
            swiftSettings: settings
        ),

        // MARK: Vending: the decision
        .systemLibrary(
            name: "CArgon2",
            path: "Packages/Vending/CArgon2",
            pkgConfig: "libargon2",
            providers: [.apt(["libargon2-dev"]), .brew(["argon2"])]
        ),
        .target(name: "CHashMemory", path: "Packages/Vending/CHashMemory"),
        library("Vending", in: "Vending", ["BursarFoundation", "BursarModel", "CArgon2", "CHashMemory", crypto]),

        // MARK: Storage: the memory
        library(
            "Storage",
            in: "Storage",
            ["BursarFoundation", "BursarModel", "BursarFiles", "BursarConsole", "Spend", "Vending", crypto, system]
        ),
        library(
            "SQLiteStore",
            in: "Storage",
            [
                "BursarFoundation", "BursarModel", "BursarFiles", "BursarConsole", "Storage", crypto, grdb, grdbSQLite,
                system,
            ]
        ),
        .target(name: "CPQ", path: "Packages/Storage/CPQ"),
        library(
            "PostgresStore",
            in: "Storage",
            [
                "BursarFoundation", "BursarModel", "BursarFiles", "BursarConsole", "CPQ", "Storage", crypto, system,
            ]
        ),

        // MARK: AWS: the library product, and the clients of the services that Bursar manages
        .target(
            name: "CExpat",
            path: "Packages/AWS/CExpat",
            linkerSettings: [.linkedLibrary("expat", .when(platforms: [.macOS]))]
        ),
        library(
            "AWSAuth",
            in: "AWS",
            [
                "BursarFoundation", "BursarModel", "BursarFiles", "INIParser", "BursarHTTP", "CExpat", crypto,
                subprocess, system,
            ]
        ),
        library("AWSClients", in: "AWS", ["BursarFoundation", "BursarModel", "BursarHTTP", "AWSAuth"]),

        // MARK: Preview: what the server would decide, explained rule by rule
        library(
            "VendPreview",
            in: "VendPreview",
            [
                "BursarFoundation", "BursarModel", "BursarConsole", "Vending", "AWSAuth", "AWSClients", "Deployment",
                "ServerSettings",
            ]
        ),

        // MARK: Reports: lists, the usage page and bars, as text, JSON, CSV and HTML
        .target(
            name: "Reports",
            dependencies: ["BursarFoundation", "BursarModel", "BursarConsole", "HTMLTemplates", "Spend", "Storage"],
            path: "Packages/Reports/Reports",
            resources: [.embedInCode("report.mustache")],
            swiftSettings: settings
        ),

        // MARK: Operations in AWS: what an operator does in the account, besides the stack
        library(
            "AWSOperations",
            in: "AWS",
            [
                "BursarFoundation", "BursarModel", "BursarConsole", "BursarHTTP", "AWSAuth", "AWSClients", "Deployment",
            ]
        ),

        // MARK: Spend's way in: invocation logs from AWS into the database, for the server and admin
        library(
            "SpendPull",
            in: "Spend",
            ["BursarFoundation", "BursarModel", "AWSClients", "AWSOperations", "Spend", "Storage"]
        ),

        // MARK: Enrollment: researchers and keys as an operator enters them, one by one or as a file
        library(
            "Enrollment",
            in: "Enrollment",
            [
                "BursarFoundation", "BursarModel", "BursarConsole", "Vending", "AWSAuth", "AWSClients", "Deployment",
                "ServerSettings",
            ]
        ),

        // MARK: Provisioning: a request for a key, in words
        library("Provisioning", in: "Provisioning", ["BursarFoundation", "BursarModel", "AWSAuth", "AWSClients"]),

        // MARK: Audit: the records, compared with what is kept elsewhere
        library(
            "AuditVerification",
            in: "Audit",
            ["BursarFoundation", "BursarModel", "BursarConsole", "BursarInput", "Storage", system]
        ),

        // MARK: Settings: how the server is to run, read by it and by `admin`
        library(
            "ServerSettings",
            in: "Settings",
            [
                "BursarFoundation", "BursarModel", "BursarFiles", "BursarConsole", "BursarHTTP", "Vending", "Storage",
                "SQLiteStore", "PostgresStore",
                "AWSAuth", "AWSClients", configuration, httpTypes, logging, system,
            ]
        ),

        // MARK: Deployment: the server's place in AWS, as a stack and as an instance
        .target(
            name: "Deployment",
            dependencies: [
                "BursarFoundation", "BursarModel", "BursarFiles", "BursarConsole", "BursarHTTP", "AWSAuth",
                "AWSClients", "ServerSettings", system,
            ],
            path: "Packages/Deployment/Deployment",
            resources: [.embedInCode("first-boot.sh")],
            swiftSettings: settings
        ),

        // MARK: The programs
        app(
            "creds",
            [
                "BursarFoundation", "BursarModel", "BursarFiles", "BursarConsole", "INIParser", "BursarHTTP", "AWSAuth",
                "AWSClients", argumentParser, nioCore, nioHTTP1, nioPosix, subprocess, system,
            ]
        ),
        app(
            "vending-server",
            [
                "BursarFoundation", "BursarModel", "BursarFiles", "BursarConsole", "HTMLTemplates", "BursarHTTP",
                "Vending", "Spend", "SpendPull", "Storage", "SQLiteStore", "AWSAuth", "AWSClients", "AWSOperations",
                "ServerSettings", argumentParser, certificateReloading, hummingbird, hummingbirdCore, hummingbirdTLS,
                httpTypes, lifecycle, logging, metrics, nioCore, nioHTTP1, nioHTTPTypes, nioPosix, nioSSL, nioTLS,
                system, unixSignals,
            ],
            resources: [.embedInCode("HTTP/openapi.json"), .embedInCode("HTTP/front.mustache")]
        ),
        app(
            "admin",
            [
                "BursarFoundation", "BursarModel", "BursarFiles", "BursarConsole", "BursarInput", "HTMLTemplates",
                "BursarHTTP",
                "Vending", "Spend", "SpendPull", "Storage", "SQLiteStore", "PostgresStore", "AWSAuth", "AWSClients",
                "AWSOperations", "AuditVerification",
                "Deployment",
                "Enrollment",
                "Provisioning", "Reports", "ServerSettings", "VendPreview", argumentParser, system,
            ],
        ),

        // MARK: Tests: one target each, and the end-to-end ones that run the built programs against real peers
        .target(
            name: "TestSupport",
            dependencies: ["BursarFoundation", "BursarModel", "BursarHTTP", subprocess, system],
            path: "Tests/TestSupport",
            exclude: ["Peers"],
            swiftSettings: settings
        ),
        .target(
            name: "AWSTestSupport",
            dependencies: ["AWSAuth", "BursarFoundation", "BursarModel", "BursarHTTP", "TestSupport", system],
            path: "Tests/AWSTestSupport",
            swiftSettings: settings
        ),
        tests(of: "BursarModel", ["BursarFoundation", "BursarModel", "TestSupport"]),
        tests(of: "BursarFiles", ["BursarFoundation", "BursarFiles", "TestSupport", system]),
        tests(of: "BursarConsole", ["BursarFoundation", "BursarConsole", "TestSupport", argumentParser, system]),
        tests(
            of: "INIParser",
            ["BursarFoundation", "INIParser", "TestSupport", subprocess, system],
            exclude: ["Peers"]
        ),
        tests(
            of: "BursarHTTP",
            ["BursarFoundation", "BursarModel", "BursarHTTP", "TestSupport", subprocess, system],
            exclude: ["Peers"]
        ),
        tests(of: "BursarInput", ["BursarFoundation", "BursarInput"]),
        tests(of: "Spend", ["BursarFoundation", "BursarModel", "Spend", crypto], exclude: ["Vectors"]),
        tests(of: "Vending", ["BursarFoundation", "BursarModel", "Vending", "TestSupport"]),
        .target(
            name: "StorageTestSupport",
            dependencies: [
                "BursarFoundation", "BursarModel", "PostgresStore", "SQLiteStore", "Spend", "Storage", "TestSupport",
                "Vending", grdb, system,
            ],
            path: "Tests/StorageTestSupport",
            swiftSettings: settings
        ),
        tests(
            of: "StorageContract",
            ["BursarFoundation", "BursarModel", "Spend", "Storage", "StorageTestSupport", "TestSupport", "Vending"]
        ),
        tests(
            of: "StorageTransfer",
            [
                "BursarFoundation", "BursarModel", "PostgresStore", "SQLiteStore", "Spend", "Storage",
                "StorageTestSupport", "TestSupport", "Vending", system,
            ]
        ),
        tests(
            of: "SQLiteStore",
            [
                "BursarFiles", "BursarFoundation", "BursarModel", "SQLiteStore", "Storage", "StorageTestSupport",
                "TestSupport", "Vending", grdb, system,
            ],
            exclude: ["Fixtures"]
        ),
        tests(
            of: "PostgresStore",
            [
                "BursarFoundation", "BursarModel", "BursarFiles", "CPQ", "PostgresStore", "Storage", "TestSupport",
                "Vending", subprocess, system,
            ],
            exclude: ["Peers"]
        ),
        tests(
            of: "AWSAuth",
            [
                "BursarFoundation", "BursarModel", "AWSAuth", "AWSTestSupport", "BursarFiles", "INIParser",
                "TestSupport", "BursarHTTP", subprocess, system,
            ],
            exclude: ["Peers"],
            resources: [.copy("Vectors")]
        ),
        tests(
            of: "AWSClients",
            [
                "BursarFoundation", "BursarModel", "AWSAuth", "AWSClients", "AWSTestSupport", "TestSupport",
                "BursarHTTP", subprocess, system,
            ],
            exclude: ["Peers", "Vectors"]
        ),
        tests(
            of: "Creds",
            [
                "creds", "AWSAuth", "BursarFoundation", "BursarModel", "BursarConsole", "BursarFiles", "INIParser",
                "TestSupport", "BursarHTTP",
                subprocess,
                system,
            ],
            exclude: ["Transcripts"]
        ),
        tests(
            of: "VendingServer",
            [
                "vending-server", "AWSAuth", "BursarFoundation", "BursarModel", "BursarConsole", "BursarFiles",
                "ServerSettings", "Storage", "SQLiteStore",
                "TestSupport", "BursarHTTP", "Vending",
                grdb, hummingbird, hummingbirdTesting, httpTypes, logging, metrics, nioCore, subprocess, system,
            ],
            exclude: ["Peers"]
        ),
        tests(
            of: "Admin",
            [
                "admin", "AWSAuth", "AWSClients", "AWSOperations", "AWSTestSupport", "BursarConsole", "BursarFiles",
                "BursarFoundation", "BursarModel", "Deployment", "Enrollment", "HTMLTemplates", "Reports",
                "ServerSettings", "Storage", "SQLiteStore", "TestSupport", "Vending", argumentParser, subprocess,
                system,
            ],
            exclude: ["Peers"]
        ),
        tests(
            of: "Deployment",
            [
                "AWSAuth", "AWSClients", "BursarConsole", "BursarFoundation", "BursarModel", "Deployment",
                "TestSupport",
            ]
        ),
        tests(
            of: "AWSOperations",
            [
                "AWSAuth", "AWSClients", "AWSOperations", "AWSTestSupport", "BursarConsole", "BursarFoundation",
                "BursarHTTP", "BursarModel", "TestSupport", subprocess,
            ],
            exclude: ["Peers"]
        ),
        tests(
            of: "Enrollment",
            ["BursarConsole", "BursarFoundation", "BursarModel", "Enrollment", "ServerSettings", "Vending"]
        ),
        tests(
            of: "VendPreview",
            ["AWSAuth", "BursarConsole", "BursarFoundation", "BursarModel", "ServerSettings", "VendPreview", "Vending"]
        ),
        tests(of: "Reports", ["BursarConsole", "BursarFoundation", "BursarModel", "Reports", "Storage"]),
        tests(
            of: "Provisioning",
            ["AWSAuth", "AWSClients", "BursarModel", "Provisioning", "TestSupport"]
        ),
        tests(
            of: "AuditVerification",
            ["AuditVerification", "AWSTestSupport", "BursarFoundation", "BursarModel", "Storage"]
        ),
        tests(
            of: "Packaging",
            ["BursarFoundation", "BursarModel", "TestSupport", subprocess, system],
            exclude: ["Peers"]
        ),
        tests(
            of: "EndToEnd",
            ["BursarFoundation", "BursarModel", "Spend", "TestSupport", "BursarHTTP", subprocess, system],
            exclude: ["Peers"]
        ),

        // MARK: Fuzzing: run by Scripts/fuzz, which alone defines FUZZING
        .systemLibrary(name: "CFuzzer", path: "Tests/Fuzz/CFuzzer"),
        .executableTarget(
            name: "fuzz-aws",
            dependencies: ["BursarFoundation", "AWSAuth", "AWSClients", "CFuzzer"],
            path: "Tests/Fuzz/AWSAuth",
            swiftSettings: settings
        ),
        .executableTarget(
            name: "fuzz-vending",
            dependencies: ["BursarFoundation", "BursarModel", "Vending", "CFuzzer"],
            path: "Tests/Fuzz/Vending",
            swiftSettings: settings
        ),

        // MARK: Benchmarks: run by Scripts/bench and Scripts/bench-signing
        .executableTarget(
            name: "benchmark-signing",
            dependencies: ["AWSAuth", "BursarFoundation", "BursarModel"],
            path: "Tests/Benchmarks/Signing",
            swiftSettings: settings
        ),
        .executableTarget(
            name: "benchmark-key-verification",
            dependencies: ["BursarFoundation", "BursarModel", "Vending"],
            path: "Tests/Benchmarks/KeyVerification",
            swiftSettings: settings
        ),
    ]
)
